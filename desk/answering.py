"""Answers to a message: the draft that is kept, what is sent, its undoing, what was said so far. Every query. The caller commits."""

import math
import secrets
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

import outbox.store
from answers.templates import KNOWN, unknown
from desk import changes, presence
from desk.answer_tables import AnswerDraftRow, SentAnswerRow
from desk.changes import Agent, become
from desk.model import DraftState, Impossible, Means, Outcome, Status
from history.model import What
from history.store import note, note_reading
from outbox.compose import in_answer_to, is_address
from outbox.model import Attached, Outgoing, State
from outbox.tables import OutboxRow
from triage import store
from triage.attachments import keep_file, listed, read_kept
from triage.correspondence import Correspondence, thread
from triage.model import Channel, File
from triage.search_table import ItemWordsRow
from triage.tables import ExchangeRow, FeedbackItemRow

UNDO = timedelta(seconds=10)
"""How long a mail waits before it goes, so that its sending can be undone."""
UNDO_OTHER = timedelta(hours=1)
"""How long an answer given otherwise than by mail can be taken back."""
MOST_FILES_BYTES = 10_000_000
MOST_TEXT = 20_000
MOST_REMARK = 2000
LOOKED_AT = 300
"""Answered messages among which similar ones are looked for, the latest."""
_DRAFT = ("text", "means", "state", "attachments", "author_id", "author_name", "saved_at", "remark")
_BY_CHANNEL = {Channel.PHONE: Means.PHONE, Channel.COUNTER: Means.COUNTER, Channel.POST: Means.LETTER}


@dataclass(frozen=True)
class Typed:
    """What an agent typed into the form of the answer."""

    text: str
    means: Means
    files: tuple[File, ...] = ()


def usual_means(item: FeedbackItemRow) -> Means:
    """How this person is answered unless the agent says otherwise."""
    return Means.MAIL if is_address(item.sender_email.strip()) else _BY_CHANNEL.get(Channel(item.channel), Means.PHONE)


def draft(session: Session, item_id: int) -> AnswerDraftRow | None:
    """The answer being written, None when there is none."""
    return session.get(AnswerDraftRow, item_id)


def keep(session: Session, item: FeedbackItemRow, typed: Typed, agent: Agent, now: datetime) -> AnswerDraftRow | None:
    """Keeps what was typed as it is, with the files chosen beside those already there; nothing at all leaves no draft.

    Raises Impossible, in words, when another agent is answering, the text too long, the files too heavy, or the message goes on in another one;
    what was kept before stays.
    """
    if item.merged_into_id is not None:
        other = session.get_one(FeedbackItemRow, item.merged_into_id).reference
        raise Impossible(f"Ce message est réuni avec {other}. Répondez dans {other}.")
    if len(typed.text) > MOST_TEXT:
        raise Impossible(
            f"Votre texte compte {len(typed.text)}\u00a0signes. Le plus long en compte {MOST_TEXT}. Copiez-le, puis raccourcissez-le."
        )
    held = presence.begin_answer(session, item.id, agent, now)
    if held.agent_id != agent.id:
        raise Impossible(f"{held.agent_name} répond à ce message. Votre texte n'est pas gardé : copiez-le, puis reprenez la réponse.")
    row = session.get(AnswerDraftRow, item.id)
    before = row.attachments if row else []
    weight = sum(one["size"] for one in before) + sum(len(file.content) for file in typed.files)
    if weight > MOST_FILES_BYTES:
        raise Impossible(f"Les fichiers pèsent plus de {MOST_FILES_BYTES // 1_000_000}\u00a0Mo en tout. Retirez-en, ou envoyez un lien.")
    if not typed.text.strip() and not before and not typed.files:
        if row:
            session.delete(row)
            session.flush()
        return None
    kept = list(before)
    for file in typed.files:
        packed = store.pack(file.content)
        keep_file(session, packed)
        kept.append(asdict(listed(file, packed)))
    if row is None:
        row = AnswerDraftRow(item_id=item.id, state=DraftState.DRAFT.value, remark="")
        session.add(row)
    row.text, row.means, row.attachments = typed.text, typed.means.value, kept
    if row.state != DraftState.SUBMITTED:
        row.author_id, row.author_name = agent.id, agent.name
    row.saved_at = now
    session.flush()
    note_reading(session, agent, item.reference, at=now, what=What.DRAFTED)
    return row


