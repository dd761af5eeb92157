"""Finds what should not be kept in a text: account, card and social security numbers; addresses and numbers of people and files. Pure."""

import re

MASK = "[numéro masqué]"

_SPACE = r"[ \u00a0\u202f.\-]?"
_IBAN = re.compile(rf"\b[A-Z]{{2}}{_SPACE}\d{{2}}(?:{_SPACE}[A-Z0-9]){{11,30}}(?![A-Z0-9])", re.IGNORECASE)
_CARD = re.compile(rf"(?<!\d)\d{{4}}(?:{_SPACE}\d{{4}}){{3}}(?!\d)")
_SOCIAL = re.compile(
    rf"(?<!\d)[12]{_SPACE}\d\d{_SPACE}(?:0[1-9]|1[0-2]|[2-9]\d){_SPACE}(?:\d\d|2[AB]){_SPACE}\d{{3}}{_SPACE}\d{{3}}(?:{_SPACE}\d\d)?(?!\d)",
    re.IGNORECASE,
)
_DIGITS = re.compile(r"\d")

_EMAIL = re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63})+")
_PHONE = re.compile(r"(?<![\d])(?:(?:\+|00)33[ .\u00a0]?(?:\(0\))?|0)[1-9](?:[ .\u00a0\u202f\-]?\d\d){4}(?!\d)")
_FILE = re.compile(r"\b[A-Z]{2,4}[ \-]?20\d\d[ \-]?\d{5}\b|(?<!\d)\d{6,9}(?!\d)", re.IGNORECASE)


def mask_secrets(text: str) -> str:
    """The text without account (IBAN), card and social security numbers, which nobody needs here; by their form, right or mistyped."""
    text = _IBAN.sub(lambda match: MASK if len(_DIGITS.findall(match.group())) >= 10 else match.group(), text)
    return _SOCIAL.sub(MASK, _CARD.sub(MASK, text))


def redact(text: str) -> str:
    """The text without e-mail addresses, phone numbers, file numbers and codes: what a copy kept elsewhere must not hold."""
    text = _EMAIL.sub("[adresse]", mask_secrets(text))
    return _FILE.sub("[numéro]", _PHONE.sub("[téléphone]", text))
