"""The hidden checks of exercise 11.

Attribute names are free.  The two convolutions of a block have kernels of one shape, so either may be the first; and a
block may scale its sum by 1/2, or have a 1x1 convolution on its skip, which are the homework of the lecture.
N is the batch, C the channels, H and W height and width.
"""

from functools import partial
from itertools import accumulate
from operator import itemgetter, not_

import numpy as np
import torch
from torch.nn import functional as F

from dlex.kit import (
    CheckFailure,
    Text,
    Verdict,
    blocks_in,
    borrowed,
    changed,
    check,
    confused,
    diagnoses,
    expect,
    explaining,
    fail_if,
    normalises,
    softmaxes,
    surplus,
    then,
    unchanged,
    works_unregistered,
)

D = diagnoses(__file__)

BLOCK = Text(en="the output of ResidualBlock", zh="ResidualBlock 的输出")
LOGITS = Text(en="the output of Net", zh="Net 的输出")
SHAPES = Text(en="the list of weight shapes", zh="各权重形状的列表")
NORMS = Text(en="the list of norms", zh="梯度范数的列表")
SHRUNK = r"must match the size .* non-singleton dimension [23]|Kernel size: \(3 x 3\)\. Kernel size can't be greater"


# ---- the block as the lecture draws it

convolve = partial(F.conv2d, padding="same")  # keeps the size of the image


def summed(skip, first, inner, branch):
    """What goes into the last ReLU: the input, or what its 1x1 convolution makes of it, and the branch."""
    return skip + branch


def residual(x, of=summed, enter=unchanged, conv1=convolve, middle=torch.relu, last=torch.relu, scale=1.0, **w):
    """The formula of the lecture, for kernels k1 and k2, and k for the homework's 1x1 convolution on the skip."""
    skip = convolve(x, w["k"], w.get("b")) if "k" in w else x
    first = conv1(enter(x), w["k1"], w["b1"])
    inner = middle(first)
    return scale * last(of(skip, first, inner, convolve(inner, w["k2"], w["b2"])))


exchanged = confused(residual, k1="k2", b1="b2", k2="k1", b2="b1")
WAYS = [partial(way, scale=scale) for way in (residual, exchanged) for scale in (1.0, 0.5)]  # all of them are right


def in_each_way(*forms, last=(torch.relu,)):
    """Slips of the formula by their keywords, in a block that is built in whichever way."""
    return [partial(way, last=act, **form) for form in forms for act in last for way in WAYS]


EITHER = (torch.relu, unchanged)  # the last ReLU is there, or is missing, too
RECTIFIED = [lambda s, f, i, b: s + b.relu(), lambda s, f, i, b: s.relu() + b, lambda s, f, i, b: s.relu() + b.relu()]
SUMMANDS = [
    *(lambda s, f, i, b: b + b, lambda s, f, i, b: s + s, lambda s, f, i, b: s + i, lambda s, f, i, b: i + b),
    *(lambda s, f, i, b: f + b, lambda s, f, i, b: 2 * s + b, lambda s, f, i, b: s - b, lambda s, f, i, b: b - s),
]
TWICE = ({"k2": "k1", "b2": "b1"}, {"k1": "k2", "b1": "b2"})
LOST, LINEAR = {"conv1": lambda x, kernel, bias: x}, {"middle": unchanged}
SLIPS = {
    D.no_skip: in_each_way({"of": lambda s, f, i, b: b}, last=EITHER),
    D.no_final_relu: in_each_way({}, last=[unchanged]),
    D.relu_before_addition: in_each_way(*({"of": of} for of in RECTIFIED), last=EITHER),
    D.no_middle_relu: in_each_way(LINEAR, last=EITHER),
    D.wrong_summand: in_each_way(*({"of": of} for of in SUMMANDS)),
    D.same_convolution_twice: [confused(way, **pair) for pair in TWICE for way in WAYS],
    D.first_convolution_lost: in_each_way(LOST, LOST | LINEAR, LOST | LINEAR | {"of": RECTIFIED[0]}),
}
WHY = {"slips": SLIPS, "prefer": [D.no_skip, D.wrong_summand]}  # half of twice the branch; relu(conv(x)) of either
DETACHED = [lambda s, f, i, b: s.detach() + b, lambda s, f, i, b: s + b.detach()]
CUTS = {D.graph_cut: in_each_way({"enter": torch.Tensor.detach}, *({"of": of} for of in DETACHED))}
CUTS[D.graph_cut] += in_each_way({"middle": lambda z: z.relu().detach()})


# ---- the learner's block


