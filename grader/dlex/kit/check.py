"""`@check(1, public=True)`: makes a function of a spec a check, and says what it is worth."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import pytest

F = TypeVar("F", bound=Callable[..., Any])


def check(points: float, *, public: bool = False) -> Callable[[F], F]:
    """Mark a test function as a check worth `points`, which a student may see if it is `public`.

    Both are literals, since they are also read without running the spec.  The first line of the docstring is the
    title, a line that begins with `zh:` the same in Chinese.

    @check(1, public=True)
    def test_shape(attempt, rng): ...
    """

    def mark(function: F) -> F:
        marked: F = pytest.mark.points(points)(function)
        return pytest.mark.public(marked) if public else marked

    return mark
