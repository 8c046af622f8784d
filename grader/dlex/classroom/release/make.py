"""Makes the students' wheel: course, wheel, audit, proof, and only then the file that is handed over."""

from __future__ import annotations

import shutil
import tempfile
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from dlex.classroom.release.audit import COURSE, audit
from dlex.classroom.release.course import Released, lay_out
from dlex.classroom.release.prove import prove
from dlex.classroom.release.wheel import build, require_backend
from dlex.course.errors import UsageError, cannot_write
from dlex.course.exercise import Course, Exercise
from dlex.course.text import Text


@dataclass(frozen=True, kw_only=True)
class Made:
    """A wheel that was made, and what became of each exercise."""

    wheel: Path
    released: tuple[Released, ...]

    @property
    def size(self) -> int:
        """The bytes of the wheel."""
        return self.wheel.stat().st_size


def make_release(
    course: Course,
    exercises: Sequence[Exercise],
    output: Path,
    on_done: Callable[[int, int], None] = lambda done, total: None,
) -> Made:
    """Make the students' wheel of some exercises in the folder `output`; `on_done` hears of the proof's progress.

    Raises `UsageError` if the course has no solutions, hatchling is missing or `output` cannot be written, and
    `CourseError` if the audit or the proof finds a fault: then there is no file in `output`.
    """
    require_backend()
    _require_solutions(exercises)
    with tempfile.TemporaryDirectory(prefix="dlex-release-") as name:
        place = Path(name)
        place.chmod(0o755)  # an attempt of root's is another user, who reads the data
        stage, unpacked = place / "stage", place / "unpacked"
        released = lay_out(course, exercises, stage / COURSE)
        wheel = build(stage, place / "dist")
        with zipfile.ZipFile(wheel) as archive:
            archive.extractall(unpacked)
        audit(unpacked, course)
        prove(exercises, unpacked / COURSE, on_done)
        return Made(wheel=_hand_over(wheel, output), released=released)


def _require_solutions(exercises: Sequence[Exercise]) -> None:
    missing = next((exercise.name for exercise in exercises if not exercise.reference.is_file()), None)
    if missing is not None:
        raise UsageError(
            Text(en=f"The solution of {missing} is not here.", zh=f"这里没有练习 {missing} 的参考答案。"),
            Text(
                en="A release is made from the whole course, which proves that nothing of it leaks.",
                zh="需要完整的课程才能制作学生版，并检查没有泄露答案。",
            ),
        )


def _hand_over(wheel: Path, output: Path) -> Path:
    target = output / wheel.name
    try:
        output.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(wheel, target)
    except OSError as error:
        raise cannot_write(
            target, error, Text(en="Choose another folder with --output.", zh="请用 --output 指定别的文件夹。")
        ) from error
    return target
