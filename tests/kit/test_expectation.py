"""`expect`: each level in its order, each remark, and sentences in both languages."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch

from dlex.course.text import Text
from dlex.devices.run import running_on
from dlex.kit import Diagnosis, expect, explaining, fail, fail_if, place
from dlex.kit.proxy import Remote
from dlex.protocol.failure import CheckFailure
from dlex.protocol.origin import Origin, from_origin
from dlex.protocol.result import Finding, RaisedException, Verdict
from dlex.protocol.wire import Reference

T = torch.tensor
LOSS = Text(en="the loss", zh="损失")
SUM = Diagnosis("sum_not_mean", en="You add the losses up.", zh="你把损失加了起来。")
OTHER = Diagnosis("other", en="Another mistake.", zh="另一个错误。")
REMOTE = Remote(None, Reference(3), type_name="Liar")  # type: ignore[arg-type]  # nothing is asked of it
NAN, INF = math.nan, math.inf
UNFILLED = re.compile(r"\{(what|actual|expected|wanted|kind|name|got|want|at|value|where|n)\}")


def finding(check: Callable[[], Any]) -> Finding:
    """The finding of a check that fails, with two sentences that are whole."""
    with pytest.raises(CheckFailure) as caught:
        check()
    found = caught.value.finding
    assert found.message.en.endswith(".")
    assert found.message.zh.endswith("。")
    assert not UNFILLED.search(found.message.en + found.message.zh)
    return found


def verdict(actual: Any, expected: Any, **options: Any) -> Verdict:
    """What `close_to` finds."""
    return finding(lambda: expect(actual, LOSS).close_to(expected, **options)).verdict


def tensor_from(device: str = "cpu", subclass: str = "") -> torch.Tensor:
    """A tensor as it arrives from an attempt where it was special."""
    return from_origin(torch.ones(2), Origin(device, subclass))


PASSING: list[tuple[Any, Any]] = [
    (T([1.0, 2.0]), T([1.0, 2.0])),
    (T([1.0, 2.0]) * (1 + 5e-5), T([1.0, 2.0])),
    (T([1.0], requires_grad=True), T([1.0])),
    (T([], dtype=torch.float32), T([], dtype=torch.float32)),
    (T([True, False]), T([True, False])),
    (T([1, 2]), T([1, 2])),
    (T([1 + 2j]), T([1 + 2j])),
    (T([INF, -INF, 1.0]), T([INF, -INF, 1.0])),
    (T([NAN, 1.0]), T([NAN, 1.0])),
    (1.0, 1.0),
    (1, 1.0),
    (True, 1),
    (T(1.0), 1.0),
    (T(1.0, dtype=torch.float64), 1.0),
    (np.array(1.0), 1.0),
    ([1.0, 2], [1.0, 2.0]),
    ((1.0, T(2.0)), [1.0, 2.0]),
    (T([1.0, 2.0]), [1.0, 2.0]),
    (np.array([1.0, 2.0]), [1.0, 2.0]),
    ([[1.0], [2.0]], np.array([[1.0], [2.0]])),
]


@pytest.mark.parametrize(("actual", "expected"), PASSING, ids=repr)
def test_equal_values_pass(actual: Any, expected: Any) -> None:
    expect(actual).close_to(expected)


LEVELS: list[tuple[Any, Any, Verdict]] = [
    # type
    (None, T([1.0]), Verdict.WRONG_TYPE),
    (1.0, T([1.0]), Verdict.WRONG_TYPE),
    ([1.0], T([1.0]), Verdict.WRONG_TYPE),
    (np.ones(1), torch.ones(1), Verdict.WRONG_TYPE),
    (REMOTE, T([1.0]), Verdict.WRONG_TYPE),
    (REMOTE, 1.0, Verdict.WRONG_TYPE),
    (REMOTE, [1.0], Verdict.WRONG_TYPE),
    ("1.0", 1.0, Verdict.WRONG_TYPE),
    ([1.0], 1.0, Verdict.WRONG_TYPE),
    ([1.0, "x"], [1.0, 2.0], Verdict.WRONG_TYPE),
    ([1.0, REMOTE], [1.0, 2.0], Verdict.WRONG_TYPE),
    ([[1.0], [1.0, 2.0]], [1.0, 2.0], Verdict.WRONG_TYPE),
    ({1.0: 2.0}, [1.0], Verdict.WRONG_TYPE),
    (tensor_from(subclass="Liar"), torch.ones(2), Verdict.WRONG_TYPE),
    # shape, before anything could be broadcast
    (T(1.0), torch.ones(4, 5), Verdict.WRONG_SHAPE),
    (torch.ones(4, 5), T(1.0), Verdict.WRONG_SHAPE),
    (torch.ones(1, 5), torch.ones(4, 5), Verdict.WRONG_SHAPE),
    (torch.ones(5, 1), torch.ones(5), Verdict.WRONG_SHAPE),
    (T([1.0]), 1.0, Verdict.WRONG_SHAPE),
    (torch.zeros(0), torch.ones(3), Verdict.WRONG_SHAPE),
    ([1.0], [1.0, 2.0], Verdict.WRONG_SHAPE),
    # dtype
    (T([1.0], dtype=torch.float64), T([1.0]), Verdict.WRONG_DTYPE),
    (T([1]), T([1.0]), Verdict.WRONG_DTYPE),
    (T([1.0]), T([1]), Verdict.WRONG_DTYPE),
    (T([True]), T([1]), Verdict.WRONG_DTYPE),
    # device
    (tensor_from("cuda:0"), torch.ones(2), Verdict.WRONG_DEVICE),
    (torch.ones(2), tensor_from("cuda:0"), Verdict.WRONG_DEVICE),
    # finite
    (T([NAN, 1.0]), T([1.0, 1.0]), Verdict.NOT_FINITE),
    (T([1.0, INF]), T([1.0, 1.0]), Verdict.NOT_FINITE),
    (NAN, 1.0, Verdict.NOT_FINITE),
    ([1.0, -INF], [1.0, 1.0], Verdict.NOT_FINITE),
    # value
    (T([1.0, 2.0]), T([1.0, 2.1]), Verdict.WRONG_VALUE),
    (T([1.0, 1.0]), T([1.0, NAN]), Verdict.WRONG_VALUE),
    (T([1.0, 1.0]), T([1.0, INF]), Verdict.WRONG_VALUE),
    (T([-INF]), T([INF]), Verdict.WRONG_VALUE),
    (T([INF]), T([NAN]), Verdict.WRONG_VALUE),
    (T([1 + 2j]), T([1 - 2j]), Verdict.WRONG_VALUE),
    (T([1, 2]), T([1, 3]), Verdict.WRONG_VALUE),
    (T([1_000_000]), T([1_000_001]), Verdict.WRONG_VALUE),
    (2.0, 1.0, Verdict.WRONG_VALUE),
]


@pytest.mark.parametrize(("actual", "expected", "wanted"), LEVELS, ids=lambda v: repr(v)[:60])
def test_the_first_level_that_fails_is_named(actual: Any, expected: Any, wanted: Verdict) -> None:
    assert verdict(actual, expected) is wanted


def test_the_levels_come_in_order() -> None:
    """Wrong in every way, a value is told one level after the other as each is put right."""
    wanted = torch.ones(2, 3)
    wrong = torch.full((3, 2), NAN, dtype=torch.float64)
    from_origin(wrong, Origin("cuda:0"))
    assert verdict(wrong, wanted) is Verdict.WRONG_SHAPE
    right_shape = wrong.reshape(2, 3)
    from_origin(right_shape, Origin("cuda:0"))
    assert verdict(right_shape, wanted) is Verdict.WRONG_DTYPE
    right_dtype = right_shape.float()
    from_origin(right_dtype, Origin("cuda:0"))
    assert verdict(right_dtype, wanted) is Verdict.WRONG_DEVICE
    assert verdict(right_dtype.clone(), wanted) is Verdict.NOT_FINITE
    assert verdict(torch.zeros(2, 3), wanted) is Verdict.WRONG_VALUE


def test_sentences_name_the_value_in_both_languages() -> None:
    found = finding(lambda: expect(T([1.0, 5.0]), LOSS).close_to(T([1.0, 2.0])))
    assert found.message.en == "The loss is 5 at [1], expected 2."
    assert found.message.zh == "损失在 [1] 处是 5，应为 2。"
    assert finding(lambda: expect(1.0, "f(x)").close_to(2.0)).message.en == "`f(x)` is 1, expected 2."
    assert finding(lambda: expect(None).close_to(2.0)).message.zh == "结果是 None，应为一个数。"


def test_text_of_the_attempt_is_never_taken_for_a_template() -> None:
    for text in ("{what}", "{0}", "{", "%s", "{actual.__class__}"):
        with pytest.raises(CheckFailure) as caught:
            expect(text).equals("x")
        assert text in caught.value.finding.message.en


def test_a_missing_return_is_guessed() -> None:
    found = finding(lambda: expect(None).close_to(T([1.0])))
    assert found.next_step is not None
    assert "return" in found.next_step.en


def test_a_comparison_has_numbers() -> None:
    found = finding(lambda: expect(T([[1.0, 2.0], [3.0, 5.0]])).close_to(T([[1.0, 2.5], [3.0, 4.0]]))).comparison
    assert found is not None
    assert (found.actual, found.expected, found.where) == ("5", "4", "[1, 1]")
    assert (found.mismatched, found.total) == (2, 4)
    assert found.largest_error == pytest.approx(1.0)
    assert found.tolerance == pytest.approx(1e-5 + 4e-4)


RATIOS = [
    (2.0, {}, "twice"),
    (0.5, {}, "half"),
    (-1.0, {}, "sign"),
    (-2.0, {}, "-2"),
    (-0.5, {}, "-1/2"),
    (3.5, {}, "3.5"),
    (7.0, {"N": 7}, "N = 7"),
    (1 / 7, {"N": 7}, "too small"),
    (2.0, {"N": 2}, "N = 2"),
]


@pytest.mark.parametrize(("ratio", "sizes", "part"), RATIOS)
def test_a_constant_ratio_is_told(ratio: float, sizes: dict[str, int], part: str) -> None:
    wanted = torch.randn(7, generator=torch.Generator().manual_seed(1))
    found = finding(lambda: expect(wanted * ratio).close_to(wanted, sizes=sizes))
    assert found.comparison is not None
    assert found.comparison.ratio == pytest.approx(ratio, rel=1e-3)
    assert found.explanation is not None
    assert part in found.explanation.en
    assert found.explanation.zh != found.explanation.en


@pytest.mark.parametrize(
    ("actual", "wanted"),
    [
        (T([0.0, 0.0]), T([1.0, 2.0])),
        (T([1.0, 2.0]), T([0.0, 0.0])),
        (T([2.0, 4.1]), T([1.0, 2.0])),
        (T([2.0, 4.0, 1.0]), T([1.0, 2.0, 0.0])),
    ],
)
def test_what_is_no_constant_ratio_is_not_told_as_one(actual: torch.Tensor, wanted: torch.Tensor) -> None:
    found = finding(lambda: expect(actual).close_to(wanted))
    assert found.comparison is not None
    assert found.comparison.ratio is None


REMARKS = [
    (T([[1.0, 2.0], [3.0, 4.5]]).T.contiguous(), T([[1.0, 2.0], [3.0, 4.5]]), "transpose"),
    (T([[4.5, 1.0], [3.0, 2.0]]), T([[1.0, 2.0], [3.0, 4.5]]), "other places"),
    (T([1.5, 2.5, 9.5]), T([1.0, 2.0, 9.0]), "same amount, 0.5"),
    (torch.zeros(3, 4), torch.ones(4, 3), "transpose"),
    (torch.zeros(3, 1), torch.zeros(3), "size 1 too many"),
    (torch.zeros(3), torch.zeros(3, 1), "size 1, is missing"),
    (torch.zeros(3, 3), torch.zeros(3), "broadcasting"),
    (torch.zeros(3), T(0.0), "reduce it"),
    (T(0.0), torch.zeros(3), "reduced to one number"),
]


@pytest.mark.parametrize(("actual", "wanted", "part"), REMARKS, ids=[r[2] for r in REMARKS])
def test_what_a_difference_looks_like_is_told(actual: torch.Tensor, wanted: torch.Tensor, part: str) -> None:
    found = finding(lambda: expect(actual).close_to(wanted))
    assert found.explanation is not None
    assert part in found.explanation.en
    assert found.explanation.zh != found.explanation.en


def test_nothing_is_remarked_when_it_is_like_nothing() -> None:
    assert finding(lambda: expect(T([1.0, 7.0, -2.0])).close_to(T([3.0, 4.0, 5.0]))).explanation is None
    assert finding(lambda: expect(torch.zeros(2, 5)).close_to(torch.zeros(3, 4))).explanation is None


def test_the_value_of_a_misconception_gets_its_diagnosis() -> None:
    wanted = T([1.0, 2.0])
    mistakes = {OTHER: T([9.0, 9.0]), SUM: lambda: wanted * 5}
    found = finding(lambda: expect(wanted * 5).close_to(wanted, mistakes=mistakes))
    assert (found.diagnosis, found.explanation) == ("sum_not_mean", SUM.text)
    assert found.verdict is Verdict.WRONG_VALUE
    assert finding(lambda: expect(wanted * 6).close_to(wanted, mistakes=mistakes)).diagnosis is None


def test_a_misconception_may_have_another_shape_or_nan() -> None:
    found = finding(lambda: expect(torch.ones(3, 3)).close_to(torch.ones(3), mistakes={SUM: torch.ones(3, 3)}))
    assert (found.verdict, found.diagnosis) == (Verdict.WRONG_SHAPE, "sum_not_mean")
    found = finding(lambda: expect(T([NAN])).close_to(T([1.0]), mistakes={OTHER: T([2.0]), SUM: T([NAN])}))
    assert (found.verdict, found.diagnosis) == (Verdict.NOT_FINITE, "sum_not_mean")


def test_right_values_never_meet_a_mistake() -> None:
    expect(T([1.0])).close_to(T([1.0]), mistakes={SUM: lambda: pytest.fail("asked without need")})


def test_a_verdict_of_the_authors_goes_with_the_value_only() -> None:
    assert verdict(T([2.0]), T([1.0]), verdict=Verdict.WRONG_GRADIENT) is Verdict.WRONG_GRADIENT
    assert verdict(T([2.0, 1.0]), T([1.0]), verdict=Verdict.WRONG_GRADIENT) is Verdict.WRONG_SHAPE


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float32, torch.float64])
def test_tolerances_follow_the_dtype(dtype: torch.dtype) -> None:
    wanted = torch.linspace(1, 2, 9).to(dtype)
    allowed = {torch.float16: 1e-2, torch.bfloat16: 3e-2, torch.float32: 5e-5, torch.float64: 5e-8}[dtype]
    expect((wanted.double() * (1 + allowed)).to(dtype)).close_to(wanted)
    assert verdict((wanted.double() * (1 + 20 * allowed)).to(dtype), wanted) is Verdict.WRONG_VALUE


def test_tolerances_can_be_given() -> None:
    expect(1.1).close_to(1.0, rtol=0.2)
    expect(1.1).close_to(1.0, rtol=0.0, atol=0.2)
    assert verdict(1.0 + 1e-6, 1.0, rtol=0.0, atol=0.0) is Verdict.WRONG_VALUE


EQUAL: list[tuple[Any, Any]] = [
    (1, 1), (1.0, 1), ("a", "a"), (None, None), (True, True), ([1, [2, "x"]], (1, [2, "x"])),
    (torch.Size([2, 3]), (2, 3)), (T([1, 2]), [1, 2]), (np.array([1, 2]), [1, 2]),
    ({"a": 1}, {"a": 1}), ({1, 2}, {2, 1}), (T(5), 5),
]  # fmt: skip
DIFFERENT: list[tuple[Any, Any]] = [
    (True, 1), (1, True), ([True], [1]), ("1", 1), (None, 0), ([1], [1, 2]), (REMOTE, 1), ([REMOTE], [1]),
    ({"a": 1}, {"a": 2}), ("x", ["x"]), (1, None), (REMOTE, REMOTE), (T([1, 2]), [1, 3]),
]  # fmt: skip


@pytest.mark.parametrize(("actual", "expected"), EQUAL, ids=repr)
def test_equal_plain_data_is_equal(actual: Any, expected: Any) -> None:
    expect(actual).equals(expected)


@pytest.mark.parametrize(("actual", "expected"), DIFFERENT, ids=repr)
def test_different_plain_data_is_not(actual: Any, expected: Any) -> None:
    assert finding(lambda: expect(actual).equals(expected)).verdict is Verdict.WRONG_VALUE


def test_long_values_are_shortened_in_sentences() -> None:
    found = finding(lambda: expect(list(range(1000))).equals([1]))
    assert len(found.message.en) < 200
    assert "..." in found.message.en


def test_equals_recognises_misconceptions() -> None:
    found = finding(lambda: expect(4).equals(2, mistakes={OTHER: 3, SUM: lambda: 4}))
    assert found.diagnosis == "sum_not_mean"


def test_shapes() -> None:
    expect(torch.zeros(2, 3)).has_shape(2, 3)
    found = finding(lambda: expect(torch.zeros(3, 2), LOSS).has_shape(2, 3, mistakes={SUM: (3, 2)}))
    assert (found.verdict, found.diagnosis) == (Verdict.WRONG_SHAPE, "sum_not_mean")
    assert found.message.en == "The loss has shape (3, 2), expected (2, 3)."
    for thing in (None, [1.0], np.zeros(3), REMOTE, tensor_from(subclass="Liar")):
        assert finding(lambda thing=thing: expect(thing).has_shape(3)).verdict is Verdict.WRONG_TYPE


def test_items() -> None:
    assert expect((1, 2)).items(2) == [1, 2]
    assert expect([1, 2]).items(2) == [1, 2]
    for thing in (None, (1,), (1, 2, 3), {1: 2, 3: 4}, "ab", torch.zeros(2), REMOTE):
        finding(lambda thing=thing: expect(thing).items(2))


def test_number_and_numbers() -> None:
    assert expect(T(2.5)).number() == expect(2.5).number() == expect(np.array(2.5)).number() == 2.5
    assert expect([1, 2.5]).numbers(2).tolist() == expect(T([1.0, 2.5])).numbers().tolist() == [1.0, 2.5]
    for thing in (None, "1", [1.0], REMOTE, {}):
        finding(lambda thing=thing: expect(thing).number())
    for thing in (T([1.0, 2.0]), np.ones(0)):
        assert finding(lambda thing=thing: expect(thing).number()).verdict is Verdict.WRONG_SHAPE
    for thing in (None, "12", [[1.0], [2.0]], [1.0, 2.0, 3.0], torch.zeros(2, 2), REMOTE, ["a", "b"]):
        finding(lambda thing=thing: expect(thing).numbers(2))
    assert finding(lambda: expect(NAN).number()).verdict is Verdict.NOT_FINITE


@pytest.mark.parametrize("thing", [1 + 5j, T(1 + 5j), np.array(1 + 5j)], ids=repr)
def test_a_complex_number_is_no_number(thing: Any) -> None:
    """Its imaginary part is not dropped in silence."""
    finding(lambda: expect(thing).number())
    finding(lambda: expect(thing).close_to(1.0))


@pytest.mark.parametrize("thing", [[1 + 5j, 2], T([1 + 5j, 2]), np.array([1 + 5j, 2])], ids=repr)
def test_complex_numbers_are_no_numbers(thing: Any) -> None:
    finding(lambda: expect(thing).numbers(2))
    finding(lambda: expect(thing).close_to([1.0, 2.0]))


def test_numbers_too_large_for_a_float_are_wrong_and_no_fault() -> None:
    for check in (lambda: expect(10**400).close_to(1.0), lambda: expect([10**400]).close_to([1.0])):
        with pytest.raises((CheckFailure, OverflowError)):
            check()


def test_whole_numbers_are_compared_to_the_last_digit() -> None:
    """Beyond 2**53 a comparison in float64 would take neighbours for equal."""
    assert verdict(T([2**60 + 1]), T([2**60])) is Verdict.WRONG_VALUE


def test_fail_and_fail_if() -> None:
    fail_if(False, SUM)
    found = finding(lambda: fail_if(True, SUM, Verdict.FORBIDDEN_OP))
    assert (found.verdict, found.diagnosis, found.message) == (Verdict.FORBIDDEN_OP, "sum_not_mean", SUM.text)
    assert finding(lambda: fail(OTHER)).diagnosis == "other"


def raising(kind: Verdict, name: str, said: str, line: int | None = None) -> None:
    """Fails as the learner's code does; the sentence tells nothing."""
    exception = RaisedException(kind=name, bases=(name,), message=said)
    raise CheckFailure(Finding(verdict=kind, message=Text(en="Wrong.", zh="错。"), raised=exception, line=line))


