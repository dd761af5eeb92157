"""One normal form for French text as people type it."""

import re
import unicodedata

_QUOTES = str.maketrans({"’": "'", "‘": "'", "ʼ": "'", "`": "'", "´": "'", "«": '"', "»": '"', "“": '"', "”": '"', "„": '"'})
_HELD = re.compile(r"(.)\1{3,}", re.DOTALL)
_SPACES = re.compile(r"\s+")
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\u200b-\u200f\u202a-\u202e\u2060\ufeff]")

# Short forms whose long form is never in doubt. Only whole words.
_SHORT_FORMS = {
    "bjr": "bonjour",
    "bsr": "bonsoir",
    "slt": "salut",
    "svp": "s'il vous plaît",
    "stp": "s'il te plaît",
    "mci": "merci",
    "rdv": "rendez-vous",
    "pk": "pourquoi",
    "pq": "pourquoi",
    "pr": "pour",
    "ds": "dans",
    "tt": "tout",
    "ts": "tous",
    "tjs": "toujours",
    "tjrs": "toujours",
    "bcp": "beaucoup",
    "qd": "quand",
    "qqn": "quelqu'un",
    "qqun": "quelqu'un",
    "qqch": "quelque chose",
    "jsp": "je ne sais pas",
    "jpp": "je n'en peux plus",
    "cb": "combien",
    "cmb": "combien",
    "ya": "il y a",
    "vs": "vous",
    "ns": "nous",
    "nn": "non",
    "dc": "donc",
    "pb": "problème",
    "pbm": "problème",
    "tel": "téléphone",
    "num": "numéro",
    "mtn": "maintenant",
    "aprem": "après-midi",
    "asso": "association",
    "dem": "demande",
    "doss": "dossier",
    "c koi": "c'est quoi",
}
_SHORT_FORM = re.compile(r"(?<![\w'-])(" + "|".join(sorted(_SHORT_FORMS, key=len, reverse=True)) + r")(?![\w'-])")


def tidy(text: str) -> str:
    """Same words, one writing: NFC, straight quotes, single spaces, no control characters. Case and accents stay."""
    text = unicodedata.normalize("NFC", text.encode("utf-8", "replace").decode("utf-8"))
    return _SPACES.sub(" ", _CONTROLS.sub(" ", text.translate(_QUOTES))).strip()


def gist(text: str, most: int) -> str:
    """The text when it has at most `most` characters, else its beginning and its end: what is asked stands in one of them."""
    return text if len(text) <= most else f"{text[: most // 2]} {text[-most // 2 :]}"


def normalise(text: str) -> str:
    """Form that models read: tidied, lower case, common short forms of messages spelt out, a letter held down said three times."""
    text = _HELD.sub(r"\1\1\1", text)
    return _SHORT_FORM.sub(lambda found: _SHORT_FORMS[found.group(1)], tidy(text).lower())


def stands_in(words: str, folded: str) -> bool:
    """Whether these words, folded, stand whole in a folded text."""
    return f" {words} " in f" {folded} "


def fold(text: str) -> str:
    """Form for look-ups: tidied, lower case, without accents, punctuation as spaces."""
    bare = unicodedata.normalize("NFD", tidy(text).lower().replace("œ", "oe").replace("æ", "ae"))
    letters = "".join(c for c in bare if unicodedata.category(c) != "Mn")
    return _SPACES.sub(" ", re.sub(r"[^\w]+", " ", letters)).strip()
