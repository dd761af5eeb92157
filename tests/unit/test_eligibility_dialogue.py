"""The search of an aid, turn by turn, without Rasa."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import StaticPool, create_engine
from sqlalchemy.orm import sessionmaker

from aids.catalogue import Catalogue
from answers.book import AnswerBook
from bot.actions.conversing import converse
from bot.actions.eligibility_state import MOST_QUESTIONS, MOST_TIMES, SLOT, Search
from bot.actions.eligibility_words import RESTART, RESUME
from bot.actions.registry import ACTIONS
from bot.actions.services import Services
from bot.actions.turn import Reply, Turn
from dossiers.own_table import OwnTable
from store.base import Base
from tests.unit.test_bot_actions import Talk, told

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
CATALOGUE, BOOK = Catalogue(), AnswerBook()
ENGINE = create_engine("sqlite://", poolclass=StaticPool)
Base.metadata.create_all(ENGINE)
SESSIONS = sessionmaker(ENGINE)


def nothing(*_: object) -> None:
    pass


def talk() -> Talk:
    return Talk(Services(CATALOGUE, BOOK, SESSIONS, OwnTable(SESSIONS), nothing, "secret", lambda: NOW, later=nothing))


def labels(reply: Reply) -> list[str]:
    return [choice["label"] for message in reply.messages if message["type"] == "choices" for choice in message["choices"]]


def titles(reply: Reply) -> list[str]:
    return [message["title"] for message in reply.messages if message["type"] == "card"]


def texts(reply: Reply) -> str:
    return "\n".join(str(message.get("text", "")) for message in reply.messages)


def details(reply: Reply, title: str) -> dict[str, list[str]]:
    (card,) = (message for message in reply.messages if message["type"] == "card" and title in message["title"])
    return {detail["label"].split(" (")[0]: detail["items"] for detail in card["details"]}


def test_all_in_one_sentence_shows_what_fits_with_its_reasons_and_what_does_not() -> None:
    reply = talk().say("nous sommes 12, une menuiserie à Laval, on aimerait acheter une machine", "chercher_aide")
    assert "12\u00a0salariés" in texts(reply)
    assert "Laval (Mayenne)" in texts(reply)
    assert titles(reply) == ["Pays de la Loire Prêt TPE/PME", "Autres aides"]
    card = details(reply, "Prêt TPE/PME")
    assert "De 3 à 50\u00a0salariés : vous en avez 12." in card["Correspond"]
    assert "Entreprise d'au moins 3\u00a0ans." in card["À vérifier"]
    aside = details(reply, "Autres aides")["Ne correspondent pas"]
    assert any(item.startswith("Pays de la Loire Commerce-Artisanat. Moins de 10\u00a0salariés : vous en avez 12.") for item in aside)
    assert labels(reply) == ["Moins de 3\u00a0ans", "Plus de 3\u00a0ans", "Je ne sais pas", "Parler à un agent"]


def test_in_drips_one_thing_is_asked_at_a_time_and_never_what_was_said() -> None:
    one = talk()
    assert "Dites-les en une phrase" in texts(one.say("Je cherche une aide pour mon projet", "chercher_aide"))
    project = one.say("un club de judo", "hors_sujet")
    assert "Quel est votre projet" in texts(project)
    again = one.say("210 adhérents, aucun salarié", "conditions_aide")
    assert "aucun salarié" in texts(again)
    assert texts(again) != texts(project)
    result = one.say("un minibus", "hors_sujet")
    assert "aucune aide ne convient à ce projet" in texts(result)
    assert "Fonds innovation sociale" in texts(result)
    assert "Parler à un agent" in labels(result)
    members = one.say("210 c'est les adhérents, pas les salariés", "completer_dossier")
    assert "210\u00a0n'est pas un nombre de salariés" in texts(members)
    place = one.say("ah, on est à Lodève, je l'ai oublié", "hors_sujet", lieu="Lodève")
    assert "Lodève (Hérault)" in texts(place)
    assert "ne change pas" in texts(place)


def test_a_button_is_understood_whatever_rasa_took_it_for() -> None:
    one = talk()
    one.say("nous sommes 12, une menuiserie à Laval, on aimerait acheter une machine", "chercher_aide")
    reply = one.say("Moins de 3\u00a0ans", "statut_dossier", date="3 ans")
    assert "Entreprise d'au moins 3\u00a0ans" in texts(reply)
    assert "aucune aide ne convient" in texts(reply)


def test_a_figure_is_heard_where_rasa_doubtfully_hears_an_insult() -> None:
    one = talk()
    one.say("nous sommes 4, une boulangerie à Laval, on aimerait changer le four", "chercher_aide")
    turn = Turn("c1", "200000 de ca", "insulte", (), dict(one.slots), sure=0.4)
    assert "chiffre d'affaires de 200\u00a0000" in texts(converse(turn, one.services, ACTIONS["action_repondre"]))


def test_a_correction_changes_the_result_and_only_the_change_is_said() -> None:
    one = talk()
    one.say("nous sommes 21, une menuiserie à Laval, on aimerait acheter une machine", "chercher_aide")
    assert one.slots["aide"] == "pret-tpe-pme"
    reply = one.say("non, 9 salariés pas 21", "nier", effectif="9 salariés")
    assert "Pays de la Loire Commerce-Artisanat" in texts(reply) + str(titles(reply))
    assert not any("Prêt TPE/PME" in title for title in titles(reply))
    assert "Prêt TPE/PME" in texts(reply)
    reply = one.say("en fait c'est à Lodève", "hors_sujet", lieu="Lodève")
    assert "Lodève (Hérault) est en Occitanie" in texts(reply) or "Pass Métiers d'art" in str(titles(reply))


def test_a_question_on_something_else_is_answered_and_the_search_waits() -> None:
    one = talk()
    one.say("je suis boulangère", "chercher_aide")
    aside = one.say("quels sont vos horaires ?", "horaires_service")
    assert "ouverts" in texts(aside)
    assert labels(aside)[0] == RESUME[0]
    assert one.slots[SLOT]["waiting"] == "project"
    assert texts(one.say(RESUME[1], "hors_sujet")).startswith("Reprenons")
    one.say("et votre adresse ?", "coordonnees_service")
    assert "1. Pays de la Loire Commerce-Artisanat" in titles(one.say("changer le four", "modifier_demande"))


def test_one_may_change_ones_mind_and_begin_again() -> None:
    one = talk()
    one.say("artisan à Cholet, je veux exposer dans un salon en Allemagne", "chercher_aide", lieu="Cholet")
    assert one.slots["aides_proposees"][0] == "prim-export"
    reply = one.say("finalement c'est pour changer de machine", "modifier_demande")
    assert "Prim'Export" not in str(titles(reply))
    again = one.say(RESTART[1], "demander_reformulation")
    assert Search.from_slot(one.slots[SLOT]).profile.to_json() == {}  # type: ignore[union-attr]
    assert "projet" in texts(again)


def test_the_same_person_may_look_for_another_aid() -> None:
    one = talk()
    one.say("artisan à Cholet, je veux exposer dans un salon", "chercher_aide")
    reply = one.say("Je cherche une aide pour mon projet", "chercher_aide")
    assert "Cholet" in texts(reply)
    assert "Quel est votre projet" in texts(reply)
    assert RESTART[0] in labels(reply)


def test_the_schemes_shown_are_remembered() -> None:
    one = talk()
    shown = one.say("je suis boulangère, je veux changer le four et la vitrine", "chercher_aide")
    second = [title[3:] for title in titles(shown) if title.startswith("2. ")]
    assert titles(one.say("la deuxième", "affirmer")) == second
    assert second[0] in titles(one.say("et la deuxième, c'est combien ?", "montant_aide"))[0]
    assert "Prêt TPE/PME : pièces" in titles(one.say("quelles pièces pour le prêt ?", "pieces_aide"))[0]


def test_may_i_have_it_is_answered_condition_by_condition() -> None:
    one = talk()
    reply = one.say("on est 2, est-ce que le prêt TPE PME est pour nous ?", "conditions_aide", aide="prêt TPE PME")
    assert "De 3 à 50\u00a0salariés : vous en avez 2." in details(reply, "Prêt TPE/PME")["Ne correspond pas"]
    assert "ne convient pas" in texts(reply)
    other = talk()
    other.say("Envoléo", "chercher_aide", aide="Envoléo")
    card = other.say("j'y ai droit ?", "donnees_personnelles")
    assert "Moins de 30\u00a0ans." in details(card, "Envoléo")["À vérifier"]
    while other.slots[SLOT]["waiting"] not in (None, "age"):
        card = other.say("Je ne sais pas", "nier")
    assert "vous avez 34\u00a0ans" in texts(other.say("34 ans", "hors_sujet", date="34 ans"))


def test_conditions_asked_of_nobody_are_those_of_the_sheet() -> None:
    reply = talk().say("quelles sont les conditions du contrat export", "conditions_aide", aide="contrat export")
    assert titles(reply) == ["Contrat Export : conditions"]


def test_a_name_that_nobody_has_is_said_so_and_one_that_many_have_is_asked() -> None:
    one = talk()
    one.say("je suis boulangère, je veux changer le four", "chercher_aide")
    assert one.slots[SLOT]["waiting"] == "place"
    unknown = one.say("Chollet", "hors_sujet")
    assert "« Chollet » n'est pas dans la liste des communes" in texts(unknown)
    assert "Cholet (Maine-et-Loire)" in labels(unknown)
    shared = one.say("Saint-Denis", "hors_sujet")
    assert "Plusieurs lieux s'appellent Saint-Denis" in texts(shared)
    assert "Nos fiches ne couvrent pas" in texts(one.say("Saint-Denis (La Réunion)", "hors_sujet"))


def test_short_forms_and_a_greeting_are_read_through() -> None:
    reply = talk().say("bjr g 2 apprenti ds mon salon de coiffure a angers je veu refaire la déco", "saluer")
    assert "Angers (Maine-et-Loire)" in texts(reply)
    assert "apprenti" not in texts(reply).split("\n")[0]


def test_what_comes_nearest_is_told_and_spoken_of() -> None:
    one = talk()
    reply = one.say("je suis apprenti à Toulouse, j'ai 17 ans, je veux passer le permis", "hors_sujet")
    assert "La plus proche : Aide au permis B des apprentis. 18\u00a0ans ou plus : vous avez 17\u00a0ans." in texts(reply)
    why = one.say("pourquoi celle-là ne convient pas ?", "hors_sujet")
    assert "18\u00a0ans ou plus : vous avez 17\u00a0ans." in details(why, "permis B")["Ne correspond pas"]
    supposed = one.say("et si j'attends d'avoir 18 ans ?", "delai_instruction")
    assert "ne s'y oppose" in texts(supposed)


def test_an_aid_that_is_not_ours_is_said_so_and_a_project_of_which_no_sheet_speaks_too() -> None:
    one = talk()
    reply = one.say("je voudrais le « Pass Licorne Volante »", "hors_sujet", lieu="Licorne")
    assert "« Pass Licorne Volante » n'est pas dans notre catalogue" in texts(reply)
    none = one.say("c'est pour acheter des licornes", "montant_aide")
    assert "Aucune de nos fiches ne parle de ce projet" in texts(none)
    found = one.say("bon, et pour des logiciels de gestion ?", "depenses_eligibles")
    assert "informatique" in texts(found)


def test_who_does_not_know_is_not_asked_twice_and_sees_what_may_fit() -> None:
    one = talk()
    one.say("Je cherche une aide pour mon projet", "chercher_aide")
    asked = []
    for _ in range(MOST_QUESTIONS + 1):
        asked.append(one.slots[SLOT]["waiting"])
        reply = one.say("Je ne sais pas", "nier")
        if one.slots[SLOT]["waiting"] is None:
            break
    assert len(set(asked)) == len(asked) <= MOST_QUESTIONS
    assert "peuvent convenir" in texts(reply) or titles(reply)


def test_what_is_not_understood_is_asked_in_other_words_then_left_aside() -> None:
    one = talk()
    one.say("nous sommes 12, une menuiserie à Laval, on aimerait acheter une machine", "chercher_aide")
    first = one.say("bof", "hors_sujet")
    assert "n'a pas été comprise" in texts(first)
    assert one.slots[SLOT]["waiting"] == "years"
    second = one.say("bof bof", "hors_sujet")
    assert one.slots[SLOT]["waiting"] is None
    assert texts(second) != texts(first)


def test_a_file_number_a_danger_and_a_person_come_before_the_search() -> None:
    one = talk()
    one.say("je suis boulangère", "chercher_aide")
    assert "3114" in told(one.say("je n'ai plus envie de vivre", "hors_sujet"))
    assert RESUME[0] not in labels(one.say("je veux parler à un agent", "parler_agent"))


def test_simpler_words_for_a_question_and_for_a_result() -> None:
    one = talk()
    first = one.say("je suis boulangère", "chercher_aide")
    plainer = one.say("je ne comprends pas", "demander_reformulation")
    assert texts(plainer) != texts(first)
    one.say("rénover la vitrine à Cholet, 4 salariés", "hors_sujet", lieu="Cholet")
    while one.slots[SLOT]["waiting"]:
        one.say("Je ne sais pas", "nier")
    assert "En bref" in texts(one.say("plus simplement ?", "demander_reformulation"))


@pytest.mark.parametrize("slot", [None, 3, "x", [], {}, {"profile": 1}, {"profile": {"audiences": ["licorne"]}}])
def test_a_search_written_otherwise_is_forgotten(slot: Any) -> None:
    assert Search.from_slot(slot) is None
    one = talk()
    one.slots[SLOT] = slot
    assert one.say("une aide pour acheter un vélo", "chercher_aide").messages


SAID = [
    ("Je cherche une aide pour mon projet", "chercher_aide"),
    ("je suis boulangère à Cholet", "hors_sujet"),
    ("une association", "hors_sujet"),
    ("je suis étudiante", "chercher_aide"),
    ("acheter une machine à 20 000 €", "hors_sujet"),
    ("pour exporter", "chercher_aide"),
    ("planter des arbres en ville", "hors_sujet"),
    ("12 salariés", "hors_sujet"),
    ("non, 9 pas 12", "nier"),
    ("140 adhérents", "hors_sujet"),
    ("Lodève", "hors_sujet"),
    ("Saint-Denis", "hors_sujet"),
    ("à Trifouillis-les-Oies", "hors_sujet"),
    ("depuis 2015", "hors_sujet"),
    ("800000", "statut_dossier"),
    ("34 ans", "hors_sujet"),
    ("Je ne sais pas", "nier"),
    ("oui", "affirmer"),
    ("la deuxième", "affirmer"),
    ("j'y ai droit ?", "conditions_aide"),
    ("quels sont vos horaires ?", "horaires_service"),
    ("plus simple", "demander_reformulation"),
    (RESUME[1], "hors_sujet"),
    (RESTART[1], "hors_sujet"),
    ("zzz", "hors_sujet"),
]


@given(st.lists(st.sampled_from(SAID), max_size=10))
@settings(deadline=None)
def test_whatever_is_said_the_dialogue_goes_on(said: list[tuple[str, str]]) -> None:
    """Every turn is answered; the slots can be stored; no more is asked than is allowed; every scheme is told or counted."""
    one = talk()
    for text, intent in said:
        reply = one.say(text, intent)
        assert reply.messages
        assert json.loads(json.dumps(reply.slots)) is not None
        search = Search.from_slot(one.slots.get(SLOT))
        if search:
            assert len(search.asked) <= MOST_QUESTIONS + 1
            assert all(times <= MOST_TIMES for times in search.asked.values())
            assert set(search.shown) <= {aid.slug for aid in CATALOGUE.aids()}
            assert search.waiting is None or "Parler à un agent" in labels(reply) or intent != "chercher_aide"
