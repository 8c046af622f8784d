"""Which language is spoken, and that every word of it is there."""

from __future__ import annotations

import io
import string
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import read_mo, write_mo
from babel.messages.pofile import read_po

import dlex
from dlex.feedback.language import DOMAIN, LOCALE_FOLDER, choose, gettext, known, language, ngettext, speaking

PACKAGE = Path(dlex.__file__).parent
PO = LOCALE_FOLDER / "zh_CN" / "LC_MESSAGES" / f"{DOMAIN}.po"


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("zh", "zh-CN"),
        ("zh_CN.UTF-8", "zh-CN"),
        ("zh-TW", "zh-CN"),
        ("en_GB.UTF-8", "en"),
        ("C", "en"),
        ("POSIX", "en"),
        ("fr", None),
        ("zhuang", None),
    ],
)
def test_known(name: str, meant: str | None) -> None:
    assert known(name) == meant


@pytest.mark.parametrize(
    ("argv", "environ", "chosen"),
    [
        (["--lang", "zh-CN", "list"], {"DLEX_LANG": "en"}, "zh-CN"),
        (["list", "--lang=zh"], {}, "zh-CN"),
        (["check", "--", "--lang=zh"], {}, "en"),
        ([], {"DLEX_LANG": "zh", "LC_ALL": "en_US.UTF-8"}, "zh-CN"),
        ([], {"LC_ALL": "en_US.UTF-8", "LANG": "zh_CN.UTF-8"}, "en"),
        ([], {"LC_MESSAGES": "zh_CN.UTF-8", "LANG": "C"}, "zh-CN"),
        ([], {"LANG": "de_DE.UTF-8"}, "en"),
        ([], {}, "en"),
        (["--lang"], {}, "en"),
    ],
)
def test_choose(argv: list[str], environ: dict[str, str], chosen: str) -> None:
    assert choose(argv, environ) == chosen


def test_speaking_ends() -> None:
    with speaking("zh-CN"):
        assert language() == "zh-CN"
        assert gettext("Next: ") == "下一步："
        assert ngettext("{count} point", "{count} points", 2) == "{count} 分"
    assert language() == "en"
    assert gettext("Next: ") == "Next: "
    assert ngettext("{count} point", "{count} points", 2) == "{count} points"


def key(identity: str | list[str] | tuple[str, ...]) -> str:
    """A message's id, whether it has a plural or not."""
    return identity if isinstance(identity, str) else identity[0]


@pytest.fixture(scope="module")
def translated() -> Catalog:
    """The catalogue as its author wrote it."""
    with PO.open("rb") as file:
        return read_po(file)


@pytest.fixture(scope="module")
def used() -> set[str]:
    """Every message that the code asks for."""
    folders = (PACKAGE / "cli", PACKAGE / "feedback")
    return {key(message) for folder in folders for _name, _line, message, *_rest in extract_from_dir(str(folder))}


def test_every_message_is_translated(translated: Catalog, used: set[str]) -> None:
    there = {key(m.id) for m in translated if m.id and m.string and not m.fuzzy}
    assert sorted(used - there) == []


def test_no_translation_is_left_over(translated: Catalog, used: set[str]) -> None:
    assert sorted({key(m.id) for m in translated if m.id} - used) == []


def fields(text: str) -> set[str]:
    """The names that a text has filled in."""
    return {name for _text, name, _spec, _conversion in string.Formatter().parse(text) if name}


def test_translations_fill_in_the_same(translated: Catalog) -> None:
    for message in translated:
        if message.id:
            given = message.string if isinstance(message.string, str) else message.string[0]
            assert fields(given) == fields(key(message.id)), message.id


def test_the_compiled_catalogue_is_up_to_date(translated: Catalog) -> None:
    fresh = io.BytesIO()
    write_mo(fresh, translated)
    fresh.seek(0)
    with PO.with_suffix(".mo").open("rb") as file:
        stored = {key(m.id): m.string for m in read_mo(file) if m.id}
    assert stored == {key(m.id): m.string for m in read_mo(fresh) if m.id}
