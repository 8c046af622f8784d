# attack: catches every signal and goes on
# exercise: 02_once
# expect: status=failed points<=0 verdicts=timeout

import signal

for number in range(1, 65):
    try:
        signal.signal(number, lambda *_: None)
    except (OSError, ValueError):
        pass


def double(x):
    while True:
        try:
            while True:
                pass
        except BaseException:
            pass
