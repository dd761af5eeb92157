"""An address for answers that tells what they answer: avis+AV-2026-000123-k3jq…@region.fr, sealed so that nobody makes one up. Pure."""

import base64
import hashlib
import hmac
import re
from dataclasses import dataclass

_SEALED = re.compile(r"\+([A-Za-z]{2}-\d{4}-\d{1,12})-([A-Za-z2-7]{16})@", re.ASCII)


@dataclass(frozen=True)
class AnswerAddress:
    """Makes and reads the addresses under `mailbox` ("avis@region.fr"). `sealed`: False where the server knows no "+" in addresses."""

    mailbox: str
    secret: str
    sealed: bool = True

    def of(self, reference: str) -> str:
        """Where answers about this reference go."""
        user, at, domain = self.mailbox.rpartition("@")
        return f"{user}+{reference}-{self._seal(reference)}{at}{domain}" if self.sealed and at else self.mailbox

    def read(self, address: str) -> str | None:
        """The reference in an address that we sealed; None for any other. Case does not count: mail programs change it."""
        found = _SEALED.search(address)
        if found is None:
            return None
        reference, seal = found[1].upper(), found[2].lower()
        return reference if hmac.compare_digest(seal, self._seal(reference)) else None

    def is_ours(self, address: str) -> bool:
        """Whether a mail to this address comes to the mailbox."""
        user, _, domain = self.mailbox.casefold().rpartition("@")
        there, _, where = address.strip().casefold().rpartition("@")
        return bool(user) and (there.partition("+")[0], where) == (user, domain)

    def _seal(self, reference: str) -> str:
        """80 bits of a keyed hash, in letters that survive a change of case."""
        digest = hmac.new(self.secret.encode(), f"answer|{reference.upper()}".encode(), hashlib.sha256).digest()
        return base64.b32encode(digest[:10]).decode().lower()
