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

from dlex.kit import Attempt, Diagnosis, Inputs, Remote, Text, Verdict, expect, explaining, fail, fail_if
from dlex.protocol.result import Comparison

CHANNELS, HEIGHT, WIDTH = 7, 12, 9
BLOCK = Text(en="the output of InceptionA", zh="InceptionA 的输出")
LOGITS = Text(en="the output of Net", zh="Net 的输出")
ALONE = Text(en="what Net gives for an image alone, not in a batch,", zh="单独输入一张图（而非一个批次）时 Net 的输出")
DRAWS = 20  # of random weights at most, for one check

MISSING_PADDING = Diagnosis(
    "missing_padding",
    en="A branch shrinks the image: its window needs padding, 1 for 3x3 and 2 for 5x5.",
    zh="有分支把图像变小了：窗口需要 padding，3x3 取 1，5x5 取 2。",
)
TOO_MUCH_PADDING = Diagnosis(
    "too_much_padding",
    en="A branch enlarges the image: a kernel of size k keeps it with padding (k - 1) / 2, so 1x1 needs none.",
    zh="有分支把图像变大了：大小为 k 的卷积核取 padding = (k - 1) / 2 才保持尺寸，1x1 不需要 padding。",
)
POOL_STRIDE = Diagnosis(
    "pool_stride",
    en="The pooling shrinks the image: its stride is the kernel's size unless you say stride=1 (and padding=1).",
    zh="池化把图像变小了：若不写 stride=1（和 padding=1），步幅默认等于核的大小。",
)
MAX_POOL = Diagnosis(
    "max_pool",
    en="The pooling branch takes the maximum; this block takes the average.",
    zh="池化分支用了最大池化；这个模块要用平均池化。",
)
POOL_WITHOUT_PADDING = Diagnosis(
    "pool_ignores_padding",
    en="The average at the border is divided by fewer than 9: leave count_include_pad as it is.",
    zh="边缘处的平均值除的不是 9：请保留 count_include_pad 的默认值。",
)
POOL_AFTER_CONVOLUTION = Diagnosis(
    "pool_after_convolution",
    en="The pooling branch convolves first, so the border averages the bias with zeros: pool, then convolve.",
    zh="池化分支先做了卷积，边缘处的偏置就与补的零一起被平均：应先池化，再做 1x1 卷积。",
)
RELU_INSIDE = Diagnosis(
    "relu_inside",
    en="There is an activation inside the block; the course's InceptionA has none, ReLU comes in Net.",
    zh="模块内部有激活函数；课程中的 InceptionA 没有，ReLU 在 Net 里。",
)
BATCH_NORM = Diagnosis(
    "batch_norm",
    en="There is batch normalisation; the course's InceptionA and Net hold plain convolutions and no more.",
    zh="这里有批量归一化；课程中的 InceptionA 和 Net 只用普通的卷积。",
)
CONCATENATED_BATCH = Diagnosis(
    "concatenated_wrong_dim",
    en="The branches are joined along the wrong dimension: channels are dimension 1 of (N, C, H, W).",
    zh="分支沿着错误的维度拼接：在 (N, C, H, W) 中通道是第 1 维。",
)
ADDED = Diagnosis(
    "added_not_joined",
    en="The branches are added or stacked, which needs equal shapes; the block puts their channels side by side.",
    zh="分支被相加或 stack 了，那要求形状相同；这个模块是把它们的通道并排拼接。",
)
BRANCH_FROM_INPUT = Diagnosis(
    "branch_from_input",
    en="A later convolution of a branch is fed the block's input or another branch, not the step before it.",
    zh="某个分支后面的卷积接的是模块的输入或别的分支，而不是它自己的上一步。",
)
MISSING_BRANCH = Diagnosis(
    "missing_branch",
    en="A branch is missing from the output or stands in it twice: join each once, 16 + 24 + 24 + 24 = 88.",
    zh="输出里少了一个分支，或有分支出现了两次：四个分支各拼接一次，16 + 24 + 24 + 24 = 88。",
)
NOT_REGISTERED = Diagnosis(
    "not_registered",
    en="Some layers are not registered, so no optimizer sees them: a plain list, or forward, is no place for them.",
    zh="有网络层没有注册，优化器看不到它们：不要放在普通列表里，也不要在 forward 里创建。",
)
SHARED_CONVOLUTION = Diagnosis(
    "shared_convolution",
    en="One convolution serves in two places, so they learn the same weights: make one for each.",
    zh="同一个卷积用在了两处，它们会学到相同的权重：请分别创建。",
)
FIVE_IS_THREE = Diagnosis(
    "five_is_three",
    en="The 5x5 branch has a 3x3 kernel.",
    zh="5x5 分支用的却是 3x3 卷积核。",
)
SINGLE_THREE = Diagnosis(
    "single_three",
    en="The 3x3 branch has one 3x3 convolution; this block has two in a row, 16 to 24 and 24 to 24.",
    zh="3x3 分支只有一个 3x3 卷积；这个模块要连续两个：16 到 24，再 24 到 24。",
)
NO_REDUCTION = Diagnosis(
    "no_reduction",
    en="A branch lacks its 1x1 convolution, which brings the many channels of the input down to few.",
    zh="某个分支缺少 1x1 卷积，它把输入的众多通道降到少数几个。",
)
FIXED_CHANNELS = Diagnosis(
    "fixed_channels",
    en="A convolution has a fixed number of input channels; the block must accept any in_channels.",
    zh="有卷积的输入通道数写成了固定值；模块应当适用于任意的 in_channels。",
)
WRONG_SIZES = Diagnosis(
    "wrong_sizes",
    en="A layer has other sizes than the docstring says: compare its kernel (out, in, height, width).",
    zh="有网络层的尺寸与文档字符串不符：请对照它的卷积核（输出通道、输入通道、高、宽）。",
)
NO_BIAS = Diagnosis(
    "no_bias",
    en="A convolution has no bias: leave bias at its default.",
    zh="有卷积没有偏置：请保留 bias 的默认值。",
)
SHARED_BLOCK = Diagnosis(
    "shared_block",
    en="The second block is the first one again, or is built like it: Net needs InceptionA(10) and InceptionA(20).",
    zh="第二个模块还是第一个，或与它建得一样：Net 需要 InceptionA(10) 和 InceptionA(20) 两个模块。",
)
NEXT_CHANNELS = Diagnosis(
    "next_convolution_channels",
    en="The convolution behind a block is built for too few channels: the block gives it 88.",
    zh="模块后面的卷积的输入通道数太少：模块给它的是 88 个通道。",
)
FLAT_SIZE = Diagnosis(
    "flat_size",
    en="The flattening does not fit: an image leaves the second block as 88 maps of 4x4, one row of 1408 numbers.",
    zh="展平的大小不对：第二个模块之后，每张图是 88 张 4x4 的特征图，即一行 1408 个数。",
)
MISSING_RELU = Diagnosis(
    "missing_relu",
    en="A ReLU is missing in Net, between the pooling and the inception block.",
    zh="Net 里在池化与 Inception 模块之间少了 ReLU。",
)
RELU_AFTER_BLOCK = Diagnosis(
    "relu_after_block",
    en="Net applies a ReLU to what an inception block gives; its ReLU stands before the block, after the pooling.",
    zh="Net 对 Inception 模块的输出又用了 ReLU；ReLU 应在模块之前、池化之后。",
)
AVERAGE_POOLED_NET = Diagnosis(
    "net_average_pool",
    en="Net pools by the average; it should take the maximum. The average belongs inside the block.",
    zh="Net 用了平均池化；这里应该用最大池化，平均池化在模块内部。",
)
SOFTMAX_ON_LOGITS = Diagnosis(
    "softmax_on_logits",
    en="Net returns probabilities; CrossEntropyLoss wants the plain logits and takes the softmax itself.",
    zh="Net 返回的是概率；CrossEntropyLoss 需要原始的 logits，它自己会做 softmax。",
)
LOG_SOFTMAX_ON_LOGITS = Diagnosis(
    "log_softmax_on_logits",
    en="Net returns logarithms of probabilities; here it ends in plain logits, and the loss does the rest.",
    zh="Net 返回的是概率的对数；这里应直接输出 logits，其余由损失函数完成。",
)
RELU_ON_LOGITS = Diagnosis(
    "relu_on_logits",
    en="There is an activation after the last linear layer: logits may be negative.",
    zh="最后的线性层之后还有激活函数：logits 可以是负数。",
)
GRAPH_CUT = Diagnosis(
    "graph_cut",
    en="A part of the result has left its graph: .detach(), .data, torch.no_grad() or the like is on the way.",
    zh="结果的一部分脱离了计算图：途中用了 .detach()、.data 或 torch.no_grad() 之类的操作。",
)

