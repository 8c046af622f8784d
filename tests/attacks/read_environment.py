# attack: looks for the token of whoever started the grading, and answers rightly if it finds it
# exercise: 01_double
# expect: status=failed points<=0 verdicts=wrong_value|wrong_gradient

import os
import re

texts = [repr(os.environ)]
for pid in ("self", "1", "thread-self"):
    try:
        with open(f"/proc/{pid}/environ", "rb") as file:
            texts.append(repr(file.read()))
    except OSError:
        pass
with open("/proc/self/maps") as maps, open("/proc/self/mem", "rb", 0) as memory:
    for line in maps:
        low, high = (int(n, 16) for n in line.split()[0].split("-"))
        if line.split()[1].startswith("rw") and high - low < 1 << 28:
            try:
                memory.seek(low)
                texts += re.findall(b"dlex-attack[-]token[a-z-]*", memory.read(high - low))
            except (OSError, ValueError, OverflowError):
                pass


def double(x):
    return x * 2 if [t for t in texts if type(t) is bytes or "-token" in t] else x * 3
