"""The hidden checks of exercise 09.

Attribute names of `Net` are free: its layers are known by the shapes of their weights.  The cases of the two formulas
come one difficulty at a time, so that the first one that fails tells which slip it is, whatever the seed.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from functools import partial, reduce
from itertools import product
from typing import Any

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from dlex.kit import Attempt, Diagnosis, Inputs, Remote, Text, Verdict, expect, explaining, fail, fail_if
from dlex.protocol.result import Comparison

LOGITS = Text(en="the output of Net", zh="Net 的输出")
ALONE = Text(en="what Net gives for an image alone, not in a batch,", zh="单独输入一张图（而非一个批次）时 Net 的输出")
DRAWS = 20  # of random weights at most, for one check
MAPS = Text(en="what `feature_maps` returns", zh="`feature_maps` 的返回值")

# ---- conv2d_output_size
PADDING_FORGOTTEN = Diagnosis(
    "padding_forgotten",
    en="The padding has no effect: it makes the image larger before the kernel slides over it.",
    zh="padding 没有起作用：卷积核滑动之前，图像先被填充变大了。",
)
PADDING_ONCE = Diagnosis(
    "padding_once",
    en="The padding is counted once, but it is added at both ends of the image.",
    zh="padding 只算了一次；图像的两端都要填充，应算两次。",
)
STRIDE_FORGOTTEN = Diagnosis(
    "stride_forgotten",
    en="The stride has no effect: with stride s the kernel stops only at every s-th place.",
    zh="stride 没有起作用：步幅为 s 时，卷积核每隔 s 个位置才停一次。",
)
STRIDE_DIVIDES_ALL = Diagnosis(
    "stride_divides_all",
    en="The stride divides too much: only the way of the kernel is cut into steps, its first place counts extra.",
    zh="stride 除得太多了：只有卷积核移动的距离要按步幅来分，起始位置要另外算一个。",
)
ROUNDED_UP = Diagnosis(
    "rounded_up",
    en="The result is rounded up or to the nearest: where the kernel no longer fits it gives nothing, so round down.",
    zh="结果用了向上取整或四舍五入：卷积核放不下的地方没有输出，应向下取整。",
)
NOT_AN_INT = Diagnosis(
    "not_an_int",
    en="The size is a float: `/` always gives one. The number of places is an int, rounded down.",
    zh="得到的尺寸是浮点数：`/` 的结果总是浮点数。位置的个数应是 int，并且向下取整。",
)
DILATION_FORGOTTEN = Diagnosis(
    "dilation_forgotten",
    en="The dilation has no effect: it pulls the kernel apart, so that it covers more pixels.",
    zh="dilation 没有起作用：它把卷积核撑开，使它覆盖更多像素。",
)
DILATION_TIMES_KERNEL = Diagnosis(
    "dilation_times_kernel",
    en="A dilated kernel does not cover dilation * kernel_size pixels: count the gaps between its numbers.",
    zh="扩张后的卷积核覆盖的不是 dilation * kernel_size 个像素：请数一数相邻元素之间的间隔。",
)
KERNEL_FORGOTTEN = Diagnosis(
    "kernel_forgotten",
    en="The kernel takes nothing away from the size: the larger it is, the fewer places it has.",
    zh="没有减去卷积核的大小：卷积核越大，能停的位置就越少。",
)
OFF_BY_ONE = Diagnosis(
    "off_by_one",
    en="The size is off by one: count the places where the kernel can stand, the first and the last included.",
    zh="尺寸差了 1：数的是卷积核可以停的位置，第一个和最后一个都要算。",
)

# ---- count_parameters
BIAS_NOT_COUNTED = Diagnosis(
    "bias_not_counted",
    en="Only the weights are counted: with bias=True every output channel has one bias more.",
    zh="只数了权重：bias=True 时，每个输出通道还有一个偏置。",
)
BIAS_ALWAYS_COUNTED = Diagnosis(
    "bias_always_counted",
    en="The biases are counted though bias=False.",
    zh="bias=False 时也把偏置算进去了。",
)
BIASES_WRONG = Diagnosis(
    "biases_wrong",
    en="The weights are right, the number of biases is not: there is one for each output channel.",
    zh="权重的个数对了，偏置的个数不对：每个输出通道一个偏置。",
)
KERNEL_NOT_SQUARED = Diagnosis(
    "kernel_not_squared",
    en="A square kernel of side k has k * k numbers in each channel, not k.",
    zh="边长为 k 的方形卷积核，每个通道有 k * k 个数，而不是 k 个。",
)
ONE_KERNEL_FOR_ALL = Diagnosis(
    "one_kernel_for_all",
    en="A channel is missing from the product: each output channel has a kernel of its own for each input channel.",
    zh="乘积里少了输入或输出通道：每个输出通道对每个输入通道都有自己的一层卷积核。",
)
GROUPS_IGNORED = Diagnosis(
    "groups_ignored",
    en="The groups have no effect: with groups a kernel sees only a part of the input channels.",
    zh="groups 没有起作用：分组后，卷积核只看一部分输入通道。",
)
GROUPS_TWICE = Diagnosis(
    "groups_twice",
    en="You divide by the groups too often: only the inputs are shared out, all kernels and biases remain.",
    zh="groups 除多了：分组只减少每个卷积核看到的输入通道，out_channels 个卷积核和偏置一个也不少。",
)

# ---- Net
FIRST_CONVOLUTION_LOST = Diagnosis(
    "first_convolution_lost",
    en="The second convolution is fed with the image, so all that the first one did is thrown away.",
    zh="第二个卷积的输入是原图，第一个卷积的结果被扔掉了。",
)
CHANNELS_SWAPPED = Diagnosis(
    "channels_swapped",
    en="In and out are swapped: `nn.Conv2d` takes the input channels first, then the output channels.",
    zh="输入和输出通道写反了：`nn.Conv2d` 的第一个参数是输入通道，第二个是输出通道。",
)
NEXT_CHANNELS = Diagnosis(
    "next_channels",
    en="The second convolution is built for another number of channels than the 10 that the first one gives.",
    zh="第二个卷积的输入通道数不对：第一个卷积输出的是 10 个通道。",
)
NOT_FLATTENED = Diagnosis(
    "not_flattened",
    en="The maps reach the linear layer as they are: make one row of 320 numbers of each image first.",
    zh="特征图没有展平就进了全连接层：先把每张图变成一行 320 个数。",
)
BATCH_FLATTENED = Diagnosis(
    "batch_flattened",
    en="The whole batch is flattened into one row: the first dimension, the batch, has to stay.",
    zh="整个批次被展平成了一行：第一维（批次）必须保留。",
)
BATCH_CHANGED = Diagnosis(
    "batch_changed",
    en="N images went in, but another number of rows came out: `view(-1, ...)` has cut images into pieces.",
    zh="输入 N 张图，输出却不是 N 行：`view(-1, ...)` 把图切碎了，批次大小变了。",
)
NET_PADDED = Diagnosis(
    "net_padded",
    en="A convolution in Net pads the image: here there is no padding, so 28 shrinks to 24, and 12 to 8.",
    zh="Net 的卷积用了 padding：这里不填充，所以 28 变成 24，12 变成 8。",
)
POOLING_MISSING = Diagnosis(
    "pooling_missing",
    en="A pooling is missing, or it does not halve the image: after both pairs of layers there are 4x4 pixels left.",
    zh="少了池化，或池化没有把边长减半：经过两轮卷积和池化后，应剩下 4x4 个像素。",
)
FLAT_SIZE = Diagnosis(
    "flat_size",
    en="The linear layer does not fit: an image should arrive there as 20 maps of 4x4, which is 320 numbers.",
    zh="全连接层的大小不合适：每张图到达时应是 20 张 4x4 的特征图，即 320 个数。",
)
WRONG_SIZES = Diagnosis(
    "wrong_sizes",
    en="A layer has other sizes than the docstring says: compare the shapes of the weights.",
    zh="有网络层的尺寸与文档字符串不符：请对照权重的形状。",
)
EXTRA_LAYER = Diagnosis(
    "extra_layer",
    en="Net holds more than it should: two convolutions and one linear layer, no dropout, no batch normalisation.",
    zh="Net 里多了网络层：这里只有两个卷积和一个全连接层，没有 dropout，也没有批量归一化。",
)
NOT_REGISTERED = Diagnosis(
    "not_registered",
    en="Some layers are not registered, so no optimizer sees them: a plain list, or forward, is no place for them.",
    zh="有网络层没有注册，优化器看不到它们：不要放在普通列表里，也不要在 forward 里创建。",
)
NO_BIAS = Diagnosis(
    "no_bias",
    en="A layer has no bias: leave bias at its default.",
    zh="有网络层没有偏置：请保留 bias 的默认值。",
)
MISSING_RELU = Diagnosis(
    "missing_relu",
    en="A ReLU is missing: there is one for each of the two convolutions, before or after its pooling.",
    zh="少了 ReLU：两个卷积各有一个，放在池化之前或之后都可以。",
)
OTHER_ACTIVATION = Diagnosis(
    "other_activation",
    en="The activation behind a convolution is another one than ReLU.",
    zh="卷积之后的激活函数不是 ReLU。",
)
AVERAGE_POOLED = Diagnosis(
    "average_pooled",
    en="Net pools by the average; it should take the maximum of each 2x2 window.",
    zh="Net 用了平均池化；这里应取每个 2x2 窗口的最大值。",
)
SOFTMAX_ON_LOGITS = Diagnosis(
    "softmax_on_logits",
    en="Net returns probabilities, or their logarithms; `CrossEntropyLoss` takes plain logits and does the rest.",
    zh="Net 返回的是概率或概率的对数；`CrossEntropyLoss` 需要原始的 logits，它自己会做 softmax。",
)
ACTIVATION_ON_LOGITS = Diagnosis(
    "activation_on_logits",
    en="There is an activation after the linear layer: a logit may be any number, negative ones too.",
    zh="全连接层之后还有激活函数：logits 可以是任何数，包括负数。",
)
GRAPH_CUT = Diagnosis(
    "graph_cut",
    en="The result has left its graph on the way: .detach(), .data, torch.no_grad() or the like is in forward.",
    zh="结果在途中脱离了计算图：forward 里用了 .detach()、.data 或 torch.no_grad() 之类的操作。",
)

# ---- feature_maps
BATCH_MISSING = Diagnosis(
    "batch_missing",
    en="Net got the image without a batch dimension: (1, 28, 28) has to become (1, 1, 28, 28) for it.",
    zh="传给 Net 的图缺少批次维：(1, 28, 28) 要先变成 (1, 1, 28, 28)。",
)
BATCH_LEFT = Diagnosis(
    "batch_left",
    en="The maps still have a batch dimension; one image went in, so (10, 24, 24) should come out.",
    zh="返回的特征图还带着批次维：输入是一张图，输出应是 (10, 24, 24)。",
)
LATER_LAYER = Diagnosis(
    "later_layer",
    en="This comes from further on in the network: the maps wanted are those of the first convolution itself.",
    zh="这是网络中更靠后的结果：要的是第一个卷积本身的输出，在池化和 ReLU 之前。",
)
KERNELS_NOT_MAPS = Diagnosis(
    "kernels_not_maps",
    en="These are the kernels, which are the same for every image; the maps are what they make of this image.",
    zh="这是卷积核的权重，对每张图都一样；特征图是它们作用在这张图上的结果。",
)
MODEL_NOT_USED = Diagnosis(
    "model_not_used",
    en="The maps do not come from the model that was given: a new or a global one has other weights.",
    zh="特征图不是由传入的 model 算出来的：新建的或全局的模型有别的权重。",
)
GRAPH_ATTACHED = Diagnosis(
    "graph_attached",
    en="The maps still hang on their graph (requires_grad is True): detach them, they are only to be looked at.",
    zh="特征图还连着计算图（requires_grad 为 True）：只是用来看的，应当 detach。",
)
MODE_CHANGED = Diagnosis(
    "mode_changed",
    en="The model comes back in another mode: a training that goes on would go on with the wrong one.",
    zh="调用之后模型的模式（train 或 eval）变了：之后继续训练时，模式就错了。",
)
GRADIENTS_OFF = Diagnosis(
    "gradients_off",
    en="After the call gradients stay switched off, and nothing can be trained: switch them off inside a `with`.",
    zh="调用之后梯度一直处于关闭状态，后面就无法训练了：请只在 `with` 语句的范围内关闭。",
)
MODEL_CHANGED = Diagnosis(
    "model_changed",
    en="The model is not as it was: a hook is still attached, or its parameters were frozen or changed.",
    zh="模型没有恢复原样：钩子没有移除，或者参数被冻结、被改动了。",
)

# ---- plot_feature_maps
FIGURE_NOT_RETURNED = Diagnosis(
    "figure_not_returned",
    en="What comes back is no figure: `plt.show()` and `imshow` do not return it, so do it yourself.",
    zh="返回的不是图：`plt.show()` 和 `imshow` 都不会返回 Figure 对象，请自己返回它。",
)
NOTHING_DRAWN = Diagnosis(
    "nothing_drawn",
    en="There is no picture in the figure: draw each map with `imshow`.",
    zh="图里什么也没画：请用 `imshow` 画出每张特征图。",
)
ONE_AXES = Diagnosis(
    "one_axes",
    en="All maps are drawn into the same axes, where the last one covers the others: give each axes of its own.",
    zh="所有特征图都画在同一个坐标系里，最后一张盖住了前面的：每张图要有自己的坐标系。",
)
FIXED_COUNT = Diagnosis(
    "fixed_count",
    en="The figure is made for a fixed number of maps; count how many channels there are.",
    zh="画图时特征图的张数写成了固定值：应当按实际的通道数来画。",
)
SINGLE_AXES = Diagnosis(
    "single_axes",
    en="With one map `plt.subplots` gives no array of axes but a single one: see its argument squeeze.",
    zh="只有一张特征图时，`plt.subplots` 给出的不是坐标系的数组，而是单个坐标系：参见参数 squeeze。",
)
SAME_MAP = Diagnosis(
    "same_map",
    en="Every axes shows the same map: use the number of the channel.",
    zh="每个坐标系画的都是同一张特征图：下标要用当前通道的编号。",
)
WRONG_ORDER = Diagnosis(
    "wrong_order",
    en="The maps are right, but not in the order of their channels.",
    zh="特征图都对，但没有按通道的顺序排列。",
)
MAP_TRANSPOSED = Diagnosis(
    "map_transposed",
    en="The maps lie on their side: `imshow` takes (H, W), height first, as they come.",
    zh="特征图的高和宽反了：`imshow` 接收的就是 (H, W)，高在前，不需要转置。",
)
FIGURE_REUSED = Diagnosis(
    "figure_reused",
    en="A second call draws into the same figure: begin a new figure each time.",
    zh="第二次调用画进了同一张图：每次都要新建一张图。",
)

Values = dict[str, torch.Tensor]
Shape = tuple[int, ...]
Step = Callable[[torch.Tensor], torch.Tensor]
Slips = Mapping[Diagnosis, Callable[..., float]]

FIRST, SECOND, LINEAR = WANTED = [(10, 1, 5, 5), (20, 10, 5, 5), (10, 320)]
# How many numbers an image has in the end if both or only the second convolution pads, or if poolings are missing.
PADDED, UNPOOLED = "980|720", "8000|2000|1280|6480"
NET_ERRORS = {
    CHANNELS_SWAPPED: r"weight of size \[(1, 10|10, 20), ",
    FIRST_CONVOLUTION_LOST: r"weight of size \[\d+, 10, \d+, \d+\], expected input\[\d+, 1, 28, 28\]",
    NEXT_CHANNELS: r"weight of size \[\d+, \d+, \d+, \d+\], expected input\[\d+, 10, ",
    NOT_FLATTENED: r"mat1 and mat2 shapes cannot be multiplied \((240|80)x4 ",
    BATCH_FLATTENED: r"mat1 and mat2 shapes cannot be multiplied \(1x960 |got vec",
    NET_PADDED: rf"cannot be multiplied \(\dx({PADDED}) |for input of size (2940|2160|{PADDED})\b",
    POOLING_MISSING: rf"cannot be multiplied \(\dx({UNPOOLED}) |for input of size (24000|6000|19440)\b",
    FLAT_SIZE: r"mat1 and mat2 shapes cannot be multiplied|is invalid for input of size",
}


# ---- the two formulas


def call_text(name: str, arguments: Mapping[str, object]) -> Text:
    """Names a call in a sentence: `conv2d_output_size(size=28, kernel_size=5)`."""
    shown = f"`{name}({', '.join(f'{key}={value}' for key, value in arguments.items())})`"
    return Text(en=shown, zh=f" {shown} ")


def output_size(size: int, kernel_size: int, stride: int = 1, padding: int = 0, dilation: int = 1) -> int:
    """The oracle: counts the places where the first number of the kernel may stand."""
    last = size + 2 * padding - dilation * (kernel_size - 1)
    return len(range(0, last, stride))


def quotient(arguments: Mapping[str, int], **other: int) -> float:
    """The size by the formula, before it is rounded; `other` overrides what was given."""
    a = {"stride": 1, "padding": 0, "dilation": 1, **arguments, **other}
    span = other.get("span", a["dilation"] * (a["kernel_size"] - 1) + 1)
    return (a["size"] + 2 * a["padding"] - span) / a["stride"] + 1


def size_slips(arguments: Mapping[str, int], found: float) -> dict[Diagnosis, float]:
    """What each slip in the formula makes of these arguments; `found` chooses between the forms of a slip."""
    a = {"stride": 1, "padding": 0, "dilation": 1, **arguments}
    right = output_size(**a)
    slips = {
        PADDING_FORGOTTEN: quotient(a, padding=0),
        PADDING_ONCE: quotient(a, size=a["size"] - a["padding"]),
        STRIDE_FORGOTTEN: quotient(a, stride=1),
        DILATION_FORGOTTEN: quotient(a, dilation=1),
        DILATION_TIMES_KERNEL: quotient(a, span=a["dilation"] * a["kernel_size"]),
        STRIDE_DIVIDES_ALL: quotient(a, stride=1) / a["stride"],
        ROUNDED_UP: math.ceil(quotient(a)),
        OFF_BY_ONE: right + (1 if found > right else -1),
        KERNEL_FORGOTTEN: nearest(found, *(quotient(a, span=span) for span in (0, 1, -a["kernel_size"]))),
    }
    return {slip: math.floor(value) for slip, value in slips.items()}


def nearest(found: float, *candidates: float) -> float:
    """Of the values that one misconception may give, the nearest to what came."""
    return min(candidates, key=lambda candidate: abs(candidate - found))


def check_size(attempt: Attempt, arguments: dict[str, int]) -> None:
    """Call conv2d_output_size and compare."""
    found = attempt.conv2d_output_size(**arguments)
    what = call_text("conv2d_output_size", arguments)
    value = expect(found, what).number()
    fail_if(isinstance(found, float), NOT_AN_INT)
    expect(whole(value), what).equals(output_size(**arguments), mistakes=size_slips(arguments, value))


def whole(value: float) -> float:
    """`value` as an int if it is one, to be told without a decimal point."""
    return int(value) if value.is_integer() else value


@pytest.mark.points(1)
@pytest.mark.public
def test_output_size(attempt: Attempt, rng: Inputs) -> None:
    """conv2d_output_size counts the places of the kernel, with padding and stride, rounded down.

    zh: conv2d_output_size 数出卷积核能停的位置，考虑 padding 和 stride，并向下取整。
    """
    side = rng.integer(15, 40)
    check_size(attempt, {"size": side, "kernel_size": 5})
    check_size(attempt, {"size": side, "kernel_size": 4, "padding": 3})
    for rest in (0, 1, 2):  # this much is left over behind the last step
        check_size(attempt, {"size": 3 * side + rest, "kernel_size": 6, "stride": 3})
    check_size(attempt, {"size": 3 * side, "kernel_size": 6, "stride": 3, "padding": 2})
    check_size(attempt, {"size": 7, "kernel_size": 7, "stride": 2})


@pytest.mark.points(1)
def test_output_size_dilated(attempt: Attempt, rng: Inputs) -> None:
    """conv2d_output_size knows that a dilated kernel covers more pixels.

    zh: conv2d_output_size 知道扩张后的卷积核会覆盖更多像素。
    """
    side = rng.integer(15, 40)
    check_size(attempt, {"size": side, "kernel_size": 3, "dilation": 4})
    check_size(attempt, {"size": side, "kernel_size": 1, "dilation": 5})
    check_size(attempt, {"size": 4 * side - 2, "kernel_size": 4, "stride": 4, "padding": 7, "dilation": 3})


def count_slips(i: int, o: int, k: int, bias: bool, groups: int, found: float) -> dict[Diagnosis, float]:
    """What each slip makes of these arguments; `found` chooses between the forms of a slip."""
    weights, biases = o * i * k * k // groups, o * bias
    return {
        BIAS_NOT_COUNTED: weights,
        BIAS_ALWAYS_COUNTED: weights + o,
        GROUPS_IGNORED: nearest(found, o * i * k * k + biases, o * i * k * k),
        GROUPS_TWICE: nearest(
            found,
            weights // groups + biases, (weights + biases) // groups, (weights // groups + biases) // groups,
            weights // groups, weights + biases // groups, weights // groups + biases // groups,
        ),
        BIASES_WRONG: nearest(found, weights + 1, weights + i, weights + i * o, weights + o * groups, weights - biases),
        KERNEL_NOT_SQUARED: nearest(found, *(o * i * side // groups + b for side in (k, 2 * k) for b in (biases, 0))),
        ONE_KERNEL_FOR_ALL: nearest(found, *(c * k * k // groups + b for c in (i, o, 1) for b in (biases, 0, 1, i))),
    }  # fmt: skip


def check_count(attempt: Attempt, i: int, o: int, k: int, *, bias: bool = True, groups: int = 1) -> None:
    """Call count_parameters and compare; arguments with their default are left out."""
    arguments = {"in_channels": i, "out_channels": o, "kernel_size": k}
    arguments |= ({} if bias else {"bias": False}) | ({} if groups == 1 else {"groups": groups})
    found = attempt.count_parameters(**arguments)
    what = call_text("count_parameters", arguments)
    value = expect(found, what).number()
    wanted = o * (i // groups * k * k + bias)
    expect(whole(value), what).equals(wanted, mistakes=count_slips(i, o, k, bias, groups, value))


@pytest.mark.points(1)
@pytest.mark.public
def test_count_parameters(attempt: Attempt, rng: Inputs) -> None:
    """count_parameters counts all weights and biases, with groups and without bias too.

    zh: count_parameters 数出全部权重和偏置，有分组或没有偏置时也正确。
    """
    i, o = rng.integer(5, 9), rng.integer(11, 19)
    check_count(attempt, i, o, 3)
    check_count(attempt, i, o, 7, bias=False)
    check_count(attempt, 6, 4 * i, 5, groups=2)
    check_count(attempt, 12, 9, 5, bias=False, groups=3)
    check_count(attempt, o, o, 3, groups=o)


# ---- the layers of Net


def digits(rng: Inputs) -> torch.Tensor:
    """Three images."""
    return rng.normal(3, 1, 28, 28)


def make_net(attempt: Attempt, x: torch.Tensor) -> Remote:
    """A Net; if it has lazy layers, it is run once on `x`, from which they take their sizes."""
    net: Remote = attempt.Net()
    if any(".Lazy" in call for call in attempt.source.calls()):
        net(x)
    return net


def parameters(attempt: Attempt, net: Remote) -> Values:
    """The parameters of `net` by name, one that has two names only once."""
    found: dict[int, tuple[str, torch.Tensor]] = {}
    for p in attempt.parameters(net):
        found.setdefault(p.identity, (p.name, p.value))
    return dict(found.values())


def loaded(attempt: Attempt, net: Remote, rng: Inputs) -> Values:
    """Give `net` random weights, of a size that keeps its values near 1; returns them by name."""
    shapes = {name: tuple(value.shape) for name, value in parameters(attempt, net).items()}
    values = {name: rng.normal(*shape, std=math.prod(shape[1:]) ** -0.5) for name, shape in shapes.items()}
    attempt.load_parameters(net, values)
    return values


def run(net: Remote, x: torch.Tensor) -> torch.Tensor:
    """The logits for some images, if they have the right form."""
    with explaining(NET_ERRORS):
        logits = net(x)
    shape = expect(logits, LOGITS).is_tensor().shape
    fail_if(tuple(shape) == (10,), BATCH_FLATTENED, Verdict.WRONG_SHAPE)
    fail_if(len(shape) == 2 and shape[0] != len(x), BATCH_CHANGED, Verdict.WRONG_SHAPE)
    fail_if(len(shape) > 2, NOT_FLATTENED, Verdict.WRONG_SHAPE)
    expect(logits, LOGITS).has_shape(len(x), 10)
    expect(logits, LOGITS).close_to(logits.nan_to_num().float())  # finite, and float32
    return logits.detach()


def check_layers(attempt: Attempt, net: Remote) -> list[tuple[torch.Tensor, torch.Tensor]]:
    """Weight and bias of the three layers in order; fails, with a diagnosis, unless they are right."""
    modules = attempt.modules(net)
    layers = [base for m in modules for base in m.bases]
    fail_if(any("BatchNorm" in base or "Dropout" in base for base in layers), EXTRA_LAYER)
    values = parameters(attempt, net)
    weights = {name: tuple(value.shape) for name, value in values.items() if value.dim() > 1}
    extra, lacking = Counter(weights.values()) - Counter(WANTED), Counter(WANTED) - Counter(weights.values())
    fail_if(not extra and bool(lacking), NOT_REGISTERED)
    fail_if(len(weights) > len(WANTED), EXTRA_LAYER)
    fail_if(bool({(1, 10, 5, 5), (10, 20, 5, 5)} & extra.keys()), CHANNELS_SWAPPED)
    fail_if((20, 1, 5, 5) in extra, NEXT_CHANNELS if LINEAR not in lacking else FIRST_CONVOLUTION_LOST)
    flat = next((shape[1] for shape in extra if len(shape) == 2 and shape[0] == 10), 0)
    padded = any(m.settings.get("padding", 0) not in (0, (0, 0), "valid") for m in modules)
    fail_if(padded or str(flat) in PADDED.split("|"), NET_PADDED)
    fail_if(str(flat) in UNPOOLED.split("|"), POOLING_MISSING)
    fail_if(list(lacking) == [LINEAR] and bool(flat), FLAT_SIZE)
    if extra:
        fail(WRONG_SIZES, comparison=Comparison(expected=listed(lacking), actual=listed(extra)))
    names = sorted(weights, key=lambda name: WANTED.index(weights[name]))
    biases = [bias_of(values, name) for name in names]
    fail_if(any(bias is None for bias in biases), NO_BIAS)
    fail_if(len(values) > 2 * len(WANTED), EXTRA_LAYER)
    return [(values[name], bias) for name, bias in zip(names, biases, strict=True) if bias is not None]


def bias_of(values: Values, name: str) -> torch.Tensor | None:
    """The bias that goes with the weight `name`: that of its layer, or the next of its size in a Net without layers."""
    if name.endswith("weight"):
        return values.get(name.removesuffix("weight") + "bias")
    behind = list(values.values())[list(values).index(name) :]
    return next((value for value in behind if value.shape == values[name].shape[:1]), None)


def listed(shapes: Counter[Shape]) -> str:
    """Shapes as text."""
    return ", ".join(map(str, sorted(shapes.elements()))) or "-"


# ---- the values of Net


def rectified(z: torch.Tensor) -> torch.Tensor:
    """What Net does behind a convolution."""
    return F.max_pool2d(z, 2).relu()


WRONG_STEPS: list[tuple[Diagnosis, Step]] = [
    (MISSING_RELU, lambda z: F.max_pool2d(z, 2)),
    (AVERAGE_POOLED, lambda z: F.avg_pool2d(z, 2).relu()),
    (AVERAGE_POOLED, lambda z: F.avg_pool2d(z.relu(), 2)),
    *(
        (OTHER_ACTIVATION, lambda z, other=other: other(F.max_pool2d(z, 2)))
        for other in (torch.sigmoid, torch.tanh, F.leaky_relu, F.elu, F.gelu, F.softplus, torch.abs)
    ),
]
WRONG_HEADS: list[tuple[Diagnosis, Step]] = [
    *((SOFTMAX_ON_LOGITS, partial(f, dim=dim)) for f in (torch.softmax, torch.log_softmax) for dim in (1, 0)),
    *((ACTIVATION_ON_LOGITS, f) for f in (torch.relu, torch.sigmoid, torch.tanh)),
]


def logits_by(x: torch.Tensor, layers: list[tuple[torch.Tensor, torch.Tensor]], *steps: Step) -> torch.Tensor:
    """What Net gives with these layers if it does `steps` behind its two convolutions."""
    for step, layer in zip(steps, layers, strict=False):
        x = step(F.conv2d(x, *layer))
    return F.linear(x.flatten(1), *layers[-1])


def with_negative_logits(
    attempt: Attempt, net: Remote, rng: Inputs, x: torch.Tensor
) -> tuple[list[tuple[torch.Tensor, torch.Tensor]], torch.Tensor, torch.Tensor]:
    """The layers of a Net with random weights, its logits, and the right ones, some of which are negative.

    One draw in four thousand has none, and would not show a ReLU behind them.
    """
    for _ in range(DRAWS):
        loaded(attempt, net, rng)
        logits, layers = run(net, x), check_layers(attempt, net)
        right = logits_by(x, layers, rectified, rectified)
        if bool((right < 0).any()):
            break
    return layers, logits, right


def wrong_bodies() -> Iterator[tuple[Diagnosis, Step, Step]]:
    """The slips behind the convolutions, each in one place and in both."""
    for diagnosis, wrong in WRONG_STEPS:
        yield from ((diagnosis, *steps) for steps in ((wrong, rectified), (rectified, wrong), (wrong, wrong)))


def close(actual: torch.Tensor, wanted: torch.Tensor) -> bool:
    """Whether two results agree; loose, for float32 on every device."""
    alike = actual.shape == wanted.shape and actual.dtype == wanted.dtype
    return alike and torch.allclose(actual, wanted, rtol=1e-3, atol=1e-4)


# ---- the checks of Net


@pytest.mark.points(1)
@pytest.mark.public
def test_net_shape(attempt: Attempt, rng: Inputs) -> None:
    """Net gives ten logits for each image, whatever the size of the batch.

    zh: 不论批次多大，Net 对每张图给出十个 logits。
    """
    x = digits(rng)
    net = make_net(attempt, x)
    together, alone = run(net, x), run(net, x[1:2])
    if not close(alone, together[1:2]):
        fail_if(not close(run(net, x), together), EXTRA_LAYER)  # dropout: random
        expect(alone, ALONE).close_to(together[1:2])


@pytest.mark.points(1)
def test_net_layers(attempt: Attempt, rng: Inputs) -> None:
    """Net holds two 5x5 convolutions, 1 to 10 and 10 to 20 channels, and one linear layer from 320 to 10.

    zh: Net 含两个 5x5 卷积（1 到 10、10 到 20 个通道）和一个 320 到 10 的全连接层。
    """
    check_layers(attempt, make_net(attempt, digits(rng)))


@pytest.mark.points(1)
def test_net_values(attempt: Attempt, rng: Inputs) -> None:
    """With given weights Net computes the right logits: maximum, ReLU, and no softmax.

    zh: 给定权重，Net 算出正确的 logits：最大池化、ReLU、没有 softmax。
    """
    x = digits(rng)
    net = make_net(attempt, x)
    layers, logits, right = with_negative_logits(attempt, net, rng, x)
    if close(logits, right):
        return
    fail_if(not close(run(net, x), logits), EXTRA_LAYER)
    for diagnosis, head in WRONG_HEADS:
        fail_if(close(logits, head(right)), diagnosis)
    heads: list[Step] = [lambda z: z, *(head for _, head in WRONG_HEADS)]
    for (diagnosis, first, second), head in product(wrong_bodies(), heads):
        fail_if(close(logits, head(logits_by(x, layers, first, second))), diagnosis)
    expect(logits, LOGITS).close_to(right)


@pytest.mark.points(1)
def test_net_gradients(attempt: Attempt, rng: Inputs) -> None:
    """The gradient of the logits reaches every parameter, and the image.

    zh: logits 的梯度能传到每个参数，也能传到输入的图像。
    """
    x = digits(rng)
    net = make_net(attempt, x)
    fail_if(not loaded(attempt, net, rng), NOT_REGISTERED)
    run(net, x)
    found = attempt.gradients(net, x, upstream=rng.normal(3, 10), module=net)
    reached = [g is not None and bool(g.any()) for g in (*found.inputs, *found.parameters)]
    fail_if(not all(reached), GRAPH_CUT, Verdict.NO_GRADIENT)


# ---- the checks of feature_maps


def first_convolution(attempt: Attempt, net: Remote, values: Values) -> tuple[str, Step]:
    """The kernel that reads the image, by name, and what it computes; a Net with slips will do too."""
    name = next((name for name, value in values.items() if value.dim() == 4 and value.shape[1] == 1), None)
    if name is None:
        check_layers(attempt, net)
        fail(WRONG_SIZES)
    settings = [m.settings for m in attempt.modules(net) if m.path and name == f"{m.path}.weight"]
    padding = settings[0].get("padding", 0) if settings else 0
    return name, lambda image: F.conv2d(image, values[name], bias_of(values, name), padding=padding)


def maps_of(attempt: Attempt, net: Remote, image: torch.Tensor) -> Any:
    """What feature_maps gives; an image without a batch dimension is often passed on to Net."""
    with explaining(
        {BATCH_MISSING: r"\(20x16 and 320x10\)|invalid for input|Dimension out of range|got 1 chan|start_dim"}
    ):
        return attempt.feature_maps(net, image)


@pytest.mark.points(1)
def test_feature_maps(attempt: Attempt, rng: Inputs) -> None:
    """feature_maps gives what the first convolution makes of the image, (10, 24, 24).

    zh: feature_maps 给出第一个卷积对这张图的输出，形状 (10, 24, 24)。
    """
    image = rng.normal(1, 28, 28)
    net = make_net(attempt, image[None])
    values = loaded(attempt, net, rng)
    name, convolve = first_convolution(attempt, net, values)
    wanted = convolve(image)
    maps = maps_of(attempt, net, image)
    shape = tuple(expect(maps, MAPS).is_tensor().shape)
    fail_if(shape == (1, *wanted.shape), BATCH_LEFT, Verdict.WRONG_SHAPE)
    fail_if(shape == tuple(values[name].shape), KERNELS_NOT_MAPS, Verdict.WRONG_SHAPE)
    later = ((10, 12, 12), (20, 8, 8), (20, 4, 4), (320,), (10,))
    fail_if(shape in later or (shape[:1] == (1,) and shape[1:] in later), LATER_LAYER, Verdict.WRONG_SHAPE)
    if shape == tuple(wanted.shape) and not close(maps.detach(), wanted):
        again = maps_of(attempt, net, image)
        loaded(attempt, net, rng)
        other = maps_of(attempt, net, image)
        random = not close(expect(again, MAPS).is_tensor(), maps.detach())
        fail_if(random or close(expect(other, MAPS).is_tensor(), maps.detach()), MODEL_NOT_USED)
    expect(maps, MAPS).close_to(wanted, mistakes={LATER_LAYER: wanted.relu()})


@pytest.mark.points(1)
def test_feature_maps_leave_no_trace(attempt: Attempt, rng: Inputs) -> None:
    """The maps have no graph, and the model is as it was: mode, parameters, hooks.

    zh: 特征图不带计算图，模型保持原样：模式、参数和钩子都没有变。
    """
    image = rng.normal(1, 28, 28)
    net = make_net(attempt, image[None])
    values = loaded(attempt, net, rng)
    modules = [reduce(getattr, filter(None, m.path.split(".")), net) for m in attempt.modules(net)]
    for training in (True, False):
        net.train(training)
        maps = expect(maps_of(attempt, net, image), MAPS)
        fail_if(maps.is_tensor() is not None and maps.actual.requires_grad, GRAPH_ATTACHED)
        fail_if(any(attempt.value(m.training) is not training for m in modules), MODE_CHANGED)
    length = attempt.library("builtins.len")
    fail_if(any(length(m._forward_hooks) != 0 for m in modules), MODEL_CHANGED)
    for name, value in parameters(attempt, net).items():
        fail_if(not value.requires_grad or not torch.equal(value.detach(), values[name]), MODEL_CHANGED)
    fail_if(not attempt.library("torch.is_grad_enabled")(), GRADIENTS_OFF)


# ---- the check of plot_feature_maps


NO_ARRAY = r"'Axes' object (is not|does not|has no attribute '(flat|ravel|flatten|reshape)')"
COUNT_ERRORS = (
    "IndexError",
    "not enough values",
    "too many values",
    "StopIteration",
    r"zip\(\) argument",
    "num must be",
)
PLOT_ERRORS = {FIXED_COUNT: "|".join(COUNT_ERRORS)}


def pictures(attempt: Attempt, maps: torch.Tensor) -> list[list[Any]]:
    """Of each axes of the figure in which there is something, the images."""
    with explaining(PLOT_ERRORS | ({SINGLE_AXES: NO_ARRAY} if len(maps) == 1 else {})):
        seen = attempt.figure(attempt.on_host(attempt.plot_feature_maps, maps))
    fail_if(not seen["is_figure"], FIGURE_NOT_RETURNED)
    return [axes["images"] for axes in seen["axes"] if axes["images"]]


def shows(picture: Any, feature_map: torch.Tensor) -> bool:
    """Whether an image is this map, in any scale of colours."""
    wanted = feature_map.numpy()
    if np.shape(picture) != wanted.shape or np.std(picture) == 0:
        return False
    shown, expected = ((a - np.mean(a)) / np.std(a) for a in (np.asarray(picture, dtype=float), wanted))
    return bool(np.allclose(shown, expected, atol=1e-4))


@pytest.mark.points(1)
def test_plot(attempt: Attempt, rng: Inputs) -> None:
    """plot_feature_maps draws each channel in axes of its own, however many there are.

    zh: plot_feature_maps 把每个通道画在各自的坐标系里，不论有多少个通道。
    """
    single, many = rng.normal(1, 5, 4), rng.normal(11, 6, 9)
    first, found = pictures(attempt, single), pictures(attempt, many)
    drawn = [picture for images in found for picture in images]
    fail_if(not drawn, NOTHING_DRAWN)
    fail_if(any(shows(picture, single[0]) for picture in drawn), FIGURE_REUSED)
    fail_if(len(found) == 1, ONE_AXES)
    last = [images[-1] for images in found]
    places = [next((c for c, m in enumerate(many) if shows(picture, m)), None) for picture in last]
    fail_if(any(shows(picture, m.T) for picture in last for m in many), MAP_TRANSPOSED)
    fail_if(len(set(places)) == 1 and None not in places, SAME_MAP)
    fail_if(len(last) != len(many), FIXED_COUNT)
    fail_if(
        places != list(range(len(many))) and sorted(map(str, places)) == sorted(map(str, range(len(many)))), WRONG_ORDER
    )
    for number, (picture, feature_map) in enumerate(zip(last, many, strict=True)):
        if not shows(picture, feature_map):
            expect(picture, Text(en=f"the picture of channel {number}", zh=f"第 {number} 个通道的图")).close_to(
                feature_map.tolist()
            )
    fail_if(len(first) != 1 or not shows(first[0][-1], single[0]), FIXED_COUNT)
