"""What is told of the server that sends: its certificate, its password, its encryption."""

from pathlib import Path

import pytest
from aiosmtpd.smtp import AuthResult

from outbox.errors import ServerAway
from outbox.smtp import Post
from tests.servers.process import free_port
from tests.servers.smtp import new_certificate, post_office


@pytest.mark.parametrize("scheme", ["smtps", "smtp+tls"])
def test_a_certificate_that_nobody_vouches_for_is_refused(tmp_path: Path, scheme: str) -> None:
    context = new_certificate(tmp_path)
    options = {"ssl_context": context} if scheme == "smtps" else {"tls_context": context}
    with post_office(**options) as office, pytest.raises(ServerAway, match="certificat"), Post(f"{scheme}://127.0.0.1:{office.port}", 5):
        pytest.fail("connecté")


def test_encryption_that_is_asked_for_and_not_offered_is_no_reason_to_go_without() -> None:
    with post_office() as office, pytest.raises(ServerAway, match="chiffrement"), Post(f"smtp+tls://127.0.0.1:{office.port}", 5):
        pytest.fail("connecté")


def test_a_wrong_password_is_told_as_such() -> None:
    def judge(_server: object, _session: object, _envelope: object, _mechanism: str, data: object) -> AuthResult:
        return AuthResult(success=getattr(data, "password", b"") == b"juste", handled=False)

    with post_office(authenticator=judge, auth_require_tls=False) as office:
        with Post(f"smtp://essai:juste@127.0.0.1:{office.port}", 5) as line:
            line.hand_over("a@b.fr", "c@d.fr", b"Subject: x\r\n\r\ntexte\r\n", from_a_machine=False)
        assert len(office.taken) == 1
        with pytest.raises(ServerAway, match="mot de passe"), Post(f"smtp://essai:faux@127.0.0.1:{office.port}", 5):
            pytest.fail("connecté")


def test_nobody_there_and_no_server_set_are_told_as_such() -> None:
    for url in (f"smtp://127.0.0.1:{free_port()}", ""):
        with pytest.raises(ServerAway, match="joignable"), Post(url, 2):
            pytest.fail("connecté")
