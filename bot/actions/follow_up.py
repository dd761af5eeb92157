"""Another question with the same answer: what in it comes nearest is said, not the whole once more. Pure."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence

import snowballstemmer

from bot.actions.messages import Message
from language.normalise import fold

MOST_LINES = 3
LEAST = 0.5
"""Weight from which a line is near: a word that no more than one other line has, or what the question word asks for."""
SAME = 0.6
"""Share of common words from which two messages ask the same."""

_LEANS = re.compile(r"(?:ils?|elles?|cela|ca|ce|celle ci|celui ci)\b")
_STEMMER = snowballstemmer.stemmer("french")
_EMPTY = frozenset(
    """a ai au aux avec avez c ca ce ces cette ceci cela comme d dans de des donc du elle elles en est et eu eux il ils j je juste l la le
    les leur lui m ma mais me mes moi mon meme n ne nos notre nous on ont ou par pas plus pour qu que quel quelle quelles quels qui quoi s sa se
    ses si son sont sur t ta te tes toi ton tu un une vos votre vous y alors bon bah ben du coup merci oui non svp bonjour est ce aussi
    faut faire fait peut peux puis veux voudrais quand combien comment pourquoi etre avoir sera serai dessus""".split()
)
_ASKED = (
    (
        r"\bcombien de (?:temps|jours|semaines|mois)\b|\bquand\b|\b(?:quelle|a quelle) date\b|\bjusqu a\b",
        r"\b\d+ (?:heures?|jours?|semaines?|mois|ans?)\b|\bsemaines?\b",
    ),
    (r"\bqui\b(?! (?:est|sont) ce)|\ba quel service\b", r"\b(?:agents?|personne|service|delegue\w*)\b"),
    (
        r"\bou est ce\b|\bou (?:je|j|on|faut il|dois je|puis je)\b|\b(?:le|la|les|l|c est|et|alors) \w+ ou\b|\bquelle adresse\b",
        r"@|https?:|\badresse\b|\bsite\b|\baccueil\b",
    ),
    (r"\bcombien\b(?! de (?:temps|jours|semaines|mois))|\bquel montant\b", r"\d ?(?:€|%)|\beuros?\b"),
)
_ASKED_FOR = tuple((re.compile(question), re.compile(line)) for question, line in _ASKED)
"""What a question word asks for, and the look of a line that tells it."""


def same_question(before: str, text: str) -> bool:
    """Whether two messages ask the same, be it in other letters."""
    one, other = _stems(before), _stems(text)
    return fold(before) == fold(text) or (one | other == set()) or len(one & other) >= SAME * len(one | other)


def nearest_lines(question: str, said: Sequence[Message]) -> list[str]:
    """Lines of an answer that come nearest to the question, in their order; none when no word of it tells one from the others."""
    lines = list(dict.fromkeys(_lines(said)))
    words, folded = _stems(question), fold(question)
    stems = [_stems(line) for line in lines]
    found = Counter(word for line in stems for word in line & words)
    looks = [look for asked, look in _ASKED_FOR if asked.search(folded)]
    if len(lines) < 2:
        return []
    weights = [
        sum(1 / found[word] for word in line_words & words) + sum(bool(look.search(fold(line)) or look.search(line)) for look in looks)
        for line, line_words in zip(lines, stems)
    ]
    best = max(weights)
    likeliest = sorted(range(len(lines)), key=lambda at: -weights[at])[:MOST_LINES]
    near = {at for at in likeliest if weights[at] >= LEAST and weights[at] >= best / 2}
    # "Il n'a pas…" says nothing without the line before.
    near |= {at - 1 for at in near if at and _LEANS.match(fold(lines[at]))}
    return [lines[at] for at in sorted(near)]


def _lines(said: Sequence[Message]) -> Iterator[str]:
    for message in said:
        if message["type"] == "text":
            yield from filter(None, map(str.strip, message["text"].split("\n")))
        elif message["type"] == "card":
            yield from (f"{fact['label']} : {fact['value']}" for fact in message.get("facts", ()))
            yield from (str(item) for detail in message.get("details", ()) for item in detail["items"])


def _stems(text: str) -> set[str]:
    return {str(_STEMMER.stemWord(word)) for word in fold(text).split() if word not in _EMPTY and len(word) > 1}
