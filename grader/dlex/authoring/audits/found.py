"""What the process that runs the audits tells the one that asked."""

from __future__ import annotations

import msgspec

# How answers are made worse: `row` repeats one, `swap` exchanges two entries.
DEGRADATIONS = ("zeros", "+1e-3", "noise", "float16", "bfloat16", "row", "swap")
PLAYED_SEEDS = 3  # with which answers are noted and played again
ENOUGH = 3  # different sizes


class Sent(msgspec.Struct, frozen=True):
    """What was sent as one argument of a function, or as one dimension of it, over many runs.

    `dimension` is None of a whole number, which may itself be a size.
    """

    function: str
    argument: str
    dimension: int | None
    values: tuple[int, ...]

    @property
    def place(self) -> str:
        """Where it is, as `audits.toml` names it: `RNNModel.forward(x)[1]`."""
        at = "" if self.dimension is None else f"[{self.dimension}]"
        return f"{self.function}({self.argument}){at}"

    @property
    def is_varied(self) -> bool:
        """Whether no size that a learner types in fits every run: three values, and of a dimension 1 among them."""
        return len(self.values) >= ENOUGH and (self.dimension is None or 1 in self.values)


class CheckAudit(msgspec.Struct, frozen=True):
    """What one check let pass.

    `degraded` has each degradation that makes a difference to the answers, and whether the check accepts them so;
    `replayed` says in how many of `PLAYED_SEEDS` runs another run's answers passed.  `broken` is why nothing of this
    can be said.
    """

    check: str
    degraded: dict[str, bool] = {}
    replayed: int = 0
    broken: str = ""


class Found(msgspec.Struct, frozen=True):
    """What the audits found of one exercise."""

    checks: tuple[CheckAudit, ...]
    sizes: tuple[Sent, ...]
