"""The hidden checks of exercise 10.

Names and the order of the branches are free: a convolution is known by the shape of its kernel, and a block is asked in
which order it joins its branches, and which of the three equal 1x1 convolutions begins which (`plan_of`).
N is the batch, C the channels of the input, H and W height and width.
"""

import math
from collections import Counter
from functools import partial, reduce
from itertools import permutations, product

import torch
from torch.nn import functional as F

from dlex.kit import (
    Comparison,
    Text,
    Verdict,
    Weights,
    changed,
    check,
    diagnoses,
    expect,
    explaining,
    fail,
    fail_if,
    softmaxes,
    then,
    unchanged,
)

D = diagnoses(__file__)

BLOCK = Text(en="the output of InceptionA", zh="InceptionA 的输出")
LOGITS = Text(en="the output of Net", zh="Net 的输出")
ALONE = Text(en="what Net gives for an image alone, not in a batch,", zh="单独输入一张图（而非一个批次）时 Net 的输出")
NAMES = {
    "one": Text(en="the 1x1 branch", zh="1x1 分支"),
    "five": Text(en="the 5x5 branch", zh="5x5 分支"),
    "three": Text(en="the 3x3 branch", zh="3x3 分支"),
    "pool": Text(en="the pooling branch", zh="池化分支"),
}


# ---- the block as the lecture draws it

WIDTHS = {"one": 16, "five": 24, "three": 24, "pool": 24}
LATER = {"one": (), "five": ("five",), "three": ("three", "last"), "pool": ()}  # after the 1x1 convolution
NARROW = ("narrow_1", "narrow_2", "narrow_3")
PLAIN = (unchanged,) * 3


def kernels(C):
    """The shapes of the seven kernels."""
    later = {"five": (24, 16, 5, 5), "three": (24, 16, 3, 3), "last": (24, 24, 3, 3)}
    return dict.fromkeys(NARROW, (16, C, 1, 1)) | {"pool": (24, C, 1, 1)} | later


def average(x, **options):
    """The pooling of the block."""
    return F.avg_pool2d(x, 3, stride=1, padding=1, **options)


def convolve(x, name, weights):
    """A convolution that keeps height and width."""
    return F.conv2d(x, weights[name], weights[f"{name}_bias"], padding="same")


def branch(x, name, plan, pooling=average, acts=PLAIN, **weights):
    """A branch; `plan` says which 1x1 convolution is its own."""
    x = pooling(x) if name == "pool" else x
    for step, act in zip((plan[name], *LATER[name]), acts, strict=False):
        x = act(convolve(x, step, weights))
    return x


def inception(x, plan, cut=None, **weights):
    """The branches side by side, in the order of `plan`; no gradient goes into the branch `cut`."""
    return torch.cat([branch(x.detach() if name == cut else x, name, plan, **weights) for name in plan], dim=1)


# ---- what a learner may choose


def plans():
    """Each order of the branches, and each choice of the 1x1 convolutions: {"one": "narrow_1", ...}."""
    for order, first in product(permutations(LATER), permutations(NARROW)):
        own = dict(zip(("one", "five", "three"), first, strict=True), pool="pool")
        yield {name: own[name] for name in order}


def plan_of(attempt, C):
    """The plan of the learner's block, or the nearest one.

    The kernels that read the input are zero, the others 1/16, each bias is another number.  Then black pixels are told
    by the biases that were met on the way; one in the middle is looked at.
    """
    values = {}
    for i, (name, shape) in enumerate(kernels(C).items(), 1):
        values[name] = torch.full(shape, 0.0 if shape[1] == C else 1 / 16)
        values[f"{name}_bias"] = torch.full(shape[:1], float(i))
    block, names = known_block(attempt, C)
    Weights(block, names, values).load(values)
    x = torch.zeros(1, C, 8, 9)
    pixel = run(block, x)[0, :, 4, 4]
    items = {item for plan in plans() for item in plan.items()}
    known = {item: branch(x, item[0], dict([item]), **values)[0, :, 4, 4] for item in items}
    return max(plans(), key=lambda plan: int((torch.cat([known[item] for item in plan.items()]) == pixel).sum()))


