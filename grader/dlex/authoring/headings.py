"""What `dlex author verify` demands of headings: the same in each, so that learners find their way."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from dlex.course.exercise import Exercise, page_name
from dlex.course.hints import parse_hints
from dlex.course.text import LANGUAGES

FENCED = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
HEADING = re.compile(r"^(#{1,2}) +(.+?) *$", re.MULTILINE)

# What follows the exercise's number and title.
FIRST = {
    "README": {"en": "", "zh-CN": ""},
    "hints": {"en": ": hints", "zh-CN": "：提示"},
    "walkthrough": {"en": ": walkthrough", "zh-CN": "：讲解"},
}
# The sections in their order; between them an exercise may have some of its own.
SECTIONS: dict[str, dict[str, tuple[str, ...]]] = {
    "README": {
        "en": (
            "Formulas",
            "Shapes",
            "Worked examples",
            "The task",
            "Check",
            "Coming from the lectures",
            "To think about",
        ),
        "zh-CN": ("公式", "形状", "例题", "任务", "检查", "与课程代码的不同", "想一想"),
    },
    "walkthrough": {
        "en": ("Why it works", "Common slips", "The question", "One step further"),
        "zh-CN": ("为什么可行", "常见错误", "思考题", "更进一步"),
    },
}
MAY_LACK = {"Formulas", "Shapes", "Coming from the lectures", "公式", "形状", "与课程代码的不同"}
RUNGS = {"en": ("The idea", "Formula and shapes", "Steps"), "zh-CN": ("思路", "公式与形状", "步骤")}


def headings_problem(exercise: Exercise) -> str | None:
    """What is wrong first with the headings of an exercise's pages; None if nothing is."""
    return next(_problems(exercise), None)


def _problems(exercise: Exercise) -> Iterator[str]:
    for page, sections in SECTIONS.items():
        for language in LANGUAGES:
            told = _faults(_headings(exercise, page, language)[1:], sections[language])
            yield from (f"{page_name(page, language)}: {fault}" for fault in told)
        if len({tuple(_places(exercise, page, language)) for language in LANGUAGES}) > 1:
            yield f"{page}: the languages have different sections"
    for language in LANGUAGES:
        hints = parse_hints(exercise.page("hints", language))
        other = [
            rung.title
            for rungs in (hints.rungs, *hints.by_part.values())
            for rung, title in zip(rungs, RUNGS[language], strict=False)
            if rung.title != title
        ]
        if other:
            yield f"{page_name('hints', language)}: the steps are called {', '.join(RUNGS[language])}, not {other}"
        for page, ends in FIRST.items():
            first = f"{exercise.number} {exercise.info.title.in_language(language)}{ends[language]}"
            if _headings(exercise, page, language)[:1] != [first]:
                yield f"{page_name(page, language)} does not begin with `# {first}`"


def _headings(exercise: Exercise, page: str, language: str) -> list[str]:
    return [title for _level, title in HEADING.findall(FENCED.sub("", exercise.page(page, language)))]


def _faults(found: list[str], known: tuple[str, ...]) -> Iterator[str]:
    missing = [section for section in known if section not in found and section not in MAY_LACK]
    if missing:
        yield f"no section {missing[0]!r}"
    places = [known.index(section) for section in found if section in known]
    if any(before >= after for before, after in pairwise(places)):
        yield f"the order of the sections is {', '.join(known)}"


def _places(exercise: Exercise, page: str, language: str) -> Iterator[int]:
    """Which of the known sections each section is; -1 for one of the exercise's own."""
    known = SECTIONS[page][language]
    return (known.index(s) if s in known else -1 for s in _headings(exercise, page, language)[1:])
