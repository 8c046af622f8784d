"""The hidden checks of exercise 11.

Attribute names are free, and the two convolutions of a block have kernels of one shape: each is tried in both roles.
A block may scale its sum by 1/2 or have a 1x1 convolution on its skip, which are the homework of the lecture.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial, reduce
from itertools import product
from typing import Any

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from dlex.kit import Attempt, CheckFailure, Diagnosis, Inputs, Remote, Text, Verdict, expect, explaining, fail, fail_if
from dlex.protocol.result import Comparison

CHANNELS, HEIGHT, WIDTH = 5, 9, 7
BLOCK = Text(en="the output of ResidualBlock", zh="ResidualBlock 的输出")
LOGITS = Text(en="the output of Net", zh="Net 的输出")
ALONE = Text(en="what comes for an image alone, not in a batch,", zh="单独输入一张图（而非一个批次）时的输出")
DRAWS = 20  # of random weights at most, for one check
NORMS = Text(en="the list of norms", zh="梯度范数的列表")

MISSING_PADDING = Diagnosis(
    "missing_padding",
    en="The branch shrinks the image, so it no longer fits onto x: a 3x3 convolution needs padding 1.",
    zh="分支把图像变小了，无法再与 x 相加：3x3 卷积要取 padding=1。",
)
CONCATENATED = Diagnosis(
    "concatenated_not_added",
    en="The channels have doubled: a residual block adds x and the branch element by element and joins nothing.",
    zh="通道数翻倍了：残差块把 x 与分支逐元素相加，而不是拼接。",
)
INPUT_CHANGED = Diagnosis(
    "input_changed",
    en="The block overwrites its input x, by `+=`, `relu_` or inplace=True: the caller and autograd still need it.",
    zh="残差块用 `+=`、`relu_` 或 inplace=True 覆盖了输入 x，而调用者和 autograd 还要用它。",
)
BATCH_NORM = Diagnosis(
    "batch_norm",
    en="There is batch normalisation, as in the published ResNet; the block of this exercise holds convolutions only.",
    zh="这里有批量归一化，那是论文中 ResNet 的做法；本练习的残差块只有卷积。",
)
NO_SKIP = Diagnosis(
    "no_skip",
    en="The skip connection is missing: x itself is never added to what the two convolutions give.",
    zh="缺少跳连：两个卷积的结果没有加上 x 本身。",
)
NO_FINAL_RELU = Diagnosis(
    "no_final_relu",
    en="The sum leaves the block as it is: a last ReLU belongs after the addition.",
    zh="相加的结果直接输出了：相加之后还要做最后一次 ReLU。",
)
RELU_BEFORE_ADDITION = Diagnosis(
    "relu_before_addition",
    en="A ReLU is applied to one of the summands: add x and conv2's plain output first, and rectify only the sum.",
    zh="某一个加数先做了 ReLU：应当先把 x 与 conv2 的原始输出相加，再只对和做 ReLU。",
)
NO_MIDDLE_RELU = Diagnosis(
    "no_middle_relu",
    en="There is no ReLU between the two convolutions, so together they are only one linear map.",
    zh="两个卷积之间没有 ReLU，它们合起来只是一个线性变换。",
)
WRONG_SUMMAND = Diagnosis(
    "wrong_summand",
    en="The wrong tensors are added: one is conv2's output, the other the block's input x, each of them once.",
    zh="相加的张量不对：一个应是 conv2 的输出，另一个是模块的输入 x，各加一次。",
)
SAME_CONVOLUTION = Diagnosis(
    "same_convolution_twice",
    en="One convolution does the work of both: there are two, each with weights of its own, and each is used once.",
    zh="同一个卷积用了两次：应当有两个各有权重的卷积，各用一次。",
)
FIRST_LOST = Diagnosis(
    "first_convolution_lost",
    en="One convolution has no effect: its result is thrown away, because the other one starts from x again.",
    zh="有一个卷积不起作用：另一个卷积又从 x 开始，它的结果就被丢掉了。",
)
SKIP_CONVOLVED = Diagnosis(
    "skip_convolved",
    en="There is a third 3x3 convolution; the branch has two, and the skip none: x is added unchanged.",
    zh="这里有第三个 3x3 卷积；分支有两个，跳连上没有，x 应当原样相加。",
)
NOT_REGISTERED = Diagnosis(
    "not_registered",
    en="Some layers are not registered, so no optimizer sees them: a plain list, or forward, is no place for them.",
    zh="有网络层没有注册，优化器看不到它们：不要放在普通列表里，也不要在 forward 里创建。",
)
FIXED_CHANNELS = Diagnosis(
    "fixed_channels",
    en="The number of channels is a fixed figure; the block must be built for any `channels`.",
    zh="通道数写成了固定的数字；残差块应当适用于任意的 channels。",
)
WRONG_SIZES = Diagnosis(
    "wrong_sizes",
    en="A layer has other sizes than the docstring says, or other neighbours: compare channels and kernel sizes.",
    zh="有网络层的尺寸或先后顺序与文档字符串不符：请对照它的输出通道、输入通道和卷积核大小。",
)
NO_BIAS = Diagnosis(
    "no_bias",
    en="A layer has no bias: leave bias at its default.",
    zh="有网络层没有偏置：请保留 bias 的默认值。",
)
GRAPH_CUT = Diagnosis(
    "graph_cut",
    en="A part of the result has left its graph: .detach(), .data, torch.no_grad() or the like is on the way.",
    zh="结果的一部分脱离了计算图：途中用了 .detach()、.data 或 torch.no_grad() 之类的操作。",
)
FLAT_SIZE = Diagnosis(
    "flat_size",
    en="The flattening does not fit: an image leaves the second block as 32 maps of 4x4, one row of 512 numbers.",
    zh="展平的大小不对：第二个残差块之后，每张图是 32 张 4x4 的特征图，即一行 512 个数。",
)
MISSING_RELU = Diagnosis(
    "missing_relu",
    en="A ReLU is missing in Net, between one of its own convolutions and the block behind it.",
    zh="Net 里少了 ReLU：它应在 Net 自己的卷积与后面的残差块之间。",
)
AVERAGE_POOLED = Diagnosis(
    "net_average_pool",
    en="Net pools by the average; it should take the maximum.",
    zh="Net 用了平均池化；这里应该用最大池化。",
)
BLOCK_BEFORE_POOLING = Diagnosis(
    "block_before_pooling",
    en="A block comes before the pooling: the order is convolution, ReLU, pooling, and then the block.",
    zh="残差块放在了池化之前：顺序是卷积、ReLU、池化，然后才是残差块。",
)
BLOCK_SKIPPED = Diagnosis(
    "block_skipped",
    en="A residual block is made in __init__, but the values do not pass through it in forward.",
    zh="在 __init__ 里创建了残差块，但 forward 中的数值没有经过它。",
)
SOFTMAX_ON_LOGITS = Diagnosis(
    "softmax_on_logits",
    en="Net ends in a softmax; CrossEntropyLoss wants the plain logits and takes the softmax itself.",
    zh="Net 的末尾做了 softmax；CrossEntropyLoss 需要原始的 logits，它自己会做 softmax。",
)
RELU_ON_LOGITS = Diagnosis(
    "relu_on_logits",
    en="There is an activation after the last linear layer: logits may be negative.",
    zh="最后的线性层之后还有激活函数：logits 可以是负数。",
)
RESIDUAL_MIXED_UP = Diagnosis(
    "residual_mixed_up",
    en="This is the other stack: with residual=True, and only then, h is added to what the layer gives.",
    zh="这是另一种网络的结果：当且仅当 residual=True 时，才把 h 加到该层的输出上。",
)
SIGMOID_AFTER_SUM = Diagnosis(
    "sigmoid_after_sum",
    en="The sigmoid is taken of the sum, so the skip is squeezed, too: add h to what the sigmoid gives.",
    zh="sigmoid 作用在了和上，跳连也被压缩了：应当把 h 加到 sigmoid 的输出上。",
)
SKIP_FROM_INPUT = Diagnosis(
    "skip_from_input",
    en="Each layer adds the very first input x again: what skips a layer is the h that enters this layer.",
    zh="每一层加的都是最初的输入 x：跳过一层的应是进入这一层的 h。",
)
TRANSPOSED = Diagnosis(
    "weight_transposed",
    en="h is multiplied by the weight itself; F.linear multiplies by the transposed one, h @ weight.T.",
    zh="h 直接乘了 weight；F.linear 乘的是它的转置，即 h @ weight.T。",
)
OTHER_ACTIVATION = Diagnosis(
    "other_activation",
    en="The activation is another one, or there is none: this stack uses the sigmoid in every layer.",
    zh="激活函数不对，或者没有激活函数：这里每一层都用 sigmoid。",
)
OTHER_NORM = Diagnosis(
    "other_norm",
    en="This is another measure of the gradient: the Euclidean norm is the root of the sum of its squares.",
    zh="这是梯度的另一种度量：欧几里得范数是各元素平方和的平方根。",
)
NORM_OF_VALUES = Diagnosis(
    "norm_of_values",
    en="These are the norms of the weights or of h themselves; the gradient of the loss for each weight is asked for.",
    zh="这是权重本身或 h 本身的范数；要求的是损失对每个权重的梯度。",
)
GRADIENT_OF_H = Diagnosis(
    "gradient_of_h",
    en="These are gradients with respect to h; the gradient with respect to the weight of each layer is asked for.",
    zh="这是对 h 的梯度；要求的是对每一层权重的梯度。",
)
REVERSED = Diagnosis(
    "reversed_order",
    en="The order is that of backpropagation, last layer first: the first number belongs to the first layer.",
    zh="顺序是反向传播的顺序，即最后一层在前：第一个数应属于第一层。",
)
ONE_NUMBER = Diagnosis(
    "one_number",
    en="There is one number for the whole stack: return one norm for each layer.",
    zh="整个网络只给出了一个数：应当为每一层返回一个范数。",
)
ACCUMULATED = Diagnosis(
    "accumulated",
    en="Gradients or norms of several runs have piled up: call backward() once, and begin each call afresh.",
    zh="多次运行的梯度或范数累加在了一起：backward() 只调用一次，每次调用函数都要重新开始。",
)
NO_REQUIRES_GRAD = Diagnosis(
    "no_requires_grad",
    en="No gradient was recorded: autograd must be told, before the forward pass, that the weights need one.",
    zh="没有记录任何梯度：要在前向传播之前告诉 autograd，这些权重需要求梯度。",
)
GRADIENT_IS_NONE = Diagnosis(
    "gradient_is_none",
    en="A weight has no gradient: the chain to the loss is cut (by detach or .data), or backward() was not called.",
    zh="有权重没有梯度：通向损失的链条断了（用了 detach 或 .data），或者没有调用 backward()。",
)
FIGURE_NOT_RETURNED = Diagnosis(
    "figure_not_returned",
    en="What comes back is no figure: `plt.show()` and `plt.plot()` do not return it, so do it yourself.",
    zh="返回的不是图：`plt.show()` 和 `plt.plot()` 都不会返回 Figure 对象，请自己返回它。",
)
CURVE_MISSING = Diagnosis(
    "curve_missing",
    en="The two curves do not stand in one pair of axes: draw a line for each list into the same axes.",
    zh="同一个坐标系里没有这两条曲线：请把两个列表各画成一条线，放在同一个坐标系中。",
)
LOGARITHM_DRAWN = Diagnosis(
    "logarithm_drawn",
    en="The curve shows logarithms: draw the norms themselves, and let the axis be logarithmic.",
    zh="曲线画的是对数：请画范数本身，让坐标轴采用对数刻度。",
)
LINEAR_AXIS = Diagnosis(
    "linear_axis",
    en="The vertical axis is not logarithmic alone: 1e-7 and 1e-3 both look like zero on a linear one.",
    zh="纵轴应为对数刻度（横轴不是）：在线性刻度上，1e-7 和 1e-3 看起来都是零。",
)
NO_LABELS = Diagnosis(
    "no_labels",
    en="An axis has no label, or there is no legend, so nobody can tell what the curves show.",
    zh="有坐标轴没有标签，或者没有图例，别人看不出曲线表示什么。",
)
FIGURE_REUSED = Diagnosis(
    "figure_reused",
    en="A second call draws into the same figure, over the old curves: begin a new figure each time.",
    zh="第二次调用画进了同一张图，旧曲线还在里面：每次都要新建一张图。",
)

# What PyTorch says when the parts do not fit together.
BLOCK_ERRORS = {
    MISSING_PADDING: r"size of tensor [ab] \(\d+\) must match|Kernel size can't be greater than actual input size",
    FIXED_CHANNELS: rf"to have \d+ channels, but got {CHANNELS} channels",
    INPUT_CHANGED: r"modified by an inplace operation|leaf Variable that requires grad is being used in an in-place",
}
NET_ERRORS = BLOCK_ERRORS | {
    WRONG_SIZES: r"to have \d+ channels, but got \d+ channels",
    FLAT_SIZE: r"mat1 and mat2 shapes cannot be multiplied|is invalid for input of size",
}
NORM_ERRORS = {
    NO_REQUIRES_GRAD: r"does not require grad",
    ACCUMULATED: r"backward through the graph a second time",
    GRADIENT_IS_NONE: r"NoneType|not to have been used in the graph",
}

Shape = tuple[int, ...]
Convolution = tuple[torch.Tensor, torch.Tensor]
Step = Callable[[torch.Tensor], torch.Tensor]

THREE: Shape = (CHANNELS, CHANNELS, 3, 3)
ONE: Shape = (CHANNELS, CHANNELS, 1, 1)
NET_WEIGHTS = [(16, 1, 5, 5), (32, 16, 5, 5), (10, 512)]


def images(rng: Inputs) -> torch.Tensor:
    """Input for a block."""
    return rng.normal(3, CHANNELS, HEIGHT, WIDTH)


def digits(rng: Inputs) -> torch.Tensor:
    """Input for Net."""
    return rng.normal(3, 1, 28, 28)


def parameters(attempt: Attempt, module: Remote) -> dict[str, torch.Tensor]:
    """The parameters of `module` by name, one that has two names only once."""
    found: dict[int, tuple[str, torch.Tensor]] = {}
    for p in attempt.parameters(module):
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
    """The output of a block, if it has the shape of its input."""
    try:
        with explaining(BLOCK_ERRORS):
            y = block(x)
    except CheckFailure as failure:
        fail_if(failure.finding.verdict is Verdict.INPUT_MUTATED, INPUT_CHANGED, Verdict.INPUT_MUTATED)
        raise
    n, channels, height, width = x.shape
    shrunk = {MISSING_PADDING: (n, channels, height - 4, width - 4)}
    expect(y, BLOCK).has_shape(*x.shape, mistakes={CONCATENATED: (n, 2 * channels, height, width), **shrunk})
    return finite(y, BLOCK)


def finite(value: torch.Tensor, what: Text) -> torch.Tensor:
    """A tensor from the attempt without its graph, if it is float32 and holds neither NaN nor infinity."""
    value = value.detach()
    if value.dtype != torch.float32 or not bool(value.isfinite().all()):
        expect(value, what).close_to(torch.zeros(value.shape))
    return value


def close(actual: torch.Tensor, wanted: torch.Tensor) -> bool:
    """Whether two results agree; loose, for float32 on every device."""
    return actual.shape == wanted.shape and torch.allclose(actual, wanted, rtol=1e-3, atol=1e-4)


def check_alone(attempt: Attempt, module: Remote, x: torch.Tensor, together: torch.Tensor, run: Step) -> None:
    """Fail if an image alone gives something else than in the batch."""
    alone = run(x[1:2])
    if not close(alone, together[1:2]):
        fail_if(normalises(attempt, module), BATCH_NORM)
        fail_if(has_unregistered(attempt, module, x), NOT_REGISTERED)
        expect(alone, ALONE).close_to(together[1:2])


def normalises(attempt: Attempt, module: Remote) -> bool:
    """Whether there is batch normalisation anywhere in `module`."""
    return any("BatchNorm" in base for m in attempt.modules(module) for base in m.bases)


def has_unregistered(attempt: Attempt, module: Remote, x: torch.Tensor) -> bool:
    """Whether more convolutions are at work than `module` knows of."""
    kernels = [p for p in attempt.parameters(module) if p.value.dim() == 4]
    with explaining(BLOCK_ERRORS):
        return attempt.observe(module, x).ops.count("aten.convolution") > len(kernels)


# ---- the parts of a block


@dataclass(frozen=True)
class Parts:
    """What a block works with: its input, what takes the skip, and its two convolutions in their roles."""

    x: torch.Tensor
    side: torch.Tensor
    conv1: Step
    conv2: Step

    @property
    def inner(self) -> torch.Tensor:
        """What enters the second convolution."""
        return self.conv1(self.x).relu()

    @property
    def branch(self) -> torch.Tensor:
        """What is added to the skip."""
        return self.conv2(self.inner)

    @property
    def output(self) -> torch.Tensor:
        """What the block gives."""
        return (self.side + self.branch).relu()


SLIPS: list[tuple[Diagnosis, Callable[[Parts], torch.Tensor]]] = [
    (NO_SKIP, lambda p: p.branch.relu()),
    (NO_SKIP, lambda p: p.branch),
    (NO_FINAL_RELU, lambda p: p.side + p.branch),
    (RELU_BEFORE_ADDITION, lambda p: p.side + p.branch.relu()),
    (RELU_BEFORE_ADDITION, lambda p: p.side.relu() + p.branch.relu()),
    (RELU_BEFORE_ADDITION, lambda p: p.side.relu() + p.branch),
    (RELU_BEFORE_ADDITION, lambda p: (p.side + p.branch.relu()).relu()),
    (RELU_BEFORE_ADDITION, lambda p: (p.side.relu() + p.branch).relu()),
    (NO_MIDDLE_RELU, lambda p: (p.side + p.conv2(p.conv1(p.x))).relu()),
    (NO_MIDDLE_RELU, lambda p: p.side + p.conv2(p.conv1(p.x))),
    (WRONG_SUMMAND, lambda p: (p.branch + p.branch).relu()),
    (WRONG_SUMMAND, lambda p: (p.side + p.side).relu()),
    (WRONG_SUMMAND, lambda p: (p.side + p.inner).relu()),
    (WRONG_SUMMAND, lambda p: (p.inner + p.branch).relu()),
    (WRONG_SUMMAND, lambda p: (p.conv1(p.x) + p.branch).relu()),
    (WRONG_SUMMAND, lambda p: (2 * p.side + p.branch).relu()),
    (WRONG_SUMMAND, lambda p: (p.side - p.branch).relu()),
    (WRONG_SUMMAND, lambda p: (p.branch - p.side).relu()),
    (SAME_CONVOLUTION, lambda p: (p.side + p.conv1(p.inner)).relu()),
    (FIRST_LOST, lambda p: (p.side + p.conv2(p.x)).relu()),
    (FIRST_LOST, lambda p: (p.side + p.conv2(p.x.relu())).relu()),
    (FIRST_LOST, lambda p: (p.side + p.conv2(p.x).relu()).relu()),
]


def convolution(name: str, values: dict[str, torch.Tensor]) -> Convolution:
    """The kernel `name`, and its bias, or zeros if it has none."""
    kernel = values[name]
    return kernel, values.get(name.removesuffix("weight") + "bias", torch.zeros(kernel.shape[0]))


def roles(x: torch.Tensor, values: dict[str, torch.Tensor]) -> list[Parts]:
    """The block in each way in which its convolutions can be meant."""
    kernels = {shape: [name for name, v in values.items() if v.shape == shape] for shape in (THREE, ONE)}
    convs = [partial(convolve, weights=convolution(name, values)) for name in kernels[THREE]]
    side = convolve(x, convolution(kernels[ONE][0], values)) if kernels[ONE] else x
    return [Parts(x, side, a, b) for a, b in product(convs, convs) if a is not b or len(convs) == 1]


def convolve(x: torch.Tensor, weights: Convolution) -> torch.Tensor:
    """A convolution that keeps the size of the image."""
    return F.conv2d(x, *weights, padding="same")


def matches(y: torch.Tensor, wanted: torch.Tensor) -> bool:
    """Whether a block gave `wanted`, or half of it, as with constant scaling."""
    return close(y, wanted) or close(y, wanted / 2)


def check_layers(attempt: Attempt, block: Remote, x: torch.Tensor) -> None:
    """Fail, with a diagnosis, unless `block` holds two 3x3 convolutions, and at most a 1x1 convolution on the skip."""
    values = parameters(attempt, block)
    fail_if(normalises(attempt, block), BATCH_NORM)
    kernels = {name: tuple(v.shape) for name, v in values.items() if v.dim() == 4}
    count = Counter(kernels.values())
    extra = count - Counter([THREE, THREE, ONE])
    fail_if(list(extra) == [THREE], SKIP_CONVOLVED)
    fail_if(any(shape[1] != CHANNELS and shape[:2] == shape[1::-1] for shape in extra), FIXED_CHANNELS)
    if extra or count[THREE] < 2:
        y = run(block, x)
        once = count[THREE] == 1
        fail_if(once and any(matches(y, parts.output) for parts in roles(x, values)), SAME_CONVOLUTION)
        fail_if(has_unregistered(attempt, block, x), NOT_REGISTERED)
        wanted = Counter([THREE, THREE])
        fail(WRONG_SIZES, comparison=Comparison(expected=listed(wanted), actual=listed(count)))
    biases = [name.removesuffix("weight") + "bias" in values for name, shape in kernels.items() if shape == THREE]
    fail_if(not all(biases), NO_BIAS)


def listed(shapes: Counter[Shape]) -> str:
    """Shapes as text."""
    return ", ".join(map(str, sorted(shapes.elements()))) or "-"


def check_values(attempt: Attempt, block: Remote, x: torch.Tensor, values: dict[str, torch.Tensor]) -> None:
    """Fail, with a diagnosis, unless the block with the parameters `values` computes what it should."""
    y = run(block, x)
    ways = roles(x, values)
    if any(matches(y, parts.output) for parts in ways):
        return
    for (diagnosis, slip), parts in product(SLIPS, ways):
        fail_if(matches(y, slip(parts)), diagnosis)
    expect(y, BLOCK).close_to(ways[0].output)


# ---- the checks of ResidualBlock


@pytest.mark.points(1)
@pytest.mark.public
def test_block_shape(attempt: Attempt, rng: Inputs) -> None:
    """ResidualBlock keeps the shape of its input, whatever the size of the batch, and leaves the input alone.

    zh: 不论批次多大，ResidualBlock 都保持输入的形状，并且不改动输入。
    """
    x = images(rng)
    block = attempt.ResidualBlock(CHANNELS)
    check_alone(attempt, block, x, run(block, x), partial(run, block))


@pytest.mark.points(1)
def test_block_skip(attempt: Attempt, rng: Inputs) -> None:
    """With its two convolutions at zero, the block gives relu(x): there is nothing to add.

    zh: 两个卷积全为零时，残差块输出 relu(x)：没有什么可加的。
    """
    x = images(rng)
    block = built(attempt, attempt.ResidualBlock, x, CHANNELS)
    check_layers(attempt, block, x)
    values = loaded(attempt, block, rng)
    skip = {name.rpartition(".")[0] for name, v in values.items() if v.shape == ONE}
    zeros = {name: v if name.rpartition(".")[0] in skip else torch.zeros_like(v) for name, v in values.items()}
    attempt.load_parameters(block, zeros)
    y, wanted = run(block, x), roles(x, zeros)[0].output
    if not matches(y, wanted):
        attempt.load_parameters(block, values)
        check_values(attempt, block, x, values)
        expect(y, BLOCK).close_to(wanted)


@pytest.mark.points(1)
def test_block_values(attempt: Attempt, rng: Inputs) -> None:
    """The block gives relu(x + conv2(relu(conv1(x)))).

    zh: 残差块输出 relu(x + conv2(relu(conv1(x))))。
    """
    x = images(rng)
    block = built(attempt, attempt.ResidualBlock, x, CHANNELS)
    check_layers(attempt, block, x)
    check_values(attempt, block, x, loaded(attempt, block, rng))


@pytest.mark.points(1)
def test_block_gradients(attempt: Attempt, rng: Inputs) -> None:
    """The gradient reaches both convolutions, and the input by the branch and by the skip.

    zh: 梯度能传到两个卷积，并经由分支和跳连传到输入。
    """
    x, upstream = images(rng), rng.normal(3, CHANNELS, HEIGHT, WIDTH)
    block = built(attempt, attempt.ResidualBlock, x, CHANNELS)
    values = loaded(attempt, block, rng)
    fail_if(not values, NOT_REGISTERED)
    y = run(block, x)
    with explaining(BLOCK_ERRORS):
        found = attempt.gradients(block, x, upstream=upstream, module=block)
    reached = [g is not None and bool(g.any()) for g in (*found.inputs, *found.parameters)]
    ways = [parts for parts in roles(x.requires_grad_(), values) if matches(y, parts.output.detach())]
    if not ways:
        check_layers(attempt, block, x.detach())
        check_values(attempt, block, x.detach(), values)
    fail_if(not all(reached), GRAPH_CUT, Verdict.NO_GRADIENT)
    output = ways[0].output
    scale = 1 if close(y, output.detach()) else 0.5
    (wanted,) = torch.autograd.grad((scale * output * upstream).sum(), x)
    fail_if(not close(found.inputs[0], wanted), GRAPH_CUT, Verdict.WRONG_GRADIENT)


# ---- the parts of Net


@dataclass
class Net:
    """What Net is made of: its own layers with their weights, and its blocks, which are the attempt's."""

    stems: list[Convolution]
    blocks: list[Remote]
    linear: Convolution

    def logits(self, x: torch.Tensor, stages: Sequence[Callable[[torch.Tensor, Remote], torch.Tensor]]) -> torch.Tensor:
        """What Net gives if `stages` say what follows each of its convolutions."""
        for stem, block, stage in zip(self.stems, self.blocks, stages, strict=True):
            x = stage(F.conv2d(x, *stem), block)
        return F.linear(x.flatten(1), *self.linear)


