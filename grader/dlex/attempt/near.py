"""The name that may have been meant where Python finds none, as in its own `Did you mean`, which it only prints."""

from __future__ import annotations

import builtins
import difflib
import re
import sys
from collections.abc import Iterable
from types import TracebackType

LIKE_ENOUGH = 0.7  # of difflib's ratio
PACKAGES = ("torch", "torchvision", "numpy", "matplotlib")
MAX_NAMES = 5000


def nearest(error: BaseException) -> str:
    """The name that is there and most like the one that is missing; empty if none is like it, or nothing is missing.

    An exception may be the learner's own, with attributes that do anything: then this raises what they raise.
    """
    if isinstance(error, UnboundLocalError):
        return ""
    if isinstance(error, NameError):
        return near(error.name, _in_reach(error.__traceback__))
    if isinstance(error, AttributeError):
        return near(error.name, dir(error.obj)) if error.obj is not None else ""
    if isinstance(error, ModuleNotFoundError):
        return near(error.name, [*PACKAGES, *sys.stdlib_module_names])
    if isinstance(error, ImportError):
        wanted = re.match(r"cannot import name '(\w+)'", str(error.msg))
        return near(wanted[1], dir(sys.modules[error.name])) if wanted and error.name in sys.modules else ""
    return ""


def near(name: object, names: Iterable[str]) -> str:
    """Which of `names` is most like `name`, capitals aside; none that begins with an underscore, unless `name` does."""
    if not isinstance(name, str) or len(name) < 2:
        return ""
    folded: dict[str, str] = {}
    for other in list(names)[:MAX_NAMES]:
        if isinstance(other, str) and other != name and other.startswith("_") <= name.startswith("_"):
            folded.setdefault(other.lower(), other)
    close = difflib.get_close_matches(name.lower(), folded, n=1, cutoff=LIKE_ENOUGH)
    return folded[close[0]] if close else ""


def _in_reach(trace: TracebackType | None) -> list[str]:
    """The names that can be used where an exception was raised."""
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    here = [] if trace is None else [*trace.tb_frame.f_locals, *trace.tb_frame.f_globals]
    return [*here, *dir(builtins)]