def block_errors(C):
    """What torch says when the parts of a block for C channels do not fit together."""
    return {
        D.missing_padding: SHRUNK,
        D.fixed_channels: rf"to have \d+ channels, but got {C} channels",
        D.wrong_sizes: r"expected weight to be at least 1 at dimension 0",
        D.input_changed: r"modified by an inplace operation|leaf Variable that requires grad is being used in an in-pl",
    }


def run(block, x):
    """The output of a block without its graph, if it has the form of its input."""
    N, C, H, W = x.shape
    try:
        with explaining(block_errors(C)):
            y = expect(block(x), BLOCK).is_tensor()
    except CheckFailure as failure:
        fail_if(failure.finding.verdict is Verdict.INPUT_MUTATED, D.input_changed, Verdict.INPUT_MUTATED)
        raise
    wrong = {D.missing_padding: (N, C, H - 4, W - 4), D.concatenated_not_added: (N, 2 * C, H, W)}
    expect(y, BLOCK).has_shape(N, C, H, W, mistakes=wrong)
    expect(y, BLOCK).close_to(y.nan_to_num().float())  # it is float32, and holds neither NaN nor infinity
    return y


def loaded_block(attempt, rng, x):
    """A block for x, its random weights, and the way in which it is built, if that can be told.

    It fails, with a diagnosis, unless the block holds what it should.  Kernels are taken in the order of registration,
    and so are the biases.
    """
    C = x.shape[1]
    block = attempt.ResidualBlock(C)
    layout = block.weights.shapes(fed=[x])
    fail_if(normalises(block), D.batch_norm)
    check_kernels(attempt, block, x, layout)
    kernels = [name for name, shape in layout.items() if len(shape) == 4]
    biases = [name for name, shape in layout.items() if shape == (C,)]
    fail_if(len(biases) < 2, D.no_bias)
    if len(biases) < len(kernels):  # a 1x1 convolution may do without
        kernels.sort(key=lambda name: layout[name][-1], reverse=True)
    number = iter("12")
    roles = ["" if layout[kernel] == (C, C, 1, 1) else next(number) for kernel in kernels]
    names = {f"k{role}": kernel for role, kernel in zip(roles, kernels, strict=True)}
    names |= {f"b{role}": bias for role, bias in zip(roles, biases, strict=False)}
    weights = block.weights.named(names).randomise(rng)
    y = run(block, x)
    fitting = [way for way in WAYS if expect(y).resembles(way(x, **weights))]
    return block, weights, (fitting or WAYS)[0]


def check_kernels(attempt, block, x, layout):
    """Fail, with a diagnosis, unless the kernels are two of 3x3, and at most one of 1x1 for the skip."""
    C = x.shape[1]
    three, one = (C, C, 3, 3), (C, C, 1, 1)
    found = sorted(shape for shape in layout.values() if len(shape) == 4)
    extra, lacking = surplus(found, [three, three, one]), surplus([three, three], found)
    fail_if(extra == [three], D.skip_convolved)
    fail_if(bool(found) and all(out == given != C for out, given, *_ in found), D.fixed_channels)
    if extra or lacking:
        y = run(block, x)
        if lacking == [three] and not extra:
            held = {len(p.value.shape): p.value for p in attempt.parameters(block)}
            twice = {"k1": held[4], "b1": held.get(1), "k2": held[4], "b2": held.get(1)}
            fail_if(any(expect(y).resembles(way(x, **twice)) for way in WAYS), D.same_convolution_twice)
        fail_if(works_unregistered(block, x), D.not_registered)
        expect(found, SHAPES).equals([three, three], otherwise=D.wrong_sizes)


def images(rng):
    """Inputs of blocks: several images, and then a single row or column of pixels."""
    N, C, H, W = rng.sizes("NCHW")
    return [rng.normal(N, C, H, W), rng.normal(1, 1, *((1, W) if rng.integer(0, 2) else (H, 1)))]


@check(1, public=True)
def test_block_shape(attempt, rng):
    """ResidualBlock keeps the shape of its input, whatever the size of the batch, and leaves the input alone.

    zh: 不论批次多大，ResidualBlock 都保持输入的形状，并且不改动输入。
    """
    for x in images(rng):
        run(attempt.ResidualBlock(x.shape[1]), x)


