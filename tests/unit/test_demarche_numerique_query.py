"""Answers of Démarche numérique, read without a network: anything at all is either read or refused by a type."""

import contextlib
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dossiers import demarche_numerique_query as query
from dossiers.errors import ProviderError, UnexpectedAnswer, UnknownDossier

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
FOLLOWED = query.Followed({12345: "contrat-export"})
MOMENT = "2026-10-01T08:00:00+02:00"
STATUS: dict[str, Any] = {
    "demarche": {"number": 12345},
    "connectionUsager": "password",
    "usager": {"email": "usager@exemple.fr"},
    "state": "en_instruction",
    "dateDepot": MOMENT,
    "datePassageEnConstruction": MOMENT,
    "datePassageEnInstruction": MOMENT,
    "dateTraitement": None,
    "dateDerniereCorrectionEnAttente": None,
    "datePrevisionnelleDecisionSVASVR": None,
    "dateAccuseLectureAgreement": None,
    "motivation": None,
    "messages": [],
}

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from([*STATUS, "dossier", "data", "errors", "extensions"]), inner)
    ),
    max_leaves=12,
)


@given(json_values)
def test_any_answer_is_data_or_a_refusal(answer: object) -> None:
    with contextlib.suppress(ProviderError, UnknownDossier):
        assert isinstance(query.data_of(answer), dict)


@given(st.dictionaries(st.sampled_from(list(STATUS)), json_values, max_size=4))
def test_any_field_is_read_or_refused(changed: dict[str, object]) -> None:
    data = {"dossier": STATUS | changed}
    try:
        dossier, _ = query.read_status("21983456", data, FOLLOWED, "https://exemple.fr/")
    except (UnexpectedAnswer, UnknownDossier):
        return
    assert dossier.number == "21983456"
    assert len(dossier.agent_words) <= query.LONGEST_WORDS + 1


@pytest.mark.parametrize("missing", [name for name in STATUS])
def test_a_field_that_has_gone_is_named(missing: str) -> None:
    data = {"dossier": {name: value for name, value in STATUS.items() if name != missing}}
    with pytest.raises(UnexpectedAnswer, match=missing):
        query.read_status("21983456", data, FOLLOWED, "")


@given(st.text())
def test_what_an_agent_wrote_is_one_paragraph_of_bounded_length(written: str) -> None:
    told = query.plain(written)
    assert "\n" not in told
    assert len(told) <= query.LONGEST_WORDS + 1


@given(st.dictionaries(st.sampled_from(["retry-after", "ratelimit-reset"]), st.text() | st.integers().map(str)))
def test_any_header_gives_a_wait_or_none(headers: dict[str, str]) -> None:
    wait = query.seconds_to_wait(headers, NOW)
    assert wait is None or 0 <= wait <= query.LONGEST_WAIT_SECONDS