def parts_of(attempt: Attempt, net: Remote, values: dict[str, torch.Tensor]) -> Net:
    """The parts of a Net with the parameters `values`; fails, with a diagnosis, unless they are right."""
    fail_if(not values, NOT_REGISTERED)
    paths = blocks_of(attempt, net)
    own = {name: v for name, v in values.items() if not name.startswith(tuple(f"{path}." for path in paths))}
    weights = {tuple(v.shape): name for name, v in own.items() if v.dim() > 1}
    extra, lacking = sorted(set(weights) - set(NET_WEIGHTS)), sorted(set(NET_WEIGHTS) - set(weights))
    fail_if(not extra and bool(lacking), NOT_REGISTERED)
    fail_if((10, 512) in lacking and any(len(shape) == 2 for shape in extra), FLAT_SIZE)
    if extra:
        fail(WRONG_SIZES, comparison=Comparison(expected=listed(Counter(lacking)), actual=listed(Counter(extra))))
    fail_if(any(weights[shape].removesuffix("weight") + "bias" not in own for shape in NET_WEIGHTS), NO_BIAS)
    first, second, linear = (convolution(weights[shape], own) for shape in NET_WEIGHTS)

    def channels(path: str) -> int:
        return max((v.shape[0] for name, v in values.items() if name.startswith(f"{path}.")), default=0)

    blocks = [reduce(getattr, path.split("."), net) for path in sorted(paths, key=channels)]
    return Net([first, second], blocks, linear)


