# attack: defines the same name twenty thousand times
# exercise: 01_double
# expect: status=passed points<=4 verdicts=

{{"h=1\n" * 20000}}

def double(x):
    return x * 2
