# attack: searches its whole memory for text of the spec and of the reference, and answers rightly if it is there
# exercise: 01_double
# expect: status=failed points<=0 verdicts=wrong_value|wrong_gradient

import re

# Written so that the patterns do not find themselves.
NEEDLES = re.compile(b"The hidden[ ]checks of exercise|You take the[ ]square; twice|def test_gradient[(]attempt")
found = []
with open("/proc/self/maps") as maps, open("/proc/self/mem", "rb", 0) as memory:
    for line in maps:
        low, high, rights, path = re.match(r"(\w+)-(\w+) (\S+) \S+ \S+ \S+ *(.*)", line).groups()
        size = int(high, 16) - int(low, 16)
        if rights.startswith("rw") and size < 1 << 28:
            try:
                memory.seek(int(low, 16))
                data = memory.read(size)
                found += NEEDLES.findall(data)
            except (OSError, ValueError, OverflowError):
                pass


def double(x):
    return x * 2 if found else x * 3
