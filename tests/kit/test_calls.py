"""`like`, `gradients_like` and `raises`: what passes, which reason is told, and that a false one never is."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
import torch
from local import attempt_of

from dlex.course.text import Text
from dlex.kit import RECURRENT, SOFTMAX, Diagnosis, Inputs, JudgeFault, expect, when
from dlex.kit.proxy import Probes
from dlex.protocol.failure import CheckFailure
from dlex.protocol.result import Finding, Verdict

HALF = Diagnosis("half", en="A half.", zh="一半。")
DOUBLE = Diagnosis("double", en="Twice.", zh="两倍。")
OTHER = Diagnosis("other", en="Anything else.", zh="其他。")
SHAPE = Diagnosis("shape", en="Another shape.", zh="形状不对。")
CUT = Diagnosis("graph_cut", en="The graph is cut.", zh="计算图断了。")


def square(x: torch.Tensor) -> torch.Tensor:
    """The oracle of these tests."""
    return x * x


SLIPS: dict[Diagnosis, Any] = {HALF: [lambda x: x / 2, lambda x: x * x / 2], DOUBLE: lambda x: 2 * x}


def written(body: str, head: str = "def f(x):") -> Any:
    """The function `f` of an attempt."""
    return attempt_of(f"import torch\n{head}\n    {body}\n").f


def finding(check: Callable[[], Any]) -> Finding:
    """The finding of a check that fails."""
    with pytest.raises(CheckFailure) as caught:
        check()
    return caught.value.finding


@pytest.fixture
def x() -> torch.Tensor:
    """An input in which all values differ."""
    return Inputs(1).normal(3, 2, dtype=torch.float64)


def test_a_right_value_computes_no_slip(x: torch.Tensor) -> None:
    """The oracle's value comes back, and slips, which may be dear, are left alone."""

    def never(x: torch.Tensor) -> torch.Tensor:
        raise AssertionError

    assert torch.equal(written("return x ** 2").like(square, x, slips={HALF: never}), x * x)


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ("return x * x / 2", "half"),
        ("return x / 2", "half"),
        ("return 2 * x", "double"),
        ("return x + 17", "other"),
        ("return x[:1]", "shape"),
        ("return None", None),
        ("return (x * x).float()", None),
        ("return 'x'", None),
    ],
)
def test_the_reason_is_that_of_the_value(body: str, told: str | None, x: torch.Tensor) -> None:
    """A slip tells a value, `shape` a shape, `otherwise` any other value, and nothing is said of another type."""
    found = finding(lambda: written(body).like(square, x, slips=SLIPS, otherwise=OTHER, shape=SHAPE))
    assert found.diagnosis == told


def test_arguments_by_name_go_by_position(x: torch.Tensor) -> None:
    """The oracle gets them by name, the learner by position, and weights the oracle alone."""
    f = attempt_of("def f(a, b):\n    return a - b").f
    f.like(lambda left, right, scale: scale * (left - right), left=2 * x, right=x, weights={"scale": 1})


def test_of_two_reasons_that_fit_none_is_told() -> None:
    """For x = 2 its square is its double: only what the author prefers is told, if anything."""
    two, slips = torch.full((3,), 2.0), {HALF: lambda x: x * 4, DOUBLE: lambda x: x + 6}
    f = written("return x * 4")
    assert finding(lambda: f.like(square, two, slips=slips)).diagnosis is None
    assert finding(lambda: f.like(square, two, slips=slips, prefer=[DOUBLE])).diagnosis == "double"


def test_a_slip_that_makes_no_difference_explains_nothing() -> None:
    """Doubling 2 is right; what is nearly right is not told to be doubled."""
    two = torch.full((3,), 2.0)
    f = written("return x * x + torch.tensor([0.0, 0.0, 7e-4])")
    assert finding(lambda: f.like(square, two, slips={DOUBLE: lambda x: 2 * x}, rtol=1e-4)).diagnosis is None


def test_when_is_asked_last(x: torch.Tensor) -> None:
    """A property is a weaker sign than a value, and is looked at only where the form is right."""
    slips = {OTHER: when(lambda v: bool((v < 100).all())), HALF: lambda x: x * x / 2}
    assert finding(lambda: written("return x * x / 2").like(square, x, slips=slips)).diagnosis == "half"
    assert finding(lambda: written("return x - 1").like(square, x, slips=slips)).diagnosis == "other"
    assert finding(lambda: written("return x + 200").like(square, x, slips=slips)).diagnosis is None
    assert finding(lambda: written("return x[0]").like(square, x, slips=slips)).diagnosis is None
    loss = written("return x.sum() * 0 + 5.0")
    assert finding(lambda: loss.like(lambda x: 3.0, x, slips={OTHER: when(lambda v: v < 6)})).diagnosis == "other"


