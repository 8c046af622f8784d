"""The simulated device as a whole: what `torch.cuda` says, and that nothing of it is left when it ends."""

from __future__ import annotations

import inspect
import subprocess
import sys
import threading
from typing import Any

import pytest
import torch
from torch import nn
from torch.utils.data import DataLoader, Dataset, TensorDataset

from dlex.devices.simulated_cuda import is_simulated, simulated_cuda

pytestmark = pytest.mark.skipif(torch.cuda.is_available(), reason="a real device is here")


def test_there_is_one_device_while_it_is_open() -> None:
    """And none before and after."""
    assert not torch.cuda.is_available()
    with simulated_cuda() as device:
        assert torch.cuda.is_available()
        assert torch.cuda.device_count() == 1
        assert torch.cuda.current_device() == 0
        assert isinstance(torch.cuda.get_device_name(0), str)
        assert torch.cuda.get_device_properties(device).total_memory > 0
        assert torch.accelerator.current_accelerator() == torch.device("cuda")
        torch.cuda.synchronize()
    assert not torch.cuda.is_available()
    with pytest.raises((AssertionError, RuntimeError), match=r"CUDA|NVIDIA"):  # as torch is built
        torch.zeros(1, device="cuda")


def test_everything_of_torch_is_as_it_was() -> None:
    """What was put in the place of torch's own is taken away again, also after an exception."""
    before = {name: value for name, value in vars(torch.cuda).items() if callable(value)}
    own = (torch.save, torch.load, torch.Generator, torch.amp.autocast_mode.autocast.__init__)
    with pytest.raises(ZeroDivisionError), simulated_cuda():
        _ = 1 / 0
    assert {name: value for name, value in vars(torch.cuda).items() if callable(value)} == before
    assert own == (torch.save, torch.load, torch.Generator, torch.amp.autocast_mode.autocast.__init__)


def test_it_may_be_nested() -> None:
    """The inner end leaves the outer one open."""
    with simulated_cuda():
        with simulated_cuda():
            pass
        assert torch.ones(1, device="cuda").is_cuda


def test_the_fixture(simulated_gpu: torch.device) -> None:
    """`simulated_gpu` of the pytest plugin."""
    assert torch.ones(1, device=simulated_gpu).is_cuda


def test_memory_is_counted_while_tensors_live() -> None:
    """In whole blocks, and the peak is kept."""
    with simulated_cuda():
        before = torch.cuda.memory_allocated()
        big = torch.zeros(1 << 20, device="cuda")
        assert torch.cuda.memory_allocated() - before == 4 << 20
        view = big[:10]
        del big
        assert torch.cuda.memory_allocated() - before == 4 << 20
        del view
        assert torch.cuda.memory_allocated() == before
        assert torch.cuda.max_memory_allocated() >= before + (4 << 20)


def test_a_tensor_shows_its_device() -> None:
    """As it is printed on a real one."""
    with simulated_cuda():
        assert repr(torch.ones(2, device="cuda")) == "tensor([1., 1.], device='cuda:0')"
        assert "device='cuda:0', requires_grad=True" in repr(nn.Linear(2, 1).cuda().weight)
        assert "device='cuda:0', grad_fn=" in repr((torch.ones(1, device="cuda", requires_grad=True) * 2).sum())
        assert type(torch.ones(1, device="cuda")).__name__ == "Tensor"
        assert torch.ones(1, device="cuda").type() == "torch.cuda.FloatTensor"


class Double(torch.autograd.Function):
    """A function of the caller's own."""

    @staticmethod
    def forward(ctx: Any, x: torch.Tensor) -> torch.Tensor:
        """Twice `x`."""
        return x * 2

    @staticmethod
    def backward(ctx: Any, *grads: Any) -> Any:
        """Twice the gradient."""
        return grads[0] * 2


class InC:
    """A class method as the C side of torch has it since 2.14: bound to a class by `__get__`, and nothing else."""

    def __init__(self, method: Any) -> None:
        self.method = method

    def __get__(self, instance: object, owner: type) -> Any:
        return self.method.__get__(None, owner)


def test_functions_of_the_callers_own_whoever_wrote_apply(monkeypatch: pytest.MonkeyPatch) -> None:
    """In Python before torch 2.14, in C since; afterwards torch has its own again."""
    original = InC(inspect.getattr_static(torch.autograd.Function, "apply"))
    monkeypatch.setattr(torch.autograd.Function, "apply", original)
    with simulated_cuda():
        x = torch.ones(2, device="cuda", requires_grad=True)
        y = Double.apply(x)
        y.sum().backward()
        assert y.is_cuda
        assert x.grad is not None
        assert x.grad.is_cuda
        assert x.grad.tolist() == [2, 2]
    assert vars(torch.autograd.Function)["apply"] is original


SECOND_DEVICE = """
import torch
if not {has_class}:
    vars(torch).pop("AcceleratorError", None)
from dlex.devices.simulated_cuda import simulated_cuda
with simulated_cuda():
    for name, ask in {{
        "tensor": lambda: torch.zeros(2, device="cuda:1"), "properties": lambda: torch.cuda.get_device_properties(1)
    }}.items():
        try:
            ask()
        except Exception as error:
            print(name, isinstance(error, RuntimeError), isinstance(error, AssertionError), error)
"""


