"""What a server has imported and warmed before it is asked: at once what every grading needs, when idle the rest."""

from __future__ import annotations

import contextlib
import importlib
import io
import tempfile
from pathlib import Path

from dlex import torchvision_bridge
from dlex.sandbox.policy import default_read_paths

# Slow to import and not needed by every exercise; a zygote loads them one by one while it has nothing to do.
LATER = ("torch.optim", "matplotlib.pyplot", "torchvision", "PIL.Image")


def attempt() -> None:
    """Import torch and what serves an attempt, and run one step of training."""
    import torch

    torchvision_bridge.install()
    torch.set_num_threads(1)
    with contextlib.suppress(RuntimeError):  # only possible once in a process
        torch.set_num_interop_threads(1)
    for module in ("numpy", "torch.nn", "torch.utils.data", "dlex.grading.attempt"):
        importlib.import_module(module)
    _warm_torch()


def judge() -> None:
    """Import torch, pytest and the judge, and run one empty session."""
    for module in (
        "dlex.grading.service",
        "dlex.spec.data",
        "dlex.spec.expectation",
        "dlex.spec.inputs",
        "dlex.spec.proxy",
    ):
        importlib.import_module(module)
    default_read_paths()
    torchvision_bridge.install()
    _warm_pytest()


def later() -> list[str]:
    """What to load when there is time."""
    return list(LATER)


def one_more(names: list[str]) -> None:
    """Load the next of `names` and take it off the list; what is not installed is no loss."""
    name = names.pop(0)
    with contextlib.suppress(ImportError):
        importlib.import_module(name)
    if name in WARM:
        WARM[name]()


def _warm_torch() -> None:
    """One small step of training: the first convolution of a process costs ten times the second."""
    import torch
    from torch.nn import functional as F

    image = torch.zeros(1, 1, 4, 4, requires_grad=True)
    kernel = torch.zeros(2, 1, 3, 3, requires_grad=True)
    out = F.relu(F.conv2d(image, kernel, padding=1)).flatten(1) @ torch.zeros(32, 2)
    F.cross_entropy(out, torch.zeros(1, dtype=torch.int64)).backward()  # type: ignore[no-untyped-call]  # torch's own


def _warm_pytest() -> None:
    """One empty session: pytest imports half of itself only then."""
    import pytest

    from dlex.spec import plugin, run

    with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stdout(io.StringIO()):
        spec = Path(folder, "test_nothing.py")
        spec.write_text("import pytest\n@pytest.mark.points(1)\ndef test_nothing(device): pass\n", encoding="utf-8")
        pytest.main([str(spec), *run.ARGUMENTS], plugins=[plugin])
    run.prepare()


def _warm_matplotlib() -> None:
    """One picture: matplotlib reads its fonts only then."""
    with contextlib.suppress(Exception):
        from matplotlib import pyplot

        figure, axes = pyplot.subplots()
        axes.plot([0, 1], label="x")
        axes.set_xlabel("x")
        figure.savefig(io.BytesIO(), format="png")
        pyplot.close(figure)


def _warm_optimizer() -> None:
    """One step: the first step of an optimizer imports the compiler, eight hundred modules."""
    import torch

    weight = torch.nn.Parameter(torch.zeros(2))
    weight.grad = torch.zeros(2)
    torch.optim.SGD([weight], lr=0.1).step()


WARM = {"torch.optim": _warm_optimizer, "matplotlib.pyplot": _warm_matplotlib}
