"""Answering from the desk: what is kept, what goes, what is refused, who may."""

import re
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import delete, select
from test_web_site import PASSWORD, START, Site

from desk.answer_tables import AnswerDraftRow
from desk.following import bring_back, wake
from desk.tables import AnswerLeaseRow, CorrectionRow
from history.store import HistoryRow
from outbox.address import AnswerAddress
from outbox.tables import OutboxRow
from people.rights import Role
from triage.correspondence import Correspondence
from triage.store import get_item
from triage.tables import FeedbackItemRow
from web.accounts.store import create_account, find_account

LETTERS = Correspondence(AnswerAddress("avis@region.fr", "secret"), "region.fr", lambda *_: None, lambda _rule, day: day)


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    with Site(tmp_path, letters=LETTERS) as site:
        site.sign_in()
        yield site


def write(site: Site, reference: str, do: str, text: str = "", **more: object) -> str:
    """The page that comes after."""
    files = more.pop("files", None)
    page = f"/console/messages/{reference}"
    form = {"m": reference, "texte": text, "moyen": "courriel", "faire": do, "retour": page, "jeton": "j1", "suite": "clore"} | more
    answer = site.post("/console/reponse", data=form, **({"files": files} if files else {}))
    assert answer.status_code == 303, answer.text
    return site.get(str(answer.headers["location"])).text


def item(site: Site, reference: str) -> FeedbackItemRow:
    with site.sessions() as session:
        found = get_item(session, reference)
        assert found
        return found


def mails(site: Site) -> list[OutboxRow]:
    with site.sessions() as session:
        return list(session.scalars(select(OutboxRow).order_by(OutboxRow.id)))


def test_a_draft_is_kept_as_typed_and_goes_once(site: Site) -> None:
    reference = site.add_opinion()
    page = write(site, reference, "garder", "Bonjour <b>Luc</b>\n\n suite", files={"piece": ("aide.pdf", b"%PDF", "application/pdf")})
    assert "Bonjour &lt;b&gt;Luc&lt;/b&gt;\n\n suite</textarea>" in page
    assert "aide.pdf (4\u00a0octets)" in page
    for _ in range(2):
        page = write(site, reference, "envoyer", "Bonjour Luc")
    (mail,) = mails(site)
    assert (mail.recipient, mail.subject, mail.next_try - mail.written_at) == (
        "luc@exemple.fr",
        "Re: Dossier en retard",
        timedelta(seconds=10),
    )
    assert mail.text.startswith("Bonjour Luc\n\nLe service des relations avec les usagers de")
    assert [(file.name, file.content) for file in mail.attachments] == [("aide.pdf", b"%PDF")]
    assert dict(map(tuple, mail.headers))["Reply-To"].startswith(f"avis+{reference}-")  # type: ignore[arg-type]
    assert (item(site, reference).status, item(site, reference).outcome) == ("closed", "repondu")
    assert "Issue : répondu" in page
    with site.sessions() as session:
        told = list(session.scalars(select(HistoryRow.what).where(HistoryRow.about == reference).order_by(HistoryRow.number)))
        assert told.count("repondu") == 1
        assert "brouillon" in told


def test_a_sending_is_undone_to_the_letter_then_no_more(site: Site) -> None:
    reference = site.add_opinion()
    page = write(site, reference, "envoyer", "Réponse trop vite partie")
    place = re.search(rf"/console/messages/{reference}/reponse/(\d+)/annuler", page)
    assert place
    back = site.post(place[0])
    page = site.get(back.headers["location"]).text
    assert "Réponse trop vite partie</textarea>" in page
    assert [mail.state for mail in mails(site)] == ["cancelled"]
    assert (item(site, reference).status, item(site, reference).outcome) == ("open", None)
    page = write(site, reference, "envoyer", "Réponse", jeton="j2")
    with site.sessions.begin() as session:
        for mail in session.scalars(select(OutboxRow)):
            mail.lease = "x"
    place = re.search(r"/reponse/(\d+)/annuler", page)
    assert place
    back = site.post(f"/console/messages/{reference}{place[0]}")
    assert "déjà parti" in site.get(back.headers["location"]).text
    assert item(site, reference).status == "closed"


