"""What the script of an exercise's own picture uses: `picture(attempt, say) -> Figure`, beside the spec.

It draws what the learner's functions give for fixed inputs, also while checks fail: a wrong curve teaches most.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Protocol

from dlex.protocol.failure import CheckFailure
from dlex.protocol.result import Verdict

if TYPE_CHECKING:
    from matplotlib.figure import Figure

# These leave no process to ask anything more.
ENDED = {Verdict.TIMEOUT, Verdict.CRASHED, Verdict.OUT_OF_MEMORY, Verdict.OUT_OF_GPU_MEMORY}


class Say(Protocol):
    """Words of the picture in the learner's language: `say(en="after training", zh="训练之后")`."""

    def __call__(self, *, en: str, zh: str) -> str:
        """One of the two."""


def canvas(columns: int = 1, *, width: float = 7.0, height: float = 3.6) -> tuple[Figure, Any]:
    """A figure with one pair of axes, or a list of several side by side; sizes in inches.

    figure, (left, right) = canvas(2)
    """
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height), layout="constrained")
    axes = figure.subplots(1, columns, squeeze=False)[0].tolist()
    return figure, axes if columns > 1 else axes[0]


def if_any(function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    """What a call of the learner's gives; None if it is not written yet, or raises, so that the rest is drawn."""
    try:
        return function(*args, **kwargs)
    except CheckFailure as failure:
        if failure.finding.verdict in ENDED:
            raise
        return None
