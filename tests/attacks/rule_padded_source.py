# attack: breaks a rule of syntax in a file so long that the judge might not look into it
# exercise: 11_no_loop
# expect: status=failed|unrunnable|attempt_error points<=1 verdicts=forbidden_op|not_run

def total(x):
    result = x[0] * 0
    for value in x:
        result = result + value
    return result


# {{"padding " * 60000}}
