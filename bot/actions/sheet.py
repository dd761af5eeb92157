"""Parts of an aid's sheet as cards: only what was asked, with its source, and what is an example said to be one. Pure."""

from collections.abc import Callable, Sequence
from datetime import date

from aids.eligibility import Match, Verdict
from aids.model import AUDIENCE_LABELS, Aid
from bot.actions.messages import Message
from language.dates import in_words

Fact = tuple[str, str, str]
"""Label, value, and the key of the sheet that it comes from."""
Section = tuple[str, Sequence[str], str]
"""Title, items, and the key of the sheet that they come from."""
Part = tuple[str, list[Fact], list[Section]]
"""Subject, facts and sections of a card."""

MOST_OPEN = 6
"""Criteria up to which a list stands open."""
SAMPLE = "Fiche d'exemple : ces règles ne sont pas celles en vigueur."


def card(aid: Aid, part: Part) -> Message:
    """A card of the gateway. Dates are in words."""
    subject, facts, sections = part
    return {
        "type": "card",
        "title": f"{aid.name} : {subject}" if subject else aid.name,
        "purpose": aid.purpose,
        "facts": [{"label": _marked(aid, label, key), "value": value} for label, value, key in facts if value],
        # What was asked stands open; the rest of an overview is folded.
        "details": [
            {"label": _marked(aid, title, key), "items": list(items), "open": bool(subject)} for title, items, key in sections if items
        ],
        "source": {"label": f"{aid.source.name}, lue le {in_words(aid.source.read_on)}", "url": aid.source.url},
        "checked": in_words(aid.checked.on),
        "notice": SAMPLE if aid.sample else "",
    }


def criteria_card(match: Match, title: str, *, opened: bool) -> Message:
    """What the scheme gives, and what it asks held against what is known: what is against it, what fits, what is left to check."""
    aid = match.aid
    groups = (("Ne correspond pas", Verdict.NOT_MET), ("Correspond", Verdict.MET), ("À vérifier", Verdict.UNKNOWN))
    facts = [("Combien", aid.amount.summary, "amount"), ("Jusqu'à quand", aid.calendar.summary, "calendar")]
    told = [(label, [criterion.text for criterion in match.having(verdict)]) for label, verdict in groups]
    sections: list[Section] = [(f"{label} ({len(items)})", items, "eligibility.conditions") for label, items in told]
    whole = card(aid, ("", facts, sections))
    return {
        **whole,
        "title": title,
        "purpose": aid.short_title,
        "details": [
            {**detail, "open": detail["label"].startswith("Ne") or (opened and len(detail["items"]) <= MOST_OPEN)}
            for detail in whole["details"]
        ],
    }


def plain(aid: Aid, intent: str) -> str:
    """The same part of the sheet in simpler words: what it is about, one thing a line, whom to call."""
    _subject, facts, sections = PARTS[intent](aid)
    lines = [f"{PLAIN[intent]} « {aid.name} » :"]
    lines += [f"- {label} : {value}" for label, value, _ in facts if value]
    lines += [f"- {item}" for _, items, _ in sections for item in items]
    lines.append(f"Vous préférez parler à une personne ? Appelez le {aid.contact.phone}.")
    return "\n".join(lines)


def warning(aid: Aid, today: date) -> str | None:
    """What to know first when one cannot apply today."""
    if aid.is_closed(today) and aid.calendar.deadline:
        return f"Le dépôt pour « {aid.name} » est clos depuis le {in_words(aid.calendar.deadline)}."
    if not aid.is_open(today) and aid.calendar.opens:
        return f"Le dépôt pour « {aid.name} » n'est pas encore ouvert. Il ouvre le {in_words(aid.calendar.opens)}."
    return None


def overview(aid: Aid) -> Part:
    """The four facts that everyone wants, details after."""
    audiences = ", ".join(AUDIENCE_LABELS[audience] for audience in aid.audiences)
    facts = [
        ("Pour qui", audiences[:1].upper() + audiences[1:], "audiences"),
        ("Combien", aid.amount.summary, "amount"),
        ("Jusqu'à quand", aid.calendar.summary, "calendar"),
        ("Délai de réponse", aid.processing_time.summary, "processing_time"),
    ]
    return "", facts, [("Conditions", aid.eligibility.texts(), "eligibility.conditions"), ("Pièces", _documents(aid), "documents")]


def conditions(aid: Aid) -> Part:
    facts = [
        ("Avant de demander", aid.eligibility.before_applying or "", "eligibility.before_applying"),
        ("Où", aid.perimeter, "perimeter"),
    ]
    return "conditions", facts, [("Conditions", aid.eligibility.texts(), "eligibility.conditions")]


