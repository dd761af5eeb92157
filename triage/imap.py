"""A folder of an IMAP server. What the server says wrong comes as MailboxLost, MailboxRefused or MailGone."""

import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Self
from urllib.parse import SplitResult, unquote, urlsplit

from imapclient import IMAPClient, SocketTimeout
from imapclient.exceptions import IMAPClientAbortError, IMAPClientError

from triage.errors import MailboxLost, MailboxRefused, MailGone

CONNECT_SECONDS = 15
ANSWER_SECONDS = 60
POLL_SECONDS = 30
IDLE_SECONDS = 25 * 60
"""Servers hang up on those who are silent for 30 minutes (RFC 2177)."""

_LOCAL = {"localhost", "127.0.0.1", "::1"}


class Mailbox:
    """Opened by `with`. `url`: imaps://user:password@host:port/FOLDER, user, password and folder percent-encoded."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("imap", "imaps") or not parts.hostname:
            raise ValueError("l'adresse de la boîte doit être de la forme imaps://utilisateur:motdepasse@hote:port/INBOX")
        self._parts = parts
        self.folder = unquote(parts.path.strip("/")) or "INBOX"
        self.name = f"{unquote(parts.username or '')}@{parts.hostname}"
        self.uidvalidity = 0
        self._prefix, self._delimiter = "", "/"
        self._client: Any = None

    def __enter__(self) -> Self:
        with _told():
            self._client = _connect(self._parts)
        try:
            with _told():
                self._client.login(unquote(self._parts.username or ""), unquote(self._parts.password or ""))
                self.uidvalidity = int(self._client.select_folder(self.folder)[b"UIDVALIDITY"])
                self._prefix, self._delimiter = self._layout()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        try:
            self._client.logout()
        except (IMAPClientError, OSError):
            try:  # the server is gone: only our end is left to close
                self._client.shutdown()
            except OSError:
                return

    def uids(self) -> list[int]:
        """Identifiers of the mails in the folder, oldest first, those marked as deleted left out."""
        with _told():
            self._client.noop()
            return sorted(self._client.search(["UNDELETED"]))

    def fetch(self, uid: int) -> bytes:
        """Bytes of a mail, which stays unread. Raises MailGone."""
        with _told():
            answer = self._client.fetch([uid], ["BODY.PEEK[]"])
        raw = answer.get(uid, {}).get(b"BODY[]")
        if raw is None:
            raise MailGone
        return bytes(raw)

    def move(self, uid: int, folder: str) -> None:
        """Moves a mail to a folder ("Engagements/Delais"), which is made when it does not exist."""
        target = self._prefix + folder.replace("/", self._delimiter)
        with _told():
            if not self._client.folder_exists(target):
                self._client.create_folder(target)
                self._client.subscribe_folder(target)
            if self._client.has_capability("MOVE"):
                self._client.move([uid], target)
            else:
                self._client.copy([uid], target)
                self._client.delete_messages([uid], silent=True)
                self._expunge(uid)

    def wait(self, seconds: float) -> bool:
        """Waits for the folder to change. True when the server says so; False after `seconds`, or sooner when the server cannot tell."""
        with _told():
            if not self._client.has_capability("IDLE"):
                time.sleep(min(seconds, POLL_SECONDS))
                return False
            self._client.idle()
            try:
                return bool(self._client.idle_check(timeout=min(seconds, IDLE_SECONDS)))
            finally:
                self._client.idle_done()

    def _expunge(self, uid: int) -> None:
        """Removes this mail only: what others marked as deleted is theirs."""
        if self._client.has_capability("UIDPLUS"):
            self._client.uid_expunge([uid])
            return
        others = [other for other in self._client.search(["DELETED"]) if other != uid]
        if others:
            self._client.remove_flags(others, [b"\\Deleted"], silent=True)
        self._client.expunge()
        if others:
            self._client.add_flags(others, [b"\\Deleted"], silent=True)

    def _layout(self) -> tuple[str, str]:
        """Where the server puts a person's folders, and the sign between levels."""
        if self._client.has_capability("NAMESPACE"):
            personal = self._client.namespace().personal
            if personal:
                prefix, delimiter = (part.decode() if isinstance(part, bytes) else part for part in personal[0])
                return prefix, delimiter or "/"
        found = self._client.list_folders("", "INBOX")
        return "", (found[0][1] or b"/").decode() if found else "/"


def _connect(parts: SplitResult) -> IMAPClient:
    """Certificates are verified. Without `imaps`, encryption is asked for all the same, but on this machine."""
    secure = parts.scheme == "imaps"
    context = ssl.create_default_context()
    timeout = SocketTimeout(CONNECT_SECONDS, ANSWER_SECONDS)
    client = IMAPClient(parts.hostname, parts.port, use_uid=True, ssl=secure, ssl_context=context if secure else None, timeout=timeout)
    if not secure and parts.hostname not in _LOCAL:
        if not client.has_capability("STARTTLS"):
            client.shutdown()
            raise MailboxRefused("le serveur n'offre pas de chiffrement : le mot de passe ne sera pas envoyé en clair")
        client.starttls(context)
    return client


@contextmanager
def _told() -> Iterator[None]:
    """Errors of the library as ours. Their texts are left out: servers quote addresses and subjects in them."""
    try:
        yield
    except IMAPClientAbortError as error:
        raise MailboxLost(type(error).__name__) from None
    except IMAPClientError as error:
        raise MailboxRefused(type(error).__name__) from None
    except ssl.SSLCertVerificationError as error:
        raise MailboxRefused(f"certificat refusé : {error.verify_message}") from None
    except (OSError, EOFError) as error:
        raise MailboxLost(type(error).__name__) from None
