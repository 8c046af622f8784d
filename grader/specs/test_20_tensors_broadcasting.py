"""The hidden checks of exercise 20.

X is (n, d) beside a Y that is (m, d); the sizes all differ, but for one square, and each of them is 1 once.
"""

import re

import torch

from dlex.kit import (
    CheckFailure,
    Family,
    Text,
    Verdict,
    changed,
    check,
    diagnoses,
    expect,
    explaining,
    fail_if,
    then,
    when,
)

D = diagnoses(__file__)

DOUBLE = torch.float64


def mismatch(a, b):
    """What torch says where a last dimension of size a meets one of size b."""
    return rf"tensor a \({a}\) must match the size of tensor b \({b}\)"


# ---- the rule

LIBRARIES = Family(re.compile(r"^(torch|aten|prims|numpy)\."))
SHAPE = Text(en="the result of broadcast_shape", zh="broadcast_shape 的结果")


def stretched(*pairs):
    """One size for each pair of sizes."""
    if any(m != n and 1 not in (m, n) for m, n in pairs):
        raise ValueError
    return tuple(max(pair) for pair in pairs)


def from_right(a, b):
    """Only the dimensions that both have, counted from the right."""
    return stretched(*zip(a[::-1], b[::-1], strict=False))[::-1]


def from_left(a, b):
    """The shapes lined up from the left, with ones behind the shorter."""
    dims = max(len(a), len(b))
    return stretched(*zip(*(shape + (1,) * (dims - len(shape)) for shape in (a, b)), strict=True))


def rule(a, b):
    """The shorter shape gets ones in front."""
    return from_right(*((1,) * (max(len(a), len(b)) - len(shape)) + shape for shape in (a, b)))


NOT_STRETCHED = {D.not_stretched: [lambda a, b: a, lambda a, b: b]}
RULE_SLIPS = {
    D.smaller_size: [lambda a, b: tuple(min(m, n) for m, n in zip(a[::-1], b[::-1], strict=False))[::-1]],
    D.reversed_shape: [then(rule, lambda shape: shape[::-1])],
    D.left_aligned: [from_left],
    D.dimensions_lost: [from_right, lambda a, b: stretched(*zip(a, b, strict=False)), lambda a, b: ()],
}


def is_shape(found, oracle, a, b):
    """Whether the oracle gives what came."""
    try:
        expect(found).equals(oracle(a, b))
    except (CheckFailure, ValueError):  # the second where the shapes do not fit for a slip
        return False
    return True


def growing(rng):
    """Three sizes that differ also where inputs are simple."""
    M = rng.integer(2, 5)
    return M, M + rng.integer(1, 3), M + rng.integer(3, 6)


def shape_like(attempt, a, b, slips):
    """Pass if broadcast_shape gives the rule's shape, without a library."""
    seen = attempt.observe(attempt.broadcast_shape, a, b)
    fitting = [d for d, forms in slips.items() if any(is_shape(seen.value, slip, a, b) for slip in forms)]
    expect(seen.value, SHAPE).equals(rule(a, b), otherwise=fitting[0] if len(fitting) == 1 else None)
    fail_if(LIBRARIES.found_in(seen.ops), D.rule_ready_made, Verdict.FORBIDDEN_OP)


@check(1.5, public=True)
def test_rule(attempt, rng):
    """broadcast_shape lines the shapes up from the right, and stretches the dimensions of size 1.

    zh: broadcast_shape 从右边对齐两个形状，并伸展大小为 1 的维度。
    """
    M, N, K = rng.sizes("MNK")
    shape_like(attempt, (M, 1), (1, N), RULE_SLIPS | NOT_STRETCHED)
    for a, b in [((1, 1, N), (M, 1)), ((K,), (N, M, 1)), ((M, N), ()), ((), ()), ((N, 1, M, K), (M, K))]:
        shape_like(attempt, a, b, RULE_SLIPS)


