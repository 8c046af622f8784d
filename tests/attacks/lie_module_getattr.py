# attack: answers for every name of its module without defining one
# exercise: 01_double
# expect: status=failed|unattempted points<=0 verdicts=unattempted|raised|wrong_value

def __getattr__(name):
    return lambda x: x
