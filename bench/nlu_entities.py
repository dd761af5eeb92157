"""Compares recipes of the entity extractors on writers left out by thirds. Run in Rasa's environment: .venv-bot/bin/python -m bench.nlu_entities

A hit has the kind and the exact characters of the annotation. Ten minutes.
"""

from __future__ import annotations

import re
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pycrfsuite
import yaml

from bot.components.aid_names import AidNames
from bot.components.region_entities import find_in, merge
from bot.components.tagging import Word, entities_of, features_of, leaning, tags_of, words_of
from bot.components.word_families import WordFamilies, learn_families

ROOT = Path(__file__).parents[1]
THIRDS = 3
_ENTITY = re.compile(r"\[([^\]]+)\]\((\w+)\)")


class Sentence(NamedTuple):
    writer: str
    text: str
    entities: list[dict[str, Any]]


class Recipe(NamedTuple):
    """`names`: of aids; None: neither these nor shapes. `learnt`: whether there is a random field, with families and leaning."""

    title: str
    names: AidNames | None
    learnt: bool = True
    families: bool = True
    lean: bool = True


def main() -> None:
    """Prints a line for each recipe: F1 of all entities, then of each kind with its hits, false ones and misses."""
    spoken = list(_sentences())
    families = learn_families(800)
    ours, theirs = ROOT / "aids" / "content", ROOT / "answers" / "content" / "elsewhere"
    lean = next(part["lean"] for part in yaml.safe_load((ROOT / "config.yml").read_text("utf-8"))["pipeline"] if "lean" in part)
    for recipe in (
        Recipe("as in config.yml", AidNames(ours, theirs)),
        Recipe("without leaning", AidNames(ours, theirs), lean=False),
        Recipe("without families nor leaning", AidNames(ours, theirs), families=False, lean=False),
        Recipe("without other bodies' aids", AidNames(ours)),
        Recipe("random field alone", None),
        Recipe("shapes and names alone", AidNames(ours, theirs), learnt=False),
    ):
        told = _measure(recipe, spoken, families if recipe.families else WordFamilies.none(), lean if recipe.lean else {})
        print(recipe.title, "|", told, flush=True)


def _measure(recipe: Recipe, spoken: list[Sentence], families: WordFamilies, lean: dict[str, float]) -> str:
    writers = sorted({sentence.writer for sentence in spoken})
    hits, false, missed = Counter(), Counter(), Counter()
    for third in range(THIRDS):
        out = writers[third::THIRDS]
        find = _fit([one for one in spoken if one.writer not in out], families, lean) if recipe.learnt else lambda text: []
        for _, text, entities in (one for one in spoken if one.writer in out):
            found = merge(find_in(text, recipe.names), find(text)) if recipe.names else find(text)
            wanted = {(entity["entity"], entity["value"]) for entity in entities}
            got = {(entity["entity"], text[entity["start"] : entity["end"]]) for entity in found}
            hits.update(kind for kind, _ in wanted & got)
            false.update(kind for kind, _ in got - wanted)
            missed.update(kind for kind, _ in wanted - got)
    kinds = sorted({*hits, *missed})
    row = [f"{kind} {_f1(hits[kind], false[kind], missed[kind])} ({hits[kind]}, {false[kind]}, {missed[kind]})" for kind in kinds]
    return " | ".join([_f1(sum(hits.values()), sum(false.values()), sum(missed.values())), *row])


def _f1(hits: int, false: int, missed: int) -> str:
    return f"{2 * hits / max(1, 2 * hits + false + missed):.3f}"


def _fit(learnt: list[Sentence], families: WordFamilies, lean: dict[str, float]) -> Callable[[str], list[dict[str, Any]]]:
    trainer = pycrfsuite.Trainer(verbose=False)
    trainer.set_params({"c1": 0.1, "c2": 0.1, "max_iterations": 60})
    for _, text, entities in learnt:
        words = words_of(text)
        if words:
            trainer.append(features_of(words, families.of), tags_of(words, entities))
    tagger = pycrfsuite.Tagger()
    with tempfile.TemporaryDirectory() as folder:
        trainer.train(f"{folder}/field")
        tagger.open(f"{folder}/field")

    def share(entity: str, at: int) -> float:
        return sum(tagger.marginal(tag, at) for tag in tagger.labels() if tag.endswith(f"-{entity}"))

    def find(text: str) -> list[dict[str, Any]]:
        words: list[Word] = words_of(text)
        return entities_of(text, words, leaning(tagger.tag(features_of(words, families.of)), share, lean)) if words else []

    return find


def _sentences() -> Iterator[Sentence]:
    for path in sorted((ROOT / "bot" / "data" / "nlu").glob("*/*.yml")):
        for block in yaml.safe_load(path.read_text(encoding="utf-8"))["nlu"]:
            for line in block["examples"].splitlines():
                yield Sentence(path.stem, *_parsed(line.removeprefix("- ").strip()))


def _parsed(line: str) -> tuple[str, list[dict[str, Any]]]:
    text, entities, end = "", [], 0
    for match in _ENTITY.finditer(line):
        text += line[end : match.start()]
        entities.append({"entity": match[2], "start": len(text), "end": len(text) + len(match[1]), "value": match[1]})
        text += match[1]
        end = match.end()
    return text + line[end:], entities


if __name__ == "__main__":
    main()
