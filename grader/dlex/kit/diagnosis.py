"""A diagnosis: the misconception behind a failed check, as one sentence in both languages."""

from __future__ import annotations

from dataclasses import dataclass

from dlex.course.text import Text


@dataclass(frozen=True)
class Diagnosis:
    """Names a misconception.  `id` also heads its hint (`## @id`) and names the mistake that proves it.

    >>> SUM_NOT_MEAN = Diagnosis("sum_not_mean", en="You add the losses up; the mean is asked for.", zh="……")
    """

    id: str
    en: str
    zh: str

    @property
    def text(self) -> Text:
        """The sentence in both languages."""
        return Text(en=self.en, zh=self.zh)
