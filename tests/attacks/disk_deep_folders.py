# attack: nests folders deeper than a path is long, and locks them; the answer itself is honest
# exercise: 02_once
# expect: status=passed|failed points<=1 verdicts=raised|timeout

import os


def double(x):
    try:
        for n in range(3000):
            os.mkdir("dlex_attack")
            os.chdir("dlex_attack")
        os.chmod(".", 0)
    except OSError:
        pass
    return x * 2
