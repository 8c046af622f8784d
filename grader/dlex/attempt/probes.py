"""What the attempt process can be asked beyond calling the learner's functions: a small closed set of probes.

Each takes decoded values and returns plain data.  The judge's side, with the documentation for authors of specs, is
`dlex.kit.proxy`.
"""

from __future__ import annotations

import inspect
import io
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

PROBES: dict[str, Callable[..., Any]] = {}
MAX_BATCHES = 4000
MAX_POINTS = 4000


def probe(function: Callable[..., Any]) -> Callable[..., Any]:
    """Register `function` under its own name."""
    PROBES[function.__name__] = function
    return function


class OpenedFiles:
    """The files that were opened, from when it is begun to watch; an audit hook cannot be taken off again."""

    def __init__(self) -> None:
        self._paths: list[str] = []

    def watch(self) -> None:
        """Note each file that is opened from now on."""
        sys.addaudithook(self._note)

    def _note(self, event: str, args: tuple[Any, ...]) -> None:
        if event == "open" and isinstance(args[0], (str, bytes, os.PathLike)):
            self._paths.append(os.fsdecode(args[0]))

    def count(self, path: str, *, forget: bool) -> int:
        """How often the file at `path` was opened since everything was forgotten last."""
        count = self._paths.count(path)
        if forget:
            self._paths.clear()
        return count


OPENED_FILES = OpenedFiles()


@probe
def cpu_seconds() -> float:
    """The CPU time of this process so far."""
    return time.process_time()


@probe
def opened(path: str, forget: bool = False) -> int:
    """How often the file at `path` was opened since the last time this was asked to forget."""
    return OPENED_FILES.count(path, forget=forget)


@probe
def write_file(name: str, data: bytes) -> str:
    """Put a file into the attempt's own folder; returns its path."""
    path = Path.cwd() / name
    path.write_bytes(data)
    return str(path)


@probe
def gradients(
    function: Callable[..., Any],
    args: list[Any],
    kwargs: dict[str, Any],
    wrt: list[int | str],
    upstream: torch.Tensor | None,
    module: nn.Module | None,
) -> dict[str, Any]:
    """Call, multiply the result with `upstream`, sum, and differentiate with respect to arguments and parameters."""
    for key in wrt:
        store: Any = args if isinstance(key, int) else kwargs
        store[key] = store[key].detach().clone().requires_grad_()
    leaves = [args[k] if isinstance(k, int) else kwargs[k] for k in wrt]
    weights = list(module.parameters()) if module is not None else []
    with torch.enable_grad():
        output = function(*args, **kwargs)
        connected = isinstance(output, torch.Tensor) and output.requires_grad
        if not connected:
            return {
                "output": output,
                "connected": False,
                "inputs": [None] * len(wrt),
                "parameters": [None] * len(weights),
            }
        scalar = (output * upstream.to(output.device)).sum() if upstream is not None else output.sum()
        wanted = [t for t in leaves + weights if t.requires_grad]
        found = iter(torch.autograd.grad(scalar, wanted, allow_unused=True))
    grads = [next(found) if t.requires_grad else None for t in leaves + weights]
    return {
        "output": output.detach(),
        "connected": True,
        "inputs": grads[: len(wrt)],
        "parameters": grads[len(wrt) :],
    }


@probe
def parameters(module: nn.Module) -> list[dict[str, Any]]:
    """Every parameter by name; parameters that are one object share an `identity`."""
    seen: dict[int, int] = {}
    return [
        {"name": name, "identity": seen.setdefault(id(p), len(seen)), "value": p}
        for name, p in module.named_parameters(remove_duplicate=False)
    ]


@probe
def parameter_layout(module: nn.Module) -> list[dict[str, Any]]:
    """As `parameters`, with the shape and the dtype in the place of the value."""
    return [
        {"name": p["name"], "identity": p["identity"], "shape": p["value"].shape, "dtype": p["value"].dtype}
        for p in parameters(module)
    ]


@probe
def load_parameters(module: nn.Module, values: list[torch.Tensor] | dict[str, torch.Tensor]) -> None:
    """Give the parameters of `module` new values, in order or by name; shapes must agree."""
    own = dict(module.named_parameters())
    given = dict(zip(own, values, strict=True)) if isinstance(values, list) else values
    with torch.no_grad():
        for name, value in given.items():
            if own[name].shape != value.shape:
                raise ValueError(f"{name} has shape {tuple(own[name].shape)}, not {tuple(value.shape)}")
            own[name].data = value.to(own[name].device, own[name].dtype).clone()


