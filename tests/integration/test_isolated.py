"""Mails are read in a process of their own: one that is made to harm harms only itself."""

from collections.abc import Iterator

import pytest

from triage.errors import UnreadableMail
from triage.isolated import IsolatedParser
from triage.parse import parse

GOOD = b"From: J <j@exemple.fr>\nSubject: Merci\n\nAccueil parfait."
SLOW = b"MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n" + b"".join(
    b"--b\nContent-Type: text/plain" + b";(a)" * 2000 + b"\n\nx\n" for _ in range(60)
)


@pytest.fixture
def reader() -> Iterator[IsolatedParser]:
    reader = IsolatedParser(seconds=3)
    yield reader
    reader.close()


def test_a_mail_is_read_as_without_isolation(reader: IsolatedParser) -> None:
    assert reader(GOOD) == parse(GOOD)
    assert reader(GOOD) == parse(GOOD)


def test_a_mail_that_takes_too_long_is_refused_and_the_next_one_is_read(reader: IsolatedParser) -> None:
    reader(GOOD)
    with pytest.raises(UnreadableMail, match="TooSlow"):
        reader(SLOW)
    assert reader(GOOD) == parse(GOOD)


def test_a_mail_that_asks_for_too_much_memory_is_refused() -> None:
    reader = IsolatedParser(seconds=30, memory=600 * 1024**2)
    try:
        reader(GOOD)
        with pytest.raises(UnreadableMail):
            reader(b"Subject: gros\n\n" + b"a" * 400 * 1024**2)
        assert reader(GOOD) == parse(GOOD)
    finally:
        reader.close()
