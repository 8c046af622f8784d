"""What a file holds in another way than the stub is found where it is plain which of it is meant, and only there."""

from __future__ import annotations

import pytest

from dlex.course.exercise import find_course
from dlex.course.other_ways import AS_ASKED, OtherWays, other_ways

STUB = """
class Block(nn.Module):
    def __init__(self, channels): raise NotImplementedError
class Rows(Dataset):
    def __len__(self): raise NotImplementedError
def forward(x, w): raise NotImplementedError
def make_tensors(names): raise NotImplementedError
def train(model, lr): raise NotImplementedError
def given(): return 1
"""
WANTED = ["Block", "Rows", "forward", "make_tensors", "train"]


def ways(text: str, known_by: dict[str, str] | None = None) -> OtherWays:
    return other_ways(text, STUB, WANTED, known_by or {})


@pytest.mark.parametrize(
    ("text", "renamed"),
    [
        ("class Model(torch.nn.Module): pass", {"Block": "Model"}),
        ("class Model(Module): pass\nclass Data(Dataset): pass", {"Block": "Model", "Rows": "Data"}),
        ("class A(nn.Module): pass\nclass B(nn.Module): pass", {}),  # which of them?
        ("class Model: pass", {}),  # no module
        ("class block(nn.Module): pass\nclass B(nn.Module): pass", {"Block": "block"}),
        ("class Block(nn.Module): pass\nclass Model(nn.Module): pass", {}),  # nothing is missing
        ("from blocks import Block\nclass Model(nn.Module): pass", {}),
        ("def make_tensor(names): pass", {"make_tensors": "make_tensor"}),
        ("def makeTensors(names): pass", {"make_tensors": "makeTensors"}),
        ("def tensors(names): pass", {}),
        ("def given(): pass\nclass _Model(nn.Module): pass", {}),
        ("def broken(:", {}),
    ],
)
def test_the_only_candidate_is_meant(text: str, renamed: dict[str, str]) -> None:
    assert ways(text).renamed == renamed


def test_classes_that_the_course_calls_alike_are_told_by_what_they_call() -> None:
    exercise = find_course().find("12")
    model = "class Model(torch.nn.Module):\n    def __init__(self):\n        self.net = torch.nn.{}(4, 4)\n{}"
    more = "        self.emb = torch.nn.Embedding(4, 10)\n"
    assert exercise.ways_of(model.format("RNNCell", "")).renamed == {"RNNCellModel": "Model"}
    assert exercise.ways_of(model.format("RNN", "")).renamed == {"RNNModel": "Model"}
    assert exercise.ways_of(model.format("RNN", more)).renamed == {"EmbeddingModel": "Model"}
    assert exercise.ways_of(model.format("LSTM", "")).renamed == {}


@pytest.mark.parametrize(
    ("text", "outside"),
    [
        ("w = 1\ndef forward(x): return x * w", {"forward": ["x", "w"]}),
        ("def inner(x): return x * w\ndef forward(x): return inner(x)", {"forward": ["x", "w"]}),
        ("def forward(x, w): return x * w", {}),
        ("def forward(x): return x * 2", {}),  # w is not used at all
        ("def forward(x):\n    w = 2\n    return x * w", {}),
        ("def forward(x, weight): return x * w", {}),  # takes one that it does not use
        ("def forward(*x): return x[0] * w", {}),
    ],
)
def test_an_argument_is_taken_from_outside_where_it_is_read_there(text: str, outside: dict[str, list[str]]) -> None:
    assert ways(text).outside == outside


def test_a_loop_is_named_where_the_function_is_missing() -> None:
    loop = "for epoch in range(3):\n    loss.backward()\n"
    known_by = {"train": "backward"}
    assert ways(f"x = 1\n{loop}", known_by).loops == {"train": 2}
    assert ways('if __name__ == "__main__":\n    for i in range(3): loss.backward()', known_by).loops == {"train": 2}
    assert ways(f"def train(model, lr): pass\n{loop}", known_by) == AS_ASKED
    assert ways("for i in range(3): print(i)", known_by) == AS_ASKED
    assert ways(loop) == AS_ASKED


def test_references_are_as_asked() -> None:
    """And what `known_by` names is what an exercise asks for."""
    for exercise in find_course().exercises:
        assert exercise.ways_of(exercise.reference.read_text(encoding="utf-8")) == AS_ASKED, exercise.name
        assert set(exercise.info.known_by) <= set(exercise.info.writes)
