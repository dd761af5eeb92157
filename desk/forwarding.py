"""A message that another administration has to answer is passed on to it, and the person is told. Every query. The caller commits."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from secrets import token_hex

from sqlalchemy import select
from sqlalchemy.orm import Session

from answers.elsewhere import Body
from desk import answering, changes, presence
from desk.answer_tables import SentAnswerRow
from desk.changes import Agent
from desk.model import DraftState, Impossible, Means, Outcome
from history.model import What
from history.store import note, note_reading
from language.dates import in_words
from outbox.compose import is_address
from outbox.model import Attached, Outgoing
from triage import store
from triage.attachments import read_kept
from triage.correspondence import Correspondence
from triage.tables import FeedbackItemRow

MOST_REASON = 1000
ORIGINAL = "message/rfc822"


@dataclass(frozen=True)
class Directory:
    """`bodies`: administrations by slug; `suited(text)`: the slug of the one that a text is for, "" for none.

    `write(name, values)`: subject and text of a mail written beforehand, None when nobody wrote it.
    """

    bodies: Callable[[], Mapping[str, Body]]
    suited: Callable[[str], str]
    write: Callable[[str, dict[str, str]], tuple[str, str] | None]


@dataclass(frozen=True)
class Asked:
    """What an agent typed: which administration (a slug, "" for one that is not in the directory), its name and address, and why it is the one."""

    slug: str = ""
    name: str = ""
    address: str = ""
    reason: str = ""

    def chosen(self, bodies: Mapping[str, Body]) -> "Asked":
        """With the name and the address of the directory where the agent gave none."""
        body = bodies.get(self.slug)
        if body is None:
            return replace(self, slug="", name=_line(self.name), address=self.address.strip(), reason=self.reason.strip())
        return Asked(self.slug, body.name, self.address.strip() or body.email, self.reason.strip())

    def checked_by_hand(self, bodies: Mapping[str, Body]) -> bool:
        """Whether the address is one that the directory does not know: the agent answers for it."""
        body = bodies.get(self.slug)
        return body is None or not body.email or self.address.casefold() != body.email.casefold()


@dataclass(frozen=True)
class Mails:
    """What is to go: to the administration, and to the person ("" when there is no address)."""

    subject: str
    text: str
    to_person_subject: str
    to_person: str


def faults(letters: Correspondence | None, item: FeedbackItemRow, asked: Asked) -> dict[str, str]:
    """What is wrong in what was typed, by field, each in one sentence or two. Empty when the message can be passed on."""
    found = {}
    if letters is None or not letters.can_send:
        found["organisme"] = "Aucun serveur d'envoi n'est réglé. Prévenez l'administrateur."
    if not asked.slug and not asked.name:
        found["nom"] = "Choisissez une administration dans la liste, ou écrivez son nom."
    if not asked.address:
        found["adresse"] = "L'annuaire n'a pas l'adresse de cette administration. Écrivez-la."
    elif not is_address(asked.address):
        found["adresse"] = "Cette adresse ne peut pas recevoir de courriel. Vérifiez-la."
    elif asked.address.casefold() == item.sender_email.strip().casefold():
        found["adresse"] = "Cette adresse est celle de la personne. Écrivez celle de l'administration."
    elif letters is not None and letters.answers.is_ours(asked.address):
        found["adresse"] = "Cette adresse est la nôtre : le message reviendrait ici."
    if not asked.reason:
        found["motif"] = "Dites pourquoi, en une phrase : la personne la lira."
    elif len(asked.reason) > MOST_REASON:
        found["motif"] = f"Votre phrase compte {len(asked.reason)}\u00a0signes. La plus longue en compte {MOST_REASON}."
    return found


def mails(directory: Directory, item: FeedbackItemRow, asked: Asked, signature: str, now: datetime) -> Mails:
    """The mails as they would go. Raises Impossible when nobody wrote their texts."""
    body = directory.bodies().get(asked.slug)
    has_address = is_address(item.sender_email.strip())
    values = {
        "reference": item.reference,
        "received_on": in_words(item.received_at.astimezone(now.tzinfo).date()),
        "organisme": asked.name,
        "organisme_site": f"Son site : {body.url}" if body else "",
        "motif": asked.reason,
        "objet": _line(item.subject) or "sans objet",
        "personne": _who(item),
        "suite": _SUITE[has_address],
        "signature": signature,
    }
    there, back = directory.write("administration", values), directory.write("personne", values)
    if there is None or back is None:
        raise Impossible("Les textes de transmission manquent ou contiennent une erreur. Prévenez l'administrateur.")
    return Mails(*there, *back) if has_address else Mails(*there, "", "")


def forward(
    session: Session,
    letters: Correspondence,
    item: FeedbackItemRow,
    asked: Asked,
    written: Mails,
    signature: str,
    agent: Agent,
    token: str,
    now: datetime,
) -> None:
    """Sends both mails, which can be undone together, and closes the message as passed on. `token`: of the form; sent twice, it counts once.

    Raises Impossible, in words, when another agent is answering or the message goes on in another one.
    """
    held = presence.begin_answer(session, item.id, agent, now)
    if held.agent_id != agent.id:
        raise Impossible(f"{held.agent_name} répond à ce message en ce moment. Voyez avec cette personne avant de le transmettre.")
    if session.scalar(select(SentAnswerRow.exchange_id).filter_by(token=token)) is not None:
        return
    if item.merged_into_id is not None:
        raise Impossible("Ce message est réuni avec un autre. Transmettez l'autre.")
    files, words = _enclosed(session, item, agent.id, now)
    reply_to = (("Reply-To", item.sender_email.strip()),) if is_address(item.sender_email.strip()) else ()
    out = [(Outgoing(asked.address, written.subject, f"{written.text}{words}", files, reply_to), Means.FORWARDED, asked.reason, token)]
    if written.to_person:
        signed = f"{written.to_person.strip()}\n\n{signature.strip()}\n"
        out.append((letters.answer(item, (), written.to_person_subject, signed), Means.MAIL, written.to_person, token_hex(16)))
    done = changes.apply(session, [item], answering.closing(Outcome.FORWARDED), agent, now)
    for mail, means, typed, mark in out:
        said = letters.send(session, item, mail, f"forward {token_hex(16)}", agent.name, now, now + answering.UNDO)
        said.attachments = []
        told = {"means": means.value, "typed": typed, "token": mark, "agent_id": agent.id, "author_id": agent.id, "batch": done.batch}
        session.add(SentAnswerRow(exchange_id=said.id, state=DraftState.DRAFT.value, **told))
    presence.end_answer(session, item.id, agent)
    session.flush()
    note_reading(session, agent, item.reference, at=now, what=What.READ_RAW)
    note(session, agent, What.ANSWERED, item.reference, after=f"transmis : {asked.name}", at=now)


def _enclosed(session: Session, item: FeedbackItemRow, agent_id: int, now: datetime) -> tuple[tuple[Attached, ...], str]:
    """The mail as it came, or its words and files when it came otherwise or is too heavy; then what the person added since."""
    later = [(one.at, one.text) for one in answering.said_so_far(session, item, agent_id, now) if not one.ours]
    size = store.raw_size(session, item.sha256) if item.sha256 else 0
    if item.sha256 and 0 < size <= answering.MOST_FILES_BYTES:
        files: tuple[Attached, ...] = (Attached(f"{item.reference}.eml", ORIGINAL, store.read_raw(session, item.sha256)),)
    else:
        kept = [one for one in item.attachments if one.get("sha256")]
        light = sum(one["size"] for one in kept) <= answering.MOST_FILES_BYTES
        files = tuple(Attached(one["name"], one["media_type"], read_kept(session, one["sha256"])) for one in kept if light)
        later.insert(0, (item.received_at, f"{item.subject}\n\n{item.text}".strip()))
    left = "\nDes pièces jointes n'ont pas pu être jointes : demandez-les-nous.\n" if item.attachments and not files else ""
    quoted = "".join(f"\n--- Message du {in_words(at.astimezone(now.tzinfo).date())} ---\n{text.strip()}\n" for at, text in later)
    return files, left + quoted


_SUITE = {
    True: "Nous l'avons prévenue. Répondez à ce courriel : votre réponse lui parviendra directement.",
    False: "Cette personne ne nous a pas laissé d'adresse de courriel.",
}


def _who(item: FeedbackItemRow) -> str:
    told = [_line(item.sender_name), item.sender_email.strip()]
    if item.origin:
        told += [item.origin.phone, ", ".join(item.origin.postal_address.splitlines())]
    return ", ".join(each for each in told if each) or "sans nom"


def _line(text: str) -> str:
    return " ".join(text.split())
