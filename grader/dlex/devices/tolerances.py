"""The one table of tolerances, by dtype and device.

Two right answers differ by the order of their sums.  The float32 row allows for a few layers of convolutions and matrix
products on values of order one; every mistake that a spec looks for is orders of magnitude larger.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Tolerance:
    """`|actual - expected| <= absolute + relative * |expected|`, element by element."""

    relative: float
    absolute: float

    def of_sums(self, largest: float) -> Tolerance:
        """The tolerance of values that are sums of many terms, the largest of which has the magnitude `largest`.

        What cancels in a sum leaves the rounding of its terms, so an element near zero is no more exact than the rest.
        """
        return Tolerance(self.relative, max(self.absolute, self.relative / 10 * largest))


EXACT = Tolerance(0.0, 0.0)
TABLE: dict[str, dict[str, Tolerance]] = {
    "cpu": {
        "float64": Tolerance(1e-7, 1e-8),
        "complex128": Tolerance(1e-7, 1e-8),
        "float32": Tolerance(1e-4, 1e-5),
        "complex64": Tolerance(1e-4, 1e-5),
        "float16": Tolerance(2e-2, 2e-3),
        "bfloat16": Tolerance(5e-2, 1e-2),
    },
    "cuda": {
        "float64": Tolerance(1e-7, 1e-8),
        "complex128": Tolerance(1e-7, 1e-8),
        "float32": Tolerance(5e-4, 5e-5),
        "complex64": Tolerance(5e-4, 5e-5),
        "float16": Tolerance(2e-2, 2e-3),
        "bfloat16": Tolerance(5e-2, 1e-2),
    },
}


def tolerance(dtype: str, device: str) -> Tolerance:
    """The tolerance for values of `dtype` (`float32`) on a run on `device` (`cuda`); whole numbers must be equal.

    The simulated device computes on the CPU, bit for bit, and is allowed no more.
    """
    row = TABLE["cuda" if device.startswith("cuda") else "cpu"]
    return row.get(dtype, EXACT)
