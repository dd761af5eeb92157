"""Words of a sentence as a conditional random field sees them, and its tags as entities. Pure."""

from __future__ import annotations

import re
from typing import Any, Callable, Dict, Iterable, List, Mapping, NamedTuple, Optional, Text

_WORD = re.compile(r"\w+|[^\w\s]")
OUTSIDE = "O"


class Word(NamedTuple):
    """A word, or a lone sign, and where it starts in the text."""

    text: Text
    start: int

    @property
    def end(self) -> int:
        return self.start + len(self.text)


def words_of(text: Text) -> List[Word]:
    """ "d'Angers" is three words: a name never holds its article."""
    return [Word(found.group(), found.start()) for found in _WORD.finditer(text)]


def features_of(words: List[Word], family: Callable[[Text], Optional[int]]) -> List[Dict[Text, Any]]:
    """For each word: itself, its ends and shape, the two words beside it, and the families of its neighbours and its own."""
    shapes = [_own(word.text) for word in words]
    families = [family(word.text) for word in words]
    out = []
    for at, own in enumerate(shapes):
        features = dict(own)
        for step, name in ((-1, "before"), (0, "own"), (1, "after")):
            if 0 <= at + step < len(words):
                features[f"{name} family={families[at + step]}"] = 1.0
        for step, name in ((-2, "two before"), (-1, "before"), (1, "after"), (2, "two after")):
            if 0 <= at + step < len(shapes):
                features[f"{name} low={words[at + step].text.lower()}"] = 1.0
                features[f"{name} title"] = shapes[at + step]["title"]
            else:
                features[f"{name} none"] = 1.0
        out.append(features)
    return out


def _own(word: Text) -> Dict[Text, Any]:
    low = word.lower()
    ends = {f"starts={low[:n]}": 1.0 for n in (2, 3, 5)} | {f"ends={low[-n:]}": 1.0 for n in (2, 3, 5)}
    shape = {"title": float(word.istitle()), "upper": float(word.isupper()), "digit": float(word.isdigit()), "bias": 1.0}
    return {f"low={low}": 1.0} | ends | shape


def tags_of(words: List[Word], entities: Iterable[Dict[Text, Any]]) -> List[Text]:
    """BIO tags of the words that annotated entities cover."""
    tags = [OUTSIDE] * len(words)
    for entity in entities:
        inside = [at for at, word in enumerate(words) if word.start >= entity["start"] and word.end <= entity["end"]]
        for rank, at in enumerate(inside):
            tags[at] = f"{'I' if rank else 'B'}-{entity['entity']}"
    return tags


def leaning(tags: List[Text], share: Callable[[Text, int], float], least: Mapping[Text, float]) -> List[Text]:
    """`tags`, where words that are nothing become an entity of `least` whose probability (`share`, of an entity at a place) reaches its bound."""
    out = list(tags)
    for at, tag in enumerate(tags):
        for entity, bound in least.items():
            if tag == OUTSIDE and share(entity, at) >= bound:
                out[at] = f"{'I' if at and out[at - 1].endswith(f'-{entity}') else 'B'}-{entity}"
    return out


def entities_of(text: Text, words: List[Word], tags: List[Text]) -> List[Dict[Text, Any]]:
    """Runs of tags as Rasa writes entities. A run that begins without its B is taken as it stands."""
    found: List[Dict[Text, Any]] = []
    for word, tag in zip(words, tags):
        if tag == OUTSIDE:
            continue
        place, name = tag.split("-", 1)
        last = found[-1] if found else None
        adjacent = last is not None and last["entity"] == name and not _WORD.search(text[last["end"] : word.start])
        if place == "I" and last is not None and adjacent:
            last["end"] = word.end
        else:
            found.append({"entity": name, "start": word.start, "end": word.end})
    for entity in found:
        entity["value"] = text[entity["start"] : entity["end"]]
    return found
