"""An OpenID Connect provider on this machine. As ProConnect does, it may sign what it says of a person."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Thread

import flask
import httpx
import oidc_provider_mock
from joserfc import jwt
from joserfc.jwk import RSAKey
from werkzeug.serving import make_server


@dataclass
class IdentityServer:
    """A provider that lets in whoever it is told to. `signer`: the key by which it signs user claims; None: plain JSON; "own": its own key."""

    url: str
    signer: RSAKey | str | None = None

    def put(self, subject: str, **claims: object) -> None:
        """Somebody whom the provider knows, with what it says of them."""
        httpx.put(f"{self.url}/users/{subject}", json=claims).raise_for_status()

    def sign_in(self, address: str, subject: str) -> str:
        """The person proves who they are at the provider; gives the address that leads back."""
        answer = httpx.post(address, data={"sub": subject})
        assert answer.status_code == 302, answer.text
        return answer.headers["location"]


@contextmanager
def identity_server() -> Iterator[IdentityServer]:
    """Starts a provider that asks for a nonce."""
    app = oidc_provider_mock.app(require_nonce=True)
    listening = make_server("localhost", 0, app, threaded=True)
    running = IdentityServer(f"http://localhost:{listening.server_port}")

    @app.after_request
    def sign(response: flask.Response) -> flask.Response:
        if flask.request.path == "/userinfo" and running.signer and response.status_code == 200:
            key = flask.g.oidc_provider_mock_storage.jwk if running.signer == "own" else running.signer
            claims = dict(response.json) | {"iss": running.url}  # type: ignore[arg-type]
            response.set_data(jwt.encode({"alg": "RS256", "kid": key.kid}, claims, key))
            response.content_type = "application/jwt"
        return response

    thread = Thread(target=listening.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield running
    finally:
        listening.shutdown()
        thread.join()
        listening.server_close()
