"""Which device a run is on."""

from __future__ import annotations

from collections.abc import Sequence

from dlex.course.errors import UsageError
from dlex.course.text import Text

DEVICES = ("auto", "cpu", "cuda", "sim")
SIMPLEST_FIRST = ("cpu", "sim", "cuda")


def known(name: str) -> str:
    """The name of a device, or `auto`; raises `UsageError` for one that dlex does not know."""
    if name not in DEVICES:
        raise UsageError(
            Text(en=f"There is no device {name!r} here.", zh=f"这里没有设备“{name}”。"),
            Text(en=f"It is one of {', '.join(DEVICES)}.", zh=f"可选：{'、'.join(DEVICES)}。"),
        )
    return name


def choose(asked: str, graded_on: Sequence[str]) -> str | None:
    """The device to grade on: `cpu`, `cuda` or `sim`; None if the one that was asked for cannot be had.

    `auto` is the GPU where there is one, else the CPU; an exercise about the GPU is graded on the simulated one.
    """
    wanted = ("cuda", "cpu", "sim") if asked == "auto" else (asked,)
    return next((d for d in wanted if d in graded_on and (d != "cuda" or has_cuda())), None)


def alternatives(asked: str, graded_on: Sequence[str]) -> list[str]:
    """What can be advised to whoever cannot have `asked`, the simplest first; perhaps nothing.

    In the place of a device that the exercise is graded on, only simpler ones: so no advice ever leads back.
    """
    among = SIMPLEST_FIRST[: SIMPLEST_FIRST.index(asked)] if asked in graded_on else SIMPLEST_FIRST
    return [device for device in among if device in graded_on and (device != "cuda" or has_cuda())]


class Gpu:
    """Whether there is a GPU that torch can use: a process asks the driver once, and what it forks does not."""

    def __init__(self) -> None:
        self._is_there: bool | None = None

    def is_there(self) -> bool:
        """Whether there is one; only if nobody let it remember is the driver asked here."""
        if self._is_there is None:
            import torch

            self._is_there = torch.cuda.is_available()
        return self._is_there

    def remember(self, is_there: bool) -> None:
        """Say this from now on, here and in what is forked from here."""
        self._is_there = is_there


GPU = Gpu()


def has_cuda() -> bool:
    """Whether there is a GPU that torch can use; see `Gpu`."""
    return GPU.is_there()
