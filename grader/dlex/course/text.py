"""A text in both of the course's languages.  All that a learner reads is one, so a result can be shown in either."""

from __future__ import annotations

import msgspec

LANGUAGES = ("en", "zh-CN")


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
