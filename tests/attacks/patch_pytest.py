# attack: makes every report of pytest a pass
# exercise: 01_double
# expect: status=failed points<=0 verdicts=wrong_value|wrong_gradient

import _pytest.outcomes
import _pytest.reports
import _pytest.runner
import pytest

real = _pytest.reports.TestReport.from_item_and_call


def passing(item, call):
    call.excinfo = None
    return real(item, call)


_pytest.reports.TestReport.from_item_and_call = passing
_pytest.runner.CallInfo.from_call = classmethod(lambda cls, *a, **k: None)
pytest.fail = _pytest.outcomes.fail = lambda *a, **k: None


def double(x):
    return x
