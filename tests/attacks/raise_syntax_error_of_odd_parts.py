# attack: raises a SyntaxError whose line, text and file are objects of its own
# exercise: 01_double
# expect: status=failed points<=0 verdicts=raised

class Odd:
    def __str__(self):
        raise SystemExit(0)

    def __bool__(self):
        raise KeyboardInterrupt

    def __eq__(self, other):
        return True

    __hash__ = None


def double(x):
    error = SyntaxError("\udc80")
    error.filename, error.lineno, error.text, error.msg = Odd(), Odd(), Odd(), "\ud800 odd"
    raise error