def blocks_of(attempt: Attempt, net: Remote) -> list[str]:
    """The paths of Net's two residual blocks, whatever their class is called."""
    kind = attempt.modules(attempt.ResidualBlock(CHANNELS))[0].kind
    found: dict[int, str] = {}
    for m in attempt.modules(net):
        if m.kind == kind:
            found.setdefault(m.identity, m.path)
    fail_if(not found, NOT_REGISTERED)
    expect(len(found), Text(en="the number of residual blocks in Net", zh="Net 中残差块的个数")).equals(2)
    return list(found.values())


def logits_of(net: Remote, x: torch.Tensor) -> torch.Tensor:
    """What Net gives, if it has the shape of logits."""
    with explaining(NET_ERRORS):
        logits = expect(net(x), LOGITS).is_tensor()
    fail_if(logits.dim() == 2 and logits.shape[0] != len(x), FLAT_SIZE, Verdict.WRONG_SHAPE)
    expect(logits, LOGITS).has_shape(len(x), 10)
    return finite(logits, LOGITS)


def stage(z: torch.Tensor, block: Remote) -> torch.Tensor:
    """What Net does behind each of its convolutions."""
    return run(block, F.max_pool2d(z.relu(), 2))


WRONG_STAGES: list[tuple[Diagnosis, Callable[[torch.Tensor, Remote], torch.Tensor]]] = [
    (MISSING_RELU, lambda z, block: run(block, F.max_pool2d(z, 2))),
    (AVERAGE_POOLED, lambda z, block: run(block, F.avg_pool2d(z.relu(), 2))),
    (AVERAGE_POOLED, lambda z, block: run(block, F.avg_pool2d(z, 2).relu())),
    (BLOCK_BEFORE_POOLING, lambda z, block: F.max_pool2d(run(block, z.relu()), 2)),
    (BLOCK_SKIPPED, lambda z, block: F.max_pool2d(z.relu(), 2)),
]


