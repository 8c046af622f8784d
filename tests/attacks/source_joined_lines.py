# attack: joins sixty thousand lines to one
# exercise: 01_double
# expect: status=passed points<=4 verdicts=

h = 1 {{"\\\n" * 60000}} + 1


def double(x):
    return x * 2
