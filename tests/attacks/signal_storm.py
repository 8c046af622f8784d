# attack: lets an alarm ring a thousand times a second that raises in whatever runs; the answer itself is honest
# exercise: 01_double
# expect: status=passed|failed|unrunnable points<=4 verdicts=raised|crashed|timeout

import signal


def ring(*_):
    raise TimeoutError("passed")


signal.signal(signal.SIGALRM, ring)


def double(x):
    signal.setitimer(signal.ITIMER_REAL, 0.001, 0.001)
    return x * 2