def with_negative_logits(
    attempt: Attempt, net: Remote, rng: Inputs, x: torch.Tensor
) -> tuple[Net, torch.Tensor, torch.Tensor]:
    """The parts of a Net with random weights, its logits, and the right ones, some of which are negative.

    One draw in seven hundred has none, and would not show a ReLU behind them.
    """
    for _ in range(DRAWS):
        parts = parts_of(attempt, net, loaded(attempt, net, rng))
        logits = logits_of(net, x)
        right = parts.logits(x, [stage, stage])
        if bool((right < 0).any()):
            break
    return parts, logits, right


def wrong_heads(logits: torch.Tensor) -> Iterator[tuple[Diagnosis, torch.Tensor]]:
    """What Net gives if something follows its last layer."""
    for dim in (0, 1):
        yield SOFTMAX_ON_LOGITS, logits.softmax(dim)
        yield SOFTMAX_ON_LOGITS, logits.log_softmax(dim)
    yield RELU_ON_LOGITS, logits.relu()
    yield RELU_ON_LOGITS, logits.sigmoid()


# ---- the checks of Net


@pytest.mark.points(1)
@pytest.mark.public
def test_net_shape(attempt: Attempt, rng: Inputs) -> None:
    """Net gives ten logits for each image, whatever the size of the batch.

    zh: 不论批次多大，Net 对每张图给出十个 logits。
    """
    net, x = attempt.Net(), digits(rng)
    check_alone(attempt, net, x, logits_of(net, x), partial(logits_of, net))


