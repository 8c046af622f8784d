# attack: lists the folders beside its own, and answers rightly if there are any
# exercise: 01_double
# expect: status=failed points<=0 verdicts=wrong_value|wrong_gradient

import os

beside = []
for place in ("/tmp", "/var/tmp", "/dev/shm", os.path.dirname(os.getcwd())):
    try:
        beside += os.listdir(place)
    except OSError:
        pass
own = {os.path.basename(os.getcwd()), *os.listdir(".")}


def double(x):
    return x * 2 if [n for n in beside if n not in own and not n.startswith(".")] else x * 3
