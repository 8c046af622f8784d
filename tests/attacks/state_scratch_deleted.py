# attack: leaves and deletes its own folder; the answer itself is honest
# exercise: 01_double
# expect: status=passed points<=4 verdicts=

import os
import shutil

own = os.getcwd()
os.chdir("/")
shutil.rmtree(own, ignore_errors=True)
os.umask(0o777)


def double(x):
    return x * 2
