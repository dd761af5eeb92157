"""Servers shared by the tests that need them."""

from collections.abc import Iterator

import pytest

from tests.servers.dovecot import MailServer, dovecot
from tests.servers.postgres import postgres


@pytest.fixture(scope="session")
def postgres_address() -> Iterator[str]:
    """A PostgreSQL server for the session."""
    with postgres() as address:
        yield address


@pytest.fixture
def mail_server() -> Iterator[MailServer]:
    """A Dovecot of the test's own."""
    with dovecot() as server:
        yield server
