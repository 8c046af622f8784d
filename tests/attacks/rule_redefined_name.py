# attack: shows the rule one function and the call another, which is not stopped: syntax binds those who follow it, operators prove
# exercise: 11_no_loop
# expect: status=passed|failed points<=2 verdicts=forbidden_op

def total(x):
    return x.sum()


def other(x):
    result = x[0] * 0
    while len(x):
        result, x = result + x[0], x[1:]
    return result


globals()["total"] = other
