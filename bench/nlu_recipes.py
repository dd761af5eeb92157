"""Compares recipes of the intent classifier, each writer left out in turn. Run: .venv/bin/python -m bench.nlu_recipes [--linear]

A writer left out stands for people whose sentences nobody has seen. At each recipe, the offset of `hors_sujet` is set so that 3 % of the
in-scope sentences, read right otherwise, are rejected: recipes are compared at the same cost.
"""

import argparse
from collections import Counter
from collections.abc import Iterator

import numpy as np
from rich.console import Console
from rich.progress import track
from rich.table import Table
from scipy.sparse import csr_matrix, hstack
from sklearn.linear_model import LogisticRegression

from bench.held_out import UNKNOWN, Sentences, held_out_shares, scores, sentences, views
from language.calibration import calibration_error
from language.embed import Floats
from language.kernel_fit import Mix, fit_kernel_head, offset_for
from language.kernel_head import Views, probabilities
from language.lexicon import Lexicon


def main() -> None:
    """Prints a row for each recipe."""
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--linear", action="store_true", help="also a logistic regression: half an hour")
    given = arguments.parse_args()
    learnt = sentences()
    table = Table("recipe", "macro-F1", "accuracy", "out of scope found", "in scope rejected", "calibration error")
    for title, shares, labels in _recipes(learnt, views(learnt.texts), given.linear):
        guesses = [labels[at] for at in shares.argmax(1)]
        right = np.array(guesses) == np.array(learnt.intents)
        figures = [*scores(learnt.intents, guesses).values(), calibration_error(shares.max(1), right)]
        table.add_row(title, *(f"{figure:.3f}" for figure in figures))
    Console().print(table, _curve(learnt, views(learnt.texts)))


def _curve(learnt: Sentences, whole: Views) -> Table:
    """What the head is worth with fewer sentences: so many of each intent at most, drawn once, each writer left out in turn."""
    table = Table("sentences an intent", "in all", "macro-F1", "accuracy", "out of scope found", "in scope rejected")
    order = np.random.default_rng(0).permutation(len(learnt.texts))
    for most in (10, 20, 40, 80, 160, 320, len(learnt.texts)):
        taken: Counter[str] = Counter()
        rows = [int(at) for at in order if (taken.update([learnt.intents[at]]) or taken[learnt.intents[at]]) <= most]
        part = learnt.take(rows)
        fitted = fit_kernel_head(whole.take(rows), part.intents, part.writers, UNKNOWN, mixes=[Mix()])
        guesses = [fitted.head.labels[at] for at in held_out_shares(fitted).argmax(1)]
        table.add_row(str(most), str(len(rows)), *(f"{figure:.3f}" for figure in scores(part.intents, guesses).values()))
    return table


def _recipes(learnt: Sentences, whole: Views, linear: bool) -> Iterator[tuple[str, Floats, tuple[str, ...]]]:
    meaning, second = whole.meanings
    nothing = csr_matrix((len(whole), 1), dtype=np.float32)
    # A straight product instead of a likeness that falls with distance: vectors stand among the sparse features. Letters have a norm of 2.
    straight = hstack([csr_matrix(2**0.5 * meaning), csr_matrix(2**0.5 * second), whole.letters]).tocsr()
    for title, seen in (
        ("as in config.yml", whole),
        ("without the second encoder", Views((meaning,), whole.letters)),
        ("without the first encoder", Views((second,), whole.letters)),
        ("without letters and words", Views(whole.meanings, nothing)),
        ("letters and words alone", Views((), whole.letters)),
        ("letters and words in 4,096 places", Views(whole.meanings, Lexicon(4096).rows(learnt.texts))),
        ("straight likeness", Views((), straight)),
    ):
        fitted = fit_kernel_head(seen, learnt.intents, learnt.writers, UNKNOWN, mixes=[Mix()])
        yield title, held_out_shares(fitted), fitted.head.labels
    if linear:
        yield "logistic regression, first encoder and 4,096 letters", *_logistic(learnt, meaning)


def _logistic(learnt: Sentences, meaning: Floats) -> tuple[Floats, tuple[str, ...]]:
    both = hstack([csr_matrix(3 * meaning), Lexicon(4096).rows(learnt.texts)]).tocsr()
    writers, labels = np.array(learnt.writers), tuple(sorted(set(learnt.intents)))
    logs = np.zeros((len(learnt.texts), len(labels)))
    for writer in track(sorted(set(learnt.writers)), "Régression"):
        own = writers == writer
        stock = LogisticRegression(C=10.0, max_iter=3000, class_weight="balanced")
        logs[own] = stock.fit(both[~own], [i for i, out in zip(learnt.intents, own) if not out]).predict_log_proba(both[own])
    truth = np.array([labels.index(intent) for intent in learnt.intents])
    at = labels.index(UNKNOWN)
    return probabilities(logs, at, offset_for(logs, truth, at, 0.03), 1.0), labels


if __name__ == "__main__":
    main()
