"""What an attempt may use: `[limits]` of an exercise."""

from __future__ import annotations

import math
from typing import Annotated

import msgspec

ALL_OF_THEIR_TIME = 3


class Limits(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What an attempt may use: seconds of wall time to import, for each check, and in all; memory beyond torch's own.

    Without `total_seconds` the time in all follows from the number of checks; see `total_for`.  `cpu_seconds` are those
    of all processes of an attempt together; see `cpu_limit`.
    """

    import_seconds: float = 20.0
    check_seconds: float = 10.0
    memory_mb: int = 1024
    total_seconds: Annotated[float, msgspec.Meta(gt=0)] | None = None
    cpu_seconds: Annotated[int, msgspec.Meta(gt=0)] | None = None

    def total_for(self, checks: int) -> float:
        """Seconds for an exercise with so many checks: for the import, and for half of the checks all of their time.

        Three checks have all of theirs.
        """
        if self.total_seconds is not None:
            return self.total_seconds
        return self.import_seconds + self.check_seconds * max(min(checks, ALL_OF_THEIR_TIME), math.ceil(checks / 2))

    @property
    def cpu_limit(self) -> int:
        """Seconds of processor time over all processes of an attempt, one after the other and side by side.

        By default more than one process can use in the time in all, and less than dozens do.
        """
        if self.cpu_seconds is not None:
            return self.cpu_seconds
        return math.ceil(max(self.import_seconds + 20 * self.check_seconds, self.total_seconds or 0))
