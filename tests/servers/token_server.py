"""An OAuth 2 server of the tests' own: gives tokens (RFC 6749) and says to the mail server which are good (RFC 7662)."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs

CLIENT, SECRET = "ecoute", "secret de l'application"


@dataclass
class TokenServer:
    """`asked`: the forms received. `status`: what it answers to who asks for a token. `lives`: seconds of a token."""

    port: int
    user: str
    asked: list[dict[str, str]] = field(default_factory=list)
    good: set[str] = field(default_factory=set)
    status: int = 200
    lives: float = 3600

    @property
    def url(self) -> str:
        """For ECOUTE_IMAP_OAUTH_TOKEN_URL."""
        return f"http://127.0.0.1:{self.port}/token"

    @property
    def dovecot(self) -> str:
        """Settings of Dovecot's own OAuth 2 client."""
        return f"introspection_url = http://127.0.0.1:{self.port}/introspect\nintrospection_mode = post\nusername_attribute = username\nactive_attribute = active\nactive_value = true\n"

    def give(self, form: dict[str, str]) -> tuple[int, dict[str, Any]]:
        """The answer to who asks for a token."""
        self.asked.append(form)
        if self.status != 200:
            return self.status, {"error": "temporarily_unavailable", "error_description": "essai"}
        known = form.get("client_id") == CLIENT and (form.get("client_secret") == SECRET or "refresh_token" in form)
        if not known:
            return 401, {"error": "invalid_client", "error_description": f"inconnu : {form}"}
        token = f"jeton-{len(self.asked)}"
        self.good.add(token)
        renewed = {"refresh_token": f"suite-{len(self.asked)}"} if "refresh_token" in form else {}
        return 200, {"access_token": token, "token_type": "Bearer", "expires_in": self.lives, **renewed}

    def look(self, form: dict[str, str]) -> tuple[int, dict[str, Any]]:
        """What the mail server is told of a token."""
        if form.get("token") in self.good:
            return 200, {"active": True, "username": self.user}
        return 200, {"active": False}


@contextmanager
def token_server(user: str) -> Iterator[TokenServer]:
    """Its tokens open the mailbox of `user`."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            raw = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
            form = {name: values[0] for name, values in parse_qs(raw).items()}
            status, told = (found.look if self.path.startswith("/introspect") else found.give)(form)
            body = json.dumps(told).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    found = TokenServer(server.server_port, user)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield found
    server.shutdown()
    server.server_close()
