"""The result of one grading as plain data.  The judge writes it, every renderer reads it, and it survives JSON."""

from __future__ import annotations

import enum
from typing import Annotated, Any

import msgspec

from dlex.course.text import Text
from dlex.course.text import printable as printable

SCHEMA = "dlex/result/1"
MAX_TEXT = 4000
MAX_FILE, MAX_FUNCTION, MAX_CODE = 4096, 120, 200  # of a line of a traceback


class Verdict(enum.StrEnum):
    """What one check found."""

    PASSED = "passed"
    WRONG_VALUE = "wrong_value"
    WRONG_SHAPE = "wrong_shape"
    WRONG_DTYPE = "wrong_dtype"
    WRONG_DEVICE = "wrong_device"
    NOT_FINITE = "not_finite"
    NO_GRADIENT = "no_gradient"
    WRONG_GRADIENT = "wrong_gradient"
    INPUT_MUTATED = "input_mutated"
    FORBIDDEN_OP = "forbidden_op"
    NONDETERMINISTIC = "nondeterministic"
    DEVICE_DISAGREEMENT = "device_disagreement"
    TIMEOUT = "timeout"
    OUT_OF_MEMORY = "out_of_memory"
    OUT_OF_GPU_MEMORY = "out_of_gpu_memory"
    RAISED = "raised"
    CRASHED = "crashed"
    UNATTEMPTED = "unattempted"
    NOT_RUN = "not_run"
    GRADER_ERROR = "grader_error"


class Status(enum.StrEnum):
    """What became of the whole attempt."""

    PASSED = "passed"
    FAILED = "failed"
    UNATTEMPTED = "unattempted"
    UNRUNNABLE = "unrunnable"
    GRADER_ERROR = "grader_error"


class Comparison(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How far what came is from what was expected; every field is short, printable text or a number."""

    expected: str = ""
    actual: str = ""
    where: str = ""
    largest_error: float | None = None
    tolerance: float | None = None
    mismatched: int | None = None
    total: int | None = None
    ratio: float | None = None


class Frame(msgspec.Struct, frozen=True):
    """One line of the learner's own traceback."""

    file: Annotated[str, msgspec.Meta(max_length=MAX_FILE)]
    line: int
    function: Annotated[str, msgspec.Meta(max_length=MAX_FUNCTION)]
    code: Annotated[str, msgspec.Meta(max_length=MAX_CODE)]

    def clipped(self) -> Frame:
        """The same, printable and of these sizes: a character that is written out takes the room of ten."""
        return Frame(
            printable(self.file)[:MAX_FILE],
            self.line,
            printable(self.function)[:MAX_FUNCTION],
            printable(self.code)[:MAX_CODE],
        )


class Finding(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Why a check did not pass: a sentence that stands alone, then what backs it."""

    verdict: Verdict
    message: Text
    comparison: Comparison | None = None
    diagnosis: str | None = None
    explanation: Text | None = None
    traceback: tuple[Frame, ...] = ()
    next_step: Text | None = None
    internal: str = ""

    def clipped(self) -> Finding:
        """The same with every text cut to a size and printable, whatever an attempt sends."""
        frames = tuple(frame.clipped() for frame in self.traceback)
        cut = msgspec.convert(_cut(msgspec.to_builtins(msgspec.structs.replace(self, traceback=()))), Finding)
        return msgspec.structs.replace(cut, traceback=frames)


def _cut(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _cut(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_cut(item) for item in value]
    return printable(value[:MAX_TEXT])[:MAX_TEXT] if isinstance(value, str) else value


class CheckResult(msgspec.Struct, frozen=True, kw_only=True):
    """One check: what it is worth, what it found and how long it took (wall time; CPU time where it was measured)."""

    id: str
    title: Text
    public: bool
    verdict: Verdict
    points: float
    max_points: float
    finding: Finding | None
    seconds: float
    cpu_seconds: float | None = None


class IsolationReport(msgspec.Struct, frozen=True):
    """How well the attempt was confined: `full`, `partial` (then which layers are missing) or `none`."""

    level: str
    missing: tuple[str, ...] = ()


class ExerciseResult(msgspec.Struct, frozen=True, kw_only=True):
    """One attempt at one exercise, graded."""

    exercise: str
    status: Status
    points: float
    max_points: float
    checks: tuple[CheckResult, ...]
    isolation: IsolationReport
    device: str
    stdout: str
    seconds: float
    versions: dict[str, str]
    reason: Finding | None = None
    notes: tuple[Text, ...] = ()
    schema: str = SCHEMA