@check(1)
def test_block_skip(attempt, rng):
    """With its two convolutions at zero, the block gives relu(x): there is nothing to add.

    zh: 两个卷积全为零时，残差块输出 relu(x)：没有什么可加的。
    """
    for x in images(rng):
        block, weights, right = loaded_block(attempt, rng, x)
        zeros = weights.load({role: v if role in ("k", "b") else torch.zeros_like(v) for role, v in weights.items()})
        y = run(block, x)
        if not expect(y).resembles(right(x, **zeros)):
            weights.load(weights)  # random ones tell the reason, if there is one
            expect(run(block, x), BLOCK).like(right, x, weights=weights, **WHY)
        expect(y, BLOCK).close_to(right(x, **zeros))


@check(1)
def test_block_values(attempt, rng):
    """The block gives relu(x + conv2(relu(conv1(x)))).

    zh: 残差块输出 relu(x + conv2(relu(conv1(x))))。
    """
    for x in images(rng):
        block, weights, right = loaded_block(attempt, rng, x)
        expect(run(block, x), BLOCK).like(right, x, weights=weights, **WHY)


@check(1)
def test_block_gradients(attempt, rng):
    """The gradient reaches both convolutions, and the input by the branch and by the skip.

    zh: 梯度能传到两个卷积，并经由分支和跳连传到输入。
    """
    for x in images(rng):
        block, weights, right = loaded_block(attempt, rng, x)
        expect(run(block, x), BLOCK).like(right, x, weights=weights, **WHY)
        block.gradients_like(right, x, weights=weights, slips=CUTS, cut=D.graph_cut, what=BLOCK)


# ---- Net

NET = {"w1": (16, 1, 5, 5), "b1": (16,), "w2": (32, 16, 5, 5), "b2": (32,), "w": (10, 512), "b": (10,)}
BLANK = torch.zeros(1, 1, 28, 28)
NET_ERRORS = {
    D.missing_padding: SHRUNK,
    D.wrong_sizes: r"to have \d+ channels, but got \d+ channels",
    D.flat_size: r"mat1 and mat2 shapes cannot be multiplied|is invalid for input of size",
}


def stage(z, block):
    """What Net does behind each of its convolutions."""
    return block(F.max_pool2d(z.relu(), 2))


def net(x, w1, b1, w2, b2, w, b, blocks, stages=(stage, stage)):
    """The logits; the blocks are the learner's, and `stages` make wrong variants."""
    for kernel, bias, block, step in zip((w1, w2), (b1, b2), blocks, stages, strict=True):
        x = step(F.conv2d(x, kernel, bias), block)
    return F.linear(x.flatten(1), w, b)


WRONG_STAGES = {
    D.missing_relu: [lambda z, f: f(F.max_pool2d(z, 2))],
    D.net_average_pool: [lambda z, f: f(F.avg_pool2d(z.relu(), 2)), lambda z, f: f(F.avg_pool2d(z, 2).relu())],
    D.block_before_pooling: [lambda z, f: F.max_pool2d(f(z.relu()), 2)],
    D.block_skipped: [lambda z, f: F.max_pool2d(z.relu(), 2)],
}


def net_slips(right):
    """What is wrong between the layers of Net, and behind them."""

    def somewhere(wrong):
        return [partial(right, stages=both) for both in ((wrong, stage), (stage, wrong), (wrong, wrong))]

    slips = {reason: [slip for wrong in some for slip in somewhere(wrong)] for reason, some in WRONG_STAGES.items()}
    slips[D.softmax_on_logits] = [*softmaxes(right), then(right, partial(torch.log_softmax, dim=0))]
    return slips | {D.relu_on_logits: [then(right, torch.relu), then(right, torch.sigmoid)]}


def loaded_net(attempt, rng):
    """A Net, the random weights of its own layers, and its blocks as steps of the judge's calculation."""
    module = attempt.Net()
    layout = module.weights.shapes(fed=[BLANK])
    blocks = blocks_in(module, attempt.ResidualBlock(2))
    fail_if(not blocks and works_unregistered(module, BLANK), D.not_registered)
    expect(len(blocks), Text(en="the number of residual blocks in Net", zh="Net 中残差块的个数")).equals(2)
    own = {name: shape for name, shape in layout.items() if not name.startswith(tuple(f"{path}." for path in blocks))}
    fail_if(len(own) > len(NET) and normalises(module), D.batch_norm)
    check_own(module, own)
    names = {role: next(name for name, found in own.items() if found == shape) for role, shape in NET.items()}
    module.weights.named({name: name for name in layout}).randomise(rng)
    weights = module.weights.named(names).randomise(rng)
    weights["w"][1], weights["b"][1] = -weights["w"][0], -weights["b"][0]
    weights.load(weights)  # one of the first two logits is negative, and shows a ReLU behind them
    return module, weights, [borrowed(block, partial(run, block), cut=D.graph_cut) for block in blocks.values()]


