"""Who asks and for what, from the words of a sentence."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aids.eligibility import Dimension
from aids.model import Audience
from aids.places import gazetteer
from aids.profile import RANGES, Profile, Range
from bot.actions.profile import Reading, introduces, is_restart, learn, read_profile
from bot.actions.quantities import LARGEST, flat, quantity, read
from bot.actions.trades import find_trade

FRANCE = gazetteer()
TODAY = date(2026, 11, 24)
SERVED = frozenset({"Pays de la Loire", "Occitanie"})
COMPANY = Profile(audiences=frozenset({Audience.ENTREPRISE}))
CLUB = Profile(audiences=frozenset({Audience.ASSOCIATION}))


def told(
    text: str, asked: Dimension | None = None, known: Profile | None = None, places: tuple[str, ...] = (), trades: tuple[str, ...] = ()
) -> Reading:
    return read_profile(text, places, trades, TODAY, FRANCE, asked=asked, known=known, served=SERVED)


def values(text: str, asked: Dimension | None = None, known: Profile | None = None) -> dict[str, Any]:
    """What is told, without the words and the place."""
    found = told(text, asked, known).told.to_json()
    return {key: value for key, value in found.items() if key not in ("words", "places", "trade", "sectors")}


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        (
            "nous sommes 8, une ébénisterie à Saumur, il nous faut une dégauchisseuse et d'autres machines",
            {"audiences": ["artisan"], "projects": ["equiper"], "headcount": [8, 8]},
        ),
        ("un petit club de judo, 210 adhérents, pas de salarié", {"audiences": ["association"], "headcount": [0, 0]}),
        ("EURL, je suis seul, plombier depuis 3 ans", {"audiences": ["artisan", "entreprise"], "headcount": [0, 0], "years": [3, 3]}),
        (
            "SAS de vingt-cinq salariés, 1,2 M€ de chiffre d'affaires",
            {"audiences": ["entreprise"], "headcount": [25, 25], "turnover": [1.2e6, 1.2e6]},
        ),
        ("ma boîte a sept mois", {"audiences": ["entreprise"], "years": [7 / 12, 7 / 12]}),
        ("étudiante, 22 ans, je pars un semestre au Chili", {"audiences": ["etudiant"], "projects": ["partir"], "age": [22, 22]}),
        (
            "mon fils est apprenti, il a 17 ans, il veut passer le permis",
            {"audiences": ["apprenti"], "projects": ["permis"], "age": [17, 17]},
        ),
        ("la mairie de 900 habitants", {"audiences": ["commune"]}),
        ("vigneronne, une dizaine de salariés", {"audiences": ["agriculteur"], "headcount": [8, 12]}),
        ("infirmière en libéral", {"audiences": ["profession_liberale"]}),
        ("je suis apprentie dans une entreprise de peinture", {"audiences": ["apprenti"]}),
        ("on n'est pas une entreprise, on est une association", {"audiences": ["association"]}),
        ("j'ai été licenciée, je veux ouvrir un atelier de couture", {"audiences": ["artisan"], "projects": ["creer"], "years": [0, 0]}),
        ("une machine à 20 000 €", {"projects": ["equiper"], "budget": [20_000, 20_000]}),
        ("on a déjà touché 180 000 euros d'aides", {}),
        ("je gagne 1 480 € par mois", {}),
        ("on voudrait embaucher 2 salariés", {"projects": ["recruter"]}),
        ("une association qui veut isoler son local", {"audiences": ["association"], "projects": ["amenager"]}),
        ("j'isole ma maison, je suis propriétaire", {"audiences": ["particulier"], "projects": ["renover"]}),
        ("ouvrir un salon de coiffure", {"audiences": ["artisan"], "projects": ["creer"], "years": [0, 0]}),
        ("un stand dans un salon professionnel", {"projects": ["exporter"]}),
        ("un comité des fêtes veut acheter un barnum", {"audiences": ["association"], "projects": ["equiper"]}),
        ("éditeur de logiciels, on veut attaquer l'Allemagne", {"audiences": ["entreprise"], "projects": ["exporter", "numeriser"]}),
        ("ça coûte 12 000 euros", {"budget": [12_000, 12_000]}),
        ("le CA, c'est 900 000", {"turnover": [900_000, 900_000]}),
        ("ma fille de 19 ans est apprentie", {"audiences": ["apprenti"], "age": [19, 19]}),
        ("notre boîte a été créée l'an dernier", {"audiences": ["entreprise"], "years": [0.9, 1.9]}),
        ("bonjour", {}),
        ("", {}),
    ],
)
def test_a_sentence_is_read_at_once(text: str, wanted: dict[str, Any]) -> None:
    assert values(text) == {key: pytest.approx(value, abs=0.05) if key in RANGES else value for key, value in wanted.items()}


@pytest.mark.parametrize(
    ("asked", "text", "wanted"),
    [
        (Dimension.HEADCOUNT, "douze", [12, 12]),
        (Dimension.HEADCOUNT, "on est neuf", [9, 9]),
        (Dimension.HEADCOUNT, "que moi", [0, 0]),
        (Dimension.HEADCOUNT, "aucun", [0, 0]),
        (Dimension.HEADCOUNT, "moins de dix", [0, 9]),
        (Dimension.HEADCOUNT, "plus de 50", [51, None]),
        (Dimension.HEADCOUNT, "entre 10 et 20", [10, 20]),
        (Dimension.HEADCOUNT, "ça dépend des saisons, de 4 à 8", [4, 8]),
        (Dimension.HEADCOUNT, "à quelle heure ouvrez-vous le 3 ?", None),
        (Dimension.YEARS, "2019", [6.9, 7.9]),
        (Dimension.YEARS, "six mois", [0.5, 0.5]),
        (Dimension.YEARS, "pas encore créée", [0, 0]),
        (Dimension.YEARS, "on vient d'ouvrir", [0, 0.25]),
        (Dimension.TURNOVER, "300 k", [300_000, 300_000]),
        (Dimension.TURNOVER, "800000", [800_000, 800_000]),
        (Dimension.BUDGET, "dans les 15 000 €", [15_000, 15_000]),
        (Dimension.AGE, "22", [22, 22]),
        (Dimension.AGE, "moins de 30 ans", [0, 29]),
    ],
)
def test_a_bare_answer_is_about_what_was_asked(asked: Dimension, text: str, wanted: list[float | None] | None) -> None:
    known = Profile(audiences=frozenset({Audience.ETUDIANT})) if asked is Dimension.AGE else COMPANY
    found = told(text, asked, known).told.to_json().get(asked.value)
    assert found == (pytest.approx(wanted, abs=0.05) if wanted and None not in wanted else wanted)


@pytest.mark.parametrize(
    ("known", "text", "wanted"),
    [
        (21, "non, 12 salariés pas 21", 12),
        (21, "pas 21, 12", 12),
        (21, "je me suis trompé, c'est 12 et pas 21", 12),
        (210, "210 c'est les adhérents, pas les salariés", None),
        (0, "210 c'est les adhérents", 0),
        (12, "on est à Lodève", 12),
    ],
)
def test_what_was_said_wrong_is_taken_back(known: int, text: str, wanted: int | None) -> None:
    before = Profile(audiences=frozenset({Audience.ASSOCIATION}), headcount=Range.exactly(known))
    assert learn(before, told(text, known=before)).headcount == (None if wanted is None else Range.exactly(wanted))


def test_another_kind_of_person_is_no_longer_a_company() -> None:
    firm = learn(Profile(), told("SARL de 12 salariés, créée en 2010, 900 000 € de chiffre d'affaires"))
    assert firm.years
    assert firm.turnover
    changed = learn(firm, told("en fait c'est pour moi, je suis particulier", known=firm))
    assert changed.audiences == {Audience.PARTICULIER}
    assert changed.years is None
    assert changed.turnover is None


def test_an_association_that_helps_students_stays_an_association() -> None:
    assert learn(CLUB, told("distribuer des repas aux étudiants", known=CLUB)).audiences == {Audience.ASSOCIATION}


def test_another_project_has_another_price() -> None:
    first = learn(COMPANY, told("acheter une machine à 20 000 €", known=COMPANY))
    assert first.budget == Range.exactly(20_000)
    assert learn(first, told("finalement c'est pour exporter", known=first)).budget is None


def test_a_number_alone_corrects_the_amount_told_before() -> None:
    first = learn(COMPANY, told("une machine à 35 000 €", known=COMPANY))
    assert learn(first, told("non 45000 pardon", known=first)).budget == Range.exactly(45_000)
    assert told("non 45000 pardon", known=COMPANY).told == Profile()


def test_a_departement_tells_apart_places_of_the_same_name() -> None:
    many = learn(Profile(), told("à Saint-Nazaire"))
    assert len(many.places) > 1
    one = learn(many, told("Loire-Atlantique", Dimension.PLACE, many))
    assert [place.commune for place in one.places] == ["44184"]


def test_a_trade_that_only_rasa_knows_is_that_of_a_company() -> None:
    reading = told("je fais de la sellerie à Aubrac", trades=("sellerie",))
    assert reading.told.audiences == {Audience.ENTREPRISE}
    assert reading.told.trade == "sellerie"
    assert told("étudiante en sellerie", trades=("sellerie",)).told.audiences == {Audience.ETUDIANT}


@pytest.mark.parametrize("text", ["je sais pas", "Je ne sais pas", "aucune idée", "jsp"])
def test_one_may_not_know(text: str) -> None:
    assert told(text, Dimension.TURNOVER).not_known


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("je suis lycéenne et je veux passer mon permis", True),
        ("nous sommes la mairie de Figeac, on veut refaire l'éclairage", True),
        ("quel temps fait-il à Nantes", False),
        ("je suis étudiante, où est la bibliothèque ?", False),
    ],
)
def test_who_introduces_oneself_asks_for_an_aid(text: str, wanted: bool) -> None:
    assert introduces(text, told(text)) is wanted


def test_a_search_is_started_again_in_words() -> None:
    assert is_restart("on recommence")
    assert not is_restart("je commence")


@given(st.integers(0, 5000))
@settings(deadline=None)
def test_a_number_is_read_as_it_is_said(number: int) -> None:
    known = told(f"nous avons {number} salariés", known=COMPANY).told.headcount
    assert known == Range.exactly(number)
    assert told(f"{number} adhérents", known=CLUB).told.headcount is None
    refused = told(f"pas {number} salariés mais {number + 1} salariés", known=COMPANY).told.headcount
    assert refused == Range.exactly(number + 1)


@given(st.text(max_size=80), st.sampled_from([None, *Dimension]), st.sampled_from([Profile(), COMPANY, CLUB]))
@settings(deadline=None)
def test_any_text_is_read_and_learnt(text: str, asked: Dimension | None, known: Profile) -> None:
    reading = told(text, asked, known, (text[:8],))
    after = learn(known, reading)
    assert Profile.from_json(after.to_json()) == after
    assert flat(flat(text)) == flat(text)
    find_trade(text)


@pytest.mark.parametrize("text", ["9" * 1500, "cent " * 300, "mille " * 300, "k€ 3" * 300, "à la " * 300, "(53) " * 300])
def test_a_flood_of_figures_is_read_too(text: str) -> None:
    headcount = told(text, Dimension.HEADCOUNT, COMPANY).told.headcount
    assert headcount is None or headcount.least <= LARGEST


@given(st.sampled_from(["moins de", "plus de", "environ", "au moins", "au plus", ""]), st.integers(1, 900))
@settings(deadline=None)
def test_bounds_hold_the_number_or_its_neighbour(words: str, number: int) -> None:
    found = quantity("salaries").search(f"{words} {number} salaries".strip())
    assert found
    span = read(found, whole=True)
    assert span.least <= number + 1
    assert span.most >= number - 1
