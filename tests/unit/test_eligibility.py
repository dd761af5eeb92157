"""What a scheme asks, held against what is known."""

from dataclasses import replace
from datetime import date
from math import inf
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aids.catalogue import CONTENT, Catalogue
from aids.eligibility import STEPS, Dimension, Match, Verdict, assess, open_questions, range_label, ranges, rank
from aids.model import Audience, Condition, Project
from aids.places import Place, gazetteer
from aids.profile import RANGES, Profile, Range

AIDS = Catalogue().aids()
TODAY = date(2026, 11, 24)
FRANCE = gazetteer()
LAVAL, LODEVE = FRANCE.communes("Laval"), FRANCE.communes("Lodève")
SHEET = (CONTENT / "contrat-export.yml").read_text(encoding="utf-8")
FIRST_CONDITION = "{text: \"L'aide concerne l'Occitanie.\", regions: [Occitanie]}"


def aid(slug: str) -> Match:
    return next(match for match in rank(Profile(), AIDS, TODAY) if match.aid.slug == slug)


def told(slug: str, profile: Profile) -> dict[str, Verdict]:
    return {criterion.text: criterion.verdict for criterion in assess(profile, aid(slug).aid)}


@pytest.mark.parametrize(
    ("slug", "profile", "text", "verdict"),
    [
        ("commerce-artisanat", Profile(headcount=Range.exactly(12)), "Moins de 10\u00a0salariés : vous en avez 12.", Verdict.NOT_MET),
        ("commerce-artisanat", Profile(headcount=Range.exactly(0)), "Moins de 10\u00a0salariés : vous n'en avez aucun.", Verdict.MET),
        ("commerce-artisanat", Profile(headcount=Range(8, 12)), "Moins de 10\u00a0salariés.", Verdict.UNKNOWN),
        (
            "commerce-artisanat",
            Profile(places=LAVAL),
            "Votre commune figure sur la liste des communes en fragilité commerciale.",
            Verdict.UNKNOWN,
        ),
        ("commerce-artisanat", Profile(places=LODEVE), "Dans les Pays de la Loire : Lodève (Hérault) est en Occitanie.", Verdict.NOT_MET),
        (
            "pret-tpe-pme",
            Profile(years=Range.exactly(0)),
            "Entreprise d'au moins 3\u00a0ans : la vôtre n'est pas encore créée.",
            Verdict.NOT_MET,
        ),
        ("pret-tpe-pme", Profile(headcount=Range(3, 9)), "De 3 à 50\u00a0salariés : vous en avez entre 3 et 9.", Verdict.MET),
        ("envoleo", Profile(age=Range.exactly(31)), "Moins de 30\u00a0ans : vous avez 31\u00a0ans.", Verdict.NOT_MET),
        ("contrat-export", Profile(headcount=Range.exactly(400)), "Moins de 250\u00a0salariés : vous en avez 400.", Verdict.NOT_MET),
        (
            "contrat-export",
            Profile(headcount=Range.exactly(12)),
            "Votre entreprise est indépendante et compte moins de 250\u00a0salariés.",
            Verdict.UNKNOWN,
        ),
        (
            "contrat-export",
            Profile(sectors=frozenset("K"), trade="banque"),
            "Votre activité principale n'est ni la banque, ni l'assurance, ni une profession libérale : « banque » ne convient pas.",
            Verdict.NOT_MET,
        ),
        (
            "prime-creation",
            Profile(budget=Range.exactly(20_000)),
            "Projet de 40\u00a0000 à 120\u00a0000\u00a0€ : le vôtre est de 20\u00a0000\u00a0€.",
            Verdict.NOT_MET,
        ),
        ("areep", Profile(), "Ce logement a plus de cinq ans.", Verdict.UNKNOWN),
    ],
)
def test_each_condition_is_met_not_met_or_not_known_with_its_reason(slug: str, profile: Profile, text: str, verdict: Verdict) -> None:
    assert told(slug, profile).get(text) is verdict, told(slug, profile)


