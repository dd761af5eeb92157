"""What the assistant answers, turn by turn, without Rasa."""

import asyncio
import re
import smtplib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.interfaces import Tracker
from sqlalchemy.orm import Session, sessionmaker

from aids.catalogue import Catalogue
from answers.book import AnswerBook
from bot.actions.conversing import converse
from bot.actions.file_status import SUBJECT, WRONG
from bot.actions.region_action import RegionAction, close_intents
from bot.actions.registry import ACTIONS, build_executor
from bot.actions.services import Services, Work
from bot.actions.sheet import PARTS
from bot.actions.turn import Entity, Reply, Turn
from dossiers import store
from dossiers.identity import MAX_SENT_PER_HOUR, MAX_TRIES, find_code
from dossiers.model import Dossier, State
from dossiers.own_table import OwnTable
from language.normalise import tidy
from store.base import Base
from store.engine import open_engine, session_factory

ROOT = Path(__file__).parents[2]
NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
FILE = Dossier("EXP-2026-00123", "contrat-export", "Essai", "essai@exemple.fr", State.EN_INSTRUCTION, date(2026, 9, 1), date(2026, 10, 1))


@dataclass
class Outbox:
    """Official fake of a mail server: keeps what is sent, or fails."""

    sent: list[tuple[str, str, str]] = field(default_factory=list)
    down: bool = False

    def __call__(self, to: str, subject: str, text: str) -> None:
        if self.down:
            raise smtplib.SMTPServerDisconnected("absent")
        self.sent.append((to, subject, text))

    def code(self) -> str:
        return find_code(self.sent[-1][2]) or ""


@dataclass
class Talk:
    """A conversation: sends messages as Rasa would have understood them, and remembers slots."""

    services: Services
    slots: dict[str, Any] = field(default_factory=dict)
    name: str = "c1"
    before: str = ""

    def say(self, text: str, intent: str, close: tuple[str, ...] = (), **entities: str) -> Reply:
        found = tuple(Entity(kind, value) for kind, value in entities.items())
        turn = Turn(self.name, text, intent, found, dict(self.slots), close=close, before=self.before)
        self.before = text
        reply = converse(turn, self.services, ACTIONS[action_of(intent)])
        self.slots.update(reply.slots)
        return reply


def action_of(intent: str) -> str:
    for path in (ROOT / "bot" / "data" / "rules").glob("*.yml"):
        for rule in yaml.safe_load(path.read_text(encoding="utf-8"))["rules"]:
            if rule["steps"][0]["intent"] == intent:
                return str(rule["steps"][1]["action"])
    raise LookupError(intent)


def told(reply: Reply) -> str:
    return str(reply.messages)


@pytest.fixture
def sessions(tmp_path: Path) -> sessionmaker[Session]:
    engine = open_engine(f"sqlite:///{tmp_path / 'test.db'}")
    Base.metadata.create_all(engine)
    made = session_factory(engine)
    with made.begin() as session:
        store.put(session, FILE)
    return made


@pytest.fixture
def outbox() -> Outbox:
    return Outbox()


@pytest.fixture
def services(sessions: sessionmaker[Session], outbox: Outbox) -> Services:
    def at_once(work: Work, seconds: float = 0) -> None:
        work()

    return Services(Catalogue(), AnswerBook(), sessions, OwnTable(sessions), outbox, "secret", lambda: NOW, later=at_once)


@pytest.fixture
def talk(services: Services) -> Talk:
    return Talk(services)


def test_every_intent_of_the_domain_has_a_rule_an_action_and_an_answer(services: Services) -> None:
    domain = yaml.safe_load((ROOT / "bot" / "domain" / "intents.yml").read_text(encoding="utf-8"))
    assert len(domain["intents"]) == 40
    for intent in domain["intents"]:
        assert action_of(intent) in ACTIONS
        # What is said of agents depends on who is there: the gateway says it.
        assert services.answers.get(intent) is not None or intent == "parler_agent"
    actions = yaml.safe_load((ROOT / "bot" / "domain" / "conversation.yml").read_text(encoding="utf-8"))["actions"]
    assert set(actions) == set(ACTIONS) == set(build_executor(services).actions)


