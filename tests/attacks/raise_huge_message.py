# attack: raises an exception with a message of fifty megabytes
# exercise: 01_double
# expect: status=failed points<=0 verdicts=raised|crashed|out_of_memory

def double(x):
    raise ValueError("m" * (50 << 20))