@pytest.mark.parametrize(
    ("text", "told"),
    [("", "La réponse est vide"), ("Bonjour {prenom}", "Repère inconnu : {prenom}"), ("Avant le {date_limite}", "Repère sans valeur")],
)
def test_what_is_not_finished_does_not_go(site: Site, text: str, told: str) -> None:
    reference = site.add_opinion()
    page = write(site, reference, "envoyer", text)
    assert told in page
    assert f"{text}</textarea>" in page
    assert mails(site) == []
    assert item(site, reference).status == "open"


def test_without_a_server_or_an_address_no_mail_is_promised(tmp_path: Path) -> None:
    with Site(tmp_path) as site:
        site.sign_in()
        reference = site.add_opinion()
        assert "Aucun serveur d&#39;envoi" in write(site, reference, "envoyer", "Bonjour")
        with site.sessions.begin() as session:
            found = get_item(session, reference)
            assert found
            found.sender_email = ""
        page = write(site, reference, "envoyer", "Dit au téléphone", moyen="telephone")
        assert "par téléphone" in page
        assert item(site, reference).outcome == "repondu"


def test_a_template_is_filled_after_what_is_written(site: Site) -> None:
    reference = site.add_opinion()
    page = write(site, reference, "modele:dossier-en-retard", "Déjà écrit")
    area = page.split('<textarea id="texte"')[1].split("</textarea>")[0]
    assert "Déjà écrit\n\nBonjour Luc Petit," in area
    assert f"Gardez cette référence : {reference}." in area
    assert "{date_limite}" in area  # its day has passed: nothing is promised
    assert "Repère sans valeur" in write(site, reference, "envoyer", area.split(">", 1)[1])


def test_an_answer_is_validated_by_who_may(site: Site) -> None:
    reference = site.add_opinion()
    assert "À valider" in write(site, reference, "soumettre", "À relire")
    form = {"m": reference, "texte": "À relire", "moyen": "courriel", "retour": f"/console/messages/{reference}", "jeton": "j3"}
    assert site.post("/console/reponse/valider", data=form | {"faire": "valider"}).status_code == 403
    with site.sessions.begin() as session:
        create_account(session, "rene", "René Ferrand", "un autre mot de passe", START, Role.REFERENT)
    site.post("/connexion", data={"identifiant": "rene", "mot_de_passe": "un autre mot de passe"})
    assert reference in site.get("/console/citations").text
    site.post("/console/reponse/valider", data=form | {"faire": "renvoyer", "remarque": "Plus court"})
    page = site.get(f"/console/messages/{reference}").text
    assert "À reprendre : Plus court" in page
    assert "Agnès Martin" in page
    with site.sessions.begin() as session:
        row = session.scalars(select(AnswerDraftRow)).one()
        row.state = "a_valider"
    site.post("/console/reponse/valider", data=form | {"faire": "valider", "suite": "garder"})
    assert len(mails(site)) == 1
    assert item(site, reference).status == "open"


def test_what_another_agent_answers_is_not_written_over(site: Site) -> None:
    reference = site.add_opinion()
    write(site, reference, "garder", "Le texte d'Agnès")
    with site.sessions.begin() as session:
        create_account(session, "marc", "Marc Leroux", "un autre mot de passe", START)
    site.post("/connexion", data={"identifiant": "marc", "mot_de_passe": "un autre mot de passe"})
    form = {"m": reference, "texte": "Le texte de Marc", "moyen": "courriel", "faire": "envoyer"}
    answer = site.post("/console/reponse", data=form)
    assert answer.status_code == 409
    assert "Le texte de Marc</textarea>" in answer.text
    assert site.post("/console/reponse/brouillon", data=form).json()["refus"].startswith("Agnès Martin répond")
    with site.sessions() as session:
        assert session.scalars(select(AnswerDraftRow)).one().text == "Le texte d'Agnès"


