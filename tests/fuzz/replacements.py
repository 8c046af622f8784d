"""What an answer is replaced by on its way from the attempt to the judge: values of every kind, and archives gone bad.

A replacement takes the value that came and a generator of random numbers, and gives the value that goes on; None says
that it does not apply.  Handles are `wire.Handle` here.
"""

from __future__ import annotations

import io
import math
import random
import zipfile
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import torch

from dlex.protocol.values import DTYPES, NUMPY_DTYPES
from dlex.protocol.wire import Handle

Replacement = Callable[[Any, random.Random], Any]
HUGE = 20_000_000  # elements of float32: 80 MB, nearly what a frame may hold
LARGE = 300_000


class NotHere(Exception):
    """The replacement does not apply to this value."""


def nested(depth: int) -> list[Any]:
    """A list in a list in a list."""
    value: list[Any] = []
    for _ in range(depth):
        value = [value]
    return value


# ---- whatever came


VALUES: dict[str, Callable[[], Any]] = {
    "none": lambda: None,
    "true": lambda: True,
    "false": lambda: False,
    "zero": lambda: 0,
    "minus_one": lambda: -1,
    "int64_min": lambda: -(1 << 63),
    "beyond_int64": lambda: 1 << 70,
    "giant_int": lambda: 1 << 4000,
    "float": lambda: 0.5,
    "largest_float": lambda: 1.7e308,
    "nan": lambda: math.nan,
    "inf": lambda: math.inf,
    "complex": lambda: complex(1, math.nan),
    "empty_text": lambda: "",
    "text": lambda: "{error} %s \x1b[2J \u202e ２ ²",
    "long_text": lambda: "x" * LARGE,
    "bytes": lambda: b"\x80\x02\xff",
    "empty_list": list,
    "empty_tuple": tuple,
    "empty_dict": dict,
    "empty_set": set,
    "list_of_none": lambda: [None] * 3,
    "list_of_text": lambda: ["a", "b"],
    "long_list": lambda: [0.5] * 150_000,
    "ragged": lambda: [[1.0, 2.0], [3.0], []],
    "mixed": lambda: [1, "a", None, 2.5, [torch.ones(2)], {"a": b""}],
    "deep": lambda: nested(40),
    "dict_of_odd_keys": lambda: {None: 1, (1, 2): 2, 1.5: 3, b"x": 4, True: 5},
    "dict_of_nan": lambda: {math.nan: math.nan},
    "set": lambda: {1, "a", None},
    "frozenset": lambda: frozenset({2.5}),
    "slice": lambda: slice(None, -1, "x"),
    "size": lambda: torch.Size([2, 3]),
    "dtype": lambda: torch.bfloat16,
    "device": lambda: torch.device("meta"),
    "device_without_module": lambda: torch.device("hpu"),
    "handle": lambda: Handle(0, "Tensor", False),
    "handle_that_can_be_called": lambda: Handle(0, "function", True),
    "handle_of_nothing": lambda: Handle(1 << 40, "ValueError", True),
    "list_of_handles": lambda: [Handle(0, "Sequential", True)] * 3,
    "no_dimension": lambda: torch.tensor(0.5),
    "no_element": lambda: torch.empty(0),
    "no_element_many_sizes": lambda: torch.empty(3, 0, 5),
    "many_dimensions": lambda: torch.ones((1,) * 32),
    "long": lambda: torch.arange(LARGE, dtype=torch.float32),
    "huge": lambda: torch.zeros(HUGE),
    "huge_of_bytes": lambda: torch.zeros(4 * HUGE, dtype=torch.uint8),
    "array": lambda: np.ones((2, 3)),
    "array_of_no_element": lambda: np.empty((0, 4), dtype=np.uint16),
    "array_of_no_dimension": lambda: np.array(2.5, dtype=np.float16),
}
VALUES |= {f"tensor_of_{name}": lambda d=d: torch.ones(2, 3).to(d) for name, d in DTYPES.items()}  # type: ignore[misc]


# ---- what came, changed


def each(kind: type | tuple[type, ...], change: Callable[[Any], Any]) -> Replacement:
    """Change each part of a kind, wherever in the value it lies."""

    def walk(value: Any) -> Any:
        if isinstance(value, kind) and not isinstance(value, bool):
            found.append(value)
            return change(value)
        if isinstance(value, (list, tuple)) and type(value) in (list, tuple):
            return type(value)(walk(v) for v in value)
        if type(value) is dict:
            return {k: walk(v) for k, v in value.items()}
        return value

    found: list[Any] = []

    def replace(value: Any, rng: random.Random) -> Any:
        found.clear()
        new = walk(value)
        if not found:
            raise NotHere
        return new

    return replace