def test_exceptions_are_explained() -> None:
    signs = {OTHER: r"KeyError", SUM: r"ValueError: no"}
    with pytest.raises(CheckFailure) as caught, explaining(signs):
        raising(Verdict.RAISED, "ValueError", "no way")
    assert (caught.value.finding.diagnosis, caught.value.finding.verdict) == ("sum_not_mean", Verdict.RAISED)
    with pytest.raises(CheckFailure) as caught, explaining(signs):
        raising(Verdict.RAISED, "TypeError", "x")
    assert caught.value.finding.diagnosis is None
    with pytest.raises(CheckFailure) as caught, explaining(signs):
        raising(Verdict.CRASHED, "ValueError", "no")
    assert caught.value.finding.diagnosis is None
    with pytest.raises(CheckFailure) as caught, explaining({SUM: "Wrong"}):
        raising(Verdict.RAISED, "ValueError", "no")
    assert caught.value.finding.diagnosis is None
    with explaining(signs):
        pass


@pytest.mark.parametrize(("line", "diagnosis"), [(None, "other"), (7, None)])
def test_what_a_library_raised_is_told_from_what_a_line_raised(line: int | None, diagnosis: str | None) -> None:
    with pytest.raises(CheckFailure) as caught, explaining({OTHER: "KeyError"}, in_library=True):
        raising(Verdict.RAISED, "KeyError", "'x'", line)
    assert caught.value.finding.diagnosis == diagnosis


