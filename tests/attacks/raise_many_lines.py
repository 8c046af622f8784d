# attack: raises an exception with control characters and thousands of lines in its message
# exercise: 01_double
# expect: status=failed points<=0 verdicts=raised

def double(x):
    raise ValueError("\x1b[2J\x1b]0;owned\x07\r\n" * 10000)
