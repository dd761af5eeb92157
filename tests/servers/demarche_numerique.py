"""A server that answers as the GraphQL API v2 of Démarche numérique does, for the files it is given.

Questions are validated and executed by graphql-core on a part of the public schema, written here by hand: a wrong name of field, type or
argument is refused as the platform refuses it. So are a wrong token, a file of a procedure that the token does not open, and too many calls.
"""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import Any

from graphql import FieldNode, GraphQLError, GraphQLResolveInfo, build_schema, graphql_sync, parse, visit
from graphql.language import Visitor

TOKEN = "jeton-d-essai"
EXPIRED_TOKEN = "jeton-expire"

SCHEMA = """
scalar ISO8601Date
scalar ISO8601DateTime

enum DossierState { accepte en_construction en_instruction refuse sans_suite }
enum ConnectionUsager { deleted france_connect password }
enum CorrectionReason { incomplete incorrect outdated }

type Query {
  demarche(number: Int!): Demarche!
  dossier(number: Int!): Dossier!
}

type Demarche {
  number: Int!
  dossiers(
    after: String, before: String, first: Int, last: Int,
    createdSince: ISO8601DateTime, updatedSince: ISO8601DateTime, state: DossierState, archived: Boolean
  ): DossierConnection!
}

type DemarcheDescriptor { number: Int! }

type DossierConnection { nodes: [Dossier] pageInfo: PageInfo! }

type PageInfo { endCursor: String hasNextPage: Boolean! hasPreviousPage: Boolean! startCursor: String }

type Dossier {
  id: ID!
  number: Int!
  state: DossierState!
  demarche: DemarcheDescriptor!
  connectionUsager: ConnectionUsager!
  usager: Profile!
  dateDepot: ISO8601DateTime!
  datePassageEnConstruction: ISO8601DateTime!
  datePassageEnInstruction: ISO8601DateTime
  dateTraitement: ISO8601DateTime
  dateExpiration: ISO8601DateTime
  dateDerniereModification: ISO8601DateTime!
  dateDerniereCorrectionEnAttente: ISO8601DateTime
  datePrevisionnelleDecisionSVASVR: ISO8601Date
  dateAccuseLectureAgreement: ISO8601DateTime
  motivation: String
  messages(id: ID): [Message!]!
}

type Profile { id: ID! email: String! }

type Message { id: ID! body: String! email: String! createdAt: ISO8601DateTime! correction: Correction }

type Correction { reason: CorrectionReason! dateResolution: ISO8601DateTime }
"""


@dataclass(frozen=True)
class Lodged:
    """A file as the platform has it. Moments in ISO 8601; `messages`: (id, body, reason of the correction asked for, when it was settled)."""

    number: int
    procedure: int
    email: str
    state: str
    filed: str
    in_construction: str = ""
    in_instruction: str | None = None
    decided: str | None = None
    correction_since: str | None = None
    messages: tuple[tuple[str, str, str | None, str | None], ...] = ()
    motivation: str | None = None
    expected: str | None = None
    decision_read: str | None = None
    connection: str = "password"

    def fields(self) -> dict[str, Any]:
        """What the resolvers give."""
        return {
            "id": f"Dossier-{self.number}",
            "number": self.number,
            "state": self.state,
            "demarche": {"number": self.procedure},
            "connectionUsager": self.connection,
            "usager": {"id": "Profile", "email": self.email},
            "dateDepot": self.filed,
            "datePassageEnConstruction": self.in_construction or self.filed,
            "datePassageEnInstruction": self.in_instruction,
            "dateTraitement": self.decided,
            "dateDerniereModification": self.decided or self.filed,
            "dateDerniereCorrectionEnAttente": self.correction_since,
            "datePrevisionnelleDecisionSVASVR": self.expected,
            "dateAccuseLectureAgreement": self.decision_read,
            "motivation": self.motivation,
            "messages": self._messages,
        }

    def _messages(self, _info: GraphQLResolveInfo, id: str | None = None) -> list[dict[str, Any]]:
        return [
            {
                "id": key,
                "body": body,
                "email": "agent@exemple.fr",
                "createdAt": self.filed,
                "correction": {"reason": reason, "dateResolution": settled} if reason else None,
            }
            for key, body, reason, settled in self.messages
            if id in (None, key)
        ]


@dataclass
class Trouble:
    """What every call meets from now on: an HTTP answer, or bytes that come one by one, `silent` being a server that takes the call only."""

    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    silent: bool = False
    drip: bool = False