def test_a_date_written_becomes_the_deadline_when_accepted(site: Site) -> None:
    reference = site.add_opinion()
    page = write(site, reference, "envoyer", "Vous aurez une réponse le 15 décembre 2026.")
    assert 'value="echeance:2026-12-15"' in page
    site.post("/console/actions", data={"m": reference, "faire": "echeance:2026-12-15"})
    found = item(site, reference)
    assert (found.due_on, found.promised, found.status) == (date(2026, 12, 15), True, "open")
    assert "promis à la personne" in site.get(f"/console/messages/{reference}").text
    site.post("/console/actions", data={"m": reference, "faire": "clore:sans_suite"})
    assert item(site, reference).outcome == "sans_suite"
    assert site.post("/console/actions", data={"m": reference, "faire": "echeance:2020-01-01"}).status_code == 422


def test_a_message_that_waits_comes_back_on_its_day(site: Site) -> None:
    reference = site.add_opinion()
    site.post("/console/actions", data={"m": reference, "faire": "attendre", "rappel": "2026-12-01"})
    assert (item(site, reference).status, item(site, reference).remind_on) == ("waiting", date(2026, 12, 1))
    with site.sessions.begin() as session:
        assert wake(session, date(2026, 11, 30), START) == 0
        assert wake(session, date(2026, 12, 1), START) == 1
        assert wake(session, date(2026, 12, 1), START) == 0
    assert (item(site, reference).status, item(site, reference).remind_on) == ("open", None)


def test_an_answer_that_could_not_be_delivered_is_to_do_again(site: Site) -> None:
    reference = site.add_opinion()
    write(site, reference, "envoyer", "Bonjour")
    with site.sessions.begin() as session:
        for mail in session.scalars(select(OutboxRow)):
            mail.state, mail.reason = "failed", "Adresse inconnue."
    with site.sessions.begin() as session:
        assert [bring_back(session, START) for _ in range(2)] == [1, 0]
    assert (item(site, reference).status, item(site, reference).outcome) == ("open", None)
    page = site.get(f"/console/messages/{reference}").text
    assert "Non remis.</strong> Adresse inconnue." in page
    assert "Réponse non remise" in page
    site.post("/console/actions", data={"m": reference, "faire": "clore:sans_suite"})
    with site.sessions.begin() as session:
        assert bring_back(session, START) == 0
    assert item(site, reference).status == "closed"


def test_a_note_is_shown_to_who_it_names(site: Site) -> None:
    reference = site.add_opinion()
    with site.sessions.begin() as session:
        create_account(session, "marc", "Marc Leroux", "un autre mot de passe", START)
    site.post(f"/console/messages/{reference}/notes", data={"note": "@Marc et @personne, un avis ? a@marc.fr"})
    assert mails(site) == []
    site.post("/connexion", data={"identifiant": "marc", "mot_de_passe": "un autre mot de passe"})
    assert "On me cite <strong>(1)</strong>" in site.get("/console").text
    assert "Nouveau." in site.get("/console/citations").text
    assert "@Marc et @personne" in site.get(f"/console/messages/{reference}").text
    assert "(1)" not in site.get("/console").text


def test_two_messages_of_one_person_become_one(site: Site) -> None:
    first, second = site.add_opinion(), site.add_opinion()
    assert site.post(f"/console/messages/{second}/fusionner", data={"dans": second}).status_code == 409
    assert site.post(f"/console/messages/{second}/fusionner", data={"dans": first.lower()}).status_code == 303
    assert (item(site, second).status, item(site, second).outcome) == ("closed", "doublon")
    assert first in site.get(f"/console/messages/{second}").text
    assert f"message réuni {second}" in site.get(f"/console/messages/{first}").text
    assert site.post(f"/console/messages/{first}/fusionner", data={"dans": second}).status_code == 409
    third = site.add_opinion()
    with site.sessions.begin() as session:
        found = get_item(session, third)
        assert found
        found.sender_email = "autre@exemple.fr"
    assert site.post(f"/console/messages/{third}/fusionner", data={"dans": first}).status_code == 409


