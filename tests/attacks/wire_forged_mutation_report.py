# attack: zeroes its input, which would make every expected value zero, and hides that it did
# exercise: 01_double
# expect: status=failed points<=0 verdicts=crashed|wrong_value

from dlex.attempt import answering

answering.fingerprint = lambda value: None


def double(x):
    if hasattr(x, "data"):
        x.data.zero_()
    return x