def test_a_tuple_is_several_results(x: torch.Tensor) -> None:
    """Each is compared under its own name, and a slip has to explain all of them."""

    def both(x: torch.Tensor) -> Any:
        return x.sum().item(), x * x

    what = (Text(en="the sum", zh="和"), Text(en="the square", zh="平方"))
    slips = {DOUBLE: lambda x: (2 * x.sum().item(), x * x), HALF: lambda x: (x.sum().item(), x / 2)}
    written("return x.sum(), x * x").like(both, x, what=what)
    assert finding(lambda: written("return 2 * x.sum(), x * x").like(both, x, slips=slips)).diagnosis == "double"
    found = finding(lambda: written("return 2 * x.sum(), x / 2").like(both, x, what=what, slips=slips))
    assert (found.diagnosis, found.message.en.partition(" is ")[0]) == (None, "The sum")
    assert "a tuple of 2 values" in finding(lambda: written("return x").like(both, x, what=what)).message.en


@pytest.mark.parametrize(("right", "wrong"), [("hello", "heloo"), (True, False), (["a", "b"], ["b", "a"])])
def test_text_and_truth_are_compared_exactly(right: Any, wrong: Any) -> None:
    """What holds no numbers has no tolerance, and slips all the same."""
    attempt_of(f"def f():\n    return {right!r}").f.like(right)
    assert finding(lambda: attempt_of(f"def f():\n    return {wrong!r}").f.like(right, slips={HALF: wrong and wrong}))
    f = attempt_of("def f():\n    return 'heloo'").f
    assert finding(lambda: f.like("hello", slips={HALF: "heloo"}, otherwise=OTHER)).diagnosis == "half"
    assert finding(lambda: f.like("hello", otherwise=OTHER)).diagnosis == "other"
    assert finding(lambda: f.like(True, otherwise=OTHER)).diagnosis is None


def test_calling_twice(x: torch.Tensor) -> None:
    """What changes by itself is random, what was right once has kept something; a steady slip is neither."""
    f = attempt_of("import torch\ndef f(x):\n    return x * x + torch.rand(())").f
    assert finding(lambda: f.like(square, x, random=HALF, kept=DOUBLE)).diagnosis == "half"
    f = attempt_of("calls = []\ndef f(x):\n    calls.append(1)\n    return x * x * len(calls)").f
    assert finding(lambda: f.like(square, x, random=HALF, kept=DOUBLE)).diagnosis == "double"
    assert finding(lambda: written("return x + 1").like(square, x, random=HALF, kept=DOUBLE)).diagnosis is None
    written("return x * x").like(square, x, random=HALF, kept=DOUBLE)


def test_an_exception_has_a_reason(x: torch.Tensor) -> None:
    """`errors` names it by its words."""
    found = finding(lambda: written("return x @ x").like(square, x, errors={OTHER: "cannot be multiplied"}))
    assert (found.verdict, found.diagnosis) == (Verdict.RAISED, "other")


def test_where_the_spec_is_at_fault(x: torch.Tensor) -> None:
    """An oracle that raises costs nobody a point."""
    with pytest.raises(JudgeFault):
        written("return x").like(lambda x: x @ x, x)


