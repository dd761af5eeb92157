"""Where a file stands: nothing is told before the code sent to the file's e-mail address has been typed.

No file is looked for before the answer that asks for the code has gone: whether it exists, and whether the service that keeps it is slow or
down, changes neither the words nor the time taken.
"""

import logging
import re
import smtplib
from datetime import datetime, timedelta
from functools import partial
from math import ceil

from sqlalchemy.orm import Session

from bot.actions.messages import AGENT, Message, choices, link, text, written
from bot.actions.services import Services
from bot.actions.turn import GIVES_UP, UNKNOWN, Reply, Turn
from dossiers import store
from dossiers.errors import ProviderError, Transient, UnknownDossier
from dossiers.explain import Actor, explain, honest_delay, steps, whose_turn
from dossiers.identity import (
    CODE_LIFE,
    MAX_SENT_BY_ALL_PER_HOUR,
    MAX_SENT_PER_DAY,
    MAX_SENT_PER_HOUR,
    MAX_TRIES,
    MAX_TRIES_PER_DAY,
    Challenge,
    Verdict,
    hash_code,
    hash_owner,
    is_owner,
    judge,
    new_code,
)
from dossiers.model import Dossier
from language.normalise import fold
from store.engine import exclusive

log = logging.getLogger(__name__)

