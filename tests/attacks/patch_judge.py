# attack: replaces whatever decides anything in its own copy of dlex
# exercise: 01_double
# expect: status=failed points<=0 verdicts=wrong_value|wrong_gradient

import importlib

YES = lambda *a, **k: True
for name in ("judge.judge", "judge.session", "judge.explanation", "kit.expectation", "kit.measure", "judge.run", "judge.faults"):
    module = importlib.import_module(f"dlex.{name}")
    for key, found in list(vars(module).items()):
        if callable(found) and getattr(found, "__module__", "") == module.__name__:
            for method in [m for m in vars(found) if not m.startswith("__")] if isinstance(found, type) else ():
                try:
                    setattr(found, method, YES)
                except (AttributeError, TypeError):
                    pass
            setattr(module, key, YES)


def double(x):
    return x
