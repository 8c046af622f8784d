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

from dlex.kit import Attempt, Diagnosis, Inputs, Remote, Text, Verdict, diagnoses, expect, explaining, fail, fail_if
from dlex.protocol.result import Comparison

LOGITS = Text(en="the output of Net", zh="Net 的输出")
ALONE = Text(en="what Net gives for an image alone, not in a batch,", zh="单独输入一张图（而非一个批次）时 Net 的输出")
DRAWS = 20  # of random weights at most, for one check
MAPS = Text(en="what `feature_maps` returns", zh="`feature_maps` 的返回值")

# ---- conv2d_output_size
D = diagnoses(__file__)

# ---- count_parameters

# ---- Net

# ---- feature_maps

# ---- plot_feature_maps

Values = dict[str, torch.Tensor]
Shape = tuple[int, ...]
Step = Callable[[torch.Tensor], torch.Tensor]
Slips = Mapping[Diagnosis, Callable[..., float]]

FIRST, SECOND, LINEAR = WANTED = [(10, 1, 5, 5), (20, 10, 5, 5), (10, 320)]
# How many numbers an image has in the end if both or only the second convolution pads, or if poolings are missing.
PADDED, UNPOOLED = "980|720", "8000|2000|1280|6480"
NET_ERRORS = {
    D.channels_swapped: r"weight of size \[(1, 10|10, 20), ",
    D.first_convolution_lost: r"weight of size \[\d+, 10, \d+, \d+\], expected input\[\d+, 1, 28, 28\]",
    D.next_channels: r"weight of size \[\d+, \d+, \d+, \d+\], expected input\[\d+, 10, ",
    D.not_flattened: r"mat1 and mat2 shapes cannot be multiplied \((240|80)x4 ",
    D.batch_flattened: r"mat1 and mat2 shapes cannot be multiplied \(1x960 |got vec",
    D.net_padded: rf"cannot be multiplied \(\dx({PADDED}) |for input of size (2940|2160|{PADDED})\b",
    D.pooling_missing: rf"cannot be multiplied \(\dx({UNPOOLED}) |for input of size (24000|6000|19440)\b",
    D.flat_size: r"mat1 and mat2 shapes cannot be multiplied|is invalid for input of size",
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
        D.padding_forgotten: quotient(a, padding=0),
        D.padding_once: quotient(a, size=a["size"] - a["padding"]),
        D.stride_forgotten: quotient(a, stride=1),
        D.dilation_forgotten: quotient(a, dilation=1),
        D.dilation_times_kernel: quotient(a, span=a["dilation"] * a["kernel_size"]),
        D.stride_divides_all: quotient(a, stride=1) / a["stride"],
        D.rounded_up: math.ceil(quotient(a)),
        D.off_by_one: right + (1 if found > right else -1),
        D.kernel_forgotten: nearest(found, *(quotient(a, span=span) for span in (0, 1, -a["kernel_size"]))),
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
    fail_if(isinstance(found, float), D.not_an_int)
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
        D.bias_not_counted: weights,
        D.bias_always_counted: weights + o,
        D.groups_ignored: nearest(found, o * i * k * k + biases, o * i * k * k),
        D.groups_twice: nearest(
            found,
            weights // groups + biases, (weights + biases) // groups, (weights // groups + biases) // groups,
            weights // groups, weights + biases // groups, weights // groups + biases // groups,
        ),
        D.biases_wrong: nearest(found, *(weights + n for n in (1, i, i * o, o * groups, -biases))),
        D.kernel_not_squared: nearest(found, *(o * i * side // groups + b for side in (k, 2 * k) for b in (biases, 0))),
        D.one_kernel_for_all: nearest(found, *(c * k * k // groups + b for c in (i, o, 1) for b in (biases, 0, 1, i))),
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
    fail_if(tuple(shape) == (10,), D.batch_flattened, Verdict.WRONG_SHAPE)
    fail_if(len(shape) == 2 and shape[0] != len(x), D.batch_changed, Verdict.WRONG_SHAPE)
    fail_if(len(shape) > 2, D.not_flattened, Verdict.WRONG_SHAPE)
    expect(logits, LOGITS).has_shape(len(x), 10)
    expect(logits, LOGITS).close_to(logits.nan_to_num().float())  # finite, and float32
    return logits.detach()


def check_layers(attempt: Attempt, net: Remote) -> list[tuple[torch.Tensor, torch.Tensor]]:
    """Weight and bias of the three layers in order; fails, with a diagnosis, unless they are right."""
    modules = attempt.modules(net)
    layers = [base for m in modules for base in m.bases]
    fail_if(any("BatchNorm" in base or "Dropout" in base for base in layers), D.extra_layer)
    values = parameters(attempt, net)
    weights = {name: tuple(value.shape) for name, value in values.items() if value.dim() > 1}
    extra, lacking = Counter(weights.values()) - Counter(WANTED), Counter(WANTED) - Counter(weights.values())
    fail_if(not extra and bool(lacking), D.not_registered)
    fail_if(len(weights) > len(WANTED), D.extra_layer)
    fail_if(bool({(1, 10, 5, 5), (10, 20, 5, 5)} & extra.keys()), D.channels_swapped)
    fail_if((20, 1, 5, 5) in extra, D.next_channels if LINEAR not in lacking else D.first_convolution_lost)
    flat = next((shape[1] for shape in extra if len(shape) == 2 and shape[0] == 10), 0)
    padded = any(m.settings.get("padding", 0) not in (0, (0, 0), "valid") for m in modules)
    fail_if(padded or str(flat) in PADDED.split("|"), D.net_padded)
    fail_if(str(flat) in UNPOOLED.split("|"), D.pooling_missing)
    fail_if(list(lacking) == [LINEAR] and bool(flat), D.flat_size)
    if extra:
        fail(D.wrong_sizes, comparison=Comparison(expected=listed(lacking), actual=listed(extra)))
    names = sorted(weights, key=lambda name: WANTED.index(weights[name]))
    biases = [bias_of(values, name) for name in names]
    fail_if(any(bias is None for bias in biases), D.no_bias)
    fail_if(len(values) > 2 * len(WANTED), D.extra_layer)
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
    (D.missing_relu, lambda z: F.max_pool2d(z, 2)),
    (D.average_pooled, lambda z: F.avg_pool2d(z, 2).relu()),
    (D.average_pooled, lambda z: F.avg_pool2d(z.relu(), 2)),
    *(
        (D.other_activation, lambda z, other=other: other(F.max_pool2d(z, 2)))
        for other in (torch.sigmoid, torch.tanh, F.leaky_relu, F.elu, F.gelu, F.softplus, torch.abs)
    ),
]
WRONG_HEADS: list[tuple[Diagnosis, Step]] = [
    *((D.softmax_on_logits, partial(f, dim=dim)) for f in (torch.softmax, torch.log_softmax) for dim in (1, 0)),
    *((D.activation_on_logits, f) for f in (torch.relu, torch.sigmoid, torch.tanh)),
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
        fail_if(not close(run(net, x), together), D.extra_layer)  # dropout: random
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
    fail_if(not close(run(net, x), logits), D.extra_layer)
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
    fail_if(not loaded(attempt, net, rng), D.not_registered)
    run(net, x)
    found = attempt.gradients(net, x, upstream=rng.normal(3, 10), module=net)
    reached = [g is not None and bool(g.any()) for g in (*found.inputs, *found.parameters)]
    fail_if(not all(reached), D.graph_cut, Verdict.NO_GRADIENT)


# ---- the checks of feature_maps


def first_convolution(attempt: Attempt, net: Remote, values: Values) -> tuple[str, Step]:
    """The kernel that reads the image, by name, and what it computes; a Net with slips will do too."""
    name = next((name for name, value in values.items() if value.dim() == 4 and value.shape[1] == 1), None)
    if name is None:
        check_layers(attempt, net)
        fail(D.wrong_sizes)
    settings = [m.settings for m in attempt.modules(net) if m.path and name == f"{m.path}.weight"]
    padding = settings[0].get("padding", 0) if settings else 0
    return name, lambda image: F.conv2d(image, values[name], bias_of(values, name), padding=padding)


def maps_of(attempt: Attempt, net: Remote, image: torch.Tensor) -> Any:
    """What feature_maps gives; an image without a batch dimension is often passed on to Net."""
    with explaining(
        {D.batch_missing: r"\(20x16 and 320x10\)|invalid for input|Dimension out of range|got 1 chan|start_dim"}
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
    fail_if(shape == (1, *wanted.shape), D.batch_left, Verdict.WRONG_SHAPE)
    fail_if(shape == tuple(values[name].shape), D.kernels_not_maps, Verdict.WRONG_SHAPE)
    later = ((10, 12, 12), (20, 8, 8), (20, 4, 4), (320,), (10,))
    fail_if(shape in later or (shape[:1] == (1,) and shape[1:] in later), D.later_layer, Verdict.WRONG_SHAPE)
    if shape == tuple(wanted.shape) and not close(maps.detach(), wanted):
        again = maps_of(attempt, net, image)
        loaded(attempt, net, rng)
        other = maps_of(attempt, net, image)
        random = not close(expect(again, MAPS).is_tensor(), maps.detach())
        fail_if(random or close(expect(other, MAPS).is_tensor(), maps.detach()), D.model_not_used)
    expect(maps, MAPS).close_to(wanted, mistakes={D.later_layer: wanted.relu()})


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
        fail_if(maps.is_tensor() is not None and maps.actual.requires_grad, D.graph_attached)
        fail_if(any(attempt.value(m.training) is not training for m in modules), D.mode_changed)
    length = attempt.library("builtins.len")
    fail_if(any(length(m._forward_hooks) != 0 for m in modules), D.model_changed)
    for name, value in parameters(attempt, net).items():
        fail_if(not value.requires_grad or not torch.equal(value.detach(), values[name]), D.model_changed)
    fail_if(not attempt.library("torch.is_grad_enabled")(), D.gradients_off)


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
PLOT_ERRORS = {D.fixed_count: "|".join(COUNT_ERRORS)}


def pictures(attempt: Attempt, maps: torch.Tensor) -> list[list[Any]]:
    """Of each axes of the figure in which there is something, the images."""
    with explaining(PLOT_ERRORS | ({D.single_axes: NO_ARRAY} if len(maps) == 1 else {})):
        seen = attempt.figure(attempt.on_host(attempt.plot_feature_maps, maps))
    fail_if(not seen["is_figure"], D.figure_not_returned)
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
    fail_if(not drawn, D.nothing_drawn)
    fail_if(any(shows(picture, single[0]) for picture in drawn), D.figure_reused)
    fail_if(len(found) == 1, D.one_axes)
    last = [images[-1] for images in found]
    places = [next((c for c, m in enumerate(many) if shows(picture, m)), None) for picture in last]
    fail_if(any(shows(picture, m.T) for picture in last for m in many), D.map_transposed)
    fail_if(len(set(places)) == 1 and None not in places, D.same_map)
    fail_if(len(last) != len(many), D.fixed_count)
    fail_if(
        places != list(range(len(many))) and sorted(map(str, places)) == sorted(map(str, range(len(many)))),
        D.wrong_order,
    )
    for number, (picture, feature_map) in enumerate(zip(last, many, strict=True)):
        if not shows(picture, feature_map):
            expect(picture, Text(en=f"the picture of channel {number}", zh=f"第 {number} 个通道的图")).close_to(
                feature_map.tolist()
            )
    fail_if(len(first) != 1 or not shows(first[0][-1], single[0]), D.fixed_count)