# What PyTorch says when the parts do not fit together.
CAT = r"must match except in dimension "
CHANNELS_GIVEN = r"to have \d+ channels, but got {} channels"
BLOCK_ERRORS = {
    CONCATENATED_BATCH: CAT + r"[023]\.",
    POOL_STRIDE: CAT + r"1\..* size 4\b",
    TOO_MUCH_PADDING: CAT + r"1\..* size (1[3-9]|2\d)\b",
    MISSING_PADDING: CAT + r"1\.",
    ADDED: r"tensor a \((16|24)\) must match the size of tensor b \((16|24)\)|stack expects each tensor",
    BRANCH_FROM_INPUT: r"weight of size \[24, (16|24), [35], [35]\], expected input",
    FIXED_CHANNELS: CHANNELS_GIVEN.format(CHANNELS),
}
NET_ERRORS = BLOCK_ERRORS | {
    NEXT_CHANNELS: CHANNELS_GIVEN.format(88),
    MISSING_BRANCH: r"to have 88 channels, but got (64|72) channels",
    SHARED_BLOCK: r"to have 10 channels, but got 20 channels",
    FLAT_SIZE: r"mat1 and mat2 shapes cannot be multiplied|is invalid for input of size",
}

Shape = tuple[int, ...]
Convolution = tuple[torch.Tensor, torch.Tensor]
Step = Callable[[torch.Tensor], torch.Tensor]
Kernels = dict[Shape, list[Convolution]]

