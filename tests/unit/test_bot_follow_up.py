"""Follow-ups: another question with the same answer, what is told on the way, what is let go of."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_bot_actions import Talk, outbox, services, sessions, talk, told  # noqa: F401

from bot.actions.conversing import converse
from bot.actions.follow_up import nearest_lines, same_question
from bot.actions.messages import text
from bot.actions.registry import ACTIONS
from bot.actions.said_first import first_subject
from bot.actions.services import Services
from bot.actions.turn import Entity, Reply, Turn

LINES = [
    "Le dépôt se fait en ligne.",
    "La réponse vient sous 60 jours.",
    "Un agent répond au 01 99 00 12 34.",
    "L'adresse : 1 place de l'Exemple.",
]
ANSWER = [text("\n".join(LINES))]


def test_the_line_that_has_the_words_of_the_question_is_nearest() -> None:
    assert nearest_lines("et le dépôt, par la poste c'est possible ?", ANSWER) == LINES[:1]
    assert nearest_lines("combien de temps ça prend", ANSWER) == LINES[1:2]
    assert nearest_lines("à quelle adresse ?", ANSWER) == LINES[3:]
    assert nearest_lines("plutôt le matin", ANSWER) == []


def test_the_same_question_in_other_letters_is_the_same() -> None:
    assert same_question("Quand est-ce que je serai payé ?", "QUAND EST CE QUE JE SERAI PAYÉ")
    assert same_question("les pièces pour le contrat export", "quelles pièces pour le Contrat Export ??")
    assert not same_question("cette conversation est enregistrée ?", "qui peut la lire, et combien de temps vous la gardez")


@given(st.text(max_size=200), st.lists(st.text(max_size=80), max_size=6))
def test_nothing_is_said_that_the_answer_has_not(question: str, lines: list[str]) -> None:
    near = nearest_lines(question, [text("\n".join(lines))])
    whole = [line.strip() for line in "\n".join(lines).split("\n")]
    assert set(near) <= set(whole)
    assert [line for line in dict.fromkeys(whole) if line in near] == near


def test_another_question_on_the_same_subject_gets_its_own_lines(talk: Talk) -> None:  # noqa: F811
    talk.say("Cette conversation est enregistrée ?", "donnees_personnelles")
    second = talk.say("qui peut la lire, et combien de temps vous la gardez", "donnees_personnelles").messages
    assert "Personne ne la lit" in second[0]["text"]
    assert "jours" in second[0]["text"]
    assert "dpo@" not in second[0]["text"]
    third = talk.say("Je veux que vous supprimiez tout ce que vous avez sur moi", "donnees_personnelles").messages
    assert "dpo@" in third[0]["text"]
    assert "handover" not in {message["type"] for message in second + third}


def test_aids_already_received_are_not_passed_over(talk: Talk) -> None:  # noqa: F811
    talk.say("le Contrat Export se cumule avec Prim'Export ?", "cumul_aides", aide="Contrat Export")
    reply = talk.say("et si on a déjà touché 180 000 euros d'aides en trois ans ?", "cumul_aides", montant="180 000 euros")
    assert "déjà reçu 180 000 euros" in told(reply)
    assert "300 000" in told(reply)
    assert reply.messages[-1]["type"] == "choices"


def test_a_delay_that_hurts_is_heard(talk: Talk) -> None:  # noqa: F811
    reply = talk.say("mon solde n'est pas arrivé depuis trois mois et j'ai un loyer à payer", "versement_aide")
    assert "Si ce retard vous met en difficulté" in told(reply)
    assert "Si ce retard" not in told(Talk(talk.services, name="c2").say("quand est versé le solde", "versement_aide"))


def test_who_lets_go_of_a_file_is_not_asked_for_it_again(talk: Talk) -> None:  # noqa: F811
    talk.say("mon dossier il en est où", "statut_dossier")
    reply = talk.say("oh et puis non laissez tomber le numéro je le retrouve pas", "retrouver_numero")
    assert "laissons ce dossier de côté" in told(reply)
    assert talk.slots["question_en_attente"] is None
    talk.say("dossier EXP-2026-00123", "statut_dossier", numero_dossier="EXP-2026-00123")
    assert talk.slots["attend_code"]
    talk.say("tant pis, laissez tomber", "hors_sujet")
    assert not talk.slots["attend_code"]


def test_what_it_is_for_is_no_name_of_a_place(talk: Talk) -> None:  # noqa: F811
    talk.say("association loi 1901, 140 licenciés, zéro salarié", "chercher_aide", effectif="zéro salarié")
    reply = talk.say("c'est pour acheter un minibus", "chercher_aide")
    assert "liste des communes" not in told(reply)
    assert "matériel ou un véhicule" in told(reply)


def test_a_project_is_answered_with_names_at_once(talk: Talk) -> None:  # noqa: F811
    reply = talk.say("un truc pour la caisse enregistreuse et le paiement en ligne du coup ?", "chercher_aide")
    assert "aides existent" in told(reply) or "peuvent convenir" in told(reply)


def test_missed_twice_another_wording_is_not_asked_for(talk: Talk) -> None:  # noqa: F811
    first = talk.say("non c'est pas ça ma question", "hors_sujet").messages
    second = talk.say("vous répondez encore à côté, c'est pénible", "hors_sujet").messages
    assert "en d'autres mots" in first[0]["text"]
    assert "d'autres mots" not in second[0]["text"]
    assert second[-1] == {"type": "handover", "reason": "incompris"}
    assert talk.say("bon y'a quelqu'un dans cette maison ??", "saluer").messages == [{"type": "handover", "reason": "demande"}]
    assert talk.say("bonjour, il y a quelqu'un ?", "saluer").messages[0]["type"] == "text"


def test_two_aids_are_shown_under_the_same_heads(talk: Talk) -> None:  # noqa: F811
    turn = Turn(
        "c1",
        "quelle différence entre le contrat export et prim'export ?",
        "cumul_aides",
        (Entity("aide", "contrat export"), Entity("aide", "prim'export")),
    )
    reply = converse(turn, talk.services, ACTIONS["action_fiche_aide"])
    cards = [message for message in reply.messages if message["type"] == "card"]
    assert [card["title"] for card in cards] == ["Contrat Export", "Prim'Export"]
    assert [fact["label"].split(" (")[0] for fact in cards[0]["facts"]] == [fact["label"].split(" (")[0] for fact in cards[1]["facts"]]
    talk.slots |= reply.slots
    assert "dépend de votre situation" in told(talk.say("lequel est le mieux pour moi ?", "hors_sujet"))


def test_whether_an_aid_is_given_back_is_no_question_of_payment(talk: Talk) -> None:  # noqa: F811
    assert "ne se rembourse pas" in told(talk.say("je dois rembourser l'aide si je ferme ?", "versement_aide"))
    assert "ne se rembourse pas" not in told(talk.say("quand serai-je remboursé de mes billets", "versement_aide"))


def test_another_name_of_an_aid_is_not_the_aid_when_surely_out_of_scope(talk: Talk) -> None:  # noqa: F811
    assert "ants.gouv.fr" in told(talk.say("refaire mon permis de conduire volé", "hors_sujet", aide="permis de conduire"))


def test_where_to_put_a_paper_is_no_question_of_where_the_file_stands(talk: Talk) -> None:  # noqa: F811
    first = talk.say("mon RIB, je vous l'envoie là ?", "completer_dossier")
    assert "elle n'est pas protégée pour cela" in told(first)
    again = talk.say("ah bon. et je le mets où alors, dossier EXP-2026-00123", "statut_dossier", numero_dossier="EXP-2026-00123")
    assert "site de dépôt" in told(again)
    assert "code à six chiffres" not in told(again)


def test_insisting_without_the_code_is_answered_kindly_and_gives_nothing(talk: Talk) -> None:  # noqa: F811
    talk.say("dossier EXP-2026-00123", "statut_dossier", numero_dossier="EXP-2026-00123")
    said = [told(talk.say(words, "hors_sujet")) for words in ("le code va chez la secrétaire", "juste oui ou non", "et à quelle adresse ?")]
    assert said[0] != said[1]
    assert all("justificatif" in each and "essai@" not in each and "étudie" not in each for each in said)


def test_a_club_that_asks_what_it_may_have_is_searched_for(talk: Talk) -> None:  # noqa: F811
    reply = talk.say(
        "On est un petit club de hand, on a droit à quelque chose ?", "chercher_aide", close=("chercher_aide", "connaitre_engagements")
    )
    assert "association" in told(reply)
    assert "deux façons" not in told(reply)


@pytest.mark.parametrize(
    ("words", "key"),
    [
        ("j'ai déjà versé l'acompte du stand, c'est grave ?", "depense_faite"),
        ("on a déjà signé avec les artistes", "depense_faite"),
        ("je peux acheter le four avant d'avoir la réponse ?", "avant_reponse"),
        ("faut que je fasse la demande avant de partir ?", "demande_avant"),
        ("est-ce que je dois rembourser si je vends le camion", "aide_a_rendre"),
        ("je dois rembourser le prêt quand ?", None),
        ("en construction, ça veut dire quoi exactement", "etats_dossier"),
        ("le site a planté hier soir et la date limite est passée", "depot_empeche"),
        ("quelle est la date limite", None),
        ("j'ai déjà signé le formulaire", None),
        ("quelles pièces pour le Contrat Export", None),
    ],
)
def test_some_words_are_answered_whatever_was_understood(words: str, key: str | None) -> None:
    assert first_subject(Turn("c1", words, "hors_sujet")) == key


def test_every_first_subject_is_written(services: Services) -> None:  # noqa: F811
    for key in ("depense_faite", "avant_reponse", "demande_avant", "aide_a_rendre", "etats_dossier", "depot_empeche"):
        assert services.answers.get(key)


def test_another_language_is_told_in_both(talk: Talk) -> None:  # noqa: F811
    assert "French only" in told(talk.say("Hello, my company wants to exhibit at a trade fair in Japan, can you help?", "chercher_aide"))
    assert "French only" not in told(Talk(talk.services, name="c2").say("aide export japon salon entreprise", "chercher_aide"))


def test_a_complaint_goes_on_in_its_form(talk: Talk) -> None:  # noqa: F811
    first = "cela fait six mois que j'attends une réponse à mon dossier, c'est trop"
    more = "et en plus la dame au téléphone m'a raccroché au nez deux fois"
    talk.say(first, "faire_reclamation")
    second = talk.say(more, "faire_reclamation").messages
    assert second[-1] == {"type": "opinion", "text": f"{first}\n{more}"}
    assert "rien n'est parti" in told(Reply(second))
    assert "n'est pas encore parti" in told(talk.say("oui j'accepte", "affirmer"))
    assert "date de réponse" in told(talk.say("quand est-ce qu'on me répond ?", "delai_instruction"))


def test_a_line_that_leans_on_another_does_not_stand_alone() -> None:
    lines = ["L'assistant s'utilise au clavier.", "Il n'a pas de langue des signes.", "Écrivez-nous."]
    assert nearest_lines("et la langue des signes ?", [text("\n".join(lines))]) == lines[:2]


def test_a_question_is_no_name_of_a_place(talk: Talk) -> None:  # noqa: F811
    talk.say("association de 3 salariés", "chercher_aide")
    talk.say("acheter du matériel", "chercher_aide")
    assert "liste des communes" not in told(talk.say("jusqu'à quand je peux demander", "hors_sujet"))
