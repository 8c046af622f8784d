"""The hidden checks of exercise 10.

Attribute names and the order of the branches are free.  So a convolution is known by the shape of its kernel, the three
1x1 convolutions of equal shape are tried in each role, and a branch is looked for among the channels of the output.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial, reduce
from itertools import product
from operator import itemgetter

import pytest
import torch
from torch.nn import functional as F

from dlex.kit import Attempt, Diagnosis, Inputs, Remote, Text, Verdict, diagnoses, expect, explaining, fail, fail_if
from dlex.protocol.result import Comparison

CHANNELS, HEIGHT, WIDTH = 7, 12, 9
BLOCK = Text(en="the output of InceptionA", zh="InceptionA 的输出")
LOGITS = Text(en="the output of Net", zh="Net 的输出")
ALONE = Text(en="what Net gives for an image alone, not in a batch,", zh="单独输入一张图（而非一个批次）时 Net 的输出")
DRAWS = 20  # of random weights at most, for one check

D = diagnoses(__file__)

# What PyTorch says when the parts do not fit together.
CAT = r"must match except in dimension "
CHANNELS_GIVEN = r"to have \d+ channels, but got {} channels"
BLOCK_ERRORS = {
    D.concatenated_wrong_dim: CAT + r"[023]\.",
    D.pool_stride: CAT + r"1\..* size 4\b",
    D.too_much_padding: CAT + r"1\..* size (1[3-9]|2\d)\b",
    D.missing_padding: CAT + r"1\.",
    D.added_not_joined: r"tensor a \((16|24)\) must match the size of tensor b \((16|24)\)|stack expects each tensor",
    D.branch_from_input: r"weight of size \[24, (16|24), [35], [35]\], expected input",
    D.fixed_channels: CHANNELS_GIVEN.format(CHANNELS),
}
NET_ERRORS = BLOCK_ERRORS | {
    D.next_convolution_channels: CHANNELS_GIVEN.format(88),
    D.missing_branch: r"to have 88 channels, but got (64|72) channels",
    D.shared_block: r"to have 10 channels, but got 20 channels",
    D.flat_size: r"mat1 and mat2 shapes cannot be multiplied|is invalid for input of size",
}

Shape = tuple[int, ...]
Convolution = tuple[torch.Tensor, torch.Tensor]
Step = Callable[[torch.Tensor], torch.Tensor]
Kernels = dict[Shape, list[Convolution]]

NARROW, POOL = (16, CHANNELS, 1, 1), (24, CHANNELS, 1, 1)
# What follows the 1x1 convolution in each branch that begins with one.
BRANCHES: dict[str, list[Shape]] = {"1x1": [], "5x5": [(24, 16, 5, 5)], "3x3": [(24, 16, 3, 3), (24, 24, 3, 3)]}
WANTED = Counter([NARROW, NARROW, NARROW, POOL, *BRANCHES["5x5"], *BRANCHES["3x3"]])
WRONG_WIDTHS = {64: D.missing_branch, 72: D.missing_branch, 64 + CHANNELS: D.no_reduction}
NET_WEIGHTS = [(10, 1, 5, 5), (20, 88, 5, 5), (10, 1408)]


# The sizes all differ.  They are the same in every check, because the first convolution of a size is slow.
def images(rng: Inputs) -> torch.Tensor:
    """Input for a block."""
    return rng.normal(3, CHANNELS, HEIGHT, WIDTH)


def digits(rng: Inputs) -> torch.Tensor:
    """Input for Net."""
    return rng.normal(3, 1, 28, 28)


def parameters(attempt: Attempt, module: Remote) -> dict[str, torch.Tensor]:
    """The parameters of `module` by name, without content, one that has two names only once."""
    found: dict[int, tuple[str, torch.Tensor]] = {}
    for p in attempt.parameters(module, content=False):
        found.setdefault(p.identity, (p.name, p.value))
    return dict(found.values())


def built(attempt: Attempt, make: Remote, x: torch.Tensor, *args: int) -> Remote:
    """`make(*args)`; if there are lazy layers, it is run once on `x`, from which they take their sizes."""
    module: Remote = make(*args)
    if any(".Lazy" in call for call in attempt.source.calls()):
        module(x)
    return module


def loaded(attempt: Attempt, module: Remote, rng: Inputs) -> dict[str, torch.Tensor]:
    """Give `module` random weights, of a size that keeps its values near 1; returns them by name."""
    shapes = {name: tuple(value.shape) for name, value in parameters(attempt, module).items()}
    values = {name: rng.normal(*shape, std=math.prod(shape[1:]) ** -0.5) for name, shape in shapes.items()}
    attempt.load_parameters(module, values)
    return values


def run(block: Remote, x: torch.Tensor) -> torch.Tensor:
    """The output of a block, if it has the right shape."""
    with explaining(BLOCK_ERRORS):
        y = block(x)
    width = expect(y, BLOCK).is_tensor().shape[1:2]
    mistakes = {known: (len(x), wrong, *x.shape[2:]) for wrong, known in WRONG_WIDTHS.items() if wrong in width}
    expect(y, BLOCK).has_shape(len(x), 88, *x.shape[2:], mistakes=mistakes)
    return finite(y, BLOCK)


def finite(value: torch.Tensor, what: Text) -> torch.Tensor:
    """A tensor from the attempt without its graph, if it is float32 and holds neither NaN nor infinity."""
    if value.dtype != torch.float32 or not bool(value.isfinite().all()):
        expect(value, what).close_to(value.nan_to_num().float())
    return value.detach()


def close(actual: torch.Tensor, wanted: torch.Tensor) -> bool:
    """Whether two results agree; loose, for float32 on every device."""
    return actual.shape == wanted.shape and torch.allclose(actual, wanted, rtol=1e-3, atol=1e-4)


# ---- the convolutions of a block


def check_convolutions(attempt: Attempt, block: Remote, x: torch.Tensor) -> None:
    """Fail, with a diagnosis, unless `block` holds its seven convolutions and nothing else."""
    values = parameters(attempt, block).values()
    fail_if(len(values) > 14 and normalises(attempt, block), D.batch_norm)
    kernels = Counter(tuple(value.shape) for value in values if value.dim() == 4)
    extra, lacking = kernels - WANTED, WANTED - kernels
    fail_if(list(extra) == [(24, 16, 3, 3)] and list(lacking) == [(24, 16, 5, 5)], D.five_is_three)
    fail_if(any(given == CHANNELS and size > 1 for _, given, size, _ in extra), D.no_reduction)
    fixed = [(out, CHANNELS, 1, 1) for out, given, size, _ in extra if size == 1 and given not in (16, 24)]
    fail_if(any(shape in lacking for shape in fixed), D.fixed_channels)
    if extra:
        fail(D.wrong_sizes, comparison=Comparison(expected=listed(lacking), actual=listed(extra)))
    if lacking:
        check_lacking(attempt, block, x, kernels, lacking)


def normalises(attempt: Attempt, module: Remote) -> bool:
    """Whether there is batch normalisation anywhere in `module`."""
    return any("BatchNorm" in base for m in attempt.modules(module) for base in m.bases)


def check_lacking(
    attempt: Attempt, block: Remote, x: torch.Tensor, kernels: Counter[Shape], lacking: Counter[Shape]
) -> None:
    """Say why a block holds too few convolutions: unregistered, shared, or not there at all."""
    with explaining(BLOCK_ERRORS):
        seen = attempt.observe(block, x)
    only = list(lacking)
    fail_if(seen.ops.count("aten.convolution") > kernels.total() and not kernels.keys() >= {*only}, D.not_registered)
    width = expect(seen.value, BLOCK).is_tensor().shape[1]
    fail_if(width == 88 and only == [NARROW], D.shared_convolution)
    fail_if(width == 88 and only == [(24, 24, 3, 3)], D.single_three)
    fail_if(width == 64 + CHANNELS and only == [POOL], D.no_reduction)
    fail_if(width != 88, D.missing_branch)
    fail(D.wrong_sizes, comparison=Comparison(expected=listed(lacking), actual="-"))


def listed(shapes: Counter[Shape]) -> str:
    """Shapes as text."""
    return ", ".join(map(str, sorted(shapes.elements()))) or "-"


def convolutions(values: dict[str, torch.Tensor]) -> Kernels:
    """The convolutions among the parameters, by the shape of their kernel."""
    found: Kernels = {}
    for name, kernel in values.items():
        if kernel.dim() == 4:
            bias = values.get(name.removesuffix("weight") + "bias", torch.zeros(kernel.shape[0]))
            found.setdefault(tuple(kernel.shape), []).append((kernel, bias))
    return found


# ---- the branches of a block


def average(x: torch.Tensor, **options: bool) -> torch.Tensor:
    """The pooling of the block."""
    return F.avg_pool2d(x, 3, stride=1, padding=1, **options)


WRONG_POOLINGS: dict[Diagnosis, Step] = {
    D.max_pool: partial(F.max_pool2d, kernel_size=3, stride=1, padding=1),
    D.pool_ignores_padding: partial(average, count_include_pad=False),
}


def branch(
    x: torch.Tensor, name: str, first: Convolution, kernels: Kernels, relus: Sequence[bool] = (False, False, False)
) -> torch.Tensor:
    """A branch that begins with the 1x1 convolution `first`; `relus` says after which steps to put a ReLU."""
    steps = [first, *(kernels[shape][0] for shape in BRANCHES[name])]
    for step, relu in zip(steps, relus, strict=False):
        x = F.conv2d(x, *step, padding="same")
        x = x.relu() if relu else x
    return x


def starts(y: torch.Tensor, part: torch.Tensor) -> list[int]:
    """The channels of `y` at which `part` begins; the width of every branch is a multiple of 8."""
    alike = (y[:, ::8] - part[:, :1]).abs().amax(dim=(0, 2, 3)) < 0.1  # by the first channel alone: quick
    return [s for s in (8 * int(i) for i in alike.nonzero()) if close(y[:, s : s + part.shape[1]], part)]


def place(y: torch.Tensor, x: torch.Tensor, name: str, kernels: Kernels) -> tuple[int, int] | None:
    """Where in `y` the branch `name` stands, and which 1x1 convolution begins it; None if it is not there."""
    found = (
        (start, i) for i, first in enumerate(kernels[NARROW]) for start in starts(y, branch(x, name, first, kernels))
    )
    return next(found, None)


def whole(y: torch.Tensor, x: torch.Tensor, kernels: Kernels) -> torch.Tensor | None:
    """The block computed here, its branches in the order of `y`; None if `y` is anything else."""
    if Counter({shape: len(group) for shape, group in kernels.items()}) != WANTED:
        return None
    pooled = F.conv2d(average(x), *kernels[POOL][0])
    parts = [(start, pooled) for start in starts(y, pooled)]
    for name in BRANCHES:
        found = place(y, x.detach(), name, kernels)
        parts += [(found[0], branch(x, name, kernels[NARROW][found[1]], kernels))] if found else []
    if len(parts) < 4:
        return None
    joined = torch.cat([part for _, part in sorted(parts, key=itemgetter(0))], dim=1)
    return joined if close(joined, y) else None


def diagnose(y: torch.Tensor, x: torch.Tensor, kernels: Kernels, lost: list[str]) -> None:
    """Name the misconception behind the branches in `lost`, which stand nowhere in `y`."""
    parts = [branch(x, name, first, kernels) for name in BRANCHES for first in kernels[NARROW]]
    parts.append(F.conv2d(average(x), *kernels[POOL][0]))
    fail_if(any(len(starts(y, part)) > 1 for part in parts), D.missing_branch)
    fail_if(any(starts(y, F.conv2d(average(x), *first)) for first in kernels[NARROW]), D.wrong_sizes)
    for name, first in product(lost, kernels[NARROW]):
        patterns = product((False, True), repeat=1 + len(BRANCHES[name]))
        fail_if(any(starts(y, branch(x, name, first, kernels, relus)) for relus in patterns), D.relu_inside)
        crossed = F.conv2d(branch(x, "5x5", first, kernels), *kernels[24, 24, 3, 3][0], padding=1)
        fail_if(bool(starts(y, crossed)), D.branch_from_input)


def check_no_activation(block: Remote, rng: Inputs) -> None:
    """Fail if the block is no affine map of images that are constant, so that every pooling leaves them alone."""
    a, b = rng.normal(2, CHANNELS, 1, 1).expand(-1, -1, HEIGHT, WIDTH)
    x = torch.stack([torch.zeros_like(a), a, b, a + b])
    zero, one, two, both = y = run(block, x)
    steady = close(run(block, x), y)  # else it is something random that bends the map
    fail_if(steady and not close(one + two, both + zero), D.relu_inside)


def check_reached(
    attempt: Attempt,
    block: Remote,
    x: torch.Tensor,
    values: dict[str, torch.Tensor],
    gradients: Sequence[torch.Tensor | None],
) -> None:
    """Fail if a parameter has no gradient: because it is cut off, or because nothing uses it."""
    idle = [name for name, g in zip(values, gradients, strict=True) if g is None or not bool(g.any())]
    if idle:
        before = block(x)
        attempt.load_parameters(block, {name: values[name] + 1 for name in idle})
        changed = not close(expect(block(x)).is_tensor(), expect(before).is_tensor())
        fail_if(changed, D.graph_cut, Verdict.NO_GRADIENT)
        expect(idle, Text(en="the list of parameters that nothing uses", zh="没有用到的参数")).equals([])


# ---- the checks of InceptionA


@pytest.mark.points(1)
@pytest.mark.public
def test_block_shape(attempt: Attempt, rng: Inputs) -> None:
    """InceptionA gives 88 channels and keeps height and width.

    zh: InceptionA 输出 88 个通道，高和宽不变。
    """
    run(attempt.InceptionA(CHANNELS), images(rng))


@pytest.mark.points(1)
def test_block_convolutions(attempt: Attempt, rng: Inputs) -> None:
    """InceptionA holds seven convolutions, four of them 1x1, each with a bias.

    zh: InceptionA 含七个卷积，其中四个是 1x1，每个都有偏置。
    """
    x = images(rng)
    block = built(attempt, attempt.InceptionA, x, CHANNELS)
    check_convolutions(attempt, block, x)
    biases = sorted(len(value) for value in parameters(attempt, block).values() if value.dim() == 1)
    fail_if(len(biases) < 7, D.no_bias)
    expect(biases, Text(en="the list of biases", zh="偏置的列表")).equals([16, 16, 16, 24, 24, 24, 24])


@pytest.mark.points(2)
def test_block_values(attempt: Attempt, rng: Inputs) -> None:
    """The three branches of convolutions compute what they should, with given weights and no activation.

    zh: 给定权重，三个卷积分支都算出应有的值，模块内没有激活函数。
    """
    x = images(rng)
    block = built(attempt, attempt.InceptionA, x, CHANNELS)
    check_convolutions(attempt, block, x)
    kernels = convolutions(loaded(attempt, block, rng))
    y = run(block, x)
    found = {name: place(y, x, name, kernels) for name in BRANCHES}
    lost = [name for name, standing in found.items() if standing is None]
    if lost:
        diagnose(y, x, kernels, lost)
        check_no_activation(block, rng)
        right = [name for name in BRANCHES if name not in lost]
        expect(right, Text(en="the list of right branches", zh="算对的分支")).equals(list(BRANCHES))
    fail_if(len({standing[1] for standing in found.values() if standing}) < len(found), D.branch_from_input)


@pytest.mark.points(1)
def test_block_pooling(attempt: Attempt, rng: Inputs) -> None:
    """The pooling branch averages over 3x3, the zeros of the border counted, and then convolves.

    zh: 池化分支先在 3x3 上取平均，边缘补的零也计入，然后做卷积。
    """
    x = images(rng)
    block = built(attempt, attempt.InceptionA, x, CHANNELS)
    kernels = convolutions(loaded(attempt, block, rng))
    y = run(block, x)
    if POOL not in kernels:
        check_convolutions(attempt, block, x)
    convolve = partial(F.conv2d, weight=kernels[POOL][0][0], bias=kernels[POOL][0][1])

    def appears(*parts: torch.Tensor) -> bool:
        return any(starts(y, part) for part in parts)

    wanted = convolve(average(x))
    if appears(wanted):
        return
    for diagnosis, pool in WRONG_POOLINGS.items():
        fail_if(appears(convolve(pool(x)), pool(convolve(x)), convolve(pool(x)).relu()), diagnosis)
    fail_if(appears(average(convolve(x))), D.pool_after_convolution)
    fail_if(appears(wanted.relu(), convolve(average(x).relu()), average(convolve(x).relu())), D.relu_inside)
    check_convolutions(attempt, block, x)
    fail_if(appears(*(F.conv2d(average(x), *narrow) for narrow in kernels[NARROW])), D.wrong_sizes)
    check_no_activation(block, rng)
    nearest = min(range(0, 65, 8), key=lambda s: float((y[:, s : s + 24] - wanted).abs().mean()))
    pooled = y[:, nearest : nearest + 24]
    expect(pooled, Text(en="the pooling branch", zh="池化分支")).close_to(wanted)


@pytest.mark.points(1)
def test_block_gradients(attempt: Attempt, rng: Inputs) -> None:
    """The gradient reaches every parameter, and the input through all four branches.

    zh: 梯度能传到每个参数，并经由全部四个分支传到输入。
    """
    x, upstream = images(rng), rng.normal(3, 88, HEIGHT, WIDTH)
    block = built(attempt, attempt.InceptionA, x, CHANNELS)
    values = loaded(attempt, block, rng)
    fail_if(not values, D.not_registered)
    y = run(block, x)
    found = attempt.gradients(block, x, upstream=upstream, module=block)
    fail_if(not found.connected or found.inputs[0] is None, D.graph_cut, Verdict.NO_GRADIENT)
    check_reached(attempt, block, x, values, found.parameters)
    x.requires_grad_()
    expected = whole(y, x, convolutions(values))
    if expected is not None:
        (wanted,) = torch.autograd.grad((expected * upstream).sum(), x)
        fail_if(not close(found.inputs[0], wanted), D.graph_cut, Verdict.WRONG_GRADIENT)


# ---- the parts of Net


def blocks_of(attempt: Attempt, net: Remote) -> list[str]:
    """The paths of Net's two inception blocks, whatever their class is called."""
    kind = attempt.modules(attempt.InceptionA(CHANNELS), settings=False)[0].kind
    found: dict[int, str] = {}
    for m in attempt.modules(net, settings=False):
        if m.kind == kind:
            found.setdefault(m.identity, m.path)
    fail_if(not found, D.not_registered)
    fail_if(len(found) == 1, D.shared_block)
    expect(len(found), Text(en="the number of inception blocks in Net", zh="Net 中 Inception 模块的个数")).equals(2)
    return list(found.values())