NARROW, POOL = (16, CHANNELS, 1, 1), (24, CHANNELS, 1, 1)
# What follows the 1x1 convolution in each branch that begins with one.
BRANCHES: dict[str, list[Shape]] = {"1x1": [], "5x5": [(24, 16, 5, 5)], "3x3": [(24, 16, 3, 3), (24, 24, 3, 3)]}
WANTED = Counter([NARROW, NARROW, NARROW, POOL, *BRANCHES["5x5"], *BRANCHES["3x3"]])
WRONG_WIDTHS = {64: MISSING_BRANCH, 72: MISSING_BRANCH, 64 + CHANNELS: NO_REDUCTION}
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
    fail_if(len(values) > 14 and normalises(attempt, block), BATCH_NORM)
    kernels = Counter(tuple(value.shape) for value in values if value.dim() == 4)
    extra, lacking = kernels - WANTED, WANTED - kernels
    fail_if(list(extra) == [(24, 16, 3, 3)] and list(lacking) == [(24, 16, 5, 5)], FIVE_IS_THREE)
    fail_if(any(given == CHANNELS and size > 1 for _, given, size, _ in extra), NO_REDUCTION)
    fixed = [(out, CHANNELS, 1, 1) for out, given, size, _ in extra if size == 1 and given not in (16, 24)]
    fail_if(any(shape in lacking for shape in fixed), FIXED_CHANNELS)
    if extra:
        fail(WRONG_SIZES, comparison=Comparison(expected=listed(lacking), actual=listed(extra)))
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
    fail_if(seen.ops.count("aten.convolution") > kernels.total() and not kernels.keys() >= {*only}, NOT_REGISTERED)
    width = expect(seen.value, BLOCK).is_tensor().shape[1]
    fail_if(width == 88 and only == [NARROW], SHARED_CONVOLUTION)
    fail_if(width == 88 and only == [(24, 24, 3, 3)], SINGLE_THREE)
    fail_if(width == 64 + CHANNELS and only == [POOL], NO_REDUCTION)
    fail_if(width != 88, MISSING_BRANCH)
    fail(WRONG_SIZES, comparison=Comparison(expected=listed(lacking), actual="-"))


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
    MAX_POOL: partial(F.max_pool2d, kernel_size=3, stride=1, padding=1),
    POOL_WITHOUT_PADDING: partial(average, count_include_pad=False),
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
    fail_if(any(len(starts(y, part)) > 1 for part in parts), MISSING_BRANCH)
    fail_if(any(starts(y, F.conv2d(average(x), *first)) for first in kernels[NARROW]), WRONG_SIZES)
    for name, first in product(lost, kernels[NARROW]):
        patterns = product((False, True), repeat=1 + len(BRANCHES[name]))
        fail_if(any(starts(y, branch(x, name, first, kernels, relus)) for relus in patterns), RELU_INSIDE)
        crossed = F.conv2d(branch(x, "5x5", first, kernels), *kernels[24, 24, 3, 3][0], padding=1)
        fail_if(bool(starts(y, crossed)), BRANCH_FROM_INPUT)


