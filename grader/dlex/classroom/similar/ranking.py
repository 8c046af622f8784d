"""The pairs of a class that are alike, the most alike first.

What everybody was given counts nothing, nor what more than half of the class wrote.  Of the rest, a fingerprint that
only two have counts full, one that many have counts less: where there is only one right answer, many have it.
Likeness is the part of what counts in the shorter text that the longer one has too.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from dlex.classroom.similar.fingerprints import (
    MAX_BYTES,
    Hashes,
    TooSlow,
    fingerprints,
    given_fingerprints,
    readable,
)
from dlex.classroom.submission import Submission
from dlex.course.exercise import Exercise

CLASS = 6  # so many different texts say what everybody writes
ENOUGH = 40  # an attempt whose own fingerprints count less is compared as if they counted so much: chance is great
BLOCK = 1 << 22  # numbers of a matrix in memory at a time
WORD = re.compile(r"\b[^\W\d]\w{3,39}\b")

Numbers = np.ndarray[Any, np.dtype[Any]]
Matrix = np.ndarray[Any, np.dtype[np.float32]]


@dataclass(frozen=True, kw_only=True)
class Work:
    """One text, and everyone who handed it in."""

    text: str
    owners: tuple[Submission, ...]
    own: Hashes = field(repr=False, compare=False)
    words: frozenset[str] = field(repr=False, compare=False)

    @property
    def names(self) -> tuple[str, ...]:
        """The students."""
        return tuple(owner.slot.student for owner in self.owners)


@dataclass(frozen=True, kw_only=True)
class Pair:
    """Two texts and how alike they are, from 0 to 1; one text with itself where several handed in the same.

    `shared` is what the fingerprints count that both have, `words` are those that nobody else in the class uses.
    """

    first: Work
    second: Work
    likeness: float
    shared: float
    words: tuple[str, ...] = ()

    @property
    def is_one_text(self) -> bool:
        """Whether it is the same text, letter for letter."""
        return self.first is self.second


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """What came of one exercise."""

    exercise: Exercise
    compared: int
    pairs: tuple[Pair, ...]
    found: int
    too_large: tuple[Submission, ...]
    unreadable: tuple[Submission, ...]
    given: Hashes = field(repr=False, compare=False)


def compare(
    exercise: Exercise,
    submissions: Iterable[Submission],
    *,
    threshold: float,
    most: int,
) -> Comparison:
    """Compare the submissions for one exercise: the first `most` pairs at or above the threshold, and their number."""
    given = given_fingerprints(exercise)
    stub = frozenset(WORD.findall(exercise.stub.read_text(encoding="utf-8")))
    submissions = list(submissions)
    works, too_large = _read(submissions, given, stub)
    common = _common([work.own for work in works])
    works = [_without(work, common) for work in works]
    pairs = _pairs(works, threshold)
    chosen = [_with_words(pair, works) for pair in pairs[:most]]
    return Comparison(
        exercise=exercise,
        compared=sum(len(work.owners) for work in works),
        pairs=tuple(chosen),
        found=len(pairs),
        too_large=tuple(too_large),
        unreadable=tuple(submission for submission in submissions if submission.source is None),
        given=np.union1d(given, common),
    )


def _read(
    submissions: Iterable[Submission], given: Hashes, stub: frozenset[str]
) -> tuple[list[Work], list[Submission]]:
    """The different texts, in order of their first owners; and what is too large to be read."""
    owners: dict[str, list[Submission]] = {}
    texts: dict[str, str] = {}
    too_large = []
    for submission in submissions:
        text = readable(submission.source.text) if submission.source is not None else ""
        if len(text.encode("utf-8", "replace")) > MAX_BYTES:
            too_large.append(submission)
        elif text.strip():
            same = "\n".join(line.rstrip() for line in text.splitlines() if line.strip())
            texts.setdefault(same, text)
            owners.setdefault(same, []).append(submission)
    works = []
    for same, text in texts.items():
        try:
            own = np.setdiff1d(fingerprints(text), given, assume_unique=True)
        except TooSlow:
            too_large += owners[same]
            continue
        words = frozenset(WORD.findall(text)) - stub
        works.append(Work(text=text, owners=tuple(owners[same]), own=own, words=words))
    return works, too_large


def _common(all_own: Sequence[Hashes]) -> Hashes:
    """What more than half of the class has: of many, that is the exercise, not the neighbour."""
    if len(all_own) < CLASS:
        return np.array([], dtype=np.int64)
    found, counts = np.unique(np.concatenate(all_own), return_counts=True)
    return found[counts > len(all_own) / 2]


def _without(work: Work, common: Hashes) -> Work:
    own = np.setdiff1d(work.own, common, assume_unique=True)
    return dataclasses.replace(work, own=own)


def _pairs(works: Sequence[Work], threshold: float) -> list[Pair]:
    """Every pair at or above the threshold, the most alike first."""
    if not works:
        return []
    shared = _shared(works)
    whole = np.diagonal(shared)
    likeness = shared / np.maximum(np.minimum(whole[:, None], whole[None, :]), ENOUGH)
    places = np.argwhere(np.triu(likeness >= threshold - 1e-4))  # single precision
    pairs = [
        Pair(first=works[i], second=works[j], likeness=min(1.0, float(likeness[i, j])), shared=float(shared[i, j]))
        for i, j in places
        if i != j or len(works[i].owners) > 1
    ]
    return sorted(pairs, key=_order)


def _order(pair: Pair) -> tuple[float, float, tuple[str, ...], tuple[str, ...]]:
    """The most alike first; of those that are equally alike the longest, since chance is least there."""
    return -round(pair.likeness, 2), -round(pair.shared, 1), pair.first.names, pair.second.names


def _shared(works: Sequence[Work]) -> Matrix:
    """For each two texts the fingerprints that both have, counted by how rare they are."""
    found, places, counts = np.unique(
        np.concatenate([work.own for work in works]), return_inverse=True, return_counts=True
    )
    weights = np.sqrt(_weights(counts, len(works))).astype(np.float32)
    rows = np.split(places, np.cumsum([len(work.own) for work in works])[:-1])
    shared: Matrix = np.zeros((len(works), len(works)), dtype=np.float32)
    width = max(1, BLOCK // len(works))
    for start in range(0, len(found), width):
        block: Matrix = np.zeros((len(works), min(width, len(found) - start)), dtype=np.float32)
        for i, row in enumerate(rows):
            low, high = np.searchsorted(row, (start, start + width))
            block[i, row[low:high] - start] = weights[row[low:high]]
        shared += block @ block.T
    return shared


def _weights(counts: Numbers, class_size: int) -> Numbers:
    """From 1 for what at most two have down to nearly 0 for what half of the class has."""
    weights: Numbers = np.ones(len(counts))
    if class_size >= CLASS:
        weights = np.minimum(weights, np.log(class_size / counts) / np.log(class_size / 2))
    return weights


def _with_words(pair: Pair, works: Sequence[Work]) -> Pair:
    """The pair with the words that nobody else in the class uses."""
    words = pair.first.words & pair.second.words
    for work in works:
        if work is not pair.first and work is not pair.second:
            words -= work.words
    return dataclasses.replace(pair, words=tuple(sorted(words)))
