"""What the steering page tells of the service: volumes, delays, backlog, feelings, and how far agents agree with the machine. Pure.

Days are kept as whole columns (numpy), so that a hundred thousand messages are counted in a few milliseconds whatever is asked.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date, timedelta
from typing import Any, NamedTuple
from urllib.parse import urlencode

import numpy as np

from desk.words import CHANNELS, COMMITMENTS
from language.dates import in_words

SLUGS, WAYS = tuple(COMMITMENTS), tuple(CHANNELS)
FEELINGS = {"negatif": "▼ négatif", "neutre": "■ neutre", "positif": "▲ positif"}
LABELS = {"kind": "Type", "commitments": "Engagements", "sentiment": "Ressenti", "urgent": "Urgence"}
STATUSES = ("open", "waiting", "closed", "spam")
STEPS = {"jour": "par jour", "semaine": "par semaine", "mois": "par mois"}
MOST_PERIODS = 53
"""A year by week, and a page that weighs less than 150 kB."""
AGES = ((0, 2), (3, 5), (6, 10), (11, 20), (21, 60), (61, None))
"""Age of what waits, in days, both ends included."""
DAY = np.timedelta64(1, "D")
NBSP = "\u00a0"


class Fact(NamedTuple):
    """A message as it is counted. Days are those of where the Region is.

    `answered`: day of the first answer written by an agent. `corrected`: labels that agents changed. `top`: whether the commitment of which the
    machine was surest, then one of those that it found, is among those kept. `reopened`: it came back after an answer or a closing: the day by
    which it was first due is then no longer known. `elsewhere`: it gets no answer from here. `opinion`: someone's view of the service, not a request.
    """

    received: date
    channel: str
    service: str
    commitments: tuple[str, ...]
    sentiment: str
    status: str
    due: date | None
    answered: date | None
    automated: bool
    corrected: frozenset[str]
    top: tuple[bool, bool]
    reopened: bool
    elsewhere: bool
    opinion: bool = True


class Rated(NamedTuple):
    """An answer to the survey at the end of a conversation: out of ten; `clear` None when it was not said."""

    day: date
    satisfaction: int
    clear: bool | None


Column = np.ndarray[Any, Any]


@dataclass(frozen=True)
class Facts:
    """All messages, a column for each thing known of them. `delay`: working days to the first answer, -1 when there is none."""

    received: Column
    channel: Column
    service: Column
    commitments: Column
    sentiment: Column
    status: Column
    due: Column
    answered: Column
    delay: Column
    automated: Column
    corrected: Column
    first: Column
    among: Column
    reopened: Column
    elsewhere: Column
    opinion: Column
    services: tuple[str, ...]
    rated: tuple[Rated, ...] = ()

    def __len__(self) -> int:
        return len(self.received)


def gather(facts: Iterable[Fact], holidays: Sequence[date], rated: Sequence[Rated] = ()) -> Facts:
    """Columns of these messages. `holidays`: public holidays over the time that they span."""
    columns = list(zip(*facts)) or [()] * len(Fact._fields)
    received, channel, service, commitments, sentiment, status, due, answered, automated, corrected, top, reopened, elsewhere, opinion = (
        columns
    )
    services = tuple(sorted({one for one in service if one}))
    came, done = _days(received), _days(answered)
    delay = np.full(len(came), -1, dtype=np.int32)
    known = ~np.isnat(done)
    # Counted as the day by which to answer is: the day of arrival does not count, the day of the answer does.
    ends = np.maximum(came[known], done[known]) + DAY
    delay[known] = np.busday_count(came[known] + DAY, ends, holidays=_days(holidays))
    return Facts(
        came,
        _codes(channel, WAYS),
        _codes(service, services),
        _bits(commitments, SLUGS),
        _codes(sentiment, tuple(FEELINGS)),
        _codes(status, STATUSES),
        _days(due),
        done,
        delay,
        np.array(automated, dtype=bool),
        _bits(corrected, tuple(LABELS)),
        np.array([one for one, _ in top], dtype=bool),
        np.array([one for _, one in top], dtype=bool),
        np.array(reopened, dtype=bool),
        np.array(elsewhere, dtype=bool),
        np.array(opinion, dtype=bool),
        services,
        tuple(rated),
    )


@dataclass(frozen=True)
class Asked:
    """What is counted: messages received from `since` to `until`, by `step`. Empty: not asked."""

    since: date = field(metadata={"in": "du"})
    until: date = field(metadata={"in": "au"})
    step: str = field(default="mois", metadata={"in": "pas"})
    commitment: str = field(default="", metadata={"in": "engagement"})
    service: str = field(default="", metadata={"in": "service"})
    channel: str = field(default="", metadata={"in": "canal"})

    def address(self) -> str:
        """The query string that tells this."""
        told = asdict(self)
        return urlencode({one.metadata["in"]: str(told[one.name]) for one in _FIELDS if told[one.name]})


_FIELDS = tuple(Asked.__dataclass_fields__.values())


def read_asked(address: Mapping[str, str], today: date) -> Asked:
    """What an address asks; what it asks wrongly is left out. By default the last twelve months by month. Never raises.

    A step that would make more than MOST_PERIODS periods becomes a longer one.
    """
    until = _day(address.get("au", "")) or today
    since = _day(address.get("du", "")) or _months_before(until, 11)
    since, until = min(since, until), max(since, until)
    step = address.get("pas", "")
    step = step if step in STEPS else "mois"
    if step == "jour" and (until - since).days >= MOST_PERIODS:
        step = "semaine"
    if step == "semaine" and (until - since).days >= 7 * (MOST_PERIODS - 1):
        step = "mois"
    # A century by month would still be more than anyone reads.
    since = max(since, _months_before(until, MOST_PERIODS - 1))
    commitment, channel = address.get("engagement", ""), address.get("canal", "")
    return Asked(
        since,
        until,
        step,
        commitment if commitment in COMMITMENTS else "",
        address.get("service", "").replace("\x00", "").strip()[:200],
        channel if channel in CHANNELS else "",
    )


Cell = str | int | float | None


@dataclass(frozen=True)
class Series:
    """A line of bars of a chart. `unit`: "" for counts, "%" for shares, "j" for working days. None: not known."""

    name: str
    values: tuple[float | None, ...]
    style: str = ""

    def known(self) -> list[float]:
        return [one for one in self.values if one is not None]


@dataclass(frozen=True)
class Table:
    """Something told: in one sentence, as bars over `ticks`, and as rows under `columns`. `method`: how it is counted. `units`: by column."""

    slug: str
    title: str
    sentence: str
    method: str
    columns: tuple[str, ...]
    units: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    """A row for each tick."""
    ticks: tuple[str, ...]
    series: tuple[Series, ...]
    unit: str = ""
    lying: bool = False
    """Ticks are categories, each with a bar that lies beside its name; else they are periods, and bars stand."""

    def top(self) -> float:
        """What the tallest bar would stand for: the same for every line, so that lines compare."""
        return 100.0 if self.unit == "%" else max((max(one.known(), default=0) for one in self.series), default=0) or 1.0


def tables(facts: Facts, asked: Asked, today: date, scopes: Collection[str] = ()) -> tuple[Table, ...]:
    """Everything that the page tells, in its order. `scopes`: commitments and services whose messages alone are counted; all when there are none."""
    inside = _inside(facts, asked) & _answered_for(facts, scopes)
    within = inside & (facts.received >= np.datetime64(asked.since)) & (facts.received <= np.datetime64(asked.until))
    span = _Span(asked)
    index = span.index(facts.received)
    return (
        _volumes(facts, within, index, span),
        _answers(facts, within, index, span, today),
        _backlog(facts, inside, today),
        _commitments(facts, within, index, span),
        _feelings(facts, within, index, span),
        _crossed(facts, within),
        _machine(facts, within, index, span),
        _corrections(facts, within, index, span),
        _reopened(facts, within, index, span),
        _satisfaction(facts.rated, span),
    )


class _Span:
    """The periods asked for, with their names."""

    def __init__(self, asked: Asked) -> None:
        self.asked = asked
        self.starts = sorted({_start(asked.since + timedelta(days=n), asked.step) for n in range((asked.until - asked.since).days + 1)})
        self.names = tuple(_named(one, asked.step) for one in self.starts)
        self.head = {"jour": "Jour", "semaine": "Semaine", "mois": "Mois"}[asked.step]
        self._starts = np.array(self.starts, dtype="datetime64[D]")

    def index(self, days: Column) -> Column:
        """Place of the period that holds each day; only days of the span may be looked up by it."""
        return np.searchsorted(self._starts, days, side="right") - 1

    def count(self, index: Column, chosen: Column) -> list[int]:
        return [int(one) for one in np.bincount(index[chosen], minlength=len(self.starts))]


def _volumes(facts: Facts, within: Column, index: Column, span: _Span) -> Table:
    counts = {name: span.count(index, within & (facts.channel == code)) for code, name in enumerate(CHANNELS.values())}
    counts = {name: found for name, found in counts.items() if any(found)}
    total = span.count(index, within)
    rows = tuple(zip(span.names, *counts.values(), total))
    told = _many(sum(total), "message reçu", "messages reçus", "Aucun message reçu")
    return Table(
        "volumes",
        "Messages reçus",
        f"{told} {_period(span.asked)}.",
        "Tous les messages de la boîte, des formulaires, des saisies et des imports, au jour où ils ont été reçus.",
        (span.head, *counts, "Total"),
        ("",) * (len(counts) + 2),
        rows,
        span.names,
        (Series("Total", tuple(total)), *(Series(name, tuple(found)) for name, found in counts.items())),
    )


def _answers(facts: Facts, within: Column, index: Column, span: _Span, today: date) -> Table:
    done = ~np.isnat(facts.answered)
    counted = [span.count(index, within & one) for one in _held(facts, today)]
    shares = [share(a, a + b + c) for a, b, c, _ in zip(*counted)]
    answered = within & done
    middles, ninetieths = [], []
    for place in range(len(span.starts)):
        delays = facts.delay[answered & (index == place)]
        middles.append(quantile(delays, 0.5))
        ninetieths.append(quantile(delays, 0.9))
    met, missed, still, quiet = (sum(one) for one in counted)
    due = met + missed + still
    delays = facts.delay[answered]
    if due:
        sentence = f"{_percent(met, due)} des messages ont reçu une réponse dans le délai annoncé, sur {due} dont l'échéance est connue."
    else:
        sentence = f"Aucune échéance connue {_period(span.asked)}."
    if len(delays):
        sentence += f" La moitié des réponses part en {_days_told(quantile(delays, 0.5))} ou moins, neuf sur dix en {_days_told(quantile(delays, 0.9))} ou moins."
    if quiet:
        sentence += f" {_many(quiet, 'message clos', 'messages clos')} sans réponse écrite."
    return Table(
        "delais",
        "Réponses et délais annoncés",
        sentence,
        "La réponse est le premier message écrit par un agent. Délais en jours ouvrés, le jour d'arrivée n'étant pas compté. La part compte les "
        "réponses parties à temps, celles parties en retard, et les messages dont l'échéance est passée sans réponse. Les messages clos sans "
        "réponse écrite, par exemple après un appel, sont comptés à part. Un message rouvert n'entre pas dans la part : sa première échéance n'est plus connue.",
        (
            span.head,
            "À temps",
            "En retard",
            "Échéance passée, sans réponse",
            "Clos sans réponse écrite",
            "Part à temps",
            "Médiane",
            "90e centile",
        ),
        ("", "", "", "", "", "%", "j", "j"),
        tuple(zip(span.names, *counted, shares, middles, ninetieths)),
        span.names,
        (Series("Part des réponses à temps", tuple(shares)),),
        "%",
    )


def _held(facts: Facts, today: date) -> tuple[Column, Column, Column, Column]:
    """Messages answered in time; answered late; overdue without an answer; closed without a written one."""
    kept = ~np.isnat(facts.due) & ~facts.reopened & ~facts.elsewhere & (facts.status != STATUSES.index("spam"))
    done = ~np.isnat(facts.answered)
    waits = facts.status <= STATUSES.index("waiting")
    return (
        kept & done & (facts.answered <= facts.due),
        kept & done & (facts.answered > facts.due),
        kept & ~done & waits & (facts.due < np.datetime64(today)),
        kept & ~done & (facts.status == STATUSES.index("closed")),
    )


class Handled(NamedTuple):
    """What may be published of some messages. Delays in working days; `due`: messages answered, or that should have been."""

    in_time: int
    due: int
    answers: int
    median: int | None
    ninetieth: int | None
    opinions: int
    opinions_answered: int
    positive: int


def handled(facts: Facts, asked: Asked, today: date) -> Handled:
    """Messages that were asked for, counted as on the steering page. An opinion that is not due yet and has no answer counts as unanswered."""
    within = _inside(facts, asked) & (facts.received >= np.datetime64(asked.since)) & (facts.received <= np.datetime64(asked.until))
    met, missed, still, _ = (int((within & one).sum()) for one in _held(facts, today))
    done = within & ~np.isnat(facts.answered)
    delays = facts.delay[done]
    opinions = within & facts.opinion & (facts.status != STATUSES.index("spam"))
    return Handled(
        met,
        met + missed + still,
        len(delays),
        quantile(delays, 0.5),
        quantile(delays, 0.9),
        int(opinions.sum()),
        int((opinions & done).sum()),
        int((opinions & (facts.sentiment == tuple(FEELINGS).index("positif"))).sum()),
    )


def _backlog(facts: Facts, inside: Column, today: date) -> Table:
    waits = inside & (facts.status <= STATUSES.index("waiting"))
    ages: Column = (np.datetime64(today) - facts.received).astype(np.int64)
    late = waits & (facts.due < np.datetime64(today))
    rows: list[tuple[Cell, ...]] = []
    for first, last in AGES:
        # What is dated after today (a clock that changed) is as young as can be.
        chosen = (ages >= first) if first else np.ones(len(ages), dtype=bool)
        if last is not None:
            chosen = chosen & (ages <= last)
        name = f"{first} à {last}{NBSP}jours" if last is not None else f"plus de {first - 1}{NBSP}jours"
        rows.append((name, int((waits & chosen).sum()), int((late & chosen).sum())))
    total, passed = int(waits.sum()), int(late.sum())
    told = f"{_many(total, 'message est en cours', 'messages sont en cours', 'Aucun message en cours')} aujourd'hui"
    told += f", dont {passed} en retard." if total else "."
    return Table(
        "en-cours",
        "Messages en cours, par ancienneté",
        told,
        "État d'aujourd'hui, quelle que soit la période choisie : messages à traiter et en attente de l'usager. En retard : la date de réponse est passée.",
        ("Reçus il y a", "En cours", "Dont en retard"),
        ("", "", ""),
        tuple(rows),
        tuple(str(row[0]) for row in rows),
        (Series("En cours", tuple(int(row[1] or 0) for row in rows)), Series("Dont en retard", tuple(int(row[2] or 0) for row in rows))),
        lying=True,
    )


def _commitments(facts: Facts, within: Column, index: Column, span: _Span) -> Table:
    counts = [span.count(index, within & _carries(facts, slug)) for slug in SLUGS]
    totals = [sum(found) for found in counts]
    most = max(range(len(SLUGS)), key=totals.__getitem__)
    sentence = (
        f"L'engagement le plus cité est « {COMMITMENTS[SLUGS[most]]} » ({totals[most]} messages)."
        if totals[most]
        else "Aucun engagement cité."
    )
    return Table(
        "engagements",
        "Engagements cités",
        sentence,
        "Un message peut citer plusieurs engagements, ou aucun. Étiquettes corrigées par les agents quand ils l'ont fait.",
        (span.head, *COMMITMENTS.values()),
        ("",) * (len(SLUGS) + 1),
        tuple(zip(span.names, *counts)),
        span.names,
        tuple(Series(COMMITMENTS[slug], tuple(found)) for slug, found in zip(SLUGS, counts)),
    )


def _feelings(facts: Facts, within: Column, index: Column, span: _Span) -> Table:
    counts = [span.count(index, within & (facts.sentiment == code)) for code in range(len(FEELINGS))]
    total = sum(map(sum, counts))
    sentence = f"{_percent(sum(counts[0]), total)} de messages négatifs, sur {total}." if total else "Aucun message."
    return Table(
        "ressentis",
        "Ressenti des messages",
        sentence,
        "Ressenti lu par la machine, corrigé par les agents quand ils l'ont fait.",
        (span.head, *FEELINGS.values(), "Part de négatifs"),
        ("", "", "", "", "%"),
        tuple(zip(span.names, *counts, [share(one[0], sum(one)) for one in zip(*counts)])),
        span.names,
        tuple(Series(FEELINGS[name], tuple(found), name) for name, found in zip(FEELINGS, counts)),
    )


def _crossed(facts: Facts, within: Column) -> Table:
    rows: list[tuple[Cell, ...]] = []
    for slug in SLUGS:
        counts = [int((within & _carries(facts, slug) & (facts.sentiment == code)).sum()) for code in range(len(FEELINGS))]
        rows.append((COMMITMENTS[slug], *counts, share(counts[0], sum(counts))))
    known = [row for row in rows if isinstance(row[4], float)]
    worst = max(known, key=lambda row: float(row[4] or 0), default=None)
    sentence = (
        f"La part de messages négatifs est la plus forte pour « {worst[0]} » ({_told(worst[4], '%')})."
        if worst
        else "Aucun engagement cité."
    )
    return Table(
        "engagements-ressentis",
        "Ressenti par engagement",
        sentence,
        "Sur toute la période choisie. Le ressenti est celui du message entier.",
        ("Engagement", *FEELINGS.values(), "Part de négatifs"),
        ("", "", "", "", "%"),
        tuple(rows),
        tuple(COMMITMENTS.values()),
        (Series("Part de négatifs", tuple(row[4] if isinstance(row[4], float) else None for row in rows), "negatif"),),
        "%",
        lying=True,
    )


def _reviewed(facts: Facts) -> Column:
    """Messages that an agent has dealt with: answered, corrected, or closed when the machine was not left alone with them."""
    closed = (facts.status == STATUSES.index("closed")) & ~facts.automated
    return np.asarray(~np.isnat(facts.answered) | (facts.corrected > 0) | closed)


def _machine(facts: Facts, within: Column, index: Column, span: _Span) -> Table:
    seen = within & _reviewed(facts)
    base = span.count(index, seen)
    right = {
        name: span.count(index, seen & ~_has(facts.corrected, place))
        for place, (slug, name) in enumerate(LABELS.items())
        if slug != "commitments"
    }
    right["Engagements, premier choix"] = span.count(index, seen & facts.first)
    right["Engagements, trois premiers"] = span.count(index, seen & facts.among)
    every = span.count(index, within)
    alone = span.count(index, within & facts.automated)
    shares = {name: [share(a, b) for a, b in zip(found, base)] for name, found in right.items()}
    automated = [share(a, b) for a, b in zip(alone, every)]
    total = sum(base)
    sentence = (
        f"Les agents gardent le premier engagement proposé dans {_percent(sum(right['Engagements, premier choix']), total)} des cas, sur {total} messages vus."
        if total
        else "Aucun message n'a encore été vu par un agent."
    )
    if sum(every):
        sentence += f" La machine a classé seule {_percent(sum(alone), sum(every))} des messages."
    return Table(
        "machine",
        "Accord des agents avec la machine",
        sentence,
        "Messages auxquels un agent a répondu, qu'il a corrigés ou clos. Une étiquette laissée telle quelle compte comme un accord. Trois premiers : un "
        "des engagements proposés, trois au plus, est gardé. Pour les autres étiquettes, la machine ne garde que son premier choix.",
        (span.head, "Messages vus", *shares, "Classés par la machine seule"),
        ("", "", *("%" for _ in shares), "%"),
        tuple(zip(span.names, base, *shares.values(), automated)),
        span.names,
        (*(Series(name, tuple(found)) for name, found in shares.items()), Series("Classés par la machine seule", tuple(automated))),
        "%",
    )


def _corrections(facts: Facts, within: Column, index: Column, span: _Span) -> Table:
    counts = [span.count(index, within & _has(facts.corrected, place)) for place in range(len(LABELS))]
    changed = span.count(index, within & (facts.corrected > 0))
    return Table(
        "corrections",
        "Messages corrigés par les agents",
        f"{_many(sum(changed), 'message corrigé', 'messages corrigés', 'Aucun message corrigé')} {_period(span.asked)}.",
        "Messages dont une étiquette, à la fin, n'est plus celle que la machine avait posée. Un message peut compter pour plusieurs étiquettes.",
        (span.head, *LABELS.values(), "Messages"),
        ("",) * (len(LABELS) + 2),
        tuple(zip(span.names, *counts, changed)),
        span.names,
        tuple(Series(name, tuple(found)) for name, found in zip(LABELS.values(), counts)),
    )


def _reopened(facts: Facts, within: Column, index: Column, span: _Span) -> Table:
    done = within & (~np.isnat(facts.answered) | (facts.status == STATUSES.index("closed")) | facts.reopened)
    base, again = span.count(index, done), span.count(index, done & facts.reopened)
    shares = [share(a, b) for a, b in zip(again, base)]
    sentence = (
        f"{_percent(sum(again), sum(base))} des messages traités ont été rouverts, sur {sum(base)}."
        if sum(base)
        else "Aucun message traité."
    )
    return Table(
        "rouverts",
        "Messages rouverts",
        sentence,
        "Rouvert : l'usager a écrit de nouveau après une réponse ou une clôture, ou un agent a rouvert le message.",
        (span.head, "Traités", "Rouverts", "Part"),
        ("", "", "", "%"),
        tuple(zip(span.names, base, again, shares)),
        span.names,
        (Series("Rouverts", tuple(again)),),
    )


def _satisfaction(rated: Sequence[Rated], span: _Span) -> Table:
    chosen = [one for one in rated if span.asked.since <= one.day <= span.asked.until]
    index = span.index(_days([one.day for one in chosen]))
    answers, happy, asked, clear = (
        span.count(index, np.array(kept, dtype=bool))
        for kept in (
            [True for _ in chosen],
            [one.satisfaction == 10 for one in chosen],
            [one.clear is not None for one in chosen],
            [bool(one.clear) for one in chosen],
        )
    )
    pleased = [share(a, b) for a, b in zip(happy, answers)]
    sentence = (
        f"{_percent(sum(happy), len(chosen))} des personnes trouvent que l'échange s'est très bien passé, sur {len(chosen)} réponses."
        if chosen
        else "Personne n'a répondu à l'enquête de fin de conversation sur cette période."
    )
    return Table(
        "satisfaction",
        "Satisfaction après une conversation",
        sentence,
        "Enquête de fin de conversation. Elle est anonyme : les choix d'engagement, de service et de canal ne s'y appliquent pas.",
        (span.head, "Réponses", "Très bien", "Part", "Réponses sur la clarté", "Réponses claires"),
        ("", "", "", "%", "", ""),
        tuple(zip(span.names, answers, happy, pleased, asked, clear)),
        span.names,
        (Series("Très bien", tuple(pleased)),),
        "%",
    )


def share(part: int, whole: int) -> float | None:
    """Percentage with one decimal; None of nothing."""
    return round(100 * part / whole, 1) if whole else None


def quantile(delays: Column, part: float) -> int | None:
    """The smallest delay within which this part of the answers went; None of no answer."""
    return int(np.quantile(delays, part, method="inverted_cdf")) if len(delays) else None


def outline(values: Sequence[float | None], top: float) -> str:
    """The bars as one path of SVG, in a frame 100 wide and 40 high; `top` is what fills the height."""
    wide = 100 / len(values)
    bars = ((place * wide + wide * 0.1, 40 - 40 * value / top) for place, value in enumerate(values) if value)
    return "".join(f"M{x:.4g} 40V{y:.4g}h{wide * 0.8:.4g}V40z" for x, y in bars)


def told(value: Cell, unit: str) -> str:
    """A cell as it is read; what is not known is a dash."""
    return "–" if value is None else value if isinstance(value, str) else _told(value, unit)


def written(value: Cell) -> str:
    """A cell as a French spreadsheet reads it."""
    return "" if value is None else str(value).replace(".", ",") if isinstance(value, float) else str(value)


def _told(value: Cell, unit: str) -> str:
    if not isinstance(value, (int, float)):
        return str(value)
    number = f"{value:,.1f}".removesuffix(".0").replace(",", "\u202f").replace(".", ",")
    return f"{number}{NBSP}{unit}" if unit else number


def _percent(part: int, whole: int) -> str:
    return f"{round(100 * part / whole)}{NBSP}%"


def _many(count: int, one: str, more: str, none: str = "") -> str:
    return none if not count and none else f"{_told(count, '')}{NBSP}{one if count < 2 else more}"


def _days_told(days: int | None) -> str:
    return f"{days}{NBSP}jour ouvré" if days is not None and days < 2 else f"{days}{NBSP}jours ouvrés"


def _period(asked: Asked) -> str:
    return f"du {in_words(asked.since)} au {in_words(asked.until)}"


def _inside(facts: Facts, asked: Asked) -> Column:
    inside = np.ones(len(facts), dtype=bool)
    if asked.channel:
        inside &= facts.channel == WAYS.index(asked.channel)
    if asked.service:
        inside &= facts.service == (facts.services.index(asked.service) if asked.service in facts.services else len(facts.services))
    if asked.commitment:
        inside &= _carries(facts, asked.commitment)
    return inside


def _answered_for(facts: Facts, scopes: Collection[str]) -> Column:
    """Messages of one of these commitments or services."""
    if not scopes:
        return np.ones(len(facts), dtype=bool)
    found = np.isin(facts.service, [place for place, name in enumerate(facts.services) if name in scopes])
    for slug in scopes:
        if slug in SLUGS:
            found |= _carries(facts, slug)
    return found


def _carries(facts: Facts, slug: str) -> Column:
    return _has(facts.commitments, SLUGS.index(slug))


def _has(bits: Column, place: int) -> Column:
    found: Column = (bits >> place) & 1 == 1
    return found


def _days(days: Sequence[date | None]) -> Column:
    return np.array(days, dtype="datetime64[D]")


def _codes(values: Sequence[str], names: Sequence[str]) -> Column:
    """Place of each value among the names, -1 when it has none."""
    places = {name: place for place, name in enumerate(names)}
    return np.array([places.get(value, -1) for value in values], dtype=np.int16)


def _bits(values: Sequence[Iterable[str]], names: Sequence[str]) -> Column:
    bit = {name: 1 << place for place, name in enumerate(names)}
    return np.array([sum(bit.get(one, 0) for one in set(value)) for value in values], dtype=np.uint8)


def _start(day: date, step: str) -> date:
    return day if step == "jour" else day - timedelta(days=day.weekday()) if step == "semaine" else day.replace(day=1)


def _named(start: date, step: str) -> str:
    told = in_words(start)
    return told if step == "jour" else f"du {told}" if step == "semaine" else told.removeprefix("1er").strip()


def _months_before(day: date, months: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    return date(max(year, 1), month + 1, 1)


def _day(text: str) -> date | None:
    try:
        day = date.fromisoformat(text.strip())
    except ValueError:
        return None
    return day if 1990 <= day.year <= 2200 else None
