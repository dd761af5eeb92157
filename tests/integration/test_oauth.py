"""A mailbox without password: a token server of ours, and Dovecot that asks it whether a token is good."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ecoute.settings import Settings
from tests.servers.dovecot import USER, MailServer, dovecot
from tests.servers.process import free_port
from tests.servers.token_server import CLIENT, SECRET, TokenServer, token_server
from triage.errors import MailboxLost, MailboxRefused
from triage.imap import Mailbox
from triage.oauth import Grant, Tokens

START = datetime(2026, 11, 24, 9, tzinfo=UTC)
DOVECOT = """
auth_mechanisms = plain login xoauth2
passdb {{
  driver = oauth2
  mechanisms = xoauth2
  args = {file}
}}
"""


class Clock:
    """A clock that tests move by hand."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def server() -> Iterator[TokenServer]:
    with token_server(USER) as found:
        yield found


@pytest.fixture
def mails(server: TokenServer, tmp_path: Path) -> Iterator[MailServer]:
    file = tmp_path / "oauth2.conf"
    file.write_text(server.dovecot)
    with dovecot(DOVECOT.format(file=file)) as found:
        yield found


def without_password(mails: MailServer) -> str:
    return mails.url().replace(":essai@", "@")


def test_a_mailbox_opens_with_a_token_asked_for_once(server: TokenServer, mails: MailServer) -> None:
    tokens = Tokens(Grant(server.url, CLIENT, SECRET, scope="courriel"), Clock())
    mails.deliver(b"Subject: Avis\r\n\r\nTexte\r\n")
    for _ in range(2):
        with Mailbox(without_password(mails), tokens) as box:
            assert len(box.uids()) == 1
    assert server.asked == [{"grant_type": "client_credentials", "client_id": CLIENT, "client_secret": SECRET, "scope": "courriel"}]


def test_a_token_refused_is_not_shown_again(server: TokenServer, mails: MailServer) -> None:
    tokens = Tokens(Grant(server.url, CLIENT, SECRET), Clock())
    with Mailbox(without_password(mails), tokens):
        server.good.clear()  # withdrawn
    with pytest.raises(MailboxRefused), Mailbox(without_password(mails), tokens):
        pytest.fail("connecté")
    with Mailbox(without_password(mails), tokens):
        assert len(server.asked) == 2


def test_a_token_is_renewed_before_it_ends_with_the_latest_refresh_token(server: TokenServer) -> None:
    clock = Clock()
    tokens = Tokens(Grant(server.url, CLIENT, refresh_token="premier"), clock)
    assert (tokens(), tokens()) == ("jeton-1", "jeton-1")
    clock.now += timedelta(seconds=server.lives) - timedelta(minutes=1)
    assert tokens() == "jeton-2"
    assert [form["refresh_token"] for form in server.asked] == ["premier", "suite-1"]
    assert all(form["grant_type"] == "refresh_token" for form in server.asked)


def test_what_goes_wrong_is_told_without_secrets(server: TokenServer, mails: MailServer) -> None:
    with pytest.raises(MailboxRefused, match="invalid_client") as refused:
        Tokens(Grant(server.url, "inconnu", "tres secret"), Clock())()
    assert "tres secret" not in str(refused.value)
    server.status = 503
    with pytest.raises(MailboxLost, match="503"):
        Tokens(Grant(server.url, CLIENT, SECRET), Clock())()
    with pytest.raises(MailboxLost, match="ne répond pas"):
        Tokens(Grant(f"http://127.0.0.1:{free_port()}/", CLIENT, SECRET), Clock())()
    with pytest.raises(MailboxRefused, match="ECOUTE_IMAP_OAUTH_TOKEN_URL"), Mailbox(without_password(mails)):
        pytest.fail("connecté")
    assert SECRET not in repr(Grant(server.url, CLIENT, SECRET, "suite"))


def test_secrets_travel_encrypted() -> None:
    assert Settings(imap_oauth_token_url="").imap_grant() is None
    assert Settings(imap_oauth_token_url="https://jetons.exemple.fr/", imap_oauth_client_id=CLIENT).imap_grant() is not None
    with pytest.raises(ValueError, match="https"):
        Settings(imap_oauth_token_url="http://jetons.exemple.fr/").imap_grant()