SUBJECT = "Votre code pour suivre votre dossier"
MINUTES = int(CODE_LIFE.total_seconds() // 60)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
RETRIES_AFTER_SECONDS = (5.0, 30.0)
LONGEST_RETRY_SECONDS = 60.0
SENT = (
    "Si le dossier {number} existe, un code à six chiffres part à son adresse e-mail.\n"
    f"Écrivez ce code ici. Il est valable {MINUTES}\u00a0minutes.\n"
    "Rien reçu ? Vérifiez le numéro et les courriers indésirables."
)
TOO_MANY = (
    "Trop de codes ont été demandés depuis une heure. Par sécurité, aucun nouveau code ne part.\n"
    "Réessayez dans une heure, ou demandez un agent."
)
WRONG = "Ce code n'est pas le bon. Vérifiez les six chiffres et écrivez-le à nouveau."
SILENT = "Votre code est le bon, mais le service qui garde votre dossier ne répond pas pour le moment.\n"
STILL_GOOD = "Renvoyez le même code dans {wait} : il reste valable {left}.\nUn agent peut aussi vous répondre."
NO_MORE_GOOD = "Demandez un nouveau code dans {wait}, ou posez votre question à un agent."
UNREADABLE = (
    "Votre code est le bon, mais votre dossier ne peut pas être lu : la liaison avec le service qui le garde est à réparer.\n"
    "Un agent peut vous dire où en est votre dossier."
)
OVER = "Ce code n'est plus valable. Demandez un nouveau code avec votre numéro de dossier."
RESEND = ("Recevoir un nouveau code", "Je voudrais recevoir un nouveau code")
FOLLOWS = {Actor.REGION: "suite_dossier_region", Actor.YOU: "suite_dossier_usager", Actor.NOBODY: "suite_dossier_termine"}
LOST = ("Je n'ai pas mon numéro", "J'ai perdu mon numéro de dossier")


def answer_status(turn: Turn, services: Services) -> Reply:
    """Asks for the number, or sends a code for it."""
    number = turn.number() or _last_asked(turn.conversation, services)
    if not number:
        answer = services.answers.get("statut_dossier")
        said = written(answer) if answer else [text("Écrivez votre numéro de dossier."), choices([LOST, AGENT])]
        return Reply(said, {"question_en_attente": "statut_dossier", "derniere_reponse": "statut_dossier"})
    return _send_code(number, turn.conversation, services)


def _last_asked(conversation: str, services: Services) -> str | None:
    """The file spoken of before: its number is kept with its code, not in Rasa's memory."""
    with services.sessions() as session:
        return store.last_asked(session, conversation)


def answer_code(turn: Turn, code: str, services: Services) -> Reply:
    """Tells where the file stands when the code is right."""
    with services.sessions.begin() as session:
        challenge = store.take_try(session, turn.conversation)
    verdict = judge(challenge, code, services.secret, services.clock())
    if challenge and verdict is Verdict.RIGHT:
        return _open(challenge, code, services)
    last_try = challenge is not None and challenge.tries + 1 >= MAX_TRIES
    if verdict is Verdict.OVER or last_try:
        return _over()
    return Reply([text(WRONG), choices([RESEND, AGENT])], {"attend_code": True})


def wants_code(turn: Turn) -> bool:
    """Whether a new code is asked for, in the words of the button or in others, or the one that was sent has not come."""
    folded = fold(turn.text)
    return "code" in folded.split() and bool(
        re.search(r"\b(?:nouveau|autre|renvoy\w*|recevoir|encore|(?:pas|jamais|rien) (?:recu|eu|arrive))\b", folded)
    )


def answer_without_code(turn: Turn, services: Services) -> Reply:
    """Something else than the code, while it is waited for: no insisting opens a file, and no other code leaves for it."""
    key = "code_attendu_encore" if turn.slots.get("derniere_reponse") == "code_attendu" else "code_attendu"
    answer = services.answers.get(key)
    said = written(answer) if answer else [text(WRONG), choices([RESEND, AGENT])]
    return Reply(said, {"attend_code": True, "derniere_reponse": key})


def gives_up(turn: Turn) -> bool:
    """Whether the person lets go of the file whose number or code is waited for."""
    waited = turn.slots.get("attend_code") or turn.slots.get("question_en_attente") == "statut_dossier"
    of_it = turn.intent in (UNKNOWN, "nier", "statut_dossier", "retrouver_numero", "affirmer")
    return bool(waited) and of_it and not turn.number() and bool(GIVES_UP.search(fold(turn.text)))


def answer_given_up(services: Services) -> Reply:
    """The file is left aside: nothing more is asked about it."""
    answer = services.answers.get("suivi_laisse")
    said = written(answer) if answer else [text("C'est noté : laissons ce dossier de côté."), choices([AGENT])]
    return Reply(said, {"attend_code": False, "question_en_attente": None, "derniere_reponse": None})


def _over() -> Reply:
    # Still waited for: six digits more are another try, not the number of a file.
    return Reply([text(OVER), choices([RESEND, AGENT])], {"attend_code": True})


def _open(challenge: Challenge, code: str, services: Services) -> Reply:
    """Reads the file that the right code opens. Outside any transaction: others must not wait for a service that is slow."""
    dossier: Dossier | None
    try:
        dossier = services.dossiers.find(challenge.number)
    except UnknownDossier:
        dossier = None
    except ProviderError as error:
        log.error("dossier non lu : %s", type(error).__name__)
        with services.sessions.begin() as session:
            store.give_back_try(session, challenge)
        return _unread(challenge, code, error, services)
    with services.sessions.begin() as session:
        store.spend(session, challenge.conversation)
    # Withdrawn, or handed to somebody else, since the code was mailed.
    if dossier is None or not is_owner(challenge, dossier.email, services.secret):
        return _over()
    delay = honest_delay(services.dossiers.decisions(dossier.aid_slug, services.clock().date()) or ())
    return _told(dossier, delay, services)


def _unread(challenge: Challenge, code: str, error: ProviderError, services: Services) -> Reply:
    """Says that the file cannot be read now, and what the code is still good for."""
    if not isinstance(error, Transient):
        return Reply([text(UNREADABLE), choices([AGENT])], {"attend_code": True})
    left = int((challenge.expires_at - services.clock()).total_seconds() // 60)
    wait = max(1, ceil((error.wait or 0) / 60))
    if left <= wait:
        return Reply([text(SILENT + NO_MORE_GOOD.format(wait=_minutes(wait))), choices([RESEND, AGENT])], {"attend_code": True})
    words = STILL_GOOD.format(wait=_minutes(wait), left=_minutes(left))
    return Reply([text(SILENT + words), choices([("Réessayer avec ce code", code), AGENT])], {"attend_code": True})


def _send_code(number: str, conversation: str, services: Services) -> Reply:
    now, code = services.clock(), new_code()
    challenge = Challenge(number, conversation, hash_code(code, number, conversation, services.secret), now + CODE_LIFE)
    with services.sessions.begin() as session:
        exclusive(session, f"code {number}")
        if store.codes_asked(session, now - HOUR, conversation=conversation) >= MAX_SENT_PER_HOUR:
            return Reply([text(TOO_MANY), choices([AGENT])], {"question_en_attente": None})
        # Too many for a file is not told: it would say that somebody else asked for it.
        may_send = _may_send(session, number, now)
        store.remember_challenge(session, challenge, now)
    # A task is left in both cases: leaving none would show in the time taken.
    services.later(partial(_mail_code, challenge, code, services) if may_send else _nothing)
    return Reply(
        [text(SENT.format(number=number)), choices([LOST, AGENT])],
        {"attend_code": True, "question_en_attente": None, "derniere_reponse": None},
    )


def _may_send(session: Session, number: str, now: datetime) -> bool:
    """Whether a code may still be mailed: guessing over many codes and many files at once is bounded too."""
    return (
        store.codes_asked(session, now - HOUR, number=number) < MAX_SENT_PER_HOUR
        and store.codes_asked(session, now - DAY, number=number) < MAX_SENT_PER_DAY
        and store.tries_made(session, now - DAY, number) < MAX_TRIES_PER_DAY
        and store.codes_asked(session, now - HOUR) < MAX_SENT_BY_ALL_PER_HOUR
    )


def _nothing() -> None:
    pass


def _mail_code(challenge: Challenge, code: str, services: Services, failures: int = 0) -> None:
    """Looks for the file and mails the code to its owner. The person sees the same words as ever, whatever comes of it."""
    try:
        to = services.dossiers.email_of(challenge.number)
    except UnknownDossier:
        return
    except ProviderError as error:
        log.error("code non envoyé : %s", type(error).__name__)
        if isinstance(error, Transient) and failures < len(RETRIES_AFTER_SECONDS):
            seconds = min(error.wait or RETRIES_AFTER_SECONDS[failures], LONGEST_RETRY_SECONDS)
            services.later(partial(_mail_code, challenge, code, services, failures + 1), seconds)
        return
    if not to:
        return
    with services.sessions.begin() as session:
        owner = hash_owner(to, challenge.number, challenge.conversation, services.secret)
        if not store.mark_sent(session, challenge, owner):
            return  # another code was asked for meanwhile
    words = (
        f"Bonjour,\n\nVotre code : {code}\n\nÉcrivez-le dans la conversation avec l'assistant de la Région. "
        f"Il est valable {MINUTES} minutes et sert une fois.\n\n"
        "Vous n'avez rien demandé ? Ne donnez ce code à personne : sans lui, rien n'est dit de votre dossier.\n"
    )
    _post(to, words, services)


def _post(to: str, words: str, services: Services, failures: int = 0) -> None:
    """Sends the code; a mail server that is down for a moment is tried again while the code is still good."""
    try:
        services.mail(to, SUBJECT, words)
    except (OSError, smtplib.SMTPException) as error:
        log.error("code non envoyé : %s", type(error).__name__)
        if failures < len(RETRIES_AFTER_SECONDS):
            services.later(partial(_post, to, words, services, failures + 1), RETRIES_AFTER_SECONDS[failures])


def _told(dossier: Dossier, delay: int | None, services: Services) -> Reply:
    aid = services.catalogue.get(dossier.aid_slug)
    status: Message = {
        "type": "card",
        "title": f"Dossier {dossier.number}, {aid.name}" if aid else f"Dossier {dossier.number}",
        "purpose": explain(dossier, delay, services.clock().date()),
        "facts": [{"label": "Qui doit agir", "value": whose_turn(dossier).value}],
        "steps": [{"label": label, "state": state} for label, state in steps(dossier)],
    }
    page = [link("Ouvrir mon dossier", dossier.url)] if dossier.url else []
    pairs = [("Compléter mon dossier", "Comment compléter mon dossier ?")] if dossier.correction else []
    return Reply(
        [status, *page, choices([*pairs, AGENT])],
        {
            "attend_code": False,
            "aide": dossier.aid_slug if aid else None,
            "question_en_attente": None,
            # What "so I have nothing to do?" is about; nothing of the file itself is remembered.
            "derniere_reponse": FOLLOWS[whose_turn(dossier)],
        },
    )


def _minutes(count: int) -> str:
    return f"{count}\u00a0minutes" if count > 1 else "une minute"
