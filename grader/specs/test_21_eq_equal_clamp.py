"""The hidden checks of exercise 21.

Whole numbers from a small range are often equal; real ones lie on both sides of the bounds, and never on them where a
gradient is asked for.
"""

import re
from functools import partial

import torch

from dlex.kit import Family, Text, Verdict, check, diagnoses, expect, explaining, fail_if, then, when

D = diagnoses(__file__)

DOUBLE = torch.float64


# ---- count_equal

COUNT = Text(en="the result of count_equal", zh="count_equal 的结果")


def count(a, b):
    """By torch.eq."""
    return int(torch.eq(a, b).sum())


COUNT_SLIPS = {
    D.truth_not_count: [torch.equal, lambda a, b: bool((a == b).any())],
    D.mask_not_count: torch.eq,
    D.counts_differences: lambda a, b: int((a != b).sum()),
    D.share_not_count: lambda a, b: float((a == b).double().mean()),
    D.every_element: lambda a, b: a.numel(),
    D.one_dimension: [lambda a, b, dim=dim: (a == b).sum(dim) for dim in (0, 1)],
    D.whole_rows: [lambda a, b, dim=dim: int((a == b).all(dim).sum()) for dim in (0, 1)],
}


def counted(attempt, a, b):
    """Pass if count_equal gives the number, as an int of Python."""
    found = attempt.count_equal(a, b)
    expect(found, COUNT).like(count, a, b, slips=COUNT_SLIPS, prefer=[D.truth_not_count])  # False is also 0
    fail_if(type(found) is not int, D.not_plain, Verdict.WRONG_TYPE)


@check(1, public=True)
def test_count(attempt, rng):
    """count_equal is the number of elements that are equal, an int.

    zh: count_equal 是相等元素的个数，类型为 int。
    """
    for N, M in rng.all_sizes("NM"):
        a = rng.integers(N, M, high=3)
        b = a + rng.integers(N, M, high=2)  # half of them are equal
        b[0, 0] = a[0, 0]
        counted(attempt, a, b)
        counted(attempt, a.double() / 3, b.double() / 3)


@check(1.5)
def test_shapes(attempt, rng):
    """Shapes that differ are refused, also those that torch would broadcast; equal ones of any kind are not.

    zh: 形状不同时要拒绝，即使 torch 可以广播；形状相同则一律接受。
    """
    (N,) = rng.sizes("N")
    labels = rng.integers(2 * N, high=3)
    for a, b in ((labels, labels[:, None]), (labels[:1], labels), (labels[None], labels), (labels[0], labels)):
        attempt.count_equal.raises(ValueError, a, b, instead=D.other_exception, silent=D.broadcast_comparison)
    for guesses in (rng.integers(2 * N, high=3), rng.integers(2 * N, high=3)):
        for shape in ((2 * N, 1), (2, N), (1, 2, N), (2, N, 1)):
            counted(attempt, labels.reshape(shape), guesses.reshape(shape))


# ---- same

EQUALITY = Family(re.compile(r"(^|\.)(equal|allclose|isclose|array_equal|array_equiv|assert_\w+)$"))
SAME = Text(en="the result of same", zh="same 的结果")


def told(attempt, a, b, otherwise):
    """Pass if same says what torch.equal says, as a bool of Python; `otherwise`: what the opposite means."""
    seen = attempt.observe(attempt.same, a, b)
    expect(seen.value, SAME).like(torch.equal(a, b), otherwise=otherwise)
    fail_if(type(seen.value) is not bool, D.not_plain, Verdict.WRONG_TYPE)
    fail_if(EQUALITY.found_in(seen.ops), D.equal_ready_made, Verdict.FORBIDDEN_OP)


@check(1.5)
def test_same(attempt, rng):
    """same is True for the same shape and the same elements, else False; NaN is not equal to NaN.

    zh: 形状和元素都相同时 same 为 True，否则为 False；NaN 不等于 NaN。
    """
    sizes = rng.all_sizes("NM")
    for i, differs in enumerate(rng.permutation(8) % 2):
        a = rng.normal(*sizes[i % 3])
        b = a.clone()
        b[-1, -1] += int(differs)
        told(attempt, a, b, D.one_differs if differs else D.equal_denied)
    N, M = sizes[0]
    x = rng.uniform(N, low=1, high=3, dtype=DOUBLE)
    told(attempt, x, x * (1 + 1e-9), D.nearly_equal)
    told(attempt, x, torch.full_like(x, torch.nan), D.nan_equal)
    told(attempt, x * torch.nan, x * torch.nan, D.nan_equal)
    told(attempt, rng.integers(M, high=3) * 0, rng.integers(M, high=3) * 0, D.equal_denied)
    told(attempt, x, x[None], D.shape_ignored)
    told(attempt, x[:1].expand(N), x[:1], D.shape_ignored)
    with explaining({D.shape_ignored: "must match the size of tensor b"}):
        told(attempt, rng.normal(3), rng.normal(4), D.shape_ignored)


# ---- clip

CLAMPS = Family(re.compile(r"clamp|clip|hard_?tanh|relu6", re.IGNORECASE))
READY_MADE = {D.clip_ready_made: CLAMPS}
NO_NUMBER = {D.max_of_dimension: r"\b(max|min)\(\) received an invalid combination|Dimension out of range"}


def clip(x, low, high):
    """As torch.clamp."""
    return x.clamp(low, high)


def straight_through(x, low, high):
    """The right value, with the gradient of x itself."""
    return x + (clip(x, low, high) - x).detach()


