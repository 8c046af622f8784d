# attack: loops and swallows every exception that an alarm could raise
# exercise: 02_once
# expect: status=failed points<=0 verdicts=timeout

def double(x):
    while True:
        try:
            while True:
                pass
        except BaseException:
            continue