@check(1)
def test_refuses(attempt, rng):
    """broadcast_shape raises ValueError for shapes that do not fit together.

    zh: 两个形状不能广播时，broadcast_shape 抛出 ValueError。
    """
    M, N, K = growing(rng)
    for a, b in [((M,), (N,)), ((M, N), (M,)), ((M, 1), (N, K, N)), ((M, N, K), (K, N, 1))]:
        attempt.broadcast_shape.raises(ValueError, a, b, instead=D.other_exception, silent=D.not_refused)


# ---- standardize

NORMALISATIONS = Family(re.compile(r"(batch|layer|group|instance|rms)_?norm", re.IGNORECASE))
TINY = (1e-3, 1e-4, 1e-5, 1e-6)


def mean(X, dim):
    """With the dimension kept."""
    return X.mean(dim, keepdim=True)


def std(X, dim, correction=0):
    """With the dimension kept; 1 where all entries are the same."""
    squares = (X - mean(X, dim)).square().sum(dim, keepdim=True)
    found = (squares / (X.shape[dim] - correction)).sqrt()
    return found.masked_fill(found == 0, 1)


def standardize(X, dim):
    """Mean 0 and standard deviation 1 along a dimension."""
    return (X - mean(X, dim)) / std(X, dim)


STANDARDIZE_SLIPS = {
    D.keepdim_missing: [
        lambda X, dim: (X - X.mean(dim)) / std(X, dim).squeeze(dim),
        lambda X, dim: (X - mean(X, dim)) / std(X, dim).squeeze(dim),
        lambda X, dim: (X - X.mean(dim)) / std(X, dim),
    ],
    D.wrong_axis: changed(standardize, dim=lambda dim: 1 - dim),
    D.unbiased: lambda X, dim: (X - mean(X, dim)) / std(X, dim, correction=1),
    D.divided_by_variance: lambda X, dim: (X - mean(X, dim)) / std(X, dim).square(),
    D.not_divided: lambda X, dim: X - mean(X, dim),
    D.not_centred: lambda X, dim: X / std(X, dim),
    D.over_everything: [
        *(lambda X, dim, c=c: (X - X.mean()) / X.std(correction=c) for c in (0, 1)),
        *(lambda X, dim, c=c: (X - mean(X, dim)) / X.std(correction=c) for c in (0, 1)),
        lambda X, dim: (X - X.mean()) / std(X, dim),
    ],
    D.mean_added: lambda X, dim: (X + mean(X, dim)) / std(X, dim),
    D.multiplied: lambda X, dim: (X - mean(X, dim)) * std(X, dim),
    D.sum_not_mean: lambda X, dim: (X - X.sum(dim, keepdim=True)) / std(X, dim),
    D.taken_for_another: [
        lambda X, dim: (X - std(X, dim)) / std(X, dim),
        lambda X, dim: (X - mean(X, dim)) / mean(X, dim),
        lambda X, dim: (X - std(X, dim)) / mean(X, dim),
    ],
    D.epsilon_added: [
        *(lambda X, dim, e=e: (X - mean(X, dim)) / (std(X, dim) + e) for e in TINY),
        *(lambda X, dim, e=e: (X - mean(X, dim)) / (std(X, dim).square() + e).sqrt() for e in TINY),
    ],
}


@check(2, public=True)
def test_standardize(attempt, rng):
    """standardize gives each column, or each row, the mean 0 and the standard deviation 1.

    zh: standardize 使每一列（或每一行）的均值为 0、标准差为 1。
    """
    N, K = rng.sizes("ND")
    draws = [(N, K, 0, DOUBLE), (N, K, 1, DOUBLE), (N, N, 0, torch.float32), (N, N, 1, DOUBLE)]
    for n, d, dim, dtype in [*draws, (1, K, 1, DOUBLE), (N, 1, 0, DOUBLE)]:
        X = rng.uniform(n, d, low=-2, high=5, dtype=dtype)
        errors = {D.keepdim_missing: mismatch(d, n)} if dim == 1 else {}
        attempt.standardize.like(
            standardize,
            X,
            dim,
            slips=STANDARDIZE_SLIPS,
            errors=errors,
            forbid={D.standardize_ready_made: NORMALISATIONS},
        )


