"""The hidden checks of exercise 09.

The cases of the two formulas come one difficulty at a time, so that the first one that fails tells which slip it is.
Attribute names of `Net` are free: its layers are known by the shapes of their weights.  N is the batch.
"""

from functools import partial, reduce

import torch
from torch.nn import functional as F

from dlex.kit import (
    Text,
    Verdict,
    check,
    diagnoses,
    expect,
    explaining,
    fail,
    fail_if,
    softmaxes,
    then,
)

D = diagnoses(__file__)

LOGITS = Text(en="the output of Net", zh="Net 的输出")
ALONE = Text(en="what Net gives for each image alone, not in a batch,", zh="逐张单独输入（而非一个批次）时 Net 的输出")
MAPS = Text(en="what `feature_maps` returns", zh="`feature_maps` 的返回值")


# ---- the two formulas


def check_number(attempt, rng, name, draw, oracle, slips, is_float=None, one_off=None):
    """Pass if a function is right for arguments by name that `draw` gives; no two slips make the same number of them.

    `one_off` is told of one too many or too few if none of the slips explains it.
    """

    def known():
        arguments = draw()
        right = oracle(**arguments)
        wrong = {slip: {form(**arguments) for form in forms} - {right} for slip, forms in slips.items()}
        return right, {slip: sorted(numbers) for slip, numbers in wrong.items()}, arguments

    right, wrong, arguments = rng.telling(known)
    shown = f"`{name}({', '.join(f'{key}={value}' for key, value in arguments.items())})`"
    found = attempt[name](**arguments)
    number = expect(found, Text(en=shown, zh=f" {shown} "))
    value = number.number()
    if is_float is not None:
        fail_if(isinstance(found, float), is_float)
    fitting = [slip for slip, numbers in wrong.items() if value in numbers]
    number.equals(right, otherwise=fitting[0] if len(fitting) == 1 else one_off if abs(value - right) == 1 else None)


def output_size(
    size, kernel_size, stride=1, padding=0, dilation=1,
    ends=2, span=lambda k, d: d * (k - 1) + 1, places=lambda way, s: way // s + 1,
):  # fmt: skip
    """The formula of the lecture; other `ends`, `span` and `places` make wrong variants."""
    return places(size + ends * padding - span(kernel_size, dilation), stride)


def sizes_by(part, *functions):
    """The formula with something else for a part."""
    return [partial(output_size, **{part: function}) for function in functions]


