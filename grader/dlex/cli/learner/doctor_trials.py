"""What `dlex doctor` has graded, to see that it can be: by the real server, confined, on each device."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from dlex.course.errors import DlexError
from dlex.course.source import AttemptSource
from dlex.course.text import Text, same
from dlex.protocol.request import GradeRequest
from dlex.protocol.result import ExerciseResult, Status
from dlex.server import client

EXERCISE = "01_double"
ATTEMPT = "import torch\n\n\ndef double(x: torch.Tensor) -> torch.Tensor:\n    return x * 2\n"
VISION = f"import torchvision.transforms\n{ATTEMPT}"
FILES = {
    "exercises/course.toml": 'title = {en = "Doctor", zh = "检查"}\n[[tracks]]\nid = "doctor"\n'
    f'title = {{en = "Doctor", zh = "检查"}}\nexercises = ["{EXERCISE}"]\n',
    f"exercises/{EXERCISE}/exercise.toml": 'title = {en = "Double", zh = "两倍"}\ntrack = "doctor"\n'
    'difficulty = 1\nminutes = 1\nwrites = ["double"]\n',
    f"exercises/{EXERCISE}/double.py": "def double(x):\n    raise NotImplementedError\n",
    f"grader/specs/test_{EXERCISE}.py": '''"""Values and a gradient."""

import pytest

from dlex.kit import expect


@pytest.mark.points(1)
@pytest.mark.public
def test_value_and_gradient(attempt, rng):
    """Twice a tensor, and the gradient of it.

    zh: 张量的两倍及其梯度。
    """
    x, upstream = rng.normal(2, 3), rng.normal(2, 3)
    expect(attempt.double(x)).on_device("cuda").close_to(x * 2)
    found = attempt.gradients(attempt.double, x, upstream=upstream)
    expect(found.inputs[0]).close_to(upstream * 2)
''',
}


@dataclass(frozen=True, kw_only=True)
class Trial:
    """What came of one grading: nothing wrong, or why it did not pass; and how the attempt was confined."""

    problem: Text | None
    missing: tuple[str, ...] = ()  # layers of isolation


def trials(*, cuda: bool, vision: bool) -> dict[str, Trial]:
    """What comes of grading on `cpu` and `sim`, on `cuda` if there is one, and with `vision` of importing torchvision.

    Where not even the CPU can be graded on, nothing else is tried.
    """
    with _course() as root:
        found = {"cpu": _trial(root, ATTEMPT, "cpu")}
        if found["cpu"].problem is None:
            devices = ("sim", "cuda") if cuda else ("sim",)
            found |= {device: _trial(root, ATTEMPT, device) for device in devices}
            if vision:
                found["torchvision"] = _trial(root, VISION, "cpu")
    return found


@contextmanager
def _course() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="dlex-doctor-") as folder:
        for name, text in FILES.items():
            path = Path(folder, name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        Path(folder, "datasets").mkdir()
        yield Path(folder).resolve()


def _trial(root: Path, text: str, device: str) -> Trial:
    source = AttemptSource(text, "double.py", None)
    try:
        result = client.grade(GradeRequest(course=str(root), exercise=EXERCISE, source=source, device=device))
    except DlexError as error:
        return Trial(problem=error.message)
    return Trial(problem=_problem(result), missing=tuple(result.isolation.missing))


def _problem(result: ExerciseResult) -> Text | None:
    if result.status is Status.PASSED:
        return None
    findings = [result.reason, *(check.finding for check in result.checks)]
    return next((finding.sentence for finding in findings if finding is not None), same(str(result.status)))