def check_own(module, own):
    """Fail, with a diagnosis, unless Net's own layers are two convolutions and a linear layer, each with a bias."""
    found, wanted = (sorted(shape for shape in some.values() if len(shape) > 1) for some in (own, NET))
    extra, lacking = surplus(found, wanted), surplus(wanted, found)
    fail_if(bool(lacking) and not extra and works_unregistered(module, BLANK), D.not_registered)
    fail_if(NET["w"] in lacking and any(len(shape) == 2 for shape in extra), D.flat_size)
    expect(found, SHAPES).equals(wanted, otherwise=D.wrong_sizes)
    fail_if(any(shape not in own.values() for shape in NET.values()), D.no_bias)


@check(1, public=True)
def test_net_shape(attempt, rng):
    """Net gives ten logits for each image, whatever the size of the batch.

    zh: 不论批次多大，Net 对每张图给出十个 logits。
    """
    module = attempt.Net()
    for N in (*rng.sizes("NM"), 1):
        with explaining(NET_ERRORS):
            logits = expect(module(rng.normal(N, 1, 28, 28)), LOGITS).is_tensor()
        fail_if(logits.dim() == 2 and len(logits) != N, D.flat_size, Verdict.WRONG_SHAPE)
        expect(logits, LOGITS).has_shape(N, 10)
        expect(logits, LOGITS).close_to(logits.nan_to_num().float())


@check(1)
def test_net_values(attempt, rng):
    """Net is convolution, ReLU, max pooling and block, twice, and ends in plain logits.

    zh: Net 依次是卷积、ReLU、最大池化和残差块，重复两遍，最后直接输出 logits。
    """
    module, weights, blocks = loaded_net(attempt, rng)
    right = partial(net, blocks=blocks)
    given = {"weights": weights, "slips": net_slips(right), "errors": NET_ERRORS, "what": LOGITS}
    module.like(right, rng.normal(*rng.sizes("N"), 1, 28, 28), **given)
    module.gradients_like(right, rng.normal(1, 1, 28, 28), cut=D.graph_cut, **given)


# ---- the norms of gradients


def stack(depth, residual, width, seed, layer=lambda x, h, z, act: h + act(z), act=torch.sigmoid, turned=torch.t):
    """The weights and the values h of a stack on the random layers of the stub, and the gradients of both."""
    generator = torch.Generator().manual_seed(seed)
    x, y = torch.randn(2, 8, width, dtype=torch.float64, generator=generator)
    drawn = torch.randn(depth, width, width, dtype=torch.float64, generator=generator) / width**0.5
    weights, hs = [weight.clone().requires_grad_() for weight in drawn], [x.clone().requires_grad_()]
    for weight in weights:
        z = hs[-1] @ turned(weight)
        hs.append(layer(x, hs[-1], z, act) if residual else act(z))
    found = torch.autograd.grad(F.mse_loss(hs[-1], y), [*weights, *hs])
    return {"w": weights, "h": hs, "dw": found[:depth], "dh": found[depth:]}


def norms(depth, residual, width, seed, of="dw", measure=torch.linalg.norm, **variant):
    """The formula of the exercise: the norm of the gradient for each weight."""
    return [measure(value).item() for value in stack(depth, residual, width, seed, **variant)[of]]


MEASURES = (
    *(torch.mean, torch.sum, torch.max, partial(torch.linalg.norm, ord=2)),
    *(lambda g: g.square().sum(), lambda g: g.abs().sum(), lambda g: g.abs().max(), lambda g: g.abs().mean()),
)
ENDS = [itemgetter(slice(None, -1)), itemgetter(slice(1, None))]  # of h, before each layer and after it
NORM_SLIPS = {
    D.residual_mixed_up: changed(norms, residual=not_),
    D.weight_transposed: partial(norms, turned=unchanged),
    D.sigmoid_after_sum: partial(norms, layer=lambda x, h, z, act: act(h + z)),
    D.skip_from_input: partial(norms, layer=lambda x, h, z, act: x + act(z)),
    D.other_activation: [partial(norms, act=act) for act in (torch.relu, torch.tanh, unchanged)],
    D.other_norm: [partial(norms, measure=measure) for measure in MEASURES],
    D.norm_of_values: [partial(norms, of="w"), *(then(partial(norms, of="h"), end) for end in ENDS)],
    D.gradient_of_h: [then(partial(norms, of="dh"), end) for end in ENDS],
    D.reversed_order: then(norms, itemgetter(slice(None, None, -1))),
    D.accumulated: [
        then(norms, lambda found: list(accumulate(found))),
        then(norms, lambda found: list(accumulate(found[::-1]))[::-1]),
        then(norms, lambda found: [k * norm for k, norm in enumerate(found, 1)]),
    ],
    D.one_number: [then(norms, itemgetter(some)) for some in (0, -1, slice(1), slice(-1, None))],
}
NORM_ERRORS = {
    D.no_requires_grad: r"does not require grad",
    D.accumulated: r"backward through the graph a second time",
    D.gradient_is_none: r"NoneType|not to have been used in the graph",
}
NEAR = {"rtol": 1e-4, "atol": 0.0}  # float32 is welcome, and a norm may be 1e-9


