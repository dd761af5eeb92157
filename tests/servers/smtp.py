"""An SMTP server that takes mails, refuses them, is slow or hangs up, as it is told."""

import asyncio
import ssl
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from tests.servers.process import free_port, need


@dataclass
class PostOffice:
    """A running server. `taken`: what it has answered 250 to, with envelope addresses. Each hook may give an answer in place of 250."""

    port: int
    taken: list[tuple[str, str, bytes]] = field(default_factory=list)
    on_sender: Callable[[str], str | None] = lambda _address: None
    on_recipient: Callable[[str], str | None] = lambda _address: None
    on_data: Callable[[bytes], str | None] = lambda _raw: None
    hang_up: bool = False
    """Cuts the link when a mail comes, before any answer."""
    cut_after: bool = False
    """Keeps the mail, then cuts the link: the sender cannot know that it was taken."""
    delay: float = 0.0

    @property
    def url(self) -> str:
        """For ECOUTE_SMTP_URL."""
        return f"smtp://127.0.0.1:{self.port}"

    def mails(self) -> list[EmailMessage]:
        """What was taken, read."""
        return [message_from_bytes(raw, policy=default) for _, _, raw in self.taken]  # type: ignore[misc]

    async def handle_MAIL(self, _server: SMTP, _session: Session, envelope: Envelope, address: str, options: list[str]) -> str:
        refusal = self.on_sender(address)
        if refusal is None:
            envelope.mail_from = address
            envelope.mail_options.extend(options)
        return refusal or "250 OK"

    async def handle_RCPT(self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]) -> str:
        refusal = self.on_recipient(address)
        if refusal is None:
            envelope.rcpt_tos.append(address)
        return refusal or "250 OK"

    async def handle_DATA(self, server: SMTP, _session: Session, envelope: Envelope) -> str:
        assert isinstance(envelope.content, bytes)
        await asyncio.sleep(self.delay)
        if self.hang_up:
            server.transport.abort()  # type: ignore[union-attr]
            return "250 OK"
        refusal = self.on_data(envelope.content)
        if refusal is None:
            self.taken += [(envelope.mail_from or "", to, envelope.content) for to in envelope.rcpt_tos]
        if self.cut_after:
            server.transport.abort()  # type: ignore[union-attr]
        return refusal or "250 OK"


def new_certificate(folder: Path) -> ssl.SSLContext:
    """A server's side of TLS, with a certificate for 127.0.0.1 that nobody vouches for."""
    key, certificate = folder / "key.pem", folder / "certificate.pem"
    wanted = ["-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"]
    command = [need("openssl", "openssl"), "req", *wanted, "-keyout", str(key), "-out", str(certificate)]
    subprocess.run(command, check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    return context


@contextmanager
def post_office(**options: object) -> Iterator[PostOffice]:
    """Runs until the end of the block. `options`: those of aiosmtpd's server (TLS, accounts)."""
    office = PostOffice(free_port())
    controller = Controller(office, hostname="127.0.0.1", port=office.port, **options)  # type: ignore[arg-type]
    controller.start()
    try:
        yield office
    finally:
        controller.stop()
