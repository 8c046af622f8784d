"""`module.weights`: by shape and order, shared ones once, lazy ones after a run, and what wrong shapes mean."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
import torch
from local import attempt_of
from torch.nn import functional as F

from dlex.kit import Diagnosis, Inputs, Remote
from dlex.kit.weights import _layout
from dlex.protocol.failure import CheckFailure
from dlex.protocol.result import Finding, Verdict

PART = Diagnosis("part_missing", en="A part is missing.", zh="缺一部分。")
EXTRA = Diagnosis("too_many", en="Too many.", zh="太多。")
SWAPPED = Diagnosis("swapped", en="Swapped.", zh="反了。")
OTHER = Diagnosis("wrong_sizes", en="Wrong sizes.", zh="大小不对。")
ELSE = Diagnosis("other", en="Something else.", zh="其他。")
CUT = Diagnosis("graph_cut", en="Cut.", zh="断了。")
SHAPES = {"w": (2, 3), "b": (2,)}

NETS = """
import torch
from torch import nn
class Net(nn.Module):
    def __init__(self, make):
        super().__init__()
        make(self)
        self.make = make
    def forward(self, x):
        return self.run(x)
def plain(net):
    net.fc = nn.Linear(3, 2)
    net.run = net.fc
def twice(net):
    net.fc = nn.Linear(3, 2)
    net.body = nn.Sequential(net.fc)
    net.run = lambda x: net.body(x)
def lazy(net):
    net.fc = nn.LazyLinear(2)
    net.run = net.fc
def bias_first(net):
    net.shift, net.scale = nn.Parameter(torch.zeros(2)), nn.Parameter(torch.zeros(2, 3))
    net.run = lambda x: x @ net.scale.T + net.shift
def hidden(net):
    net.fc = [nn.Linear(3, 2)]
    net.run = lambda x: net.fc[0](x)
def unbiased(net):
    net.run = net.fc = nn.Linear(3, 2, bias=False)
def more(net):
    net.fc, net.other = nn.Linear(3, 2), nn.Linear(5, 4)
    net.run = net.fc
def swapped(net):
    net.run = net.fc = nn.Linear(2, 3)
def odd(net):
    net.run = net.fc = nn.Linear(7, 2)
def both(net):
    net.run = net.fc = nn.Linear(7, 4, bias=False)
def cut(net):
    net.fc = nn.Linear(3, 2)
    net.run = lambda x: x @ net.fc.weight.T.detach() + net.fc.bias
def last_first(net):
    net.out, net.inner = nn.Linear(2, 2), nn.Linear(3, 2)
    net.run = lambda x: net.out(net.inner(x))
def train(net, x, y):
    net.fc.weight.data += 1
