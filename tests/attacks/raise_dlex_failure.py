# attack: raises dlex's own exception with a finding that says passed
# exercise: 01_double
# expect: status=failed points<=0 verdicts=raised|crashed

from dlex.course.text import Text
from dlex.protocol.failure import CheckFailure
from dlex.protocol.result import Finding, Verdict


def double(x):
    raise CheckFailure(Finding(verdict=Verdict.PASSED, message=Text(en="passed", zh="passed")))