def take_off(session: Session, row: AnswerDraftRow, number: int) -> None:
    """Takes a file off the draft, by its place from 1."""
    row.attachments = [one for place, one in enumerate(row.attachments, 1) if place != number]


def throw_away(session: Session, item: FeedbackItemRow, row: AnswerDraftRow | None, agent: Agent, now: datetime) -> None:
    """Gives up the draft."""
    presence.end_answer(session, item.id, agent)
    if row:
        session.delete(row)
        note(session, agent, What.CHANGED, item.reference, f"réponse : {row.state}", "réponse : jetée", at=now)


def submit(session: Session, item: FeedbackItemRow, row: AnswerDraftRow, agent: Agent, now: datetime) -> None:
    """Asks that somebody who may validate answers reads this one."""
    row.state, row.remark, row.author_id, row.author_name = DraftState.SUBMITTED.value, "", agent.id, agent.name
    presence.end_answer(session, item.id, agent)
    note(session, agent, What.CHANGED, item.reference, "réponse : brouillon", "réponse : à valider", at=now)


def give_back(session: Session, item: FeedbackItemRow, row: AnswerDraftRow, remark: str, agent: Agent, now: datetime) -> None:
    """Returns an answer to who wrote it, with what is to be changed. Raises Impossible when that is too long."""
    if len(remark) > MOST_REMARK:
        raise Impossible(f"Votre remarque compte {len(remark)}\u00a0signes. La plus longue en compte {MOST_REMARK}. Raccourcissez-la.")
    row.state, row.remark = DraftState.RETURNED.value, remark.strip()
    presence.end_answer(session, item.id, agent)
    note(session, agent, What.CHANGED, item.reference, "réponse : à valider", "réponse : à reprendre", at=now)


def submitted(session: Session, limit: int = 100) -> Sequence[tuple[AnswerDraftRow, FeedbackItemRow]]:
    """Answers to validate, those that have waited longest first."""
    row = AnswerDraftRow
    wanted = select(row, FeedbackItemRow).join(FeedbackItemRow, FeedbackItemRow.id == row.item_id)
    found = session.execute(wanted.where(row.state == DraftState.SUBMITTED.value).order_by(row.saved_at).limit(limit))
    return [(one, item) for one, item in found]


def faults(item: FeedbackItemRow, row: AnswerDraftRow | None, can_send: bool, may_validate: bool) -> list[str]:
    """Why an answer cannot be sent as it is, each in one sentence or two. `may_validate`: by who asks."""
    text, means = (row.text, Means(row.means)) if row else ("", usual_means(item))
    found = []
    if row and row.state == DraftState.SUBMITTED and not may_validate:
        found.append("Cette réponse attend d'être validée. Un référent ou un superviseur l'enverra.")
    if row and row.state == DraftState.RETURNED and not may_validate:
        found.append("Cette réponse est à reprendre. Demandez de nouveau une validation.")
    if not text.strip():
        found.append("La réponse est vide. Écrivez-la avant de l'envoyer.")
    if strange := unknown(text):
        found.append(f"Repère inconnu : {_braced(strange)}. Corrigez-le. Repères possibles : {', '.join(KNOWN)}.")
    if left := [name for name in KNOWN if f"{{{name}}}" in text]:
        found.append(f"Repère sans valeur : {_braced(left)}. Remplacez-le par vos mots.")
    if means is Means.MAIL and not is_address(item.sender_email.strip()):
        found.append("Cette personne n'a pas laissé d'adresse. Dites comment vous lui avez répondu.")
    if means is Means.MAIL and not can_send:
        found.append("Aucun serveur d'envoi n'est réglé. Votre réponse est gardée : prévenez l'administrateur.")
    return found


def after_sending(then: str, remind_on: date) -> dict[str, changes.Change]:
    """What becomes of the message once it is answered: "clore", "attendre", or anything else for nothing."""
    if then == "clore":
        return closing(Outcome.ANSWERED)
    if then == "attendre":
        return {"status": become(Status.WAITING.value), "remind_on": become(remind_on.isoformat())}
    return {}


def closing(outcome: Outcome) -> dict[str, changes.Change]:
    """A message that ends so."""
    return {"status": become(Status.CLOSED.value), "outcome": become(outcome.value), "remind_on": become(None)}


