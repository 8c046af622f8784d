"""What a figure shows: curves, levels, points and labels, however they were drawn."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch
from local import attempt_of

from dlex.kit import Diagnosis
from dlex.kit.figures import Figure
from dlex.protocol.failure import CheckFailure

NO = Diagnosis("missing", en="It is missing.", zh="缺少。")
NONE = Diagnosis("no_figure", en="No figure.", zh="不是图。")
OVER, SAMPLES = torch.tensor([1.0, 9.0]), torch.tensor([[2.0, 0.0], [7.0, 1.0]])
HEAD = """
import matplotlib
matplotlib.use("agg")
import matplotlib.pyplot as plt
import numpy as np
x = np.linspace(0, 10, 200)
def draw():
    figure, axes = plt.subplots()
"""
PARTS = {
    "curve": "axes.plot(x, 1 / (1 + np.exp(5 - x)))",
    "coarse": "axes.plot(x[::20], 1 / (1 + np.exp(5 - x[::20])))",
    "short": "axes.plot(x[60:160], 1 / (1 + np.exp(5 - x[60:160])))",
    "other": "axes.plot(x, 1 / (1 + np.exp(4 - x)))",
    "level": "axes.axhline(0.5)",
    "hlines": "axes.hlines(0.5, 0, 10)",
    "upright": "axes.axvline(5)",
    "vlines": "axes.vlines(5, 0, 1)",
    "scatter": "axes.scatter([2, 7], [0, 1])",
    "dots": "axes.plot([2, 7], [0, 1], 'o')",
    "one": "axes.scatter([2], [0])",
    "labels": "axes.set(xlabel='hours', ylabel='probability')",
    "one_label": "axes.set(xlabel='hours')",
}


def sigmoid(x: torch.Tensor) -> torch.Tensor:
    """The oracle."""
    return (x - 5).sigmoid()


CHECKS: dict[str, Callable[[Figure], Any]] = {
    "curve": lambda figure: figure.curve(sigmoid, OVER, NO),
    "level": lambda figure: figure.level(0.5, NO),
    "upright": lambda figure: figure.upright(5, NO),
    "points": lambda figure: figure.points(SAMPLES, NO),
    "labels": lambda figure: figure.labels(NO),
}


def drawn(*parts: str, end: str = "return figure") -> Figure:
    """What a figure of these parts shows."""
    attempt = attempt_of(
        HEAD + "".join(f"    {PARTS[part]}\n" for part in parts) + f"    plt.close(figure)\n    {end}\n"
    )
    return attempt.drawn(attempt.draw, no_figure=NONE)


@pytest.mark.parametrize(
    ("part", "shows"),
    [
        ("curve", "curve"),
        ("coarse", None),
        ("short", None),
        ("other", None),
        ("level", "level"),
        ("hlines", "level"),
        ("upright", "upright"),
        ("vlines", "upright"),
        ("scatter", "points"),
        ("dots", "points"),
        ("one", None),
        ("labels", "labels"),
        ("one_label", None),
    ],
)
def test_a_part_is_what_it_is(part: str, shows: str | None) -> None:
    """Each passes its own check alone."""
    figure = drawn(part)
    for name, check in CHECKS.items():
        if name == shows:
            assert check(figure) is figure
        else:
            with pytest.raises(CheckFailure) as caught:
                check(figure)
            assert caught.value.finding.diagnosis == "missing"


def test_an_old_curve() -> None:
    """A figure that is used again shows two curves."""
    with pytest.raises(CheckFailure):
        drawn("curve", "other").no_curve(sigmoid, OVER, NO)
    drawn("other").no_curve(sigmoid, OVER, NO)


def test_no_figure() -> None:
    """Axes will do, anything else will not."""
    drawn("labels", end="return axes").labels(NO)
    with pytest.raises(CheckFailure) as caught:
        drawn("labels", end="return 3")
    assert caught.value.finding.diagnosis == "no_figure"
