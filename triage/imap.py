"""A folder of an IMAP server. What the server says wrong comes as MailboxLost, MailboxRefused or MailGone."""

import hashlib
import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Protocol, Self

from imapclient import IMAPClient, SocketTimeout
from imapclient.exceptions import IMAPClientAbortError, IMAPClientError

from triage.addresses import Address, read_addresses
from triage.errors import MailboxLost, MailboxRefused, MailGone

TIMEOUT = SocketTimeout(connect=15, read=60)
"""Seconds."""
POLL_SECONDS = 30
IDLE_SECONDS = 25 * 60
"""Servers hang up on those who are silent for 30 minutes (RFC 2177)."""
PART = 1024 * 1024
"""Bytes of a mail asked for at once, so that a big one does not fill the memory."""

_LOCAL = {"localhost", "127.0.0.1", "::1"}


class AccessTokens(Protocol):
    """Gives OAuth 2 tokens."""

    def __call__(self) -> str: ...
    def forget(self) -> None: ...


class Mailbox:
    """Opened by `with`. `tokens`: for an address without password. Folders are named as the routing table does ("Engagements/Delais"),
    whatever sign the server puts between levels and wherever it keeps a person's folders.

    Names travel in modified UTF-7: UTF8=ACCEPT, which a server may offer, changes nothing until it is asked for (RFC 6855), and it never is.
    """

    def __init__(self, address: Address | str, tokens: AccessTokens | None = None, timeout: SocketTimeout = TIMEOUT) -> None:
        self._address = address if isinstance(address, Address) else read_addresses(address)[0]
        self._tokens, self._timeout = tokens, timeout
        self.name, self.folder = self._address.name, self._address.folder
        self.uidvalidity = 0
        self._prefix, self._delimiter = "", "/"
        self._selected = ""
        self._client: Any = None

    def __enter__(self) -> Self:
        with _told():
            self._client = _connect(self._address, self._timeout)
        try:
            self._sign_in()
            with _told():
                self._prefix, self._delimiter = self._layout()
                self.folder = self._ours(self._address.folder)
                self.uidvalidity = self._select(self.folder)
        except BaseException as error:
            self.__exit__(type(error))
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None = None, *_: object) -> None:
        try:
            if kind is not None and issubclass(kind, MailboxLost):
                self._client.shutdown()  # a server that answers no more would not answer a farewell either
            else:
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

    def parts(self, uid: int) -> Iterator[bytes]:
        """Bytes of a mail, piece by piece. It stays unread. Raises MailGone."""
        offset, size = 0, 0
        while True:
            with _told():
                answer = self._client.fetch([uid], [f"BODY.PEEK[]<{offset}.{PART}>", *([] if offset else ["RFC822.SIZE"])]).get(uid, {})
            part = next((value for name, value in answer.items() if name.startswith(b"BODY[]")), None)
            if part is None:
                raise MailGone
            size = size or int(answer.get(b"RFC822.SIZE", 0))
            offset += len(part)
            yield bytes(part)
            # Neither a size nor a short piece alone is trusted: servers are wrong on one or the other.
            if not part or (len(part) < PART and offset >= size):
                return

    def move(self, uid: int, folder: str, again: bool = False) -> None:
        """Moves a mail to a folder, which is made when it does not exist. `again`: an earlier try may have been cut in the middle."""
        with _told():
            self._make(folder)
            if self._client.has_capability("MOVE"):
                self._client.move([uid], self._theirs(folder))
                return
        if not (again and self._copied(uid, folder)):
            with _told():
                self._client.copy([uid], self._theirs(folder))
        with _told():
            self._client.delete_messages([uid], silent=True)
            self._expunge(uid)

    def move_known(self, source: str, sha256: str, size: int, folder: str, again: bool = False) -> bool:
        """As `move`, for the mail with these bytes (`size` of them) in another folder. False when it is not there."""
        with self._within(source) as there:
            uid = self._find(sha256, size) if there else None
            if uid is None:
                return False
            self.move(uid, folder, again)
            return True

    def contents(self, folder: str) -> Iterator[tuple[int, str]]:
        """Identifier and SHA-256 of each mail of any folder; nothing when there is no such folder. Other calls wait for its end."""
        with self._within(folder) as there:
            for uid in self.uids() if there else []:
                try:
                    yield uid, self._digest(uid)
                except MailGone:
                    continue

    def folders(self) -> list[str]:
        """Every folder that holds mails."""
        with _told():
            return [
                self._ours(name) for flags, _, name in self._client.list_folders() if not {b"\\Noselect", b"\\NonExistent"} & set(flags)
            ]

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

    def _sign_in(self) -> None:
        address = self._address
        if address.password is not None:
            with _told():
                self._client.login(address.user, address.password)
            return
        if self._tokens is None:
            raise MailboxRefused("ni mot de passe dans l'adresse, ni serveur de jetons dans les réglages (ECOUTE_IMAP_OAUTH_TOKEN_URL)")
        token = self._tokens()
        try:
            with _told():
                self._client.oauth2_login(address.user, token)
        except MailboxRefused:
            self._tokens.forget()
            raise

    def _select(self, folder: str) -> int:
        """Gives UIDVALIDITY."""
        told = self._client.select_folder(self._theirs(folder)).get(b"UIDVALIDITY")
        self._selected = folder
        if told is None:
            raise MailboxRefused("ce serveur n'identifie pas les messages durablement (UIDVALIDITY)")
        return int(told)

    @contextmanager
    def _within(self, folder: str) -> Iterator[bool]:
        """Selects another folder for a while. Gives whether it exists."""
        before = self._selected
        with _told():
            there = folder == "INBOX" or bool(self._client.folder_exists(self._theirs(folder)))
            if there:
                self._select(folder)
        lost = not there
        try:
            yield there
        except MailboxLost:
            lost = True
            raise
        finally:
            if not lost:
                with _told():
                    if self._select(before) != self.uidvalidity and before == self.folder:
                        raise MailboxLost("UIDVALIDITY")

    def _find(self, sha256: str, size: int) -> int | None:
        """In the folder selected."""
        with _told():
            alike = self._client.search(["UNDELETED", "LARGER", max(size - 1, 0), "SMALLER", size + 1])
        return next((uid for uid in alike if self._digest(uid) == sha256), None)

    def _digest(self, uid: int) -> str:
        found = hashlib.sha256()
        for part in self.parts(uid):
            found.update(part)
        return found.hexdigest()

    def _copied(self, uid: int, folder: str) -> bool:
        """Whether the copy was made before the link broke."""
        found, size = hashlib.sha256(), 0
        for part in self.parts(uid):
            found.update(part)
            size += len(part)
        with self._within(folder) as there:
            return there and self._find(found.hexdigest(), size) is not None

    def _make(self, folder: str) -> None:
        target = self._theirs(folder)
        if not self._client.folder_exists(target):
            self._client.create_folder(target)
            self._client.subscribe_folder(target)

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

    def _theirs(self, folder: str) -> str:
        """A folder as the server names it. The sign between levels cannot stand within a level."""
        if folder == "INBOX":
            return folder
        levels = folder.split("/")
        return self._prefix + self._delimiter.join(
            level if self._delimiter == "/" else level.replace(self._delimiter, "_") for level in levels
        )

    def _ours(self, name: str) -> str:
        return "INBOX" if name.upper() == "INBOX" else name.removeprefix(self._prefix).replace(self._delimiter, "/")


def _connect(address: Address, timeout: SocketTimeout) -> IMAPClient:
    """Certificates are verified. Without `imaps`, encryption is asked for all the same, but on this machine."""
    context = ssl.create_default_context()
    client = IMAPClient(
        address.host, address.port, use_uid=True, ssl=address.secure, ssl_context=context if address.secure else None, timeout=timeout
    )
    if not address.secure and address.host not in _LOCAL:
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
    except (MailboxLost, MailboxRefused):
        raise
    except (OSError, EOFError) as error:
        raise MailboxLost(type(error).__name__) from None