def test_a_part_becomes_a_message_of_its_own(site: Site) -> None:
    reference = site.add_opinion()
    assert site.post(f"/console/messages/{reference}/separer", data={"partie": "Des mots d'ailleurs"}).status_code == 409
    site.post(f"/console/messages/{reference}/separer", data={"partie": "Le délai annoncé\r\nest dépassé."})
    (letter,) = site.letters
    assert (letter.text, letter.email, letter.answered_elsewhere) == ("Le délai annoncé\nest dépassé.", "luc@exemple.fr", True)


def test_answers_to_near_messages_are_proposed(site: Site) -> None:
    first = site.add_opinion()
    write(site, first, "envoyer", "La réponse d'avant")
    second = site.add_opinion()
    page = site.get(f"/console/messages/{second}").text
    number = re.search(r'value="reprendre:(\d+)"', page)
    assert number
    assert "La réponse d&#39;avant\n</textarea>" in write(site, second, f"reprendre:{number[1]}", jeton="j9")


def sign_in_as(site: Site, login: str, name: str, role: Role = Role.AGENT) -> None:
    with site.sessions.begin() as session:
        create_account(session, login, name, "un autre mot de passe", START, role)
    site.post("/connexion", data={"identifiant": login, "mot_de_passe": "un autre mot de passe"})


def told_of(site: Site, reference: str) -> list[str]:
    with site.sessions() as session:
        return list(session.scalars(select(HistoryRow.what).where(HistoryRow.about == reference).order_by(HistoryRow.number)))


def take_back(site: Site, reference: str, page: str) -> str:
    place = re.search(r"/console/messages/[^/]+/reponse/\d+/annuler", page)
    assert place
    return site.get(site.post(place[0], data={"retour": f"/console/messages/{reference}"}).headers["location"]).text


def test_what_a_form_sends_counts_once_and_other_words_are_another_answer(site: Site) -> None:
    reference = site.add_opinion()
    take_back(site, reference, write(site, reference, "envoyer", "v1"))
    for text in ("v2", "v2", "v3"):
        write(site, reference, "envoyer", text)
    for _ in range(2):
        write(site, reference, "envoyer", "dit", moyen="telephone", jeton="j2")
    write(site, reference, "envoyer", "v4", jeton="")
    write(site, reference, "envoyer", "v5", jeton="")
    assert [(mail.text[:2], mail.state) for mail in mails(site)] == [
        ("v1", "cancelled"),
        ("v2", "due"),
        ("v3", "due"),
        ("v4", "due"),
        ("v5", "due"),
    ]
    assert told_of(site, reference).count("repondu") == 6
    assert site.get(f"/console/messages/{reference}").text.count("</strong> par téléphone") == 1


def test_what_is_kept_too_late_does_not_bring_back_an_answer(site: Site) -> None:
    reference = site.add_opinion()
    write(site, reference, "envoyer", "Bonjour")
    late = site.post("/console/reponse/brouillon", data={"m": reference, "texte": "Bonj", "moyen": "courriel", "jeton": "j1"})
    assert (late.status_code, "déjà envoyée" in late.json()["refus"]) == (409, True)
    assert site.post("/console/reponse/brouillon", data={"m": reference, "texte": "é" * 20_000, "jeton": "j2"}).status_code == 200
    with site.sessions() as session:
        assert session.scalars(select(AnswerDraftRow)).one().text == "é" * 20_000


