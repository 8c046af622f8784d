# attack: is the stub under ten thousand lines of comments
# exercise: 01_double
# expect: status=unattempted|failed points<=0 verdicts=raised|unattempted

{{"# nothing to see\n" * 1000}}

def double(x):
    raise NotImplementedError
