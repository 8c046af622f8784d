# attack: defines a name that only looks like the one asked for
# exercise: 01_double
# expect: status=failed|unattempted points<=0 verdicts=unattempted

def d{{"\u043e" * 1}}uble(x):
    return x * 2
