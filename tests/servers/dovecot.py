"""A Dovecot server of the tests' own (IMAP, LMTP), with a real SMTP server in front that hands mail over to it."""

import os
import pwd
import smtplib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from imapclient import IMAPClient

from tests.servers.process import free_port, listens, need, open_folder, start, stop, wait_until

PASSWORD = "essai"
USER = "avis@region.exemple.fr"

CONFIGURATION = """
protocols = imap lmtp
listen = 127.0.0.1
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/dovecot.log
ssl = no
disable_plaintext_auth = no
first_valid_uid = 1
mail_location = maildir:{folder}/mail/%u
mail_uid = {uid}
mail_gid = {gid}
{accounts}
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={folder}/mail/%u allow_all_users=yes
}}
service imap-login {{
  inet_listener imap {{
    port = {imap}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
service lmtp {{
  inet_listener lmtp {{
    address = 127.0.0.1
    port = {lmtp}
  }}
}}
service anvil {{
  chroot =
}}
service imap-login {{
  chroot =
}}
{more}
"""

BARE = "imap_capability = IMAP4rev1 SASL-IR LITERAL+ ENABLE UTF8=ACCEPT"
"""A server of old: it offers no MOVE, UIDPLUS, IDLE nor NAMESPACE. It says that it knows UTF8=ACCEPT."""
PREFIXED = """
namespace inbox {
  inbox = yes
  separator = ^
  prefix = INBOX^
}
"""
"""A server whose folders stand under INBOX, with a sign of its own between levels."""


@dataclass(frozen=True)
class MailServer:
    """Addresses of a running server; any address is an account of it."""

    imap_port: int
    smtp_port: int
    mails: Path
    control: "_Control"

    def url(self, user: str = USER, folder: str = "INBOX") -> str:
        """For ECOUTE_IMAP_URL."""
        return f"imap://{quote(user, safe='')}:{PASSWORD}@127.0.0.1:{self.imap_port}/{folder}"

    @property
    def smtp_url(self) -> str:
        """For ECOUTE_SMTP_URL."""
        return f"smtp://127.0.0.1:{self.smtp_port}"

    def deliver(self, raw: bytes, to: str = USER) -> None:
        """Sends a mail by SMTP."""
        with smtplib.SMTP("127.0.0.1", self.smtp_port, timeout=10) as server:
            server.sendmail("expediteur@exemple.fr", [to], raw)

    def put(self, raw: bytes, folder: str, user: str = USER) -> None:
        """Puts a mail straight into a folder, as a person does."""
        with self.signed_in(user) as client:
            if not client.folder_exists(folder):
                client.create_folder(folder)
            client.append(folder, raw)

    def signed_in(self, user: str = USER) -> IMAPClient:
        """A client of a person's own, to be closed by `with`."""
        client = IMAPClient("127.0.0.1", self.imap_port, ssl=False)
        client.login(user, PASSWORD)
        return client

    def renumber(self, user: str = USER) -> None:
        """INBOX gets another UIDVALIDITY, as after a restoration."""
        with self.signed_in(user) as client:
            before = client.select_folder("INBOX")[b"UIDVALIDITY"]
        for path in (self.mails / user).glob("dovecot*"):
            if path.name.startswith(("dovecot-uidlist", "dovecot.index", "dovecot.list")):
                path.unlink()
        with self.signed_in(user) as client:
            assert client.select_folder("INBOX")[b"UIDVALIDITY"] != before

    def restart(self) -> None:
        """Every link is cut."""
        self.control.stop()
        self.control.start()

    def folders(self, user: str = USER) -> dict[str, list[bytes]]:
        """Every folder's mails, as they are on the server."""
        with self.signed_in(user) as client:
            found = {}
            for flags, _, name in client.list_folders():
                if b"\\Noselect" in flags:
                    continue
                client.select_folder(name, readonly=True)
                found[str(name)] = [each[b"BODY[]"] for each in client.fetch(client.search(), ["BODY.PEEK[]"]).values()]
            return found


class _ToLmtp:
    """Hands each mail over to Dovecot before saying that it is taken."""

    def __init__(self, port: int) -> None:
        self._port = port

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:
        assert isinstance(envelope.content, bytes)
        with smtplib.LMTP("127.0.0.1", self._port) as lmtp:
            lmtp.sendmail(envelope.mail_from or "", envelope.rcpt_tos, envelope.content)
        return "250 OK"


class _Control:
    """Starts and ends the server, on the same ports and mails."""

    def __init__(self, command: list[str], log: Path, ports: tuple[int, int]) -> None:
        self._command, self._log, self._ports = command, log, ports
        self.start()

    def start(self) -> None:
        self._process = start(self._command, self._log)
        wait_until(lambda: all(map(listens, self._ports)), 40, "Dovecot répond")

    def stop(self) -> None:
        stop(self._process)
        wait_until(lambda: not any(map(listens, self._ports)), 20, "Dovecot est arrêté")


@contextmanager
def dovecot(more: str = "") -> Iterator[MailServer]:
    """Runs as root or not; accounts and folders are made as they are needed. `more`: lines of configuration."""
    with open_folder() as folder, _running(folder, more) as server:
        yield server


@contextmanager
def _running(folder: Path, more: str) -> Iterator[MailServer]:
    program = need("dovecot", "dovecot-imapd dovecot-lmtpd", "usr/sbin/dovecot")
    root = os.geteuid() == 0
    account = pwd.getpwnam("nobody") if root else pwd.getpwuid(os.geteuid())
    imap, lmtp = free_port(), free_port()
    (folder / "mail").mkdir()
    if root:
        os.chown(folder / "mail", account.pw_uid, account.pw_gid)
    accounts = "" if root else f"default_internal_user = {account.pw_name}\ndefault_login_user = {account.pw_name}"
    values = {"uid": account.pw_uid, "gid": account.pw_gid, "imap": imap, "lmtp": lmtp, "accounts": accounts, "password": PASSWORD}
    configuration = folder / "dovecot.conf"
    configuration.write_text(CONFIGURATION.format(folder=folder, more=more, **values))
    control = _Control([program, "-F", "-c", str(configuration)], folder / "start.log", (imap, lmtp))
    smtp = Controller(_ToLmtp(lmtp), hostname="127.0.0.1", port=free_port())
    try:
        smtp.start()
        yield MailServer(imap, smtp.port, folder / "mail", control)
        smtp.stop()
    finally:
        control.stop()
