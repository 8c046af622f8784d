"""A text in both of the course's languages.  All that a learner reads is one, so a result can be shown in either."""

from __future__ import annotations

import re
import unicodedata

import msgspec

LANGUAGES = ("en", "zh-CN")
CHINESE = re.compile(r"[\u3400-\u9fff]")
CHINESE_POINT = re.compile(r"[\u2018-\u201f\u2026\u3000-\u303f\uff00-\uffef]")


class Text(msgspec.Struct, frozen=True):
    """One sentence (or a page) in English and in Chinese."""

    en: str
    zh: str

    def in_language(self, language: str) -> str:
        """The text in `language`, one of `LANGUAGES`; any Chinese locale reads zh-CN, every other reads English."""
        return self.zh if language.startswith("zh") else self.en

    def __add__(self, other: Text) -> Text:
        return Text(en=self.en + other.en, zh=self.zh + other.zh)

    def format(self, *args: object, **values: object) -> Text:
        """Both languages filled with the same values; a `Text` among them is filled in its own language."""
        return Text(
            en=self.en.format(*args, **{name: getattr(v, "en", v) for name, v in values.items()}),
            zh=self.zh.format(*args, **{name: getattr(v, "zh", v) for name, v in values.items()}),
        )


def same(text: str) -> Text:
    """A text that reads the same in both languages: a name, a number, a formula."""
    return Text(en=text, zh=text)


def space_between(before: str, after: str) -> str:
    """What stands between two lines that become one: a space, but none within Chinese, nor at a Chinese comma."""
    ends = before[-1:], after[:1]
    is_dense = any(map(CHINESE_POINT.match, ends)) or all(map(CHINESE.match, ends))
    return "" if is_dense or not all(ends) else " "


def printable(text: str) -> str:
    """`text` with every control and direction character written out: a terminal must not obey an attempt."""
    if text.isprintable():
        return text
    return "".join(c if c in "\n\t" or not _commands(c) else ascii(c)[1:-1] for c in text)


def shown(name: str) -> str:
    """The name of a file or a student in one line of text that can be written anywhere.

    Whoever is graded has chosen it; bytes of a file's name that are no text are written out (`\\udcff`).
    """
    return printable(name).replace("\n", "\\n").replace("\t", "\\t")


def _commands(character: str) -> bool:
    return unicodedata.category(character) in ("Cc", "Cf", "Cs", "Zl", "Zp")
