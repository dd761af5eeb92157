"""Where a file stands: nothing is told before the code sent to the file's e-mail address has been typed."""

import logging
import smtplib
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy.orm import Session

from bot.actions.messages import AGENT, choices, text, written
from bot.actions.services import Services
from bot.actions.turn import Reply, Turn
from dossiers import store
from dossiers.explain import explain, honest_delay
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
    judge,
    new_code,
)
from dossiers.model import Dossier
from store.engine import exclusive

log = logging.getLogger(__name__)

SUBJECT = "Votre code pour suivre votre dossier"
MINUTES = int(CODE_LIFE.total_seconds() // 60)
RECENT = timedelta(days=30)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
SENT = (
    "Si le dossier {number} existe, un code à six chiffres vient de partir à son adresse e-mail.\n"
    f"Écrivez ce code ici. Il est valable {MINUTES}\u00a0minutes.\n"
    "Rien reçu ? Vérifiez le numéro et les courriers indésirables."
)
TOO_MANY = (
    "Trop de codes ont été demandés depuis une heure. Par sécurité, aucun nouveau code ne part.\n"
    "Réessayez dans une heure, ou demandez un agent."
)
WRONG = "Ce code n'est pas le bon. Vérifiez les six chiffres et écrivez-le à nouveau."
OVER = "Ce code n'est plus valable. Demandez un nouveau code avec votre numéro de dossier."
RESEND = ("Recevoir un nouveau code", "Où en est mon dossier ?")
LOST = ("Je n'ai pas mon numéro", "J'ai perdu mon numéro de dossier")


def answer_status(turn: Turn, services: Services) -> Reply:
    """Asks for the number, or sends a code for it."""
    number = turn.number() or turn.slots.get("numero_dossier")
    if not number:
        answer = services.answers.get("statut_dossier")
        said = written(answer) if answer else [text("Écrivez votre numéro de dossier."), choices([LOST, AGENT])]
        return Reply(said, {"question_en_attente": "statut_dossier", "derniere_reponse": "statut_dossier"})
    return _send_code(str(number), turn.conversation, services)


def answer_code(turn: Turn, code: str, services: Services) -> Reply:
    """Tells where the file stands when the code is right."""
    now = services.clock()
    with services.sessions.begin() as session:
        challenge = store.take_try(session, turn.conversation)
        verdict = judge(challenge, code, services.secret, now)
        dossier = store.get(session, challenge.number) if challenge and verdict is Verdict.RIGHT else None
        if dossier:
            store.spend(session, turn.conversation)
            delay = honest_delay(store.decisions_since(session, (now - RECENT).date(), dossier.aid_slug))
    if dossier:
        return _told(dossier, delay, services)
    last_try = challenge is not None and challenge.tries + 1 >= MAX_TRIES
    if verdict is Verdict.OVER or last_try:
        # Still waited for: six digits more are another try, not the number of a file.
        return Reply([text(OVER), choices([RESEND, AGENT])], {"attend_code": True})
    return Reply([text(WRONG), choices([RESEND, AGENT])], {"attend_code": True})


def _send_code(number: str, conversation: str, services: Services) -> Reply:
    now, code = services.clock(), new_code()
    challenge = Challenge(number, conversation, hash_code(code, number, conversation, services.secret), now + CODE_LIFE)
    with services.sessions.begin() as session:
        exclusive(session, f"code {number}")
        if store.codes_asked(session, now - HOUR, conversation=conversation) >= MAX_SENT_PER_HOUR:
            return Reply([text(TOO_MANY), choices([AGENT])], {"numero_dossier": number, "question_en_attente": None})
        # Too many for a file is not told: it would say that somebody else asked for it.
        dossier = store.get(session, number) if _may_send(session, number, now) else None
        store.remember_challenge(session, challenge, now)
    # A task is left in both cases, and begins after the answer has gone: its work would show in the time taken.
    services.later(partial(_mail_code, dossier.email, code, services) if dossier else _nothing)
    return Reply(
        [text(SENT.format(number=number)), choices([LOST, AGENT])],
        {"numero_dossier": number, "attend_code": True, "question_en_attente": None, "derniere_reponse": None},
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


def _mail_code(to: str, code: str, services: Services) -> None:
    words = (
        f"Bonjour,\n\nVotre code : {code}\n\nÉcrivez-le dans la conversation avec l'assistant de la Région. "
        f"Il est valable {MINUTES} minutes et sert une fois.\n\n"
        "Vous n'avez rien demandé ? Ne donnez ce code à personne : sans lui, rien n'est dit de votre dossier.\n"
    )
    try:
        services.mail(to, SUBJECT, words)
    except (OSError, smtplib.SMTPException) as error:
        # The person sees the same words as ever: telling of the failure would tell that the file exists.
        log.error("code non envoyé : %s", type(error).__name__)


def _told(dossier: Dossier, delay: int | None, services: Services) -> Reply:
    aid = services.catalogue.get(dossier.aid_slug)
    head = f"Dossier {dossier.number}, {aid.name}." if aid else f"Dossier {dossier.number}."
    pairs = [("Compléter mon dossier", "Comment compléter mon dossier ?")] if dossier.correction else []
    return Reply(
        [text(f"{head}\n{explain(dossier, delay, services.clock().date())}"), choices([*pairs, AGENT])],
        {"attend_code": False, "aide": dossier.aid_slug if aid else None, "question_en_attente": None, "derniere_reponse": None},
    )