def send(
    session: Session,
    letters: Correspondence | None,
    item: FeedbackItemRow,
    row: AnswerDraftRow,
    signature: str,
    then: Mapping[str, changes.Change],
    agent: Agent,
    token: str,
    now: datetime,
) -> None:
    """Sends the draft, which is then gone, and changes the message as asked.

    `token`: of the form. The same words sent twice by one form count once; other words (the page was shown again and changed) are another answer.
    """
    sent = session.scalar(select(SentAnswerRow).filter_by(token=token))
    if sent is not None and sent.typed == row.text:
        session.delete(row)
        presence.end_answer(session, item.id, agent)
        return
    token = token if sent is None else secrets.token_hex(16)
    means = Means(row.means)
    text = row.text.strip() + "\n"
    if means is Means.MAIL:
        assert letters is not None
        signed = text if not signature or text.rstrip().endswith(signature.strip()) else f"{text}\n{signature.strip()}\n"
        files = tuple(_attached(session, one) for one in row.attachments)
        mail = _mail(session, letters, item, signed, files)
        said = letters.send(session, item, mail, f"answer {secrets.token_hex(16)}", row.author_name, now, now + UNDO)
    else:
        said = ExchangeRow(item_id=item.id, direction="out", at=now, who=row.author_name, message_id=None, subject=item.subject, text=text)
        session.add(said)
    said.attachments = row.attachments
    session.flush()
    done = changes.apply(session, [item], dict(then), agent, now) if then else None
    batch = done.batch if done and done.items else ""
    session.add(
        SentAnswerRow(
            exchange_id=said.id,
            means=means.value,
            typed=row.text,
            token=token,
            agent_id=agent.id,
            author_id=row.author_id,
            state=row.state,
            batch=batch,
        )
    )
    session.delete(row)
    presence.end_answer(session, item.id, agent)
    session.flush()
    note(session, agent, What.ANSWERED, item.reference, after=means.value, at=now)


def sent_by(session: Session, token: str) -> bool:
    """Whether the form with this token has sent its answer: what it still asks to keep comes late."""
    return bool(token) and session.scalar(select(SentAnswerRow.exchange_id).filter_by(token=token)) is not None


def take_back(session: Session, item: FeedbackItemRow, exchange_id: int, agent: Agent, now: datetime) -> bool:
    """Undoes an answer that has not gone yet: its draft is there again, the message as it was. False when it is too late, or not theirs.

    When the message goes on in another one meanwhile, the draft comes back there, and that one is open again. Raises Impossible when only a
    part of what was sent could still be taken back: the caller must not commit.
    """
    sent, said = session.get(SentAnswerRow, exchange_id), session.get(ExchangeRow, exchange_id)
    if sent is None or said is None or said.item_id != item.id or sent.agent_id != agent.id:
        return False
    together = _together(session, sent)
    cancelled = [_cancel(session, one, now) for one in together]
    if not all(cancelled):
        if any(cancelled):
            raise Impossible("L'un des deux courriels est déjà parti : l'envoi ne peut plus être annulé.")
        return False
    home = session.get_one(FeedbackItemRow, item.merged_into_id) if item.merged_into_id else item
    # A colleague who has begun to write there keeps the words on the page, and is told.
    presence.begin_answer(session, home.id, agent, now, knowingly=True)
    if len(together) == 1 and sent.means != Means.FORWARDED:
        _draft_again(session, home, sent, said, now)
    batch, told = sent.batch, f"réponse : {sent.means}"
    gone = [session.get_one(ExchangeRow, one.exchange_id) for one in together]
    for rows in (together, gone):
        for row in rows:
            session.delete(row)
        session.flush()
    if home is not item:
        changes.apply(session, [home], opening(), agent, now)
    elif batch:
        changes.undo(session, batch, agent, now)
    note(session, agent, What.CHANGED, item.reference, told, "réponse : envoi annulé", at=now)
    return True


def opening() -> dict[str, changes.Change]:
    """A message that is to do again."""
    return {"status": become(Status.OPEN.value), "outcome": become(None), "remind_on": become(None)}


def _together(session: Session, sent: SentAnswerRow) -> Sequence[SentAnswerRow]:
    """What went in one action: an answer alone, or a message passed on with the mail that tells the person."""
    if not sent.batch:
        return [sent]
    return session.scalars(select(SentAnswerRow).filter_by(batch=sent.batch).order_by(SentAnswerRow.exchange_id)).all()