def amount(aid: Aid) -> Part:
    return "montant", [("Combien", aid.amount.summary, "amount"), *_limits(aid)], []


def expenses(aid: Aid) -> Part:
    kept, left = aid.expenses.eligible, aid.expenses.excluded
    return (
        "dépenses",
        [("Avant de payer", aid.eligibility.before_applying or "", "eligibility.before_applying")],
        [("Dépenses aidées", kept, "expenses.eligible"), ("Dépenses non aidées", left, "expenses.excluded")],
    )


def documents(aid: Aid) -> Part:
    return "pièces à fournir", [], [("Pièces à joindre", _documents(aid), "documents")]


def calendar(aid: Aid) -> Part:
    deadline = in_words(aid.calendar.deadline, weekday=True) if aid.calendar.deadline else ""
    return "dates", [("Date limite", deadline, "calendar.deadline"), ("Calendrier", aid.calendar.summary, "calendar.summary")], []


def steps(aid: Aid) -> Part:
    facts = [
        ("Jusqu'à quand", aid.calendar.summary, "calendar"),
        ("Avant de demander", aid.eligibility.before_applying or "", "eligibility"),
    ]
    return "démarche", facts, [("Étapes", [f"{n}. {step}" for n, step in enumerate(aid.application.steps, 1)], "application.steps")]


def combination(aid: Aid) -> Part:
    return "cumul", [("Cumul", aid.combination, "combination")], []


def payment(aid: Aid) -> Part:
    return "versement", [("Versement", aid.payment, "payment")], []


def errors(aid: Aid) -> Part:
    return "erreurs fréquentes", [], [("À éviter", aid.common_errors, "common_errors")]


def delay(aid: Aid) -> Part:
    return "délai", [("Délai de réponse", aid.processing_time.summary, "processing_time")], []


def contact(aid: Aid) -> Part:
    who = aid.contact
    facts = [("Service", who.service), ("Téléphone", who.phone), ("E-mail", who.email), ("Page", who.url or "")]
    return "contact", [(label, value, "contact") for label, value in facts], []


PARTS: dict[str, Callable[[Aid], Part]] = {
    "conditions_aide": conditions,
    "montant_aide": amount,
    "depenses_eligibles": expenses,
    "pieces_aide": documents,
    "echeance_aide": calendar,
    "deposer_demande": steps,
    "cumul_aides": combination,
    "versement_aide": payment,
    "erreurs_frequentes": errors,
    "delai_instruction": delay,
    "coordonnees_service": contact,
    "chercher_aide": overview,
}
"""What part of a sheet answers an intent."""

PLAIN = {
    "conditions_aide": "Pour avoir l'aide, il faut",
    "montant_aide": "Combien d'argent donne l'aide",
    "depenses_eligibles": "Ce que l'aide paie et ne paie pas",
    "pieces_aide": "Voici les papiers à donner pour l'aide",
    "echeance_aide": "Quand faire la demande pour l'aide",
    "deposer_demande": "Voici comment demander l'aide",
    "cumul_aides": "Peut-on avoir une autre aide en plus de",
    "versement_aide": "Quand l'argent arrive pour l'aide",
    "erreurs_frequentes": "Voici les erreurs à éviter pour l'aide",
    "delai_instruction": "Combien de temps attendre pour l'aide",
    "coordonnees_service": "Qui appeler pour l'aide",
    "chercher_aide": "En bref, l'aide",
}
"""How the simpler version of a part begins."""


def _marked(aid: Aid, label: str, key: str) -> str:
    return f"{label} (exemple)" if aid.is_example(key) else label


def _documents(aid: Aid) -> list[str]:
    return [f"{each.name}, {each.note}" if each.note else each.name for each in aid.documents]


def _limits(aid: Aid) -> list[Fact]:
    rate = f"{aid.amount.rate_max:g}\u00a0%" if aid.amount.rate_max is not None else ""
    return [
        ("Taux au plus", rate, "amount.rate_max"),
        ("Au moins", _euros(aid.amount.floor), "amount.floor"),
        ("Au plus", _euros(aid.amount.ceiling), "amount.ceiling"),
        ("Budget minimum du projet", _euros(aid.amount.budget_min), "amount.budget_min"),
    ]


def _euros(value: int | None) -> str:
    return "" if value is None else f"{value:,}\u00a0€".replace(",", "\u00a0")