@probe
def state(module: nn.Module) -> dict[str, Any]:
    """The state dictionary."""
    return {name: value.detach() for name, value in module.state_dict().items() if isinstance(value, torch.Tensor)}


@probe
def modules(module: nn.Module, settings: bool = True) -> list[dict[str, Any]]:
    """The module tree: path, class, the torch classes that it derives from, its settings, and which are one object."""
    seen: dict[int, int] = {}
    return [
        {
            "path": path,
            "kind": type(m).__name__,
            "bases": [c.__name__ for c in type(m).__mro__ if c.__module__.startswith("torch.")],
            "identity": seen.setdefault(id(m), len(seen)),
            "settings": _settings(m) if settings else {},
        }
        for path, m in module.named_modules(remove_duplicate=False)
    ]


def _settings(module: nn.Module) -> dict[str, Any]:
    plain = (bool, int, float, str, type(None))
    return {
        name: value
        for name, value in vars(module).items()
        if not name.startswith("_")
        and (isinstance(value, plain) or (isinstance(value, tuple) and all(isinstance(v, plain) for v in value)))
    }


@probe
def trace(module: nn.Module, args: list[Any]) -> dict[str, Any]:
    """Run `module` and list what each submodule was given and gave back, in the order in which they finished."""
    names = {id(m): path for path, m in module.named_modules()}
    steps: list[dict[str, Any]] = []

    def note(m: nn.Module, inputs: Any, output: Any) -> None:
        given = [x.detach() for x in inputs if isinstance(x, torch.Tensor)]
        value = output.detach() if isinstance(output, torch.Tensor) else None
        steps.append({"path": names[id(m)], "kind": type(m).__name__, "inputs": given, "output": value})

    hooks = [m.register_forward_hook(note) for m in module.modules() if m is not module]
    try:
        output = module(*args)
    finally:
        for hook in hooks:
            hook.remove()
    return {"output": output, "steps": steps}


@probe
def batches(loader: Any, limit: int = MAX_BATCHES) -> list[Any]:
    """One pass over `loader`, at most `limit` batches."""
    found = []
    for batch in loader:
        found.append(batch)
        if len(found) >= limit:
            break
    return found


@probe
def signature(function: Callable[..., Any]) -> list[str]:
    """The names of the parameters of `function`."""
    return list(inspect.signature(function).parameters)


@probe
def figure(value: Any = None) -> dict[str, Any]:
    """What a matplotlib figure shows: for each of its axes the labels, and the data of lines, points and images."""
    import matplotlib.pyplot as plt
    from matplotlib.figure import Figure

    found = value if isinstance(value, Figure) else getattr(value, "figure", None)
    if not isinstance(found, Figure):
        return {"is_figure": False, "kind": type(value).__name__, "open": len(plt.get_fignums()), "axes": []}
    picture = io.BytesIO()
    found.savefig(picture, format="png", dpi=80)
    return {"is_figure": True, "png": picture.getvalue()[: 4 << 20], "axes": [_axes(a) for a in found.axes[:40]]}


def _axes(axes: Any) -> dict[str, Any]:
    legend = axes.get_legend()
    return {
        "kind": axes.name,
        "xlabel": axes.get_xlabel(),
        "ylabel": axes.get_ylabel(),
        "zlabel": axes.get_zlabel() if hasattr(axes, "get_zlabel") else "",
        "title": axes.get_title(),
        "legend": [t.get_text() for t in legend.get_texts()] if legend else [],
        "lines": [{"x": _numbers(line.get_xdata()), "y": _numbers(line.get_ydata())} for line in axes.get_lines()],
        "points": [_numbers(c.get_offsets()) for c in axes.collections if hasattr(c, "get_offsets")],
        "images": [_numbers(image.get_array()) for image in axes.get_images()],
        "collections": [type(c).__name__ for c in axes.collections],
    }


def _numbers(values: Any) -> Any:
    array: np.ndarray[Any, Any] = np.ma.filled(np.ma.asarray(values, dtype=float), np.nan)
    return np.array(array.reshape(-1)[:MAX_POINTS] if array.size > MAX_POINTS else array)
