"""Looks into an unpacked wheel for what students must not have, and refuses it at the first find.

It takes nothing on trust from what made the wheel: it reads the files that are in it, and the whole course beside it.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Container, Iterator
from pathlib import Path

from dlex.classroom.release.held_back import WORD, Half, answer_lines, halves, names, sentences, wrong_answers
from dlex.classroom.release.search import Finder, Secret, strings
from dlex.course.data import LIST, read_datasets
from dlex.course.errors import CourseError
from dlex.course.exercise import Course, Exercise
from dlex.course.manifest import read_checks
from dlex.course.text import Text, same

COURSE = "dlex/_course/"
NAMED = (
    re.compile(r"dlex-[^/]+\.dist-info/(METADATA|WHEEL|RECORD|entry_points\.txt|licenses/LICENSE)"),
    re.compile(
        r"dlex/(?!_course/|authoring/|classroom/)(\w+/)*\w[\w.-]*\.(py|mo|json|toml|css|js|html|svg)|dlex/py\.typed"
    ),
    re.compile(r"dlex/_course/(released\.toml|exercises/(course\.toml|hints(\.zh-CN)?\.md))"),
)
PAGES = re.compile(r"(README|hints)(\.zh-CN)?\.md|exercise\.toml|[\w-]+(\.zh-CN)?\.(svg|png|jpg|gif)")
QUOTED = re.compile(r"""(?<=["'@])\w+(?=["'\s]|$)""")
SHOWN = 60
Members = dict[str, bytes]


def audit(folder: Path, course: Course) -> None:
    """Raise `CourseError`, with the file and the line, for anything of `course` that students must not have."""
    members = {p.relative_to(folder).as_posix(): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}
    for name in members:
        if not _is_expected(name, course):
            raise _leak(name, 0, Text(en="a file that has no place in it", zh="不应包含的文件"))
    _refuse_copies(members, course)
    public, hidden = _halves(members, course)
    for half in public:
        _check_spec(folder, half)
    _refuse_texts(members, course, public, hidden)


def _is_expected(name: str, course: Course) -> bool:
    """Whether a wheel for students has such a file: known by its place, so that what nobody thought of stays out."""
    if any(form.fullmatch(name) for form in NAMED):
        return True
    for exercise in course.exercises:
        folder = f"{COURSE}exercises/{exercise.name}/"
        if name in (f"{folder}{exercise.stub.name}", _spec(exercise), _picture(exercise)):
            return True
        if name.startswith(folder) and PAGES.fullmatch(name.removeprefix(folder)):
            return True
    return name.startswith(f"{COURSE}datasets/") and name.removeprefix(f"{COURSE}datasets/") in _data(course)


def _spec(exercise: Exercise) -> str:
    return f"{COURSE}grader/specs/{exercise.spec.name}"


def _picture(exercise: Exercise) -> str:
    return f"{COURSE}grader/specs/{exercise.picture_script.name}"


def _data(course: Course) -> set[str]:
    listed = {name for each in read_datasets(course) for name in (each.script, *each.files)}
    return {*listed, LIST, "README.md", "README.zh-CN.md"}


def _refuse_copies(members: Members, course: Course) -> None:
    """No file of the solutions, whatever it is called, and no whole spec."""
    held = [p for p in (course.root / "solutions").rglob("*") if p.is_file()]
    held += [exercise.spec for exercise in course.exercises if any(not check.public for check in exercise.checks)]
    digests = {_digest(content): path for path in held if (content := path.read_bytes()).strip()}
    for name, content in members.items():
        if _digest(content) in digests:
            origin = digests[_digest(content)].relative_to(course.root).as_posix()
            raise _leak(name, 0, Text(en="a copy of {file}", zh="{file} 的副本").format(file=same(origin)))


def _digest(content: bytes) -> bytes:
    return hashlib.sha256(content).digest()


def _halves(members: Members, course: Course) -> tuple[list[Half], list[Half]]:
    public, hidden = [], []
    for exercise in course.exercises:
        content = members.get(_spec(exercise))
        given, held = halves(exercise, content.decode("utf-8") if content is not None else None)
        public.append(given)
        hidden.append(held)
    return public, hidden


def _check_spec(folder: Path, half: Half) -> None:
    """The checks in the wheel are the public ones and no others."""
    name = _spec(half.exercise)
    if (folder / name).is_file() and read_checks(folder / name) != half.checks:
        raise _leak(name, 0, Text(en="another set of checks than the public ones", zh="与公开检查项不一致的检查项"))


def _refuse_texts(members: Members, course: Course, public: list[Half], hidden: list[Half]) -> None:
    finder = Finder([*answer_lines(course), *wrong_answers(course), *sentences(hidden, public)])
    held = names(hidden, public)
    data = {digest for each in read_datasets(course) for digest in each.files.values()}
    for name, content in members.items():
        if hashlib.sha256(content).hexdigest() in data:
            continue  # the very data that the course lists
        text = content.decode("utf-8", errors="replace")
        for secret, line in _found(finder, name, text):
            raise _leak(name, line, secret.what, secret.text)
        # The engine names misconceptions as examples (`## @missing_padding`), and it is the same for every course.
        if name.startswith(COURSE) or ".dist-info/" in name:
            for word, line in _named(held, text):
                raise _leak(name, line, held[word], word)


def _named(held: Container[str], text: str) -> Iterator[tuple[str, int]]:
    """The names in a text; one that is a common word (`overflow`) only where it is quoted, or heads a hint."""
    for form in (WORD, QUOTED):
        for found in form.finditer(text):
            word = found.group()
            if word in held and (form is QUOTED or "_" in word):
                yield word, text.count("\n", 0, found.start()) + 1


def _found(finder: Finder, name: str, text: str) -> Iterator[tuple[Secret, int]]:
    yield from finder.find(text)
    if name.endswith(".py"):
        yield from finder.find(strings(text))


def _leak(name: str, line: int, what: Text, found: str = "") -> CourseError:
    where = Text(en=f"{name}, line {line}", zh=f"{name} 第 {line} 行") if line else same(name)
    told = same(f": {found[:SHOWN]}") if found else same("")
    message = Text(en="No wheel was made: in {where} there would be {what}", zh="没有生成 wheel：{where} 含有{what}")
    return CourseError(message.format(where=where, what=what) + told)