@pytest.mark.points(1)
def test_net_values(attempt: Attempt, rng: Inputs) -> None:
    """Net is convolution, ReLU, max pooling and block, twice, and ends in plain logits.

    zh: Net 依次是卷积、ReLU、最大池化和残差块，重复两遍，最后直接输出 logits。
    """
    x = digits(rng)
    net = built(attempt, attempt.Net, x)
    parts, logits, right = with_negative_logits(attempt, net, rng, x)
    if not close(logits, right):
        for diagnosis, head in wrong_heads(right):
            fail_if(close(logits, head), diagnosis)
        for diagnosis, wrong in WRONG_STAGES:
            for stages in ((wrong, stage), (stage, wrong), (wrong, wrong)):
                fail_if(close(logits, parts.logits(x, stages)), diagnosis)
        expect(logits, LOGITS).close_to(right)
    net.requires_grad_(False)  # the gradient for the image tells enough, and the rest takes time
    found = attempt.gradients(net, x, upstream=rng.normal(3, 10))
    fail_if(found.inputs[0] is None or not bool(found.inputs[0].any()), GRAPH_CUT, Verdict.NO_GRADIENT)


# ---- the norms of gradients

Layer = Callable[[torch.Tensor, torch.Tensor], torch.Tensor]


def plain_layer(h: torch.Tensor, weight: torch.Tensor) -> torch.Tensor:
    """A layer of the plain stack."""
    return torch.sigmoid(h @ weight.T)


