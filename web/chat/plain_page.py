"""`/assistant`: the conversation as a page of forms, for browsers without script."""

from typing import Annotated

from fastapi import APIRouter, Form, HTTPException, Request
from fastapi.responses import Response
from fastapi.templating import Jinja2Templates

from answers.book import AnswerBook
from conversations import forms
from conversations.forms import FormRefused
from conversations.model import Content
from web.chat.errors import MessageRefused, UnknownConversation
from web.chat.gateway import ERASED, Gateway
from web.chat.model import ERASE
from web.pace import Pace, client_of

AUTHORS = {"user": "Vous", "bot": "Assistant automatique", "agent": "Agent", "system": "Information"}
STATES = {"waiting": "Vous attendez un agent.", "agent": "Un agent vous répond."}
TOO_FAST = "Beaucoup de messages viennent de votre connexion. Attendez quelques minutes, puis recommencez."
GONE = "Cette conversation n'existe plus. Posez votre question : une nouvelle commence."


def build_router(gateway: Gateway, templates: Jinja2Templates, answers: AnswerBook, opening: Pace, leaving: Pace) -> APIRouter:
    """The token travels in the forms, never in an address, which browsers and proxies write down."""
    router = APIRouter(prefix="/assistant")

    async def page(request: Request, token: str = "", status: int = 200, **told: object) -> Response:
        messages: list[Content] = []
        state = "bot"
        if token:
            try:
                turn = await gateway.history(token)
                messages, state = [message.shown() for message in turn.messages], turn.state
            except UnknownConversation:
                token, told = "", {"error": GONE, **told}
        welcome = answers.get("saluer")
        facts = {
            "token": token,
            "messages": messages,
            "welcome": welcome,
            "authors": AUTHORS,
            "state": STATES.get(state, ""),
            "erase": ERASE,
        }
        return templates.TemplateResponse(request, "assistant.html", facts | told, status_code=status)

    @router.get("")
    async def begin(request: Request) -> Response:
        return await page(request)

    @router.post("")
    async def say(
        request: Request, texte: Annotated[str, Form()] = "", jeton: Annotated[str, Form()] = "", relire: Annotated[str, Form()] = ""
    ) -> Response:
        if relire:
            return await page(request, jeton)
        try:
            if not jeton:
                if opening.too_fast(client_of(request)):
                    return await page(request, status=429, error=TOO_FAST, draft=texte)
                jeton = await gateway.start()
            turn = await gateway.say(jeton, texte)
        except MessageRefused as refused:
            return await page(request, jeton, refused.status, error=str(refused), draft=texte)
        except UnknownConversation:
            return await page(request, status=404, error=GONE, draft=texte)
        if turn.state == ERASED:
            return await page(request, notice=turn.messages[0].words())
        return await page(request, jeton)

    @router.post("/formulaire/{name}")
    async def submit(request: Request, name: str) -> Response:
        if name not in set(forms.Form):
            raise HTTPException(404)
        values = {key: str(value) for key, value in (await request.form()).items()}
        token = values.pop("jeton", "")
        if leaving.too_fast(client_of(request)):
            return await page(request, token, 429, error=TOO_FAST, values=values)
        try:
            await gateway.submit(token, forms.Form(name), values)
        except FormRefused as refused:
            return await page(request, token, 422, errors=refused.errors, values=values)
        except UnknownConversation:
            return await page(request, status=404, error=GONE)
        return await page(request, token)

    return router