def _cancel(session: Session, sent: SentAnswerRow, now: datetime) -> bool:
    said = session.get_one(ExchangeRow, sent.exchange_id)
    return now - said.at <= UNDO_OTHER if said.outgoing_id is None else outbox.store.cancel(session, said.outgoing_id, now)


def _draft_again(session: Session, item: FeedbackItemRow, sent: SentAnswerRow, said: ExchangeRow, now: datetime) -> None:
    present = session.get(AnswerDraftRow, item.id)
    session.merge(
        AnswerDraftRow(
            item_id=item.id,
            text=sent.typed if present is None or not present.text.strip() else f"{sent.typed}\n\n{present.text}",
            means=sent.means,
            state=sent.state,
            attachments=[*said.attachments, *(present.attachments if present else [])],
            author_id=sent.author_id,
            author_name=said.who,
            saved_at=now,
            remark="",
        )
    )


def move_draft(session: Session, item: FeedbackItemRow, to: FeedbackItemRow) -> None:
    """Takes the draft of a message to the one that goes on in its place, after what is already written there."""
    row, there = session.get(AnswerDraftRow, item.id), session.get(AnswerDraftRow, to.id)
    if row is None:
        return
    if there is None:
        there = AnswerDraftRow(item_id=to.id, **{name: getattr(row, name) for name in _DRAFT})
        session.add(there)
    else:
        there.text, there.attachments = f"{there.text.rstrip()}\n\n{row.text}".lstrip(), [*there.attachments, *row.attachments]
        there.state = row.state if there.state == DraftState.DRAFT else there.state
    session.delete(row)
    session.flush()


@dataclass(frozen=True)
class Shown:
    """A message of the thread as the page shows it. `ours`: from the Region; `means`: how, for an answer of an agent.

    `state`: what became of the mail ("" when it is none). `files`: name, size in bytes, and where to download it ("" for nowhere).
    `undo`: where this agent can still take it back, "" for nowhere. `merged`: reference of the message that it came with, when that one was
    merged into this one.
    """

    at: datetime
    ours: bool
    who: str
    subject: str
    text: str
    quoted: str
    files: Sequence[tuple[str, int, str]]
    means: str = ""
    state: str = ""
    reason: str = ""
    undo: str = ""
    merged: str = ""


def said_so_far(session: Session, item: FeedbackItemRow, agent_id: int, now: datetime) -> list[Shown]:
    """What was said after the first message, that of messages merged into it included, oldest first."""
    found = _said(session, item, agent_id, now, "")
    for other in session.scalars(select(FeedbackItemRow).filter_by(merged_into_id=item.id)):
        who, files = other.sender_name or other.sender_email, _files(other, f"/console/messages/{other.reference}/pieces")
        found.append(Shown(other.received_at, False, who, other.subject, other.text, other.quoted, files, merged=other.reference))
        found += _said(session, other, agent_id, now, other.reference)
    return sorted(found, key=lambda one: one.at)


def _said(session: Session, item: FeedbackItemRow, agent_id: int, now: datetime, merged: str) -> list[Shown]:
    rows = thread(session, item)
    numbers = [one.row.id for one in rows]
    answers = {row.exchange_id: row for row in session.scalars(select(SentAnswerRow).where(SentAnswerRow.exchange_id.in_(numbers)))}
    free = (OutboxRow.about == item.reference, OutboxRow.state == State.DUE.value, OutboxRow.lease.is_(None))
    waiting = set(session.scalars(select(OutboxRow.id).where(*free)))
    passed_on = {one.batch for one in answers.values() if one.means == Means.FORWARDED}

    def can_undo(row: ExchangeRow) -> bool:
        answer = answers.get(row.id)
        if answer is None or answer.agent_id != agent_id or (answer.batch in passed_on and answer.means != Means.FORWARDED):
            return False
        return row.outgoing_id in waiting if row.outgoing_id else now - row.at <= UNDO_OTHER

    own = f"/console/messages/{item.reference}"
    return [
        Shown(
            row.at,
            row.direction == "out",
            row.who,
            row.subject,
            row.text,
            row.quoted,
            _files(row, f"{own}/echanges/{row.id}/pieces"),
            answers[row.id].means if row.id in answers else "",
            one.state,
            one.reason,
            f"{own}/reponse/{row.id}/annuler" if can_undo(row) else "",
            merged,
        )
        for one in rows
        for row in (one.row,)
    ]


