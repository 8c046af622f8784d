"""The result of one grading as plain data.  The judge writes it, every renderer reads it, and it survives JSON."""

from __future__ import annotations

import enum
from collections.abc import Sequence
from typing import Annotated, Any

import msgspec

from dlex.course.manifest import Check
from dlex.course.text import Text
from dlex.course.text import printable as printable

SCHEMA = "dlex/result/2"
MAX_TEXT = 4000
MAX_SCRIPT = 120_000
MAX_PICTURE = 600_000  # characters of SVG
MAX_FILE, MAX_FUNCTION, MAX_CODE = 4096, 120, 200  # of a line of a traceback
MAX_RAISED = 300  # of what an exception says


class Verdict(enum.StrEnum):
    """What one check found."""

    PASSED = "passed"
    WRONG_TYPE = "wrong_type"
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
    FOLLOWS = "follows"
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


class Frame(msgspec.Struct, frozen=True, omit_defaults=True):
    """One line of the learner's own traceback; `column` is the place in `code` that Python points at, -1 if at none."""

    file: Annotated[str, msgspec.Meta(max_length=MAX_FILE)]
    line: int
    function: Annotated[str, msgspec.Meta(max_length=MAX_FUNCTION)]
    code: Annotated[str, msgspec.Meta(max_length=MAX_CODE)]
    column: int = -1

    def clipped(self) -> Frame:
        """The same, printable and of these sizes: a character that is written out takes the room of ten."""
        file, function, code = printable(self.file), printable(self.function), printable(self.code)
        column = len(printable(self.code[: self.column])) if self.column >= 0 else -1
        return Frame(file[:MAX_FILE], self.line, function[:MAX_FUNCTION], code[:MAX_CODE], column)