@dataclass
class Net:
    """What Net is made of: its own layers with their weights, and its blocks, which are the attempt's."""

    stems: list[Convolution]
    blocks: list[Remote]
    linear: Convolution

    def logits(self, x: torch.Tensor, before: Sequence[Step], after: Sequence[Step]) -> torch.Tensor:
        """What Net gives if it does `before` ahead of each block and `after` behind it."""
        for stem, pool, block, then in zip(self.stems, before, self.blocks, after, strict=True):
            x = then(run(block, pool(F.conv2d(x, *stem))))
        return F.linear(x.flatten(1), *self.linear)


def parts_of(attempt: Attempt, net: Remote, values: dict[str, torch.Tensor]) -> Net:
    """The parts of a Net with the parameters `values`; fails, with a diagnosis, unless they are right."""
    fail_if(not values, D.not_registered)
    paths = blocks_of(attempt, net)
    own = {name: v for name, v in values.items() if not name.startswith(tuple(f"{path}." for path in paths))}
    weights = {tuple(v.shape): name for name, v in own.items() if v.dim() > 1}
    extra, lacking = sorted(set(weights) - set(NET_WEIGHTS)), sorted(set(NET_WEIGHTS) - set(weights))
    fail_if(not extra and bool(lacking), D.not_registered)
    fail_if((10, 1408) in lacking and any(len(shape) == 2 for shape in extra), D.flat_size)
    fail_if((20, 88, 5, 5) in lacking and any(shape[0] == 20 for shape in extra), D.next_convolution_channels)
    if extra:
        fail(D.wrong_sizes, comparison=Comparison(expected=listed(Counter(lacking)), actual=listed(Counter(extra))))
    biases = [own.get(weights[shape].removesuffix("weight") + "bias") for shape in NET_WEIGHTS]
    fail_if(any(bias is None for bias in biases), D.no_bias)
    first, second, linear = [(own[weights[shape]], bias) for shape, bias in zip(NET_WEIGHTS, biases, strict=True)]

    def channels(path: str) -> int:
        kernels = [v for name, v in values.items() if name.startswith(f"{path}.") and v.shape[2:] == (1, 1)]
        return min((v.shape[1] for v in kernels), default=0)

    blocks = [reduce(getattr, path.split("."), net) for path in sorted(paths, key=channels)]
    return Net([first, second], blocks, linear)


