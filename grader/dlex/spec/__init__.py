"""What the author of a spec imports.  Loaded name by name: pytest imports its plugin from here, without torch."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dlex.course.text import Text
    from dlex.grading.failure import CheckFailure
    from dlex.grading.result import Verdict
    from dlex.spec.data import Data
    from dlex.spec.diagnosis import Diagnosis
    from dlex.spec.expectation import Expectation, expect, explaining, fail, fail_if
    from dlex.spec.faults import JudgeFault, judge_only
    from dlex.spec.inputs import Inputs
    from dlex.spec.proxy import Attempt, Remote
    from dlex.spec.syntax import Source

__all__ = [
    "Attempt",
    "CheckFailure",
    "Data",
    "Diagnosis",
    "Expectation",
    "Inputs",
    "JudgeFault",
    "Remote",
    "Source",
    "Text",
    "Verdict",
    "expect",
    "explaining",
    "fail",
    "fail_if",
    "judge_only",
]

_HOMES = {
    "dlex.course.text": ("Text",),
    "dlex.grading.failure": ("CheckFailure",),
    "dlex.grading.result": ("Verdict",),
    "dlex.spec.data": ("Data",),
    "dlex.spec.diagnosis": ("Diagnosis",),
    "dlex.spec.expectation": ("Expectation", "expect", "explaining", "fail", "fail_if"),
    "dlex.spec.faults": ("JudgeFault", "judge_only"),
    "dlex.spec.inputs": ("Inputs",),
    "dlex.spec.proxy": ("Attempt", "Remote"),
    "dlex.spec.syntax": ("Source",),
}
_HOME = {name: module for module, names in _HOMES.items() for name in names}


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found = globals()[name] = getattr(importlib.import_module(_HOME[name]), name)
    return found