@pytest.mark.parametrize("who", ["its author", "a colleague"])
def test_an_answer_to_validate_goes_by_nobody_else(site: Site, who: str) -> None:
    reference = site.add_opinion()
    write(site, reference, "soumettre", "À relire")
    if who == "a colleague":
        sign_in_as(site, "marc", "Marc Leroux")
    page = write(site, reference, "envoyer", "À relire, changée")
    assert "attend d&#39;être validée" in page
    assert "À relire, changée</textarea>" in page
    assert mails(site) == []
    sign_in_as(site, "rene", "René Ferrand", Role.REFERENT)
    with site.sessions.begin() as session:
        session.execute(delete(AnswerLeaseRow))
    form = {"m": reference, "texte": "Relue", "moyen": "courriel", "retour": f"/console/messages/{reference}", "jeton": "j4"}
    site.post("/console/reponse/valider", data=form | {"faire": "valider"})
    page = take_back(site, reference, site.get(f"/console/messages/{reference}").text)
    assert "À valider" in page, "what was validated and taken back is to be validated again"
    assert "Agnès Martin" in page, "it is still its author's"
    site.post("/console/reponse/valider", data=form | {"faire": "renvoyer", "remarque": "x" * 2001, "jeton": "j5"})
    assert "À valider" in site.get(f"/console/messages/{reference}").text
    site.post("/console/reponse/valider", data=form | {"faire": "renvoyer", "remarque": "Plus court"})
    site.post("/connexion", data={"identifiant": "agnes", "mot_de_passe": PASSWORD})
    assert "Demandez de nouveau une validation" in write(site, reference, "envoyer", "Reprise")
    assert [mail.state for mail in mails(site)] == ["cancelled"]


def test_a_message_still_open_is_not_lost_in_a_closed_one(site: Site) -> None:
    closed, still_open = site.add_opinion(), site.add_opinion()
    write(site, closed, "envoyer", "Répondu", jeton="a")
    write(site, closed, "garder", "Déjà écrit")
    write(site, still_open, "garder", "Commencé", files={"piece": ("aide.pdf", b"%PDF", "application/pdf")})
    with site.sessions.begin() as session:
        found = get_item(session, still_open)
        assert found
        found.urgent, found.due_on, found.priority = True, date(2026, 11, 26), 0
    site.post(f"/console/messages/{still_open}/fusionner", data={"dans": closed})
    goes_on = item(site, closed)
    assert (goes_on.status, goes_on.outcome, goes_on.urgent, goes_on.priority) == ("open", None, True, 0)
    assert goes_on.due_on == date(2026, 11, 26)
    page = site.get(f"/console/messages/{closed}").text
    assert "Déjà écrit\n\nCommencé</textarea>" in page
    assert "aide.pdf" in page
    with site.sessions() as session:
        assert session.scalars(select(CorrectionRow)).all() == [], "merging corrects no label"
    assert site.post("/console/reponse", data={"m": still_open, "texte": "Ici", "faire": "garder"}).status_code == 409


def test_an_answer_taken_back_after_a_merging_comes_back_where_the_message_goes_on(site: Site) -> None:
    first, second = site.add_opinion(), site.add_opinion()
    write(site, second, "envoyer", "Trop vite")
    site.post("/console/actions", data={"m": first, "faire": "clore:repondu"})
    site.post(f"/console/messages/{second}/fusionner", data={"dans": first})
    assert item(site, first).status == "closed"
    page = take_back(site, first, site.get(f"/console/messages/{first}").text)
    assert "Trop vite</textarea>" in page
    assert [mail.state for mail in mails(site)] == ["cancelled"]
    assert (item(site, first).status, item(site, second).status) == ("open", "closed")


@pytest.mark.parametrize("day", ["", "2020-01-01", "9999-12-31"])
def test_nobody_is_waited_for_without_end(site: Site, day: str) -> None:
    first, second = site.add_opinion(), site.add_opinion()
    write(site, first, "envoyer", "x", suite="attendre", rappel=day)
    site.post("/console/actions", data={"m": second, "faire": "attendre", "rappel": day})
    for reference in (first, second):
        assert (item(site, reference).status, item(site, reference).remind_on) == ("waiting", date(2026, 12, 9))
        assert re.search(r"À revoir le (\w+\s)?9\sdécembre", site.get(f"/console/messages/{reference}").text)


