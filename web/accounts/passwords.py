"""Passwords, kept as Argon2id hashes."""

from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

_hasher = PasswordHasher()


def hash_password(password: str) -> str:
    """The hash to keep."""
    return _hasher.hash(password)


def right_password(password: str, kept: str | None) -> bool:
    """Whether the password is the one kept. With nothing kept it takes as long, so that time does not tell which logins exist."""
    try:
        return _hasher.verify(kept or _decoy(), password) and bool(kept)
    except (VerificationError, InvalidHashError):
        return False


@cache
def _decoy() -> str:
    return hash_password("personne n'a ce mot de passe")