@check(0.5)
def test_constant(attempt, rng):
    """A column, or a row, whose entries are all the same becomes 0, also if it has one entry only.

    zh: 元素全部相同的列（或行）变为 0，只有一个元素时也是如此。
    """
    N, K = rng.sizes("ND")
    X = rng.uniform(N, K, low=-2, high=5, dtype=DOUBLE)
    X[:, 1] = rng.integer(2, 6)
    slips = STANDARDIZE_SLIPS | {D.zero_division: when(lambda found: not found.isfinite().all())}
    attempt.standardize.like(standardize, X, 0, slips=slips)
    attempt.standardize.like(standardize, X.T.contiguous(), 1, slips=slips, errors={D.keepdim_missing: mismatch(N, K)})
    attempt.standardize.like(standardize, X[:1], 0, slips=STANDARDIZE_SLIPS)


# ---- distances

RESULT = Text(en="the result of pairwise_distances", zh="pairwise_distances 的结果")
POINTS = {"X": "N D", "Y": "M D"}
DISTANCES = Family(re.compile(r"(^|[._])[cp]?dist(_|$)|euclidean_dist|pairwise_distance(?!s)"))


def difference(X, Y):
    """Each row of Y taken from each row of X."""
    return X[:, None] - Y


def distances(X, Y):
    """Rows of X by rows of Y."""
    return difference(X, Y).square().sum(2).sqrt()


def expanded(X, Y, factor=-2):
    """By the square of a difference, multiplied out."""
    return (X.square().sum(1)[:, None] + Y.square().sum(1) + factor * X @ Y.T).sqrt()


DISTANCE_SLIPS = {
    D.no_root: then(distances, torch.square),
    D.transposed_result: then(distances, torch.t),
    D.one_argument: [lambda X, Y: distances(X, X), lambda X, Y: distances(Y, Y)],
    D.other_dimension: [lambda X, Y, dim=dim: difference(X, Y).square().sum(dim).sqrt() for dim in (0, 1)],
    D.absolute_values: lambda X, Y: difference(X, Y).abs().sum(2),
    D.mean_not_sum: lambda X, Y: difference(X, Y).square().mean(2).sqrt(),
    D.not_summed: [lambda X, Y: difference(X, Y).abs(), lambda X, Y: difference(X, Y).square()],
    D.summed_away: lambda X, Y: difference(X, Y).square().sum().sqrt(),
    D.squeezed: then(distances, torch.squeeze),
    D.cross_term: [lambda X, Y, factor=factor: expanded(X, Y, factor) for factor in (-1, 1, 2)],
}


def not_paired(X, Y):
    """What torch says where the rows of X and of Y lie along the same dimension."""
    return {D.not_paired: mismatch(len(X), len(Y))}


@check(1.5, public=True)
def test_distances(attempt, rng):
    """pairwise_distances gives each row of X with each row of Y their distance, and its gradient.

    zh: pairwise_distances 给出 X 的每一行到 Y 的每一行的距离，梯度也正确。
    """
    far = rng.named(POINTS)
    for given in [*rng.all_named(POINTS, dtype=DOUBLE), {"X": far["X"], "Y": far["Y"] + 4}]:
        attempt.pairwise_distances.gradients_like(
            distances,
            **given,
            slips=DISTANCE_SLIPS,
            errors=not_paired(**given),
            cut=D.graph_cut,
            forbid={D.distance_ready_made: DISTANCES},
        )


@check(0.5)
def test_same_points(attempt, rng):
    """The distance of a point from itself is 0, also far from the origin.

    zh: 点到自身的距离为 0，远离原点时也是如此。
    """
    (K,) = rng.sizes("D")
    X = rng.normal(60, K, mean=30, dtype=DOUBLE)

    def only_nan(found):
        return bool(found.isnan().any()) and torch.allclose(found.nan_to_num(), distances(X, X), rtol=0, atol=1e-5)

    slips = DISTANCE_SLIPS | {D.negative_root: when(only_nan)}
    attempt.pairwise_distances.like(distances, X=X, Y=X.clone(), slips=slips, atol=1e-5)