def filled(number: float) -> Callable[[torch.Tensor], torch.Tensor]:
    """A tensor of the same form that holds one number; NaN and infinities become 0 where there are none."""
    return lambda t: torch.full(t.shape, number if t.is_floating_point() or t.is_complex() else 0.0).to(t.dtype)


def with_one(number: float) -> Callable[[torch.Tensor], torch.Tensor]:
    """The same tensor with one element exchanged."""

    def change(t: torch.Tensor) -> torch.Tensor:
        new = t.detach().clone()
        if new.numel() and (new.is_floating_point() or new.is_complex()):
            new.view(-1)[new.numel() // 2] = number
        return new

    return change


TENSORS: dict[str, Callable[[torch.Tensor], Any]] = {
    **{f"as_{name}": lambda t, d=d: t.detach().to(d) for name, d in DTYPES.items()},
    "as_array": lambda t: t.detach().double().numpy() if not t.is_complex() else t.detach().numpy(),
    "as_list": lambda t: t.detach().reshape(-1)[:50_000].tolist(),
    "as_lists": lambda t: t.detach().tolist() if t.numel() < 50_000 else [],
    "filled_nan": filled(math.nan),
    "filled_inf": filled(-math.inf),
    "filled_zero": filled(0),
    "filled_large": filled(1e30),
    "one_nan": with_one(math.nan),
    "one_inf": with_one(math.inf),
    "first_element": lambda t: t.detach().reshape(-1)[:1].reshape(()) if t.numel() else t,
    "without_rows": lambda t: t.detach()[:0] if t.dim() else t.detach().new_empty(0),
    "one_row_less": lambda t: t.detach()[:-1] if t.dim() else t.detach().new_empty(0, 2),
    "one_row_more": lambda t: torch.cat([t.detach(), t.detach()[:1]]) if t.dim() else t.detach().expand(3),
    "flat": lambda t: t.detach().reshape(-1),
    "column": lambda t: t.detach().unsqueeze(-1),
    "row": lambda t: t.detach().unsqueeze(0),
    "turned": lambda t: t.detach().permute(*reversed(range(t.dim()))).contiguous(),
    "many_sizes_of_one": lambda t: t.detach().reshape(*t.shape, *(1,) * (31 - t.dim())),
    "with_graph": lambda t: t.detach().double().requires_grad_() if not t.is_complex() else t,
    "plus_noise": lambda t: t.detach() + torch.full_like(t, 1e-3) if t.is_floating_point() else t,
    "tensor_to_none": lambda t: None,
    "tensor_to_text": lambda t: "tensor",
    "tensor_to_handle": lambda t: Handle(0, "Tensor", False),
    "tensor_to_size": lambda t: t.shape,
}
ARRAYS: dict[str, Callable[[Any], Any]] = {
    **{f"array_as_{name}": lambda a, d=name: np.nan_to_num(a).astype(d) for name in sorted(NUMPY_DTYPES)},
    "array_filled_nan": lambda a: np.full(a.shape, np.nan),
    "array_without_rows": lambda a: a[:0] if a.ndim else a,
    "array_column": lambda a: a[..., None],
    "array_flat": lambda a: a.reshape(-1),
    "array_to_tensor": lambda a: torch.from_numpy(np.nan_to_num(a).astype("float64")),
    "array_to_list": lambda a: a.tolist(),
    "array_to_none": lambda a: None,
}
NUMBERS: dict[str, Callable[[Any], Any]] = {
    "number_to_none": lambda n: None,
    "number_to_text": str,
    "number_negated": lambda n: -n,
    "number_plus_one": lambda n: n + 1,
    "number_to_bool": bool,
    "number_to_nan": lambda n: math.nan,
    "number_to_large": lambda n: 10**9,
    "number_beyond_int64": lambda n: 1 << 70,
    "number_to_giant": lambda n: 1 << 4000,
    "number_to_float": float,
    "number_to_int": lambda n: int(n) if math.isfinite(n) else 0,
    "number_to_tensor": lambda n: torch.tensor(float(n)),
    "number_to_list": lambda n: [n],
    "number_to_handle": lambda n: Handle(0, "int", False),
}
TEXTS: dict[str, Callable[[str], Any]] = {
    "text_to_none": lambda s: None,
    "text_to_empty": lambda s: "",
    "text_to_number": lambda s: 3,
    "text_to_bytes": str.encode,
    "text_to_list": list,
    "text_doubled": lambda s: f"{s}.{s}",
    "text_to_odd": lambda s: "{x[0].y!r} %d \0 \x1b ²",
    "text_to_long": lambda s: "ab" * 50_000,
    "text_to_handle": lambda s: Handle(0, "str", False),
}


def last_dropped(value: Any, rng: random.Random) -> Any:
    """A list, or a tuple, without its last item; a dict without one key."""
    if isinstance(value, (list, tuple)) and value:
        return value[:-1]
    if isinstance(value, dict) and value:
        gone = rng.choice(list(value))
        return {k: v for k, v in value.items() if k != gone}
    raise NotHere


def item_doubled(value: Any, rng: random.Random) -> Any:
    """A list, or a tuple, whose last item comes twice."""
    if isinstance(value, (list, tuple)) and value:
        return (*value, value[-1]) if isinstance(value, tuple) else [*value, value[-1]]
    raise NotHere


def one_part(value: Any, rng: random.Random) -> Any:
    """One part of the value, at any depth, is exchanged for another kind of thing."""
    odd = VALUES[rng.choice([name for name in VALUES if not name.startswith(("huge", "long"))])]
    if isinstance(value, (list, tuple)) and value:
        i = rng.randrange(len(value))
        new = [*value]
        new[i] = one_part(value[i], rng) if rng.random() < 0.6 and isinstance(value[i], (list, tuple, dict)) else odd()
        return tuple(new) if isinstance(value, tuple) else new
    if isinstance(value, dict) and value:
        key = rng.choice(list(value))
        deeper = rng.random() < 0.6 and isinstance(value[key], (list, tuple, dict))
        return value | {key: one_part(value[key], rng) if deeper else odd()}
    raise NotHere


def keys_changed(value: Any, rng: random.Random) -> Any:
    """A dict with one key exchanged for another kind of thing."""
    if isinstance(value, dict) and value:
        old, new = rng.choice(list(value)), rng.choice([None, 7, "", (1, "a"), b"k", math.nan, "x" * 5000])
        return {new if k == old else k: v for k, v in value.items()}
    raise NotHere


def other_sequence(value: Any, rng: random.Random) -> Any:
    """A tuple for a list, a list for anything else that has items."""
    if isinstance(value, (list, tuple, dict, set)):
        return tuple(value) if isinstance(value, list) else list(value)
    raise NotHere


def wrapped(value: Any, rng: random.Random) -> Any:
    """The value as the one item of a list."""
    return [value]


# ---- archives and other bytes


def flipped(data: bytes, rng: random.Random) -> bytes:
    """A few bits are other bits."""
    new = bytearray(data)
    for _ in range(rng.randint(1, 8) if new else 0):
        new[rng.randrange(len(new))] ^= 1 << rng.randrange(8)
    return bytes(new)


def cut(data: bytes, rng: random.Random) -> bytes:
    """The end is missing."""
    return data[: rng.randrange(len(data) + 1)]


def packed_again(
    method: int, *, spoil: bool, name: Callable[[str], str] = str
) -> Callable[[bytes, random.Random], bytes]:
    """The same archive, packed by another method, whose packed bytes may be spoilt."""

    def change(data: bytes, rng: random.Random) -> bytes:
        made = io.BytesIO()
        with zipfile.ZipFile(made, "w", method) as new:
            for entry, part in _entries(data):
                new.writestr(name(entry), part * (1 if len(part) > 64 else 8))
            places = [(i.header_offset + 30 + len(i.filename), i.compress_size) for i in new.filelist]
        found = bytearray(made.getvalue())
        for start, size in places if spoil else []:
            for i in range(start + min(size // 3, 12), start + size):
                found[i] ^= rng.randrange(1, 256)
        return bytes(found)

    return change


def _entries(data: bytes) -> Iterator[tuple[str, bytes]]:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as old:
            found = [(entry.filename, old.read(entry)) for entry in old.infolist()]
    except Exception:  # no archive, so one is made
        found = [("archive/data.pkl", data), ("archive/version", b"3\n")]
    yield from found


def header_field(
    offset: int, value: bytes, signature: bytes = b"PK\x01\x02"
) -> Callable[[bytes, random.Random], bytes]:
    """Every header of a kind has other bytes at an offset: flags, method, sizes, names."""

    def change(data: bytes, rng: random.Random) -> bytes:
        new, at = bytearray(data), data.find(signature)
        while at >= 0:
            new[at + offset : at + offset + len(value)] = value
            at = data.find(signature, at + 4)
        return bytes(new)

    return change


def bomb(data: bytes, rng: random.Random) -> bytes:
    """A small archive of zeros by the gigabyte."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as new, new.open("archive/data.pkl", "w") as member:
        for _ in range(64):
            member.write(bytes(1 << 20))
    return made.getvalue()


def many_entries(data: bytes, rng: random.Random) -> bytes:
    """An archive of thousands of empty members, many of one name."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as new:
        for number in range(5000):
            new.filelist.append(zipfile.ZipInfo("archive/data.pkl" if number % 2 else f"../{number}\0"))
            new.filelist[-1].header_offset = 0
    return made.getvalue()


BYTES: dict[str, Callable[[bytes, random.Random], Any]] = {
    "bytes_flipped": flipped,
    "bytes_cut": cut,
    "bytes_doubled": lambda data, rng: data + data,
    "bytes_reversed": lambda data, rng: data[::-1],
    "bytes_random": lambda data, rng: rng.randbytes(1000),
    "bytes_to_text": lambda data, rng: data.decode("latin-1"),
    "bytes_to_list": lambda data, rng: list(data[:1000]),
    "bytes_to_none": lambda data, rng: None,
    "zip_stored": packed_again(zipfile.ZIP_STORED, spoil=True),
    "zip_deflated": packed_again(zipfile.ZIP_DEFLATED, spoil=False),
    "zip_deflated_spoilt": packed_again(zipfile.ZIP_DEFLATED, spoil=True),
    "zip_bzip2": packed_again(zipfile.ZIP_BZIP2, spoil=False),
    "zip_bzip2_spoilt": packed_again(zipfile.ZIP_BZIP2, spoil=True),
    "zip_lzma": packed_again(zipfile.ZIP_LZMA, spoil=False),
    "zip_lzma_spoilt": packed_again(zipfile.ZIP_LZMA, spoil=True),
    "zip_odd_names": packed_again(zipfile.ZIP_STORED, spoil=False, name=lambda name: f"../../{name}\u202e.pkl"),
    "zip_encrypted": header_field(8, b"\x01\x00"),
    "zip_method_97": header_field(10, b"\x61\x00"),
    "zip_method_lzma": header_field(10, b"\x0e\x00"),
    "zip_of_terabytes": header_field(24, b"\xff\xff\xff\x7f"),
    "zip64": header_field(20, b"\xff" * 8),
    "zip_far_offset": header_field(42, b"\xff\xff\xff\x00"),
    "zip_no_date": header_field(12, b"\x00" * 4),
    "zip_extra_lies": header_field(30, b"\xff\x0f"),
    "zip_local_header": header_field(8, b"\x0c\x00", b"PK\x03\x04"),
    "zip_many_disks": header_field(4, b"\xff" * 4, b"PK\x05\x06"),
    "zip_bomb": bomb,
    "zip_many_entries": many_entries,
}


def on_bytes(change: Callable[[bytes, random.Random], Any]) -> Replacement:
    """The replacement that changes each `bytes` in a value."""
    return lambda value, rng: each(bytes, lambda data: change(data, rng))(value, rng)


PARTS = {f"one_part_{n}": one_part for n in range(8)} | {
    f.__name__: f for f in (last_dropped, item_doubled, keys_changed, other_sequence)
}
# What applies to a value, by the kinds of what lies in it; "any" applies to each.
BY_KIND: dict[str, dict[str, Replacement]] = {
    "any": {name: lambda value, rng, make=make: make() for name, make in VALUES.items()} | {"wrapped": wrapped},
    "tensor": {name: each(torch.Tensor, change) for name, change in TENSORS.items()},
    "array": {name: each(np.ndarray, change) for name, change in ARRAYS.items()},
    "number": {name: each((int, float), change) for name, change in NUMBERS.items()},
    "text": {name: each(str, change) for name, change in TEXTS.items()},
    "bytes": {name: on_bytes(change) for name, change in BYTES.items()},
    "container": PARTS,
}
REPLACEMENTS: dict[str, Replacement] = {name: f for group in BY_KIND.values() for name, f in group.items()}


def kinds(value: Any) -> set[str]:
    """The kinds of what lies in a value."""
    types = {torch.Tensor: "tensor", np.ndarray: "array", bool: "", int: "number", float: "number", str: "text"}
    types |= {bytes: "bytes"}
    if type(value) in (list, tuple, dict) and value:
        parts = [*value, *value.values()] if isinstance(value, dict) else value
        return {"container"}.union(*map(kinds, parts))
    return {"any", types.get(torch.Tensor if isinstance(value, torch.Tensor) else type(value), "")} - {""}
