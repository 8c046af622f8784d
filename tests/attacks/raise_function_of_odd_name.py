# attack: raises in a function whose name is half a character
# exercise: 01_double
# expect: status=failed points<=0 verdicts=raised

def fail():
    raise ValueError("\udcfe")


try:
    fail.__code__ = fail.__code__.replace(co_name="\ud800", co_qualname="\ud800")
except UnicodeError:
    pass


def double(x):
    fail()