# ---- what torch says when the parts do not fit

CAT = r"must match except in dimension "


def block_errors(C, H):
    """What an exception means for a block that reads (N, C, H, W); H is over 7."""

    def lost(*sizes):
        return CAT + rf"1\..* size ({'|'.join(map(str, sizes))})\b"

    return {
        D.concatenated_wrong_dim: CAT + r"[023]\.",
        D.pool_stride: lost(H // 3, -(-H // 3)),
        D.missing_padding: lost(H - 2, H - 4),
        D.too_much_padding: lost(H + 2, H + 4),
        D.added_not_joined: r"tensor a \((16|24)\) must match the size of tensor b \((16|24)\)|stack expects each",
        D.branch_from_input: r"weight of size \[24, (16|24), [35], [35]\], expected input",
        D.fixed_channels: rf"to have \d+ channels, but got {C} channels",
    }


NET_ERRORS = {
    **{d: sign for d, sign in block_errors(10, 12).items() if d is not D.fixed_channels},
    D.next_convolution_channels: r"to have \d+ channels, but got 88 channels",
    D.missing_branch: r"to have 88 channels, but got (64|72) channels",
    D.shared_block: r"to have 10 channels, but got 20 channels",
    D.flat_size: r"mat1 and mat2 shapes cannot be multiplied|is invalid for input of size",
}


def image_sizes(rng):
    """N, C, H, W: first images so large that the size which is lost tells why, then a single pixel.

    C is never 8, since 64 + 8 channels could also be all branches but the 1x1.
    """
    C, H, W = rng.sizes("CHW")
    return [(rng.integer(2, 4), C + (C == 8), H % 4 + 8, W % 4 + 12), (1, 1, 1, 1)]


def run(block, x):
    """The output of a block, if it has the right form."""
    N, C, H, W = x.shape
    with explaining(block_errors(C, H) if H > 7 else {}):
        y = block(x)
    widths = {D.missing_branch: [64, 72], D.no_reduction: [64 + C]}
    expect(y, BLOCK).has_shape(N, 88, H, W, mistakes={d: [(N, n, H, W) for n in some] for d, some in widths.items()})
    return finite(y, BLOCK)


def finite(value, what):
    """A tensor of the attempt without its graph, if it is float32 and holds neither NaN nor infinity."""
    if value.dtype != torch.float32 or not bool(value.isfinite().all()):
        expect(value, what).close_to(value.nan_to_num().float())
    return value.detach()


# ---- the convolutions of a block


def built(attempt, make, x, *args):
    """`make(*args)`; if there are lazy layers, it is run once on `x`, from which they take their sizes."""
    module = make(*args)
    if any(".Lazy" in call for call in attempt.source.calls()):
        module(x)
    return module


def layout_of(attempt, module):
    """The parameters of `module` by name, without content, one that has two names only once."""
    found = {}
    for p in attempt.parameters(module, content=False):
        found.setdefault(p.identity, (p.name, p.value))
    return dict(found.values())


def known_block(attempt, C):
    """A block, and the learner's name of each weight; fails, with a diagnosis, unless it holds its seven convolutions.

    Parameters of one shape are taken in the order of registration, which for each convolution is kernel, bias.
    """
    block = built(attempt, attempt.InceptionA, torch.zeros(1, C, 8, 8), C)
    layout = layout_of(attempt, block)
    fail_if(len(layout) > 14 and normalises(attempt, block), D.batch_norm)
    check_kernels(attempt, block, C, Counter(tuple(v.shape) for v in layout.values() if v.dim() == 4))
    biases = {name: len(v) for name, v in layout.items() if v.dim() == 1}
    fail_if(len(biases) < 7, D.no_bias)
    what = Text(en="the list of biases", zh="偏置的列表")
    expect(sorted(biases.values()), what).equals([16, 16, 16, 24, 24, 24, 24])
    names = {}
    for name, value in layout.items():
        if value.dim() == 4:
            role = next(r for r, shape in kernels(C).items() if shape == value.shape and r not in names)
            bias = next(other for other, size in biases.items() if size == len(value))
            names |= {role: name, f"{role}_bias": bias}
            del biases[bias]
    return block, names


def check_kernels(attempt, block, C, found):
    """Fail, with a diagnosis, unless these are the shapes of the seven kernels."""
    wanted = Counter(kernels(C).values())
    extra, lacking = found - wanted, wanted - found
    fail_if(list(extra) == [(24, 16, 3, 3)] and list(lacking) == [(24, 16, 5, 5)], D.five_is_three)
    fail_if(any(given == C and size > 1 for _, given, size, _ in extra), D.no_reduction)
    fixed = [(out, C, 1, 1) for out, given, size, _ in extra if size == 1 and given not in (16, 24)]
    fail_if(any(shape in lacking for shape in fixed), D.fixed_channels)
    if lacking and not extra:
        explain_lacking(attempt, block, C, found, list(lacking))
    if extra or lacking:
        fail(D.wrong_sizes, comparison=Comparison(expected=listed(lacking), actual=listed(extra)))


def explain_lacking(attempt, block, C, found, lacking):
    """Say why a block holds too few convolutions: unregistered, shared, or not there at all."""
    x = torch.zeros(2, C, 9, 8)
    with explaining(block_errors(C, 9)):
        seen = attempt.observe(block, x)
    more = seen.ops.count("aten.convolution") > found.total()
    fail_if(more and not all(shape in found for shape in lacking), D.not_registered)
    y = expect(seen.value, BLOCK).is_tensor()
    width = y.shape[1] if y.dim() == 4 else 0
    fail_if(width == 88 and lacking == [(16, C, 1, 1)], D.shared_convolution)
    fail_if(width == 88 and lacking == [(24, 24, 3, 3)], D.single_three)
    fail_if(width == 64 + C and lacking == [(24, C, 1, 1)], D.no_reduction)
    fail_if(width in (64, 72), D.missing_branch)


def normalises(attempt, module):
    """Whether there is batch normalisation anywhere in `module`."""
    return any("BatchNorm" in base for m in attempt.modules(module) for base in m.bases)


def listed(shapes):
    """Shapes as text."""
    return ", ".join(map(str, sorted(shapes.elements()))) or "-"


def random_weights(rng, shapes):
    """Weights that keep values near 1, by name."""
    return {name: rng.normal(*shape, std=math.prod(shape[1:]) ** -0.5) for name, shape in shapes.items()}


def loaded(attempt, rng, C):
    """A block and its random weights."""
    block, names = known_block(attempt, C)
    shapes = kernels(C)
    values = random_weights(rng, shapes | {f"{role}_bias": shape[:1] for role, shape in shapes.items()})
    return block, Weights(block, names, values).load(values)


# ---- the checks of InceptionA


@check(1, public=True)
def test_block_shape(attempt, rng):
    """InceptionA gives 88 channels and keeps height and width.

    zh: InceptionA 输出 88 个通道，高和宽不变。
    """
    for N, C, H, W in image_sizes(rng):
        run(attempt.InceptionA(C), rng.normal(N, C, H, W))


@check(1)
def test_block_convolutions(attempt, rng):
    """InceptionA holds seven convolutions, four of them 1x1, each with a bias.

    zh: InceptionA 含七个卷积，其中四个是 1x1，每个都有偏置。
    """
    for _, C, _, _ in image_sizes(rng):
        known_block(attempt, C)


def begun_by(name, first):
    """The branch after the 1x1 convolution of another one."""
    return changed(branch, plan=lambda plan: {**plan, name: first})


def replaced_by(other):
    """Another branch in the place of this one."""
    return changed(branch, name=lambda name: other)


def crossed(x, name, plan, **weights):
    """The last convolution of the 3x3 branch, fed the 5x5 branch."""
    return convolve(branch(x, "five", plan, **weights), "last", weights)


def convolved_first(x, name, plan, pooling=average, **weights):
    """The pooling branch with its steps in the other order."""
    return pooling(convolve(x, "pool", weights))


def either_way(pooling):
    """Another pooling, before the convolution or after it, also with a ReLU."""
    relu = partial(branch, acts=(torch.relu,))
    return [partial(oracle, pooling=pooling) for oracle in (branch, convolved_first, relu)]


SLIPS = {
    "one": {D.wrong_sizes: changed(branch, x=average)},
    "five": {
        D.branch_from_input: [begun_by("five", first) for first in NARROW],
        D.missing_branch: [replaced_by(other) for other in ("three", "pool")],
    },
    "three": {
        D.branch_from_input: [*(begun_by("three", first) for first in NARROW), crossed],
        D.missing_branch: [replaced_by(other) for other in ("five", "pool")],
    },
    "pool": {
        D.max_pool: either_way(partial(F.max_pool2d, kernel_size=3, stride=1, padding=1)),
        D.pool_ignores_padding: either_way(partial(average, count_include_pad=False)),
        D.pool_after_convolution: convolved_first,
        D.missing_branch: [replaced_by(other) for other in ("five", "three")],
    },
}


def relus(name):
    """The branch with an activation after some of its steps, or beside the pooling."""
    leaky = [partial(F.leaky_relu, negative_slope=slope) for slope in (0.01, 0.1, 0.2)]
    acts = (torch.relu, torch.tanh, torch.sigmoid, F.elu, F.gelu, F.silu, *leaky)
    steps = 1 + len(LATER[name])
    patterns = (some for act in acts for some in product((unchanged, act), repeat=steps))
    inside = [partial(branch, acts=some) for some in patterns if set(some) != {unchanged}]
    pools = [then(average, torch.relu), then(torch.relu, average)]
    swapped = [*(partial(convolved_first, pooling=pool) for pool in pools), then(convolved_first, torch.relu)]
    return [*inside, partial(branch, pooling=pools[0]), *swapped] if name == "pool" else inside


def check_branches(block, x, plan, weights, *names):
    """Fail, with a diagnosis, unless these branches of the block are right."""
    y = run(block, x)
    parts = dict(zip(plan, y.split([WIDTHS[name] for name in plan], dim=1), strict=True))
    for name in names:
        found = expect(parts[name], NAMES[name])
        found.like(branch, x, name, plan, weights=weights, slips=SLIPS[name] | {D.relu_inside: relus(name)})


@check(2)
def test_block_values(attempt, rng):
    """The three branches of convolutions compute what they should, with given weights and no activation.

    zh: 给定权重，三个卷积分支都算出应有的值，模块内没有激活函数。
    """
    plan = None
    for N, C, H, W in image_sizes(rng):
        plan = plan or plan_of(attempt, C)
        block, weights = loaded(attempt, rng, C)
        check_branches(block, rng.normal(N, C, H, W), plan, weights, "one", "five", "three")


@check(1)
def test_block_pooling(attempt, rng):
    """The pooling branch averages over 3x3, the zeros of the border counted, and then convolves.

    zh: 池化分支先在 3x3 上取平均，边缘补的零也计入，然后做卷积。
    """
    plan = None
    for N, C, H, W in image_sizes(rng):
        plan = plan or plan_of(attempt, C)
        block, weights = loaded(attempt, rng, C)
        check_branches(block, rng.normal(N, C, H, W), plan, weights, "pool")


@check(1)
def test_block_gradients(attempt, rng):
    """The gradient reaches every parameter, and the input through all four branches.

    zh: 梯度能传到每个参数，并经由全部四个分支传到输入。
    """
    N, C, H, W = image_sizes(rng)[0]
    plan = plan_of(attempt, C)
    block, weights = loaded(attempt, rng, C)
    oracle = partial(inception, plan=plan)
    slips = {D.graph_cut: [partial(oracle, cut=name) for name in plan]}
    x = rng.normal(N, C, H, W)
    check_branches(block, x, plan, weights, *plan)
    block.gradients_like(oracle, x, weights=weights, slips=slips, cut=D.graph_cut, what=BLOCK)


# ---- Net

BLANK = torch.zeros(1, 1, 28, 28)
OUTER = {"w1": (10, 1, 5, 5), "w2": (20, 88, 5, 5), "w": (10, 1408)}


def rectified(z):
    """What Net does between a convolution and a block."""
    return F.max_pool2d(z, 2).relu()


def net(x, w1, b1, w2, b2, w, b, blocks, before=(rectified,) * 2, after=PLAIN[:2]):
    """The logits; `before` and `after` stand around the blocks, which are the learner's."""
    for kernel, bias, ahead, block, behind in zip((w1, w2), (b1, b2), before, blocks, after, strict=True):
        x = behind(block(ahead(F.conv2d(x, kernel, bias))))
    return F.linear(x.flatten(1), w, b)


class Through(torch.autograd.Function):
    """A block of the learner's as a step of the judge's own calculation."""

    @staticmethod
    def forward(ctx, x, attempt, block):
        """The output of the block."""
        ctx.x, ctx.attempt, ctx.block = x.detach(), attempt, block
        return run(block, ctx.x)

    @staticmethod
    def backward(ctx, upstream):
        """The gradient that the block gives back."""
        (found,) = ctx.attempt.gradients(ctx.block, ctx.x, upstream=upstream).inputs
        fail_if(found is None, D.graph_cut, Verdict.NO_GRADIENT)
        gradient = expect(found, Text(en="the gradient of a block", zh="模块的梯度"))
        gradient.has_shape(*ctx.x.shape)
        return gradient.is_tensor(), None, None


def paths_of(attempt, net, layout):
    """The paths of Net's two inception blocks, whatever their class is called."""
    kind = attempt.modules(attempt.InceptionA(10), settings=False)[0].kind
    found = {}
    for m in attempt.modules(net, settings=False):
        if m.kind == kind:
            found.setdefault(m.identity, m.path)
    if not found:
        with explaining(NET_ERRORS):
            ops = attempt.observe(net, BLANK).ops
        registered = sum(value.dim() == 4 for value in layout.values())
        fail_if(ops.count("aten.convolution") > registered, D.not_registered)
    fail_if(len(found) == 1, D.shared_block)
    expect(len(found), Text(en="the number of inception blocks in Net", zh="Net 中 Inception 模块的个数")).equals(2)
    return list(found.values())


def parts_of(attempt, net, values):
    """The names of Net's own weights by those of `net`, and its blocks; fails, with a diagnosis, if they are wrong."""
    fail_if(not values, D.not_registered)
    paths = paths_of(attempt, net, values)
    own = {name: v for name, v in values.items() if not name.startswith(tuple(f"{path}." for path in paths))}
    weights = {tuple(v.shape): name for name, v in own.items() if v.dim() > 1}
    extra, lacking = sorted(set(weights) - set(OUTER.values())), sorted(set(OUTER.values()) - set(weights))
    fail_if(not extra and bool(lacking), D.not_registered)
    fail_if((10, 1408) in lacking and [shape[0] for shape in extra if len(shape) == 2] == [10], D.flat_size)
    fail_if((20, 88, 5, 5) in lacking and any(shape[0] == 20 for shape in extra), D.next_convolution_channels)
    if extra:
        fail(D.wrong_sizes, comparison=Comparison(expected=listed(Counter(lacking)), actual=listed(Counter(extra))))
    names = {}
    for role, shape in OUTER.items():
        bias = weights[shape].removesuffix("weight") + "bias"
        fail_if(bias not in own, D.no_bias)
        names |= {role: weights[shape], role.replace("w", "b"): bias}

    def channels(path):
        first = [v for name, v in values.items() if name.startswith(f"{path}.") and v.shape[2:] == (1, 1)]
        return min((v.shape[1] for v in first), default=0)

    return names, [reduce(getattr, path.split("."), net) for path in sorted(paths, key=channels)]


def loaded_net(attempt, rng):
    """A Net, the weights of its own layers, and its blocks as functions."""
    module = built(attempt, attempt.Net, BLANK)
    layout = layout_of(attempt, module)
    names, blocks = parts_of(attempt, module, layout)
    values = random_weights(rng, {name: tuple(v.shape) for name, v in layout.items()})
    for role in ("w", "b"):  # one of the first two logits is negative, and shows a ReLU behind them
        values[names[role]][1] = -values[names[role]][0]
    attempt.load_parameters(module, values)
    steps = [partial(Through.apply, attempt=attempt, block=block) for block in blocks]
    return module, Weights(module, names, {role: values[name] for role, name in names.items()}), steps


@check(1, public=True)
def test_net_shape(attempt, rng):
    """Net gives ten logits for each image, whatever the size of the batch.

    zh: 不论批次多大，Net 对每张图给出十个 logits。
    """
    module = attempt.Net()
    N, few = rng.sizes("NM")
    x = rng.normal(N, 1, 28, 28)
    with explaining(NET_ERRORS):
        together, some, alone = module(x), module(rng.normal(few, 1, 28, 28)), module(x[:1])
    for logits, count in ((together, N), (some, few), (alone, 1)):
        expect(logits, LOGITS).has_shape(count, 10, mistakes={D.flat_size: (4 * count, 10)})
    right = finite(together, LOGITS)[:1]
    fail_if(not expect(alone).resembles(right) and normalises(attempt, module), D.batch_norm)
    expect(alone, ALONE).close_to(right)


@check(1)
def test_net_layers(attempt, rng):
    """Net has two inception blocks of its own, two convolutions and one linear layer from 1408 to 10.

    zh: Net 有两个各自独立的 Inception 模块、两个卷积和一个 1408 到 10 的线性层。
    """
    module = built(attempt, attempt.Net, BLANK)
    parts_of(attempt, module, layout_of(attempt, module))


def net_slips(right):
    """What is wrong around the blocks, and behind the linear layer."""
    plain = partial(F.max_pool2d, kernel_size=2)
    averages = (lambda z: F.avg_pool2d(z, 2).relu(), lambda z: F.avg_pool2d(z.relu(), 2))

    def ahead(wrong):
        return [partial(right, before=both) for both in ((wrong, rectified), (rectified, wrong), (wrong, wrong))]

    def behind(before):
        relus = ((torch.relu, unchanged), (unchanged, torch.relu), (torch.relu, torch.relu))
        return [partial(right, before=(before, before), after=both) for both in relus]

    plain_softmax, log_softmax, other_softmax = softmaxes(right)
    return {
        D.softmax_on_logits: [plain_softmax, other_softmax],
        D.log_softmax_on_logits: [log_softmax, then(right, partial(torch.log_softmax, dim=0))],
        D.relu_on_logits: then(right, torch.relu),
        D.missing_relu: ahead(plain),
        D.net_average_pool: [slip for wrong in averages for slip in ahead(wrong)],
        D.relu_after_block: [*behind(rectified), *behind(plain)],
    }


@check(1)
def test_net_values(attempt, rng):
    """Net pools by the maximum, applies ReLU before each block, and ends in plain logits.

    zh: Net 用最大池化，在每个模块前用 ReLU，最后直接输出 logits。
    """
    module, weights, blocks = loaded_net(attempt, rng)
    (N,) = rng.sizes("N")
    right = partial(net, blocks=blocks)
    x = rng.normal(N, 1, 28, 28)
    module.like(right, x=x, weights=weights, slips=net_slips(right), errors=NET_ERRORS, what=LOGITS)


@check(1)
def test_net_gradients(attempt, rng):
    """The gradient of the logits comes back through the whole of Net, to its first convolution.

    zh: logits 的梯度能穿过整个 Net，传回到第一个卷积。
    """
    module, weights, blocks = loaded_net(attempt, rng)
    right = partial(net, blocks=blocks)
    x = rng.normal(1, 1, 28, 28)
    slips = net_slips(right)
    module.gradients_like(right, x, weights=weights, slips=slips, errors=NET_ERRORS, cut=D.graph_cut, what=LOGITS)
