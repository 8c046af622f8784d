# attack: replaces builtins, so that everything is an instance of everything
# exercise: 01_double
# expect: status=failed|unrunnable points<=0 verdicts=crashed|wrong_value|wrong_gradient|raised|timeout

import builtins

builtins.isinstance = lambda *a: True
builtins.len = lambda value: 0
builtins.all = builtins.any = lambda values: True
builtins.abs = builtins.max = builtins.min = lambda *a, **k: 0


def double(x):
    return x