def logits_of(value: object) -> torch.Tensor:
    """What Net gave for three images, if it has the shape of logits."""
    logits = expect(value, LOGITS).is_tensor()
    fail_if(logits.dim() == 2 and logits.shape[0] != 3, D.flat_size, Verdict.WRONG_SHAPE)
    expect(logits, LOGITS).has_shape(3, 10)
    return finite(logits, LOGITS)


def unchanged(x: torch.Tensor) -> torch.Tensor:
    """What stands between two steps where nothing should."""
    return x


def rectified(z: torch.Tensor) -> torch.Tensor:
    """What Net does between a convolution and a block."""
    return F.max_pool2d(z, 2).relu()


WRONG_HEADS: list[tuple[Diagnosis, Step]] = [
    (D.softmax_on_logits, partial(torch.softmax, dim=1)),
    (D.softmax_on_logits, partial(torch.softmax, dim=0)),
    (D.log_softmax_on_logits, partial(torch.log_softmax, dim=1)),
    (D.log_softmax_on_logits, partial(torch.log_softmax, dim=0)),
    (D.relu_on_logits, torch.relu),
]


def wrong_bodies() -> Iterator[tuple[Diagnosis, tuple[Step, Step], tuple[Step, Step]]]:
    """The slips in what Net does before and behind its blocks, each in one place and in both."""
    plain: Step = partial(F.max_pool2d, kernel_size=2)
    for diagnosis, wrong in (
        (D.missing_relu, plain),
        (D.net_average_pool, lambda z: F.avg_pool2d(z, 2).relu()),
        (D.net_average_pool, lambda z: F.avg_pool2d(z.relu(), 2)),
    ):
        for before in ((wrong, rectified), (rectified, wrong), (wrong, wrong)):
            yield diagnosis, before, (unchanged, unchanged)
    relu = torch.relu
    for before, after in product((rectified, plain), ((relu, unchanged), (unchanged, relu), (relu, relu))):
        yield D.relu_after_block, (before, before), after


