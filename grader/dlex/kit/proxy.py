"""The `attempt` fixture: the learner's module seen from the judge.

Attribute access makes a `Remote` without asking anybody; calling one runs it in the attempt process.  Plain values come
back by value, everything else as another `Remote`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import torch

from dlex.course.text import Text, same
from dlex.protocol import wire
from dlex.protocol.failure import CheckFailure
from dlex.protocol.result import Finding, Verdict
from dlex.protocol.wire import Handle, Reference

if TYPE_CHECKING:
    from dlex.judge.session import AttemptSession


@dataclass(frozen=True)
class Gradients:
    """What a call gave, and the gradients of `(output * upstream).sum()`; None where nothing reaches."""

    output: Any
    connected: bool
    inputs: list[torch.Tensor | None]
    parameters: list[torch.Tensor | None]


@dataclass(frozen=True)
class ParameterInfo:
    """One parameter of a module; parameters that are one object share an `identity`."""

    name: str
    identity: int
    value: torch.Tensor


@dataclass(frozen=True)
class ModuleInfo:
    """One module of a tree: its class, the torch classes it derives from, its plain settings (`kernel_size`, ...)."""

    path: str
    kind: str
    bases: list[str]
    identity: int
    settings: dict[str, Any]


@dataclass(frozen=True)
class Step:
    """What a submodule was given and gave back during `trace`."""

    path: str
    kind: str
    inputs: list[torch.Tensor]
    output: torch.Tensor | None


@dataclass(frozen=True)
class Observation:
    """A call's value, and each function and operator of torch that it used, in order (`torch.nn.functional.relu`,
    `aten.convolution`); once each, also what it called of any library (`torch._refs.softmax`, `numpy.exp`)."""

    value: Any
    ops: list[str]


class Remote:
    """Something in the attempt process."""

    def __init__(self, session: AttemptSession, reference: Reference, *, type_name: str = "") -> None:
        self._session = session
        self._reference = reference
        self._type_name = type_name

    @classmethod
    def of_handle(cls, session: AttemptSession, handle: Handle) -> Remote:
        """The remote for something that an attempt holds."""
        return cls(session, Reference(handle.number), type_name=handle.type_name)

    def __repr__(self) -> str:
        return f"Remote({self._reference.root}, {'.'.join(self._reference.path)})"

    def __getattr__(self, name: str) -> Remote:
        if name.startswith("__"):
            raise AttributeError(name)
        deeper = Reference(self._reference.root, (*self._reference.path, name))
        return type(self)(self._session, deeper)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        outcome = self._session.call(self._reference, _out(args), _out(kwargs))
        _guard(outcome.mutated, self._reference)
        return outcome.value

    def _keep(self, *args: Any, **kwargs: Any) -> Remote:
        outcome = self._session.call(self._reference, _out(args), _out(kwargs), keep=True)
        _guard(outcome.mutated, self._reference)
        return outcome.value  # type: ignore[no-any-return]  # `keep` always brings a Remote

    def __len__(self) -> int:
        return int(Remote(self._session, Reference("builtins", ("len",)))(self))

    def __getitem__(self, key: Any) -> Any:
        return Remote(self._session, Reference("operator", ("getitem",)))(self, key)

    def __iter__(self) -> Iterator[Any]:
        return iter(_probed(self._session, "batches", list, self))


class Probes:
    """What the attempt process can be asked beyond calling something of the learner's."""

    _remote: type[Remote] = Remote

    def __init__(self, session: AttemptSession) -> None:
        self._session = session

    def library(self, name: str) -> Remote:
        """Something of torch, numpy, builtins or operator over there: `attempt.library("torch.nn.ReLU")`."""
        root, *path = name.split(".")
        return self._remote(self._session, Reference(root, tuple(path)))

    def keep(self, function: Remote, *args: Any, **kwargs: Any) -> Remote:
        """Call and keep the result in the attempt process, whatever it is."""
        return function._keep(*args, **kwargs)

    def value(self, remote: Remote) -> Any:
        """The value of an attribute: `attempt.value(model.training)`."""
        return self._session.get(remote._reference)

    def on_host(self, function: Remote, *args: Any, **kwargs: Any) -> Any:
        """Call with tensors on the CPU, and leave the module that it makes there, whatever the device of the run."""
        outcome = self._session.call(function._reference, _out(args), _out(kwargs), on_host=True)
        _guard(outcome.mutated, function._reference)
        return outcome.value

    def may_mutate(self, function: Remote, *args: Any, **kwargs: Any) -> Any:
        """Call something that is allowed to change its arguments in place."""
        return self._session.call(function._reference, _out(args), _out(kwargs)).value

    def observe(self, function: Remote, *args: Any, **kwargs: Any) -> Observation:
        """Call and list what was used: torch's functions and operators, and other functions of libraries."""
        outcome = self._session.call(function._reference, _out(args), _out(kwargs), record_ops=True)
        _guard(outcome.mutated, function._reference)
        return Observation(outcome.value, outcome.ops)

    def gradients(
        self,
        function: Remote,
        *args: Any,
        wrt: Sequence[int | str] = (0,),
        upstream: torch.Tensor | None = None,
        module: Remote | None = None,
        **kwargs: Any,
    ) -> Gradients:
        """Call and differentiate `(output * upstream).sum()` with respect to the arguments `wrt` and the parameters of
        `module`."""
        found = self._probe("gradients", dict, function, list(args), kwargs, list(wrt), upstream, module)
        return Gradients(**found)

    def parameters(self, module: Remote, *, content: bool = True) -> list[ParameterInfo]:
        """Every parameter by name, in the order of registration.

        Without `content` their values are on the device `meta`: shape and dtype alone, which is much less to send.
        """
        if content:
            return [ParameterInfo(**p) for p in self._probe("parameters", list, module)]
        found = [
            ParameterInfo(p["name"], p["identity"], torch.empty(p["shape"], dtype=p["dtype"], device="meta"))
            for p in self._probe("parameter_layout", list, module)
        ]
        size = sum(p.value.nbytes for p in found)
        if size > wire.MAX_PAYLOAD:  # as if they had come: a spec makes values of these shapes
            too_large = f"parameters of {size} bytes are over the limit"
            self._session.refuse_oversized(too_large)
        return found

    def load_parameters(self, module: Remote, values: Sequence[torch.Tensor] | dict[str, torch.Tensor]) -> None:
        """Set the parameters of `module`, in order or by name."""
        given = dict(values) if isinstance(values, dict) else list(values)
        self._probe("load_parameters", type(None), module, given)

    def state(self, module: Remote) -> dict[str, torch.Tensor]:
        """The state dictionary of `module`, buffers included."""
        return dict(self._probe("state", dict, module))

    def modules(self, module: Remote, *, settings: bool = True) -> list[ModuleInfo]:
        """The module tree, `module` itself first; without `settings` these are empty, and there is less to send."""
        return [ModuleInfo(**m) for m in self._probe("modules", list, module, settings)]

    def trace(self, module: Remote, *args: Any) -> tuple[Any, list[Step]]:
        """Run `module`; its output, and what each submodule was given and gave back."""
        found = self._probe("trace", dict, module, list(args))
        return found["output"], [Step(**s) for s in found["steps"]]

    def batches(self, loader: Remote, limit: int = 4000) -> list[Any]:
        """One pass over a loader."""
        return list(self._probe("batches", list, loader, limit))

    def figure(self, value: Any) -> dict[str, Any]:
        """What a figure shows: `axes`, each with `xlabel`, `ylabel`, `title`, `lines`, `points`, `images`, ..."""
        return dict(self._probe("figure", dict, value))

    def signature(self, function: Remote) -> list[str]:
        """The parameter names of `function`."""
        return list(self._probe("signature", list, function))

    def write_file(self, name: str, data: bytes) -> str:
        """Put a file into the attempt's own folder; returns its path there."""
        return str(self._probe("write_file", str, name, data))

    def opened(self, path: str, *, forget: bool = False) -> int:
        """How often the attempt opened the file at `path`."""
        return int(self._probe("opened", int, path, forget))

    def _probe(self, name: str, kind: type, *args: Any) -> Any:
        return _probed(self._session, name, kind, *args)


