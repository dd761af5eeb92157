"""A desk filled with made-up messages, to be tried and measured: texts of the training data, with the labels that annotators gave them."""

import json
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import batched, islice

from sqlalchemy import func, insert, select, text
from sqlalchemy.orm import Session, sessionmaker

from desk.tables import CorrectionRow, ItemChangeRow
from ecoute.demo_handled import handled
from ecoute.settings import ROOT
from language.normalise import fold
from triage.model import Channel, Commitment, Kind, Label, Reading, Sentiment
from triage.risk import rank
from triage.route import Table, due_on, route
from triage.search import indexed
from triage.search_table import ItemWordsRow
from triage.sentences import sentences
from triage.tables import ExchangeRow, FeedbackItemRow, FeedbackLabelRow

MODEL = "démonstration"
DAYS = 730
OPEN_DAYS = 18
LOT = 2000
_FIRST = "Adèle Amine Anne Baptiste Camille Chloé Denis Élise Farid Gaëlle Hugo Inès Jean Karim Léa Malo Nadia Noé Odile Paul Rose Samir Théo Yann Zoé".split()
_LAST = "Aubry Bellec Caron Diallo Estève Fabre Guérin Hamon Imbert Jourdan Kerbrat Lemoine Morel Nguyen Ollivier Perrin Quéré Renaud Salaün Tessier Urvoy Vidal Weber Yvon".split()
_PREFIXES = ("EXP", "PRI", "AGR", "NUM", "TRI")


class NotDemo(RuntimeError):
    """La base contient de vrais messages : la démonstration ne s'y ajoute pas. Choisissez une base vide (ECOUTE_VAR ou ECOUTE_DATABASE_URL)."""


@dataclass(frozen=True)
class Written:
    """A message of the training data."""

    subject: str
    body: str
    kind: Kind
    commitments: tuple[Commitment, ...]
    sentiment: Sentiment
    urgent: bool


def fill(
    sessions: sessionmaker[Session],
    items: int,
    table: Table,
    now: datetime,
    holiday: Callable[[date], bool],
    seed: int = 1,
    progress: Callable[[int], None] = lambda _count: None,
) -> None:
    """Adds `items` messages over the two years before `now`. The same seed and day give the same desk. Raises NotDemo."""
    with sessions.begin() as session:
        if session.scalar(select(func.count()).select_from(FeedbackItemRow).where(FeedbackItemRow.model != MODEL)):
            raise NotDemo(NotDemo.__doc__)
        first = (session.scalar(select(func.max(FeedbackItemRow.id))) or 0) + 1
    chance = random.Random(f"{seed} {first}")  # noqa: S311 - made-up messages
    # A chance of its own: what agents did does not change which messages there are.
    later = random.Random(f"{seed} {first} handled")  # noqa: S311 - made-up messages
    made = _made(read_messages(), items, first, table, now, holiday, chance)
    for lot in batched(made, LOT):
        with sessions.begin() as session:
            session.execute(insert(FeedbackItemRow), [item for item, _, _ in lot])
            labels = [label for _, found, _ in lot for label in found]
            if labels:
                session.execute(insert(FeedbackLabelRow), labels)
            session.execute(insert(ItemWordsRow), [words for _, _, words in lot])
            found = handled([(item, labels) for item, labels, _ in lot], now, later)
            for table_of, rows in zip((ExchangeRow, ItemChangeRow, CorrectionRow), found):
                if rows:
                    session.execute(insert(table_of), rows)
            if session.get_bind().dialect.name == "postgresql":
                # The numbers were ours: the next message must take the next one.
                session.execute(text("SELECT setval(pg_get_serial_sequence('feedback_item', 'id'), (SELECT max(id) FROM feedback_item))"))
        progress(len(lot))
    with sessions.begin() as session:
        session.execute(text("ANALYZE"))


def read_messages() -> list[Written]:
    """The training data, all writers."""
    lines = (line for path in sorted((ROOT / "triage" / "data").glob("v*.jsonl")) for line in path.read_text(encoding="utf-8").splitlines())
    return [
        Written(
            one["subject"],
            one["body"],
            Kind(one["kind"]),
            tuple(map(Commitment, one["commitments"])),
            Sentiment(one["sentiment"]),
            one["urgent"],
        )
        for one in map(json.loads, lines)
    ]


