# attack: makes files, links and folders with odd names until no more can be made; the answer itself is honest
# exercise: 02_once
# expect: status=passed|failed points<=1 verdicts=raised|timeout

import os


def double(x):
    try:
        for n in range(30000):
            os.close(os.open(f"dlex_attack_\n{n}\\", os.O_CREAT))
    except OSError:
        pass
    return x * 2