@pytest.mark.parametrize("has_class", [True, False])
def test_a_second_device_is_refused_by_every_torch(has_class: bool) -> None:
    """Before 2.7 torch has no class of its own for the errors of a device."""
    code = SECOND_DEVICE.format(has_class=has_class)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stdout.splitlines() == [
        "tensor True False CUDA error: invalid device ordinal (cuda:1)",
        "properties False True Invalid device id",
    ], done.stderr


def test_autocast_computes_in_half_precision() -> None:
    """As CUDA's does, and the scaler steps."""
    with simulated_cuda():
        model = nn.Linear(4, 2).cuda()
        optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
        scaler = torch.amp.GradScaler("cuda", init_scale=8.0)
        before = model.weight.detach().clone()
        with torch.autocast("cuda"):
            out = model(torch.ones(3, 4, device="cuda"))
        assert out.dtype is torch.float16
        scaler.scale(out.float().sum()).backward()
        scaler.step(optimizer)
        scaler.update()
        assert torch.allclose(model.weight, before - 0.3, atol=1e-3)


def test_the_default_device() -> None:
    """`torch.set_default_device` and `with torch.device(...)`."""
    with simulated_cuda():
        torch.set_default_device("cuda")
        try:
            assert nn.Linear(2, 1).weight.is_cuda
            assert torch.tensor([1.0]).is_cuda
            assert torch.get_default_device() == torch.device("cuda", 0)
            assert torch.zeros(1, device="cpu").is_cpu
        finally:
            torch.set_default_device(None)
        with torch.device("cuda"):
            assert torch.arange(3).is_cuda
        assert torch.arange(3).is_cpu


def test_another_thread_keeps_the_rules() -> None:
    """The mode of the context is of one thread; the tensors themselves carry the rule."""
    found: list[object] = []

    def mix() -> None:
        try:
            found.append(on_device + torch.ones(2))
        except RuntimeError as error:
            found.append(str(error))

    with simulated_cuda():
        on_device = torch.ones(2, device="cuda")
        thread = threading.Thread(target=mix)
        thread.start()
        thread.join()
    assert "same device" in str(found[0])


@pytest.mark.parametrize("workers", [0, 1])
def test_pinned_batches(workers: int) -> None:
    """A loader with `pin_memory=True` gives pinned batches of the CPU."""
    with simulated_cuda():
        for (batch,) in DataLoader(TensorDataset(torch.ones(4, 2)), batch_size=2, pin_memory=True, num_workers=workers):
            assert batch.is_pinned()
            assert batch.is_cpu
            assert batch.to("cuda", non_blocking=True).is_cuda


def test_a_module_keeps_its_parameters() -> None:
    """Moving changes where they are, not which they are: an optimizer made before goes on."""
    with simulated_cuda():
        model = nn.Linear(2, 1)
        weight = model.weight
        model.cuda()
        assert model.weight is weight
        assert is_simulated(weight)
        assert isinstance(weight, nn.Parameter)
        model.cpu()
        assert type(weight) is nn.Parameter


def test_hooks_and_own_functions_see_the_device() -> None:
    """Code of the caller's that autograd calls."""
    places: list[str] = []

    class Double(torch.autograd.Function):
        @staticmethod
        def forward(ctx: object, x: torch.Tensor) -> torch.Tensor:
            return x * 2

        @staticmethod
        def backward(ctx: object, grad: torch.Tensor) -> torch.Tensor:  # type: ignore[override]
            return grad * 2 + torch.zeros(2, device="cuda")

    with simulated_cuda():
        x = torch.ones(2, device="cuda", requires_grad=True)
        x.register_hook(lambda grad: places.append(str(grad.device)))
        Double.apply(x).sum().backward()
        assert places == ["cuda:0"]
        assert x.grad is not None
        assert x.grad.tolist() == [2.0, 2.0]
        assert x.grad.is_cuda


def test_a_real_device_is_not_simulated(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its tensors would be taken for the others."""
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    with pytest.raises(RuntimeError, match="real CUDA device"), simulated_cuda():
        pass


class OnDevice(Dataset[torch.Tensor]):
    """Moves each sample, as is often tried."""

    def __len__(self) -> int:
        return 2

    def __getitem__(self, index: int) -> torch.Tensor:
        return torch.ones(1).to("cuda")


def test_a_forked_worker_has_no_device() -> None:
    """Where its parent has used it; the loader's own batches come as ever."""
    with simulated_cuda():
        assert [batch.is_cuda for batch in DataLoader(OnDevice())] == [True, True]
        with pytest.raises(RuntimeError, match="Cannot re-initialize CUDA in forked subprocess"):
            list(DataLoader(OnDevice(), num_workers=1, multiprocessing_context="fork"))
        (batch,) = next(iter(DataLoader(TensorDataset(torch.ones(2, 1)), num_workers=1, pin_memory=True)))
        assert batch.is_pinned()
        assert batch.cuda().is_cuda
