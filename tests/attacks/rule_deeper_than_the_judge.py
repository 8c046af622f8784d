# attack: breaks a rule of syntax in a file that nests deeper than the judge can parse, and just not too deep for the attempt
# exercise: 11_no_loop
# expect: status=failed|unrunnable points<=1 verdicts=forbidden_op|not_run

if 0:
    x = a{{".b" * 2880}}


def total(x):
    result = x[0] * 0
    for value in x:
        result = result + value
    return result
