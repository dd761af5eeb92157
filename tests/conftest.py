"""Servers shared by the tests that need them."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.servers.dovecot import MailServer, dovecot
from tests.servers.postgres import postgres


@pytest.fixture(scope="session")
def postgres_address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A PostgreSQL server for the session."""
    with postgres(tmp_path_factory.mktemp("postgres")) as address:
        yield address


@pytest.fixture
def mail_server(tmp_path: Path) -> Iterator[MailServer]:
    """A Dovecot of the test's own."""
    folder = tmp_path / "dovecot"
    folder.mkdir()
    with dovecot(folder) as server:
        yield server