def _files(row: ExchangeRow | FeedbackItemRow, place: str) -> list[tuple[str, int, str]]:
    """Files of a message; those whose bytes are not kept can only be named."""
    told = enumerate(row.attachments or [], 1)
    return [
        (one["name"] or "Sans nom", one["size"], f"{place}/{number}" if row.sha256 or one.get("sha256") else "") for number, one in told
    ]


@dataclass(frozen=True)
class Similar:
    """A message that was answered, and the answer."""

    exchange_id: int
    reference: str
    subject: str
    answer: str


def similar(session: Session, item: FeedbackItemRow, limit: int = 3) -> list[Similar]:
    """Answered messages whose words are nearest to this one's, among the latest of its kind."""
    words = ItemWordsRow
    mine = session.scalar(select(words.words).where(words.item_id == item.id)) or ""
    wanted = (
        select(ExchangeRow.id, FeedbackItemRow.reference, FeedbackItemRow.subject, SentAnswerRow.typed, words.words)
        .join(SentAnswerRow, SentAnswerRow.exchange_id == ExchangeRow.id)
        .join(FeedbackItemRow, FeedbackItemRow.id == ExchangeRow.item_id)
        .join(words, words.item_id == FeedbackItemRow.id)
        .where(FeedbackItemRow.kind == item.kind, FeedbackItemRow.id != item.id)
        .order_by(ExchangeRow.id.desc())
        .limit(LOOKED_AT)
    )
    rows = session.execute(wanted).all()
    order = nearest(mine, [row.words for row in rows])
    found: dict[str, Similar] = {}
    for place in order:
        row = rows[place]
        found.setdefault(row.reference, Similar(row.id, row.reference, row.subject, row.typed))
    return list(found.values())[:limit]


def nearest(words: str, others: Sequence[str], least: float = 0.15) -> list[int]:
    """Places of the texts that share most with the first, the nearest first; a word that many texts hold counts little. Below `least`: left out."""
    mine, sets = set(words.split()), [set(other.split()) for other in others]
    held = Counter(word for one in sets for word in one)
    weight = {word: math.log((1 + len(sets)) / (1 + held[word])) + 0.1 for word in mine.union(*sets)}

    def share(other: set[str]) -> float:
        whole = sum(weight[word] for word in mine | other)
        return sum(weight[word] for word in mine & other) / whole if whole else 0.0

    scored = [(share(one), -place) for place, one in enumerate(sets)]
    return [-place for score, place in sorted(scored, reverse=True) if score >= least]


def typed_answer(session: Session, exchange_id: int, agent: Agent, now: datetime) -> str:
    """The words of an answer, to be used again; "" when there is none. Noted as a reading of its message."""
    wanted = select(SentAnswerRow.typed, FeedbackItemRow.reference).join(ExchangeRow, ExchangeRow.id == SentAnswerRow.exchange_id)
    found = session.execute(
        wanted.join(FeedbackItemRow, FeedbackItemRow.id == ExchangeRow.item_id).where(SentAnswerRow.exchange_id == exchange_id)
    ).first()
    if found is None:
        return ""
    note_reading(session, agent, found.reference, at=now)
    return str(found.typed)


def last_promise(said: Sequence[Shown]) -> str:
    """The words in which we answered last, "" when no agent did."""
    return next((one.text for one in reversed(said) if one.means and one.means != Means.FORWARDED), "")


def _mail(session: Session, letters: Correspondence, item: FeedbackItemRow, text: str, files: tuple[Attached, ...]) -> Outgoing:
    """Under what the person wrote last, with the whole thread before it."""
    rows = [said.row for said in thread(session, item) if said.row.message_id]
    heard = [row for row in rows if row.direction == "in"]
    subject = item.subject.strip() or f"Votre message {item.reference}"
    subject = subject if subject.lower().startswith(("re:", "re :")) else f"Re: {subject}"
    mail = replace(letters.answer(item, (), subject, text), attachments=files)
    if not heard:
        return mail
    under = heard[-1].message_id
    earlier = [one for one in (item.message_id, *(row.message_id for row in rows)) if one]
    return replace(mail, headers=(*in_answer_to(under, earlier), *(pair for pair in mail.headers if pair[0] == "Reply-To")))


def _attached(session: Session, told: Mapping[str, Any]) -> Attached:
    return Attached(told["name"], told["media_type"], read_kept(session, told["sha256"]))


def _braced(names: Iterable[str]) -> str:
    return ", ".join(f"{{{name}}}" for name in names)