@pytest.mark.parametrize(
    ("are", "slug", "verdict"),
    [
        ({Audience.ARTISAN}, "pret-tpe-pme", Verdict.MET),
        ({Audience.ENTREPRISE}, "pass-metiers-art", Verdict.MET),
        ({Audience.ASSOCIATION}, "pret-tpe-pme", Verdict.NOT_MET),
        ({Audience.PARTICULIER}, "envoleo", Verdict.UNKNOWN),
        ({Audience.LYCEEN}, "envoleo", Verdict.NOT_MET),
        ({Audience.APPRENTI}, "bonus-forfait-mobilite", Verdict.MET),
        ({Audience.AGRICULTEUR}, "pcae-vegetal", Verdict.MET),
        ({Audience.ARTISAN}, "pcae-vegetal", Verdict.NOT_MET),
        ({Audience.ENTREPRISE}, "pcae-vegetal", Verdict.UNKNOWN),
        (set(), "pcae-vegetal", Verdict.UNKNOWN),
    ],
)
def test_one_may_be_more_than_one_said_within_the_same_world(are: set[Audience], slug: str, verdict: Verdict) -> None:
    match = next(m for m in rank(Profile(audiences=frozenset(are)), AIDS, TODAY) if m.aid.slug == slug)
    assert match.verdict(Dimension.AUDIENCE) is verdict


def test_a_project_that_no_sheet_pays_for_is_said_so_and_any_project_of_a_company_may_be_a_development() -> None:
    equip = Profile(projects=frozenset({Project.EQUIPER}))
    verdicts = {match.aid.slug: match.verdict(Dimension.PROJECT) for match in rank(equip, AIDS, TODAY)}
    assert verdicts["commerce-artisanat"] is Verdict.MET
    assert verdicts["envoleo"] is Verdict.NOT_MET
    assert verdicts["pret-tpe-pme"] is not Verdict.NOT_MET


def test_what_fits_comes_first_closed_calls_after_and_what_does_not_fit_last() -> None:
    profile = Profile(frozenset({Audience.ASSOCIATION}), frozenset({Project.CULTURE}), LAVAL)
    matches = rank(profile, AIDS, TODAY)
    states = [(match.excluded, match.closed) for match in matches]
    assert states == sorted(states)
    closed = next(match for match in matches if match.closed)
    assert closed.aid.slug == "terre-maritime-et-fluviale-2021"
    assert not closed.excluded


def test_only_what_could_put_a_scheme_aside_is_worth_asking() -> None:
    assert open_questions(rank(Profile(), AIDS, TODAY))[:2] == [Dimension.AUDIENCE, Dimension.PROJECT]
    bike = Profile(frozenset({Audience.SALARIE}), frozenset({Project.VELO}))
    assert open_questions(rank(bike, AIDS, TODAY)) == [Dimension.PLACE]
    assert open_questions(rank(replace(bike, places=LAVAL), AIDS, TODAY)) == []


def test_the_ranges_to_choose_from_are_those_that_the_sheets_tell_apart() -> None:
    matches = rank(Profile(), AIDS, TODAY)
    labels = {dimension: [range_label(dimension, each) for each in ranges(dimension, matches)] for dimension in STEPS}
    assert labels[Dimension.HEADCOUNT] == [
        "Moins de 3\u00a0salariés", "De 3 à 9\u00a0salariés", "De 10 à 50\u00a0salariés", "De 51 à 249\u00a0salariés", "250\u00a0salariés ou plus"
    ]  # fmt: skip
    assert labels[Dimension.YEARS][0] == "Moins de 6\u00a0mois"
    assert labels[Dimension.TURNOVER][-1] == "Plus de 1\u00a0000\u00a0000\u00a0€"
    for dimension in STEPS:
        for each in ranges(dimension, matches):
            known = rank(Profile.from_json({dimension.value: [each.least, None if each.most == inf else each.most]}), AIDS, TODAY)
            for match in (match for match in known if not match.closed):
                left = {c.text for c in match.having(Verdict.UNKNOWN) if c.dimension is dimension}
                assert left <= set(match.aid.eligibility.texts()), (dimension, each)


numbers = st.floats(0, 1e7, allow_nan=False)
spans = st.one_of(st.none(), st.tuples(numbers, numbers).map(lambda pair: Range(min(pair), max(pair))), numbers.map(Range.exactly))
places = st.sampled_from(
    [
        (),
        LAVAL,
        LODEVE,
        FRANCE.communes("Saint-Denis"),
        FRANCE.communes("Paris"),
        (Place("Occitanie", "Occitanie"),),
        FRANCE.wide("Mayenne"),
    ]
)
profiles = st.builds(
    Profile,
    audiences=st.frozensets(st.sampled_from(Audience), max_size=2),
    projects=st.frozensets(st.sampled_from(Project), max_size=2),
    places=places,
    sectors=st.frozensets(st.sampled_from("ACFGIJKMQ"), max_size=2),
    headcount=spans,
    turnover=spans,
    budget=spans,
    years=spans,
    age=spans,
    words=st.sampled_from(["", "acheter un vélo", "une machine"]),
)


