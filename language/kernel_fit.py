"""Fits a head that compares texts, and tells what it would have said of the texts of each writer had it not learnt from them.

The inverse of one matrix gives both, exactly (R. Rifkin and R. Lippert, "Notes on regularized least squares", 2007, for single rows; blocks
are the same algebra). All that a measure must set is set on these held-out scores: the mix of views where there are few texts, the offset
of what is out of scope, the sharpness of the probabilities.
"""

import os
from dataclasses import dataclass, replace
from itertools import product
from typing import Any, Sequence

import numpy as np

from language.embed import Floats, Vectors
from language.kernel_head import KernelHead, Landmarks, Views, probabilities

AXES = 256
"""Main axes kept of an encoder's vectors: nine tenths of their spread, and the head reads as well."""
CONSTANT = 0.25
"""Likeness that all texts share: the intercept."""
FEW = 2000
"""Up to so many texts the mix of views is chosen among several; with more, all views weigh the same (letters gain weight with the texts)."""
_CHUNK = 1024


@dataclass(frozen=True)
class Mix:
    """Weight of each encoder after the first, which weighs 1; weight of letters; ridge (the larger, the smoother)."""

    others: float = 1.0
    letters: float = 1.0
    ridge: float = 0.1


MIXES = tuple(Mix(*values) for values in product((0.25, 1.0), (0.1, 0.25, 0.5, 1.0), (0.03, 0.1, 0.3)))


@dataclass(frozen=True)
class Fitted:
    """A head; `held_out`: the scores of each text by a head that has not learnt from its group, shape (texts, labels)."""

    head: KernelHead
    held_out: Floats
    mix: Mix


def fit_kernel_head(
    views: Views,
    targets: Sequence[str],
    groups: Sequence[str],
    unknown: str = "",
    lost: float = 0.03,
    mixes: Sequence[Mix] = (),
) -> Fitted:
    """A head of exclusive labels. `groups`: who wrote each text; below three writers, each text is held out alone.

    `lost`: share of the texts of the other labels that may be taken for `unknown` though their own label comes first among the others.
    `mixes`: those to choose among; without them, what suits the number of texts.
    Time grows with the cube of the texts: 15,000 take a minute on two cores, and 1 GB. Deterministic.
    """
    from threadpoolctl import threadpool_limits

    labels = sorted(set(targets))
    truth = np.array([labels.index(target) for target in targets])
    names = sorted(set(groups))
    group = np.array([names.index(name) for name in groups]) if len(names) >= 3 else np.arange(len(truth))
    few = len(truth) <= FEW
    # The sentence encoder wants one thread in the whole process. Here all cores help, where there is enough to do.
    with threadpool_limits(1 if few else os.cpu_count(), user_api="blas"):
        wanted = np.eye(len(labels), dtype=np.float32)[truth]
        fits = [fit_indicators(views, labels, wanted, group, mix) for mix in mixes or (MIXES if few else (Mix(),))]
    best = max(fits, key=lambda fit: _promise(fit.held_out, truth))
    at = labels.index(unknown) if unknown in labels else -1
    offset = offset_for(best.held_out, truth, at, lost)
    sharpness = _sharpness(best.held_out, truth, at, offset)
    return replace(best, head=replace(best.head, unknown=at, offset=offset, sharpness=sharpness))


def fit_indicators(views: Views, labels: Sequence[str], wanted: Vectors, group: Any, mix: Mix) -> Fitted:
    """A head of labels that need not exclude one another. `wanted`: 1 where a label holds, shape (texts, labels); `group`: who wrote each
    text, numbered from 0. Its scores are not made into probabilities here."""
    marks = tuple(_landmarks(meaning, mix.others if at else 1.0) for at, meaning in enumerate(views.meanings))
    root = _inverse_root(_kernel(views, marks, mix))
    duals = root.T @ (root @ wanted)
    held_out = np.empty(wanted.shape)
    if len(set(group)) == len(group):
        held_out = wanted - duals / np.einsum("ij,ij->j", root, root)[:, None]
    else:
        for one in range(group.max() + 1):
            own = np.flatnonzero(group == one)
            block = root[own[0] :, own]
            held_out[own] = wanted[own] - np.linalg.solve((block.T @ block).astype(np.float64), duals[own])
    letters = views.letters.T @ (duals * mix.letters / 2)
    head = KernelHead(tuple(labels), marks, duals, np.asarray(letters), CONSTANT * duals.sum(0, dtype=np.float64))
    return Fitted(head, held_out, mix)


