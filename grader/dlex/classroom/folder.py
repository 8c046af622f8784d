"""The submissions in a plain folder: one folder a student, in it the exercises' files as their authors named them.

`DIR/li_hua/inception_block.py`, `DIR/li_hua/10.py`, `DIR/li_hua/10_inception_block/inception_block.py`, the same in a
zip, and a notebook with marked cells are all found.  Whatever is not graded is listed with the reason.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from dlex.classroom import leftovers
from dlex.classroom.handed_in import SKIPPED, Aside, HandedIn, walk
from dlex.classroom.leftovers import Leftover
from dlex.classroom.reading.messages import Attempts, Code, Problem, ReadFile
from dlex.classroom.reading.reader import known, the_reader
from dlex.classroom.report.writing import OWN, written_in
from dlex.classroom.submission import Slot, Submission, problem_of
from dlex.course.errors import AttemptError, UsageError
from dlex.course.exercise import Course, Exercise
from dlex.course.source import AttemptSource, is_notebook
from dlex.course.text import Text, shown

MAX_READ = 100  # files of code of one student that are read
LIKE_STUDENTS = 3  # folders side by side that hold the same exercise are no one student's
COPY = re.compile(r"\s*(?:\(\d+\)|-\d+| - (?:Copy|副本)(?: \(\d+\))?)$")  # at the end of a copy's name
ANSWER, UNREADABLE, STUB = 2, 1, 0  # which file is rather taken, before dates are looked at


@dataclass(kw_only=True)
class Found:
    """What a class's folder holds: the submissions, and everything else.

    `doubles` are the leftovers that another file was taken instead of.  `classes` are folders, as paths in the class's,
    that were taken for one student's and look like a class of their own.
    """

    submissions: list[Submission] = field(default_factory=list)
    leftovers: list[Leftover] = field(default_factory=list)
    doubles: list[Leftover] = field(default_factory=list)
    classes: list[str] = field(default_factory=list)
    students: int = 0

    @property
    def is_too_high(self) -> bool:
        """Whether every folder that was taken for a student's is rather a class."""
        tops = {path.partition("/")[0] for path in self.classes}
        return bool(tops) and tops >= {submission.slot.student for submission in self.submissions}


@dataclass(frozen=True, kw_only=True)
class _Candidate:
    """A file that may be the one to grade for an exercise."""

    rank: int
    modified: int
    submission: Submission

    @property
    def order(self) -> tuple[int, int, str]:
        """The first in this order is taken; of equal dates the name decides, so that the same is taken every time."""
        return -self.rank, -self.modified, self.submission.path


def find_submissions(
    folder: Path, course: Course, wanted: Sequence[Exercise], *, students: Sequence[str] | None = None
) -> Found:
    """Every submission in `folder` for the exercises wanted; raises `UsageError` if it is no folder.

    With `students` only these folders are looked into.
    """
    found = Found()
    for student in _folders(folder, found, students):
        _Student(student, course, wanted, found).look()
    return found


def require_right_height(found: Found, folder: Path) -> None:
    """Raise `UsageError` if `folder` holds classes in the place of students."""
    if found.is_too_high:
        first = found.classes[0]
        raise UsageError(
            Text(
                en="{folder} is a folder too high: {first} holds a class, not one student's files.",
                zh="{folder} 高了一层：{first} 是一个班级的文件夹，而不是一个学生的。",
            ).format(folder=folder, first=first),
            Text(en="Name {inner} instead.", zh="请改为指定 {inner}。").format(inner=folder / first),
        )


def _folders(folder: Path, found: Found, students: Sequence[str] | None) -> Iterator[Path]:
    try:
        entries = sorted(folder.iterdir())
    except OSError as error:
        raise UsageError(
            Text(en=f"{folder} is no folder of submissions: {error.strerror}.", zh=f"{folder} 不是作业文件夹。"),
            Text(en="Name the folder that holds one folder a student.", zh="请指定每个学生一个子文件夹的那个文件夹。"),
        ) from error
    own = written_in(folder)
    for entry in entries:
        if students is not None and entry.name not in students:
            continue
        if entry.name == OWN or entry in own:
            continue
        if SKIPPED.match(entry.name):
            found.leftovers.append(Leftover(shown(entry.name), leftovers.HIDDEN))
        elif entry.is_symlink():
            found.leftovers.append(Leftover(shown(entry.name), leftovers.LINK))
        elif entry.is_dir():
            found.students += 1
            yield entry
        else:
            found.leftovers.append(Leftover(shown(entry.name), leftovers.BESIDE))


