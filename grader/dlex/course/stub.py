"""The stub of an exercise: whether an attempt is still it."""

from __future__ import annotations

import ast
import re
import warnings

from dlex.course.exercise import Exercise

NOT_WRITTEN = "raise NotImplementedError"  # what a stub does in the place of what is to be written
_HAS_PLACE = re.compile(rf"^\s*{NOT_WRITTEN}", re.MULTILINE)


def is_untouched(text: str, exercise: Exercise) -> bool:
    """Whether the attempt is the stub but for comments, layout and imports."""
    try:
        stub = exercise.stub.read_text(encoding="utf-8")
    except (OSError, ValueError):
        return False
    return is_stub(text, stub)


def is_stub(text: str, stub: str) -> bool:
    """Whether a text is that of a stub but for comments, layout and imports; only a short one is parsed."""
    if len(text) > 2 * len(stub) + 20_000:
        return False
    if _HAS_PLACE.search(stub) and "NotImplementedError" not in text:
        return False  # as nearly always; to compare the trees takes longer than many a check
    try:
        return _without_imports(text) == _without_imports(stub)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False


def _without_imports(text: str) -> list[str]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of a learner's "\\d": that is for Python to say where the code runs
        statements = ast.parse(text).body
    return [ast.dump(node) for node in statements if not isinstance(node, (ast.Import, ast.ImportFrom))]
