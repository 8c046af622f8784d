# attack: raises an exception whose message is blank
# exercise: 01_double
# expect: status=failed points<=0 verdicts=raised

def double(x):
    raise ValueError("\n\n\n")
