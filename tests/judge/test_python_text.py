"""Values as Python that can be pasted."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from dlex.judge.python_text import MAX_NUMBERS, NoText, count, text_of


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (torch.tensor([[1.0, -2.5], [0.1, 3.0]]), "torch.tensor([[1.0, -2.5], [0.1, 3.0]])"),
        (torch.tensor([0.1], dtype=torch.float64), "torch.tensor([0.1], dtype=torch.float64)"),
        (torch.tensor([1, 2]), "torch.tensor([1, 2])"),
        (torch.tensor(2.5), "torch.tensor(2.5)"),
        (torch.tensor([True]), "torch.tensor([True])"),
        (torch.tensor([1.5], dtype=torch.float16), "torch.tensor([1.5], dtype=torch.float16)"),
        (torch.empty(0, 3), "torch.empty(0, 3)"),
        (np.array([1.0, 2.0]), "np.array([1.0, 2.0])"),
        (np.array([1], dtype=np.int32), "np.array([1], dtype=np.int32)"),
        (0.1 + 0.2, "0.3"),
        (math.inf, 'float("inf")'),
        ([1, "a", None, (2.0,)], "[1, 'a', None, (2.0,)]"),
        ({"k": [True]}, "{'k': [True]}"),
        (torch.float64, "torch.float64"),
        (torch.device("cuda"), "torch.device('cuda')"),
        (torch.device("cuda", 0), "torch.device('cuda:0')"),
        (slice(1, 2), "slice(1, 2, None)"),
    ],
)
def test_it_reads_as_it_would_be_typed(value: Any, text: str) -> None:
    assert text_of(value) == text


@given(st.lists(st.floats(allow_nan=False, width=32), max_size=6))
def test_a_tensor_comes_back_from_its_text(numbers: list[float]) -> None:
    tensor = torch.tensor(numbers)
    again = eval(text_of(tensor), {"torch": torch})  # the text is ours
    assert torch.equal(again, tensor)


@given(st.floats(allow_nan=False))
def test_a_number_comes_back_up_to_the_noise_of_sums(number: float) -> None:
    again = eval(text_of(number), {"float": float})
    assert again == pytest.approx(number, rel=1e-11, abs=0) or abs(number) < 1e-300


def test_numbers_can_be_rounded() -> None:
    assert text_of([1.23456789, 2.0, 1e-9], digits=3) == "[1.23, 2.0, 1e-09]"


@pytest.mark.parametrize(
    "value", [object(), torch.zeros(MAX_NUMBERS + 1), torch.zeros(2, dtype=torch.complex64), {1: object()}]
)
def test_what_cannot_be_written_down(value: Any) -> None:
    with pytest.raises(NoText):
        text_of(value)


def test_how_many_numbers_there_are() -> None:
    assert count([torch.zeros(2, 3), 1.5, "text", {"a": (1, True)}, None, np.zeros(4)]) == 12
