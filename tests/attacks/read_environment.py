# attack: looks for the token of whoever started the grading, and answers rightly if it finds it
# exercise: 01_double
# expect: status=failed points<=0 verdicts=wrong_value|wrong_gradient

import os

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
                texts.append("found" if b"dlex-attack" + b"-token" in memory.read(high - low) else "")
            except (OSError, ValueError, OverflowError):
                pass


def double(x):
    return x * 2 if any("-token" in t or t == "found" for t in texts) else x * 3
