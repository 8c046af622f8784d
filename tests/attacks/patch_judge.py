# attack: replaces the judge's own functions in its copy of dlex
# exercise: 01_double
# expect: status=failed points<=0 verdicts=wrong_value|wrong_gradient

import sys

from dlex.grading import judge, result
from dlex.spec import measure, plugin

expect = sys.modules["dlex.spec.expect"]

judge._collect = lambda check, grading: judge._check_result(check, result.Verdict.PASSED, None, 0.0)
measure.close = lambda *a: True
expect.Expectation.close_to = lambda *a, **k: None
plugin.Recorder._finding = lambda self, call: None
result.Verdict._value2member_map_["wrong_value"] = result.Verdict.PASSED


def double(x):
    return x
