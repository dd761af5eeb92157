"""The status of a file kept by Démarche numérique, over real HTTP: the proof of identity stays blind, whatever becomes of the platform."""

import json
import logging
import smtplib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy.orm import Session, sessionmaker

from aids.catalogue import Catalogue
from answers.book import AnswerBook
from bot.actions.file_status import OVER, RETRIES_AFTER_SECONDS, SUBJECT, answer_code, answer_status
from bot.actions.services import AFTER_SECONDS, Services
from bot.actions.turn import Entity, Reply, Turn
from dossiers import store
from dossiers.demarche_numerique import DemarcheNumerique, Patience
from dossiers.demarche_numerique_query import Followed
from dossiers.identity import CODE_LIFE, MAX_TRIES, Challenge, find_code, hash_code
from dossiers.model import Dossier, State
from dossiers.own_table import OwnTable
from dossiers.provider import ByNumber
from outbox.smtp import send_mail
from store.base import Base
from store.engine import open_engine, session_factory
from tests.servers.demarche_numerique import TOKEN, Lodged, Platform, Trouble, decided, demarche_numerique
from tests.servers.smtp import post_office

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
NUMBER = "21983456"
OWNER = "usager@exemple.fr"
FILE = Lodged(int(NUMBER), 12345, OWNER, "en_instruction", "2026-09-01T10:00:00+02:00", in_instruction="2026-10-01T08:00:00+02:00")
ASKED = Lodged(
    int(NUMBER),
    12345,
    OWNER,
    "en_construction",
    "2026-09-01T10:00:00+02:00",
    correction_since="2026-11-03T10:00:00+01:00",
    messages=(("M1", "Merci de joindre un RIB.", "incomplete", None),),
)
DOWN = [
    Trouble(500),
    Trouble(429, {"Retry-After": "120"}),
    Trouble(403),
    Trouble(200, body=b"<html>maintenance</html>"),
    Trouble(silent=True),
]


@dataclass
class Setting:
    """A conversation and what surrounds it: the clock, the mails sent, the work left for after the answer."""

    platform: Platform
    sessions: sessionmaker[Session]
    now: datetime = NOW
    sent: list[tuple[str, str, str]] = field(default_factory=list)
    left: list[tuple[Callable[[], None], float]] = field(default_factory=list)
    services: Services = field(init=False)

    def mail(self, to: str, subject: str, text: str) -> None:
        self.sent.append((to, subject, text))

    def later(self, work: Callable[[], None], seconds: float = AFTER_SECONDS) -> None:
        self.left.append((work, seconds))

    def work(self) -> list[float]:
        """Does what was left, and what that leaves; gives the seconds that each had to wait."""
        waits = []
        while self.left:
            work, seconds = self.left.pop(0)
            waits.append(seconds)
            work()
        return waits

    def ask(self, number: str = NUMBER, conversation: str = "c1") -> Reply:
        return answer_status(Turn(conversation, number, "statut_dossier", (Entity("numero_dossier", number),)), self.services)

    def type(self, code: str, conversation: str = "c1") -> Reply:
        return answer_code(Turn(conversation, code, "hors_sujet"), code, self.services)

    def code(self) -> str:
        return find_code(self.sent[-1][2]) or ""

    def get_code(self) -> str:
        """A code asked for and received."""
        self.ask()
        self.work()
        return self.code()


def told(reply: Reply) -> str:
    return json.dumps(reply.messages, ensure_ascii=False)


@pytest.fixture
def platform() -> Iterator[Platform]:
    with demarche_numerique() as running:
        running.put(FILE)
        yield running


@pytest.fixture
def setting(platform: Platform, tmp_path: Path) -> Iterator[Setting]:
    engine = open_engine(f"sqlite:///{tmp_path / 'essai.db'}")
    Base.metadata.create_all(engine)
    made = Setting(platform, session_factory(engine))
    followed = Followed({12345: "contrat-export"})
    client = DemarcheNumerique(platform.url, TOKEN, followed, lambda: made.now, Patience(waited_for=2, alone=4), lambda work: work())
    files = ByNumber(OwnTable(made.sessions), client)
    made.services = Services(Catalogue(), AnswerBook(), made.sessions, files, made.mail, "secret", clock=lambda: made.now, later=made.later)
    yield made
    client.close()
    engine.dispose()


def test_the_platform_is_asked_after_the_answer_has_gone(setting: Setting) -> None:
    setting.ask()
    assert setting.platform.asked == []
    assert setting.sent == []
    assert setting.work() == [AFTER_SECONDS]
    assert setting.sent[0][:2] == (OWNER, SUBJECT)


