"""Which device a run is on."""

from __future__ import annotations

from collections.abc import Sequence

DEVICES = ("auto", "cpu", "cuda", "sim")


def choose(asked: str, graded_on: Sequence[str]) -> str | None:
    """The device to grade on: `cpu`, `cuda` or `sim`; None if the one that was asked for cannot be had.

    `auto` is the GPU where there is one, else the CPU; an exercise about the GPU is graded on the simulated one.
    """
    wanted = ("cuda", "cpu", "sim") if asked == "auto" else (asked,)
    return next((d for d in wanted if d in graded_on and (d != "cuda" or has_cuda())), None)


def has_cuda() -> bool:
    """Whether there is a GPU that torch can use; only if nobody let it remember is the driver asked here."""
    if not _answer:
        import torch

        remember_cuda(torch.cuda.is_available())
    return _answer[0]


def remember_cuda(found: bool) -> None:
    """Let `has_cuda` say this from now on, here and in what is forked from here."""
    _answer[:] = [found]


_answer: list[bool] = []
