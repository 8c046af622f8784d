"""The hidden checks of exercise 10.

Attribute names and the order of the branches are free, so the convolutions are told apart by shape, and the three 1x1
convolutions of equal shape by trying their six roles.
"""

from __future__ import annotations

from itertools import permutations

import pytest
import torch
from torch.nn import functional as F

from dlex.spec import Attempt, Diagnosis, Inputs, Remote, Text, Verdict, expect, explaining, fail, fail_if

CHANNELS, HEIGHT, WIDTH = 7, 12, 9
BLOCK = Text(en="the output of InceptionA", zh="InceptionA 的输出")
LOGITS = Text(en="the output of Net", zh="Net 的输出")
POOLED = Text(en="the input of an inception block in Net", zh="Net 中 Inception 模块的输入")

MISSING_PADDING = Diagnosis(
    "missing_padding",
    en="A branch shrinks the image: its convolution needs padding, 1 for a 3x3 kernel and 2 for a 5x5.",
    zh="有分支把图像变小了：卷积需要 padding，3x3 的卷积核取 1，5x5 的取 2。",
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
RELU_INSIDE = Diagnosis(
    "relu_inside",
    en="There is an activation inside the block; the course's InceptionA has none, ReLU comes in Net.",
    zh="模块内部有激活函数；课程中的 InceptionA 没有，ReLU 在 Net 里。",
)
CONCATENATED_BATCH = Diagnosis(
    "concatenated_wrong_dim",
    en="The branches are joined along the wrong dimension: channels are dimension 1 of (N, C, H, W).",
    zh="分支沿着错误的维度拼接：在 (N, C, H, W) 中通道是第 1 维。",
)
BRANCH_FROM_INPUT = Diagnosis(
    "branch_from_input",
    en="A second convolution of a branch is fed the block's input (or another branch), not the step before it.",
    zh="某个分支的第二个卷积接的是模块的输入（或别的分支），而不是它的上一步。",
)
MISSING_BRANCH = Diagnosis(
    "missing_branch",
    en="A branch is missing from the output: 16 + 24 + 24 + 24 = 88 channels are joined.",
    zh="输出里少了一个分支：应拼接 16 + 24 + 24 + 24 = 88 个通道。",
)
NOT_REGISTERED = Diagnosis(
    "not_registered",
    en="The layers are not registered: keep them as attributes, in nn.ModuleList or nn.Sequential, not in a plain list.",
    zh="网络层没有注册：请保存为属性，或放进 nn.ModuleList / nn.Sequential，而不是普通列表。",
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
NO_REDUCTION = Diagnosis(
    "no_reduction",
    en="A branch lacks its 1x1 convolution, which first brings the input down to 16 channels.",
    zh="某个分支缺少 1x1 卷积，它先把输入降到 16 个通道。",
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
MISSING_RELU = Diagnosis(
    "missing_relu",
    en="A ReLU is missing in Net, between the pooling and the inception block.",
    zh="Net 里在池化与 Inception 模块之间少了 ReLU。",
)
AVERAGE_POOLED_NET = Diagnosis(
    "net_average_pool",
    en="Net pools by the average; it should take the maximum. The average belongs inside the block.",
    zh="Net 用了平均池化；这里应该用最大池化，平均池化在模块内部。",
)

GRAPH_CUT = Diagnosis(
    "graph_cut",
    en="The result has left its graph: something like .detach(), .data or torch.tensor(...) is on the way.",
    zh="结果脱离了计算图：途中用了 .detach()、.data 或 torch.tensor(...) 之类的操作。",
)

Convolution = tuple[torch.Tensor, torch.Tensor]


def block_shapes(channels: int) -> list[tuple[int, ...]]:
    """The shapes of a block's convolution kernels, sorted."""
    narrow, pool = (16, channels, 1, 1), (24, channels, 1, 1)
    return sorted([narrow, narrow, narrow, pool, (24, 16, 5, 5), (24, 16, 3, 3), (24, 24, 3, 3)])


def kernel_shapes(attempt: Attempt, module: Remote) -> list[tuple[int, ...]]:
    """The shapes of all parameters with four dimensions, sorted."""
    return sorted(tuple(p.value.shape) for p in attempt.parameters(module) if p.value.dim() == 4)


def loaded_block(attempt: Attempt, rng: Inputs) -> tuple[Remote, dict[tuple[int, ...], list[Convolution]]]:
    """A block with random weights, and its convolutions by the shape of their kernel."""
    block = attempt.InceptionA(CHANNELS)
    own = attempt.parameters(block)
    values = {p.name: rng.normal(*p.value.shape, std=0.3) for p in own}
    attempt.load_parameters(block, values)
    found: dict[tuple[int, ...], list[Convolution]] = {}
    for name, kernel in values.items():
        bias = values.get(name.removesuffix("weight") + "bias")
        if kernel.dim() == 4 and bias is not None:
            found.setdefault(tuple(kernel.shape), []).append((kernel, bias))
    if sorted(shape for shape, group in found.items() for _ in group) != block_shapes(CHANNELS):
        expect(kernel_shapes(attempt, block), "InceptionA").equals(block_shapes(CHANNELS))
        fail(NOT_REGISTERED)
    return block, found


def convolution(weights: dict[str, torch.Tensor], shape: tuple[int, ...]) -> Convolution:
    """The one layer whose weight has this shape: its weight and bias."""
    names = [name for name, value in weights.items() if tuple(value.shape) == shape]
    expect(len(names), Text(en=f"the number of weights of shape {shape}", zh=f"形状为 {shape} 的权重个数")).equals(1)
    return weights[names[0]], weights[names[0].removesuffix("weight") + "bias"]


def average(x: torch.Tensor, **options: bool) -> torch.Tensor:
    """The pooling of the block."""
    return F.avg_pool2d(x, 3, stride=1, padding=1, **options)


def run(x: torch.Tensor, found: dict, roles: tuple[int, ...], *, pool=average, between=lambda v: v, after=lambda v: v):
    """The four branches, given which of the three 1x1 convolutions plays which role; the keywords make wrong variants."""
    narrow = [found[16, x.shape[1], 1, 1][i] for i in roles]
    one = F.conv2d(x, *narrow[0])
    five = F.conv2d(between(F.conv2d(x, *narrow[1])), *found[24, 16, 5, 5][0], padding=2)
    three = F.conv2d(between(F.conv2d(x, *narrow[2])), *found[24, 16, 3, 3][0], padding=1)
    three = F.conv2d(between(three), *found[24, 24, 3, 3][0], padding=1)
    pooled = F.conv2d(pool(x), *found[24, x.shape[1], 1, 1][0])
    return [after(branch) for branch in (one, five, three, pooled)]


def crossed(x: torch.Tensor, found: dict, roles: tuple[int, ...]) -> list[torch.Tensor]:
    """The branches when the 3x3 branch continues the 5x5 branch's 1x1 convolution, the usual slip of copying."""
    one, five, _, pooled = run(x, found, roles)
    start = F.conv2d(x, *found[16, x.shape[1], 1, 1][roles[1]])
    three = F.conv2d(start, *found[24, 16, 3, 3][0], padding=1)
    return [one, five, F.conv2d(three, *found[24, 24, 3, 3][0], padding=1), pooled]


def is_one_of(y: torch.Tensor, x: torch.Tensor, found: dict, variant=run, **options) -> bool:
    """Whether `y` is `variant` for some roles of the 1x1 convolutions and some order of the branches."""
    for roles in permutations(range(3)):
        branches = variant(x, found, roles, **options)
        for order in permutations(branches):
            joined = torch.cat(order, dim=1)
            if joined.shape == y.shape and torch.allclose(joined, y, rtol=1e-3, atol=1e-4):
                return True
    return False


CAT = r"except in dimension "
JOINING = {
    CONCATENATED_BATCH: CAT + r"(0|2|3|-1|-2)\.",
    POOL_STRIDE: CAT + rf"1\..*size {HEIGHT} but got size 4 |{CAT}1\..*size 4 but",
    MISSING_PADDING: CAT + r"1\.",
}


@pytest.mark.points(1)
@pytest.mark.public
def test_block_shape(attempt: Attempt, rng: Inputs) -> None:
    """InceptionA gives 88 channels and keeps height and width.

    zh: InceptionA 输出 88 个通道，高和宽不变。
    """
    block = attempt.InceptionA(CHANNELS)
    with explaining(JOINING):
        y = block(rng.normal(3, CHANNELS, HEIGHT, WIDTH))
    for width in (64, 72):
        fail_if(expect(y, BLOCK).is_tensor().shape == (3, width, HEIGHT, WIDTH), MISSING_BRANCH, Verdict.WRONG_SHAPE)
    expect(y, BLOCK).has_shape(3, 88, HEIGHT, WIDTH)


@pytest.mark.points(1)
def test_block_convolutions(attempt: Attempt) -> None:
    """InceptionA holds seven convolutions, four of them 1x1, each with a bias.

    zh: InceptionA 含七个卷积，其中四个是 1x1，每个都有偏置。
    """
    block = attempt.InceptionA(CHANNELS)
    kernels = kernel_shapes(attempt, block)
    wanted = block_shapes(CHANNELS)
    fail_if(not kernels, NOT_REGISTERED)
    fail_if(len(set(kernels)) == len(set(wanted)) and len(kernels) < len(wanted), SHARED_CONVOLUTION)
    fail_if((24, 16, 5, 5) not in kernels and kernels.count((24, 16, 3, 3)) == 2, FIVE_IS_THREE)
    direct = {(24, CHANNELS, 5, 5), (24, CHANNELS, 3, 3)}
    fail_if(bool(direct & set(kernels)), NO_REDUCTION)
    expect(kernels, Text(en="the list of kernels", zh="卷积核的列表")).equals(wanted)
    biases = sorted(p.value.shape[0] for p in attempt.parameters(block) if p.value.dim() == 1)
    expect(biases, Text(en="the list of biases", zh="偏置的列表")).equals([16, 16, 16, 24, 24, 24, 24])


@pytest.mark.points(2)
def test_block_values(attempt: Attempt, rng: Inputs) -> None:
    """Each branch computes what it should, with known weights.

    zh: 给定权重，每个分支都算出应有的值。
    """
    block, found = loaded_block(attempt, rng)
    x = rng.normal(3, CHANNELS, HEIGHT, WIDTH)
    with explaining(JOINING):
        y = block(x)
    expect(y, BLOCK).has_shape(3, 88, HEIGHT, WIDTH)
    if is_one_of(y, x, found):
        return
    fail_if(is_one_of(y, x, found, between=F.relu), RELU_INSIDE)
    fail_if(is_one_of(y, x, found, after=F.relu), RELU_INSIDE)
    fail_if(is_one_of(y, x, found, between=F.relu, after=F.relu), RELU_INSIDE)
    fail_if(is_one_of(y, x, found, pool=lambda v: F.max_pool2d(v, 3, stride=1, padding=1)), MAX_POOL)
    fail_if(is_one_of(y, x, found, pool=lambda v: average(v, count_include_pad=False)), POOL_WITHOUT_PADDING)
    fail_if(is_one_of(y, x, found, variant=crossed), BRANCH_FROM_INPUT)
    expect(y, BLOCK).close_to(torch.cat(run(x, found, (0, 1, 2)), dim=1))


@pytest.mark.points(1)
def test_block_pooling(attempt: Attempt, rng: Inputs) -> None:
    """The pooling branch averages over 3x3, the zeros of the border counted.

    zh: 池化分支在 3x3 上取平均，边缘补的零也计入。
    """
    block, found = loaded_block(attempt, rng)
    x = rng.normal(3, CHANNELS, HEIGHT, WIDTH)
    with explaining(JOINING):
        y = expect(block(x), BLOCK).is_tensor()
    kernel = found[24, CHANNELS, 1, 1][0]

    def appears(pooled: torch.Tensor) -> bool:
        branch = F.conv2d(pooled, *kernel)
        starts = [s for s in range(y.shape[1] - 23) if y[:, s : s + 24].shape == branch.shape]
        return any(torch.allclose(y[:, s : s + 24], branch, rtol=1e-3, atol=1e-4) for s in starts)

    if appears(average(x)):
        return
    fail_if(appears(F.max_pool2d(x, 3, stride=1, padding=1)), MAX_POOL)
    fail_if(appears(average(x, count_include_pad=False)), POOL_WITHOUT_PADDING)
    expect(y[:, -24:], Text(en="the pooling branch", zh="池化分支")).close_to(F.conv2d(average(x), *kernel))


@pytest.mark.points(1)
def test_block_is_linear(attempt: Attempt, rng: Inputs) -> None:
    """There is no activation inside the block: it is an affine map of its input.

    zh: 模块内部没有激活函数：它是输入的仿射变换。
    """
    block, _ = loaded_block(attempt, rng)
    a, b = rng.normal(2, 2, CHANNELS, HEIGHT, WIDTH)
    with explaining(JOINING):
        zero, one, two, both = (expect(block(v), BLOCK).is_tensor() for v in (torch.zeros_like(a), a, b, a + b))
    fail_if(not torch.allclose(one + two, both + zero, rtol=1e-3, atol=1e-3), RELU_INSIDE)


@pytest.mark.points(1)
def test_block_gradients(attempt: Attempt, rng: Inputs) -> None:
    """The gradient reaches the input and every one of the fourteen parameters.

    zh: 梯度能传到输入和全部十四个参数。
    """
    block, _ = loaded_block(attempt, rng)
    with explaining(JOINING):
        found = attempt.gradients(
            block, rng.normal(2, CHANNELS, HEIGHT, WIDTH), upstream=rng.normal(2, 88, HEIGHT, WIDTH), module=block
        )
    cut = Text(en="the number of parameters without a gradient", zh="没有梯度的参数个数")
    without = sum(g is None or not bool(g.any()) for g in found.parameters)
    expect(without, cut).equals(0, verdict=Verdict.NO_GRADIENT)
    fail_if(not found.connected or found.inputs[0] is None, GRAPH_CUT, Verdict.NO_GRADIENT)


@pytest.mark.points(1)
@pytest.mark.public
def test_net_shape(attempt: Attempt, rng: Inputs) -> None:
    """Net gives ten logits for each image, whatever the size of the batch.

    zh: 不论批次多大，Net 对每张图给出十个 logits。
    """
    net = attempt.Net()
    images = rng.normal(3, 1, 28, 28)
    with explaining(JOINING):
        together, alone = net(images), net(images[1:2])
    expect(together, LOGITS).has_shape(3, 10)
    expect(alone, LOGITS).has_shape(1, 10)
    expect(alone, LOGITS).close_to(expect(together, LOGITS).is_tensor()[1:2])


@pytest.mark.points(1)
def test_net_layers(attempt: Attempt) -> None:
    """Net has two inception blocks of its own, two convolutions and one linear layer from 1408 to 10.

    zh: Net 有两个各自独立的 Inception 模块、两个卷积和一个 1408 到 10 的线性层。
    """
    net = attempt.Net()
    own = attempt.parameters(net)
    shapes = sorted(tuple(p.value.shape) for p in own if p.value.dim() == 4)
    wanted = sorted([(10, 1, 5, 5), (20, 88, 5, 5), *block_shapes(10), *block_shapes(20)])
    fail_if(not own, NOT_REGISTERED)
    fail_if(len({p.identity for p in own}) < len(own), SHARED_CONVOLUTION)
    fail_if(len(shapes) < len(wanted) and set(shapes) == set(wanted), SHARED_CONVOLUTION)
    expect(shapes, Text(en="the list of Net's kernels", zh="Net 的卷积核列表")).equals(wanted)
    linear = [tuple(p.value.shape) for p in own if p.value.dim() == 2]
    expect(linear, Text(en="the shape of the linear layer", zh="线性层的形状")).equals([(10, 1408)])


@pytest.mark.points(1)
def test_net_values(attempt: Attempt, rng: Inputs) -> None:
    """Net pools by the maximum, applies ReLU before each block, and ends in plain logits.

    zh: Net 用最大池化，在每个模块前用 ReLU，最后直接输出 logits。
    """
    net = attempt.Net()
    weights = {p.name: rng.normal(*p.value.shape, std=0.1) for p in attempt.parameters(net)}
    attempt.load_parameters(net, weights)
    images = rng.normal(3, 1, 28, 28)
    with explaining(JOINING):
        logits, steps = attempt.trace(net, images)
    blocks = [step for step in steps if step.kind == "InceptionA"]
    expect(len(blocks), Text(en="the number of InceptionA that ran", zh="运行的 InceptionA 个数")).equals(2)
    stem = convolution(weights, (10, 1, 5, 5)), convolution(weights, (20, 88, 5, 5))
    fed = [images, blocks[0].output]
    for image, kernel, block in zip(fed, stem, blocks, strict=True):
        z = F.conv2d(expect(image, BLOCK).is_tensor(), *kernel)
        expect(block.inputs[0], POOLED).close_to(
            F.relu(F.max_pool2d(z, 2)),
            mistakes={MISSING_RELU: F.max_pool2d(z, 2), AVERAGE_POOLED_NET: F.relu(F.avg_pool2d(z, 2))},
        )
    matrix, bias = convolution(weights, (10, 1408))
    plain = expect(blocks[1].output, BLOCK).is_tensor().flatten(1) @ matrix.T + bias
    expect(logits, LOGITS).close_to(
        plain,
        mistakes={
            SOFTMAX_ON_LOGITS: plain.softmax(dim=1),
            LOG_SOFTMAX_ON_LOGITS: plain.log_softmax(dim=1),
            RELU_ON_LOGITS: plain.relu(),
        },
    )
