# attack: turns warnings into errors; the answer itself is honest
# exercise: 01_double
# expect: status=passed|failed points<=4 verdicts=raised|crashed

import warnings

warnings.simplefilter("error")
warnings.showwarning = warnings.warn = None


def double(x):
    return x * 2
