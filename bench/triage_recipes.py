"""Compares recipes of the mail reader, each writer left out in turn; prints tables for docs/measures.md. Run: .venv/bin/python -m bench.triage_recipes"""

from dataclasses import replace
from typing import Any

import numpy as np
from rich.progress import Progress
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression

from language.embed import E5Embedder, Floats, UseEmbedder
from language.kernel_head import Views
from triage.autonomy import automated_share, curve_of
from triage.train import (
    FEELINGS,
    KINDS,
    LABELS,
    MIX,
    calibrate,
    decisions,
    figures,
    fit,
    probabilities_of_writers_left_out,
    read_data,
    read_parts,
    said_of,
    wanted_of,
    writers_of,
)
from triage.views import MessageFeatures, rarity_of, weighed, whole

SHARES = (0.01, 0.02, 0.03, 0.05, 0.1, 0.15)


def main() -> None:
    """Reads the training messages once, then fits every recipe."""
    rows = read_data()
    with Progress() as bar:
        task = bar.add_task("Lecture", total=len(rows))
        parts = read_parts(rows, MessageFeatures(E5Embedder(), UseEmbedder()), lambda done: bar.advance(task, done))
    views = Views(parts.meanings, weighed(parts.counts, rarity_of(parts.counts)))
    wanted, group = wanted_of(rows), writers_of(rows)
    print("| recipe | commitments micro-F1 (macro-F1) | kind | feeling macro-F1 | positive against negative | urgent recall (precision) |")
    print("|---|---|---|---|---|---|")
    _line("TF-IDF and logistic regression (stock)", stock(rows, wanted, group), wanted)
    bare = views.letters[:, :0]
    recipes = {
        "e5 alone": Views(parts.meanings[:1], bare),
        "letters and words alone": Views((), views.letters),
        "e5, letters and words": Views(parts.meanings[:1], views.letters),
        "USE, letters and words": Views(parts.meanings[1:2], views.letters),
        "without the mean of sentences": Views((*parts.meanings[:2], parts.meanings[3]), views.letters),
        "without the subject apart": Views(parts.meanings[:3], views.letters),
        "all (kept)": views,
    }
    for name, seen in recipes.items():
        mix = replace(MIX, others=1.0) if len(seen.meanings) == 1 else MIX
        found = probabilities_of_writers_left_out(fit(seen, wanted, group, mix).held_out, wanted, group)
        _line(name, found, wanted)
    _curve(views, wanted, group)
    _automated(found, wanted)


def stock(rows: list[dict[str, Any]], wanted: Any, group: Any) -> tuple[Floats, Floats]:
    """What anyone would try first, with its own defaults: no threshold or calibration of ours."""
    texts = np.array([whole(row["subject"], row["body"]) for row in rows], dtype=object)
    shares = np.zeros(wanted.shape)
    for one in sorted(set(group)):
        own = group == one
        vectorizer = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True)
        seen, unseen = vectorizer.fit_transform(texts[~own]), vectorizer.transform(texts[own])
        for labels in (KINDS, FEELINGS):
            columns = [LABELS.index(label) for label in labels]
            head = LogisticRegression(C=10, max_iter=1000).fit(seen, wanted[~own][:, columns].argmax(1))
            shares[np.ix_(own, columns)] = head.predict_proba(unseen)
        for at in range(len(KINDS) + len(FEELINGS), len(LABELS)):
            head = LogisticRegression(C=10, max_iter=1000, class_weight="balanced").fit(seen, wanted[~own, at])
            shares[own, at] = head.predict_proba(unseen)[:, 1]
    decided = (shares >= 0.5).astype(float)
    for start, count in ((0, len(KINDS)), (len(KINDS), len(FEELINGS))):
        decided[:, start : start + count] = np.eye(count)[shares[:, start : start + count].argmax(1)]
    return shares, decided


def _curve(views: Views, wanted: Any, group: Any) -> None:
    """So many writers in a row, calibration learnt from them too, read all the others; each writer begins a row once."""
    names = sorted(set(group))
    print("\n| learnt from | messages | commitments micro-F1 | kind | feeling macro-F1 |\n|---|---|---|---|---|")
    for count in range(3, len(names)):
        results = []
        for start in range(len(names)):
            learnt = np.isin(group, [names[(start + step) % len(names)] for step in range(count)])
            numbers = np.unique(group[learnt], return_inverse=True)[1]
            fitted = fit(views.take(np.flatnonzero(learnt)), wanted[learnt], numbers)
            scores = fitted.head.scores(views.take(np.flatnonzero(~learnt)))
            told = figures(*decisions(calibrate(fitted.held_out, wanted[learnt]), scores), wanted[~learnt])
            results.append((learnt.sum(), told["commitments"]["micro_f1"], told["kind"]["accuracy"], told["sentiment"]["macro_f1"]))
        size, *mean = np.mean(results, axis=0)
        print(f"| {count} writers | {size:,.0f} | " + " | ".join(f"{value:.3f}" for value in mean) + " |", flush=True)


def _automated(found: tuple[Floats, Floats], wanted: Any) -> None:
    """Share automated against share wrong, by label."""
    print("\n| label | " + " | ".join(f"{share:.0%} wrong" for share in SHARES) + " |\n|---|" + "---|" * len(SHARES))
    for label, said in said_of(*found, wanted).items():
        curve = curve_of(*said)
        print(f"| {label} ({len(said[0])}) | " + " | ".join(f"{automated_share(*said, curve[share])[0]:.0%}" for share in SHARES) + " |")


def _line(name: str, found: tuple[Floats, Floats], wanted: Any) -> None:
    told = figures(*found, wanted)
    held, feeling, urgent = told["commitments"], told["sentiment"], told["urgent"]
    print(
        f"| {name} | {held['micro_f1']:.3f} ({held['macro_f1']:.3f}) | {told['kind']['accuracy']:.3f} | {feeling['macro_f1']:.3f} | "
        f"{feeling['positive_against_negative']:.3f} | {urgent['recall']:.3f} ({urgent['precision']:.3f}) |",
        flush=True,
    )


if __name__ == "__main__":
    main()
