# attack: nests five thousand signs, which no parenthesis counts
# exercise: 01_double
# expect: status=unrunnable points<=0 verdicts=raised|crashed|not_run

x = {{"-" * 5000}}1


def double(x):
    return x * 2
