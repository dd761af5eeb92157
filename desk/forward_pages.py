"""`/console/messages/…/transmettre`: a message is passed on to the administration that has to answer it, after its mails were looked at."""

from collections.abc import Mapping
from secrets import token_hex
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import RedirectResponse, Response
from sqlalchemy.orm import Session

from desk import answering, forwarding, words
from desk.forwarding import Asked, Mails
from desk.model import Impossible
from desk.pages import Desk
from history.store import note_reading
from people.rights import Right
from triage.tables import FeedbackItemRow


def build_router(desk: Desk) -> APIRouter:
    """The form, the page that shows what will go, and the sending."""
    router = APIRouter(prefix="/console/messages/{reference}", dependencies=[Depends(desk.guard.require(Right.HANDLE_MESSAGES))])
    tools = desk.answering

    def page(request: Request, session: Session, item: FeedbackItemRow, asked: Asked, faults: Mapping[str, str], **told: Any) -> Response:
        shown = told | {
            "row": item,
            "asked": asked,
            "faults": faults,
            "bodies": tools.directory.bodies(),
            "words": words,
            "own": f"/console/messages/{item.reference}",
        }
        return desk.templates.TemplateResponse(request, "desk_forward.html", shown, status_code=422 if faults else 200)

    @router.get("/transmettre")
    def form(request: Request, reference: str) -> Response:
        with desk.sessions.begin() as session:
            item = desk.item(session, reference)
            note_reading(session, request.state.agent, reference, at=desk.local_clock())
            return page(request, session, item, Asked(tools.directory.suited(f"{item.subject}\n{item.text}")), {})

    @router.post("/transmettre")
    def pass_on(
        request: Request,
        reference: str,
        organisme: Annotated[str, Form()] = "",
        nom: Annotated[str, Form()] = "",
        adresse: Annotated[str, Form()] = "",
        motif: Annotated[str, Form()] = "",
        texte: Annotated[str, Form()] = "",
        verifiee: Annotated[str, Form()] = "",
        jeton: Annotated[str, Form()] = "",
        faire: Annotated[str, Form()] = "",
    ) -> Response:
        """Shows the mails, or sends them (`faire`: "envoyer")."""
        agent, now = request.state.agent, desk.local_clock()
        typed = [each.replace("\x00", "").replace("\r\n", "\n") for each in (organisme, nom[:200], adresse, motif, texte)]
        bodies = tools.directory.bodies()
        asked = Asked(*typed[:4]).chosen(bodies)
        signature = tools.signature(agent.name)
        try:
            with desk.sessions.begin() as session:
                item = desk.item(session, reference)
                faults = forwarding.faults(tools.letters, item, asked)
                by_hand = asked.checked_by_hand(bodies)
                if faults or faire == "changer":
                    return page(request, session, item, asked, faults)
                mails = forwarding.mails(tools.directory, item, asked, signature, now)
                if faire == "envoyer":
                    faults = _last_faults(mails, typed[4], by_hand and not verifiee)
                to_person = typed[4] if faire == "envoyer" else mails.to_person
                shown = Mails(mails.subject, mails.text, mails.to_person_subject, to_person if mails.to_person else "")
                if faults or faire != "envoyer":
                    told = {"mails": shown, "by_hand": by_hand, "signature": signature, "token": jeton[:40] or token_hex(16)}
                    return page(request, session, item, asked, faults, **told)
                assert tools.letters is not None
                token = jeton.replace("\x00", "")[:40] or token_hex(16)
                forwarding.forward(session, tools.letters, item, asked, shown, signature, agent, token, now)
        except Impossible as error:
            told = {"why": str(error), "text": typed[4], "back": f"/console/messages/{reference}"}
            return desk.templates.TemplateResponse(request, "desk_answer_refused.html", told, status_code=409)
        return RedirectResponse(f"/console/messages/{reference}#echanges", 303)

    return router


def _last_faults(mails: Mails, text: str, unchecked: bool) -> dict[str, str]:
    """What is wrong in the page that shows the mails."""
    found = {}
    if unchecked:
        found["verifiee"] = "Cette adresse n'est pas dans l'annuaire. Vérifiez-la, puis cochez la case."
    if mails.to_person and not text.strip():
        found["texte"] = "Le courriel à la personne est vide. Dites-lui à qui son message est transmis."
    elif len(text) > answering.MOST_TEXT:
        found["texte"] = f"Ce texte compte {len(text)}\u00a0signes. Le plus long en compte {answering.MOST_TEXT}."
    return found