@pytest.mark.parametrize("trouble", [None, *DOWN])
def test_words_and_work_before_them_are_the_same_whether_or_not_the_file_exists(setting: Setting, trouble: Trouble | None) -> None:
    elsewhere = replace(FILE, number=21983457, procedure=99999)
    setting.platform.put(elsewhere)
    usual = told(setting.ask())
    setting.work()
    setting.platform.trouble = trouble
    setting.platform.asked.clear()
    for n, number in enumerate([NUMBER, "21983457", "21983458", "999999"]):
        assert told(setting.ask(number, f"autre{n}")).replace(number, NUMBER) == usual
        assert setting.platform.asked == []
        assert len(setting.left) == n + 1
    setting.work()
    assert len(setting.sent) == (2 if trouble is None else 1)


def test_a_wrong_code_asks_nothing_of_the_platform(setting: Setting) -> None:
    right = setting.get_code()
    setting.ask("21983458", "c2")
    setting.work()
    setting.platform.asked.clear()
    wrong = "000000" if right != "000000" else "111111"
    assert told(setting.type(wrong)) == told(setting.type(wrong, "c2"))
    assert setting.platform.asked == []


def test_the_right_code_tells_where_the_file_stands(setting: Setting) -> None:
    setting.platform.put(*decided(12345, 1000001, [40] * 9 + [70], date(2026, 11, 10)))
    reply = setting.type(setting.get_code())
    card, page, _ = reply.messages
    assert card["title"] == f"Dossier {NUMBER}, Contrat Export"
    assert "étudie votre dossier depuis le 1er\u00a0octobre\u00a02026" in card["purpose"]
    assert "Neuf décisions récentes sur dix sont prises en 40\u00a0jours" in card["purpose"]
    assert card["facts"] == [{"label": "Qui doit agir", "value": "La Région"}]
    assert [step["state"] for step in card["steps"]] == ["done", "done", "current", "todo"]
    assert page["url"].endswith(f"/dossiers/{NUMBER}")
    assert reply.slots["aide"] == "contrat-export"
    assert OVER in told(setting.type(setting.code()))


def test_what_the_agent_asks_for_is_told_to_its_owner(setting: Setting) -> None:
    setting.platform.put(ASKED)
    reply = setting.type(setting.get_code())
    assert "C'est à vous d'agir, depuis le 3\u00a0novembre\u00a02026." in told(reply)
    assert "Merci de joindre un RIB." in told(reply)
    assert "Compléter mon dossier" in told(reply)


@pytest.mark.parametrize("trouble", [Trouble(500), Trouble(silent=True), Trouble(429)])
def test_when_the_platform_is_down_it_is_said_and_the_code_still_serves(setting: Setting, trouble: Trouble) -> None:
    code = setting.get_code()
    setting.platform.trouble = trouble
    for _ in range(MAX_TRIES + 1):
        reply = setting.type(code)
        assert "Votre code est le bon" in told(reply)
        assert "reste valable 10\u00a0minutes" in told(reply)
        assert "Parler à un agent" in told(reply)
        assert reply.slots["attend_code"] is True
    button = reply.messages[-1]["choices"][0]
    assert button == {"label": "Réessayer avec ce code", "message": code}
    setting.platform.trouble = None
    setting.now += timedelta(minutes=1)
    assert "étudie votre dossier" in told(setting.type(code))


def test_wrong_codes_count_also_when_the_platform_is_down(setting: Setting) -> None:
    code = setting.get_code()
    wrong = "000000" if code != "000000" else "111111"
    setting.platform.trouble = Trouble(500)
    for _ in range(MAX_TRIES):
        setting.type(wrong)
    setting.platform.trouble = None
    assert "étudie" not in told(setting.type(code))


def test_the_wait_that_the_platform_asks_for_is_told(setting: Setting) -> None:
    code = setting.get_code()
    setting.platform.trouble = Trouble(429, {"Retry-After": "150"})
    assert "dans 3\u00a0minutes" in told(setting.type(code))
    setting.now += CODE_LIFE - timedelta(minutes=2)
    reply = told(setting.type(code))
    assert "Demandez un nouveau code" in reply
    assert "reste valable" not in reply
    assert "Parler à un agent" in reply


@pytest.mark.parametrize("trouble", [Trouble(403), Trouble(200, body=b"{}")])
def test_what_waiting_does_not_mend_is_said_to_need_mending(setting: Setting, trouble: Trouble) -> None:
    code = setting.get_code()
    setting.platform.trouble = trouble
    reply = told(setting.type(code))
    assert "est à réparer" in reply
    assert "Renvoyez" not in reply
    assert "Parler à un agent" in reply
    setting.platform.trouble = None
    assert "étudie votre dossier" in told(setting.type(code))


def test_a_code_that_could_not_be_sent_is_sent_when_the_platform_is_back(setting: Setting) -> None:
    setting.platform.trouble = Trouble(503)
    setting.ask()
    work, _ = setting.left.pop(0)
    work()
    assert [seconds for _, seconds in setting.left] == [RETRIES_AFTER_SECONDS[0]]
    setting.platform.trouble = None
    setting.work()
    assert "étudie votre dossier" in told(setting.type(setting.code()))


