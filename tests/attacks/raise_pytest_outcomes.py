# attack: skips, exits and marks as expected to fail when called
# exercise: 01_double
# expect: status=failed points<=0 verdicts=raised

import unittest

import pytest


def double(x):
    if hasattr(x, "dim") and x.dim() == 1:
        pytest.skip("not today")
    if hasattr(x, "dim"):
        pytest.exit("enough", returncode=0)
    try:
        pytest.xfail("known")
    except BaseException:
        raise unittest.SkipTest("no")