def test_only_what_was_asked_is_answered_with_source_and_date(talk: Talk) -> None:
    card = talk.say("quelles pièces pour le contrat exprot", "pieces_aide", aide="contrat exprot").messages[0]
    assert card["type"] == "card"
    assert [(detail["label"].split(" (")[0], detail["open"]) for detail in card["details"]] == [("Pièces à joindre", True)]
    assert card["facts"] == []
    assert card["source"]["url"].startswith("http")
    assert "2026" in card["checked"]
    assert talk.slots["aide"] == "contrat-export"


def test_the_aid_spoken_of_is_remembered(talk: Talk) -> None:
    talk.say("les pièces d'envoléo", "pieces_aide", aide="envoléo")
    assert "Envoléo" in told(talk.say("et c'est combien ?", "montant_aide"))


def test_an_aid_that_is_not_in_the_catalogue_is_said_not_to_be(talk: Talk) -> None:
    talk.say("les pièces d'envoléo", "pieces_aide", aide="envoléo")
    reply = talk.say("combien pour le chèque lecture", "montant_aide", aide="chèque lecture")
    assert "« chèque lecture » n'est pas dans notre catalogue" in told(reply)
    assert "Envoléo" not in told(reply)


def test_a_name_alone_answers_the_question_that_waited(talk: Talk) -> None:
    talk.say("c'est combien ?", "montant_aide")
    assert talk.slots["question_en_attente"] == "montant_aide"
    card = talk.say("le Contrat Export svp", "chercher_aide", aide="Contrat Export").messages[0]
    assert card["title"].endswith("montant")
    assert talk.slots["question_en_attente"] is None


def test_a_name_alone_without_question_shows_the_sheet(talk: Talk) -> None:
    card = talk.say("Envoléo", "hors_sujet", aide="Envoléo").messages[0]
    assert [fact["label"] for fact in card["facts"]][:3] == ["Pour qui", "Combien", "Jusqu'à quand"]


@pytest.mark.parametrize("year", [2020, 2040])
def test_one_is_warned_when_one_cannot_apply_today(talk: Talk, services: Services, year: int) -> None:
    talk.services = replace(services, clock=lambda: NOW.replace(year=year))
    words = "pas encore ouvert" if year == 2020 else "clos depuis"
    assert words in told(talk.say("quand", "echeance_aide", aide="Prim'Export"))


def test_examples_are_said_to_be_examples(talk: Talk) -> None:
    facts = talk.say("combien", "montant_aide", aide="Prim'Export").messages[0]["facts"]
    assert facts
    assert all(fact["label"].endswith(" (exemple)") for fact in facts)


def test_two_aids_are_both_told_when_the_question_is_about_having_both(services: Services) -> None:
    turn = Turn("c1", "x", "cumul_aides", (Entity("aide", "Contrat Export"), Entity("aide", "Prim'Export")))
    cards = [m for m in converse(turn, services, ACTIONS["action_fiche_aide"]).messages if m["type"] == "card"]
    assert len(cards) == 2


def test_a_search_lists_schemes_that_fit(talk: Talk) -> None:
    reply = talk.say("une aide pour acheter un vélo", "chercher_aide")
    assert "Bonus" in told(reply)
    assert reply.messages[-1]["choices"][-1]["label"] == "Parler à un agent"


def test_after_two_misses_a_person_is_offered_and_a_hit_forgets_them(talk: Talk) -> None:
    first, second = (talk.say("quel temps fait-il", "hors_sujet") for _ in range(2))
    assert first.messages[0] != second.messages[0]
    talk.say("bonjour", "saluer")
    assert talk.slots["miss_count"] == 0


def test_the_last_answer_is_said_more_simply(talk: Talk, services: Services) -> None:
    talk.say("que faites-vous de mes données", "donnees_personnelles")
    plain = services.answers.get("donnees_personnelles")
    assert plain
    assert talk.say("plus simple svp", "demander_reformulation").messages[0]["text"] == plain.plain


