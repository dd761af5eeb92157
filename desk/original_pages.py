"""What came with a message: its page in HTML made harmless, its files and its bytes, each to be downloaded and never opened here."""

from base64 import b64encode
from hashlib import sha256
from threading import Lock
from urllib.parse import quote

from fastapi import APIRouter, Depends, HTTPException, Request
from fastapi.responses import Response

from desk.model import MOST_NUMBER
from desk.original import STYLE, Original, page
from desk.pages import Desk
from history.model import What
from history.store import note_reading
from people.rights import Right
from triage import store
from triage.attachments import read_attachment, read_kept
from triage.errors import UnreadableMail
from triage.tables import ExchangeRow

_STYLE_HASH = b64encode(sha256(STYLE.encode()).digest()).decode()
POLICY = f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; frame-ancestors 'self'; base-uri 'none'; form-action 'none'; sandbox"
NOTHING = "<p>Ce message n'a pas de version mise en page.</p>"
UNREADABLE = "<p>La version mise en page de ce message ne peut pas être lue. Téléchargez le message d'origine.</p>"


def build_router(desk: Desk) -> APIRouter:
    """Routes that give what a mail holds."""
    router = APIRouter(prefix="/console/messages/{reference}", dependencies=[Depends(desk.guard.require(Right.READ_MESSAGES))])
    one_at_a_time = Lock()

    def raw(request: Request, reference: str) -> bytes:
        with desk.sessions.begin() as session:
            row = desk.item(session, reference)
            if row.sha256 is None:
                raise HTTPException(404)
            try:
                found = store.read_raw(session, row.sha256)
            except KeyError:
                raise HTTPException(404) from None
            note_reading(session, request.state.agent, reference, at=desk.local_clock(), what=What.READ_RAW)
            return found

    def opened(request: Request, reference: str) -> Original | None:
        """None when it cannot be read."""
        return read(raw(request, reference))

    def read(source: bytes) -> Original | None:
        with one_at_a_time:
            try:
                return desk.open_original(source)
            except UnreadableMail:
                return None

    @router.get("/page")
    def html(request: Request, reference: str) -> Response:
        found = opened(request, reference)
        body = UNREADABLE if found is None else found.html or NOTHING
        return Response(page(body), media_type="text/html", headers={"Content-Security-Policy": POLICY})

    @router.get("/pieces/{number}")
    def file(request: Request, reference: str, number: int) -> Response:
        with desk.sessions.begin() as session:
            try:
                kept = read_attachment(session, reference, number)
            except KeyError:  # files of a mail are kept in its bytes
                kept = None
            else:
                note_reading(session, request.state.agent, reference, at=desk.local_clock(), what=What.READ_RAW)
        if kept is not None:
            return _download(kept.content, kept.name or f"piece-{number}")
        found = opened(request, reference)
        if found is None or not 1 <= number <= len(found.files):
            raise HTTPException(404)
        one = found.files[number - 1]
        return _download(one.raw, one.name or f"piece-{number}")

    @router.get("/echanges/{exchange}/pieces/{number}")
    def file_of_the_thread(request: Request, reference: str, exchange: int, number: int) -> Response:
        """A file of a later message, or one that we sent."""
        with desk.sessions.begin() as session:
            item = desk.item(session, reference)
            said = session.get(ExchangeRow, exchange) if exchange <= MOST_NUMBER else None
            if said is None or said.item_id != item.id or not 1 <= number <= len(said.attachments or []):
                raise HTTPException(404)
            told = said.attachments[number - 1]
            try:
                content = read_kept(session, told["sha256"]) if told.get("sha256") else None
                source = store.read_raw(session, said.sha256 or "") if content is None else b""
            except KeyError:
                raise HTTPException(404) from None
            note_reading(session, request.state.agent, reference, at=desk.local_clock(), what=What.READ_RAW)
        name = told["name"] or f"piece-{number}"
        if content is None:
            found = read(source)
            if found is None or number > len(found.files):
                raise HTTPException(404)
            content = found.files[number - 1].raw
        return _download(content, name)

    @router.get("/source")
    def source(request: Request, reference: str) -> Response:
        return _download(raw(request, reference), f"{reference}.eml")

    return router


def _download(content: bytes, name: str) -> Response:
    """Bytes that a browser keeps and does not show, whatever it thinks they are."""
    told = name.replace("/", "-").replace("\\", "-")
    plain = "".join(c if c.isascii() and c.isprintable() and c not in '"\\' else "_" for c in told)
    headers = {
        "Content-Disposition": f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(told, safe='')}",
        "Content-Security-Policy": "default-src 'none'; sandbox",
        "X-Content-Type-Options": "nosniff",
    }
    return Response(content, media_type="application/octet-stream", headers=headers)
