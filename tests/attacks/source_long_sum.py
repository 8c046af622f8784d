# attack: adds up thirty thousand terms in one expression
# exercise: 01_double
# expect: status=unrunnable points<=0 verdicts=raised|crashed|not_run

x = {{"1 + " * 30000}}1


def double(x):
    return x * 2
