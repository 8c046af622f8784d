"""Decodes a source file by a fixed list of encodings: UTF-8, UTF-16 with its mark, GBK (by GB18030) and Latin-1.

The list is fixed because a codec that a file names is code that works on hostile bytes: some of Python's are quadratic,
some make a text many times larger.  The first two lines name one of the list, or the file is not read.
"""

from __future__ import annotations

import codecs
import re
from encodings.aliases import aliases
from typing import NamedTuple

from dlex.course.errors import AttemptError
from dlex.course.text import Text, same

# Patterns are compiled when they are needed, which for most files is never.
CODING = rb"^[ \t\f]*#.*?coding[:=][ \t]*([-\w.]+)"  # PEP 263
BLANK = rb"^[ \t\f]*(?:#.*)?\r?$"
LINE = 4096  # bytes of a line in which its encoding is looked for
MARKS = ((codecs.BOM_UTF8, "UTF-8"), (codecs.BOM_UTF16_LE, "UTF-16"), (codecs.BOM_UTF16_BE, "UTF-16"))
WIDE_MARKS = (codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)
CODECS = {"UTF-8": "utf-8", "ASCII": "ascii", "UTF-16": "utf-16", "GBK": "gb18030", "Latin-1": "latin-1"}
# By what Python's table of aliases, which loads no codec, leads to.
FAMILIES = {
    "utf_8": "UTF-8",
    "utf_8_sig": "UTF-8",
    "ascii": "ASCII",
    "gbk": "GBK",
    "gb2312": "GBK",
    "gb18030": "GBK",
    "latin_1": "Latin-1",
    "iso_latin_1": "Latin-1",  # an editor's name, which Python takes too
}
SUFFIX = r"_(?:unix|dos|mac)$"  # of an editor's own names: utf-8-unix
# The characters of GB 2312, which nearly all Chinese is written with: both bytes are high.
GB2312 = rb"(?:[\xa1-\xf7][\xa1-\xfe])+"
LONE = rb"(?<![\x80-\xff])[\xa0-\xff](?![\x80-\xff])"
HIGH = rb"[\x80-\xff]+"
WITHIN_A_WORD = rb"(?<=[A-Za-z])[\x80-\xff]+(?=[A-Za-z])"  # as in "créée"

SAVE = Text(en="Save it as UTF-8 in your editor.", zh="请在编辑器中另存为 UTF-8。")
NOTES = {
    "UTF-16": Text(
        en="The file is UTF-16, and was read as that; Python itself cannot run it. Save it as UTF-8.",
        zh="文件是 UTF-16 编码，已按此读取；但 Python 本身无法运行这样的文件。请另存为 UTF-8。",
    ),
    "named": Text(
        en="The file was read as {encoding}, as its coding line says. Save it as UTF-8, and leave the line out.",
        zh="已按编码声明以 {encoding} 读取文件。请另存为 UTF-8，并去掉这一行声明。",
    ),
    "guessed": Text(
        en="The file is not UTF-8, and was read as {encoding}; Python itself refuses it, since no coding line says so. "
        "Save it as UTF-8.",
        zh="文件不是 UTF-8 编码，已按 {encoding} 读取；由于没有编码声明，Python 本身会拒绝运行。请另存为 UTF-8。",
    ),
}


class Decoded(NamedTuple):
    """A file's text, and a note for whoever wrote it if it was not plain UTF-8."""

    text: str
    notes: tuple[Text, ...] = ()


def decode(data: bytes, name: str) -> Decoded:
    """The text of a source file; raises `AttemptError` if it is in none of the encodings, or in one cannot tell which.

    `name` is what the file is called in the message.
    """
    for mark, encoding in () if data.startswith(WIDE_MARKS) else MARKS:
        if data.startswith(mark):
            text = _decoded(data, encoding, name).removeprefix("\ufeff")
            return Decoded(text, (NOTES[encoding],) if encoding in NOTES else ())
    if data.startswith(WIDE_MARKS):
        raise AttemptError(
            Text(en=f"{name} is UTF-32 text, which dlex does not read.", zh=f"{name} 是 UTF-32 编码，dlex 不支持。"),
            SAVE,
        )
    if b"\0" in data:
        lacking = _mark_of_wide(data)
        if lacking is not None:
            return decode(lacking + data, name)
        raise AttemptError(
            Text(en=f"{name} is not text: it holds zero bytes.", zh=f"{name} 不是文本文件：其中含有零字节。"),
            Text(en="Name the .py file with your code.", zh="请指定你写代码的 .py 文件。"),
        )
    said = coding(data)
    if said is not None:
        return _as_it_says(data, said, name)
    try:
        return Decoded(data.decode("utf-8"))
    except UnicodeDecodeError:
        encoding = _guessed(data, name)
        return Decoded(_decoded(data, encoding, name), (NOTES["guessed"].format(encoding=same(encoding)),))