def test_a_text_too_long_is_given_back_whole(site: Site) -> None:
    reference = site.add_opinion()
    write(site, reference, "garder", "Gardé")
    text = "x" * 20_001
    answer = site.post("/console/reponse", data={"m": reference, "texte": text, "moyen": "courriel", "faire": "envoyer"})
    assert answer.status_code == 409
    assert "20001\u00a0signes" in answer.text
    assert f"{text}</textarea>" in answer.text
    answer = site.post(f"/console/messages/{reference}/notes", data={"note": text})
    assert f"{text}</textarea>" in answer.text
    assert "Gardé</textarea>" in site.get(f"/console/messages/{reference}").text


def test_reading_the_answer_to_another_message_is_told(site: Site) -> None:
    first = site.add_opinion()
    write(site, first, "envoyer", "La réponse d'avant")
    second = site.add_opinion()
    site.clock.now += timedelta(hours=1)
    site.sign_in()
    before = told_of(site, first).count("lu")
    page = site.get(f"/console/messages/{second}").text
    assert told_of(site, first).count("lu") == before + 1
    site.clock.now += timedelta(minutes=20)
    number = re.search(r'value="reprendre:(\d+)"', page)
    assert number
    site.post("/console/reponse", data={"m": second, "faire": f"reprendre:{number[1]}", "moyen": "courriel"})
    assert told_of(site, first).count("lu") == before + 2


def test_a_login_that_nobody_has_is_told(site: Site) -> None:
    reference = site.add_opinion()
    back = site.post(f"/console/messages/{reference}/notes", data={"note": "@<b>, @personne et @agnes, un avis ?"})
    page = site.get(back.headers["location"]).text
    assert "Personne n'a cet identifiant : @personne." in page
    assert "agnes" in page.split("Identifiants de l'équipe :")[1][:40]
    assert "@personne et @agnes" in page


def test_values_that_nobody_types_fail_nothing(site: Site) -> None:
    reference = site.add_opinion()
    page = f"/console/messages/{reference}"
    write(site, reference, "garder", "x")
    forms: list[dict[str, str]] = [
        {"faire": each} for each in ("reprendre:²", "reprendre:999999999999", "retirer:0", "modele:../x", "soumettre")
    ]
    for form in (*forms, {"m": "zzz"}, {"moyen": "transmission"}, {"retour": "//x"}, {"jeton": "\x00" * 50}, {"texte": "\x00"}):
        assert site.post("/console/reponse", data={"m": reference, "texte": "", "moyen": "courriel"} | form).status_code < 500, form
    for path in (f"{page}/reponse/{10**30}/annuler", f"{page}/fusionner", f"{page}/separer", f"{page}/notes"):
        assert site.post(path, data={"dans": "\x00", "partie": "\x00", "note": "\x00"}).status_code < 500, path
    for path in (f"{page}?inconnu=%00%3Cb%3E&parti=1", f"{page}/echanges/{10**30}/pieces/1", f"{page}/echanges/1/pieces/{10**30}"):
        assert site.get(path).status_code < 500, path


def test_files_of_the_thread_can_be_downloaded(site: Site) -> None:
    reference = site.add_opinion()
    page = write(site, reference, "envoyer", "Voici", files={"piece": ("é.pdf", b"%PDF", "application/pdf")})
    place = re.search(rf"/console/messages/{reference}/echanges/\d+/pieces/1", page)
    assert place
    got = site.get(place[0])
    assert (got.content, got.headers["content-type"]) == (b"%PDF", "application/octet-stream")
    other = site.add_opinion()
    assert site.get(place[0].replace(reference, other)).status_code == 404
    assert site.get(place[0].replace("pieces/1", "pieces/2")).status_code == 404


def test_an_administrator_writes_to_nobody(site: Site) -> None:
    reference = site.add_opinion()
    with site.sessions.begin() as session:
        account = find_account(session, "agnes")
        assert account
        account.role = Role.ADMINISTRATOR.value
    assert site.post("/console/reponse", data={"m": reference, "texte": "x", "faire": "garder"}).status_code == 403
