"""How a spec fails a check with a misconception: at once, under a condition, or by what an exception says."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator, Mapping
from typing import NoReturn

import msgspec

from dlex.kit.diagnosis import Diagnosis
from dlex.protocol.failure import CheckFailure
from dlex.protocol.result import Comparison, Finding, Verdict


def fail(
    diagnosis: Diagnosis, verdict: Verdict = Verdict.WRONG_VALUE, comparison: Comparison | None = None
) -> NoReturn:
    """Fail the check with a diagnosis."""
    raise CheckFailure(Finding(verdict=verdict, message=diagnosis.text, diagnosis=diagnosis.id, comparison=comparison))


def fail_if(condition: bool, diagnosis: Diagnosis, verdict: Verdict = Verdict.WRONG_VALUE) -> None:
    """Fail the check with a diagnosis if `condition` holds."""
    if condition:
        fail(diagnosis, verdict)


@contextlib.contextmanager
def explaining(signs: Mapping[Diagnosis, str], *, in_library: bool = False) -> Iterator[None]:
    """Name the misconception when the learner's code raises an exception whose `Class: message` matches a pattern.

    Of the message the first line counts, in the words of Python or torch however it is told.  With `in_library` only an
    exception that passed no line of the learner's file is named.

    with explaining({WRONG_DIM: r"RuntimeError: Sizes of tensors must match except in dimension 0"}):
        y = block(x)
    """
    try:
        yield
    except CheckFailure as failure:
        found = failure.finding
        raised = found.raised if found.verdict in (Verdict.RAISED, Verdict.WRONG_DEVICE) else None
        if raised is not None and not (in_library and found.line is not None):
            for diagnosis, pattern in signs.items():
                if re.search(pattern, str(raised)):
                    raise failure.because(diagnosed(found, diagnosis)) from None
        raise


def diagnosed(finding: Finding, diagnosis: Diagnosis) -> Finding:
    """The finding with a misconception for its reason."""
    return msgspec.structs.replace(finding, diagnosis=diagnosis.id, explanation=diagnosis.text)
