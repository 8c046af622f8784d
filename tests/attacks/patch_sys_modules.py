# attack: replaces modules by one that agrees with everything
# exercise: 01_double
# expect: status=failed|unrunnable points<=0 verdicts=crashed|wrong_value|wrong_gradient|raised

import sys
import types


class Agreeable(types.ModuleType):
    def __getattr__(self, name):
        return lambda *a, **k: True


for name in ("torch", "numpy", "pytest", "msgspec", "dlex", "dlex.judge.judge", "dlex.kit.expectation", "builtins", "operator"):
    sys.modules[name] = Agreeable(name)


def double(x):
    return x