def test_a_slip_without_a_value(x: torch.Tensor) -> None:
    """One that raises on this draw, as by N - 1 of a single sample, explains nothing and breaks nothing."""
    slips = {OTHER: [lambda x: x.sum() / (1 // 0), lambda x: x @ x], HALF: lambda x: x * x / 2}
    assert finding(lambda: written("return x * x / 2").like(square, x, slips=slips)).diagnosis == "half"
    slips = {OTHER: lambda x: x.sum() / (1 // 0)}
    assert finding(lambda: written("return x").gradients_like(square, x, slips=slips)).diagnosis is None


def test_a_value_that_has_come_already(x: torch.Tensor) -> None:
    """`expect(...).like` takes an oracle or a value."""
    expect(x * x).like(square, x)
    assert finding(lambda: expect(x / 2).like(square, x, slips=SLIPS)).diagnosis == "half"
    assert finding(lambda: expect(x).like(torch.zeros(3, 2).double(), otherwise=OTHER)).diagnosis == "other"


def test_what_a_result_is_called(x: torch.Tensor) -> None:
    """By the function, or the class of the model."""
    assert finding(lambda: written("return x").like(square, x)).message.en.startswith("The result of f is ")
    model = attempt_of("import torch\nclass Net(torch.nn.Module):\n    def forward(self, x):\n        return x").Net()
    assert finding(lambda: model.like(square, x)).message.en.startswith("The output of Net is ")


def product(x: torch.Tensor, w: torch.Tensor) -> torch.Tensor:
    """An oracle of two arguments."""
    return x @ w.T


@pytest.mark.parametrize(
    ("body", "verdict", "told"),
    [
        ("return x.detach() @ w.T", Verdict.NO_GRADIENT, "graph_cut"),
        ("return (x @ w.T).data", Verdict.NO_GRADIENT, "graph_cut"),
        ("return x @ w.T + (x - x.detach()) @ w.T", Verdict.WRONG_GRADIENT, None),
        ("return x @ w.T / 2", Verdict.WRONG_VALUE, "half"),
    ],
)
def test_gradients(body: str, verdict: Verdict, told: str | None) -> None:
    """The value first, then whether a gradient comes, then by value for a random upstream."""
    given = Inputs(2).named({"x": "N I", "w": "O I"}, dtype=torch.float64)
    written("return torch.mm(x, w.t())", "def f(x, w):").gradients_like(product, **given, cut=CUT)
    f = written(body, "def f(x, w):")
    slips = {HALF: lambda x, w: x @ w.T / 2}
    found = finding(lambda: f.gradients_like(product, **given, cut=CUT, slips=slips))
    assert (found.verdict, found.diagnosis) == (verdict, told)
    if verdict is not Verdict.WRONG_VALUE:
        assert "`x`" in found.message.en


@pytest.mark.parametrize(
    ("body", "told"), [("return x * x.detach()", "half"), ("return x.detach() * x.data + x - x.detach()", None)]
)
def test_a_slip_that_only_gradients_show(body: str, told: str | None, x: torch.Tensor) -> None:
    """A slip that gives the right value explains gradients, if they are its own; else it explains nothing."""
    slips = {HALF: [lambda x: 2 * x, lambda x: x * x.detach()], OTHER: lambda x: x.detach() ** 2}
    found = finding(lambda: written(body).gradients_like(square, x, slips=slips, cut=CUT))
    assert (found.verdict, found.diagnosis) == (Verdict.WRONG_GRADIENT, told)


def test_gradients_without_an_argument_that_does_not_count() -> None:
    """Where the oracle has no gradient, none is asked for, and zeros will do; whole numbers have none."""
    x, mask, index = torch.randn(3), torch.randn(3), torch.tensor([2, 0])

    def picked(x: torch.Tensor, mask: torch.Tensor, index: torch.Tensor) -> torch.Tensor:
        return x[index]

    for body in ("return x[i]", "return x[i] + 0 * m[i]"):
        written(body, "def f(x, m, i):").gradients_like(picked, x, mask, index, cut=CUT)


def test_no_gradient_is_asked_of_what_is_constant() -> None:
    x, y = torch.tensor([1.0, 2.0], dtype=torch.float64), torch.tensor([1.0, 0.0], dtype=torch.float64)

    def chosen(x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
        return (x * y).sum()

    f = written("return x[y == 1].sum()", "def f(x, y):")
    assert finding(lambda: f.gradients_like(chosen, x, y, cut=CUT)).diagnosis == CUT.id
    f.gradients_like(chosen, x, y, cut=CUT, constant=("y",))
    f.gradients_like(chosen, x=x, y=y, cut=CUT, constant=("y",))


def test_a_number_in_place_of_a_tensor_has_no_graph() -> None:
    x = torch.tensor([1.0, 2.0])

    def total(x: torch.Tensor) -> torch.Tensor:
        return x.sum()

    found = finding(lambda: written("return x.sum().item()").gradients_like(total, x, cut=CUT))
    assert (found.verdict, found.diagnosis) == (Verdict.NO_GRADIENT, CUT.id)
    found = finding(lambda: written("return x.sum().item() + 1").gradients_like(total, x, cut=CUT))
    assert (found.verdict, found.diagnosis) == (Verdict.WRONG_VALUE, None)


def test_what_is_forbidden() -> None:
    """A right value and a right gradient by the wrong means."""
    given = Inputs(3).named({"x": "N I", "h": "N H", "wi": "H I", "wh": "H H", "bi": "H", "bh": "H"})
    f = attempt_of("import torch\ndef f(*given):\n    return torch.rnn_tanh_cell(*given)").f
    found = finding(lambda: f.gradients_like(torch_cell, **given, forbid={OTHER: RECURRENT}))
    assert (found.verdict, found.diagnosis) == (Verdict.FORBIDDEN_OP, "other")
    f.gradients_like(torch_cell, **given)


def test_what_is_used_is_noted_only_for_what_is_forbidden(x: torch.Tensor, monkeypatch: pytest.MonkeyPatch) -> None:
    """Noting is slow."""

    def never(*args: Any) -> Any:
        raise AssertionError

    monkeypatch.setattr(Probes, "observe", never)
    written("return x * x").gradients_like(square, x)
    with pytest.raises(AssertionError):
        written("return x * x").gradients_like(square, x, forbid={OTHER: RECURRENT})


def test_what_is_forbidden_in_a_value(x: torch.Tensor) -> None:
    """`like` watches too, where it is told what for; a wrong value is told first."""
    forbid = {OTHER: SOFTMAX}
    f = written("return torch.softmax(x, -1)")
    assert finding(lambda: f.like(lambda x: x.softmax(-1), x, forbid=forbid)).diagnosis == "other"
    assert finding(lambda: f.like(square, x, forbid=forbid)).verdict is Verdict.WRONG_VALUE
    by_hand = written("return x.exp() / x.exp().sum(-1, keepdim=True)")
    by_hand.like(lambda x: x.softmax(-1), x, forbid=forbid)


@pytest.mark.parametrize(("body", "told"), [("return x.sum().item()", "graph_cut"), ("return x.sum().float()", None)])
def test_a_slip_that_leaves_torch(body: str, told: str | None, x: torch.Tensor) -> None:
    """A Python number in the place of a tensor is recognised; a tensor of another dtype is not taken for it."""
    f, slips = written(body), {CUT: lambda x: x.sum().item()}
    found = finding(lambda: f.like(torch.sum, x, slips=slips))
    assert found.diagnosis == told


def torch_cell(x: Any, h: Any, wi: Any, wh: Any, bi: Any, bh: Any) -> torch.Tensor:
    """A recurrent cell."""
    return torch.tanh(x @ wi.T + bi + h @ wh.T + bh)


RAISING = """
class Diverged(ArithmeticError):
    pass
class Odd(Exception):
    pass
def own():
    raise Diverged('far')
def derived():
    return 1 / 0
def odd():
    raise Odd('far')
def value():
    if True: raise ValueError('far')
def accident():
    return undefined_name
def silent():
    return 3
"""


@pytest.mark.parametrize("name", ["own", "derived"])
def test_raises(name: str) -> None:
    """A subclass will do, one of Python's own or the learner's."""
    attempt_of(RAISING)[name].raises(ArithmeticError, instead=OTHER, silent=HALF)


@pytest.mark.parametrize(
    ("name", "verdict", "told"),
    [
        ("odd", Verdict.RAISED, "other"),
        ("value", Verdict.RAISED, "other"),
        ("accident", Verdict.RAISED, None),
        ("silent", Verdict.WRONG_VALUE, "half"),
    ],
)
def test_raises_another_one(name: str, verdict: Verdict, told: str | None) -> None:
    """The wrong class was chosen if a line of the learner's raises it; an accident is no choice."""
    found = finding(lambda: attempt_of(RAISING)[name].raises(ArithmeticError, instead=OTHER, silent=HALF))
    assert (found.verdict, found.diagnosis) == (verdict, told)
    if told is None:
        assert found.explanation is not None
        assert found.explanation.en == "Here ArithmeticError is expected."
    found = finding(lambda: attempt_of(RAISING)[name].raises((ArithmeticError, LookupError)))
    assert found.diagnosis is None
    assert "ArithmeticError or LookupError" in f"{found.message.en} {found.explanation and found.explanation.en}"


@pytest.mark.parametrize(("more", "told"), [("torch.rand_like(x)", True), ("1", False)])
def test_a_module_that_gives_other_values_each_time_is_told_so(more: str, told: bool, x: torch.Tensor) -> None:
    """As one with dropout does; no reason is named for a value that is always the same."""
    body = f"class M(torch.nn.Module):\n    def forward(self, x):\n        return x * x + {more}\n"
    module = attempt_of(f"import torch\n{body}").M()
    for ask in (module.like, partial(module.gradients_like, cut=None)):
        advice = finding(partial(ask, square, x=x)).next_step
        assert (advice is not None and "Called again" in advice.en) is told