def check_no_activation(block: Remote, rng: Inputs) -> None:
    """Fail if the block is no affine map of images that are constant, so that every pooling leaves them alone."""
    a, b = rng.normal(2, CHANNELS, 1, 1).expand(-1, -1, HEIGHT, WIDTH)
    x = torch.stack([torch.zeros_like(a), a, b, a + b])
    zero, one, two, both = y = run(block, x)
    steady = close(run(block, x), y)  # else it is something random that bends the map
    fail_if(steady and not close(one + two, both + zero), RELU_INSIDE)


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
        fail_if(changed, GRAPH_CUT, Verdict.NO_GRADIENT)
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
    fail_if(len(biases) < 7, NO_BIAS)
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
    fail_if(len({standing[1] for standing in found.values() if standing}) < len(found), BRANCH_FROM_INPUT)


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
    fail_if(appears(average(convolve(x))), POOL_AFTER_CONVOLUTION)
    fail_if(appears(wanted.relu(), convolve(average(x).relu()), average(convolve(x).relu())), RELU_INSIDE)
    check_convolutions(attempt, block, x)
    fail_if(appears(*(F.conv2d(average(x), *narrow) for narrow in kernels[NARROW])), WRONG_SIZES)
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
    fail_if(not values, NOT_REGISTERED)
    y = run(block, x)
    found = attempt.gradients(block, x, upstream=upstream, module=block)
    fail_if(not found.connected or found.inputs[0] is None, GRAPH_CUT, Verdict.NO_GRADIENT)
    check_reached(attempt, block, x, values, found.parameters)
    x.requires_grad_()
    expected = whole(y, x, convolutions(values))
    if expected is not None:
        (wanted,) = torch.autograd.grad((expected * upstream).sum(), x)
        fail_if(not close(found.inputs[0], wanted), GRAPH_CUT, Verdict.WRONG_GRADIENT)


# ---- the parts of Net


