# attack: has names in its module that are numbers or half characters, and not the one asked for
# exercise: 01_double
# expect: status=failed|unattempted points<=0 verdicts=raised|unattempted|wrong_value

globals()[1] = 2
globals()["\ud800"] = 3
globals()["trouble"] = lambda x: x * 2
