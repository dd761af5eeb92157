"""Reads a form that may carry files, without losing what was typed when the files are too heavy."""

from contextlib import ExitStack
from dataclasses import dataclass

from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import Request
from starlette.types import Message

from triage.attachments import plain_name, told_by_name
from triage.model import File

MALFORMED = "Votre envoi est mal formé. Revenez à la page précédente, puis envoyez à nouveau."
DRAINED = 10
"""A sending this many times too heavy is read to its end, so that the browser shows the answer; beyond, it is cut off."""


@dataclass(frozen=True)
class Filled:
    """A form as it was sent: its texts by field, its files. `too_heavy`: more bytes than allowed came, the files are not whole."""

    texts: dict[str, str]
    files: tuple[File, ...]
    too_heavy: bool


async def read_form(request: Request, most: int) -> Filled:
    """Reads at most `most` bytes. Fields that stand before the files in the page are kept whatever the weight of the files."""
    size = 0

    async def receive() -> Message:
        nonlocal size
        message = await request.receive()
        size += len(message.get("body", b""))
        if size <= most:
            return message
        return {**message, "body": b"", "more_body": message.get("more_body", False) and size <= DRAINED * most}

    bounded = Request(request.scope, receive)
    with ExitStack() as opened:
        form = await _form(bounded, opened)
        texts = {name: value for name, value in form.multi_items() if isinstance(value, str)}
        files = () if size > most else await _files(form)
    return Filled(texts, files, size > most)


async def _form(request: Request, opened: ExitStack) -> FormData:
    """The form. `opened` closes its files, also the one that was cut."""
    if not request.headers.get("content-type", "").startswith("multipart/form-data"):
        return await request.form()
    parser = MultiPartParser(request.headers, request.stream())

    def close_files() -> None:
        for file in parser._files_to_close_on_error:  # the parser itself closes them only when it fails
            file.close()

    opened.callback(close_files)
    try:
        return await parser.parse()
    except MultiPartException as error:
        raise HTTPException(400, MALFORMED) from error


async def _files(form: FormData) -> tuple[File, ...]:
    """The files chosen; an empty choice is sent as a file without a name."""
    found = []
    for _, part in form.multi_items():
        if isinstance(part, UploadFile) and part.filename:
            name = plain_name(part.filename)
            found.append(File(name, told_by_name(name), await part.read()))
    return tuple(found)