def test_complex_matrices_differ() -> None:
    found = finding(lambda: expect(T([[1 + 1j, 2], [3, 4]])).close_to(T([[1 + 1j, 2], [3, 5j]])))
    assert (found.verdict, found.comparison is not None) == (Verdict.WRONG_VALUE, True)


@pytest.mark.parametrize("value", [torch.zeros(300_000), torch.zeros(600, 600), np.zeros(300_000)])
def test_more_values_than_can_be_listed(value: Any) -> None:
    """To make Python numbers of millions of values, one call of C code, would hold the judge past its deadline."""
    for look in (lambda e: e.equals([1.0]), lambda e: e.numbers(), lambda e: e.equals(3)):
        with pytest.raises(CheckFailure) as caught:
            look(expect(value, "losses"))
        assert caught.value.finding.verdict is Verdict.WRONG_SHAPE
        assert "values, far too many" in caught.value.finding.message.en


def test_as_many_values_as_are_wanted_are_never_too_many() -> None:
    pictures = torch.zeros(300, 28, 28, dtype=torch.uint8)
    expect(pictures, "the pictures").equals(pictures.clone())


def test_any_other_value_may_have_a_reason() -> None:
    """`otherwise` is told where no mistake fits, and never of what is no tensor at all."""
    for told, mistakes in (("sum_not_mean", {SUM: [3]}), ("other", {SUM: [4]}), ("other", {})):
        found = finding(lambda m=mistakes: expect([3], LOSS).equals([1], mistakes=m, otherwise=OTHER))
        assert found.diagnosis == told
        found = finding(lambda m=mistakes: expect(torch.ones(3), LOSS).has_shape(1, mistakes=m, otherwise=OTHER))
        assert found.diagnosis == told
    assert finding(lambda: expect(None, LOSS).has_shape(1, otherwise=OTHER)).diagnosis is None


