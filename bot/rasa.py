"""Rasa's own command, with one check made once. Run in its environment, as `rasa`: python -m bot.rasa run …

Rasa checks each answer of the actions against a schema, and each time first the schema, which is always the same: that took
16 of the 55 milliseconds of processor that a turn took.
"""

import json
from collections.abc import Callable
from typing import Any

Check = Callable[..., None]


def checked_once(check: Check) -> Check:
    """`check` of a schema, made again only for a schema that it has not accepted yet."""
    accepted: set[str] = set()

    def check_new(schema: Any, *rest: Any, **named: Any) -> None:
        told = json.dumps(schema, sort_keys=True, default=repr)
        if told not in accepted:
            check(schema, *rest, **named)
            accepted.add(told)

    return check_new


def main() -> None:
    from jsonschema.validators import validator_for
    from rasa.__main__ import main as rasa

    used = validator_for({})  # the one of a schema that names no version, as Rasa's
    used.check_schema = checked_once(used.check_schema)
    rasa()


if __name__ == "__main__":
    main()
