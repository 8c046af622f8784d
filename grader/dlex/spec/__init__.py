"""What the author of a spec imports."""

from dlex.course.text import Text
from dlex.grading.failure import CheckFailure
from dlex.grading.result import Verdict
from dlex.spec.diagnosis import Diagnosis
from dlex.spec.expect import Expectation, expect, explaining, fail, fail_if
from dlex.spec.inputs import Inputs
from dlex.spec.proxy import Attempt, Remote
from dlex.spec.syntax import Source

__all__ = [
    "Attempt",
    "CheckFailure",
    "Diagnosis",
    "Expectation",
    "Inputs",
    "Remote",
    "Source",
    "Text",
    "Verdict",
    "expect",
    "explaining",
    "fail",
    "fail_if",
]
