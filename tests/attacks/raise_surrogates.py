# attack: raises an exception whose message cannot be written as UTF-8
# exercise: 01_double
# expect: status=failed points<=0 verdicts=raised|crashed

def double(x):
    raise ValueError("\ud800\udfff" * 10)