def test_one_does_not_insist_for_ever_nor_against_a_refusal(setting: Setting) -> None:
    setting.platform.trouble = Trouble(500)
    setting.ask()
    assert setting.work() == [AFTER_SECONDS, *RETRIES_AFTER_SECONDS]
    setting.platform.trouble = Trouble(429, {"Retry-After": "7200"})
    setting.now += timedelta(minutes=1)
    setting.ask()
    assert setting.work()[1] == 60
    setting.now += timedelta(hours=3)
    setting.platform.trouble = Trouble(403)
    setting.ask()
    assert setting.work() == [AFTER_SECONDS]
    assert setting.sent == []


def test_a_code_replaced_before_it_was_sent_is_not_sent(setting: Setting) -> None:
    setting.ask()
    setting.ask()
    setting.work()
    assert len(setting.sent) == 1
    assert "étudie votre dossier" in told(setting.type(setting.code()))


def test_a_file_handed_to_somebody_else_meanwhile_is_not_told(setting: Setting) -> None:
    code = setting.get_code()
    setting.platform.put(replace(FILE, email="autre@exemple.fr"))
    assert OVER in told(setting.type(code))
    setting.platform.put(FILE)
    assert OVER in told(setting.type(code))


def test_another_file_that_takes_the_number_in_our_table_is_not_told(setting: Setting) -> None:
    code = setting.get_code()
    other = Dossier(NUMBER, "envoleo", "Autre", "autre@exemple.fr", State.ACCEPTE, date(2026, 9, 1), date(2026, 10, 1))
    with setting.sessions.begin() as session:
        store.put(session, other)
    assert OVER in told(setting.type(code))


def test_a_file_withdrawn_meanwhile_is_not_told(setting: Setting) -> None:
    code = setting.get_code()
    setting.platform.dossiers.clear()
    assert OVER in told(setting.type(code))


def test_a_code_mailed_to_nobody_opens_nothing_even_guessed(setting: Setting) -> None:
    setting.platform.put(replace(FILE, connection="deleted"))
    guessed = Challenge(NUMBER, "c1", hash_code("123456", NUMBER, "c1", "secret"), NOW + CODE_LIFE)
    with setting.sessions.begin() as session:
        store.remember_challenge(session, guessed, NOW)
    setting.platform.asked.clear()
    assert "étudie" not in told(setting.type("123456"))
    assert setting.platform.asked == []
    setting.ask(conversation="c2")
    setting.work()
    assert setting.sent == []


def test_others_write_while_a_file_is_read(setting: Setting) -> None:
    code = setting.get_code()
    other = Dossier("EXP-2026-00123", "envoleo", "Autre", "autre@exemple.fr", State.ACCEPTE, date(2026, 9, 1), date(2026, 10, 1))

    class Meanwhile(ByNumber):
        def find(self, number: str) -> Dossier:
            with setting.sessions.begin() as session:
                store.put(session, other)
            return setting.services.dossiers.find(number)

    meanwhile = replace(setting.services, dossiers=Meanwhile(OwnTable(setting.sessions)))
    assert "étudie votre dossier" in told(answer_code(Turn("c1", code, "hors_sujet"), code, meanwhile))


def test_logs_hold_neither_number_nor_address_nor_code(setting: Setting, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    code = setting.get_code()
    for trouble in DOWN:
        setting.platform.trouble = trouble
        setting.type(code)
        setting.ask(conversation="c2")
        setting.work()
        setting.now += timedelta(minutes=1)
    setting.platform.trouble = None

    def refuse(to: str, subject: str, text: str) -> None:
        raise smtplib.SMTPRecipientsRefused({to: (550, b"inconnu")})

    setting.now += timedelta(hours=1)
    setting.services = replace(setting.services, mail=refuse)
    setting.ask(conversation="c3")
    setting.work()
    ours = [record.getMessage() for record in caplog.records]
    assert any("code non envoyé : SMTPRecipientsRefused" in line for line in ours)
    assert any("dossier non lu" in line for line in ours)
    for secret in (NUMBER, OWNER, code, TOKEN):
        assert secret not in "\n".join(ours)


def test_a_mail_server_that_is_down_for_a_moment_costs_no_code(setting: Setting) -> None:
    usual = told(setting.ask())
    setting.work()
    with post_office() as office:
        setting.services = replace(setting.services, mail=lambda *mail: send_mail(office.url, "region@exemple.fr", *mail))
        office.hang_up = True
        assert told(setting.ask(conversation="c2")) == usual
        waits = []
        while setting.left:
            work, seconds = setting.left.pop(0)
            waits.append(seconds)
            work()
            office.hang_up = len(waits) < len(RETRIES_AFTER_SECONDS)
        assert waits == [AFTER_SECONDS, *RETRIES_AFTER_SECONDS]
        (mail,) = office.mails()
        code = find_code(mail.get_content()) or ""
    assert "étudie votre dossier" in told(setting.type(code, "c2"))