class _Student:
    """One student's folder, looked through once."""

    def __init__(self, folder: Path, course: Course, wanted: Sequence[Exercise], found: Found) -> None:
        self._folder, self._course, self._wanted, self._found = folder, course, wanted, found
        self._name = shown(folder.name)
        self._candidates: dict[str, list[_Candidate]] = defaultdict(list)
        self._places: dict[tuple[tuple[str, ...], str], set[str]] = defaultdict(set)
        self._read = 0

    def look(self) -> None:
        """Put into what was found the submissions of this student, and what was left aside."""
        for entry in walk(self._folder):
            if isinstance(entry, Aside):
                self._leave(entry.parts, entry.reason)
            else:
                self._take(entry)
        for _name, candidates in sorted(self._candidates.items()):
            self._choose(candidates)
        if not self._places:
            self._leave((), leftovers.NOTHING)
        self._found.classes += self._classes()

    def _leave(self, parts: tuple[str, ...], reason: Text) -> None:
        self._found.leftovers.append(Leftover(self._shown(parts), reason, self._name))

    def _shown(self, parts: tuple[str, ...]) -> str:
        return "/".join([self._name, *map(shown, parts)])

    def _take(self, file: HandedIn) -> None:
        named = _exercise_named(file.names, self._course)
        if named is None and not is_notebook(file.name):
            self._leave(file.parts, leftovers.NO_EXERCISE)
            return
        if named is not None:
            self._note_place(file, named)
            if named not in self._wanted:
                return
        self._read += 1
        if self._read > MAX_READ:
            self._leave(file.parts, leftovers.TOO_MANY)
            return
        exercises = self._course.exercises if named is None else (named,)
        try:
            request = ReadFile(file.name, file.read(), tuple(map(known, exercises)), named is None)
            attempts = the_reader().ask(request, Attempts).found
        except AttemptError as error:
            self._unreadable(file, named, error)
            return
        if not attempts:
            self._leave(file.parts, leftovers.NO_MARK)
        self._add(file, attempts)

    def _unreadable(self, file: HandedIn, named: Exercise | None, error: AttemptError) -> None:
        if named is None:
            self._leave(file.parts, error.message)
        else:
            self._add(file, {named.name: Problem(error.message, error.next_step)})

    def _add(self, file: HandedIn, attempts: Mapping[str, Code | Problem]) -> None:
        for name, content in attempts.items():
            exercise = self._course.find(name)
            self._note_place(file, exercise)
            if exercise in self._wanted:
                rank = UNREADABLE if isinstance(content, Problem) else STUB if content.is_stub else ANSWER
                submission = self._submission(file, exercise, content)
                self._candidates[name].append(_Candidate(rank=rank, modified=file.modified, submission=submission))

    def _submission(self, file: HandedIn, exercise: Exercise, content: Code | Problem) -> Submission:
        """The source alone: its name is the same for all, and it may not read the folder that it came in."""
        empty = Submission(
            slot=Slot(self._name, exercise.name),
            path=self._shown(file.parts),
            submitted_at=_time(file.modified),
        )
        if isinstance(content, Problem):
            return msgspec.structs.replace(empty, problem=problem_of(content.error()))
        source = AttemptSource(content.text, exercise.stub.name, None, content.notes)
        return msgspec.structs.replace(empty, source=source)

    def _choose(self, candidates: list[_Candidate]) -> None:
        taken, *others = sorted(candidates, key=lambda candidate: candidate.order)
        self._found.submissions.append(taken.submission)
        for other in others:
            left = Leftover(other.submission.path, _why(taken, other), self._name)
            self._found.leftovers.append(left)
            self._found.doubles.append(left)

    def _note_place(self, file: HandedIn, exercise: Exercise) -> None:
        """Remember, for each folder on the way to a file, in which folder of it the exercise lies."""
        for depth, name in enumerate(file.parts[:-1]):
            if _exercise_named([name], self._course) is None:
                self._places[file.parts[:depth], exercise.name].add(name)
        self._places[file.parts, exercise.name].add("")

    def _classes(self) -> list[str]:
        """Folders in which many folders hold the same exercise."""
        many = {parts for (parts, _exercise), names in self._places.items() if len(names) >= LIKE_STUDENTS}
        return sorted(self._shown(parts) for parts in many)[:1]


def _exercise_named(names: Sequence[str], course: Course) -> Exercise | None:
    """The exercise that a file is for by its name, by its folders', or by the name that it had before a download."""
    for name in names:
        key = name.lower().replace("-", "_")
        number = key.zfill(2) if key.isdigit() else key
        for exercise in course.exercises:
            if number == exercise.number or key in (exercise.name, exercise.slug):
                return exercise
    return _exercise_renamed(names[0], course) if names else None


def _exercise_renamed(name: str, course: Course) -> Exercise | None:
    """The exercise of a file that a browser (`slug (1)`) or a learning platform (`wang_98765_4321_slug-2`) renamed."""
    key = COPY.sub("", name).lower().replace("-", "_").replace(" ", "_")
    ends = [e for e in course.exercises if any(key == own or key.endswith(f"_{own}") for own in (e.name, e.slug))]
    return max(ends, key=lambda exercise: len(exercise.slug), default=None)


def _why(taken: _Candidate, other: _Candidate) -> Text:
    """Why the one file was taken and the other was not."""
    if other.rank < taken.rank:
        reason = leftovers.STUB if other.rank == STUB else leftovers.UNREADABLE
    else:
        reason = leftovers.OLDER if other.modified < taken.modified else leftovers.SAME_DATE
    return reason.format(taken=taken.submission.path, exercise=taken.submission.slot.exercise)


def _time(nanoseconds: int) -> str:
    try:
        return datetime.fromtimestamp(nanoseconds / 1e9, UTC).isoformat(timespec="seconds")
    except (OverflowError, ValueError, OSError):  # a file may claim any time
        return ""