def residual_layer(h: torch.Tensor, weight: torch.Tensor) -> torch.Tensor:
    """A layer of the residual stack."""
    return h + torch.sigmoid(h @ weight.T)


LAYERS = {False: plain_layer, True: residual_layer}


class Stack:
    """A stack on the random layers of the stub, and what can be measured of it."""

    def __init__(self, depth: int, width: int, seed: int, layer: Layer) -> None:
        generator = torch.Generator().manual_seed(seed)
        x, y = torch.randn(2, 8, width, dtype=torch.float64, generator=generator)
        weights = torch.randn(depth, width, width, dtype=torch.float64, generator=generator) / width**0.5
        self.weights = [weight.clone().requires_grad_() for weight in weights]
        self.hs = [x.requires_grad_()]
        for weight in self.weights:
            self.hs.append(layer(self.hs[-1], weight))
        self.found = torch.autograd.grad(F.mse_loss(self.hs[-1], y), [*self.weights, *self.hs])

    def norms(self, norm: Step = torch.linalg.norm) -> list[float]:
        """A norm of the gradient for each weight."""
        return [norm(g).item() for g in self.found[: len(self.weights)]]

    def of_h(self) -> list[list[float]]:
        """The norms of the gradients for h: before each layer, and after it."""
        norms = [g.norm().item() for g in self.found[len(self.weights) :]]
        return [norms[:-1], norms[1:]]

    def of_values(self) -> list[list[float]]:
        """The norms of the weights, and of h before and after each layer."""
        norms = [h.norm().item() for h in self.hs]
        return [[w.norm().item() for w in self.weights], norms[:-1], norms[1:]]


