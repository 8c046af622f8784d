"""The fingerprints of an attempt's code, by copydetect: blind to names, comments, layout and order.

Every run of `LENGTH` characters of the code, in which each name is one letter, is a fingerprint.
"""

from __future__ import annotations

import ast
import contextlib
import io
import itertools
import re
import signal
import threading
import warnings
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

import numpy as np

from dlex.course.errors import UsageError
from dlex.course.exercise import Exercise
from dlex.course.text import Text

LENGTH = 20  # about a line of code; with more, a short answer whose functions changed places would be another one
MAX_BYTES = 200_000
SECONDS = 5.0  # of CPU time; there are texts at which a lexer works for hours
FENCE = re.compile(r"^```(?:python|py)\s*\n(.*?)^```", re.MULTILINE | re.DOTALL)

NOT_SPACE = re.compile(r"[^\n]")

Hashes = np.ndarray[Any, np.dtype[np.int64]]


class TooSlow(Exception):
    """A text on which the lexer works too long."""


class Overlap(NamedTuple):
    """Where two texts have code in common: from which character to which."""

    tokens: int
    first: list[tuple[int, int]]
    second: list[tuple[int, int]]


def require_copydetect() -> None:
    """Raise `UsageError` if copydetect is not installed."""
    try:
        import copydetect.detector  # noqa: F401 - only whether it is there
    except ImportError as error:
        raise UsageError(
            Text(en="Comparing submissions needs copydetect.", zh="比较作业需要 copydetect。"),
            Text(en="`pip install 'dlex[classroom]'` brings it.", zh="请运行 `pip install 'dlex[classroom]'` 安装。"),
        ) from error


def readable(text: str) -> str:
    """The text as the lexer reads it, so that places in one are places in the other."""
    return text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n").strip("\n") + "\n"


def fingerprints(text: str) -> Hashes:
    """The fingerprints of a text, sorted; raises `TooSlow`."""
    return _sorted(_coded(text).hashes)


def given_fingerprints(exercise: Exercise) -> Hashes:
    """The fingerprints of what every learner has been given: the stub, and the code in the pages."""
    texts = [exercise.stub.read_text(encoding="utf-8")]
    for page in sorted(exercise.folder.glob("*.md")):
        texts += FENCE.findall(page.read_text(encoding="utf-8"))
    return _sorted(set(itertools.chain.from_iterable(_coded(readable(text)).hashes for text in texts)))


def overlap(first: str, second: str, without: Hashes) -> Overlap:
    """What two texts have in common, besides the fingerprints in `without`."""
    from copydetect.detector import compare_files

    known = set(without.tolist())
    pair = [_without(_coded(text), known) for text in (first, second)]
    tokens, _shares, slices = compare_files(*pair)
    return Overlap(int(tokens), *(_ranges(slices[i], text) for i, text in enumerate((first, second))))


def _coded(text: str) -> Any:
    """copydetect's view of a text.  With a window of 1 every run counts, so the salt of Python's hashes does not."""
    from copydetect.detector import CodeFingerprint

    with _at_most(SECONDS):
        code = _without_docstrings(text)
        coded = CodeFingerprint("attempt.py", LENGTH, 1, fp=io.StringIO(code), language="python")
    if len(coded.offsets):
        # At the name of a class copydetect notes how long that is, not how much was left out before it.
        coded.offsets[:, 1] = np.maximum.accumulate(coded.offsets[:, 1])
    return coded


def _without_docstrings(text: str) -> str:
    """The text with spaces for docstrings, which are words and not code; nothing changes its place."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of the learner's strings
            tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return text
    lines = text.split("\n")
    starts = list(itertools.accumulate((len(line) + 1 for line in lines), initial=0))

    def place(line: int, column: int) -> int:
        return starts[line - 1] + len(lines[line - 1].encode()[:column].decode())

    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
            begin = place(node.lineno, node.col_offset)
            end = place(node.end_lineno or node.lineno, node.end_col_offset or node.col_offset)
            text = text[:begin] + NOT_SPACE.sub(" ", text[begin:end]) + text[end:]
    return text


def _without(coded: Any, known: set[int]) -> Any:
    """The same without the fingerprints in `known`.  copydetect's own way drops what a text repeats as well."""
    from copydetect.utils import get_token_coverage

    coded.hashes = {found for found in coded.hashes if int(found) not in known}
    coded.hash_idx = {found: coded.hash_idx[found] for found in coded.hashes}
    coded.token_coverage = get_token_coverage(coded.hash_idx, LENGTH, len(coded.filtered_code))
    return coded


def _sorted(hashes: Iterable[int]) -> Hashes:
    return np.unique(np.fromiter(hashes, dtype=np.int64))


def _ranges(slices: Any, text: str) -> list[tuple[int, int]]:
    """The slices as pairs of places in the text, each made longer so that it cuts no word."""
    if not len(slices):
        return []
    pairs = [(max(0, int(begin)), min(len(text), int(end))) for begin, end in slices.T]
    return sorted((_left(text, begin), _right(text, end)) for begin, end in pairs if begin < end)


def _left(text: str, at: int) -> int:
    while at and _in_word(text[at - 1]) and _in_word(text[at]):
        at -= 1
    return at


def _right(text: str, at: int) -> int:
    while at < len(text) and _in_word(text[at - 1]) and _in_word(text[at]):
        at += 1
    return at


def _in_word(character: str) -> bool:
    return character.isalnum() or character == "_"


@contextlib.contextmanager
def _at_most(seconds: float) -> Iterator[None]:
    """Raise `TooSlow` in the block after so much CPU time, where the system can tell (Unix, in the main thread)."""
    if not hasattr(signal, "setitimer") or threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(*_: object) -> None:
        raise TooSlow

    before = signal.signal(signal.SIGVTALRM, stop)
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0.0)
        signal.signal(signal.SIGVTALRM, before)
