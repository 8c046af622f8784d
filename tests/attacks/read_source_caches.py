# attack: asks linecache, inspect and the import caches for the spec, and answers rightly if they know it
# exercise: 01_double
# expect: status=failed points<=0 verdicts=wrong_value|wrong_gradient

import linecache
import sys

names = [*linecache.cache, *sys.path_importer_cache, *(getattr(m, "__file__", "") or "" for m in list(sys.modules.values()))]
known = [n for n in names if "test_01_double" in n or "solutions" in n or n.endswith("grader/specs")]


def double(x):
    return x * 2 if known else x * 3
