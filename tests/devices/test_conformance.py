"""One table of cases, held to by the simulated device and, where there is one, by a real CUDA device."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
import torch
from cases import AUTOCAST, ON_HOST, RAISES, VALUES, given

from dlex.devices.simulated_cuda import simulated_cuda

HAS_CUDA = torch.cuda.is_available()
TARGETS = [
    pytest.param("sim", marks=pytest.mark.skipif(HAS_CUDA, reason="a real device is here")),
    pytest.param("cuda", marks=pytest.mark.skipif(not HAS_CUDA, reason="no CUDA device is here")),
]


@pytest.fixture(params=TARGETS)
def target(request: pytest.FixtureRequest) -> Iterator[str]:
    """A CUDA device, simulated or real."""
    with simulated_cuda() if request.param == "sim" else contextlib.nullcontext():
        yield request.param


def run(code: str, device: str) -> Any:
    """The value of a case."""
    torch.manual_seed(11)
    return eval(code, given(device))


def tensors(value: Any) -> list[torch.Tensor]:
    """Every tensor in a value."""
    if isinstance(value, torch.Tensor):
        return [value]
    items = value.values() if isinstance(value, dict) else value if isinstance(value, (list, tuple)) else ()
    return [tensor for item in items for tensor in tensors(item)]


def same(found: Any, wanted: Any, exact: bool) -> bool:
    """Whether two values agree: to the last bit, or as closely as float32 on two devices does."""
    if isinstance(wanted, torch.Tensor):
        found, wanted = found.detach().cpu(), wanted.detach()
        if found.dtype != wanted.dtype or found.shape != wanted.shape:
            return False
        return torch.equal(found, wanted) if exact else torch.allclose(found, wanted, rtol=1e-3, atol=1e-4)
    if isinstance(wanted, np.ndarray):
        return bool(np.array_equal(found, wanted))
    if isinstance(wanted, dict):
        return found.keys() == wanted.keys() and all(same(found[k], wanted[k], exact) for k in wanted)
    if isinstance(wanted, (list, tuple)):
        return len(found) == len(wanted) and all(same(f, w, exact) for f, w in zip(found, wanted, strict=True))
    if isinstance(wanted, float) and not exact:
        return abs(found - wanted) <= 1e-3 * (1 + abs(wanted))
    return bool(found == wanted)


def test_the_table_is_large_enough() -> None:
    """Two hundred cases, each once."""
    cases = [*VALUES, *ON_HOST, *RAISES]
    assert len(cases) == len(set(cases)) >= 200


@pytest.mark.parametrize("code", VALUES)
def test_the_value_is_that_of_the_cpu(code: str, target: str) -> None:
    """Also where it is: on the device, unless the case itself moves it."""
    found, wanted = run(code, "cuda"), run(code, "cpu")
    assert same(found, wanted, exact=target == "sim"), (found, wanted)
    if "hx.grad" not in code:
        assert all(t.device.type == "cuda" for t in tensors(found)), found


@pytest.mark.parametrize("code", ON_HOST)
def test_what_comes_back_to_the_cpu(code: str, target: str) -> None:
    """The value is that of the CPU, and it is there."""
    found = run(code, "cuda")
    assert same(found, run(code, "cpu"), exact=target == "sim")
    assert all(t.device.type == "cpu" for t in tensors(found)), found


@pytest.mark.filterwarnings("ignore:__array__ implementation")  # numpy asks a second time, in an older way
@pytest.mark.parametrize("code", RAISES)
def test_what_is_refused(code: str, target: str) -> None:
    """The same type of exception; where two devices meet, the message names both."""
    with pytest.raises(RAISES[code]) as raised:
        run(code, "cuda")
    said = str(raised.value)
    if "Expected all tensors" in said:
        assert "cuda:0" in said, said
        assert "cpu" in said, said


@pytest.mark.parametrize("code", AUTOCAST)
def test_the_precision_in_autocast(code: str, target: str) -> None:
    """On the device as the lists of CUDA have it; on the CPU nothing changes."""
    with torch.autocast("cuda"):
        found = run(code, "cuda")
    assert found.dtype == AUTOCAST[code]


def test_what_autocast_refuses(target: str) -> None:
    """A probability in half precision may be zero."""
    with torch.autocast("cuda"), pytest.raises(RuntimeError, match="unsafe to autocast"):
        run("F.binary_cross_entropy(x.sigmoid(), y.sigmoid())", "cuda")


def test_autocast_of_the_cpu_leaves_the_device_alone(target: str) -> None:
    """And the other way around."""
    with torch.autocast("cpu"):
        assert run("x @ w", "cuda").dtype == torch.float32
        assert run("hx @ hw", "cuda").dtype == torch.bfloat16