def test_nothing_is_told_of_a_file_before_the_right_code(talk: Talk, outbox: Outbox) -> None:
    asked = talk.say("où en est mon dossier EXP-2026-00123", "statut_dossier", numero_dossier="EXP-2026-00123")
    assert "étudie" not in told(asked)
    assert outbox.sent[0][:2] == ("essai@exemple.fr", SUBJECT)
    wrong = "000000" if outbox.code() != "000000" else "111111"
    assert WRONG in told(talk.say(wrong, "hors_sujet", numero_dossier=wrong))
    right = talk.say(f"le code est {outbox.code()[:3]} {outbox.code()[3:]}", "hors_sujet")
    assert "étudie votre dossier" in told(right)
    again = talk.say(outbox.code(), "hors_sujet")
    assert "étudie votre dossier" not in told(again)


def test_the_words_are_the_same_whether_or_not_the_file_exists(services: Services, outbox: Outbox) -> None:
    there = Talk(services).say("EXP-2026-00123", "statut_dossier", numero_dossier="EXP-2026-00123")
    absent = Talk(services).say("EXP-2026-99999", "statut_dossier", numero_dossier="EXP-2026-99999")
    outbox.down = True
    failed = Talk(services).say("EXP-2026-00123", "statut_dossier", numero_dossier="EXP-2026-00123")
    assert told(there) == told(absent).replace("99999", "00123") == told(failed)
    assert len(outbox.sent) == 1


def test_codes_and_tries_are_limited(talk: Talk, outbox: Outbox) -> None:
    for _ in range(MAX_SENT_PER_HOUR):
        talk.say("EXP-2026-00123", "statut_dossier", numero_dossier="EXP-2026-00123")
    assert "Trop de codes" in told(talk.say("EXP-2026-00123", "statut_dossier", numero_dossier="EXP-2026-00123"))
    assert len(outbox.sent) == MAX_SENT_PER_HOUR
    wrong = "000000" if outbox.code() != "000000" else "111111"
    for _ in range(MAX_TRIES):
        talk.slots["attend_code"] = True
        talk.say(wrong, "hors_sujet")
    talk.slots["attend_code"] = True
    assert "étudie" not in told(talk.say(outbox.code(), "hors_sujet"))


def test_too_many_codes_for_a_file_are_not_told_and_not_sent(services: Services, outbox: Outbox) -> None:
    said = []
    for number in range(MAX_SENT_PER_HOUR + 2):
        talk = Talk(services, name=f"c{number}")
        said.append(told(talk.say("EXP-2026-00123", "statut_dossier", numero_dossier="EXP-2026-00123")))
    assert len(set(said)) == 1
    assert len(outbox.sent) == MAX_SENT_PER_HOUR


def test_a_number_within_a_sentence_asks_where_the_file_stands(talk: Talk, outbox: Outbox) -> None:
    talk.say("numéro EXP-2026-00123 merci de me dire", "coordonnees_service", numero_dossier="EXP-2026-00123")
    assert len(outbox.sent) == 1
    assert "conteste" in told(talk.say("je conteste le EXP-2026-00123", "contester_decision", numero_dossier="EXP-2026-00123"))


def test_two_questions_and_two_aids_are_all_answered(services: Services) -> None:
    both = converse(
        Turn("c1", "contrat export montant et date limite", "montant_aide", (Entity("aide", "contrat export"),), {}, "echeance_aide"),
        services,
        ACTIONS["action_fiche_aide"],
    )
    assert [m["title"] for m in both.messages if m["type"] == "card"] == ["Contrat Export : montant", "Contrat Export : dates"]
    aids = (Entity("aide", "commerce artisanat"), Entity("aide", "prim export"))
    pair = converse(Turn("c1", "pièces commerce artisanat et prim export", "pieces_aide", aids, {}), services, ACTIONS["action_fiche_aide"])
    assert len([m for m in pair.messages if m["type"] == "card"]) == 2


@pytest.mark.parametrize(
    ("text", "intent", "said"),
    [
        ("je peux acheter le four avant d'avoir la reponse ?", "conditions_aide", "Non, attendez"),
        ("est-ce que sans attendre votre accord je peux signer le devis", "hors_sujet", "Non, attendez"),
        ("j'ai déjà signé le devis c'est grave ?", "deposer_demande", "n'est souvent plus aidée"),
    ],
)
def test_who_spends_too_early_is_warned_first(talk: Talk, text: str, intent: str, said: str) -> None:
    talk.say("les conditions de l'aide commerce artisanat", "conditions_aide", aide="commerce artisanat")
    reply = talk.say(text, intent)
    assert said in str(reply.messages[0]["text"])
    assert "avant d'engager les dépenses" in told(reply)
    assert "ne s'y oppose" not in told(reply)