CLIP_SLIPS = {
    D.bounds_exchanged: [lambda x, low, high: x * 0 + low, lambda x, low, high: x * 0 + high],
    D.one_bound: [lambda x, low, high: x.clamp(min=low), lambda x, low, high: x.clamp(max=high)],
    D.other_side: [
        lambda x, low, high: torch.where(x < low, high, torch.where(x > high, low, x)),
        lambda x, low, high: torch.where((x > low) & (x < high), low, x),
        lambda x, low, high: torch.where(x < high, low, high),
        lambda x, low, high: torch.where(x > low, high, low),
        lambda x, low, high: torch.where(x < low, high, x.clamp(max=high)),
        lambda x, low, high: torch.where(x > high, low, x.clamp(min=low)),
    ],
    D.zero_outside: lambda x, low, high: x * ((x >= low) & (x <= high)),
    D.left_out: lambda x, low, high: x[(x >= low) & (x <= high)],
    D.unchanged: lambda x, low, high: x,
    D.gradient_outside: straight_through,
}


def around(rng, *shape, dtype=DOUBLE):
    """Values below two bounds, between them and above, none on them; and the bounds."""
    low = rng.integer(-4, 0) - 0.5
    high = low + rng.integer(2, 5)
    x = rng.uniform(*shape, low=low + 0.1, high=high - 0.1, dtype=dtype).flatten()
    side = torch.arange(len(x)) % 3 - 1  # a third of them each
    return (x + side * (high - low)).reshape(shape), low, high


@check(2, public=True)
def test_clip(attempt, rng):
    """clip raises what is below low to low, and lowers what is above high to high, without clamp.

    zh: clip 把小于 low 的变为 low，大于 high 的变为 high，不用 clamp。
    """
    for (N, M), dtype in zip(rng.all_sizes("NM"), (DOUBLE, torch.float32, DOUBLE), strict=True):
        given = around(rng, N, M, dtype=dtype)
        attempt.clip.like(clip, *given, slips=CLIP_SLIPS, errors=NO_NUMBER, forbid=READY_MADE)
    x = rng.permutation(9) - 4  # whole numbers, some of them on the bounds
    attempt.clip.like(clip, x, rng.integer(-3, 0), rng.integer(1, 4), slips=CLIP_SLIPS, forbid=READY_MADE)


@check(1.5)
def test_clip_gradient(attempt, rng):
    """The gradient of clip is 1 between the bounds and 0 outside of them.

    zh: clip 的梯度在范围内为 1，在范围外为 0。
    """
    for dtype in (DOUBLE, torch.float32):
        (N,) = rng.sizes("N")
        given = around(rng, 3 * N, dtype=dtype)
        attempt.clip.gradients_like(
            clip, *given, slips=CLIP_SLIPS, errors=NO_NUMBER, cut=D.graph_cut, forbid=READY_MADE
        )


@check(1)
def test_crossed(attempt, rng):
    """clip with low above high gives high, as torch does.

    zh: low 大于 high 时，所有元素都变为 high。
    """
    (N,) = rng.sizes("N")
    x, low, high = around(rng, 3 * N)
    slips = {d: CLIP_SLIPS[d] for d in (D.one_bound, D.zero_outside, D.unchanged)} | {
        D.low_wins: [lambda x, low, high: x * 0 + low, lambda x, low, high: torch.where(x < low, low, high)],
        D.bounds_sorted: lambda x, low, high: x.clamp(high, low),
    }
    attempt.clip.like(clip, x, high, low, slips=slips, errors=NO_NUMBER, forbid=READY_MADE)


# ---- safe_log

FLOORS = (1e-30, 1e-20, 1e-15, 1e-12, 1e-10, 1e-9, 1e-8, 1e-7, 1e-6, 1e-5)


def safe_log(p, at_zero=-100.0, log=torch.log):
    """The logarithm never sees a zero."""
    return torch.where(p > 0, log(torch.where(p > 0, p, 1)), at_zero)


LOG_SLIPS = {
    D.log_of_zero: torch.log,
    D.other_floor: [
        *(lambda p, e=e: (p + e).log() for e in FLOORS),
        *(lambda p, e=e: p.clamp(min=e).log() for e in FLOORS),
    ],
    D.no_log: lambda p: torch.where(p > 0, p, -100),
    D.negative_log: then(safe_log, torch.neg),
    D.other_base: [lambda p, log=log: safe_log(p, log=log) for log in (torch.log2, torch.log10)],
    D.gradient_at_zero: lambda p: (p + (p == 0)).log() - 100 * (p == 0),
    D.nan_gradient: lambda p: torch.where(p > 0, p.log(), -100),
}


def right_elsewhere(p, found):
    """Whether only what belongs to zeros can be wrong."""
    seen = p > 0
    return bool(seen.any()) and found.dtype == p.dtype and torch.allclose(found[seen], p[seen].log(), atol=1e-6)


@check(1.5)
def test_safe_log(attempt, rng):
    """safe_log is the logarithm, -100 at 0, and its gradient is finite everywhere.

    zh: safe_log 是对数，在 0 处为 -100，梯度处处有限。
    """
    for (N, M), dtype in zip(rng.all_sizes("NM"), (DOUBLE, torch.float32, DOUBLE), strict=True):
        p = rng.uniform(N * M, low=0.1, high=0.9, dtype=dtype)
        p[::3], p[1:2] = 0, 1
        p = p.reshape(N, M)
        slips = LOG_SLIPS | {D.other_at_zero: when(partial(right_elsewhere, p))}
        attempt.safe_log.gradients_like(safe_log, p, slips=slips, cut=D.graph_cut)
