"""What is told when something fails: JSON to the widget, a page to a person."""

from urllib.parse import quote

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, RedirectResponse, Response
from fastapi.templating import Jinja2Templates
from starlette.exceptions import HTTPException

from web.accounts.entrance import SignInOver
from web.accounts.guard import LoginNeeded
from web.chat.errors import MessageRefused, UnknownConversation
from web.shield import HEADERS

MALFORMED = "La demande est incomplète ou mal formée. Rechargez la page, puis recommencez."
TEXTS = {
    404: "Cette page n'existe pas ou n'existe plus. Revenez à l'accueil.",
    405: "Cette adresse ne s'ouvre pas de cette façon. Revenez à l'accueil.",
    500: "Une erreur nous empêche de répondre. Si vous veniez d'écrire un texte, gardez-en une copie. Réessayez plus tard.",
}


def tell_failures(app: FastAPI, templates: Jinja2Templates) -> None:
    """Adds a handler for each kind of failure."""

    def told(request: Request, status: int, text: str) -> Response:
        if request.url.path.startswith("/api/"):
            return JSONResponse({"detail": text}, status)
        return templates.TemplateResponse(request, "failure.html", {"text": text}, status_code=status)

    @app.exception_handler(HTTPException)
    async def refused(request: Request, error: HTTPException) -> Response:
        return told(request, error.status_code, TEXTS.get(error.status_code, str(error.detail)))

    @app.exception_handler(RequestValidationError)
    async def malformed(request: Request, _error: RequestValidationError) -> Response:
        return told(request, 422, MALFORMED)

    @app.exception_handler(UnknownConversation)
    async def unknown(_request: Request, error: UnknownConversation) -> Response:
        return JSONResponse({"detail": str(error)}, 404)

    @app.exception_handler(MessageRefused)
    async def message_refused(_request: Request, error: MessageRefused) -> Response:
        return JSONResponse({"detail": str(error)}, error.status)

    @app.exception_handler(LoginNeeded)
    async def login_needed(request: Request, _error: LoginNeeded) -> Response:
        wanted = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        return RedirectResponse(f"/connexion?suite={quote(wanted, safe='')}", 303)

    @app.exception_handler(SignInOver)
    async def sign_in_over(_request: Request, _error: SignInOver) -> Response:
        return RedirectResponse("/connexion", 303)

    @app.exception_handler(Exception)
    async def broken(request: Request, _error: Exception) -> Response:
        # Written outside of everything else: what guards every page has to be put on it here.
        response = told(request, 500, TEXTS[500])
        response.headers.update(HEADERS | {"Cache-Control": "no-store"})
        return response