@pytest.mark.parametrize(
    "text",
    ["quand serai-je payé ?", "j'ai déjà signé ma demande", "combien de temps avant la réponse ?", "la demande est à signer par qui ?"],
)
def test_other_questions_get_their_own_answer(talk: Talk, text: str) -> None:
    talk.say("les conditions de l'aide commerce artisanat", "conditions_aide", aide="commerce artisanat")
    reply = told(talk.say(text, "delai_instruction"))
    assert "Non, attendez" not in reply
    assert "plus aidée" not in reply


def test_a_code_that_has_not_come_is_sent_again(talk: Talk, outbox: Outbox) -> None:
    talk.say("où en est EXP-2026-00123", "statut_dossier", numero_dossier="EXP-2026-00123")
    talk.say("j'ai pas reçu le code", "probleme_technique")
    assert len(outbox.sent) == 2


@pytest.mark.parametrize(
    ("text", "intent", "aide", "body"),
    [
        ("combien pour l'APL", "montant_aide", "APL", "CAF"),
        ("ma carte grise n'arrive pas", "hors_sujet", "", "France Titres"),
        ("le RSA et l'aide juridictionnelle, comment faire", "hors_sujet", "RSA", "la justice"),
    ],
)
def test_what_another_body_looks_after_is_led_to_it(talk: Talk, text: str, intent: str, aide: str, body: str) -> None:
    reply = talk.say(text, intent, **({"aide": aide} if aide else {}))
    assert f"contactez {body}" in told(reply) or body in told(reply)
    assert [message for message in reply.messages if message["type"] == "link"]
    assert reply.slots["miss_count"] == 0


@pytest.mark.parametrize(
    ("text", "intent", "aides"),
    [
        ("je peux cumuler avec le RSA ?", "cumul_aides", {"aide": "RSA"}),
        ("je touche le RSA, j'ai droit au Contrat Export ?", "conditions_aide", {"aide": "Contrat Export"}),
        ("la préfecture attend votre réponse sur mon dossier", "statut_dossier", {}),
    ],
)
def test_what_is_about_our_aids_stays_ours(talk: Talk, text: str, intent: str, aides: dict[str, str]) -> None:
    talk.say("les conditions du contrat export", "conditions_aide", aide="contrat export")
    said = told(talk.say(text, intent, **aides))
    assert "ne dépend pas" not in said
    assert "pas dans notre catalogue" not in said


@pytest.mark.parametrize(
    ("first", "second", "heard"),
    [
        ("horaires_service", "coordonnees_service", ("ouvert", "@")),
        ("horaires_service", "montant_aide", ("ouvert", "Contrat Export : montant")),
        ("montant_aide", "horaires_service", ("Contrat Export : montant", "ouvert")),
        ("horaires_service", "statut_dossier", ("ouvert", "numéro")),
    ],
)
def test_both_questions_are_answered_in_their_order(services: Services, first: str, second: str, heard: tuple[str, str]) -> None:
    turn = Turn("c1", "et pour le contrat export, dites-moi", first, (Entity("aide", "contrat export"),), {}, second)
    usual = ACTIONS["action_fiche_aide" if first in PARTS else "action_repondre"]
    said = [str(message) for message in converse(turn, services, usual).messages]
    places = [next(at for at, message in enumerate(said) if words in message) for words in heard]
    assert places == sorted(places)


def test_who_also_wants_a_person_gets_one_after_the_answer(services: Services) -> None:
    turn = Turn("c1", "vos horaires et je veux parler à quelqu'un", "horaires_service", (), {}, "parler_agent")
    kinds = [message["type"] for message in converse(turn, services, ACTIONS["action_repondre"]).messages]
    assert kinds[0] == "text"
    assert kinds[-1] == "handover"


