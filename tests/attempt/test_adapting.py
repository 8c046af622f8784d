"""What a learner wrote in another way than the stub has the name and the arguments that are asked for."""

from __future__ import annotations

from typing import Any

import pytest

from dlex.attempt.adapting import adapt

SCRIPT = """
w = 1.0
def forward(x):
    return x * w
def loss(x, y):
    return (forward(x) - y) ** 2
def search(x, y):
    global w
    found = []
    for w in (1.0, 2.0):
        found.append(loss(x, y))
    return found
class Model: pass
"""


@pytest.fixture
def module() -> dict[str, Any]:
    namespace: dict[str, Any] = {}
    exec(SCRIPT, namespace)
    adapt(namespace, {"Net": "Model", "None": "nothing"}, {"forward": ["x", "w"], "loss": ["x", "y", "w"]})
    return namespace


def test_a_class_has_both_names(module: dict[str, Any]) -> None:
    assert module["Net"] is module["Model"]
    assert "None" not in module


def test_what_is_taken_from_outside_can_be_passed(module: dict[str, Any]) -> None:
    assert module["forward"](3.0, 2.0) == 6.0
    assert module["forward"](3.0, w=2.0) == 6.0
    assert module["loss"](3.0, 4.0, 2.0) == 4.0
    assert module["w"] == 1.0


def test_calls_of_the_learners_own_do_what_they_did(module: dict[str, Any]) -> None:
    assert module["forward"](3.0) == 3.0
    assert module["search"](3.0, 4.0) == [1.0, 4.0]


def test_wrong_calls_are_the_functions_own(module: dict[str, Any]) -> None:
    with pytest.raises(TypeError, match=r"forward\(\) takes 1"):
        module["forward"](1, 2, 3)


def test_nothing_is_left_where_there_was_nothing(module: dict[str, Any]) -> None:
    del module["w"]
    assert module["forward"](3.0, 2.0) == 6.0
    assert "w" not in module
