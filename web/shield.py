"""What guards every page: headers that forbid foreign code, refusal of requests sent by other sites, bounded bodies."""

from collections.abc import Collection, Mapping
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self'",
        "connect-src 'self'",
        "frame-src 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
    )
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cross-Origin-Opener-Policy": "same-origin",
}
CONVERSATIONS = "/api/conversations"
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


class SafeHeaders:
    """Adds the headers above; what is private or changes is not kept by caches. `https`: tells browsers to stay on HTTPS."""

    def __init__(self, app: ASGIApp, https: bool) -> None:
        self._app = app
        self._headers = HEADERS | ({"Strict-Transport-Security": "max-age=31536000"} if https else {})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                # A page that needs another rule says so itself: what a mail's author wrote is shown under a stricter one.
                for name, value in (self._headers | {"Cache-Control": "no-store"}).items():
                    headers.setdefault(name, value)
            await send(message)

        await self._app(scope, receive, send_with_headers if scope["type"] == "http" else send)


class SameOrigin:
    """Refuses an unsafe request that a browser sends from another site. Programs, which send neither header, pass.

    `sites`: origins ("https://www.region.fr") of the pages that carry the widget; they may speak in a conversation, and do nothing else.
    """

    def __init__(self, app: ASGIApp, sites: Collection[str] = ()) -> None:
        self._app, self._sites = app, sites

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["method"] not in SAFE_METHODS and not self._welcome(scope):
            response = _refusal(scope, 403, "Cette demande vient d'un autre site. Revenez sur la page, puis recommencez.")
            await response(scope, receive, send)
            return
        await self._app(scope, receive, send)

    def _welcome(self, scope: Scope) -> bool:
        headers = Headers(scope=scope)
        from_widget = scope["path"].startswith(CONVERSATIONS) and headers.get("origin") in self._sites
        return from_widget or came_from_here(headers)


class BoundedBody:
    """Refuses a request whose body is longer than `most` bytes, announced or not. `but`: bounds of some paths, None for one that bounds itself.

    A path that ends with "/" stands for all those under it.
    """

    def __init__(self, app: ASGIApp, most: int, but: Mapping[str, int | None] | None = None) -> None:
        self._app, self._most, self._but = app, most, but or {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        most = self._bound(scope["path"]) if scope["type"] == "http" and scope["method"] not in SAFE_METHODS else None
        if most is None:
            await self._app(scope, receive, send)
            return
        parts: list[Message] = []
        size, more = 0, True
        while more and size <= most:
            message = await receive()
            parts.append(message)
            size += len(message.get("body", b""))
            more = message["type"] == "http.request" and message.get("more_body", False)
        if size > most:
            await _refusal(scope, 413, "Votre envoi est trop long. Raccourcissez-le, puis recommencez.")(scope, receive, send)
            return

        async def replay() -> Message:
            return parts.pop(0) if parts else await receive()

        await self._app(scope, replay, send)

    def _bound(self, path: str) -> int | None:
        under = next((most for start, most in self._but.items() if start.endswith("/") and path.startswith(start)), self._most)
        return self._but.get(path, under)


def came_from_here(headers: Headers) -> bool:
    """Whether the headers say that the request was sent by a page of this site (or by no page at all)."""
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site in ("same-origin", "none")
    origin = headers.get("origin")
    return origin is None or urlsplit(origin).netloc == headers.get("host")


def _refusal(scope: Scope, status: int, text: str) -> Response:
    return JSONResponse({"detail": text}, status) if scope["path"].startswith("/api/") else PlainTextResponse(text, status)