SIZE_SLIPS = {
    D.padding_forgotten: sizes_by("ends", 0),
    D.padding_once: sizes_by("ends", 1),
    D.stride_forgotten: sizes_by("places", lambda way, s: way + 1),
    D.stride_divides_all: sizes_by("places", lambda way, s: (way + 1) // s),
    D.rounded_up: sizes_by("places", lambda way, s: -(-way // s) + 1),
    D.dilation_forgotten: sizes_by("span", lambda k, d: k),
    D.dilation_times_kernel: sizes_by("span", lambda k, d: d * k),
    D.kernel_forgotten: sizes_by("span", lambda k, d: 0, lambda k, d: 1, lambda k, d: -(d * (k - 1) + 1)),
}


@check(1, public=True)
def test_output_size(attempt, rng):
    """conv2d_output_size counts the places of the kernel, with padding and stride, rounded down.

    zh: conv2d_output_size 数出卷积核能停的位置，考虑 padding 和 stride，并向下取整。
    """

    def drawn(by=1, rest=0, kernel=0, **more):
        """A size and a kernel of several steps; behind the last step this much is left over."""
        k = kernel or rng.integer(2 * by + 1, 2 * by + 6)
        return {"size": k + by * rng.integer(5, 12) + rest, "kernel_size": k, **more}

    s, p = rng.integer(2, 5), rng.integer(4, 8)  # so much padding that both ends make a step
    draws = [drawn, partial(drawn, padding=rng.integer(1, 4))]
    draws += [partial(drawn, s, rest, stride=s) for rest in range(s)]
    draws += [partial(drawn, s, stride=s, padding=p), partial(drawn, s, kernel=1, stride=s)]
    draws += [lambda: {"size": (side := rng.integer(2, 9)), "kernel_size": side, "stride": s}]
    draws += [lambda: {"size": 1, "kernel_size": 1, "stride": s}]
    for draw in draws:
        check_number(attempt, rng, "conv2d_output_size", draw, output_size, SIZE_SLIPS, D.not_an_int, D.off_by_one)


@check(1)
def test_output_size_dilated(attempt, rng):
    """conv2d_output_size knows that a dilated kernel covers more pixels.

    zh: conv2d_output_size 知道扩张后的卷积核会覆盖更多像素。
    """

    def drawn(kernel=0, stride=1, padding=0):
        """A size, a kernel and a dilation; behind the last of several steps a pixel is left over."""
        k, d = kernel or rng.integer(3, 6), 2 * stride + rng.integer(1, 4)
        size = stride * rng.integer(6, 12) + d * (k - 1) + 2 - 2 * padding
        more = {"stride": stride, "padding": padding} if stride > 1 else {}
        return {"size": size, "kernel_size": k, "dilation": d, **more}

    for draw in (drawn, partial(drawn, 1), lambda: drawn(0, rng.integer(3, 6), rng.integer(1, 16))):
        check_number(attempt, rng, "conv2d_output_size", draw, output_size, SIZE_SLIPS, D.not_an_int, D.off_by_one)


def counts(*functions):
    """Functions of i, o, k, b (1 with biases, 0 without) and g, with the names that the learner's arguments have."""

    def named(f, in_channels, out_channels, kernel_size, bias=True, groups=1):
        return f(in_channels, out_channels, kernel_size, int(bias), groups)

    return [partial(named, f) for f in functions]


COUNT_SLIPS = {
    D.bias_not_counted: counts(lambda i, o, k, b, g: o * i * k * k // g),
    D.bias_always_counted: counts(lambda i, o, k, b, g: o * i * k * k // g + o),
    D.biases_wrong: counts(
        lambda i, o, k, b, g: o * i * k * k // g + b,
        lambda i, o, k, b, g: o * i * k * k // g + b * i,
        lambda i, o, k, b, g: o * i * k * k // g + b * i * o,
        lambda i, o, k, b, g: o * i * k * k // g + b * o * g,
        lambda i, o, k, b, g: o * i * k * k // g - b * o,
    ),
    D.groups_ignored: counts(lambda i, o, k, b, g: o * i * k * k + b * o),
    D.groups_twice: counts(
        lambda i, o, k, b, g: o * i * k * k // g**2 + b * o,
        lambda i, o, k, b, g: o * i * k * k // g + b * o // g,
        lambda i, o, k, b, g: o * i * k * k // g**2 + b * o // g,
    ),
    D.kernel_not_squared: counts(*(lambda i, o, k, b, g, n=n: o * i * n * k // g + b * o for n in (1, 2))),
    D.one_kernel_for_all: counts(
        lambda i, o, k, b, g: o * k * k // g + b * o,
        lambda i, o, k, b, g: i * k * k // g + b * o,
        lambda i, o, k, b, g: i * k * k // g + b,
        lambda i, o, k, b, g: k * k // g + b,
    ),
}


@check(1, public=True)
def test_count_parameters(attempt, rng):
    """count_parameters counts all weights and biases, with groups and without bias too.

    zh: count_parameters 数出全部权重和偏置，有分组或没有偏置时也正确。
    """

    def drawn(i=0, o=0, k=0, g=1, **more):
        """Channels, in groups, and a kernel; 0 is drawn."""
        names = ("in_channels", "out_channels", "kernel_size")
        i, o, k = g * (i or rng.integer(5, 9)), g * (o or rng.integer(11, 19)), k or rng.integer(3, 8)
        return dict(zip(names, (i, o, k), strict=True)) | more | ({"groups": g} if g > 1 else {})

    (right,) = counts(lambda i, o, k, b, g: o * (i // g * k**2 + b))
    by = partial(drawn, g=rng.integer(2, 5))
    draws = [drawn, partial(drawn, bias=False), by, partial(by, bias=False), partial(by, i=1)]
    draws += [partial(drawn, *ones) for ones in ((1, 0, 0), (0, 1, 0), (0, 0, 1), (1, 1, 1))]
    for draw in draws:
        check_number(attempt, rng, "count_parameters", draw, right, COUNT_SLIPS)


# ---- Net

SHAPES = {"w1": (10, 1, 5, 5), "b1": (10,), "w2": (20, 10, 5, 5), "b2": (20,), "w": (10, 320), "b": (10,)}
BIASES = (("b1",), ("b2",), ("b1", "b2"), ("b1", "b"), ("b1", "b2", "b"))  # what may be lost
# How many numbers an image has in the end if both or only the second convolution pads, or if poolings are missing.
PADDED, UNPOOLED = (980, 720), (8000, 2000, 1280, 6480)


def net_errors(N):
    """What an exception means for a batch of N images."""

    def misfits(flat):
        one, all_of_them = ("|".join(str(n * size) for size in flat) for n in (1, N))
        return rf"cannot be multiplied \({N}x({one}) |for input of size ({all_of_them})\b"

    return {
        D.channels_swapped: r"weight of size \[(1, 10|10, 20), ",
        D.first_convolution_lost: r"weight of size \[\d+, 10, \d+, \d+\], expected input\[\d+, 1, 28, 28\]",
        D.next_channels: r"weight of size \[\d+, \d+, \d+, \d+\], expected input\[\d+, 10, ",
        D.not_flattened: rf"mat1 and mat2 shapes cannot be multiplied \({N * 80}x4 ",
        D.batch_flattened: rf"mat1 and mat2 shapes cannot be multiplied \(1x{N * 320} |got vec",
        D.net_padded: misfits(PADDED),
        D.pooling_missing: misfits(UNPOOLED),
        D.flat_size: r"mat1 and mat2 shapes cannot be multiplied|is invalid for input of size",
    }


def run(net, x):
    """The logits for some images, if they have the right form."""
    with explaining(net_errors(len(x))):
        y = expect(net(x), LOGITS)
    found = y.is_tensor()
    fail_if(found.dim() == 2 and len(found) != len(x), D.batch_changed, Verdict.WRONG_SHAPE)
    y.has_shape(len(x), 10, mistakes={D.batch_flattened: (10,)}, otherwise=D.not_flattened if found.dim() > 2 else None)
    y.close_to(found.nan_to_num().float())  # finite, and float32
    return found


def steady(net, x):
    """The logits, if they are the same the next time."""
    y = run(net, x)
    fail_if(not expect(run(net, x)).resembles(y, sums=True), D.extra_layer)  # dropout
    return y


@check(1, public=True)
def test_net_shape(attempt, rng):
    """Net gives ten logits for each image, whatever the size of the batch.

    zh: 不论批次多大，Net 对每张图给出十个 logits。
    """
    net, x = attempt.Net(), rng.normal(*rng.sizes("N"), 1, 28, 28)
    together, order = steady(net, x), rng.permutation(len(x))
    expect(torch.cat([run(net, one) for one in x[order].split(1)]), ALONE).close_to(together[order])


def pads(module):
    """Whether a layer pads its input."""
    return module.settings.get("padding", 0) not in (0, (0, 0), "valid")


def weights_of(attempt, net, x):
    """The weights of Net, without content, if it has just its three layers."""
    modules = attempt.modules(net)
    fail_if(any("BatchNorm" in base or "Dropout" in base for m in modules for base in m.bases), D.extra_layer)
    own = net.weights.all(missing=D.not_registered, fed=[x]).values()
    flat = next((v.shape[1] for v in own if v.dim() == 2 and len(v) == 10), 320)
    padded = any(map(pads, modules))
    wrong_flat = D.net_padded if padded or flat in PADDED else D.pooling_missing if flat in UNPOOLED else D.flat_size
    swapped = ({"w1": (1, 10, 5, 5), "b1": (1,)}, {"w2": (10, 20, 5, 5), "b2": (10,)})
    slips = {
        D.channels_swapped: [SHAPES | one for one in (*swapped, swapped[0] | swapped[1])],
        D.next_channels if flat == 320 else D.first_convolution_lost: SHAPES | {"w2": (20, 1, 5, 5), "w": (10, flat)},
        wrong_flat: SHAPES | {"w": (10, flat)},
        D.no_bias: [{n: shape for n, shape in SHAPES.items() if n not in lost} for lost in BIASES],
    }
    known = {"missing": D.not_registered, "extra": D.extra_layer, "sizes": D.wrong_sizes}
    more = D.extra_layer if len(own) > len(SHAPES) else None
    weights = net.weights.expect(SHAPES, slips=slips, **known, otherwise=more)
    fail_if(padded, D.net_padded)
    return weights


@check(1)
def test_net_layers(attempt, rng):
    """Net holds two 5x5 convolutions, 1 to 10 and 10 to 20 channels, and one linear layer from 320 to 10.

    zh: Net 含两个 5x5 卷积（1 到 10、10 到 20 个通道）和一个 320 到 10 的全连接层。
    """
    weights_of(attempt, attempt.Net(), rng.normal(1, 1, 28, 28))


def rectified(z):
    """What Net does behind a convolution."""
    return F.max_pool2d(z, 2).relu()


def classified(x, w1, b1, w2, b2, w, b, steps=(rectified, rectified)):
    """The logits; other `steps` behind the two convolutions make wrong variants."""
    x = steps[1](F.conv2d(steps[0](F.conv2d(x, w1, b1)), w2, b2))
    return F.linear(x.flatten(1), w, b)


def instead(*others):
    """Nets with another step behind one convolution or behind both, and perhaps with a softmax at the end."""
    pairs = [pair for step in others for pair in ((step, rectified), (rectified, step), (step, step))]
    nets = [partial(classified, steps=pair) for pair in pairs]
    return [variant for net in nets for variant in (net, *softmaxes(net))]


ACTIVATIONS = (torch.sigmoid, torch.tanh, F.leaky_relu, F.elu, F.gelu, F.softplus, torch.abs)
NET_SLIPS = {
    D.softmax_on_logits: [*softmaxes(classified), then(classified, partial(torch.log_softmax, dim=0))],
    D.activation_on_logits: [then(classified, act) for act in (torch.relu, torch.sigmoid, torch.tanh)],
    D.missing_relu: instead(lambda z: F.max_pool2d(z, 2)),
    D.average_pooled: instead(lambda z: F.avg_pool2d(z, 2).relu(), lambda z: F.avg_pool2d(z.relu(), 2)),
    D.other_activation: instead(*(lambda z, act=act: act(F.max_pool2d(z, 2)) for act in ACTIVATIONS)),
}


def loaded(attempt, rng, N):
    """A Net, its random weights, and images; of the first two logits one is negative, and shows a ReLU behind them."""
    net, x = attempt.Net(), rng.normal(N, 1, 28, 28)
    steady(net, x)
    weights = weights_of(attempt, net, x).randomise(rng)
    for name in ("w", "b"):
        weights[name][1] = -weights[name][0]
    return net, {"x": x, "weights": weights.load(weights), "slips": NET_SLIPS, "errors": net_errors(N), "what": LOGITS}


@check(1)
def test_net_values(attempt, rng):
    """With given weights Net computes the right logits: maximum, ReLU, and no softmax.

    zh: 给定权重，Net 算出正确的 logits：最大池化、ReLU、没有 softmax。
    """
    for (N,) in rng.all_sizes("N"):
        net, given = loaded(attempt, rng, N)
        net.like(classified, **given)


@check(1)
def test_net_gradients(attempt, rng):
    """The gradient of the logits reaches every parameter, and the image.

    zh: logits 的梯度能传到每个参数，也能传到输入的图像。
    """
    net, given = loaded(attempt, rng, 2)
    net.gradients_like(classified, **given, cut=D.graph_cut)


# ---- feature_maps


def first_convolution(attempt, rng, net, image):
    """Random weights of a Net, and what its first convolution makes of the image; a Net with slips will do too."""
    weights = net.weights.all(missing=D.not_registered, fed=[image[None]]).randomise(rng)
    name = next((name for name, value in weights.items() if value.dim() == 4 and value.shape[1] == 1), None)
    if name is None:
        weights_of(attempt, net, image[None])
        fail(D.wrong_sizes)
    bias = name.removesuffix("weight") + "bias"
    if bias not in weights and not name.endswith("weight"):  # a Net without layers
        bias = next((n for n in list(weights)[list(weights).index(name) :] if weights[n].shape == (10,)), bias)
    padding = [m.settings["padding"] for m in attempt.modules(net) if pads(m) and name == f"{m.path}.weight"]
    return weights, F.conv2d(image, weights[name], weights.get(bias), padding=padding[0] if padding else 0)


def maps_of(attempt, net, image):
    """What feature_maps gives; an image without a batch dimension is often passed on to Net."""
    with explaining({D.batch_missing: r"\(20x16 and 320x10\)|invalid for input|Dimension out of|got 1 chan|start_dim"}):
        return attempt.feature_maps(net, image)


def check_maps(attempt, rng, net, image):
    """Pass if feature_maps is right for random weights; returns what it gave, and the weights."""
    weights, right = first_convolution(attempt, rng, net, image)
    found = maps_of(attempt, net, image)
    later = [(10, 12, 12), (20, 8, 8), (20, 4, 4), (320,), (10,)]
    shapes = {
        D.batch_left: (1, *right.shape),
        D.kernels_not_maps: (10, 1, 5, 5),
        D.later_layer: later + [(1, *shape) for shape in later],
    }
    expect(found, MAPS).has_shape(*right.shape, mistakes=shapes)
    if not expect(found).resembles(right):
        again = maps_of(attempt, net, image)
        weights.randomise(rng)
        other = maps_of(attempt, net, image)
        weights.load(weights)
        fail_if(not expect(found).resembles(again) or expect(found).resembles(other), D.model_not_used)
    expect(found, MAPS).like(right, slips={D.later_layer: right.relu()})
    return found, weights


@check(1)
def test_feature_maps(attempt, rng):
    """feature_maps gives what the first convolution makes of the image, (10, 24, 24).

    zh: feature_maps 给出第一个卷积对这张图的输出，形状 (10, 24, 24)。
    """
    check_maps(attempt, rng, attempt.Net(), rng.normal(1, 28, 28))


@check(1)
def test_feature_maps_leave_no_trace(attempt, rng):
    """The maps have no graph, and the model is as it was: mode, parameters, hooks.

    zh: 特征图不带计算图，模型保持原样：模式、参数和钩子都没有变。
    """
    net = attempt.Net()
    modules = [reduce(getattr, filter(None, m.path.split(".")), net) for m in attempt.modules(net, settings=False)]
    for training in (True, False):
        attempt.keep(net.train, training)
        found, weights = check_maps(attempt, rng, net, rng.normal(1, 28, 28))
        fail_if(found.requires_grad, D.graph_attached)
        fail_if(any(attempt.value(m.training) is not training for m in modules), D.mode_changed)
    fail_if(any(attempt.library("builtins.len")(m._forward_hooks) != 0 for m in modules), D.model_changed)
    now, own = weights.now(), {name: reduce(getattr, name.split("."), net) for name in weights}
    kept = all(attempt.value(p.requires_grad) and torch.equal(now[name], weights[name]) for name, p in own.items())
    fail_if(not kept, D.model_changed)
    fail_if(not attempt.library("torch.is_grad_enabled")(), D.gradients_off)


# ---- plot_feature_maps

NO_ARRAY = r"'Axes' object (is not|does not|has no attribute '(flat|ravel|flatten|reshape)')"
COUNT_ERRORS = r"IndexError|not enough values|too many values|StopIteration|zip\(\) argument|num must be"


def pictures(attempt, maps):
    """Of each axes of the figure in which there is something, the images."""
    with explaining({D.fixed_count: COUNT_ERRORS} | ({D.single_axes: NO_ARRAY} if len(maps) == 1 else {})):
        seen = attempt.figure(attempt.on_host(attempt.plot_feature_maps, maps))
    fail_if(not seen["is_figure"], D.figure_not_returned)
    return [[torch.as_tensor(image).double() for image in axes["images"]] for axes in seen["axes"] if axes["images"]]


def shows(picture, feature_map):
    """Whether an image is this map, in any scale of colours."""

    def scaled(values):
        centred = values.double() - values.double().mean()
        return centred / (centred.square().mean().sqrt() or 1.0)

    return picture.shape == feature_map.shape and torch.allclose(scaled(picture), scaled(feature_map), atol=1e-5)


@check(1)
def test_plot(attempt, rng):
    """plot_feature_maps draws each channel in axes of its own, however many there are.

    zh: plot_feature_maps 把每个通道画在各自的坐标系里，不论有多少个通道。
    """
    C = 2 * rng.integer(5, 7) + 1  # odd, and more than the ten of Net
    sides, *narrow = rng.all_sizes("HW")
    (single,), many = rng.normal(1, *narrow[rng.integer(0, 2)]), rng.normal(C, *sides)
    first, found = pictures(attempt, single[None]), pictures(attempt, many)
    fail_if(not found, D.nothing_drawn)
    fail_if(any(shows(picture, single) for images in found for picture in images), D.figure_reused)
    fail_if(len(found) == 1, D.one_axes)
    last = [images[-1] for images in found]
    places = [next((c for c, m in enumerate(many) if shows(picture, m)), -1) for picture in last]
    fail_if(-1 in places and any(shows(picture, m.T) for picture in last for m in many), D.map_transposed)
    fail_if(len(set(places)) == 1 and -1 not in places, D.same_map)
    fail_if(len(last) != C, D.fixed_count)
    fail_if(places != list(range(C)) and sorted(places) == list(range(C)), D.wrong_order)
    for number, (picture, feature_map) in enumerate(zip(last, many, strict=True)):
        if not shows(picture, feature_map):
            what = Text(en=f"the picture of channel {number}", zh=f"第 {number} 个通道的图")
            expect(picture.tolist(), what).close_to(feature_map.tolist())
    fail_if(len(first) != 1 or not shows(first[0][-1], single), D.fixed_count)