@dataclass
class Platform:
    """A running server. `asked`: names of the fields of each question, in the order of the calls."""

    url: str
    dossiers: dict[int, Lodged] = field(default_factory=dict)
    opened: frozenset[int] = frozenset({12345, 67890})
    trouble: Trouble | None = None
    asked: list[set[str]] = field(default_factory=list)
    ended: Event = field(default_factory=Event)

    def put(self, *files: Lodged) -> None:
        for each in files:
            self.dossiers[each.number] = each

    def answer(self, authorization: str, question: dict[str, Any]) -> tuple[int, Any]:
        """Status and JSON of the answer."""
        if authorization == f"Bearer {EXPIRED_TOKEN}":
            return 401, _failed("Token expired", "unauthorized")
        if authorization != f"Bearer {TOKEN}":
            return 403, _failed("Without a token, only public queries are allowed", "forbidden")
        self.asked.append(_fields(question["query"]))
        root = {"dossier": self._dossier, "demarche": self._procedure}
        result = graphql_sync(_SCHEMA, question["query"], root, variable_values=question.get("variables"))
        return 200, result.formatted

    def _dossier(self, _info: GraphQLResolveInfo, number: int) -> dict[str, Any]:
        if number not in self.dossiers:
            raise GraphQLError("Dossier not found", extensions={"code": "not_found"})
        found = self.dossiers[number]
        self._authorize(found.procedure, "Dossier")
        return found.fields()

    def _procedure(self, _info: GraphQLResolveInfo, number: int) -> dict[str, Any]:
        self._authorize(number, "Demarche")
        return {"number": number, "dossiers": lambda _info, **wanted: self._page(number, **wanted)}

    def _authorize(self, procedure: int, kind: str) -> None:
        if procedure not in self.opened:
            raise GraphQLError(f"An object of type {kind} was hidden due to permissions", extensions={"code": "unauthorized"})

    def _page(self, procedure: int, last: int, updatedSince: str, state: str, before: str | None = None) -> dict[str, Any]:
        """Files in the order of their last change, the page ending at the cursor `before`."""
        files = [each for each in self.dossiers.values() if each.procedure == procedure and each.state == state]
        files = sorted(
            (each for each in files if (each.decided or each.filed) >= updatedSince), key=lambda each: each.decided or each.filed
        )
        end = int(before) if before else len(files)
        start = max(0, end - min(last, 100))
        info = {"startCursor": str(start), "endCursor": str(end), "hasPreviousPage": start > 0, "hasNextPage": before is not None}
        return {"nodes": [each.fields() for each in files[start:end]], "pageInfo": info}


@contextmanager
def demarche_numerique() -> Iterator[Platform]:
    """Runs until the end of the block."""
    server = _Server(("127.0.0.1", 0), _Handler)
    server.platform = Platform(f"http://127.0.0.1:{server.server_port}/api/v2/graphql")
    thread = Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield server.platform
    finally:
        server.platform.ended.set()
        server.shutdown()
        server.server_close()
        thread.join()


def decided(procedure: int, first_number: int, days: list[int], on: date, state: str = "accepte") -> list[Lodged]:
    """Files decided one a second on a day, each filed so many days before."""
    start = datetime(on.year, on.month, on.day, 8, tzinfo=UTC)
    return [
        Lodged(
            first_number + n,
            procedure,
            "usager@exemple.fr",
            state,
            f"{(start - timedelta(days=each)).isoformat()}",
            decided=f"{(start + timedelta(seconds=n)).isoformat()}",
        )
        for n, each in enumerate(days)
    ]


_SCHEMA = build_schema(SCHEMA)


class _Server(ThreadingHTTPServer):
    platform: Platform


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        assert isinstance(self.server, _Server)
        platform = self.server.platform
        question = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        trouble = platform.trouble
        if trouble is None:
            status, answer = platform.answer(self.headers.get("Authorization", ""), question)
            return self._say(status, {"Content-Type": "application/json"}, json.dumps(answer).encode())
        if trouble.silent:
            platform.ended.wait(30)
            self.close_connection = True
            return None
        return self._say(trouble.status, trouble.headers, trouble.body, trouble.drip)

    def _say(self, status: int, headers: Mapping[str, str], body: bytes, drip: bool = False) -> None:
        assert isinstance(self.server, _Server)
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        try:
            self.end_headers()
            for piece in [bytes([byte]) for byte in body] if drip else [body]:
                self.wfile.write(piece)
                if drip and self.server.platform.ended.wait(0.05):
                    return
        except OSError:
            self.close_connection = True  # the client has had enough

    def log_message(self, *_: object) -> None:
        pass


class _Names(Visitor):
    def __init__(self) -> None:
        super().__init__()
        self.found: set[str] = set()

    def enter_field(self, node: FieldNode, *_: object) -> None:
        self.found.add(node.name.value)


def _fields(question: str) -> set[str]:
    names = _Names()
    visit(parse(question), names)
    return names.found


def _failed(message: str, code: str) -> dict[str, Any]:
    return {"errors": [{"message": message, "extensions": {"code": code}}], "data": None}