def with_negative_logits(
    attempt: Attempt, net: Remote, rng: Inputs, x: torch.Tensor
) -> tuple[Net, torch.Tensor, torch.Tensor]:
    """The parts of a Net with random weights, its logits, and the right ones, some of which are negative.

    One draw in two thousand has none, and would not show a ReLU behind them.
    """
    for _ in range(DRAWS):
        parts = parts_of(attempt, net, loaded(attempt, net, rng))
        with explaining(NET_ERRORS):
            logits = logits_of(net(x))
        right = parts.logits(x, [rectified, rectified], [unchanged, unchanged])
        if bool((right < 0).any()):
            break
    return parts, logits, right


# ---- the checks of Net


@pytest.mark.points(1)
@pytest.mark.public
def test_net_shape(attempt: Attempt, rng: Inputs) -> None:
    """Net gives ten logits for each image, whatever the size of the batch.

    zh: 不论批次多大，Net 对每张图给出十个 logits。
    """
    net = attempt.Net()
    x = digits(rng)
    with explaining(NET_ERRORS):
        together, alone = logits_of(net(x)), net(x[1:2])
    expect(alone, LOGITS).has_shape(1, 10)
    if not close(expect(alone, LOGITS).is_tensor(), together[1:2]):
        fail_if(normalises(attempt, net), D.batch_norm)
        expect(alone, ALONE).close_to(together[1:2])


