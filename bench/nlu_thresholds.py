"""What the thresholds of the assistant do on writers left out: rejection, confidence, two close intents, two questions in a message.

Run: .venv/bin/python -m bench.nlu_thresholds [--writers posee,rue]
"""

import argparse
import random
from collections.abc import Sequence

import numpy as np
import yaml
from rich.console import Console
from rich.progress import track
from rich.table import Table

from bench.held_out import ROOT, UNKNOWN, Sentences, held_out_shares, scores, sentences, views
from bot.components.clauses import partings
from bot.components.reading import Reading, figures, read_intents, two_questions
from language.calibration import calibration_error
from language.kernel_fit import Fitted, Mix, fit_kernel_head, offset_for
from language.kernel_head import KernelHead, probabilities

JOINTS = (" et ", " ? et ", " et aussi ", " ? et puis ")
PAIRS = 200
Sides = list[tuple[Reading, Reading]]
console = Console()


def main() -> None:
    """Prints a table for each threshold."""
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--writers", default="bureau,posee,rue,lisiere", help="whose sentences are joined two by two")
    given = arguments.parse_args()
    learnt = sentences()
    seen = views(learnt.texts)
    fitted = fit_kernel_head(seen, learnt.intents, learnt.writers, UNKNOWN)
    console.print(figures(fitted, learnt.intents))
    _rejection(fitted, learnt)
    _confidence(fitted, learnt)
    _close(fitted, learnt)
    _second(learnt, given.writers.split(","))


def _rejection(fitted: Fitted, learnt: Sentences) -> None:
    """Each writer is read with the offset that the others set."""
    head, writers = fitted.head, np.array(learnt.writers)
    truth = np.array([head.labels.index(intent) for intent in learnt.intents])
    table = Table("lost", "macro-F1", "accuracy", "out of scope found", "in scope rejected", title="Rejet")
    for lost in (0.005, 0.01, 0.02, 0.03, 0.04, 0.06, 0.1):
        guesses = np.empty(len(truth), dtype=object)
        for writer in set(learnt.writers):
            own = writers == writer
            offset = offset_for(fitted.held_out[~own], truth[~own], head.unknown, lost)
            guesses[own] = [head.labels[at] for at in probabilities(fitted.held_out[own], head.unknown, offset, 1.0).argmax(1)]
        table.add_row(f"{lost:.3f}", *(f"{figure:.3f}" for figure in scores(learnt.intents, list(guesses)).values()))
    console.print(table)


def _confidence(fitted: Fitted, learnt: Sentences) -> None:
    table = Table("confidence", "share of sentences", "read right", "right one in the first two", title="Confiance")
    shares = held_out_shares(fitted)
    order = np.argsort(-shares, axis=1)
    truth = np.array([fitted.head.labels.index(intent) for intent in learnt.intents])
    right, within = order[:, 0] == truth, (order[:, :2] == truth[:, None]).any(1)
    sure = shares.max(1)
    for low, high in ((0, 0.3), (0.3, 0.5), (0.5, 0.7), (0.7, 0.9), (0.9, 0.97), (0.97, 1.01)):
        band = (sure >= low) & (sure < high)
        table.add_row(f"{low}–{min(high, 1)}", *(f"{x:.3f}" for x in (band.mean(), right[band].mean(), within[band].mean())))
    console.print(table, f"calibration error {calibration_error(sure, right):.3f}")


