"""What of a course must not reach students: lines of the answers, hidden checks, diagnoses that belong to those."""

from __future__ import annotations

import ast
import contextlib
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from dlex.authoring.mistakes import read_mistakes
from dlex.classroom.release.reading import read
from dlex.classroom.release.search import Secret, squeezed
from dlex.classroom.release.syntax import FUNCTIONS, without_comments
from dlex.course.exercise import Course, Exercise
from dlex.course.hints import Hint
from dlex.course.manifest import Check, named_diagnoses
from dlex.course.text import LANGUAGES, Text

SHORTEST_LINE = 25  # squeezed; shorter ones (`optimizer.step()`) stand in every program
SHORTEST_SENTENCE, SHORTEST_CHINESE = 12, 6  # shorter titles (`The shape`) are words that stand everywhere
WORD = re.compile(r"\w+")
NOT_AN_ANSWER = re.compile(r"(import |from \S+ import |@|(async )?def |class )")


@dataclass(frozen=True, kw_only=True)
class Half:
    """The checks and diagnoses of an exercise that students get, or those that they do not."""

    exercise: Exercise
    checks: tuple[Check, ...]
    diagnoses: frozenset[str]


def halves(exercise: Exercise, released: str | None) -> tuple[Half, Half]:
    """What students get of an exercise, and what not; `released` is its spec in the wheel, None if it is not there."""
    mine = frozenset(named_diagnoses(read(exercise.spec)))
    given = frozenset(named_diagnoses(released)) if released is not None else frozenset()
    public = tuple(check for check in exercise.checks if check.public and released is not None)
    hidden = tuple(check for check in exercise.checks if check not in public)
    return (
        Half(exercise=exercise, checks=public, diagnoses=mine & given),
        Half(exercise=exercise, checks=hidden, diagnoses=mine - given),
    )


def sentences(hidden: Iterable[Half], public: Iterable[Half]) -> Iterator[Secret]:
    """Titles, diagnoses and hints of `hidden`, but for those that `public` has word for word."""
    known = {text for half in public for text, _what in _sentences(half)}
    for half in hidden:
        name = half.exercise.name
        for text, (en, zh) in _sentences(half):
            if text not in known and _is_telling(text):
                yield Secret(text, Text(en=f"{en} of {name}", zh=f"练习 {name} 中的{zh}"))


def _sentences(half: Half) -> Iterator[tuple[str, tuple[str, str]]]:
    for check in half.checks:
        for title in (check.title.en, check.title.zh):
            yield squeezed(title), ("the title of a hidden check", "未公开检查项的标题")
    for section in _sections(half):
        yield squeezed(section.sentence), ("a diagnosis that belongs to hidden checks", "只属于未公开检查项的诊断")
        for line in _lines(section):
            yield squeezed(line), ("a hint that belongs to hidden checks", "只属于未公开检查项的提示")


def _sections(half: Half) -> Iterator[Hint]:
    """The sections of the diagnoses, in each language."""
    for language in LANGUAGES:
        sections = half.exercise.hints(language).by_diagnosis
        yield from (sections[key] for key in sorted(half.diagnoses & sections.keys()))


def _lines(section: Hint) -> Iterator[str]:
    """The lines of a hint; the end of a paragraph (`the batch.`) may stand anywhere."""
    return (line for line in section.body.splitlines() if len(squeezed(line)) >= SHORTEST_LINE)


def _is_telling(text: str) -> bool:
    return len(text) >= (SHORTEST_SENTENCE if text.isascii() else SHORTEST_CHINESE)


def names(hidden: Sequence[Half], public: Iterable[Half]) -> dict[str, Text]:
    """Names of hidden checks and of their diagnoses, but for those that learners read anyway, and what each is."""
    given = [read(half.exercise.stub) for half in hidden]
    known = {name for half in public for name in _names(half)} | {word for text in given for word in WORD.findall(text)}
    return {
        name: Text(
            en=f"the name of what is held back of {half.exercise.name}",
            zh=f"练习 {half.exercise.name} 未公开部分的名字",
        )
        for half in hidden
        for name in _names(half) - known
    }


def _names(half: Half) -> set[str]:
    return {*half.diagnoses, *(f"test_{check.id}" for check in half.checks)}


def answer_lines(course: Course) -> Iterator[Secret]:
    """Lines and statements of the references that no stub gives to learners."""
    given = [squeezed(text) for exercise in course.exercises for text in _given(exercise)]
    for exercise in course.exercises:
        reference = read(exercise.reference)
        texts = {*without_comments(reference).splitlines(), *_statements(reference)}
        what = Text(en=f"a line of the solution of {exercise.name}", zh=f"练习 {exercise.name} 参考答案中的一行")
        for text in sorted({squeezed(text) for text in texts if not NOT_AN_ANSWER.match(text.strip())}):
            if len(text) >= SHORTEST_LINE and not any(text in other for other in given):
                yield Secret(text, what)


def wrong_answers(course: Course) -> Iterator[Secret]:
    """The functions of the stored mistakes, each whole, that no stub gives to learners: right but for one line."""
    given = [squeezed(text) for exercise in course.exercises for text in _given(exercise)]
    for exercise in course.exercises:
        what = Text(en=f"a stored mistake of {exercise.name}", zh=f"练习 {exercise.name} 存放的错误代码")
        found = {squeezed(text) for mistake in read_mistakes(exercise) for text in _functions(mistake.code)}
        for text in sorted(found):
            if len(text) >= SHORTEST_LINE and not any(text in other for other in given):
                yield Secret(text, what)


def _functions(source: str) -> Iterator[str]:
    """The functions and methods of a cell, without their comments; none of one that is no Python."""
    with contextlib.suppress(SyntaxError, ValueError):
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, FUNCTIONS):
                yield without_comments(ast.get_source_segment(source, node) or "")


def _given(exercise: Exercise) -> Iterator[str]:
    """What learners get anyway: the stub, and each of its functions called with its own arguments."""
    stub = read(exercise.stub)
    yield stub
    for node in ast.walk(ast.parse(stub)):
        if isinstance(node, FUNCTIONS):
            yield f"{node.name}({', '.join(argument.arg for argument in node.args.args)})"


def _statements(source: str) -> Iterator[str]:
    """The statements that hold no others; one may run over several short lines."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.stmt) and not hasattr(node, "body"):
            yield without_comments(ast.get_source_segment(source, node) or "")
