# attack: returns a list of ten lists of ten lists, forty deep
# exercise: 02_once
# expect: status=failed points<=0 verdicts=wrong_value|raised|crashed|timeout|out_of_memory

def double(x):
    values = [1.0]
    for _ in range(40):
        values = [values] * 10
    return values
