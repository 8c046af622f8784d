"""`expect(actual)`: how a spec begins a comparison, with a value or with an oracle's."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dlex.course.text import Text, same
from dlex.kit.expectation import RESULT, Expectation
from dlex.kit.likeness import Case, Terms


class Expected(Expectation):
    """A value that came from an attempt, about to be compared, also with what an oracle computes."""

    def like(self, oracle: Any, *args: Any, weights: Mapping[str, Any] | None = None, **options: Any) -> Any:
        """As `attempt.f.like`, for a value that has come already; `options` are those of `likeness.Terms`.

        expect(losses, LOSSES).like(trained, weights, inputs, slips={D.missing_step: partial(trained, lr=0.0)})
        """
        case = Case(args, weights=weights or {})
        right = case.of(oracle)
        Terms(**options).judge(self.actual, self.what, case, right)
        return right


def expect(actual: Any, what: Text | str = RESULT) -> Expected:
    """Begin a comparison.  `what` names the value in a sentence: `Text(en="the loss", zh="损失")`."""
    return Expected(actual, same(f"`{what}`") if isinstance(what, str) else what)
