"""Rasa's check of a schema, made once."""

import pytest

from bot.rasa import checked_once


def test_a_schema_is_checked_once_and_each_schema_is() -> None:
    seen: list[object] = []
    check = checked_once(seen.append)
    for schema in ({"type": "object"}, {"type": "object"}, {"type": "array"}, True, {"type": "object"}):
        check(schema)
    assert seen == [{"type": "object"}, {"type": "array"}, True]


def test_a_refused_schema_is_refused_again() -> None:
    def refuse(_schema: object) -> None:
        raise ValueError("not a schema")

    check = checked_once(refuse)
    for _ in range(2):
        with pytest.raises(ValueError, match="not a schema"):
            check({"type": 12})
