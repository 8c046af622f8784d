"""Finds the exercise that a word on the command line means: a number, a name, a title, or a part of one."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

from dlex.course.errors import UsageError
from dlex.course.text import LANGUAGES, Text

if TYPE_CHECKING:
    from dlex.course.exercise import Exercise

NUMBER = re.compile(r"(?:exercise|ex|练习|第)?[\s_]*#?(\d+)[\s_]*(?:题|课|个练习)?")
Exercises = tuple["Exercise", ...]


def find_exercise(exercises: Exercises, wanted: str) -> Exercise:
    """The exercise meant by `wanted`; raises `UsageError` with a guess if there is none, or more than one."""
    key = _as_name(wanted)
    for find in (_exactly, _partly, _titled):
        matches = find(exercises, key)
        if len(matches) == 1:
            return matches[0]
        if matches:
            names = ", ".join(e.name for e in matches)
            raise UsageError(
                Text(en=f"{wanted!r} could be any of {names}.", zh=f"“{wanted}” 可能指：{names}。"),
                Text(en="Give the number, such as 05.", zh="请给出编号，例如 05。"),
            )
    raise _unknown(exercises, wanted, key)


def _exactly(exercises: Exercises, key: str) -> list[Exercise]:
    number = key.zfill(2) if key.isdigit() else key
    return [e for e in exercises if number == e.number or key in (e.name, e.slug)]


def _partly(exercises: Exercises, key: str) -> list[Exercise]:
    return [e for e in exercises if len(key) > 1 and not key.isdigit() and key in e.name]


def _titled(exercises: Exercises, key: str) -> list[Exercise]:
    """By its title in either language, whole or a part of it."""
    looked = _letters(key)
    titles = [(e, {_letters(e.info.title.en), _letters(e.info.title.zh)}) for e in exercises if e.is_there]
    whole = [e for e, names in titles if looked in names]
    return whole or [e for e, names in titles if len(looked) > 1 and any(looked in name for name in names)]


def _unknown(exercises: Exercises, wanted: str, key: str) -> UsageError:
    near = _nearest(key, exercises)
    if near is None:
        return UsageError(
            Text(en=f"There is no exercise {wanted!r}.", zh=f"没有练习“{wanted}”。"),
            Text(en="`dlex list` shows them all.", zh="`dlex list` 会列出全部练习。"),
        )
    return UsageError(
        Text(
            en=f"There is no exercise {wanted!r}: did you mean {near.number} ({near.slug})?",
            zh=f"没有练习“{wanted}”：是不是 {near.number}（{near.slug}）？",
        ),
        Text(en="`dlex list` shows them all.", zh="`dlex list` 会列出全部练习。"),
    )


def _as_name(wanted: str) -> str:
    """What was typed for an exercise as its name or number would be: `5.`, `05.py`, `０５`, `第5题` are 5."""
    key = unicodedata.normalize("NFKC", wanted).strip().lower().replace("-", "_").rstrip("/.。")
    key = key.removesuffix(".py").removesuffix(".ipynb")
    number = NUMBER.fullmatch(key)
    return number[1] if number else key


def _letters(text: str) -> str:
    return re.sub(r"[\W_]+", "", text.lower())


def _nearest(key: str, exercises: Exercises) -> Exercise | None:
    import difflib

    if not exercises or not key:
        return None
    digits = re.sub(r"\D", "", key)
    if digits and digits == key:
        return min(exercises, key=lambda e: (abs(int(e.number) - int(digits[:6])), e.number))
    by_slug = {e.slug: e for e in exercises} | {e.name: e for e in exercises}
    by_title = {_letters(e.info.title.in_language(lang)): e for e in exercises if e.is_there for lang in LANGUAGES}
    for names, word in ((by_slug, key), (by_title, _letters(key))):
        close = difflib.get_close_matches(word, names, n=1, cutoff=0.5)
        if close:
            return names[close[0]]
    return None