def test_that_one_is_one_of_the_aids_just_listed(talk: Talk) -> None:
    listed = talk.say("artisan à Cholet, je veux exposer dans un salon en Allemagne", "chercher_aide")
    assert "Contrat Export" in told(listed)
    asked = talk.say("et pour celle-là, quelles pièces ?", "pieces_aide")
    assert "De quelle aide s'agit-il" in told(asked)
    assert "Prim'Export" in told(asked)
    assert "Transport scolaire" not in told(asked)
    assert "Pièces à joindre" in told(talk.say("Contrat Export", "chercher_aide", aide="Contrat Export"))


def test_a_message_not_understood_that_names_our_aid_gets_its_sheet(talk: Talk) -> None:
    assert "Contrat Export" in told(talk.say("contrat export bof", "hors_sujet", aide="contrat export"))
    assert "ne peut pas répondre" in told(Talk(talk.services).say("mes impayés de gaz", "hors_sujet", aide="gaz"))


def test_help_comes_first_for_a_person_in_danger(talk: Talk) -> None:
    assert "3114" in told(talk.say("avec ce refus je n'ai plus envie de vivre", "retirer_demande"))
    assert "3919" in told(talk.say("mon mari me frappe", "hors_sujet"))
    assert "112" in told(talk.say("au secours je fais un malaise", "parler_agent"))


def test_a_sheet_is_said_more_simply_when_asked(talk: Talk) -> None:
    talk.say("pièces pour le contrat export", "pieces_aide", aide="contrat export")
    simple = told(talk.say("plus simplement svp", "demander_reformulation"))
    assert "Voici les papiers à donner" in simple
    assert "Extrait Kbis" in simple


def test_one_may_change_subject_while_a_code_is_awaited(talk: Talk, outbox: Outbox) -> None:
    talk.say("EXP-2026-00123", "statut_dossier", numero_dossier="EXP-2026-00123")
    assert "montant" in told(talk.say("combien si j'investis 150 000 €", "montant_aide", aide="Contrat Export", montant="150 000 €"))
    assert "étudie votre dossier" in told(talk.say(outbox.code(), "hors_sujet"))


def test_a_number_alone_is_a_question_about_the_file(talk: Talk, outbox: Outbox) -> None:
    talk.say("où en est mon dossier", "statut_dossier")
    talk.say("c'est le EXP-2026-00123", "hors_sujet", numero_dossier="EXP-2026-00123")
    assert len(outbox.sent) == 1


def test_our_own_buttons_are_never_guessed(talk: Talk) -> None:
    for aid in talk.services.catalogue.aids():
        card = talk.say(f"Quelles pièces pour {aid.name} ?", "hors_sujet").messages[-2]
        assert card["title"] == f"{aid.name} : pièces à fournir"


def test_what_the_buttons_of_the_answers_send_is_trained_on(services: Services) -> None:
    trained = yaml.safe_load((ROOT / "bot" / "data" / "buttons.yml").read_text(encoding="utf-8"))["nlu"]
    known = {re.sub(r"\[([^]]*)\]\(\w+\)", r"\1", line[2:]) for theme in trained for line in theme["examples"].splitlines()}
    for intent in services.answers.intents():
        answer = services.answers.get(intent)
        assert answer
        asked = [answer.asked] if answer.asked else []
        assert {tidy(choice.message) for choice in (*answer.choices, *asked)} - {"Effacer cette conversation"} <= known


def run(action: RegionAction, latest: Mapping[str, Any]) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    dispatcher = CollectingDispatcher()
    events = asyncio.run(action.run(dispatcher, Tracker("c1", {}, dict(latest), [], False, None, {}, None), {}))
    return [message["custom"] for message in dispatcher.messages], events


def test_rasa_gets_messages_and_slots(services: Services) -> None:
    messages, events = run(RegionAction("a", ACTIONS["action_repondre"], services), {"text": "bonjour", "intent": {"name": "saluer"}})
    assert [message["type"] for message in messages] == ["text", "choices"]
    assert {"event": "slot", "timestamp": None, "name": "miss_count", "value": 0} in events


def test_a_failure_leaves_no_one_without_a_word(services: Services, caplog: pytest.LogCaptureFixture) -> None:
    def failing(turn: Turn, given: Services) -> Reply:
        raise ZeroDivisionError("secret de l'usager")

    messages, _ = run(RegionAction("a", failing, services), {"text": "bonjour", "intent": {"name": "saluer"}})
    assert "en panne" in messages[0]["text"]
    assert "ZeroDivisionError" in caplog.text
    assert "secret de l'usager" not in caplog.text


