"""Random inputs for checks, drawn from the secret seed of the run.

Sizes all differ, and values are never zero, one or equal by design, since such inputs hide mistakes.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import torch

SMALLEST, LARGEST = 2, 9  # of a size that is drawn
TRIES = 50
SAME, APART = 1e-9, 1e-3  # numbers that are the same by design, and those that no tolerance confuses


class Inputs:
    """Draws tensors; every draw comes from one generator, seeded per check."""

    def __init__(self, seed: int) -> None:
        self.generator = torch.Generator().manual_seed(seed)

    def normal(
        self, *shape: int, dtype: torch.dtype = torch.float32, mean: float = 0.0, std: float = 1.0
    ) -> torch.Tensor:
        """Normal values of the given shape."""
        return torch.randn(shape, generator=self.generator, dtype=dtype) * std + mean

    def uniform(
        self, *shape: int, low: float = 0.0, high: float = 1.0, dtype: torch.dtype = torch.float32
    ) -> torch.Tensor:
        """Uniform values in [low, high) of the given shape."""
        return torch.rand(shape, generator=self.generator, dtype=dtype) * (high - low) + low

    def number(self, low: float, high: float) -> float:
        """One uniform Python float."""
        return float(self.uniform(1, low=low, high=high, dtype=torch.float64))

    def integers(self, *shape: int, low: int = 0, high: int) -> torch.Tensor:
        """Whole numbers in [low, high) of the given shape, int64."""
        return torch.randint(low, high, shape, generator=self.generator)

    def integer(self, low: int, high: int) -> int:
        """One whole number in [low, high)."""
        return int(self.integers(1, low=low, high=high))

    def permutation(self, n: int) -> torch.Tensor:
        """A permutation of range(n), int64 `(n,)`."""
        return torch.randperm(n, generator=self.generator)

    def seed(self) -> int:
        """A seed for another generator."""
        return self.integer(0, 1 << 31)

    def sizes(self, letters: str) -> tuple[int, ...]:
        """A size for each letter, all different and none 1: `T, B = rng.sizes("TB")`."""
        return tuple(self._drawn(letters, {}).values())

    def all_sizes(self, letters: str, *, ones: str | None = None) -> list[tuple[int, ...]]:
        """Several draws of sizes for a loop: first as in `sizes`, then once with each letter of `ones` as 1.

        Each letter is another number in every draw, so that no size that is typed in fits them all.  Without `ones`
        each of the letters is 1 once.

        for T, B in rng.all_sizes("TB"): ...
        """
        return [tuple(sizes.values()) for sizes in self._all_drawn(letters, {}, ones)]

    def named(
        self, shapes: Mapping[str, str], *, dtype: torch.dtype = torch.float32, std: float = 1.0, **sizes: int
    ) -> dict[str, torch.Tensor]:
        """Normal tensors by name, of shapes in letters whose sizes are drawn; `sizes` gives those that are fixed.

        rng.named({"x": "B I", "w": "O I", "b": "O"}, dtype=torch.float64, B=1)
        """
        return self._filled(shapes, self._drawn(_letters(shapes), sizes), dtype, std)

    def all_named(
        self,
        shapes: Mapping[str, str],
        *,
        dtype: torch.dtype = torch.float32,
        std: float = 1.0,
        ones: str | None = None,
        **sizes: int,
    ) -> Iterator[dict[str, torch.Tensor]]:
        """Several draws as of `named`, with sizes as of `all_sizes`."""
        for drawn in self._all_drawn(_letters(shapes), sizes, ones):
            yield self._filled(shapes, drawn, dtype, std)

    def apart(
        self, draw: Callable[[], tuple[Any, ...]], functions: Iterable[Callable[..., float]], *, ties: bool = True
    ) -> tuple[Any, ...]:
        """What `draw` gives, drawn again while two of `functions` make numbers of it that are nearly the same.

        So no slip of one misconception can be taken for one of another.  Two numbers that are the same are so by
        design, unless `ties` is False: for shares, which are few.  After fifty tries the last draw is taken, as on
        inputs that are simple on purpose.

        xs, ys, w = rng.apart(lambda: (*samples(rng, n), rng.number(1, 2)), [cost, *slips])
        """
        known = list(functions)
        for _ in range(TRIES):
            given = draw()
            values = sorted(float(function(*given)) for function in known)
            if not any(_nearly_same(a, b, ties=ties) for a, b in itertools.pairwise(values)):
                break
        return given

    def telling(self, draw: Callable[[], tuple[Any, ...]]) -> tuple[Any, ...]:
        """What `draw` gives: a right number, a mapping to lists of wrong ones, and more.

        It is drawn again while two of these numbers are the same, or nearly so.  After fifty tries the last draw is
        taken, as for a single sample.

        right, slips, y = rng.telling(lambda: (*accuracies(y := rng.integers(N, high=10)), y))
        """
        for _ in range(TRIES):
            given = draw()
            values = sorted(itertools.chain([given[0]], *given[1].values()))
            if all(b - a >= APART * max(abs(a), abs(b)) and a != b for a, b in itertools.pairwise(values)):
                break
        return given

    def _filled(
        self, shapes: Mapping[str, str], sizes: Mapping[str, int], dtype: torch.dtype, std: float
    ) -> dict[str, torch.Tensor]:
        drawn = {name: [sizes[letter] for letter in shape.split()] for name, shape in shapes.items()}
        return {name: self.normal(*shape, dtype=dtype, std=std) for name, shape in drawn.items()}

    def _all_drawn(self, letters: str, fixed: Mapping[str, int], ones: str | None) -> list[dict[str, int]]:
        free = [letter for letter in letters if letter not in fixed]
        draws = [self._drawn(letters, fixed)]
        for one in free if ones is None else ones:
            draws.append(self._drawn(letters, {**fixed, one: 1}, unlike=draws))
        return draws

    def _drawn(
        self, letters: str, fixed: Mapping[str, int], unlike: list[dict[str, int]] | None = None
    ) -> dict[str, int]:
        """A size for each letter, all different, and no free one of the same size as in a draw of `unlike`."""
        sizes: dict[str, int] = {letter: fixed[letter] for letter in letters if letter in fixed}
        for letter in letters:
            if letter not in fixed:
                taken = {*sizes.values(), *(draw[letter] for draw in unlike or [])}
                choice = [n for n in range(SMALLEST, LARGEST + len(letters)) if n not in taken]
                sizes[letter] = choice[self.integer(0, len(choice))]
        return {letter: sizes[letter] for letter in letters}


def _nearly_same(a: float, b: float, *, ties: bool) -> bool:
    scale = max(abs(a), abs(b))
    if abs(a - b) <= SAME * scale:
        return not ties
    return abs(a - b) < APART * scale


def _letters(shapes: Mapping[str, str]) -> str:
    """The letters of shapes in their order, each once."""
    return "".join(dict.fromkeys("".join(shape.replace(" ", "") for shape in shapes.values())))


class SimpleInputs(Inputs):
    """The same draws rounded, so that a reader can follow them: whole numbers, or one digit where they are small.

    Sizes that are drawn are all `size`; without it the smallest that differ.
    """

    def __init__(self, seed: int, size: int | None = None) -> None:
        super().__init__(seed)
        self.size = size

    def normal(
        self, *shape: int, dtype: torch.dtype = torch.float32, mean: float = 0.0, std: float = 1.0
    ) -> torch.Tensor:
        """As `Inputs.normal`, to a whole number of steps of 1, or of the power of ten below `std`; never zero."""
        step = _step(std)
        steps = torch.round(super().normal(*shape, dtype=torch.float64, std=std / step))
        return _steps(torch.where(steps == 0, torch.ones_like(steps), steps) + round(mean / step), step).to(dtype)

    def _drawn(
        self, letters: str, fixed: Mapping[str, int], unlike: list[dict[str, int]] | None = None
    ) -> dict[str, int]:
        """As `Inputs._drawn`, of the smallest sizes."""
        sizes = {letter: fixed[letter] for letter in letters if letter in fixed}
        for letter in letters:
            if letter not in fixed:
                taken = {*sizes.values(), *(draw[letter] for draw in unlike or [])}
                sizes[letter] = self.size or next(n for n in itertools.count(SMALLEST) if n not in taken)
        return {letter: sizes[letter] for letter in letters}

    def uniform(
        self, *shape: int, low: float = 0.0, high: float = 1.0, dtype: torch.dtype = torch.float32
    ) -> torch.Tensor:
        """As `Inputs.uniform`, to whole steps of a power of ten, strictly between `low` and `high`."""
        values = super().uniform(*shape, low=low, high=high, dtype=torch.float64)
        step = _step((high - low) / 5)
        return _steps(
            torch.round(values / step).clamp(math.floor(low / step) + 1, math.ceil(high / step) - 1), step
        ).to(dtype)


def _step(size: float) -> float:
    """The largest power of ten that is at most `size`, and at most 1."""
    return 10.0 ** min(0, math.floor(math.log10(size))) if size > 0 else 1.0


def _steps(count: torch.Tensor, step: float) -> torch.Tensor:
    """`count` times `step`, as the numbers nearest to it: 0.3 and not 0.30000000000000004."""
    return count / round(1 / step)