Row = dict[str, object]


def _made(
    messages: list[Written], items: int, first: int, table: Table, now: datetime, holiday: Callable[[date], bool], chance: random.Random
) -> Iterator[tuple[Row, list[Row], Row]]:
    """Items, oldest first, with their labels and their words."""
    ages = sorted((DAYS * 86400 * chance.random() for _ in range(items)), reverse=True)
    due_days: dict[tuple[date, int | None], date | None] = {}
    for number, age in enumerate(ages, first):
        at = now - timedelta(seconds=age)
        source = chance.choice(messages)
        name = f"{chance.choice(_FIRST)} {chance.choice(_LAST)}"
        # One person in four writes again and again.
        email = f"{_plain(name)}{chance.randrange(items // 4 + 1)}@exemple.fr"
        reading = _reading(source, chance)
        channel = chance.choices((Channel.MAIL, Channel.FORM, Channel.CHAT), (8, 3, 1))[0]
        where = route(reading, channel, table)
        key = (at.date(), where.answer_days)
        if key not in due_days:
            due_days[key] = due_on(*key, holiday)
        varied = _varied(source, at, chance)
        age_days = age / 86400
        open_now = where.answer_days is not None and chance.random() < (0.9 if age_days < 5 else 0.35 if age_days < OPEN_DAYS else 0.002)
        status = chance.choices(("open", "waiting"), (9, 1))[0] if open_now else "spam" if chance.random() < 0.02 else "closed"
        item: Row = {
            "id": number,
            "reference": f"AV-{at.year}-{number:06d}",
            "sha256": None,
            "channel": channel.value,
            "message_id": None,
            "received_at": at,
            "sender_name": name,
            "sender_email": email,
            "subject": source.subject[:500],
            "text": varied,
            "quoted": "",
            "attachments": [],
            "kind": reading.kind.value,
            "kind_confidence": reading.kind_confidence,
            "sentiment": reading.sentiment.value,
            "sentiment_confidence": reading.sentiment_confidence,
            "urgent": reading.urgent,
            "urgent_confidence": reading.urgent_confidence,
            "model": MODEL,
            "queue": where.queue,
            "folder": where.folder,
            "priority": where.priority,
            "due_on": due_days[key],
            "autonomy": where.autonomy.value,
            "rule": where.rule,
            "status": status,
            "rank": rank(
                reading.urgent,
                due_days[key],
                at.date(),
                reading.sentiment_confidence if reading.sentiment is Sentiment.NEGATIF else 0.0,
                reading.kind_confidence,
            ),
        }
        labels: list[Row] = [
            {"item_id": number, "slug": label.slug.value, "confidence": label.confidence, "evidence": _evidence(varied, chance)}
            for label in reading.commitments
        ]
        words = indexed((str(item["reference"]), name, email, source.subject, varied))
        yield item, labels, {"item_id": number, "words": words}


def _reading(source: Written, chance: random.Random) -> Reading:
    """The annotators' labels, with confidences such as a model gives."""

    def sure() -> float:
        return round(min(1.0, max(0.35, chance.gauss(0.83, 0.14))), 3)

    labels = tuple(Label(slug, sure(), ()) for slug in source.commitments)
    return Reading(source.kind, sure(), labels, source.sentiment, sure(), source.urgent, sure(), MODEL)


def _varied(source: Written, at: datetime, chance: random.Random) -> str:
    """The text with now and then, a file number and a sentence of its own."""
    body = source.body
    if chance.random() < 0.4:
        body += f"\n\nMon dossier : {chance.choice(_PREFIXES)}-{at.year}-{chance.randrange(100_000):05d}."
    if chance.random() < 0.3:
        body += f"\nVous pouvez me joindre le {chance.choice(('matin', 'midi', 'soir'))}, après le {chance.randrange(1, 29)}."
    return body


def _evidence(body: str, chance: random.Random) -> list[str]:
    """A sentence of the text stands for what carries the label."""
    found = list(islice((one for one in sentences(body) if len(one) > 15), 6))
    return [chance.choice(found)] if found else []


def _plain(name: str) -> str:
    return fold(name).replace(" ", ".")
