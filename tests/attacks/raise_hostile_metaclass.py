# attack: raises an exception whose class has no name
# exercise: 01_double
# expect: status=failed points<=0 verdicts=raised|crashed

class Meta(type):
    def __getattribute__(cls, name):
        if name in ("__name__", "__mro__", "mro"):
            raise SystemExit(0)
        return super().__getattribute__(name)


class Hostile(Exception, metaclass=Meta):
    pass


def double(x):
    raise Hostile