def test_what_the_gateway_must_do_is_asked_of_it(talk: "Talk") -> None:
    assert talk.say("je veux quelqu'un", "parler_agent").messages == [{"type": "handover", "reason": "demande"}]
    assert talk.say("au revoir", "prendre_conge").messages[-1] == {"type": "survey"}
    assert talk.say("je veux me plaindre", "faire_reclamation").messages[-1] == {"type": "opinion", "text": ""}
    long = "deux mois que j'attends et personne ne répond au téléphone"
    assert talk.say(long, "faire_reclamation").messages[-1] == {"type": "opinion", "text": long}
    assert talk.say("je veux mourir", "hors_sujet").messages[-1] == {"type": "handover", "reason": "danger"}


def test_the_same_question_again_gets_simpler_words_then_a_person(talk: "Talk") -> None:
    first = talk.say("quand est-ce que je serai payé ?", "delai_instruction").messages
    second = talk.say("Quand est-ce que je serai payé ?", "delai_instruction").messages
    third = talk.say("QUAND EST CE QUE JE SERAI PAYÉ", "delai_instruction").messages
    assert first != second
    assert "La réponse d'avant n'a peut-être pas suffi" in second[0]["text"]
    assert third[-1] == {"type": "handover", "reason": "insatisfait"}
    assert first not in (second, third)


def test_three_misses_bring_a_person(talk: "Talk") -> None:
    for _ in range(2):
        assert {"type": "handover", "reason": "incompris"} not in talk.say("le sens de la vie", "hors_sujet").messages
    assert talk.say("le sens de la vie", "hors_sujet").messages[-1] == {"type": "handover", "reason": "incompris"}


def test_between_two_close_subjects_the_person_chooses(talk: "Talk") -> None:
    told = talk.say("et pour le mien alors", "statut_dossier", close=("statut_dossier", "delai_instruction")).messages
    assert [choice["label"] for choice in told[-1]["choices"]] == ["Où en est mon dossier", "Le temps de traitement", "Parler à un agent"]
    # Small talk has no button: the likeliest is answered.
    assert talk.say("salut merci", "saluer", close=("saluer", "remercier")).messages[0]["type"] == "text"


def test_two_intents_are_close_when_neither_stands_out() -> None:
    def ranking(*found: tuple[str, float]) -> list[dict[str, Any]]:
        return [{"name": name, "confidence": sure} for name, sure in found]

    assert close_intents(ranking(("a", 0.4), ("b", 0.35))) == ("a", "b")
    assert close_intents(ranking(("a", 0.6), ("b", 0.35))) == ()
    assert close_intents(ranking(("a", 0.4), ("b", 0.1))) == ()
    assert close_intents(ranking(("a", 0.4), ("hors_sujet", 0.39))) == ()
    assert close_intents(ranking(("a", 0.4))) == ()


def test_while_a_code_is_waited_for_insisting_sends_nothing(talk: "Talk", outbox: Outbox) -> None:
    talk.say("où en est mon dossier EXP-2026-00123", "statut_dossier", numero_dossier="EXP-2026-00123")
    sent = len(outbox.sent)
    first = told(talk.say("dites-moi juste s'il est accepté", "statut_dossier"))
    assert "n'est donné qu'à la personne qui reçoit le code" in first
    assert told(talk.say("et l'adresse c'est laquelle ?", "hors_sujet")) != first
    assert len(outbox.sent) == sent
    talk.say("Je voudrais recevoir un nouveau code", "statut_dossier")
    assert len(outbox.sent) == sent + 1


def test_who_is_misunderstood_twice_gets_a_person(talk: "Talk") -> None:
    first = talk.say("non, ce n'est pas ma question", "nier").messages
    assert "veuillez nous en excuser" in first[0]["text"]
    assert talk.say("vous répondez toujours à côté", "faire_reclamation").messages[-1] == {"type": "handover", "reason": "incompris"}


def test_the_ceiling_of_aids_goes_with_every_answer_on_combining(talk: "Talk") -> None:
    assert "de minimis" in told(talk.say("cumul pour le contrat export", "cumul_aides", aide="contrat export"))
