# attack: raises an exception whose text is a string class that cuts itself into endless parts
# exercise: 01_double
# expect: status=failed points<=0 verdicts=raised

class Endless(str):
    def __getitem__(self, key):
        return Endless("x" * 10_000_000)

    def encode(self, *args):
        return b"\xff" * 10

    def __str__(self):
        return self


class Odd(Exception):
    def __str__(self):
        return Endless("odd")


def double(x):
    raise Odd
