"""`/console/reponse`: the answer to a message, written, validated, sent, taken back; notes, merging, splitting. Works without script."""

from datetime import datetime
from hashlib import sha256
from secrets import token_hex
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import JSONResponse, RedirectResponse, Response
from sqlalchemy.orm import Session
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile

from answers.templates import fill
from desk import answering, following, notes, words
from desk.answer_tables import AnswerDraftRow
from desk.answering import Typed
from desk.changes import Agent
from desk.model import CHOSEN, MOST_NUMBER, WAIT, Impossible, Means, day_to_come, inside_console
from desk.pages import Desk
from history.model import What
from history.store import note
from people.rights import Right
from triage.attachments import plain_name, told_by_name
from triage.model import Channel, File, Letter, Origin
from triage.tables import FeedbackItemRow

PATH = "/console/reponse"
VALIDATE = "/console/reponse/valider"
AUTOSAVE = "/console/reponse/brouillon"
BODY = answering.MOST_FILES_BYTES + 400_000
"""Bytes of the form: files beside a long text."""
TEXT_BODY = 400_000
"""Bytes of what is kept while it is typed: a long text, each letter of which may take nine."""
LATE = "Cette réponse est déjà envoyée. Rechargez la page pour en écrire une autre."


def build_router(desk: Desk) -> APIRouter:
    """Routes that write an answer, or something beside it."""
    router = APIRouter(prefix="/console", dependencies=[Depends(desk.guard.require(Right.HANDLE_MESSAGES))])
    tools = desk.answering

    async def form_of(request: Request) -> tuple[dict[str, str], tuple[File, ...]]:
        async with request.form() as form:
            texts = {name: value.replace("\x00", "") for name, value in form.multi_items() if isinstance(value, str)}
            files = []
            for _, part in form.multi_items():
                if isinstance(part, UploadFile) and part.filename:
                    name = plain_name(part.filename)
                    files.append(File(name, told_by_name(name), await part.read()))
        return texts, tuple(files)

    def kept(
        session: Session, texts: dict[str, str], files: tuple[File, ...], agent: Agent
    ) -> tuple[FeedbackItemRow, AnswerDraftRow | None]:
        item = desk.item(session, texts.get("m", "")[:32])
        return item, answering.keep(session, item, _typed(texts, files), agent, desk.local_clock())

    def refused(request: Request, error: Impossible, texts: dict[str, str]) -> Response:
        """What was typed is shown, to be copied."""
        told = {"why": str(error), "text": texts.get("texte", ""), "back": inside_console(texts.get("retour", ""))}
        return desk.templates.TemplateResponse(request, "desk_answer_refused.html", told, status_code=409)

    @router.post("/reponse")
    async def write(request: Request) -> Response:
        texts, files = await form_of(request)
        return await run_in_threadpool(_written, request, texts, files)

    def _written(request: Request, texts: dict[str, str], files: tuple[File, ...]) -> Response:
        agent, now = request.state.agent, desk.local_clock()
        verb, _, value = texts.get("faire", "").partition(":")
        back, sent = inside_console(texts.get("retour", "")), True
        try:
            with desk.sessions.begin() as session:
                item, row = kept(session, texts, files, agent)
                if verb == "envoyer":
                    sent = _send(session, item, row, texts, agent, agent.may(Right.VALIDATE_ANSWERS), now)
                elif verb == "modele":
                    template = tools.templates.get(value)
                    _add(session, item, row, fill(template.text, tools.values(item, agent, now)) if template else "", texts, agent, now)
                elif verb == "reprendre" and value.isascii() and value.isdecimal():
                    _add(session, item, row, answering.typed_answer(session, int(value[:9]), agent, now), texts, agent, now)
                elif verb == "retirer" and row and value.isascii() and value.isdecimal():
                    answering.take_off(session, row, int(value[:4]))
                elif verb == "jeter":
                    answering.throw_away(session, item, row, agent, now)
                elif verb == "soumettre" and row:
                    answering.submit(session, item, row, agent, now)
        except Impossible as error:
            return refused(request, error, texts)
        return _to(back, "", "echanges") if sent and verb == "envoyer" else _to(back, "" if sent else "essai=1")

    def _send(
        session: Session,
        item: FeedbackItemRow,
        row: AnswerDraftRow | None,
        texts: dict[str, str],
        agent: Agent,
        may_validate: bool,
        now: datetime,
    ) -> bool:
        """False when something is missing."""
        if row is None or answering.faults(item, row, tools.can_send(), may_validate):
            return False
        remind_on = day_to_come(texts.get("rappel", ""), now.date()) or now.date() + WAIT
        then = answering.after_sending(texts.get("suite", ""), remind_on)
        token = texts.get("jeton", "")[:40] or token_hex(16)
        answering.send(session, tools.letters, item, row, tools.signature(row.author_name), then, agent, token, now)
        return True

    @router.post("/reponse/brouillon")
    async def autosave(request: Request) -> Response:
        texts, _ = await form_of(request)
        agent = request.state.agent

        def save() -> Response:
            try:
                with desk.sessions.begin() as session:
                    if answering.sent_by(session, texts.get("jeton", "")[:40]):
                        raise Impossible(LATE)
                    kept(session, texts, (), agent)
            except Impossible as error:
                return JSONResponse({"refus": str(error)}, 409)
            now = desk.local_clock()
            return JSONResponse({"garde": f"Brouillon gardé à {words.clock(now, now)}."})

        return await run_in_threadpool(save)

    @router.post("/reponse/valider", dependencies=[Depends(desk.guard.require(Right.VALIDATE_ANSWERS))])
    async def validate(request: Request) -> Response:
        """Sends the answer of another agent, or returns it."""
        texts, files = await form_of(request)
        return await run_in_threadpool(_validated, request, texts, files)

    def _validated(request: Request, texts: dict[str, str], files: tuple[File, ...]) -> Response:
        agent, now = request.state.agent, desk.local_clock()
        back, sent = inside_console(texts.get("retour", "")), True
        try:
            with desk.sessions.begin() as session:
                item, row = kept(session, texts, files, agent)
                if texts.get("faire") == "renvoyer" and row:
                    answering.give_back(session, item, row, texts.get("remarque", ""), agent, now)
                elif texts.get("faire") == "valider":
                    sent = _send(session, item, row, texts, agent, agent.may(Right.VALIDATE_ANSWERS), now)
        except Impossible as error:
            return refused(request, error, texts)
        return _to(back, "", "echanges") if sent else _to(back, "essai=1")

    @router.post("/messages/{reference}/reponse/{number}/annuler")
    def take_back(request: Request, reference: str, number: int, retour: str = Form("")) -> Response:
        try:
            with desk.sessions.begin() as session:
                item = desk.item(session, reference)
                done = number <= MOST_NUMBER and answering.take_back(session, item, number, request.state.agent, desk.local_clock())
        except Impossible:
            done = False
        return _to(inside_console(retour or f"/console/messages/{reference}"), "" if done else "parti=1")

    @router.post("/messages/{reference}/notes")
    def add_note(request: Request, reference: str, note_: str = Form("", alias="note"), retour: str = Form("")) -> Response:
        text, back = note_.replace("\x00", ""), inside_console(retour or f"/console/messages/{reference}")
        strangers: list[str] = []
        try:
            with desk.sessions.begin() as session:
                item = desk.item(session, reference)
                if text.strip():
                    strangers = notes.add(session, item, text, request.state.agent, tools.logins(session), desk.local_clock())
        except Impossible as error:
            return refused(request, error, {"texte": text, "retour": back})
        return _to(back, urlencode([("inconnu", one[:60]) for one in strangers[:5]]), "notes")

    @router.post("/messages/{reference}/fusionner")
    def merge(request: Request, reference: str, dans: str = Form(""), retour: str = Form("")) -> Response:
        try:
            with desk.sessions.begin() as session:
                item = desk.item(session, reference)
                following.merge(session, item, dans.replace("\x00", "")[:40], request.state.agent, desk.local_clock())
        except Impossible as error:
            return refused(request, error, {"retour": retour or f"/console/messages/{reference}"})
        return RedirectResponse(inside_console(retour or f"/console/messages/{reference}"), 303)

    @router.post("/messages/{reference}/separer")
    def split(request: Request, reference: str, partie: str = Form(""), retour: str = Form("")) -> Response:
        """A part of a message becomes a message of its own, read and routed as any other."""
        agent, now = request.state.agent, desk.local_clock()
        back = retour or f"/console/messages/{reference}"
        with desk.sessions() as session:
            item = desk.item(session, reference)
            text = item.text
        part = partie.replace("\x00", "").replace("\r\n", "\n").strip()
        if not part or " ".join(part.split()) not in " ".join(text.split()):
            return refused(request, Impossible("Copiez telle quelle la partie du message à séparer."), {"texte": partie, "retour": back})

        def beside(session: Session, new: FeedbackItemRow) -> None:
            new.follows_id = item.id
            note(session, agent, What.CHANGED, reference, after=f"partie séparée : {new.reference}", at=now)

        # The same part never makes two messages, however often the form is sent.
        source = f"partie {reference} {sha256(part.encode('utf-8', 'replace')).hexdigest()[:32]}"
        made = tools.receive(
            Letter(
                item.sender_name,
                item.sender_email,
                item.subject,
                part,
                channel=Channel(item.channel),
                received_at=item.received_at,
                origin=Origin(entered_by=agent.name, entered_at=now, source_id=source),
                answered_elsewhere=True,
                beside=beside,
            )
        )
        return RedirectResponse(f"/console/messages/{made.reference}", 303)

    @router.get("/citations")
    def named(request: Request) -> Response:
        """Notes that name this agent, and answers to validate for those who may."""
        with desk.sessions() as session:
            told = {
                "naming": notes.naming(session, request.state.agent.id),
                "waiting": answering.submitted(session),
                "words": words,
            }
        return desk.templates.TemplateResponse(request, "desk_named.html", told)

    return router


def _typed(texts: dict[str, str], files: tuple[File, ...]) -> Typed:
    means = texts.get("moyen", "")
    chosen = Means(means) if means in CHOSEN else Means.MAIL
    return Typed(texts.get("texte", "").replace("\r\n", "\n"), chosen, files)


def _add(
    session: Session,
    item: FeedbackItemRow,
    row: AnswerDraftRow | None,
    text: str,
    texts: dict[str, str],
    agent: Agent,
    now: datetime,
) -> None:
    """Puts a text after what is already written."""
    if not text:
        return
    before = row.text.rstrip() if row else ""
    answering.keep(
        session, item, Typed(f"{before}\n\n{text.strip()}\n" if before else f"{text.strip()}\n", _typed(texts, ()).means), agent, now
    )


def _to(path: str, told: str = "", place: str = "reponse-titre") -> Response:
    """Back to the message, at its answer or another place."""
    joined = f"{path}{'&' if '?' in path else '?'}{told}" if told else path
    return RedirectResponse(f"{joined}#{place}", 303)
