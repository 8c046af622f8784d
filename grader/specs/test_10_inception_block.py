"""The hidden checks of exercise 10.

Attribute names and the order of the branches are free, so the convolutions are told apart by shape, and the three 1x1
convolutions of equal shape by trying their six roles.
"""

from __future__ import annotations

from itertools import permutations

import pytest
import torch
from torch.nn import functional as F

from dlex.course.text import Text
from dlex.grading.result import Verdict
from dlex.spec import Attempt, Diagnosis, Inputs, Remote, expect, fail, fail_if

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


@pytest.mark.points(1)
@pytest.mark.public
def test_block_shape(attempt: Attempt, rng: Inputs) -> None:
    """InceptionA gives 88 channels and keeps height and width.

    zh: InceptionA 输出 88 个通道，高和宽不变。
    """
    block = attempt.InceptionA(CHANNELS)
    y = block(rng.normal(3, CHANNELS, HEIGHT, WIDTH))
    wrong_dim = {CONCATENATED_BATCH: (12, 24, HEIGHT, WIDTH)}
    fewer = {MISSING_BRANCH: (3, width, HEIGHT, WIDTH) for width in (64, 72)}
    shape = tuple(y.shape) if isinstance(y, torch.Tensor) else ()
    fail_if(shape in {(3, 64, HEIGHT, WIDTH), (3, 72, HEIGHT, WIDTH)}, MISSING_BRANCH, Verdict.WRONG_SHAPE)
    expect(y, BLOCK).has_shape(3, 88, HEIGHT, WIDTH, mistakes=wrong_dim | fewer)
