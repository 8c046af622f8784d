# attack: raises an exception whose message is a text that is something else when sliced
# exercise: 01_double
# expect: status=failed points<=0 verdicts=raised|crashed

class Text(str):
    def __getitem__(self, key):
        return object()


class Hostile(Exception):
    def __str__(self):
        return Text("x" * 5000)


def double(x):
    raise Hostile
