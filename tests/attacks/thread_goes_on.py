# attack: leaves threads running behind an honest answer
# exercise: 01_double
# expect: status=passed points<=4 verdicts=

import threading


def spin():
    while True:
        pass


def double(x):
    threading.Thread(target=spin, daemon=True).start()
    threading.Thread(target=spin).start()
    return x * 2