"""


def built(name: str) -> Remote:
    """A network of the attempt."""
    attempt = attempt_of(NETS)
    model: Remote = attempt.Net(attempt[name])
    return model


def linear(x: torch.Tensor, w: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    """The oracle."""
    return F.linear(x, w, b)


def finding(check: Callable[[], Any]) -> Finding:
    """The finding of a check that fails."""
    with pytest.raises(CheckFailure) as caught:
        check()
    return caught.value.finding


@pytest.mark.parametrize("name", ["plain", "twice", "lazy", "bias_first"])
def test_a_network_like_its_oracle(name: str) -> None:
    """Whatever its layers are called, however often they are registered, and in whatever order."""
    rng, model = Inputs(1), built(name)
    x = rng.normal(4, 3)
    weights = model.weights.expect(SHAPES, missing=PART, extra=EXTRA, fed=[x]).randomise(rng)
    assert list(weights) == ["w", "b"]
    assert all(bool((value != 0).all()) for value in weights.values())
    model.like(partial(linear, **weights), x)
    model.like(linear, x=x, weights=weights)
    model.gradients_like(linear, x=x, weights=weights, cut=CUT)


@pytest.mark.parametrize(
    ("name", "shapes"),
    [
        ("bias_first", {"shift": (2,), "scale": (2, 3)}),
        ("twice", {"fc.weight": (2, 3), "fc.bias": (2,)}),
        ("lazy", {"fc.weight": (2, 3), "fc.bias": (2,)}),
        ("hidden", {}),
    ],
)
def test_shapes_by_name(name: str, shapes: dict[str, tuple[int, ...]]) -> None:
    """In the order of registration, and each once."""
    found = built(name).weights.shapes(fed=[torch.zeros(1, 3)])
    assert list(found.items()) == list(shapes.items())


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("hidden", "part_missing"),
        ("unbiased", "part_missing"),
        ("more", "too_many"),
        ("swapped", "swapped"),
        ("odd", "wrong_sizes"),
        ("both", "other"),
    ],
)
def test_wrong_shapes(name: str, told: str) -> None:
    """Some are missing, there are others too, or they are those of a misconception."""
    options = {
        "missing": PART,
        "extra": EXTRA,
        "sizes": OTHER,
        "otherwise": ELSE,
        "slips": {SWAPPED: {"w": (3, 2), "b": (3,)}},
    }
    assert finding(lambda: built(name).weights.expect(SHAPES, **options)).diagnosis == told  # type: ignore[arg-type]  # by name
    assert finding(lambda: built(name).weights.expect(SHAPES)).diagnosis is None


def test_a_cut_gradient_is_named_as_the_learner_names_it() -> None:
    """The weight that no gradient reaches."""
    rng, model = Inputs(1), built("cut")
    weights = model.weights.expect(SHAPES).randomise(rng)
    found = finding(lambda: model.gradients_like(linear, x=rng.normal(4, 3), weights=weights, cut=CUT))
    assert (found.verdict, found.diagnosis) == (Verdict.NO_GRADIENT, "graph_cut")
    assert "`fc.weight`" in found.message.en


def test_weights_after_training() -> None:
    """`now` reads them again, `like` compares all of them, and a slip has to explain all."""
    attempt = attempt_of(NETS)
    model = attempt.Net(attempt.plain)
    before = model.weights.expect(SHAPES).randomise(Inputs(1))
    before.now().like(before)
    attempt.train(model, 0, 0)
    after = {"w": before["w"] + 1, "b": before["b"]}
    before.now().like(after)
    found = finding(
        lambda: before.now().like(before, slips={SWAPPED: [{"w": before["w"], "b": before["b"] + 1}, after]})
    )
    assert found.diagnosis == "swapped"
    assert "`fc.weight`" in found.message.en
    found = finding(lambda: before.now().like(before, slips={PART: lambda: before, SWAPPED: lambda: after}))
    assert found.diagnosis == "swapped"


def test_a_module_as_a_step_of_the_judge() -> None:
    """Its value and its gradients are those of the formula, for weights that autograd sees; other ones have none."""
    rng, model = Inputs(1), built("more")
    weights, x = model.weights.all().randomise(rng), rng.normal(4, 3)
    assert list(weights) == ["fc.weight", "fc.bias", "other.weight", "other.bias"]
    leaves = {name: (2 * value).requires_grad_() for name, value in weights.items()}
    found = weights.called(x, **leaves)
    right = linear(x, leaves["fc.weight"], leaves["fc.bias"])
    torch.testing.assert_close(found, right)
    upstream = rng.normal(4, 2)
    for got, gradient in zip(*(_gradients(y, upstream, leaves) for y in (found, right)), strict=True):
        assert (got is None) == (gradient is None)
        torch.testing.assert_close(got, gradient)


def _gradients(y: torch.Tensor, upstream: torch.Tensor, leaves: dict[str, torch.Tensor]) -> Any:
    return torch.autograd.grad(y, list(leaves.values()), upstream, allow_unused=True)


def test_shapes_and_names() -> None:
    """The learner's names and shapes, and the weights that are taken by them, in the order of the oracle."""
    model = built("bias_first")
    assert model.weights.shapes() == {"shift": (2,), "scale": (2, 3)}
    assert built("lazy").weights.shapes(fed=[torch.zeros(1, 3)]) == {"fc.weight": (2, 3), "fc.bias": (2,)}
    weights = model.weights.named({"w": "scale", "b": "shift"}).randomise(Inputs(1))
    model.gradients_like(linear, x=torch.ones(4, 3), weights=weights, cut=CUT)


def test_shapes_are_asked_for_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """However often they are looked at; a lazy layer is asked again after its run."""
    asked: list[Remote] = []

    def counted(module: Remote) -> Any:
        asked.append(module)
        return _layout(module)

    monkeypatch.setattr("dlex.kit.weights._layout", counted)
    for name, times in (("plain", 1), ("lazy", 2)):
        asked.clear()
        own = built(name).weights
        own.shapes(fed=[torch.ones(4, 3)])
        weights = own.expect(SHAPES).randomise(Inputs(1))
        assert weights.in_order(["first", "second"]) == ["first", "second"]
        assert len(asked) == times


@pytest.mark.parametrize("name", ["plain", "twice", "lazy"])
def test_all_weights(name: str) -> None:
    """Whatever there is, by the learner's names, each once."""
    rng, model = Inputs(1), built(name)
    weights = model.weights.all(missing=PART, fed=[rng.normal(4, 3)]).randomise(rng)
    assert list(weights) == ["fc.weight", "fc.bias"]
    assert torch.equal(weights.now()["fc.bias"], weights["fc.bias"])


def test_no_weights() -> None:
    """Layers in a plain list are none."""
    assert finding(lambda: built("hidden").weights.all(missing=PART)).diagnosis == "part_missing"


def test_slips_of_weights_are_computed_only_if_they_are_wrong() -> None:
    """A slip may be a function that makes them."""
    weights = built("plain").weights.expect(SHAPES).randomise(Inputs(1))

    def never() -> dict[str, torch.Tensor]:
        raise AssertionError

    weights.like(weights, slips={PART: never})
    doubled = {role: 2 * value for role, value in weights.items()}
    assert finding(lambda: weights.like(doubled, slips={PART: lambda: weights})).diagnosis == "part_missing"


def test_a_bias_is_that_of_its_own_weight() -> None:
    """Whichever layer was made first, if two have biases of one size."""
    shapes = {"w1": (2, 3), "b1": (2,), "w2": (2, 2), "b2": (2,)}
    weights = built("last_first").weights.expect(shapes)
    assert weights.names == {"w1": "inner.weight", "b1": "inner.bias", "w2": "out.weight", "b2": "out.bias"}
