# attack: raises an exception with a hundred thousand causes
# exercise: 01_double
# expect: status=failed points<=0 verdicts=raised|crashed|out_of_memory

def double(x):
    error = None
    for n in range(100000):
        new = ValueError(n)
        new.__cause__ = error
        error = new
    raise error