def probes(remote: Remote) -> Probes:
    """The probes of the attempt that a remote belongs to."""
    return Probes(remote._session)


def _probed(session: AttemptSession, name: str, kind: type, *args: Any) -> Any:
    """The answer of a probe; fails if it is of another type, as only an attempt that meddles with probes makes it."""
    found = session.probe(name, *_out(args))
    if type(found) is not kind:
        session.refuse_answer(f"{name}: {type(found).__name__} for {kind.__name__}")
    return found


def _out(value: Any) -> Any:
    """`value` with each `Remote` in it replaced by its reference."""
    if isinstance(value, Remote):
        return value._reference
    if type(value) in (list, tuple):
        return type(value)(_out(v) for v in value)
    if type(value) is dict:
        return {k: _out(v) for k, v in value.items()}
    return value


def _guard(mutated: list[str], reference: Reference) -> None:
    if not mutated:
        return
    which = _ordinal(int(mutated[0]) + 1) if mutated[0].isdecimal() else same(f" `{mutated[0]}`")
    raise CheckFailure(
        Finding(
            verdict=Verdict.INPUT_MUTATED,
            message=Text(
                en="`{name}` changed its argument{which} in place; the caller still needs it.",
                zh="`{name}` 原地修改了参数{which}，而调用者还要使用它。",
            ).format(name=".".join(reference.path) or "forward", which=which),
            next_step=Text(
                en="Make something new: `x = x + 1` instead of `x += 1`, `relu` instead of `relu_`, a copy of a list.",
                zh="请创建新的值：用 `x = x + 1` 而不是 `x += 1`，用 `relu` 而不是 `relu_`，列表先复制一份。",
            ),
        )
    )


def _ordinal(n: int) -> Text:
    return Text(en=f" number {n}", zh=f"（第 {n} 个）")
