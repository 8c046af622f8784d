# attack: raises the exceptions by which the attempt's own server ends
# exercise: 01_double
# expect: status=failed points<=0 verdicts=raised|crashed|unattempted

from dlex.attempt.answering import NotThere
from dlex.protocol.wire import WireError


def double(x):
    raise WireError("over") if hasattr(x, "shape") else NotThere("double")
