"""The call that failed, as lines to read and a script to run."""

from __future__ import annotations

import types
from typing import Any

import torch

from dlex.judge.example import example_of
from dlex.judge.transcript import MAX_EXCHANGES, Exchange, Transcript
from dlex.kit.proxy import Remote
from dlex.kit.syntax import Source
from dlex.protocol.failure import UNKNOWN
from dlex.protocol.wire import Reference

CODE = """
import torch
from torch import nn

def mse(prediction, y):
    return ((prediction - y) ** 2).sum()

class LinearModel(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.layer = nn.Linear(width, 1)

    def forward(self, x):
        return self.layer(x) + 1
"""
SOURCE = Source(CODE)


def module(*path: str) -> Reference:
    return Reference("module", path)


def made(number: int, type_name: str) -> Remote:
    return Remote(None, Reference(number), type_name=type_name)  # type: ignore[arg-type]  # nobody is asked


def said(transcript: Transcript, name: str, value: Any, target: Reference | None = None, *args: Any) -> Any:
    transcript.add(Exchange(name, target, args, {}, value))
    return value


def run(script: str) -> dict[str, Any]:
    """What the script leaves, run on the code."""
    import sys

    own = sys.modules["answer"] = types.ModuleType("answer")
    exec(CODE, vars(own))
    scope: dict[str, Any] = {"sys": sys}
    exec(script.replace("{module}", "answer"), scope)
    return scope


def test_a_call_of_a_function() -> None:
    transcript = Transcript(5)
    came = said(transcript, "call", 5.0, module("mse"), torch.tensor([1.0, 2.0]), torch.tensor([0.0, 0.0]))
    found = example_of(transcript, SOURCE, came, 2.5)
    assert found is not None
    assert found.lines == ("mse(torch.tensor([1.0, 2.0]), torch.tensor([0.0, 0.0]))",)
    assert (found.gave, found.expected, found.numbers) == ("5.0", "2.5", 4)
    assert run(found.script)["yours"] == 5.0


def test_long_arguments_get_the_names_that_the_learner_gave_them() -> None:
    transcript = Transcript()
    x = torch.arange(12.0) / 7
    came = said(transcript, "call", torch.tensor(1.0), module("mse"), x, 1.5)
    found = example_of(transcript, SOURCE, came, torch.tensor(0.5))
    assert found is not None
    assert found.lines[0].startswith("prediction = torch.tensor([0.0, 0.14285715, ")
    assert found.lines[-1] == "mse(prediction, 1.5)"


def test_a_network_with_its_weights() -> None:
    transcript = Transcript()
    said(transcript, "call", 1.0, module("mse"), 1.0, 2.0)  # has nothing to do with it
    model = said(transcript, "call", made(0, "LinearModel"), module("LinearModel"), 2)
    said(transcript, "parameters", [], None, Reference(0))
    said(transcript, "load_parameters", None, None, Reference(0), [torch.tensor([[2.0, 3.0]]), torch.tensor([1.0])])
    came = said(transcript, "call", torch.tensor([[7.0]]), model._reference, torch.tensor([[1.0, 1.0]]))
    found = example_of(transcript, SOURCE, came, torch.tensor([[6.0]]))
    assert found is not None
    assert found.lines == (
        "model = LinearModel(2)",
        "weights = [torch.tensor([[2.0, 3.0]]), torch.tensor([1.0])]",
        "for parameter, weight in zip(model.parameters(), weights):",
        "    parameter.data = weight",
        "model(torch.tensor([[1.0, 1.0]]))",
    )
    assert run(found.script)["yours"].item() == 7.0


def test_a_gradient() -> None:
    transcript = Transcript()
    gradient = torch.tensor([2.0, 4.0])
    found_by_probe = {"output": torch.tensor(5.0), "connected": True, "inputs": [gradient], "parameters": []}
    y, upstream = torch.tensor([0.0, 0.0]), torch.tensor(3.0)
    said(
        transcript,
        "gradients",
        found_by_probe,
        None,
        module("mse"),
        [torch.tensor([1.0, 2.0]), y],
        {},
        [0],
        upstream,
        None,
    )
    found = example_of(transcript, SOURCE, gradient, torch.tensor([1.0, 2.0]))
    assert found is not None
    assert found.lines[-1] == "prediction.grad"
    assert run(found.script)["yours"].tolist() == [6.0, 12.0]


def test_a_part_of_what_came() -> None:
    transcript = Transcript()
    part = torch.tensor([1.0])
    said(transcript, "call", (0, {"a": part}), module("mse"), 1)
    found = example_of(transcript, SOURCE, part.detach(), torch.tensor([2.0]))
    assert found is not None
    assert found.lines == ("mse(1)[1]['a']",)


def test_what_is_computed_from_an_answer_is_not_said_to_be_its_value() -> None:
    transcript = Transcript()
    came = said(transcript, "call", torch.tensor([1.0, 2.0]), module("mse"), 1)
    found = example_of(transcript, SOURCE, came.sum(), torch.tensor(2.5))
    assert found is not None
    assert (found.lines, found.gave, found.expected) == (("mse(1)",), "", "")


def test_what_raised() -> None:
    transcript = Transcript()
    said(transcript, "call", UNKNOWN, module("mse"), 1, "a")
    found = example_of(transcript, SOURCE, raised="TypeError: no")
    assert found is not None
    assert (found.lines, found.gave, found.raised) == (("mse(1, 'a')",), "", "TypeError: no")


def test_there_is_none() -> None:
    assert example_of(Transcript(), SOURCE, 1.0, 2.0) is None
    unknown = Transcript()
    said(unknown, "call", 1.5, Reference(7), 1)  # a thing whose making nobody noted
    assert example_of(unknown, SOURCE) is None
    long = Transcript()
    for _ in range(MAX_EXCHANGES + 1):
        said(long, "call", 1.5, module("mse"), 1)
    assert example_of(long, SOURCE) is None


def evaluated(transcript: Transcript, value: Any, text: str, *names: Any) -> Any:
    return said(transcript, "call", value, Reference("builtins", ("eval",)), text, *names)


def test_what_is_evaluated_is_written_as_it_is() -> None:
    transcript = Transcript()
    function = evaluated(transcript, made(0, "function"), "lambda x: x ** 2")
    came = said(transcript, "call", 4.0, module("mse"), function._reference, 2.0)
    found = example_of(transcript, SOURCE, came, 5.0)
    assert found is not None
    assert found.lines == ("function = lambda x: x ** 2", "mse(function, 2.0)")


def test_expressions_of_things_that_the_attempt_holds_give_them_their_names() -> None:
    transcript = Transcript()
    a = said(transcript, "call", made(0, "LinearModel"), module("LinearModel"), 1)
    u = evaluated(
        transcript, made(1, "LinearModel"), "torch.nn.Sequential(a, a, w)", None, {"a": a._reference, "w": a._reference}
    )
    said(transcript, "call", None, Reference(u._reference.root, ("eval",)))
    came = said(transcript, "get", 2.5, Reference(a._reference.root, ("training",)))
    found = example_of(transcript, SOURCE, came, 5.0)
    assert found is not None
    assert found.lines == ("a = LinearModel(1)", "model = torch.nn.Sequential(a, a, a)", "model.eval()", "a.training")