@check(0.5)
def test_no_loop(attempt, rng):
    """pairwise_distances needs as many operations for many points as for few: there is no loop.

    zh: 不论点多点少，pairwise_distances 所用的运算次数相同：没有循环。
    """
    counts = []
    for N, M, K in (growing(rng), (rng.integer(30, 40), rng.integer(40, 50), rng.integer(30, 40))):
        given = rng.named(POINTS, dtype=DOUBLE, N=N, M=M, D=K)
        with explaining(not_paired(**given)):
            seen = attempt.observe(attempt.pairwise_distances, *given.values())
        expect(seen.value, RESULT).like(distances, *given.values(), slips=DISTANCE_SLIPS)
        fail_if(DISTANCES.found_in(seen.ops), D.distance_ready_made, Verdict.FORBIDDEN_OP)
        counts.append(sum(op.startswith("aten.") for op in seen.ops))
    fail_if(counts[1] - counts[0] > 15, D.python_loop, Verdict.FORBIDDEN_OP)  # a loop has 20 turns more at least


# ---- in place

X_AFTER = Text(en="X after add_", zh="add_ 之后的 X")
VIEW_AFTER = Text(en="X.T, made before add_, after it", zh="add_ 之前得到的 X.T，在 add_ 之后")
BASE_AFTER = Text(en="the tensor of which X is a part, after add_", zh="X 所属的张量在 add_ 之后")
Y_AFTER = Text(en="Y after add_", zh="add_ 之后的 Y")
EXPANDED = {D.expanded_written: "more than one element of the written-to tensor refers to a single memory"}


def add(X, Y):
    """What the memory of X is to hold."""
    return X + Y


ADD_SLIPS = {
    D.name_rebound: lambda X, Y: X,
    D.overwritten: lambda X, Y: Y.expand_as(X),
    D.added_twice: [lambda X, Y: X + X + Y, lambda X, Y: X + Y + Y],
    D.one_argument: lambda X, Y: X + X,
    D.subtracted: lambda X, Y: X - Y,
}


def held(attempt, tensor):
    """The tensor over there, so that its memory can be looked at again."""
    return attempt.keep(attempt.library("torch.clone"), tensor)


@check(1.5, public=True)
def test_add(attempt, rng):
    """After add_(X, Y) the memory of X holds X + Y, and a view of X sees it.

    zh: add_(X, Y) 之后，X 的内存中是 X + Y，X 的视图也能看到。
    """
    for given in rng.all_named({"X": "N D", "Y": "N D"}, dtype=DOUBLE):
        X = held(attempt, given["X"])
        view = attempt.keep(X.t)
        attempt.may_mutate(attempt.add_, X, given["Y"])
        expect(attempt.value(X), X_AFTER).like(add, *given.values(), slips=ADD_SLIPS)
        stale = {D.new_memory: lambda X, Y: X.T}
        expect(attempt.value(view), VIEW_AFTER).like(then(add, torch.t), *given.values(), slips=stale)


@check(1)
def test_elsewhere(attempt, rng):
    """Y is stretched to the shape of X; Y itself and the memory beside X stay as they are.

    zh: Y 被伸展到 X 的形状；Y 本身和 X 之外的内存保持不变。
    """
    N, K = rng.sizes("ND")
    for shape, dtype in (((N, K), DOUBLE), ((1, K), DOUBLE), ((K,), torch.float32), ((N, 1), DOUBLE), ((), DOUBLE)):
        whole, given = rng.normal(N + 2, K, dtype=dtype), rng.normal(*shape, dtype=dtype)
        base, Y = held(attempt, whole), held(attempt, given)
        X = attempt.keep(base.narrow, 0, 1, N)
        with explaining(EXPANDED):
            attempt.may_mutate(attempt.add_, X, Y)
        expect(attempt.value(X), X_AFTER).like(add, whole[1:-1], given, slips=ADD_SLIPS)
        expect(attempt.value(Y), Y_AFTER).like(given, otherwise=D.y_changed)
        right = torch.cat([whole[:1], whole[1:-1] + given, whole[-1:]])
        expect(attempt.value(base), BASE_AFTER).like(right, slips={D.new_memory: whole})
