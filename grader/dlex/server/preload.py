"""What a server has imported and warmed before it is asked: at once what every grading needs, when idle the rest.

What only some attempts need is loaded at once where the first attempt needs it: it would pay for it in its own time.
"""

from __future__ import annotations

import contextlib
import importlib
import io
import logging
import tempfile
from collections.abc import Callable
from pathlib import Path

from dlex import kit
from dlex.attempt import torchvision_bridge
from dlex.course.errors import DlexError
from dlex.course.exercise import find_course
from dlex.sandbox.policy import default_read_paths
from dlex.server.hidden import hidden_from_attempts


def attempt(backward: bool = True) -> None:
    """Import torch and what serves an attempt, and run one step of training, with its gradients or without."""
    import torch

    logging.getLogger("matplotlib.font_manager").addFilter(_told_once())
    torchvision_bridge.install()
    torch.set_num_threads(1)
    with contextlib.suppress(RuntimeError):  # only possible once in a process
        torch.set_num_interop_threads(1)
    for module in ("numpy", "torch.nn", "torch.utils.data", "dlex.devices.simulated_cuda", "dlex.attempt.answering"):
        importlib.import_module(module)
    _warm_torch(backward)


def _told_once() -> Callable[[logging.LogRecord], bool]:
    """A filter that lets each message pass once: for a font that is not there matplotlib logs one for every text."""
    told: set[str] = set()

    def is_new(record: logging.LogRecord) -> bool:
        message = record.getMessage()
        new = message not in told
        told.add(message)
        return new

    return is_new


def judge() -> None:
    """Import torch, pytest and the judge, and run one empty session."""
    importlib.import_module("dlex.server.bench")
    for name in kit.__all__:  # each loads its module
        getattr(kit, name)
    _look_for_courses()
    torchvision_bridge.install()
    _warm_pytest()


def _look_for_courses() -> None:
    """Look through all that attempts may read: a judge that is forked from here need not do it again."""
    with contextlib.suppress(DlexError):
        course = find_course()
        hidden_from_attempts(course, (*default_read_paths(), course.datasets))


def one_more(name: str) -> None:
    """Load one of `later.LATER`; what is not installed, or is broken, is no loss."""
    with contextlib.suppress(Exception):
        importlib.import_module(name)
        if name in WARM:
            WARM[name]()


def _warm_torch(backward: bool) -> None:
    """One step of a small network: what is the first of its kind in a process costs ten times the second.

    The sizes are the least for which torch takes the ways of larger ones: its own convolution, and that of oneDNN.
    """
    import torch
    from torch import nn

    from dlex.attempt.recording import recorded

    narrow, wide = nn.Conv2d(1, 8, 3), nn.Conv2d(8, 16, 3, padding=1)
    net = nn.Sequential(narrow, nn.ReLU(), nn.MaxPool2d(2), wide, nn.AvgPool2d(2), nn.Flatten(), nn.Linear(144, 2))
    for batch in (1, 4):
        logits = net(torch.zeros(batch, 1, 14, 14, requires_grad=True))
        loss = nn.CrossEntropyLoss()(logits, torch.zeros(batch, dtype=torch.int64))
        if backward:
            loss.backward()
    with recorded([], {}):  # torch lists all its functions then
        torch.relu(logits)


def _warm_pytest() -> None:
    """One empty session: pytest imports half of itself only then."""
    import pytest

    from dlex.judge import in_advance, plugin

    with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stdout(io.StringIO()):
        spec = Path(folder, "test_nothing.py")
        spec.write_text("import pytest\n@pytest.mark.points(1)\ndef test_nothing(device): pass\n", encoding="utf-8")
        pytest.main([str(spec), *in_advance.ARGUMENTS], plugins=[plugin])
    in_advance.IN_ADVANCE.start()


def _warm_matplotlib() -> None:
    """One picture: matplotlib reads its fonts only then."""
    with contextlib.suppress(Exception):
        from matplotlib import font_manager, pyplot

        figure, axes = pyplot.subplots()
        axes.plot([0, 1], label="x")
        axes.set_xlabel("x")
        figure.savefig(io.BytesIO(), format="png")
        pyplot.close(figure)
        # It does that after every fork; where there is something to free, each child copies the memory of all fonts.
        font_manager._get_font.cache_clear()  # type: ignore[attr-defined]  # no public way


def _warm_optimizer() -> None:
    """One step: the first step of an optimizer imports the compiler, eight hundred modules."""
    import torch

    weight = torch.nn.Parameter(torch.zeros(2))
    weight.grad = torch.zeros(2)
    torch.optim.SGD([weight], lr=0.1).step()


WARM = {"torch.optim": _warm_optimizer, "matplotlib.pyplot": _warm_matplotlib}