def wrong_layers(residual: bool, x: torch.Tensor) -> Iterator[tuple[Diagnosis, Layer]]:
    """The slips in a layer of a stack that starts from `x`."""
    yield RESIDUAL_MIXED_UP, LAYERS[not residual]
    skip = float(residual)
    yield TRANSPOSED, lambda h, w: skip * h + torch.sigmoid(h @ w)
    yield SIGMOID_AFTER_SUM, lambda h, w: torch.sigmoid(h + h @ w.T)
    yield SKIP_FROM_INPUT, lambda h, w: x + torch.sigmoid(h @ w.T)
    yield OTHER_ACTIVATION, lambda h, w: skip * h + torch.relu(h @ w.T)
    yield OTHER_ACTIVATION, lambda h, w: skip * h + torch.tanh(h @ w.T)
    yield OTHER_ACTIVATION, lambda h, w: skip * h + h @ w.T


OTHER_NORMS: list[Step] = [
    lambda g: g.square().sum(),
    lambda g: g.abs().sum(),
    lambda g: g.abs().max(),
    lambda g: g.abs().mean(),
    lambda g: g.mean(),
    lambda g: g.sum(),
    lambda g: g.max(),
    lambda g: torch.linalg.norm(g, 2),
]


def norms_of(attempt: Attempt, depth: int, residual: bool, width: int, seed: int) -> torch.Tensor:
    """What gradient_norms gives, if it is one number for each layer."""
    with explaining(NORM_ERRORS):
        came = attempt.gradient_norms(depth, residual, width=width, seed=seed)
    fail_if(isinstance(came, (list, tuple)) and any(v is None for v in came), GRADIENT_IS_NONE)
    count = count_of(came)
    fail_if(count == 1 < depth, ONE_NUMBER, Verdict.WRONG_SHAPE)
    fail_if(count > depth and count % depth == 0, ACCUMULATED, Verdict.WRONG_SHAPE)
    return expect(came, NORMS).numbers(depth)


def count_of(came: Any) -> int:
    """How many numbers came, 0 if they do not stand in one row."""
    if isinstance(came, (torch.Tensor, np.ndarray)):
        return math.prod(came.shape) if came.ndim < 2 else 0
    return len(came) if isinstance(came, (list, tuple)) else int(isinstance(came, (int, float)))


def check_norms(attempt: Attempt, residual: bool, depth: int, width: int, seed: int) -> None:
    """Fail, with a diagnosis, unless gradient_norms gives the norms of this stack."""
    came = norms_of(attempt, depth, residual, width, seed)
    stack = Stack(depth, width, seed, LAYERS[residual])
    wanted = stack.norms()
    if not is_near(came, wanted):
        for diagnosis, wrong in wrong_norms(stack):
            fail_if(is_near(came, wrong), diagnosis)
        for diagnosis, layer in wrong_layers(residual, stack.hs[0].detach()):
            fail_if(is_near(came, Stack(depth, width, seed, layer).norms()), diagnosis)
        sizes = {"N": 8, "width": width, "N * width": 8 * width, "depth": depth}
        expect(came, NORMS).close_to(wanted, sizes=sizes, rtol=1e-3, atol=0)