def test_a_mistake_may_have_several_shapes() -> None:
    """A list of tuples is several shapes, a list of numbers one."""
    for wrong in ([(4,), (3,)], (3,), [3], torch.Size([3])):
        found = finding(lambda w=wrong: expect(torch.ones(3), LOSS).has_shape(1, mistakes={SUM: w}))
        assert found.diagnosis == "sum_not_mean", wrong


@pytest.mark.parametrize(("device", "passes"), [("cuda", True), ("cpu", False), ("sim", False)])
def test_the_device_of_the_run_chooses_the_tolerance(device: str, passes: bool) -> None:
    """Also of a tensor with a graph, and of what a spec has computed from one, which has no origin."""
    wanted = T([1.0, -2.0])
    off = wanted * (1 + 3e-4)
    with running_on(device):
        for actual in (
            from_origin(off.clone().requires_grad_(), Origin("cuda:0" if device != "cpu" else "cpu")),
            from_origin(off.clone(), Origin("cpu")),
            off,
        ):
            if passes:
                expect(actual).close_to(wanted)
            else:
                assert verdict(actual, wanted) is Verdict.WRONG_VALUE
    assert verdict(off, wanted) is Verdict.WRONG_VALUE  # after the run nothing is left of it


def test_a_slip_is_recognised_as_exactly_as_the_device_allows() -> None:
    with running_on("cuda"):
        found = finding(lambda: expect(T([2.0]) * (1 + 3e-4)).close_to(T([1.0]), mistakes={SUM: T([2.0])}))
    assert found.diagnosis == "sum_not_mean"
    assert finding(lambda: expect(T([2.0]) * (1 + 3e-4)).close_to(T([1.0]), mistakes={SUM: T([2.0])})).diagnosis is None