def check_norms(attempt, *given):
    """Pass if gradient_norms gives the norms of this stack."""
    depth, _, width, _ = given
    with explaining(NORM_ERRORS):
        found = attempt.gradient_norms(*given)
    several = isinstance(found, (list, tuple))
    fail_if(several and any(v is None for v in found), D.gradient_is_none)
    piled = several and len(found) > depth and expect(found[-depth:]).resembles(norms(*given), **NEAR)
    fail_if(piled, D.accumulated, Verdict.WRONG_SHAPE)
    expect(found, NORMS).like(norms, *given, slips=NORM_SLIPS, sizes={"N": 8, "N * width": 8 * width}, **NEAR)


@check(1, public=True)
def test_norms_plain(attempt, rng):
    """gradient_norms gives the norm for each weight of a plain stack, first layer first.

    zh: gradient_norms 给出普通网络每个权重的梯度范数，第一层在前。
    """
    for depth, width in rng.all_sizes("LW"):
        check_norms(attempt, depth, False, width, rng.seed())


@check(1)
def test_norms_residual(attempt, rng):
    """With residual=True each layer adds its input h to what its sigmoid gives.

    zh: residual=True 时，每一层把输入 h 加到 sigmoid 的输出上。
    """
    for depth, width in rng.all_sizes("LW"):
        check_norms(attempt, depth, True, width, rng.seed())


@check(1)
def test_norms_deep(attempt, rng):
    """In a deep plain stack the gradient vanishes, in a residual one it does not; each call begins afresh.

    zh: 在很深的普通网络里梯度消失，残差网络里则不会；每次调用都重新开始。
    """
    depth, width, seed = rng.integer(10, 15), rng.integer(5, 9), rng.seed()
    for residual in (False, True, False):
        check_norms(attempt, depth, residual, width, seed)


# ---- the plot


def with_lines(axes, *wanted):
    """The places of the axes in which each row of numbers is drawn as a line over the layers."""

    def drawn(place, row):
        lines = [np.array([line["x"], line["y"]]) for line in place["lines"] if len(line["x"]) == len(line["y"])]
        rows = [np.array([range(start, start + len(row)), row]) for start in (0, 1)]
        return any(a.shape == b.shape and np.allclose(a, b, rtol=1e-5, atol=0) for a in lines for b in rows)

    return [i for i, place in enumerate(axes) if all(drawn(place, row) for row in wanted)]


@check(1)
def test_plot(attempt, rng):
    """plot_gradient_norms draws both curves in a new figure, over a logarithmic axis, with labels and a legend.

    zh: plot_gradient_norms 在新图中画出两条曲线，纵轴为对数刻度，并有坐标轴标签和图例。
    """
    (count,) = rng.sizes("L")
    one, rows = ([[rng.number(1, 9) * 10.0 ** (step * k) for k in range(-n, 0)] for step in (1, 0)] for n in (1, count))
    attempt.keep(attempt.plot_gradient_norms, *one)
    figure = attempt.keep(attempt.plot_gradient_norms, *rows)
    seen = attempt.figure(figure)
    fail_if(not seen["is_figure"], D.figure_not_returned)
    places = with_lines(seen["axes"], *rows)
    logarithms = [row for log in (np.log, np.log10, np.log2) for row in log(rows)]
    fail_if(not places and any(with_lines(seen["axes"], row) for row in logarithms), D.logarithm_drawn)
    fail_if(not places, D.curve_missing)
    fail_if(bool(with_lines(seen["axes"], one[0])), D.figure_reused)
    axes, picture = seen["axes"][places[0]], figure.figure
    scales = [picture.axes[places[0]].get_xscale(), picture.axes[places[0]].get_yscale()]
    fail_if(scales != ["linear", "log"], D.linear_axis)
    fail_if(not (axes["xlabel"].strip() and axes["ylabel"].strip()), D.no_labels)
    fail_if(len(axes["legend"]) < 2 and not len(picture.legends), D.no_labels)