def narrowed(known: Range | None, told: Range | None) -> Range | None:
    """`known` with more knowledge: `told` when nothing was known, else the part of it that both allow."""
    if known is None or told is None:
        return known or told
    least, most = max(known.least, told.least), min(known.most, told.most)
    return Range(least, most) if least <= most else known


def knowing_more(known: Profile, told: Profile) -> Profile:
    fields = {key: getattr(known, key) or getattr(told, key) for key in ("audiences", "projects", "sectors")}
    return replace(
        known, **fields, places=known.places or told.places, **{key: narrowed(getattr(known, key), getattr(told, key)) for key in RANGES}
    )


@given(profiles)
@settings(deadline=None)
def test_no_scheme_is_ever_hidden_and_a_profile_outlives_its_slot(profile: Profile) -> None:
    matches = rank(profile, AIDS, TODAY)
    assert {match.aid.slug for match in matches} == {each.slug for each in AIDS}
    assert Profile.from_json(profile.to_json()) == profile
    for match in matches:
        if all(criterion.verdict is not Verdict.NOT_MET for criterion in match.criteria):
            assert not match.excluded


@given(profiles, profiles)
@settings(deadline=None)
def test_knowing_more_settles_what_was_not_known_and_turns_nothing_over(known: Profile, told: Profile) -> None:
    more = knowing_more(known, told)
    for each in AIDS:
        before = Match(each, assess(known, each), 0, False)
        after = Match(each, assess(more, each), 0, False)
        for dimension in Dimension:
            was, now = before.verdict(dimension), after.verdict(dimension)
            if was is Verdict.NOT_MET:
                assert now is Verdict.NOT_MET, (each.slug, dimension)
            if was is Verdict.MET and dimension is not Dimension.SECTOR:
                assert now is Verdict.MET, (each.slug, dimension)
        assert not before.excluded or after.excluded


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ("regions: [Pays de Loire]", "regions : « Pays de Loire » n'existe pas"),
        ('departements: ["99"]', "departements : « 99 » n'existe pas"),
        ('communes: ["00000"]', "communes : « 00000 » n'existe pas"),
        ("naf_sections: [Z]", "naf_sections : « Z » n'existe pas"),
        ("headcount_min: 50, headcount_max: 10", "headcount_min (50) dépasse headcount_max (10)"),
        ("partly: true", "partly ne va qu'avec des valeurs à comparer"),
        ("effectif_max: 9", "n'est pas un champ connu"),
        ("headcount_max: beaucoup", "doit être un nombre entier"),
        ("audiences: [ecole]", "ne peut pas valoir « ecole »"),
    ],
)
def test_a_slip_in_a_condition_is_told_at_its_line(tmp_path: Path, written: str, message: str) -> None:
    assert FIRST_CONDITION in SHEET
    path = tmp_path / "contrat-export.yml"
    path.write_text(SHEET.replace(FIRST_CONDITION, f'{{text: "Essai.", {written}}}'), encoding="utf-8")
    problems = [problem for problem in Catalogue(tmp_path).problems() if message in problem.message]
    assert problems, Catalogue(tmp_path).problems()
    assert problems[0].line == SHEET[: SHEET.index(FIRST_CONDITION)].count("\n") + 1


def test_a_sheet_without_values_leaves_everything_to_be_checked() -> None:
    sheet = replace(aid("areep").aid, projects=(), eligibility=replace(aid("areep").aid.eligibility, conditions=(Condition("À voir."),)))
    known = Profile(frozenset({Audience.PARTICULIER}), frozenset({Project.RENOVER}), LAVAL, headcount=Range.exactly(3))
    verdicts = [criterion.verdict for criterion in assess(known, sheet)]
    assert Verdict.NOT_MET not in verdicts
    assert verdicts.count(Verdict.UNKNOWN) == 3


def test_a_list_of_communes_or_of_departements_is_held_against_the_place() -> None:
    listed = Condition("Liste.", communes=("53130",), departements=("34",))
    sheet = replace(aid("areep").aid, eligibility=replace(aid("areep").aid.eligibility, conditions=(listed,)))

    def verdict(*places: Place) -> Verdict | None:
        return Match(sheet, assess(Profile(places=places), sheet), 0, False).verdict(Dimension.PLACE)

    assert verdict(*LAVAL) is Verdict.MET
    assert verdict(*LODEVE) is Verdict.MET
    assert verdict(*FRANCE.communes("Cholet")) is Verdict.NOT_MET
    assert verdict(*FRANCE.wide("Mayenne")) is Verdict.UNKNOWN
    assert verdict(Place("Occitanie", "Occitanie")) is Verdict.UNKNOWN
    assert verdict(*LAVAL, *FRANCE.communes("Cholet")) is Verdict.UNKNOWN