def _close(fitted: Fitted, learnt: Sentences) -> None:
    """What asking between the first two would do, were it done under `doubt` when the second has `near` of the first's probability."""
    table = Table("doubt", "near", "asks (in scope)", "first right", "right one among both", "errors spared", title="Deux sujets proches")
    shares = held_out_shares(fitted)
    truth = np.array([fitted.head.labels.index(intent) for intent in learnt.intents])
    order = np.argsort(-shares, axis=1)
    first, second = (np.take_along_axis(shares, order[:, at : at + 1], 1)[:, 0] for at in (0, 1))
    ours = (order[:, 0] != fitted.head.unknown) & (order[:, 1] != fitted.head.unknown)
    inside = truth != fitted.head.unknown
    wrong = (order[:, 0] != truth) & inside & (order[:, 0] != fitted.head.unknown)
    for doubt in (0.4, 0.5, 0.6, 0.7):
        for near in (0.0, 0.25, 0.5, 0.75):
            asks = ours & inside & (first < doubt) & (second >= near * first)
            among = (order[asks, :2] == truth[asks, None]).any(1)
            found = (asks[inside].mean(), (order[asks, 0] == truth[asks]).mean(), among.mean(), (wrong & asks).sum() / wrong.sum())
            table.add_row(f"{doubt}", f"{near}", *(f"{x:.3f}" for x in found))
    console.print(table)


def _second(learnt: Sentences, writers: Sequence[str]) -> None:
    """Two sentences of a writer left out, joined; beside them, that writer's single sentences that could be parted."""
    pairs: list[tuple[Reading, Sides, set[str]]] = []
    single: list[tuple[Reading, Sides, set[str]]] = []
    for writer in track(list(writers), "Deux questions"):
        rest = [at for at, name in enumerate(learnt.writers) if name != writer]
        own = learnt.take([at for at, name in enumerate(learnt.writers) if name == writer])
        seen = views(learnt.texts)
        head = fit_kernel_head(
            seen.take(rest), [learnt.intents[at] for at in rest], [learnt.writers[at] for at in rest], UNKNOWN, mixes=[Mix()]
        ).head
        ours = [at for at, intent in enumerate(own.intents) if intent.count("_") and intent != UNKNOWN]
        draw = random.Random(writer)  # noqa: S311 - the same pairs each time
        chosen = [tuple(draw.sample(ours, 2)) for _ in range(PAIRS)]
        chosen = [(one, two) for one, two in chosen if own.intents[one] != own.intents[two]]
        joined = [own.texts[one].rstrip(" ?.!") + draw.choice(JOINTS) + own.texts[two] for one, two in chosen]
        pairs += [(*read, {own.intents[one], own.intents[two]}) for read, (one, two) in zip(_parted(head, joined), chosen)]
        several = [at for at in ours if partings(own.texts[at])]
        single += [(*read, {own.intents[at]}) for read, at in zip(_parted(head, [own.texts[at] for at in several]), several)]
    pipeline = yaml.safe_load((ROOT / "config.yml").read_text(encoding="utf-8"))["pipeline"]
    none = {UNKNOWN, *next(part["no_question"] for part in pipeline if "no_question" in part)}
    table = Table("from", "both found", "one of both lost", "a wrong one told", "one question heard as two", title="Deux questions")
    for least in (0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.01):
        told = [(set(two_questions(sides, none, least)) or {whole[0]["name"]}, wanted) for whole, sides, wanted in pairs]
        row = (
            np.mean([got == wanted for got, wanted in told]),
            np.mean([got < wanted for got, wanted in told]),
            np.mean([bool(got - wanted) for got, wanted in told]),
            np.mean([bool(two_questions(sides, none, least)) for _, sides, _ in single]),
        )
        table.add_row("whole" if least > 1 else f"{least}", *(f"{x:.3f}" for x in row))
    console.print(table, f"{len(pairs)} pairs, {len(single)} single sentences")


def _parted(head: KernelHead, texts: list[str]) -> list[tuple[Reading, Sides]]:
    """The reading of each text, and of its sides in pairs."""
    parted = [partings(text) for text in texts]
    flat = iter(read_intents(head, views([side for pairs in parted for pair in pairs for side in pair]), UNKNOWN))
    return [(whole, [(next(flat), next(flat)) for _ in pairs]) for whole, pairs in zip(read_intents(head, views(texts), UNKNOWN), parted)]


if __name__ == "__main__":
    main()
