"""What the author of a spec imports.  Loaded name by name: pytest imports its plugin from here, without torch."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dlex.course.text import Text
    from dlex.kit.attempt import Attempt
    from dlex.kit.averages import averages
    from dlex.kit.black_box import BlackBox
    from dlex.kit.check import check
    from dlex.kit.comparison import expect
    from dlex.kit.data import Data
    from dlex.kit.diagnosis import Diagnosis, diagnoses
    from dlex.kit.expectation import Expectation
    from dlex.kit.failing import explaining, fail, fail_if
    from dlex.kit.families import (
        DIFFERENTIATION,
        DROPOUT,
        EIGENVALUES,
        NORMS,
        PRODUCTS,
        READY_MADE_LOSS,
        RECURRENT,
        SOFTMAX,
        Family,
    )
    from dlex.kit.figures import Figure
    from dlex.kit.inputs import Inputs
    from dlex.kit.likeness import when
    from dlex.kit.made import inputs_of, loader_of, sequential_of
    from dlex.kit.measure import place
    from dlex.kit.networks import blocks_in, borrowed, normalises, surplus, works_unregistered
    from dlex.kit.own_fault import JudgeFault, judge_only
    from dlex.kit.pictures import canvas, if_any
    from dlex.kit.proxy import Remote
    from dlex.kit.syntax import Source
    from dlex.kit.training import training
    from dlex.kit.variants import changed, confused, softmaxes, then, unchanged, without
    from dlex.kit.weights import Weights
    from dlex.protocol.failure import CheckFailure
    from dlex.protocol.result import Comparison, Verdict

__all__ = [
    "DIFFERENTIATION",
    "DROPOUT",
    "EIGENVALUES",
    "NORMS",
    "PRODUCTS",
    "READY_MADE_LOSS",
    "RECURRENT",
    "SOFTMAX",
    "Attempt",
    "BlackBox",
    "CheckFailure",
    "Comparison",
    "Data",
    "Diagnosis",
    "Expectation",
    "Family",
    "Figure",
    "Inputs",
    "JudgeFault",
    "Remote",
    "Source",
    "Text",
    "Verdict",
    "Weights",
    "averages",
    "blocks_in",
    "borrowed",
    "canvas",
    "changed",
    "check",
    "confused",
    "diagnoses",
    "expect",
    "explaining",
    "fail",
    "fail_if",
    "if_any",
    "inputs_of",
    "judge_only",
    "loader_of",
    "normalises",
    "place",
    "sequential_of",
    "softmaxes",
    "surplus",
    "then",
    "training",
    "unchanged",
    "when",
    "without",
    "works_unregistered",
]

_HOMES = {
    "dlex.course.text": ("Text",),
    "dlex.protocol.failure": ("CheckFailure",),
    "dlex.protocol.result": ("Comparison", "Verdict"),
    "dlex.kit.averages": ("averages",),
    "dlex.kit.black_box": ("BlackBox",),
    "dlex.kit.check": ("check",),
    "dlex.kit.data": ("Data",),
    "dlex.kit.diagnosis": ("Diagnosis", "diagnoses"),
    "dlex.kit.comparison": ("expect",),
    "dlex.kit.expectation": ("Expectation",),
    "dlex.kit.failing": ("explaining", "fail", "fail_if"),
    "dlex.kit.own_fault": ("JudgeFault", "judge_only"),
    "dlex.kit.families": (
        "DIFFERENTIATION",
        "DROPOUT",
        "EIGENVALUES",
        "NORMS",
        "PRODUCTS",
        "READY_MADE_LOSS",
        "RECURRENT",
        "SOFTMAX",
        "Family",
    ),
    "dlex.kit.figures": ("Figure",),
    "dlex.kit.likeness": ("when",),
    "dlex.kit.measure": ("place",),
    "dlex.kit.made": ("inputs_of", "loader_of", "sequential_of"),
    "dlex.kit.training": ("training",),
    "dlex.kit.variants": ("changed", "confused", "softmaxes", "then", "unchanged", "without"),
    "dlex.kit.weights": ("Weights",),
    "dlex.kit.inputs": ("Inputs",),
    "dlex.kit.attempt": ("Attempt",),
    "dlex.kit.networks": ("blocks_in", "borrowed", "normalises", "surplus", "works_unregistered"),
    "dlex.kit.pictures": ("canvas", "if_any"),
    "dlex.kit.proxy": ("Remote",),
    "dlex.kit.syntax": ("Source",),
}
_HOME = {name: module for module, names in _HOMES.items() for name in names}


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found = globals()[name] = getattr(importlib.import_module(_HOME[name]), name)
    return found