class Example(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The call that a check made and the attempt got wrong, as Python.

    `lines` end with the call.  `gave` is what it gave, or `raised` what it raised, and `expected` what it should give
    (empty where the check compares something else than the call's own value).  `script` runs with plain Python and
    torch; `{module}` in it stands for the learner's file.  `numbers` counts those that the call was given.
    """

    lines: tuple[str, ...]
    gave: str = ""
    raised: str = ""
    expected: str = ""
    script: str = ""
    numbers: int = 0

    def clipped(self) -> Example:
        """The same, printable; a script that is too long to be whole is none."""
        cut = msgspec.convert(_cut(msgspec.to_builtins(msgspec.structs.replace(self, script=""))), Example)
        return msgspec.structs.replace(cut, script=printable(self.script) if len(self.script) <= MAX_SCRIPT else "")


class RaisedException(msgspec.Struct, frozen=True, kw_only=True):
    """An exception of the learner's code: its class, the names of its classes from that one on, what it says.

    Of the message only the first line is kept, and no more than `MAX_RAISED` characters of it.
    """

    kind: str
    bases: tuple[str, ...] = ()
    message: str = ""

    def is_a(self, name: str) -> bool:
        """Whether its class, or one that it derives from, is called `name`."""
        return name == self.kind or name in self.bases

    def __str__(self) -> str:
        """As Python prints it: `ValueError: no`."""
        return f"{self.kind}: {self.message}" if self.message else self.kind


class Note(Text, frozen=True, kw_only=True):
    """A friendly word on an attempt, which costs nothing; `line` and `cell` are those of a `Finding`."""

    line: int | None = None
    cell: str = ""

    @classmethod
    def of(cls, text: Text, line: int | None = None) -> Note:
        """`text` as a note."""
        return cls(en=text.en, zh=text.zh, line=line)

    def in_language(self, language: str) -> str:
        """The note with its line."""
        return _placed(Text(en=self.en, zh=self.zh), self.line, self.cell).in_language(language)


class Finding(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Why a check did not pass: a message that stands alone, then what backs it.

    `line` is the line of the learner's file where it happened; of a notebook, in `cell` if there are several.
    `follows` names the learner's functions that a check with this verdict fails because of.  `printed` is what the code
    printed in the check.
    """

    verdict: Verdict
    message: Text
    raised: RaisedException | None = None
    line: int | None = None
    cell: str = ""
    comparison: Comparison | None = None
    diagnosis: str | None = None
    explanation: Text | None = None
    traceback: tuple[Frame, ...] = ()
    next_step: Text | None = None
    example: Example | None = None
    follows: tuple[str, ...] = ()
    printed: str = ""
    internal: str = ""

    @property
    def sentence(self) -> Text:
        """The message with the line where it happened."""
        return _placed(self.message, self.line, self.cell)

    def clipped(self) -> Finding:
        """The same with every text cut to a size and printable, whatever an attempt sends."""
        frames = tuple(frame.clipped() for frame in self.traceback)
        example = self.example.clipped() if self.example is not None else None
        bare = msgspec.structs.replace(self, traceback=(), example=None)
        cut = msgspec.convert(_cut(msgspec.to_builtins(bare)), Finding)
        return msgspec.structs.replace(cut, traceback=frames, example=example)


def _placed(text: Text, line: int | None, cell: str) -> Text:
    """`text` with a line at its end, before a full stop of our own; what an exception says stays as it is."""
    if line is None:
        return text
    several = Text(en=" (line {line} of {cell})", zh="（{cell} 第 {line} 行）")
    one = Text(en=" (line {line})", zh="（第 {line} 行）")
    place = (several if cell else one).format(line=line, cell=cell)
    if text.en.endswith(".") and text.zh.endswith("。"):
        return Text(en=text.en[:-1], zh=text.zh[:-1]) + place + Text(en=".", zh="。")
    return text + place


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

    @classmethod
    def of(cls, check: Check, verdict: Verdict, finding: Finding | None, seconds: float = 0.0) -> CheckResult:
        """What became of a check of a spec; a pass is worth all of its points, anything else none."""
        return cls(
            id=check.id,
            title=check.title,
            public=check.public,
            verdict=verdict,
            points=check.points if verdict is Verdict.PASSED else 0.0,
            max_points=check.points,
            finding=finding,
            seconds=seconds,
        )


class IsolationReport(msgspec.Struct, frozen=True):
    """How well the attempt was confined: `full`, `partial` (then which layers are missing) or `none`."""

    level: str
    missing: tuple[str, ...] = ()


class OwnPicture(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A picture drawn from what the learner's functions give: its source as SVG, or why there is none."""

    svg: str = ""
    finding: Finding | None = None


OF_WHAT_DID_NOT_RUN = {Status.GRADER_ERROR: Verdict.GRADER_ERROR, Status.UNATTEMPTED: Verdict.UNATTEMPTED}
FULLY_ISOLATED = IsolationReport("full")


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
    notes: tuple[Note, ...] = ()
    picture: OwnPicture | None = None
    schema: str = SCHEMA


def without_run(
    exercise: str,
    status: Status,
    why: Finding,
    *,
    device: str,
    checks: Sequence[Check] = (),
    isolation: IsolationReport = FULLY_ISOLATED,
    seconds: float = 0.0,
    versions: dict[str, str] | None = None,
    notes: tuple[Note, ...] = (),
) -> ExerciseResult:
    """The result where nothing of the attempt was run, for one reason, which each of the `checks` tells too.

    A stub that nobody has touched has no reason: it is no attempt.
    """
    verdict = OF_WHAT_DID_NOT_RUN.get(status, Verdict.NOT_RUN)
    return ExerciseResult(
        exercise=exercise,
        status=status,
        points=0.0,
        max_points=sum(check.points for check in checks),
        checks=tuple(CheckResult.of(check, verdict, why) for check in checks),
        isolation=isolation,
        device=device,
        stdout="",
        seconds=seconds,
        versions=versions or {},
        reason=None if status is Status.UNATTEMPTED else why,
        notes=notes,
    )
