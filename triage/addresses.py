"""Reads where mails are to be taken: mailboxes and their folders. Pure."""

from dataclasses import dataclass, field
from urllib.parse import SplitResult, unquote, urlsplit

SHAPE = "imaps://utilisateur:motdepasse@hote:port/INBOX"


@dataclass(frozen=True)
class Address:
    """A folder of a mailbox. `password`: None when the account signs in by OAuth 2; `port`: None for the usual one."""

    host: str
    user: str
    password: str | None = field(repr=False)
    folder: str = "INBOX"
    secure: bool = True
    port: int | None = None

    @property
    def name(self) -> str:
        """Tells mailboxes apart in the ledger."""
        return f"{self.user}@{self.host}"

    @property
    def label(self) -> str:
        """For logs, which name no account."""
        return f"{self.host}/{self.folder}"


def read_addresses(setting: str) -> list[Address]:
    """The folders to watch, in order. `setting`: URLs separated by spaces, each with its folders separated by commas, every part percent-encoded.

    Raises ValueError, in words that never hold a password.
    """
    found = [address for rank, url in enumerate(setting.split(), 1) for address in _folders(rank, url)]
    places = [(address.name, address.port, address.folder) for address in found]
    for place in places:
        if places.count(place) > 1:
            raise ValueError(f"ECOUTE_IMAP_URL : le dossier {place[2]} de {place[0]} est donné deux fois ; ôtez l'un des deux")
    return found


def _folders(rank: int, url: str) -> list[Address]:
    parts, port = _split(rank, url)
    if parts.scheme not in ("imap", "imaps") or not parts.hostname:
        raise _wrong(rank)
    password = unquote(parts.password) if parts.password else None
    folders = [unquote(name.strip("/")) for name in parts.path.strip("/").split(",") if name.strip("/")] or ["INBOX"]
    return [
        Address(parts.hostname, unquote(parts.username or ""), password, _inbox(folder), parts.scheme == "imaps", port)
        for folder in folders
    ]


def _split(rank: int, url: str) -> tuple[SplitResult, int | None]:
    try:
        parts = urlsplit(url)
        return parts, parts.port
    except ValueError:  # its text may hold a piece of the password
        raise _wrong(rank) from None


def _wrong(rank: int) -> ValueError:
    return ValueError(
        f"ECOUTE_IMAP_URL : l'adresse n°\u00a0{rank} doit être de la forme {SHAPE}, chaque partie encodée (« / » s'écrit %2F)"
    )


def _inbox(folder: str) -> str:
    return "INBOX" if folder.upper() == "INBOX" else folder