@pytest.mark.points(1)
def test_net_layers(attempt: Attempt, rng: Inputs) -> None:
    """Net has two inception blocks of its own, two convolutions and one linear layer from 1408 to 10.

    zh: Net 有两个各自独立的 Inception 模块、两个卷积和一个 1408 到 10 的线性层。
    """
    net = built(attempt, attempt.Net, digits(rng))
    parts_of(attempt, net, parameters(attempt, net))


@pytest.mark.points(1)
def test_net_values(attempt: Attempt, rng: Inputs) -> None:
    """Net pools by the maximum, applies ReLU before each block, and ends in plain logits.

    zh: Net 用最大池化，在每个模块前用 ReLU，最后直接输出 logits。
    """
    x = digits(rng)
    net = built(attempt, attempt.Net, x)
    parts, logits, right = with_negative_logits(attempt, net, rng, x)
    if not close(logits, right):
        for diagnosis, head in WRONG_HEADS:
            fail_if(close(logits, head(right)), diagnosis)
        heads = [unchanged, *(head for _, head in WRONG_HEADS)]
        for diagnosis, before, after in wrong_bodies():
            wrong = parts.logits(x, before, after)
            fail_if(any(close(logits, head(wrong)) for head in heads), diagnosis)
        expect(logits, LOGITS).close_to(right)


@pytest.mark.points(1)
def test_net_gradients(attempt: Attempt, rng: Inputs) -> None:
    """The gradient of the logits comes back through the whole of Net, to its first convolution.

    zh: logits 的梯度能穿过整个 Net，传回到第一个卷积。
    """
    x = digits(rng)
    net = built(attempt, attempt.Net, x)
    first = [name for name, v in parameters(attempt, net).items() if v.dim() == 4 and v.shape[1] == 1]
    expect(len(first), Text(en="the number of convolutions of the image", zh="读取图像的卷积个数")).equals(1)
    net.requires_grad_(False)  # the gradient of one kernel tells enough, and the rest takes time
    reduce(getattr, first[0].split("."), net).requires_grad_(True)
    with explaining(NET_ERRORS):
        found = attempt.gradients(net, x, wrt=(), upstream=rng.normal(10), module=net)
    logits_of(found.output)
    fail_if(not any(g is not None and bool(g.any()) for g in found.parameters), D.graph_cut, Verdict.NO_GRADIENT)
