# attack: returns a list that contains itself twice
# exercise: 02_once
# expect: status=failed points<=0 verdicts=wrong_value|raised|crashed|timeout|out_of_memory

def double(x):
    values = []
    values += [values, values]
    return values