def blocks_of(attempt: Attempt, net: Remote) -> list[str]:
    """The paths of Net's two inception blocks, whatever their class is called."""
    kind = attempt.modules(attempt.InceptionA(CHANNELS), settings=False)[0].kind
    found: dict[int, str] = {}
    for m in attempt.modules(net, settings=False):
        if m.kind == kind:
            found.setdefault(m.identity, m.path)
    fail_if(not found, NOT_REGISTERED)
    fail_if(len(found) == 1, SHARED_BLOCK)
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
    fail_if(not values, NOT_REGISTERED)
    paths = blocks_of(attempt, net)
    own = {name: v for name, v in values.items() if not name.startswith(tuple(f"{path}." for path in paths))}
    weights = {tuple(v.shape): name for name, v in own.items() if v.dim() > 1}
    extra, lacking = sorted(set(weights) - set(NET_WEIGHTS)), sorted(set(NET_WEIGHTS) - set(weights))
    fail_if(not extra and bool(lacking), NOT_REGISTERED)
    fail_if((10, 1408) in lacking and any(len(shape) == 2 for shape in extra), FLAT_SIZE)
    fail_if((20, 88, 5, 5) in lacking and any(shape[0] == 20 for shape in extra), NEXT_CHANNELS)
    if extra:
        fail(WRONG_SIZES, comparison=Comparison(expected=listed(Counter(lacking)), actual=listed(Counter(extra))))
    biases = [own.get(weights[shape].removesuffix("weight") + "bias") for shape in NET_WEIGHTS]
    fail_if(any(bias is None for bias in biases), NO_BIAS)
    first, second, linear = [(own[weights[shape]], bias) for shape, bias in zip(NET_WEIGHTS, biases, strict=True)]

    def channels(path: str) -> int:
        kernels = [v for name, v in values.items() if name.startswith(f"{path}.") and v.shape[2:] == (1, 1)]
        return min((v.shape[1] for v in kernels), default=0)

    blocks = [reduce(getattr, path.split("."), net) for path in sorted(paths, key=channels)]
    return Net([first, second], blocks, linear)


def logits_of(value: object) -> torch.Tensor:
    """What Net gave for three images, if it has the shape of logits."""
    logits = expect(value, LOGITS).is_tensor()
    fail_if(logits.dim() == 2 and logits.shape[0] != 3, FLAT_SIZE, Verdict.WRONG_SHAPE)
    expect(logits, LOGITS).has_shape(3, 10)
    return finite(logits, LOGITS)


def unchanged(x: torch.Tensor) -> torch.Tensor:
    """What stands between two steps where nothing should."""
    return x


def rectified(z: torch.Tensor) -> torch.Tensor:
    """What Net does between a convolution and a block."""
    return F.max_pool2d(z, 2).relu()


WRONG_HEADS: list[tuple[Diagnosis, Step]] = [
    (SOFTMAX_ON_LOGITS, partial(torch.softmax, dim=1)),
    (SOFTMAX_ON_LOGITS, partial(torch.softmax, dim=0)),
    (LOG_SOFTMAX_ON_LOGITS, partial(torch.log_softmax, dim=1)),
    (LOG_SOFTMAX_ON_LOGITS, partial(torch.log_softmax, dim=0)),
    (RELU_ON_LOGITS, torch.relu),
]


def wrong_bodies() -> Iterator[tuple[Diagnosis, tuple[Step, Step], tuple[Step, Step]]]:
    """The slips in what Net does before and behind its blocks, each in one place and in both."""
    plain: Step = partial(F.max_pool2d, kernel_size=2)
    for diagnosis, wrong in (
        (MISSING_RELU, plain),
        (AVERAGE_POOLED_NET, lambda z: F.avg_pool2d(z, 2).relu()),
        (AVERAGE_POOLED_NET, lambda z: F.avg_pool2d(z.relu(), 2)),
    ):
        for before in ((wrong, rectified), (rectified, wrong), (wrong, wrong)):
            yield diagnosis, before, (unchanged, unchanged)
    relu = torch.relu
    for before, after in product((rectified, plain), ((relu, unchanged), (unchanged, relu), (relu, relu))):
        yield RELU_AFTER_BLOCK, (before, before), after


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
        fail_if(normalises(attempt, net), BATCH_NORM)
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
    fail_if(not any(g is not None and bool(g.any()) for g in found.parameters), GRAPH_CUT, Verdict.NO_GRADIENT)
