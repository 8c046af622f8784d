"""Make diabetes.csv from the Pima diabetes table of the R package mlbench.

    apt-get download r-cran-mlbench && dpkg -x r-cran-mlbench_*.deb mlbench
    pip install rdata
    python datasets/make_diabetes.py mlbench/usr/lib/R/site-library/mlbench/data/PimaIndiansDiabetes.rda

Each of the eight features is scaled to [-1, 1] by its own least and greatest value in the source table:

    scaled = 2 * (value - least) / (greatest - least) - 1

In five columns a zero stands for a value that was not measured (nobody has a blood pressure of 0).  It counts
when the least value is sought, as in the file that the lectures hand out, and is then written as 0, in the
middle of the scale.
"""

from __future__ import annotations

import argparse
import hashlib
from pathlib import Path

import numpy as np
import rdata

FEATURES = ("pregnant", "glucose", "pressure", "triceps", "insulin", "mass", "pedigree", "age")
ZERO_IS_MISSING = ("glucose", "pressure", "triceps", "insulin", "mass")
LABEL, POSITIVE = "diabetes", "pos"


def scaled(column: np.ndarray, *, zero_is_missing: bool) -> np.ndarray:
    """The column in [-1, 1]; what is missing becomes 0."""
    least, greatest = column.min(), column.max()
    result = 2 * (column - least) / (greatest - least) - 1
    return np.where(column == 0, 0.0, result) if zero_is_missing else result


def table(path: Path) -> np.ndarray:
    """The features, scaled, and the label, 1 for a positive test: float64 (768, 9)."""
    frame = rdata.read_rda(path, default_encoding="ascii")["PimaIndiansDiabetes"]
    columns = [scaled(frame[name].to_numpy(), zero_is_missing=name in ZERO_IS_MISSING) for name in FEATURES]
    return np.column_stack([*columns, frame[LABEL].to_numpy() == POSITIVE])


def main() -> None:
    """Write the file and print its checksum."""
    parser = argparse.ArgumentParser(description="Make diabetes.csv from PimaIndiansDiabetes.rda.")
    parser.add_argument("rda", type=Path, help="PimaIndiansDiabetes.rda of the R package mlbench")
    parser.add_argument("--out", type=Path, default=Path(__file__).with_name("diabetes.csv"))
    arguments = parser.parse_args()
    lines = [",".join(f"{value:.6g}" for value in row) for row in table(arguments.rda)]
    arguments.out.write_bytes(("\n".join(lines) + "\n").encode("ascii"))
    print(hashlib.sha256(arguments.out.read_bytes()).hexdigest(), arguments.out.name)


if __name__ == "__main__":
    main()
