# attack: fills its own folder
# exercise: 02_once
# expect: status=failed points<=0 verdicts=raised|timeout|out_of_memory|crashed

import os


def double(x):
    n = 0
    while True:
        n += 1
        with open(f"dlex_attack_{n}", "wb") as file:
            file.write(os.urandom(1 << 20) * 32)
