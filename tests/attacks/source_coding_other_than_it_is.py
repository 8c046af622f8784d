# attack: declares GBK and is UTF-8 in which GBK reads other code
# exercise: 01_double
# expect: status=unrunnable|attempt_error|failed|passed points<=4 verdicts=raised|not_run

# coding: gbk
s = "好好好"


def double(x):
    return x * 2
