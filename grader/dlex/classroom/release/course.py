"""The students' course: of a whole course only what a learner may have, laid out in a folder of the same shape."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from dlex.classroom.release.reading import read
from dlex.classroom.release.spec_slice import SpecSlice, slice_spec
from dlex.classroom.release.toml_text import toml_list, toml_string
from dlex.course.data import LIST, read_datasets
from dlex.course.exercise import Course, Exercise, page_name
from dlex.course.hints import HEADING, parse_hints
from dlex.course.release_notes import FILE
from dlex.course.text import LANGUAGES, Text

PICTURES = (".svg", ".png", ".jpg", ".gif")
PAGES = ("README.md", "README.zh-CN.md", "exercise.toml")
HINTS = tuple(page_name("hints", language) for language in LANGUAGES)


@dataclass(frozen=True, kw_only=True)
class Released:
    """What became of one exercise: how many of its checks went in, and how many stayed with the teacher."""

    exercise: str
    public: int
    hidden: int


def lay_out(course: Course, exercises: Sequence[Exercise], root: Path) -> tuple[Released, ...]:
    """Make the students' course of some exercises of `course` at `root`; raises `CourseError` if one cannot be cut."""
    parts = {exercise: slice_spec(exercise.spec, exercise.name) for exercise in exercises}
    released = tuple(_exercise(exercise, part, root) for exercise, part in parts.items())
    _shared_hints(course, parts, root)
    _write(root / "exercises" / "course.toml", course_file(course, {exercise.name for exercise in exercises}))
    _write(root / FILE, notes(released))
    _data(course, root / "datasets")
    return released


def _exercise(exercise: Exercise, part: SpecSlice, root: Path) -> Released:
    folder = root / "exercises" / exercise.name
    for path in _learners_files(exercise):
        _copy(path, folder / path.name)
    for name in HINTS:
        page = exercise.folder / name
        if page.is_file():
            _write(folder / name, hints_for(read(page), part.diagnoses))
    _write(root / "grader" / "specs" / exercise.spec.name, part.text)
    if exercise.picture_script.is_file():
        _copy(exercise.picture_script, root / "grader" / "specs" / exercise.picture_script.name)
    return Released(exercise=exercise.name, public=len(part.public), hidden=len(part.hidden))


def _shared_hints(course: Course, parts: Mapping[Exercise, SpecSlice], root: Path) -> None:
    """The pages of hints that exercises share, with what the released ones name and do not tell themselves."""
    for name in HINTS:
        page = course.root / "exercises" / name
        if page.is_file():
            own = {exercise: parse_hints(read(exercise.folder / name)).by_diagnosis for exercise in parts}
            kept = {key for exercise, part in parts.items() for key in part.diagnoses - own[exercise].keys()}
            _write(root / "exercises" / name, hints_for(read(page), kept))


def _learners_files(exercise: Exercise) -> list[Path]:
    """The stub, the pages and the pictures: by name, since whatever else lies there may be somebody's answer."""
    here = sorted(exercise.folder.iterdir())
    return [p for p in here if p.is_file() and (p.name in (*PAGES, exercise.stub.name) or p.suffix in PICTURES)]


def hints_for(page: str, diagnoses: Iterable[str]) -> str:
    """A page of hints without those of other diagnoses."""
    kept, staying = set(diagnoses), True
    lines = []
    for line in page.splitlines():
        heading = HEADING.match(line)
        if heading is not None:
            staying = heading["rung"] is not None or heading["diagnosis"] in kept
        if staying:
            lines.append(line)
    return "\n".join(lines).rstrip() + "\n"


def course_file(course: Course, names: Iterable[str]) -> str:
    """`course.toml` with the exercises in `names` alone; a track that is left without any goes too."""
    wanted = set(names)
    lines = [f"languages = {toml_list(course.info.languages or LANGUAGES)}", "", "[title]", *_text(course.info.title)]
    for track in course.info.tracks:
        staying = [name for name in track.exercises if name in wanted]
        if staying:
            lines += ["", "[[tracks]]", f"id = {toml_string(track.id)}", f"exercises = {toml_list(staying)}"]
            lines += ["", "[tracks.title]", *_text(track.title)]
    return "\n".join(lines) + "\n"


def notes(released: Iterable[Released]) -> str:
    """`released.toml`: for each exercise the number of checks that it holds back."""
    lines = (f"{toml_string(each.exercise)} = {each.hidden}" for each in released)
    return "\n".join(["# How many checks run only where the work is graded.", "[hidden]", *lines]) + "\n"


def _text(text: Text) -> Iterator[str]:
    yield f"en = {toml_string(text.en)}"
    yield f"zh = {toml_string(text.zh)}"


def _data(course: Course, folder: Path) -> None:
    """The data that the course lists, with its pages and the scripts that made it."""
    datasets = read_datasets(course)
    names = {name for dataset in datasets for name in (dataset.script, *dataset.files)}
    for name in sorted({*names, LIST, "README.md", "README.zh-CN.md"} if datasets else ()):
        source = course.datasets / name
        if source.is_file():
            _copy(source, folder / name)


def _copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, target)


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8", newline="\n")
