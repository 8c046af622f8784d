"""What `torch.cuda` and `torch.accelerator` say while the device is simulated."""

from __future__ import annotations

import collections
import contextlib
import gc
import time
from types import SimpleNamespace
from typing import Any

import torch

from dlex.devices.simulated_cuda.tensor import DEVICE, is_simulated, is_there, wants_device

NAME = "Simulated CUDA device"
TOTAL_BYTES = 8 << 30


class Memory:
    """The bytes of the device tensors that are alive; the peak is the largest that was asked for or seen."""

    def __init__(self) -> None:
        self.peak = 0

    def allocated(self, device: Any = None) -> int:
        """As `torch.cuda.memory_allocated`: in blocks of 512 bytes, as CUDA allocates."""
        with torch._C.DisableTorchFunction():
            storages = {
                t.untyped_storage().data_ptr(): t.untyped_storage().nbytes()
                for t in gc.get_objects()
                if is_simulated(t)
            }
        found: int = sum(-(-size // 512) * 512 for size in storages.values())
        self.peak = max(self.peak, found)
        return found

    def max_allocated(self, device: Any = None) -> int:
        """As `torch.cuda.max_memory_allocated`, between the moments at which it was asked."""
        self.allocated()
        return self.peak

    def stats(self, device: Any = None) -> dict[str, Any]:
        """As `torch.cuda.memory_stats`, of which there is the number of bytes; all else is zero."""
        found: dict[str, Any] = collections.defaultdict(int)
        now, peak = self.allocated(), self.max_allocated()
        for name in ("allocated_bytes", "reserved_bytes", "active_bytes"):
            found |= {f"{name}.all.current": now, f"{name}.all.peak": peak}
        return found

    def summary(self, device: Any = None, abbreviated: bool = False) -> str:
        """As `torch.cuda.memory_summary`, in one line."""
        now, peak = self.allocated(), self.max_allocated()
        return f"PyTorch CUDA memory summary, device ID 0: {now} B allocated, peak {peak} B"

    def reset_peak(self, device: Any = None) -> None:
        """As `torch.cuda.reset_peak_memory_stats`."""
        self.peak = 0


class Event:
    """As `torch.cuda.Event`: everything before it is done when it is recorded."""

    def __init__(self, enable_timing: bool = False, **options: Any) -> None:
        self.at = 0.0

    def record(self, stream: Any = None) -> None:
        """Remember the time."""
        self.at = time.perf_counter()

    def elapsed_time(self, end: Event) -> float:
        """Milliseconds until `end`."""
        return 1000 * (end.at - self.at)

    def synchronize(self) -> None:
        """Nothing is pending."""

    def query(self) -> bool:
        """Everything is done."""
        return True

    def wait(self, stream: Any = None) -> None:
        """Nothing is pending."""


class Stream(contextlib.nullcontext[None]):
    """As `torch.cuda.Stream`; its work is done when it is given."""

    def __init__(self, device: Any = None, **options: Any) -> None:
        super().__init__()
        self.device = DEVICE

    def synchronize(self) -> None:
        """Nothing is pending."""

    def wait_stream(self, stream: Any) -> None:
        """Nothing is pending."""

    def wait_event(self, event: Any) -> None:
        """Nothing is pending."""

    def query(self) -> bool:
        """Everything is done."""
        return True

    def is_capturing(self) -> bool:
        """No graph is recorded."""
        return False

    def record_event(self, event: Any = None) -> Any:
        """An event of now."""
        event = event or Event()
        event.record()
        return event


class Generator(torch.Generator):
    """`torch.Generator(device="cuda")`: the numbers are those of a generator of the CPU."""

    on_device = False

    def __new__(cls, device: Any = "cpu") -> Generator:
        """A generator of its own."""
        made = super().__new__(cls)
        made.on_device = wants_device(device)
        return made

    @property
    def device(self) -> torch.device:  # type: ignore[override]  # an attribute in torch
        """Where the numbers are made."""
        return DEVICE if self.on_device else torch.device("cpu")


def _zero(*args: Any, **kwargs: Any) -> int:
    return 0


def _nothing(*args: Any, **kwargs: Any) -> None:
    return None


def _yes(*args: Any, **kwargs: Any) -> bool:
    return True


def _choose(device: Any = None) -> None:
    if device is not None:
        wants_device(device)


def _properties(device: Any = None) -> SimpleNamespace:
    if device is not None and not is_there(device):
        raise AssertionError("Invalid device id")
    _choose(device)
    return SimpleNamespace(
        name=NAME, major=8, minor=0, total_memory=TOTAL_BYTES, multi_processor_count=1, is_integrated=0
    )


def _device_name(device: Any = None) -> str:
    return str(_properties(device).name)


def _seed(seed: int) -> None:
    torch.default_generator.manual_seed(seed)


def _fraction(fraction: float, device: Any = None) -> None:
    if not 0 <= fraction <= 1:
        raise ValueError(f"Invalid fraction value: {fraction}. Allowed range: 0~1")


class _Device(contextlib.nullcontext[None]):
    def __init__(self, device: Any = None) -> None:
        super().__init__()
        _choose(device)


def replacements() -> dict[str, Any]:
    """What stands for each name of `torch.cuda`."""
    memory = Memory()
    return {
        "is_available": _yes,
        "is_initialized": _yes,
        "init": _nothing,
        "_lazy_init": _nothing,
        "device_count": lambda: 1,
        "current_device": lambda: 0,
        "set_device": _choose,
        "device": _Device,
        "get_device_name": _device_name,
        "get_arch_list": lambda: ["sm_80"],
        "get_device_capability": lambda device=None: (8, 0),
        "get_device_properties": _properties,
        "synchronize": _choose,
        "empty_cache": _nothing,
        "ipc_collect": _nothing,
        "memory_allocated": memory.allocated,
        "memory_reserved": memory.allocated,
        "max_memory_allocated": memory.max_allocated,
        "max_memory_reserved": memory.max_allocated,
        "reset_peak_memory_stats": memory.reset_peak,
        "reset_max_memory_allocated": memory.reset_peak,
        "mem_get_info": lambda device=None: (TOTAL_BYTES - memory.allocated(), TOTAL_BYTES),
        "memory_stats": memory.stats,
        "memory_stats_as_nested_dict": memory.stats,
        "memory_summary": memory.summary,
        "set_per_process_memory_fraction": _fraction,
        "can_device_access_peer": lambda device, peer_device: False,
        "device_of": lambda tensor: contextlib.nullcontext(),
        "manual_seed": _seed,
        "manual_seed_all": _seed,
        "seed": lambda: _nothing(torch.default_generator.seed()),
        "seed_all": lambda: _nothing(torch.default_generator.seed()),
        "initial_seed": torch.default_generator.initial_seed,
        "get_rng_state": lambda device=None: torch.get_rng_state(),
        "get_rng_state_all": lambda: [torch.get_rng_state()],
        "set_rng_state": lambda state, device=None: torch.set_rng_state(state),
        "set_rng_state_all": lambda states: torch.set_rng_state(states[0]),
        "is_bf16_supported": _yes,
        "Event": Event,
        "Stream": Stream,
        "stream": lambda stream: contextlib.nullcontext(),
        "is_current_stream_capturing": lambda: False,
        "current_stream": lambda device=None: Stream(),
        "default_stream": lambda device=None: Stream(),
    }


def accelerator() -> dict[str, Any]:
    """What stands for each name of `torch.accelerator`."""
    return {
        "is_available": _yes,
        "device_count": lambda: 1,
        "current_accelerator": lambda check_available=False: torch.device("cuda"),
        "current_device_index": _zero,
        "set_device_index": _choose,
        "current_stream": lambda device=None: Stream(),
        "synchronize": _choose,
    }


def markers() -> dict[str, Any]:
    """What stands for each name of `torch.cuda.nvtx`, which marks places for a profiler."""
    return {
        "range_push": _zero,
        "range_pop": _zero,
        "range_start": _zero,
        "range_end": _nothing,
        "mark": _nothing,
        "range": lambda message, *args, **kwargs: contextlib.nullcontext(),
    }
