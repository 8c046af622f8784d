"""Which language dlex speaks, and its words in it.  On the path of every command: standard library only."""

from __future__ import annotations

import contextlib
import functools
import itertools
from collections.abc import Iterator, Mapping, Sequence
from contextvars import ContextVar
from gettext import GNUTranslations, NullTranslations
from pathlib import Path

LOCALE_FOLDER = Path(__file__).resolve().parents[1] / "locale"
DOMAIN = "dlex"
VARIABLES = ("DLEX_LANG", "LC_ALL", "LC_MESSAGES", "LANG")

_spoken: ContextVar[str] = ContextVar("spoken", default="en")


def language() -> str:
    """The language that is spoken now, one of `dlex.course.text.LANGUAGES`."""
    return _spoken.get()


@contextlib.contextmanager
def speaking(wanted: str) -> Iterator[None]:
    """Speak `wanted` inside the block.

    with speaking("zh-CN"):
        print(gettext("Next"))
    """
    token = _spoken.set(wanted)
    try:
        yield
    finally:
        _spoken.reset(token)


def gettext(message: str) -> str:
    """`message` in the language that is spoken."""
    return _catalogue(_spoken.get()).gettext(message)


def ngettext(one: str, many: str, count: int) -> str:
    """The form for `count` in the language that is spoken; the caller fills in the number."""
    return _catalogue(_spoken.get()).ngettext(one, many, count)


def known(name: str) -> str | None:
    """The language that `name` means (`zh`, `zh_CN.UTF-8`, `en-GB`, `C`); None if dlex does not speak it."""
    start = name.replace("_", "-").partition(".")[0].lower()
    if start == "zh" or start.startswith("zh-"):
        return "zh-CN"
    return "en" if start in ("en", "c", "posix") or start.startswith("en-") else None


def choose(argv: Sequence[str], environ: Mapping[str, str]) -> str:
    """The language to speak: `--lang` anywhere in `argv`, else `DLEX_LANG`, else the locale's, else English."""
    for name in [_option(argv), *(environ.get(variable, "") for variable in VARIABLES)]:
        if name:
            return known(name) or "en"
    return "en"


def _option(argv: Sequence[str]) -> str:
    for word, following in itertools.pairwise([*argv, ""]):
        if word == "--":
            break
        if word == "--lang":
            return following
        if word.startswith("--lang="):
            return word.removeprefix("--lang=")
    return ""


@functools.cache
def _catalogue(wanted: str) -> NullTranslations:
    path = LOCALE_FOLDER / wanted.replace("-", "_") / "LC_MESSAGES" / f"{DOMAIN}.mo"
    if wanted == "en" or not path.is_file():
        return NullTranslations()
    with path.open("rb") as file:
        return GNUTranslations(file)