def _mark_of_wide(data: bytes) -> bytes | None:
    """The mark that a UTF-16 text lacks; None if it is no such text.  In code most letters have a zero beside them."""
    first, second = data[0::2], data[1::2]
    if len(first) != len(second):
        return None
    few, many = sorted((first.count(0), second.count(0)))
    if 20 * few > many or 2 * many < len(first):  # a few Chinese characters have a zero where Latin ones have none
        return None
    return codecs.BOM_UTF16_LE if second.count(0) == many else codecs.BOM_UTF16_BE


def coding(data: bytes) -> str | None:
    """The encoding that one of the first two lines names, as PEP 263 has it; None if neither does."""
    if b"coding" not in data[: 2 * LINE]:
        return None
    for line in data[: 2 * LINE].split(b"\n", 2)[:2]:
        found = re.match(CODING, line[:LINE])
        if found:
            return found[1].decode("ascii", "replace")[:40]
        if not re.match(BLANK, line[:LINE]):
            return None
    return None


def named(said: str) -> str | None:
    """Which of the encodings a name means; None if it means another."""
    known = re.sub(SUFFIX, "", re.sub(r"[-_. ]+", "_", said.lower()))
    return FAMILIES.get(aliases.get(known, known))


def _as_it_says(data: bytes, said: str, name: str) -> Decoded:
    encoding = named(said)
    if encoding is None:
        raise AttemptError(
            Text(
                en=f"The coding line of {name} names {said}, which dlex does not read.",
                zh=f"{name} 的编码声明是 {said}，dlex 不支持这种编码。",
            ),
            Text(en="Save it as UTF-8, and leave that line out.", zh="请另存为 UTF-8，并去掉这一行声明。"),
        )
    text = _decoded(data, encoding, name)
    return Decoded(text, () if encoding in ("UTF-8", "ASCII") else (NOTES["named"].format(encoding=same(encoding)),))


def _decoded(data: bytes, encoding: str, name: str) -> str:
    """The text, which holds no zero and no half of a character; raises `AttemptError`."""
    try:
        text = data.decode(CODECS[encoding])
        text.encode("utf-8")
        if "\0" not in text:
            return text
    except UnicodeError:
        pass
    raise AttemptError(
        Text(
            en=f"{name} says that it is {encoding} text, and is not.", zh=f"{name} 声明为 {encoding} 编码，但实际不是。"
        )
        if coding(data) or encoding == "UTF-16" or data.startswith(codecs.BOM_UTF8)
        else _undecided(name),
        SAVE,
    )


def _guessed(data: bytes, name: str) -> str:
    """GBK or Latin-1, where the bytes show which; raises `AttemptError` where they do not.

    Chinese text comes in pairs of high bytes; in a Western one high bytes stand alone between letters.
    """
    runs = re.findall(HIGH, data)
    if all(re.fullmatch(GB2312, run) for run in runs) and len(re.findall(WITHIN_A_WORD, data)) < len(runs):
        return "GBK"
    alone = sum(len(run) == 1 for run in runs)
    if alone == len(runs) == len(re.findall(LONE, data)):
        return "Latin-1"
    pairs = sum(len(found) for found in re.findall(GB2312, data))
    if pairs >= 0.8 * sum(map(len, runs)) and _is_gbk(data):
        return "GBK"
    raise AttemptError(_undecided(name), SAVE)


def _is_gbk(data: bytes) -> bool:
    """Whether it is GBK throughout: Chinese with some rarer characters, whose second byte may be a letter's."""
    try:
        data.decode("gb18030")
    except UnicodeDecodeError:
        return False
    return True


def _undecided(name: str) -> Text:
    return Text(
        en=f"{name} is not UTF-8 text, and its encoding cannot be told.",
        zh=f"{name} 不是 UTF-8 编码，也无法判断它是什么编码。",
    )
