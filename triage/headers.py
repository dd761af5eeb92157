"""Reads the headers of mails that follow no rule. Pure."""

import re
from datetime import UTC, datetime
from email.message import Message as Mail
from email.policy import EmailPolicy
from typing import Any

from triage.decode import clean, to_text

MAX_HEADER = 8_000
"""The standard parser is quadratic on some headers: what is longer serves no one."""

MOST_ANSWERED = 50
MOST_RECIPIENTS = 50

_MESSAGE_ID = re.compile(r"<[^<>\s]{3,250}>")
_RECIPIENTS = ("Delivered-To", "X-Original-To", "Envelope-To", "To", "Cc")
_ADDRESS = re.compile(r"[\w.!#$%&'*+/=?^`{|}~-]{1,64}@[\w.-]{1,190}")


class TolerantPolicy(EmailPolicy):
    """The standard policy, for headers that it cannot parse too: they are given as plain text instead of raising."""

    def header_source_parse(self, sourcelines: list[str]) -> tuple[str, str]:
        """Raw 8-bit headers are decoded at once, and none is longer than MAX_HEADER."""
        name, _, value = sourcelines[0].partition(":")
        value = "".join([value.lstrip(" \t\r\n"), *sourcelines[1:]]).rstrip("\r\n")[:MAX_HEADER]
        if not value.isascii():
            value = to_text(value.encode("utf-8", "surrogateescape"))
        return name, value

    def header_fetch_parse(self, name: str, value: str) -> Any:
        """The parsed header; its text when the parser fails, whatever way it does."""
        try:
            return super().header_fetch_parse(name, value)
        except Exception:  # the standard parser raises IndexError, AttributeError, TypeError… on broken headers
            return " ".join(str(value).split())


TOLERANT = TolerantPolicy()


def header(mail: Mail, name: str) -> str:
    """First header of this name on one line, empty when there is none. Never raises."""
    try:
        value = mail.get(name)
    except Exception:
        return ""
    return " ".join(clean(str(value)).split()) if value is not None else ""


def sender(mail: Mail) -> tuple[str, str]:
    """Name and address of the author, empty when unknown. An answer goes to this address."""
    for name in ("From", "Sender"):
        try:
            found = [(a.display_name, a.addr_spec) for a in mail.get(name).addresses]  # type: ignore[union-attr]
        except Exception:
            found = _found(header(mail, name))
        for display, address in found:
            if "@" in address:
                return " ".join(clean(display).split())[:200], clean(address).strip()[:254]
    return header(mail, "From")[:200], ""


def recipients(mail: Mail) -> tuple[str, ...]:
    """Addresses that the mail was sent to, those of the delivery before those that the author wrote."""
    found = [each for name in _RECIPIENTS for value in _all(mail, name) for each in _ADDRESS.findall(value)]
    return tuple(dict.fromkeys(found))[:MOST_RECIPIENTS]


def answered(mail: Mail) -> tuple[str, ...]:
    """Message-IDs of what the mail answers, the nearest first."""
    direct = [each for value in _all(mail, "In-Reply-To") for each in _MESSAGE_ID.findall(value)]
    earlier = [each for value in _all(mail, "References") for each in _MESSAGE_ID.findall(value)]
    return tuple(dict.fromkeys([*direct, *reversed(earlier)]))[:MOST_ANSWERED]


def sent_at(mail: Mail) -> datetime | None:
    """When the author says the mail was sent, in UTC."""
    try:
        moment = mail.get("Date").datetime  # type: ignore[union-attr]
        if not isinstance(moment, datetime):
            return None
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except Exception:
        return None


def _all(mail: Mail, name: str) -> list[str]:
    """Every header of this name, each on one line; the parser's own readings are not asked for. Never raises."""
    try:
        values = [value for key, value in mail.raw_items() if key.lower() == name.lower()]
        return [" ".join(clean(str(value)[:MAX_HEADER]).split()) for value in values]
    except Exception:
        return []


def _found(text: str) -> list[tuple[str, str]]:
    """The address that stands in a header the standard parser gave up, its name before it."""
    address = _ADDRESS.search(text)
    return [(text[: address.start()].strip(' <"'), address[0])] if address else []
