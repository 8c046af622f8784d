# attack: opens the course by importlib.resources and the loaders of modules
# exercise: 01_double
# expect: status=failed points<=0 verdicts=wrong_value|wrong_gradient

import importlib.resources
import sys

found = []
for name, module in list(sys.modules.items()):
    if name.split(".")[0] != "dlex":
        continue
    try:
        for part in ("solutions/10_inception_block/inception_block.py", "grader/specs/test_01_exhaustive_search.py"):
            path = importlib.resources.files(name).joinpath("_course", *part.split("/"))
            found.append(path.read_text())
    except Exception:
        pass
    loader = getattr(module, "__loader__", None)
    for path in ("_course/solutions", "_course/grader/specs/test_01_exhaustive_search.py"):
        try:
            found.append(loader.get_data(module.__path__[0] + "/" + path))
        except Exception:
            pass


def double(x):
    return x * 2 if found else x * 3
