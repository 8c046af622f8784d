# attack: loads what it finds by torch's own loaders; the answer itself is honest
# exercise: 01_double
# expect: status=passed|failed points<=4 verdicts=raised

import torch

for attempt in (lambda: torch.hub.list("pytorch/vision"), lambda: torch.load("/proc/self/mem"), lambda: torch.cuda.init()):
    try:
        attempt()
    except BaseException:
        pass


def double(x):
    return x * 2
