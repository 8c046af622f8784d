# attack: holds an integer of a hundred thousand digits
# exercise: 01_double
# expect: status=unrunnable points<=0 verdicts=raised

x = {{"9" * 100000}}


def double(x):
    return x * 2
