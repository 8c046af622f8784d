# attack: raises an exception that is no Exception
# exercise: 01_double
# expect: status=failed points<=0 verdicts=raised

class Odd(BaseException):
    pass


def double(x):
    raise Odd("passed")
