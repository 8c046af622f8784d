"""What `dlex author verify` demands of the pages of hints: each misconception told once, whole, in both languages."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping

from dlex.authoring.mistakes import read_mistakes
from dlex.course.exercise import Course, Exercise
from dlex.course.hints import Hint, Hints, parse_hints
from dlex.course.text import LANGUAGES

RUNGS = 3
SHORTEST_LINE = 12  # of a reference, without spaces; a shorter one may stand in any text


def hint_problem(exercise: Exercise) -> str | None:
    """What is wrong with the hints of an exercise first; None if nothing is."""
    return next(_problems(exercise), None)


def shared_problem(course: Course) -> str | None:
    """What is wrong first with the sections that exercises share, or should; None if nothing is."""
    return next(_shared_problems(course), None)


def _problems(exercise: Exercise) -> Iterator[str]:
    unproven = set(exercise.diagnoses) - {mistake.diagnosis for mistake in read_mistakes(exercise)}
    if unproven:
        yield f"diagnoses without a mistake that triggers them: {sorted(unproven)}"
    answer = _answer(exercise)
    for language in LANGUAGES:
        page = exercise.page("hints", language)
        own, shared = parse_hints(page), exercise.course.shared_hints(language)
        yield from (f"hints in {language}{problem}" for problem in _faults(exercise, own, shared))
        shown = _bare("\n".join([page, *(hint.body for hint in shared.by_diagnosis.values())]))
        leaked = [line for line in answer if line in shown]
        if leaked:
            yield f"hints in {language} leak a line of the reference: {leaked[0]}"


def _faults(exercise: Exercise, own: Hints, shared: Hints) -> Iterator[str]:
    """What is wrong with the hints in one language, as what may follow "hints in en"."""
    writes = exercise.info.writes if own.by_part else [""]
    yield from _told({"rungs for what is not to be written": own.by_part.keys() - {*writes}})
    for part in writes:
        rungs = own.ladder(part) if not part or part in own.by_part else ()
        if len(rungs) != RUNGS or not all(rung.body and rung.title for rung in rungs):
            yield f"{f' for {part}' if part else ''}: {len(rungs)} full rungs instead of {RUNGS}"
    named, sections = set(exercise.diagnoses), own.over(shared).by_diagnosis
    again = [key for key in own.by_diagnosis if _words(own, key) == _words(shared, key)]
    found = {
        "no section for what the spec names": named - sections.keys(),
        "sections that the spec does not name": own.by_diagnosis.keys() - named,
        "what exercises/hints.md says already": again,
    }
    yield from _told(found)
    yield from _incomplete(own)


def _shared_problems(course: Course) -> Iterator[str]:
    named = {key for exercise in course.exercises for key in exercise.diagnoses}
    for language in LANGUAGES:
        shared = course.shared_hints(language)
        unnamed = {"sections that no spec names": shared.by_diagnosis.keys() - named}
        yield from (f"in {language}{problem}" for problem in (*_told(unnamed), *_incomplete(shared)))
    yield from (f"in every language{problem}" for problem in _told({"what two exercises say alike": _alike(course)}))


def _alike(course: Course) -> list[str]:
    """The ids of sections that two exercises have word for word in every language, and that are not shared yet."""
    pages = [[parse_hints(exercise.page("hints", language)) for language in LANGUAGES] for exercise in course.exercises]
    counts = Counter((key, tuple(_words(page, key) for page in own)) for own in pages for key in own[0].by_diagnosis)
    return [key for (key, _words_of_it), count in counts.items() if count > 1]


def _incomplete(hints: Hints) -> Iterator[str]:
    lacking = [key for key, hint in hints.by_diagnosis.items() if not (hint.sentence and hint.body)]
    yield from _told(
        {"sections without a sentence or without a hint": lacking, "ids of more than one section": hints.repeated}
    )


def _told(found: Mapping[str, Collection[str]]) -> Iterator[str]:
    return (f": {what}: {sorted(keys)}" for what, keys in found.items() if keys)


def _words(hints: Hints, key: str) -> tuple[str, str] | None:
    """The sentence and the hint of a section, however they are wrapped; None if there is none."""
    section: Hint | None = hints.by_diagnosis.get(key)
    return (section.sentence, "".join(section.body.split())) if section is not None else None


def _answer(exercise: Exercise) -> list[str]:
    """The lines of the reference that the stub does not have."""
    reference, stub = (
        [_bare(line) for line in path.read_text(encoding="utf-8").splitlines()]
        for path in (exercise.reference, exercise.stub)
    )
    return [line for line in dict.fromkeys(reference) if len(line) >= SHORTEST_LINE and line not in stub]


def _bare(text: str) -> str:
    return re.sub(r"\s+|#.*", "", text)
