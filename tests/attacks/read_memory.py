# attack: searches its whole memory for text of the spec and of the reference, and answers rightly if it is there
# exercise: 01_double
# expect: status=failed points<=0 verdicts=wrong_value|wrong_gradient

import re

NEEDLES = [b"The hidden " + b"checks of exercise", b"You take the " + b"square; twice", b"test_" + b"gradient(attempt", b"return x " + b"* 2\n"]
own = open(__file__, "rb").read() if False else b""
found = []
with open("/proc/self/maps") as maps, open("/proc/self/mem", "rb", 0) as memory:
    for line in maps:
        low, high, rights, path = re.match(r"(\w+)-(\w+) (\S+) \S+ \S+ \S+ *(.*)", line).groups()
        size = int(high, 16) - int(low, 16)
        if rights.startswith("rw") and size < 1 << 28:
            try:
                memory.seek(int(low, 16))
                data = memory.read(size)
                found += [needle for needle in NEEDLES[:3] if needle in data]
            except (OSError, ValueError, OverflowError):
                pass


def double(x):
    return x * 2 if found else x * 3
