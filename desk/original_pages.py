"""What came with a message: its page in HTML made harmless, its files and its bytes, each to be downloaded and never opened here."""

from base64 import b64encode
from hashlib import sha256
from threading import Lock
from urllib.parse import quote

from fastapi import APIRouter, Depends, HTTPException
from fastapi.responses import Response

from desk.original import STYLE, Original, page
from desk.pages import Desk
from triage import store
from triage.errors import UnreadableMail

_STYLE_HASH = b64encode(sha256(STYLE.encode()).digest()).decode()
POLICY = f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; frame-ancestors 'self'; base-uri 'none'; form-action 'none'; sandbox"
NOTHING = "<p>Ce message n'a pas de version mise en page.</p>"
UNREADABLE = "<p>La version mise en page de ce message ne peut pas être lue. Téléchargez le message d'origine.</p>"


def build_router(desk: Desk) -> APIRouter:
    """Routes that give what a mail holds."""
    router = APIRouter(prefix="/console/messages/{reference}", dependencies=[Depends(desk.require_agent)])
    one_at_a_time = Lock()

    def raw(reference: str) -> bytes:
        with desk.sessions() as session:
            row = desk.item(session, reference)
            if row.sha256 is None:
                raise HTTPException(404)
            try:
                return store.read_raw(session, row.sha256)
            except KeyError:
                raise HTTPException(404) from None

    def opened(reference: str) -> Original | None:
        """None when it cannot be read."""
        source = raw(reference)
        with one_at_a_time:
            try:
                return desk.open_original(source)
            except UnreadableMail:
                return None

    @router.get("/page")
    def html(reference: str) -> Response:
        found = opened(reference)
        body = UNREADABLE if found is None else found.html or NOTHING
        return Response(page(body), media_type="text/html", headers={"Content-Security-Policy": POLICY})

    @router.get("/pieces/{number}")
    def file(reference: str, number: int) -> Response:
        found = opened(reference)
        if found is None or not 1 <= number <= len(found.files):
            raise HTTPException(404)
        one = found.files[number - 1]
        return _download(one.raw, one.name or f"piece-{number}")

    @router.get("/source")
    def source(reference: str) -> Response:
        return _download(raw(reference), f"{reference}.eml")

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