def wrong_norms(stack: Stack) -> Iterator[tuple[Diagnosis, Sequence[float]]]:
    """What the misconceptions measure of a stack that is right."""
    norms = stack.norms()
    yield REVERSED, norms[::-1]
    for order in (1, -1):
        yield ACCUMULATED, np.cumsum(norms[::order])[::order].tolist()
    yield ACCUMULATED, [k * norm for k, norm in enumerate(norms, 1)]
    for norm in OTHER_NORMS:
        yield OTHER_NORM, stack.norms(norm)
    for values in stack.of_values():
        yield NORM_OF_VALUES, values
    for values in stack.of_h():
        yield GRADIENT_OF_H, values


def is_near(values: Any, wanted: Sequence[float]) -> bool:
    """Whether two rows of numbers agree, however small they are."""
    return np.shape(values) == np.shape(wanted) and np.allclose(values, wanted, rtol=1e-3, atol=0)


@pytest.mark.points(1)
@pytest.mark.public
def test_norms_plain(attempt: Attempt, rng: Inputs) -> None:
    """gradient_norms gives the norm for each weight of a plain stack, first layer first.

    zh: gradient_norms 给出普通网络每个权重的梯度范数，第一层在前。
    """
    check_norms(attempt, False, depth=6, width=5, seed=rng.seed())


@pytest.mark.points(1)
def test_norms_residual(attempt: Attempt, rng: Inputs) -> None:
    """With residual=True each layer adds its input h to what its sigmoid gives.

    zh: residual=True 时，每一层把输入 h 加到 sigmoid 的输出上。
    """
    check_norms(attempt, True, depth=6, width=5, seed=rng.seed())


@pytest.mark.points(1)
def test_norms_deep(attempt: Attempt, rng: Inputs) -> None:
    """In a deep plain stack the gradient vanishes, in a residual one it does not; each call begins afresh.

    zh: 在很深的普通网络里梯度消失，残差网络里则不会；每次调用都重新开始。
    """
    depth, width, seed = 12, 7, rng.seed()
    for residual, layer in LAYERS.items():
        came = norms_of(attempt, depth, residual, width, seed)
        profile = torch.tensor(Stack(depth, width, seed, layer).norms(), dtype=torch.float64)
        if not is_near(came / came[-1], (profile / profile[-1]).tolist()):
            check_norms(attempt, residual, depth, width, seed)
        again = attempt.gradient_norms(depth, residual, width=width, seed=seed)
        fail_if(not is_near(expect(again, NORMS).numbers(), came.tolist()), ACCUMULATED)
    norms_of(attempt, 1, True, width, seed)


# ---- the plot


def curves(rng: Inputs) -> tuple[list[float], list[float]]:
    """Norms of seven layers, as they look for a plain and for a residual stack."""
    plain = [rng.number(1, 9) * 10.0 ** (layer - 8) for layer in range(7)]
    return plain, [rng.number(1, 9) for _ in plain]


def with_lines(axes: list[dict[str, Any]], *wanted: Sequence[float]) -> list[int]:
    """The places of the axes in which each row of numbers is drawn as a line over the layers."""

    def drawn(place: dict[str, Any], ys: Sequence[float]) -> bool:
        return any(
            is_near(line["y"], ys) and any(is_near(line["x"], range(start, start + len(ys))) for start in (0, 1))
            for line in place["lines"]
        )

    return [i for i, place in enumerate(axes) if all(drawn(place, ys) for ys in wanted)]


@pytest.mark.points(1)
def test_plot(attempt: Attempt, rng: Inputs) -> None:
    """plot_gradient_norms draws both curves in a new figure, over a logarithmic axis, with labels and a legend.

    zh: plot_gradient_norms 在新图中画出两条曲线，纵轴为对数刻度，并有坐标轴标签和图例。
    """
    first, second = curves(rng), curves(rng)
    attempt.keep(attempt.plot_gradient_norms, *first)
    figure = attempt.keep(attempt.plot_gradient_norms, *second)
    seen = attempt.figure(figure)
    fail_if(not seen["is_figure"], FIGURE_NOT_RETURNED)
    places = with_lines(seen["axes"], *second)
    if not places:
        logarithms = [f(second) for f in (np.log, np.log10, np.log2)]
        fail_if(any(with_lines(seen["axes"], row) for pair in logarithms for row in pair), LOGARITHM_DRAWN)
        fail(CURVE_MISSING)
    fail_if(bool(with_lines(seen["axes"], first[0])), FIGURE_REUSED)
    axes, picture = seen["axes"][places[0]], figure.figure
    scales = [picture.axes[places[0]].get_xscale(), picture.axes[places[0]].get_yscale()]
    fail_if(scales != ["linear", "log"], LINEAR_AXIS)
    fail_if(not (axes["xlabel"].strip() and axes["ylabel"].strip()), NO_LABELS)
    fail_if(len(axes["legend"]) < 2 and not len(picture.legends), NO_LABELS)
