"""The course's data are what their README says."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

import numpy as np
import pytest

DATASETS = Path(__file__).parents[2] / "datasets"
PAGES = ("README.md", "README.zh-CN.md")
NOT_DATA = {*PAGES, "__pycache__"}

# file | what | source | licence | sha256 | script
ROW = re.compile(
    r"^\| `(?P<file>[^`]+)` \|.*\| `(?P<sha256>[0-9a-f]{64})` \| `(?P<script>[^`]+\.py)` \|$", re.MULTILINE
)


def listed(page: str) -> dict[str, tuple[str, str]]:
    """Checksum and script of each file in the table of a page."""
    text = (DATASETS / page).read_text(encoding="utf-8")
    return {row["file"]: (row["sha256"], row["script"]) for row in ROW.finditer(text)}


def test_every_file_is_listed() -> None:
    """What lies in the folder is listed as data or made the data, and nothing that is listed is absent."""
    rows = listed("README.md")
    scripts = {script for _, script in rows.values()}
    present = {path.name for path in DATASETS.iterdir()} - NOT_DATA
    assert present == set(rows) | scripts


def test_both_languages_list_the_same() -> None:
    """The Chinese page names the same files, checksums and scripts."""
    assert listed("README.zh-CN.md") == listed("README.md")


@pytest.mark.parametrize("name", listed("README.md"))
def test_checksum(name: str) -> None:
    """A file has the checksum of its row."""
    assert hashlib.sha256((DATASETS / name).read_bytes()).hexdigest() == listed("README.md")[name][0]


@pytest.fixture(scope="module")
def diabetes() -> np.ndarray:
    """The table as the lectures read it."""
    return np.loadtxt(DATASETS / "diabetes.csv", delimiter=",", dtype=np.float32)


def test_diabetes_shape(diabetes: np.ndarray) -> None:
    """768 rows, eight features and a label."""
    assert diabetes.shape == (768, 9)


def test_diabetes_features_are_scaled(diabetes: np.ndarray) -> None:
    """Each feature lies in [-1, 1] and reaches 1, and -1 where the least value is a real measurement."""
    features = diabetes[:, :8]
    assert np.abs(features).max() == 1
    assert (features.max(axis=0) == 1).all()
    assert ((features.min(axis=0) == -1) == [True, False, False, False, False, False, True, True]).all()


def test_diabetes_missing_values_lie_in_the_middle(diabetes: np.ndarray) -> None:
    """What was not measured is 0; so are a pressure of 61 and eight ages of 51, of themselves."""
    zeros = (diabetes[:, :8] == 0).sum(axis=0)
    assert zeros.tolist() == [0, 5, 35 + 1, 227, 374, 11, 0, 8]


def test_diabetes_labels(diabetes: np.ndarray) -> None:
    """500 negative, 268 positive, and nothing between."""
    values, counts = np.unique(diabetes[:, 8], return_counts=True)
    assert dict(zip(values.tolist(), counts.tolist(), strict=True)) == {0.0: 500, 1.0: 268}


def test_diabetes_first_row(diabetes: np.ndarray) -> None:
    """Six pregnancies of 17, glucose 148 of 199, insulin not measured, 50 years old, positive."""
    first = diabetes[0]
    wanted = [2 * 6 / 17 - 1, 2 * 148 / 199 - 1, 0, 2 * (50 - 21) / (81 - 21) - 1, 1]
    np.testing.assert_allclose(first[[0, 1, 4, 7, 8]], wanted, atol=1e-6)