def _landmarks(vectors: Vectors, weight: float) -> Landmarks:
    """Likeness falls to 1/e at the mean squared distance between texts, whatever the encoder."""
    centre = vectors.mean(0)
    _, axes = np.linalg.eigh(np.cov((vectors - centre).T.astype(np.float64)))
    axes = np.ascontiguousarray(axes[:, ::-1][:, :AXES], dtype=np.float32)
    points = (vectors - centre) @ axes
    return Landmarks(points, centre, axes, float(1 / (2 * points.var(0).sum())), weight)


def _kernel(views: Views, marks: Sequence[Landmarks], mix: Mix) -> Vectors:
    """Likeness of all pairs, its lower half only, the ridge on the diagonal. Letters and words have a norm of about 2."""
    count = len(views)
    kernel = np.zeros((count, count), dtype=np.float32)
    for start in range(0, count, _CHUNK):
        end = min(start + _CHUNK, count)
        part = (views.letters[start:end] @ views.letters[:end].T).toarray() * np.float32(mix.letters / 2) + np.float32(CONSTANT)
        for one, meaning in zip(marks, views.meanings):
            part += replace(one, points=one.points[:end]).likeness(meaning[start:end])
        kernel[start:end, :end] = part
    kernel[np.diag_indices(count)] += np.float32(mix.ridge)
    return kernel


def _inverse_root(kernel: Vectors) -> Vectors:
    """L⁻¹, where L Lᵀ is the symmetric matrix of which the lower half is given. Takes its place in memory."""
    from scipy.linalg import lapack

    # LAPACK reads by columns: what it calls upper is our lower half.
    root, failed = lapack.spotrf(kernel.T, lower=0, clean=1, overwrite_a=1)
    if not failed:
        root, failed = lapack.strtri(root, lower=0, overwrite_c=1)
    if failed:
        raise np.linalg.LinAlgError("likeness is not positive: vectors hold something else than numbers")
    return np.asarray(root.T)


def _promise(scores: Floats, truth: Any) -> tuple[float, float]:
    """Share of texts read right; between equals, the surest."""
    return float((scores.argmax(1) == truth).mean()), -_loss(scores, truth, -1, 0.0, _sharpness(scores, truth, -1, 0.0))


def offset_for(scores: Floats, truth: Any, unknown: int, lost: float) -> float:
    """What `unknown` needs so that a share `lost` of the texts of other labels, rightly read among these, goes to it."""
    if unknown < 0 or (truth == unknown).all():
        return 0.0
    known = scores.copy()
    known[:, unknown] = -np.inf
    right = (known.argmax(1) == truth) & (truth != unknown)
    leads = np.sort((scores[:, unknown] - known.max(1))[right])[::-1]
    allowed = int(lost * (truth != unknown).sum())
    # A hair less than the lead of the first that must be kept.
    return float(-leads[allowed] - 1e-9) if allowed < len(leads) else 0.0


def _sharpness(scores: Floats, truth: Any, unknown: int, offset: float) -> float:
    """The sharpness under which the probabilities lose least."""
    from scipy.optimize import minimize_scalar

    found = minimize_scalar(lambda log: _loss(scores, truth, unknown, offset, float(np.exp(log))), bounds=(0, 5), method="bounded")
    return float(np.exp(found.x))


def _loss(scores: Floats, truth: Any, unknown: int, offset: float, sharpness: float) -> float:
    held = probabilities(scores, unknown, offset, sharpness)[np.arange(len(truth)), truth]
    return float(-np.log(held + 1e-12).mean())
