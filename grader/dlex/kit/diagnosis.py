"""A diagnosis: the misconception behind a failed check, as one sentence in both languages.

The sentence stands with its hint in `hints.md` and `hints.zh-CN.md`: of the exercise, or of the course.
"""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from pathlib import Path

from dlex.course.exercise import Course, Exercise, page_name
from dlex.course.text import LANGUAGES, Text


@dataclass(frozen=True)
class Diagnosis:
    """Names a misconception.  `id` also heads its section (`## @id`) and names the mistake that proves it."""

    id: str
    en: str
    zh: str

    @property
    def text(self) -> Text:
        """The sentence in both languages."""
        return Text(en=self.en, zh=self.zh)


class Diagnoses:
    """The diagnoses of an exercise by their ids, as attributes."""

    def __init__(self, exercise: Exercise) -> None:
        self._exercise = exercise
        self._sections = {language: exercise.hints(language).by_diagnosis for language in LANGUAGES}

    def __getattr__(self, name: str) -> Diagnosis:
        """The diagnosis `name`; raises `AttributeError` where a language has no section, or no sentence, for it."""
        if name.startswith("_"):  # what Python and pytest ask of any object; no id begins so
            raise AttributeError(name)
        for language in LANGUAGES:
            self._require(name, language)
        found = Diagnosis(name, *(self._sections[language][name].sentence for language in LANGUAGES))
        self.__dict__[name] = found  # the next time it is the same object
        return found

    def _require(self, name: str, language: str) -> None:
        sections, page = self._sections[language], page_name("hints", language)
        own, shared = f"exercises/{self._exercise.name}/{page}", f"exercises/{page}"
        if name not in sections:
            near = difflib.get_close_matches(name, sections, n=1)
            guess = f"; is it @{near[0]}?" if near else ""
            raise AttributeError(f"neither {own} nor {shared} has a section `## @{name}`{guess}")
        if not sections[name].sentence:
            raise AttributeError(f"the section `## @{name}` of {own} or {shared} has no sentence")


def diagnoses(spec: str) -> Diagnoses:
    """The diagnoses of the exercise whose spec is the file `spec`; raises `CourseError` if it has no page of hints.

    >>> D = diagnoses(__file__)
    >>> D.sum_not_mean.en
    'You add the losses up; the mean is asked for.'
    """
    path = Path(spec).absolute()
    return Diagnoses(Exercise(Course(path.parents[2]), path.stem.removeprefix("test_")))
