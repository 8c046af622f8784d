"""Remarks on how two values differ."""

from __future__ import annotations

import pytest

from dlex.kit.measure import shape_remark


@pytest.mark.parametrize("wanted", [(4,), (4, 1)])
def test_a_column_met_a_row(wanted: tuple[int, ...]) -> None:
    found = shape_remark((4, 4), wanted)
    assert found is not None
    assert "met a row" in found.en


def test_a_square_in_the_place_of_another_matrix_says_nothing_of_broadcasting() -> None:
    found = shape_remark((4, 4), (4, 6))
    assert found is None or "met a row" not in found.en
