# attack: answers honestly and loops when the answer is thrown away
# exercise: 02_once
# expect: status=failed points<=1 verdicts=timeout

class Loop:
    def __del__(self):
        while True:
            pass


def double(x):
    y = Loop()
    del y
    return x * 2
