"""`attempt.drawn(f, ...)`: what a figure shows, compared by its points and never by its looks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from dlex.kit.diagnosis import Diagnosis
from dlex.kit.failing import fail_if
from dlex.kit.proxy import Probes, Remote

Points = npt.NDArray[np.float64]
SMOOTH = 50  # points that a curve has at least
NEAR = 1e-3


@dataclass(frozen=True)
class Figure:
    """What a figure shows: every line as points (n, 2), every cloud of points, the labels of each of its axes."""

    lines: list[Points]
    clouds: list[Points]
    labels_of: list[tuple[str, str]]

    @classmethod
    def read(cls, shown: dict[str, Any], segments: Sequence[Any] = ()) -> Figure:
        """Of the plain data that the attempt's process tells; `segments` are those of hlines and vlines."""
        axes = shown["axes"]
        lines = [_column(line["x"], line["y"]) for a in axes for line in a["lines"]]
        lines += [np.asarray(segment, dtype=float) for segment in segments]
        clouds = [np.asarray(cloud, dtype=float) for a in axes for cloud in a["points"]]
        flat = [cloud for cloud in clouds if cloud.ndim == 2 and cloud.shape[1] == 2]
        return cls(lines, flat, [(a["xlabel"], a["ylabel"]) for a in axes])

    def curve(self, oracle: Callable[[torch.Tensor], torch.Tensor], over: torch.Tensor, missing: Diagnosis) -> Figure:
        """Pass if a line follows the oracle, smoothly, in order and over all of `over`; returns the figure."""
        fail_if(not any(self._follows(line, oracle, over) for line in self.lines), missing)
        return self

    def no_curve(self, oracle: Callable[[torch.Tensor], torch.Tensor], over: torch.Tensor, found: Diagnosis) -> Figure:
        """Pass if no line follows the oracle, for instance that of an earlier call."""
        fail_if(any(self._follows(line, oracle, over) for line in self.lines), found)
        return self

    def level(self, value: float, missing: Diagnosis) -> Figure:
        """Pass if a horizontal line stands at `value`."""
        fail_if(not any(_is_level(line, 1, value) for line in self.lines), missing)
        return self

    def upright(self, value: float, missing: Diagnosis) -> Figure:
        """Pass if a vertical line stands at `value`."""
        fail_if(not any(_is_level(line, 0, value) for line in self.lines), missing)
        return self

    def points(self, samples: torch.Tensor, missing: Diagnosis) -> Figure:
        """Pass if every sample (n, 2) is shown, as a point of a cloud or of a line that is no curve."""
        few = [line for line in self.lines if len(line) <= len(samples)]
        shown = np.concatenate([np.empty((0, 2)), *self.clouds, *few])
        wanted = samples.detach().double().numpy()
        fail_if(not all(np.isclose(shown, sample, atol=NEAR).all(axis=1).any() for sample in wanted), missing)
        return self

    def labels(self, missing: Diagnosis) -> Figure:
        """Pass if both axes of a part of the figure are named."""
        fail_if(not any(x.strip() and y.strip() for x, y in self.labels_of), missing)
        return self

    @staticmethod
    def _follows(line: Points, oracle: Callable[[torch.Tensor], torch.Tensor], over: torch.Tensor) -> bool:
        x, y = line[:, 0], line[:, 1]
        if len(line) < SMOOTH or x.min() > float(over.min()) + NEAR or x.max() < float(over.max()) - NEAR:
            return False
        steps = np.diff(x)
        in_order = bool((steps > 0).all() or (steps < 0).all())
        return in_order and bool(np.allclose(y, oracle(torch.from_numpy(x)).numpy(), atol=NEAR))


def drawn(attempt: Probes, function: Remote, args: Sequence[Any], no_figure: Diagnosis | None) -> Figure:
    """Have a figure drawn, and read it; what is no figure has no lines, no points and no labels."""
    value = attempt.on_host(function, *args)
    shown = attempt.figure(value)
    if no_figure is not None:
        fail_if(not shown["is_figure"], no_figure)
    return Figure.read(shown, _segments(attempt, value, shown))


def _segments(attempt: Probes, value: Any, shown: dict[str, Any]) -> list[Any]:
    """The segments of what hlines and vlines have drawn."""
    found: list[Any] = []
    if any("LineCollection" in axes["collections"] for axes in shown["axes"]):
        as_list = attempt.library("builtins.list")
        for axes, seen in zip(as_list(value.figure.axes), shown["axes"], strict=False):
            for collection, kind in zip(as_list(axes.collections), seen["collections"], strict=False):
                found += collection.get_segments() if kind == "LineCollection" else []
    return found


def _column(x: Any, y: Any) -> Points:
    """The points of a line; what is no line of numbers has none."""
    xs, ys = np.asarray(x, dtype=float).reshape(-1), np.asarray(y, dtype=float).reshape(-1)
    return np.column_stack([xs, ys]) if len(xs) == len(ys) else np.empty((0, 2))


def _is_level(line: Points, axis: int, value: float) -> bool:
    """Whether a line keeps one coordinate at a value, while the other changes."""
    steady = len(line) > 1 and bool(np.allclose(line[:, axis], value, atol=NEAR))
    return steady and bool(np.ptp(line[:, 1 - axis]) > 0)
