"""From the assistant to an agent and back, as the visitor and the agent see it."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from test_web_site import Site

from conversations import store
from conversations.switchboard import ASK_AGENT, BACK, LEAVE_MESSAGE
from quality.survey import Rating, rating
from web.chat.model import ERASE

MINE = "/console/conversations"
OWN = {"sec-fetch-site": "same-origin"}


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    with Site(tmp_path) as site:
        yield site


def be_there(site: Site, available: bool = True) -> None:
    site.sign_in()
    assert site.post(f"{MINE}/presence", data={"disponible": str(available)}, headers=OWN).status_code == 303


def wait_for_agent(site: Site) -> tuple[str, str]:
    """A visitor who waits; token and internal id."""
    token = site.begin()
    site.say(token, "Ma facture a été refusée")
    told = site.say(token, ASK_AGENT).json()
    assert (told["speaker"], told["state"]) == ("system", "waiting")
    return token, conversation_of(site, token)


def conversation_of(site: Site, token: str) -> str:
    with site.sessions() as session:
        found = store.find(session, token)
        assert found
        return found.id


def act(site: Site, conversation: str, what: str, **form: str) -> Any:
    return site.post(f"{MINE}/{conversation}/{what}", data=form, headers=OWN)


def texts(answer: Any) -> str:
    return " ".join(str(message.get("text")) for message in answer.json()["messages"]).replace("\u00a0", " ")


def test_without_an_agent_a_message_is_taken_with_its_address_and_its_conversation(site: Site) -> None:
    token = site.begin()
    site.say(token, "Ma facture a été refusée")
    told = site.say(token, "une personne").json()
    assert told["state"] == "bot"
    form = told["messages"][-1]
    assert (form["type"], form["name"]) == ("form", "message")
    assert next(field["value"] for field in form["fields"] if field["name"] == "text") == "Ma facture a été refusée\n\nune personne"
    refused = site.submit(token, "message", text="Ma facture", email="pas une adresse")
    assert (refused.status_code, list(refused.json()["errors"])) == (422, ["email"])
    done = site.submit(token, "message", text="Ma facture", email="luc@exemple.fr", attach=True)
    assert "AV-2026-000001" in texts(done)
    assert "au plus tard le jeudi 3 décembre 2026" in texts(done)
    (letter,) = site.letters
    assert (letter.email, letter.text, letter.channel.value) == ("luc@exemple.fr", "Ma facture", "chat")
    assert "Ma facture a été refusée" in letter.context


def test_an_address_typed_in_the_conversation_does_as_well_as_the_form(site: Site) -> None:
    token = site.begin()
    site.say(token, "Ma facture a été refusée")
    site.say(token, ASK_AGENT)
    told = site.say(token, "luc@exemple.fr")
    assert "AV-2026-000001" in texts(told)
    assert "facture" in site.letters[0].text
    assert site.letters[0].email == "luc@exemple.fr"
    # Later, an address is a message as any other.
    site.say(token, "mon adresse est luc@exemple.fr")
    assert len(site.letters) == 1


def test_a_whole_exchange_with_an_agent(site: Site) -> None:
    be_there(site)
    token, conversation = wait_for_agent(site)
    assert "Ma facture a été refusée" in site.get(f"{MINE}/{conversation}").text
    waiting = site.say(token, "C'est celle de l'imprimeur")
    assert "gardé" in texts(waiting)
    assert act(site, conversation, "prendre").status_code == 303
    assert site.say(token, "Vous êtes là ?").json() == {"messages": [], "speaker": "agent", "state": "agent"}
    assert act(site, conversation, "reponse", texte="Quelle facture ?").status_code == 303
    history = site.get(f"/api/conversations/{token}/messages").json()["messages"]
    assert [m["text"] for m in history[-3:]] == [
        "Agnès Martin, agent de la Région, lit notre conversation et vous répond.",
        "Vous êtes là ?",
        "Quelle facture ?",
    ]
    assert history[-1]["name"] == "Agnès Martin"
    act(site, conversation, "terminer")
    ended = site.get(f"/api/conversations/{token}/messages").json()
    assert ended["state"] == "closed"
    assert ended["messages"][-1]["name"] == "satisfaction"
    after = site.say(token, "L'adresse du siège ?").json()
    assert (after["speaker"], after["messages"][0]["text"]) == ("bot", "Vous dites : L'adresse du siège ?")


def test_the_agent_sees_who_waits_and_gives_back(site: Site) -> None:
    be_there(site)
    token, conversation = wait_for_agent(site)
    assert "Ma facture a été refusée" not in site.get(MINE).text.split("Vos conversations")[1]
    assert site.get(f"{MINE}/etat").json() == {"waiting": 1, "unanswered": 0}
    act(site, conversation, "prendre")
    assert site.get(f"{MINE}/etat").json() == {"waiting": 0, "unanswered": 1}
    act(site, conversation, "rendre")
    assert site.say(token, "Bonjour").json()["speaker"] == "bot"


def test_what_is_said_to_the_assistant_alone_is_read_by_no_agent(site: Site) -> None:
    be_there(site)
    token = site.begin()
    site.say(token, "Bonjour")
    assert site.get(f"{MINE}/{conversation_of(site, token)}").status_code == 404


def test_two_agents_cannot_take_the_same_conversation(site: Site) -> None:
    be_there(site)
    _token, conversation = wait_for_agent(site)
    act(site, conversation, "prendre")
    second = act(site, conversation, "prendre")
    assert (second.status_code, "changé entre-temps" in second.text) == (409, True)


def test_nothing_is_lost_when_the_visitor_gives_up_waiting(site: Site) -> None:
    be_there(site)
    token, _conversation = wait_for_agent(site)
    told = site.say(token, LEAVE_MESSAGE).json()
    assert (told["state"], told["messages"][-1]["name"]) == ("bot", "message")
    assert told["messages"][-1]["fields"][0]["value"] == "Ma facture a été refusée"
    site.say(token, ASK_AGENT)
    assert site.say(token, BACK).json()["state"] == "bot"


def test_nobody_comes_then_a_message_can_be_left(site: Site) -> None:
    be_there(site)
    token, _conversation = wait_for_agent(site)
    for _ in range(5):
        site.clock.now += timedelta(seconds=61)
        site.get(f"{MINE}/etat")
        site.sweep()
    told = site.get(f"/api/conversations/{token}/messages").json()
    assert (told["state"], told["messages"][-1]["name"]) == ("bot", "message")
    assert "Aucun agent n'a pu se libérer" in str(told)


def test_an_agent_who_closes_the_console_strands_nobody(site: Site) -> None:
    be_there(site)
    token, conversation = wait_for_agent(site)
    act(site, conversation, "prendre")
    site.clock.now += timedelta(seconds=100)
    site.sweep()
    assert site.get(f"/api/conversations/{token}/messages").json()["state"] == "waiting"
    site.sweep()
    told = site.get(f"/api/conversations/{token}/messages").json()
    assert (told["state"], told["messages"][-1]["name"]) == ("bot", "message")


def test_out_of_hours_only_an_agent_who_chose_it_is_there(site: Site) -> None:
    be_there(site)
    site.clock.now += timedelta(hours=12)  # 22 h in Paris
    site.get(f"{MINE}/etat")
    token = site.begin()
    assert "répondent par écrit" in texts(site.say(token, ASK_AGENT))
    be_there(site)
    assert site.say(token, ASK_AGENT).json()["state"] == "waiting"


def test_danger_is_answered_even_while_waiting(site: Site) -> None:
    be_there(site)
    token, _conversation = wait_for_agent(site)
    assert "3114" in texts(site.say(token, "je veux mourir"))


def test_rasa_down_a_person_can_still_be_asked_for(site: Site) -> None:
    be_there(site)
    token = site.begin()
    broken = site.say(token, "erreur").json()["messages"][0]
    choice = next(choice for choice in broken["choices"] if choice["label"] == "Parler à un agent")
    assert site.say(token, choice["message"]).json()["state"] == "waiting"


def test_an_opinion_in_the_conversation_is_kept_with_its_reference(site: Site) -> None:
    token = site.begin()
    form = site.say(token, "un avis").json()["messages"][-1]
    assert (form["name"], form["fields"][0]["value"]) == ("avis", "Deux mois sans nouvelles")
    done = site.submit(token, "avis", text="Deux mois sans nouvelles", email="", attach=False)
    assert "AV-2026-000001" in texts(done)
    assert (site.letters[0].context, site.letters[0].email) == ("", "")
    assert site.get(f"/api/conversations/{token}/messages").json()["messages"][1]["answered"] is True


def test_the_survey_counts_once_and_is_published(site: Site) -> None:
    token = site.begin()
    form = site.say(token, "au revoir").json()["messages"][-1]
    assert form["name"] == "satisfaction"
    assert site.submit(token, "satisfaction", comprehension="4").status_code == 422
    for _ in range(2):
        assert site.submit(token, "satisfaction", satisfaction="tres-bien", comprehension="4").status_code == 200
    told = site.get("/qualite/donnees.json").json()["satisfaction"]
    assert set(told.values()) == {None}  # too few to be told
    with site.sessions() as session:
        assert rating(session) == Rating(1, 1, 1, 1)


def test_account_numbers_are_masked_before_anything_keeps_them(site: Site) -> None:
    token = site.begin()
    said = site.say(token, "Mon IBAN : FR76 1234 5678 9012 3456 7890 123, merci")
    assert "masqué" in texts(said)
    assert "Vous dites" not in texts(said)
    assert "Vous dites" in texts(site.say(token, "Où déposer mon RIB FR76 1234 5678 9012 3456 7890 123 pour mon dossier ?"))
    assert "1234 5678" not in site.get(f"/api/conversations/{token}/messages").text
    assert "3456 7890" not in said.text


@pytest.mark.parametrize("by", ["delete", "words"])
def test_a_conversation_is_erased_for_good(site: Site, by: str) -> None:
    token = site.begin()
    site.say(token, "Bonjour")
    conversation = conversation_of(site, token)
    told = site.delete(f"/api/conversations/{token}") if by == "delete" else site.say(token, ERASE)
    assert told.json()["state"] == "erased"
    assert site.get(f"/api/conversations/{token}/messages").status_code == 404
    assert site.forgotten == [conversation]


def test_an_agent_turns_a_conversation_into_an_item(site: Site) -> None:
    be_there(site)
    _token, conversation = wait_for_agent(site)
    act(site, conversation, "prendre")
    refused = act(site, conversation, "message", courriel="pas une adresse", note="À rappeler")
    assert (refused.status_code, "À rappeler" in refused.text) == (422, True)
    assert act(site, conversation, "message", courriel="luc@exemple.fr").status_code == 303
    (letter,) = site.letters
    assert letter.text.startswith("Ma facture a été refusée")
    assert "Agnès Martin" in letter.context


def test_typing_shows_on_the_other_side(site: Site) -> None:
    be_there(site)
    token, conversation = wait_for_agent(site)
    act(site, conversation, "prendre")
    act(site, conversation, "ecrit")
    assert site.get(f"/api/conversations/{token}/messages").json()["typing"] is True
    act(site, conversation, "reponse", texte="Voilà")
    assert "typing" not in site.get(f"/api/conversations/{token}/messages").json()
