# attack: raises a class whose metaclass lies about its name and bases
# exercise: 01_double
# expect: status=failed points<=0 verdicts=raised

class Meta(type):
    __name__ = property(lambda cls: "\ud800" * 500)
    __mro__ = property(lambda cls: 7)

    def __str__(cls):
        raise SystemExit


class Odd(Exception, metaclass=Meta):
    @property
    def __traceback__(self):
        raise SystemExit


def double(x):
    raise Odd("\ud800")
