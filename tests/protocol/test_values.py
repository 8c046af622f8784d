"""Plain values cross as they are; whatever else arrives is a `WireError`, in little time and little memory."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Callable
from typing import Any

import msgspec
import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from dlex.protocol import values
from dlex.protocol.origin import Origin, from_origin, origin_of
from dlex.protocol.values import DTYPES, NUMPY_DTYPES, Decoder, Encoder
from dlex.protocol.wire import Handle, Reference, WireError


def hold(value: Any) -> Handle:
    """Every thing that is not plain is number 7."""
    return Handle(7, type(value).__name__, callable(value))


def resolve(item: Handle | Reference) -> Any:
    """What stands for a handle or a reference here."""
    return item


def cross(value: Any, *arrive: Callable[[torch.Tensor, Origin], torch.Tensor]) -> Any:
    """`value` after a trip over the wire."""
    encoder = Encoder(hold)
    tree = msgspec.msgpack.decode(msgspec.msgpack.encode(encoder.encode(value)))
    return Decoder(memoryview(b"".join(encoder.buffers)), resolve, *arrive).decode(tree)


def decode(tree: Any, payload: bytes = b"") -> Any:
    """What the judge makes of a tree."""
    return Decoder(memoryview(payload), resolve).decode(tree)


def alike(a: Any, b: Any) -> bool:
    """Equality of type and content, NaN equal to NaN."""
    if type(a) is not type(b):
        return False
    if isinstance(a, float):
        return a == b or (math.isnan(a) and math.isnan(b))
    if isinstance(a, (list, tuple)):
        return len(a) == len(b) and all(map(alike, a, b))
    if isinstance(a, dict):
        return len(a) == len(b) and all(alike(x, y) for x, y in zip(a.items(), b.items(), strict=True))
    if isinstance(a, torch.Tensor):
        return a.dtype == b.dtype and torch.equal(a, b)
    return bool(a == b)


KEYS = st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.text(max_size=8) | st.binary(max_size=8)
SCALARS = (
    KEYS
    | st.integers()
    | st.floats()
    | st.complex_numbers(allow_nan=False)
    | st.sampled_from([torch.float32, torch.device("cpu"), torch.Size([2, 3]), slice(1, None, 2)])
    | st.sampled_from(list(DTYPES.values())).map(lambda dtype: torch.zeros(2, 3).to(dtype))
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.lists(inner, max_size=4).map(tuple)
        | st.dictionaries(KEYS, inner, max_size=4)
        | st.sets(KEYS, max_size=4)
        | st.frozensets(KEYS, max_size=4)
    ),
    max_leaves=20,
)


@given(VALUES)
@settings(deadline=None, derandomize=True, max_examples=400)
def test_plain_values_cross_as_they_are(value: Any) -> None:
    assert alike(cross(value), value)


@pytest.mark.parametrize("dtype", DTYPES.values(), ids=DTYPES)
@pytest.mark.parametrize("shape", [(), (1,), (0,), (2, 0, 3), (3, 4), (2, 3, 4, 5)], ids=str)
def test_tensors_keep_dtype_shape_and_every_bit(dtype: torch.dtype, shape: tuple[int, ...]) -> None:
    x = (torch.randn(shape, dtype=torch.complex64 if dtype.is_complex else torch.float32) * 3).to(dtype)
    y = cross(x)
    assert (y.dtype, y.shape) == (dtype, x.shape)
    assert torch.equal(y, x)


def test_tensors_of_every_layout_cross_by_content() -> None:
    x = torch.randn(4, 6)
    for view in (x.T, x[::2, 1:], x[1:2].expand(3, 6), x.conj(), torch.randn(3, dtype=torch.complex64).conj()):
        assert torch.equal(cross(view), view.resolve_conj())
    assert torch.equal(cross(torch.tensor([math.nan, math.inf])).isnan(), torch.tensor([True, False]))


def test_several_tensors_share_one_payload() -> None:
    tensors = {"a": torch.randn(3), "b": [torch.randn(2, 2), torch.zeros(0)], torch.float16: torch.arange(4)}
    assert alike(cross(tensors), tensors)


def test_gradients_and_classes_are_told() -> None:
    assert cross(torch.ones(2, requires_grad=True)).requires_grad
    assert not cross(torch.ones(2)).requires_grad
    assert cross(torch.nn.Parameter(torch.ones(2))).requires_grad


def test_an_origin_is_told_beside_the_tensor() -> None:
    """Whoever wants it is given it; the tensor itself bears no trace."""
    liar = torch.ones(2).as_subclass(type("Liar", (torch.Tensor,), {}))
    assert vars(cross(liar)) == vars(cross(torch.ones(2))) == {}
    assert origin_of(cross(liar)) is None
    assert origin_of(cross(liar, from_origin)) == Origin("cpu", "Liar")
    assert origin_of(cross(torch.ones(2), from_origin)) == Origin("cpu", "")
    assert origin_of(3) is None


@pytest.mark.parametrize("name", sorted(NUMPY_DTYPES))
def test_arrays_keep_dtype_shape_and_content(name: str) -> None:
    for array in (np.arange(6).reshape(2, 3).astype(name), np.zeros((0, 2), name), np.array(1).astype(name)):
        found = cross(array)
        assert (found.dtype, found.shape) == (array.dtype, array.shape)
        assert np.array_equal(found, array)


def test_numpy_scalars_become_numbers() -> None:
    assert alike(cross([np.float32(1.5), np.int64(3), np.bool_(True)]), [1.5, 3, True])


@pytest.mark.parametrize(
    "thing",
    [
        object(),
        type("Lie", (int,), {})(1),
        type("Lie", (float,), {})(1.0),
        type("Lie", (str,), {})("x"),
        type("Lie", (list,), {})([1]),
        type("Lie", (dict,), {})({}),
        np.array([object()], dtype=object),
        torch.ones(2, device="meta"),
        torch.ones(2, 2).to_sparse(),
        2**5000,
        len,
    ],
    ids=lambda t: type(t).__name__,
)
def test_whatever_is_not_plain_stays_and_crosses_as_a_handle(thing: Any) -> None:
    assert cross(thing) == Handle(7, type(thing).__name__, callable(thing))
    assert cross([1, thing])[1].number == 7


def test_references_cross_towards_the_attempt() -> None:
    assert cross([Reference("module", ("f", "g")), Reference(3)]) == [Reference("module", ("f", "g")), Reference(3)]


def test_a_list_that_contains_itself_ends_in_a_handle() -> None:
    loop: list[Any] = []
    loop.append(loop)
    found = cross(loop)
    depth = 0
    while isinstance(found, list):
        found, depth = found[0], depth + 1
    assert isinstance(found, Handle)
    assert depth == values.MAX_DEPTH + 1


MALFORMED: dict[str, tuple[Any, bytes]] = {
    "no tag": ([], b""),
    "tag is a number": ([1, 2], b""),
    "unknown tag": (["eval", "1"], b""),
    "a map": ({"type": "Value"}, b""),
    "list of nothing": (["l"], b""),
    "list of text": (["l", "abc"], b""),
    "dict of odd pairs": (["d", [[1, 2, 3]]], b""),
    "dict of no pairs": (["d", 5], b""),
    "dict with a list as key": (["d", [[["l", []], 1]]], b""),
    "set of lists": (["s", [["l", []]]], b""),
    "slice of four": (["c", [1, 2, 3, 4]], b""),
    "complex text": (["z", "1j", 0], b""),
    "whole number by a name": (["i", "nan"], b""),
    "size of text": (["S", ["a"]], b""),
    "unknown dtype": (["y", "object"], b""),
    "unknown device": (["v", "nowhere:1"], b""),
    "tensor without fields": (["T", "float32"], b""),
    "tensor of an unknown dtype": (["T", "object", [1], 0, 8, False, "cpu", ""], b"\0" * 8),
    "tensor too short": (["T", "float32", [2], 0, 8, False, "cpu", ""], b"\0" * 7),
    "tensor whose length lies": (["T", "float32", [2], 0, 4, False, "cpu", ""], b"\0" * 8),
    "tensor with negative dims": (["T", "float32", [-1, -2], 0, 8, False, "cpu", ""], b"\0" * 8),
    "tensor with a bool as dim": (["T", "float32", [True], 0, 4, False, "cpu", ""], b"\0" * 4),
    "tensor with a float as dim": (["T", "float32", [1.0], 0, 4, False, "cpu", ""], b"\0" * 4),
    "tensor with a map as shape": (["T", "float32", {}, 0, 4, False, "cpu", ""], b"\0" * 4),
    "tensor before the payload": (["T", "float32", [1], -4, 4, False, "cpu", ""], b"\0" * 4),
    "tensor behind the payload": (["T", "float32", [1], 4, 4, False, "cpu", ""], b"\0" * 4),
    "tensor of a terabyte": (["T", "uint8", [1 << 40], 0, 1 << 40, False, "cpu", ""], b"\0" * 4),
    "tensor of too many dims": (["T", "uint8", [1] * 99, 0, 1, False, "cpu", ""], b"\0"),
    "tensor with a long class": (["T", "uint8", [1], 0, 1, False, "cpu", "C" * 200], b"\0"),
    "tensor with a long device": (["T", "uint8", [1], 0, 1, False, "D" * 200, ""], b"\0"),
    "tensor with a number as device": (["T", "uint8", [1], 0, 1, False, 5, ""], b"\0"),
    "two tensors over the same bytes": (["l", [["T", "uint8", [4], 0, 4, False, "cpu", ""]] * 2], b"\0" * 4),
    "array of objects": (["N", "object", [1], 0, 8], b"\0" * 8),
    "array of records": (["N", "V8", [1], 0, 8], b"\0" * 8),
    "handle without fields": (["h"], b""),
    "handle with text as number": (["h", "1", "x", True], b""),
    "handle with a long name": (["h", 1, "x" * 200, True], b""),
    "reference of numbers": (["r", "module", [1]], b""),
}


@pytest.mark.parametrize("name", MALFORMED)
def test_malformed_values_are_refused(name: str) -> None:
    with pytest.raises(WireError):
        decode(*MALFORMED[name])


def test_depth_is_limited() -> None:
    tree: Any = None
    for _ in range(200):
        tree = ["l", [tree]]
    with pytest.raises(WireError):
        decode(tree)


def test_the_number_of_items_is_limited() -> None:
    with pytest.raises(WireError):
        decode(["l", [None] * (values.MAX_NODES + 1)])


@pytest.mark.parametrize("tag", ["d", "s", "f"])
def test_keys_that_collide_are_refused(tag: str) -> None:
    """A dictionary of a hundred thousand keys with one hash would take minutes to build."""
    keys = [["i", str(k * (2**61 - 1))] for k in range(100_000)]
    with pytest.raises(WireError):
        decode([tag, [[k, 0] for k in keys] if tag == "d" else keys])


TREES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats()
    | st.text(max_size=6)
    | st.binary(max_size=6),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.tuples(st.sampled_from(sorted(values._READERS)), st.lists(inner, max_size=8)).map(lambda p: [p[0], *p[1]])
        | st.tuples(st.sampled_from(sorted(values._READERS)), inner).map(list)
        | st.dictionaries(st.text(max_size=3), inner, max_size=2)
    ),
    max_leaves=20,
)


@given(TREES, st.binary(max_size=32))
@settings(deadline=None, derandomize=True, max_examples=600)
def test_random_trees_raise_nothing_but_wire_errors(tree: Any, payload: bytes) -> None:
    with contextlib.suppress(WireError):
        decode(tree, payload)


def places(tree: Any, way: tuple[int, ...] = ()) -> list[tuple[int, ...]]:
    """The ways to every node of a tree."""
    below = [w for i, t in enumerate(tree) for w in places(t, (*way, i))] if isinstance(tree, list) else []
    return [way, *below]


@given(VALUES, st.data())
@settings(deadline=None, derandomize=True, max_examples=400)
def test_mutated_trees_raise_nothing_but_wire_errors(value: Any, data: st.DataObject) -> None:
    encoder = Encoder(hold)
    tree = [msgspec.msgpack.decode(msgspec.msgpack.encode(encoder.encode(value)))]
    way = data.draw(st.sampled_from(places(tree)[1:]))
    parent = tree
    for step in way[:-1]:
        parent = parent[step]
    parent[way[-1]] = data.draw(TREES)
    payload = b"".join(encoder.buffers)
    with contextlib.suppress(WireError):
        decode(tree[0], payload[: data.draw(st.integers(0, len(payload)))])


def test_a_single_element_of_a_foreign_stride_crosses() -> None:
    """A column's cell, as `from_numpy(table[:, [-1]])[i]` gives it, is contiguous though its stride is not 1."""
    cell = torch.from_numpy(np.arange(12.0).reshape(4, 3)[:, [-1]])[2]
    assert cell.stride() != (1,)
    encoder = Encoder(lambda value: Handle(0, "", False))
    tree = encoder.encode(cell)
    decoded = Decoder(memoryview(b"".join(bytes(b) for b in encoder.buffers)), lambda item: item).decode(tree)
    assert torch.equal(decoded, cell)
