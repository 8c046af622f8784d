"""Whether an attempt is plainly the answer to another exercise."""

from __future__ import annotations

import ast
import re
import warnings
from pathlib import PurePath

from dlex.course.errors import DlexError, UsageError
from dlex.course.exercise import Exercise
from dlex.course.text import Text, shown

MANY = 3  # names that a file does not share with another exercise by chance
NAMES = 3  # of what a file defines, as many as a sentence holds


def require_own(exercise: Exercise, text: str, filename: str, next_step: Text | None = None) -> None:
    """Raise `UsageError` for what is plainly an answer to another exercise; `next_step` is told instead of the usual.

    Plainly: it defines nothing that only this exercise asks for, and all of the many names that only the other one
    does; in a file that is called as the other's is, two of the other's names are enough.
    """
    own = set(exercise.info.writes)
    if all(re.search(rf"^(?:def|class)\s+{re.escape(name)}\b", text, re.MULTILINE) for name in own):
        return  # as nearly always; to read the other exercises takes longer
    defined = _defined(text)
    for other in exercise.course.exercises:
        writes = _writes(other)
        theirs = writes - own
        here = theirs & defined
        is_enough = here == theirs and len(here) >= MANY
        named = PurePath(filename).name == other.stub.name != exercise.stub.name
        is_enough |= named and len(writes & defined) > 1
        if here and is_enough and not defined & (own - writes):
            raise _not_this(exercise, other, filename, here, next_step)


def _writes(exercise: Exercise) -> set[str]:
    try:
        return set(exercise.info.writes)
    except DlexError:  # another exercise that is broken is no reason not to grade this one
        return set()


def _defined(text: str) -> set[str]:
    """The functions and classes, and other names, that code defines at the top level; none if it is no Python."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            statements = ast.parse(text).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return set()
    targets = [target for node in statements if isinstance(node, ast.Assign) for target in node.targets]
    functions = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    return {node.name for node in statements if isinstance(node, functions)} | {
        target.id for target in targets if isinstance(target, ast.Name)
    }


def _not_this(exercise: Exercise, other: Exercise, filename: str, here: set[str], next_step: Text | None) -> UsageError:
    names = [f"`{name}`" for name in other.info.writes if name in here]
    listed = Text(en=", ".join(names[:NAMES]), zh="、".join(names[:NAMES]))
    if len(names) > NAMES:
        listed += Text(en=" and more", zh=" 等")
    return UsageError(
        Text(
            en="{file} is an answer to exercise {other}, not {number}: it defines {names}.",
            zh="{file} 是练习 {other} 的答案，不是练习 {number} 的：其中定义了 {names}。",
        ).format(file=shown(filename), other=other.number, number=exercise.number, names=listed),
        next_step
        or Text(
            en=f"`dlex check {other.number} {shown(filename)}` checks it.",
            zh=f"检查它请用 `dlex check {other.number} {shown(filename)}`。",
        ),
    )
