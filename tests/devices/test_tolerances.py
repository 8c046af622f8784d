"""The table of tolerances: whole, ordered as dtypes are exact, and never looser than a mistake is large."""

from __future__ import annotations

import pytest
import torch

from dlex.devices.tolerances import EXACT, TABLE, Tolerance, tolerance

FLOATS = [torch.float64, torch.float32, torch.float16, torch.bfloat16]
COMPLEX = [torch.complex128, torch.complex64]


def name(dtype: torch.dtype) -> str:
    """A dtype as the table names it."""
    return str(dtype).removeprefix("torch.")


@pytest.mark.parametrize("device", TABLE)
@pytest.mark.parametrize("dtype", [*FLOATS, *COMPLEX], ids=name)
def test_every_inexact_dtype_has_a_row(dtype: torch.dtype, device: str) -> None:
    """And it leaves room for rounding, but for less than one hundredth part in single precision."""
    found = tolerance(name(dtype), device)
    assert found == TABLE[device][name(dtype)]
    assert torch.finfo(dtype).eps < found.relative
    assert 0.0 < found.absolute <= found.relative
    assert found.relative < (0.1 if dtype in (torch.float16, torch.bfloat16) else 0.01)


@pytest.mark.parametrize("device", ["cpu", "cuda", "cuda:0", "cuda:7"])
@pytest.mark.parametrize("dtype", [torch.int64, torch.uint8, torch.bool, torch.int32], ids=name)
def test_whole_numbers_are_equal_or_not(dtype: torch.dtype, device: str) -> None:
    """There is no almost."""
    assert tolerance(name(dtype), device) == EXACT == Tolerance(0.0, 0.0)


def test_less_exact_dtypes_allow_more() -> None:
    """From double to brain float."""
    for row in TABLE.values():
        allowed = [row[name(dtype)].relative for dtype in FLOATS]
        assert allowed == sorted(allowed)


def test_a_gpu_is_allowed_at_least_as_much() -> None:
    """Its sums run in another order."""
    for dtype, found in TABLE["cpu"].items():
        gpu = TABLE["cuda"][dtype]
        assert gpu.relative >= found.relative
        assert gpu.absolute >= found.absolute


@pytest.mark.parametrize(
    ("device", "row"), [("cpu", "cpu"), ("cuda", "cuda"), ("cuda:1", "cuda"), ("sim", "cpu"), ("", "cpu")]
)
def test_a_device_has_its_row(device: str, row: str) -> None:
    """Every GPU has the same; the simulated one computes on the CPU."""
    assert tolerance("float32", device) == TABLE[row]["float32"]


def test_the_sums_of_one_layer_agree() -> None:
    """What the float32 row is for: the same convolution in double and in single precision."""
    generator = torch.Generator().manual_seed(1)
    image = torch.randn(2, 64, 12, 12, dtype=torch.float64, generator=generator)
    kernel = torch.randn(24, 64, 5, 5, dtype=torch.float64, generator=generator) / 40
    exact = torch.nn.functional.conv2d(image, kernel)
    single = torch.nn.functional.conv2d(image.float(), kernel.float()).double()
    allowed = tolerance("float32", "cpu")
    assert torch.allclose(single, exact, rtol=allowed.relative, atol=allowed.absolute)
    assert not torch.allclose(single * 1.01, exact, rtol=allowed.relative, atol=allowed.absolute)


def test_the_sums_of_a_gradient_agree() -> None:
    """A weight's gradient is a sum over every place of every image: where its terms cancel, their rounding is left."""
    generator = torch.Generator().manual_seed(2)
    image = torch.randn(8, 16, 24, 24, dtype=torch.float64, generator=generator)
    upstream = 30 * torch.randn(8, 24, 24, 24, dtype=torch.float64, generator=generator)
    exact = torch.nn.grad.conv2d_weight(image, [24, 16, 3, 3], upstream, padding=1)
    single = torch.nn.grad.conv2d_weight(image.float(), [24, 16, 3, 3], upstream.float(), padding=1).double()
    row = tolerance("float32", "cpu")
    assert not torch.allclose(single, exact, rtol=row.relative, atol=row.absolute)
    allowed = row.of_sums(float(exact.abs().max()))
    assert torch.allclose(single, exact, rtol=allowed.relative, atol=allowed.absolute)
    assert not torch.allclose(single + exact.std() / 100, exact, rtol=allowed.relative, atol=allowed.absolute)


def test_small_sums_have_the_row_of_the_table() -> None:
    """What is of order one is compared as any value."""
    row = tolerance("float32", "cpu")
    assert row.of_sums(0.0) == row.of_sums(1.0) == row
