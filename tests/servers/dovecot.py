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
"""


@dataclass(frozen=True)
class MailServer:
    """Addresses of a running server; any address is an account of it."""

    imap_port: int
    smtp_port: int

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

    def folders(self, user: str = USER) -> dict[str, list[bytes]]:
        """Every folder's mails, as they are on the server."""
        with IMAPClient("127.0.0.1", self.imap_port, ssl=False) as client:
            client.login(user, PASSWORD)
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


@contextmanager
def dovecot() -> Iterator[MailServer]:
    """Runs as root or not; accounts and folders are made as they are needed."""
    with open_folder() as folder, _running(folder) as server:
        yield server


@contextmanager
def _running(folder: Path) -> Iterator[MailServer]:
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
    configuration.write_text(CONFIGURATION.format(folder=folder, **values))
    server = start([program, "-F", "-c", str(configuration)], folder / "start.log")
    smtp = Controller(_ToLmtp(lmtp), hostname="127.0.0.1", port=free_port())
    try:
        wait_until(lambda: listens(imap) and listens(lmtp), 20, "Dovecot répond")
        smtp.start()
        yield MailServer(imap, smtp.port)
        smtp.stop()
    finally:
        stop(server)
