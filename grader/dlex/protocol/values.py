"""Plain values as data that msgpack can carry: what may cross between judge and attempt, and nothing else.

Everything that is not plain stays where it is and crosses as a handle.  Tensors travel as dtype, shape and bytes; the
bytes lie behind the header of the frame (see `wire`), so a header stays small and its number of nodes bounded.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from typing import Any

import msgspec
import numpy as np
import torch

from dlex.protocol.origin import Origin
from dlex.protocol.wire import MAX_NAME, Handle, Name, Reference, WireError

MAX_DEPTH = 48
MAX_DIMS = 32
MAX_NODES = 200_000
MAX_KEYS, MAX_TUPLE_KEYS = 20_000, 1000
PLAIN_KEYS = (type(None), bool, int, float, str, bytes)

DTYPES: dict[str, torch.dtype] = {
    str(d).removeprefix("torch."): d
    for d in (
        torch.bool, torch.uint8, torch.int8, torch.int16, torch.int32, torch.int64, torch.float16, torch.bfloat16,
        torch.float32, torch.float64, torch.complex64, torch.complex128,
    )
}  # fmt: skip
_NAMES = {dtype: name for name, dtype in DTYPES.items()}
NUMPY_DTYPES = frozenset(
    {"bool", "uint8", "uint16", "uint32", "uint64", "int8", "int16", "int32", "int64"}
    | {"float16", "float32", "float64", "complex64", "complex128"}
)
_ATOMS = frozenset({type(None), bool, float, str, bytes})  # what msgpack carries as it is, whatever it says
_SENT_ATOMS = _ATOMS | {int}
# What reading a value raises that is not what it says it is.  msgspec's own is a ValueError only since 0.21.
_MALFORMED = (TypeError, ValueError, IndexError, KeyError, OverflowError, RuntimeError, msgspec.MsgspecError)
INT64 = range(-(1 << 63), 1 << 63)


class Encoder:
    """Turns values into trees of None, bool, int, float, str, bytes and tagged lists, and collects the tensors' bytes.

    `hold` is asked for anything that is not plain: it keeps the thing and returns its handle (or raises).
    """

    def __init__(self, hold: Callable[[Any], Handle]) -> None:
        self.hold = hold
        self.buffers: list[bytes | memoryview] = []
        self.size = 0

    def encode(self, value: Any, depth: int = 0) -> Any:
        """The tree of `value`."""
        kind = type(value)
        if kind in _ATOMS or (kind is int and value in INT64):
            return value
        if depth > MAX_DEPTH:
            return self._handle(self.hold(value))
        if kind in _CONTAINERS:
            return _CONTAINERS[kind](self, value, depth + 1)
        if isinstance(value, torch.Tensor):
            return self._tensor(value)
        return self._scalar(value)

    def encode_all(self, values: Iterable[Any], depth: int) -> list[Any]:
        """The trees of `values`; most of what crosses is short lists of names and numbers."""
        return [value if type(value) in _ATOMS else self.encode(value, depth) for value in values]

    def _scalar(self, value: Any) -> Any:
        if type(value) is int:
            return ["i", str(value)] if value.bit_length() < 4096 else self._held(value)
        if isinstance(value, np.ndarray):
            return self._array(value)
        if isinstance(value, np.generic):
            return self.encode(value.item()) if value.dtype.name in NUMPY_DTYPES else self._held(value)
        if isinstance(value, Reference):
            return ["r", value.root, list(value.path)]
        return self._held(value)

    def _held(self, value: Any) -> list[Any]:
        return self._handle(self.hold(value))

    @staticmethod
    def _handle(handle: Handle) -> list[Any]:
        return ["h", handle.number, handle.type_name, handle.callable]

    def _append(self, data: bytes | memoryview) -> list[int]:
        place = [self.size, len(data)]
        self.buffers.append(data)
        self.size += len(data)
        return place

    def _tensor(self, value: torch.Tensor) -> Any:
        name = _NAMES.get(value.dtype)
        if name is None or value.layout != torch.strided or value.device.type == "meta":
            return self._held(value)
        subclass = "" if type(value) in _PLAIN_TENSORS else type(value).__name__[:MAX_NAME]
        with torch._C.DisableTorchFunction():
            # Whatever a subclass claims about itself, only its content crosses.
            plain = torch.Tensor.detach(value).as_subclass(torch.Tensor).cpu().resolve_conj().resolve_neg()
            data = (plain if name in NUMPY_DTYPES else _as_bytes(plain)).numpy().tobytes()
        flags = [bool(value.requires_grad), str(value.device), subclass]
        return ["T", name, list(plain.shape), *self._append(data), *flags]

    def _array(self, value: np.ndarray[Any, Any]) -> Any:
        if value.dtype.name not in NUMPY_DTYPES:
            return self._held(value)
        return ["N", value.dtype.name, list(value.shape), *self._append(np.ascontiguousarray(value).tobytes())]


def _as_bytes(tensor: torch.Tensor) -> torch.Tensor:
    """The content of a tensor whose dtype numpy does not know."""
    # A tensor of one element is contiguous whatever its stride, and a view as bytes wants the stride 1.
    return tensor.contiguous().as_strided((tensor.numel(),), (1,)).view(torch.uint8)


def _encode_dict(encoder: Encoder, value: dict[Any, Any], depth: int) -> list[Any]:
    keys = encoder.encode_all(value, depth)  # all keys first: a decoder reads bytes in this order
    return ["d", [[k, item] for k, item in zip(keys, encoder.encode_all(value.values(), depth), strict=True)]]


def _sequence(tag: str) -> Callable[[Encoder, Any, int], list[Any]]:
    return lambda encoder, value, depth: [tag, encoder.encode_all(value, depth)]


_PLAIN_TENSORS = (torch.Tensor, torch.nn.Parameter, torch.nn.Buffer)  # equal to their simulated twins
_CONTAINERS: dict[type, Callable[[Encoder, Any, int], Any]] = {
    list: _sequence("l"),
    tuple: _sequence("t"),
    dict: _encode_dict,
    set: _sequence("s"),
    frozenset: _sequence("f"),
    slice: lambda e, v, depth: ["c", [e.encode(part, depth) for part in (v.start, v.stop, v.step)]],
    complex: lambda e, v, depth: ["z", v.real, v.imag],
    torch.Size: lambda e, v, depth: ["S", list(v)],
    torch.dtype: lambda e, v, depth: ["y", str(v).removeprefix("torch.")],
    torch.device: lambda e, v, depth: ["v", str(v)],
}


class Decoder:
    """Turns trees back into values, trusting nothing: every tag, length and index is checked.

    `resolve` is given each handle and each reference, and returns what stands for it on this side; `arrive` is given
    each tensor with its origin, and returns what stands for it.
    """

    def __init__(
        self,
        payload: memoryview,
        resolve: Callable[[Handle | Reference], Any],
        arrive: Callable[[torch.Tensor, Origin], torch.Tensor] = lambda tensor, origin: tensor,
    ) -> None:
        self.payload = payload
        self.resolve = resolve
        self.arrive = arrive
        self.used = 0
        self.nodes = 0

    def decode(self, tree: Any, depth: int = 0) -> Any:
        """The value of `tree`; raises `WireError` on anything malformed."""
        self._count(1)
        return tree if type(tree) in _SENT_ATOMS else self._composite(tree, depth)

    def _count(self, nodes: int) -> None:
        self.nodes += nodes
        if self.nodes > MAX_NODES:
            raise WireError(f"a value of more than {MAX_NODES} items")

    def _composite(self, tree: Any, depth: int) -> Any:
        if depth > MAX_DEPTH + 1 or type(tree) is not list or not tree or type(tree[0]) is not str:
            raise WireError("malformed value")
        reader = _READERS.get(tree[0])
        if reader is None:
            raise WireError(f"unknown tag {tree[0][:20]!r}")
        try:
            return reader(self, tree[1:], depth + 1)
        except _MALFORMED as error:
            raise WireError(f"malformed {tree[0]!r} value: {error}") from error

    def _keys(self, keys: list[Any], depth: int) -> list[Any]:
        """The keys of a dict or the items of a set: few and simple, since values with one hash would take for ever."""
        found = self._items(keys, depth)
        if len(found) > MAX_KEYS or (len(found) > MAX_TUPLE_KEYS and not all(isinstance(k, PLAIN_KEYS) for k in found)):
            raise WireError("too many keys")
        if any(type(k) is int and k not in INT64 for k in found):
            raise WireError("a key is too large")
        return found

    def _items(self, items: list[Any], depth: int) -> list[Any]:
        if type(items) is not list:
            raise WireError("malformed sequence")
        self._count(len(items))
        return [item if type(item) in _SENT_ATOMS else self._composite(item, depth) for item in items]

    def _bytes(self, shape: list[int], itemsize: int, offset: int, length: int) -> memoryview:
        if len(shape) > MAX_DIMS or not {*map(type, shape)} <= {int} or min(shape, default=0) < 0:
            raise WireError("malformed shape")
        # Each byte of the payload belongs to one tensor, so that what is decoded is no larger than what was sent.
        if math.prod(shape) * itemsize != length or offset != self.used or offset + length > len(self.payload):
            raise WireError("a tensor's bytes do not fit its shape")
        self.used += length
        return self.payload[offset : offset + length]

    def _tensor(self, fields: list[Any], depth: int) -> torch.Tensor:
        name, shape, offset, length, requires_grad, device, subclass = fields
        if len(device) > MAX_NAME or len(subclass) > MAX_NAME:
            raise WireError("a name is too long")
        dtype = DTYPES[name]
        data = self._bytes(shape, dtype.itemsize, offset, length)
        flat = torch.frombuffer(bytearray(data), dtype=dtype) if length else torch.empty(0, dtype=dtype)
        tensor = flat.reshape(shape)
        if requires_grad and (dtype.is_floating_point or dtype.is_complex):
            tensor.requires_grad_()
        return self.arrive(tensor, Origin(str(device), str(subclass)))

    def _array(self, fields: list[Any], depth: int) -> np.ndarray[Any, Any]:
        name, shape, offset, length = fields
        if name not in NUMPY_DTYPES:
            raise WireError(f"no such dtype: {name!r}")
        dtype = np.dtype(name)
        return np.frombuffer(bytearray(self._bytes(shape, dtype.itemsize, offset, length)), dtype=dtype).reshape(shape)


def _read_dict(decoder: Decoder, fields: list[Any], depth: int) -> dict[Any, Any]:
    keys = decoder._keys([k for k, _ in fields[0]], depth)
    return dict(zip(keys, decoder._items([v for _, v in fields[0]], depth), strict=True))


def _read_handle(decoder: Decoder, fields: list[Any], depth: int) -> Any:
    number, type_name, can_be_called = msgspec.convert(fields, tuple[int, Name, bool])
    return decoder.resolve(Handle(number, type_name, can_be_called))


def _read_reference(decoder: Decoder, fields: list[Any], depth: int) -> Any:
    root, path = msgspec.convert(fields, tuple[str | int, tuple[str, ...]])
    return decoder.resolve(Reference(root, path))


_READERS: dict[str, Callable[[Decoder, list[Any], int], Any]] = {
    "l": lambda d, f, depth: d._items(f[0], depth),
    "t": lambda d, f, depth: tuple(d._items(f[0], depth)),
    "s": lambda d, f, depth: set(d._keys(f[0], depth)),
    "f": lambda d, f, depth: frozenset(d._keys(f[0], depth)),
    "d": _read_dict,
    "c": lambda d, f, depth: slice(*d._items(f[0], depth)),
    "z": lambda d, f, depth: complex(f[0], f[1]),
    "i": lambda d, f, depth: int(f[0][:1300]),
    "S": lambda d, f, depth: torch.Size(f[0]),
    "y": lambda d, f, depth: DTYPES[f[0]],
    "v": lambda d, f, depth: torch.device(f[0]),
    "T": Decoder._tensor,
    "N": Decoder._array,
    "h": _read_handle,
    "r": _read_reference,
}