@pytest.mark.parametrize("device", ["cuda", "sim"])
def test_on_a_run_on_a_device_its_tensors_are_welcome(device: str) -> None:
    """As the CPU's are, but not another GPU's; `on_device` asks for one of the two."""
    with running_on(device):
        for origin in ("cpu", "cuda:0"):
            expect(tensor_from(origin)).close_to(torch.ones(2))
        assert verdict(tensor_from("cuda:1"), torch.ones(2)) is Verdict.WRONG_DEVICE
        expect(tensor_from("cuda:0")).on_device("cuda").close_to(torch.ones(2))
        expect(torch.ones(2)).on_device("cuda")
        found = finding(lambda: expect(tensor_from("cpu"), LOSS).on_device("cuda"))
        assert (found.verdict, found.message.en) == (Verdict.WRONG_DEVICE, "The loss has device cpu, expected cuda.")
        came = expect(tensor_from("cuda:0")).is_tensor()
        assert finding(lambda: expect(came).on_device("cpu")).verdict is Verdict.WRONG_DEVICE
    expect(tensor_from("cpu")).on_device("cuda")  # on the CPU there is nothing to see


def test_the_place_of_a_tensor() -> None:
    """Where it was before it came; what did not come, or is no tensor, was in the judge's own memory."""
    came = [tensor_from("cuda:0"), tensor_from("cpu")]
    assert [place(value) for value in (*came, torch.ones(2), 1.0)] == ["cuda", "cpu", "cpu", "cpu"]


def test_a_layer_that_came_instead_of_a_value_was_not_called() -> None:
    """`return nn.ReLU(x)` makes a layer; of a class of the learner's own nothing is said."""
    layer = Remote(None, Reference(3), type_name="ReLU")  # type: ignore[arg-type]  # nothing is asked of it
    advice = []
    for value in (layer, REMOTE):
        with pytest.raises(CheckFailure) as failure:
            expect(value, LOSS).close_to(T([1.0]))
        advice.append(failure.value.finding.next_step)
    assert advice[0] is not None
    assert "A `ReLU` itself" in advice[0].en
    assert advice[1] is None
