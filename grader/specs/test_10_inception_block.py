"""The hidden checks of exercise 10.

Names and the order of the branches are free: a convolution is known by the shape of its kernel, and a block is asked in
which order it joins its branches, and which of the three equal 1x1 convolutions begins which (`plan_of`).
N is the batch, C the channels of the input, H and W height and width.
"""

from functools import partial
from itertools import permutations, product
from operator import eq

import torch
from torch.nn import functional as F

from dlex.kit import (
    Text,
    blocks_in,
    borrowed,
    changed,
    check,
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

BLOCK = Text(en="the output of InceptionA", zh="InceptionA 的输出")
LOGITS = Text(en="the output of Net", zh="Net 的输出")
KERNELS = Text(en="the list of kernels of other sizes", zh="尺寸不同的卷积核列表")
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
average, maximum = (partial(pool, kernel_size=3, stride=1, padding=1) for pool in (F.avg_pool2d, F.max_pool2d))


def shapes(C):
    """The shapes of the seven kernels, each before its bias, in the order in which the block runs them."""
    later = {"five": (24, 16, 5, 5), "three": (24, 16, 3, 3), "last": (24, 24, 3, 3)}
    kernels = dict.fromkeys(NARROW, (16, C, 1, 1)) | {"pool": (24, C, 1, 1)} | later
    return {key: shape for role, of in kernels.items() for key, shape in ((role, of), (f"{role}_bias", of[:1]))}


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

BIASES = {"narrow_1": 1, "narrow_2": 2, "narrow_3": 3, "five": 10, "three": 20, "last": 30, "pool": 200}


def plans():
    """Each order of the branches and choice of their 1x1 convolutions, and what `BIASES` add up to in each channel."""
    for order, first in product(permutations(LATER), permutations(NARROW)):
        own = dict(zip(("one", "five", "three"), first, strict=True), pool="pool")
        met = {name: sum(BIASES[step] for step in (own[name], *LATER[name])) for name in order}
        yield {name: own[name] for name in order}, [met[name] for name in order for _ in range(WIDTHS[name])]


PLANS = list(plans())


def plan_of(block, weights, x):
    """The plan of the learner's block, or the nearest one.

    Its kernels hand on the mean of their channels, so that each branch makes of a black image the sum of its biases.
    """
    values = {}
    for role, weight in weights.items():
        values[role] = torch.zeros(weight.shape)
        middle = [side // 2 for side in weight.shape[2:]]
        values[role][(..., *middle)] = BIASES[role.removesuffix("_bias")] if weight.dim() == 1 else 1 / weight.shape[1]
    weights.load(values)
    pixel = run(block, torch.zeros_like(x))[0, :, 0, 0].round().tolist()
    return max(PLANS, key=lambda pair: sum(map(eq, pixel, pair[1])))[0]


# ---- what torch says when the parts do not fit


def block_errors(C, H):
    """What an exception means for a block that reads (N, C, H, W); H is over 7."""
    cat = r"must match except in dimension "

    def lost(*sizes):
        return cat + rf"1\..* size ({'|'.join(map(str, sizes))})\b"

    return {
        D.concatenated_wrong_dim: cat + r"[023]\.",
        D.pool_stride: lost(H // 3, -(-H // 3)),
        D.missing_padding: lost(H - 2, H - 4),
        D.too_much_padding: lost(H + 2, H + 4),
        D.added_not_joined: r"tensor a \((16|24)\) must match the size of tensor b \((16|24)\)|stack expects each",
        D.branch_from_input: r"weight of size \[24, (16|24), [35], [35]\], expected input",
        **({D.fixed_channels: rf"to have \d+ channels, but got {C} channels"} if C != 10 else {}),  # as Net makes it
    }


NET_ERRORS = {
    **block_errors(10, 12),
    D.next_convolution_channels: r"to have \d+ channels, but got 88 channels",
    D.missing_branch: r"to have 88 channels, but got (64|72) channels",
    D.shared_block: r"to have (10|20) channels, but got (10|20) channels",
    D.flat_size: r"mat1 and mat2 shapes cannot be multiplied|is invalid for input of size",
}


def images(rng):
    """N images, so large that the size which is lost tells why."""
    N, C, H, W = rng.sizes("NCHW")
    C += C in (8, 10)  # 64 + 8 channels are also all but the 1x1, and 10 is the C that is typed in
    return rng.normal(N % 3 + 2, C, H % 4 + 8, W % 3 + 5)


def run(block, x):
    """The output of a block without its graph, if it has the right form."""
    N, C, H, W = x.shape
    with explaining(block_errors(C, H) if H > 7 else {}):
        y = block(x)
    widths = {D.missing_branch: [64, 72], D.no_reduction: [64 + C]}
    expect(y, BLOCK).has_shape(N, 88, H, W, mistakes={d: [(N, n, H, W) for n in some] for d, some in widths.items()})
    expect(y, BLOCK).close_to(y.nan_to_num().float())  # it is float32, and holds neither NaN nor infinity
    return y.detach()


# ---- the convolutions of a block


def known(attempt, x):
    """A block for x, and its weights, still empty; fails, with a diagnosis, unless it holds its seven convolutions."""
    C = x.shape[1]
    block = attempt.InceptionA(C)
    weights, wanted = block.weights, shapes(C)
    found = weights.shapes(fed=[x])
    fail_if(len(found) > len(wanted) and normalises(block), D.batch_norm)
    check_kernels(block, x, *([shape for shape in some.values() if len(shape) == 4] for some in (found, wanted)))
    fail_if(sum(len(shape) == 1 for shape in found.values()) < 7, D.no_bias)
    return block, weights.expect(wanted)


def check_kernels(block, x, found, wanted):
    """Fail, with a diagnosis, unless these are the shapes of the seven kernels."""
    C, extra, lacking = x.shape[1], surplus(found, wanted), surplus(wanted, found)
    fail_if(set(extra) == {(24, 16, 3, 3)} and set(lacking) == {(24, 16, 5, 5)}, D.five_is_three)
    fail_if(any(given == C and size > 1 for _, given, size, _ in extra), D.no_reduction)
    fixed = [(out, C, 1, 1) for out, given, size, _ in extra if size == 1 and given not in (16, 24)]
    fail_if(any(shape in lacking for shape in fixed), D.fixed_channels)
    if lacking and not extra:
        explain_lacking(block, x, found, set(lacking))
    expect(extra, KERNELS).equals(lacking, otherwise=D.wrong_sizes)


def explain_lacking(block, x, found, lacking):
    """Say why a block holds too few convolutions: unregistered, shared, or not there at all."""
    C = x.shape[1]
    with explaining(block_errors(*x.shape[1:3])):
        y = expect(block(x), BLOCK).is_tensor()
    fail_if(not lacking <= set(found) and works_unregistered(block, x), D.not_registered)
    width = y.shape[1] if y.dim() == 4 else 0
    fail_if(width == 88 and lacking == {(16, C, 1, 1)}, D.shared_convolution)
    fail_if(width == 88 and lacking == {(24, 24, 3, 3)}, D.single_three)
    fail_if(width == 64 + C and lacking == {(24, C, 1, 1)}, D.no_reduction)
    fail_if(width in (64, 72), D.missing_branch)


def loaded(attempt, rng, x):
    """A block for x, its random weights, and its plan."""
    block, weights = known(attempt, x)
    plan = plan_of(block, weights, x)
    return block, weights.randomise(rng), plan


# ---- the checks of InceptionA


@check(1, public=True)
def test_block_shape(attempt, rng):
    """InceptionA gives 88 channels and keeps height and width.

    zh: InceptionA 输出 88 个通道，高和宽不变。
    """
    for x in (images(rng), rng.normal(1, 1, 1, 1)):
        run(attempt.InceptionA(x.shape[1]), x)


@check(1)
def test_block_convolutions(attempt, rng):
    """InceptionA holds seven convolutions, four of them 1x1, each with a bias.

    zh: InceptionA 含七个卷积，其中四个是 1x1，每个都有偏置。
    """
    for x in (images(rng), images(rng)):
        known(attempt, x)


def begun_by(first, name):
    """The branch after the 1x1 convolution of another one."""
    return changed(branch, plan=lambda plan: {**plan, name: first})


def replaced_by(*others):
    """Other branches in the place of this one."""
    return [changed(branch, name=lambda _, other=other: other) for other in others]


def crossed(x, name, plan, **weights):
    """The last convolution of the 3x3 branch, fed the 5x5 branch."""
    return convolve(branch(x, "five", plan, **weights), "last", weights)


def convolved_first(x, name, plan, pooling=average, **weights):
    """The pooling branch with its steps in the other order."""
    return pooling(convolve(x, "pool", weights))


def relus(name):
    """The branch with an activation after some of its steps, or beside the pooling."""
    leaky = [partial(F.leaky_relu, negative_slope=slope) for slope in (0.01, 0.1, 0.2)]
    acts = (torch.relu, torch.tanh, torch.sigmoid, F.elu, F.gelu, F.silu, *leaky)
    steps = 1 + len(LATER[name])
    inside = [partial(branch, acts=some) for act in acts for some in product((unchanged, act), repeat=steps)]
    pools = [then(average, torch.relu), then(torch.relu, average)]
    swapped = [*(partial(convolved_first, pooling=pool) for pool in pools), then(convolved_first, torch.relu)]
    return [*inside, partial(branch, pooling=pools[0]), *swapped] if name == "pool" else inside


POOLED = (branch, convolved_first, partial(branch, acts=(torch.relu,)))
SLIPS = {
    "one": {D.wrong_sizes: changed(branch, x=average)},
    "five": {
        D.branch_from_input: [begun_by(first, "five") for first in NARROW],
        D.missing_branch: replaced_by("three", "pool"),
    },
    "three": {
        D.branch_from_input: [crossed, *(begun_by(first, "three") for first in NARROW)],
        D.missing_branch: replaced_by("five", "pool"),
    },
    "pool": {
        D.max_pool: [partial(way, pooling=maximum) for way in POOLED],
        D.pool_ignores_padding: [partial(way, pooling=partial(average, count_include_pad=False)) for way in POOLED],
        D.pool_after_convolution: convolved_first,
        D.missing_branch: replaced_by("five", "three"),
    },
}


def check_branches(block, x, plan, weights, *names):
    """Fail, with a diagnosis, unless these branches of the block are right."""
    parts = dict(zip(plan, run(block, x).split([WIDTHS[name] for name in plan], dim=1), strict=True))
    for name in names:
        slips = SLIPS[name] | {D.relu_inside: relus(name)}
        expect(parts[name], NAMES[name]).like(branch, x, name, plan, weights=weights, slips=slips)


@check(2)
def test_block_values(attempt, rng):
    """The three branches of convolutions compute what they should, with given weights and no activation.

    zh: 给定权重，三个卷积分支都算出应有的值，模块内没有激活函数。
    """
    x = images(rng)
    block, weights, plan = loaded(attempt, rng, x)
    check_branches(block, x, plan, weights, "one", "five", "three")


@check(1)
def test_block_pooling(attempt, rng):
    """The pooling branch averages over 3x3, the zeros of the border counted, and then convolves.

    zh: 池化分支先在 3x3 上取平均，边缘补的零也计入，然后做卷积。
    """
    x = images(rng)
    block, weights, plan = loaded(attempt, rng, x)
    check_branches(block, x, plan, weights, "pool")


@check(1)
def test_block_gradients(attempt, rng):
    """The gradient reaches every parameter, and the input through all four branches.

    zh: 梯度能传到每个参数，并经由全部四个分支传到输入。
    """
    x = images(rng)[:1]
    block, weights, plan = loaded(attempt, rng, x)
    check_branches(block, x, plan, weights, *plan)
    oracle = partial(inception, plan=plan)
    cuts = {D.graph_cut: [partial(oracle, cut=name) for name in plan]}
    block.gradients_like(oracle, x, weights=weights, slips=cuts, cut=D.graph_cut, what=BLOCK)


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


def own_names(module, own):
    """Net's own parameters by the names of `net`; fails, with a diagnosis, if there are others or too few."""
    found, wanted = ([shape for shape in some.values() if len(shape) > 1] for some in (own, OUTER))
    extra, lacking = surplus(found, wanted), surplus(wanted, found)
    fail_if(bool(lacking) and not extra and works_unregistered(module, BLANK), D.not_registered)
    linear = [shape for shape in found if len(shape) == 2]  # of several, any may be too much
    fail_if(OUTER["w"] in lacking and len(linear) == 1 and linear[0][0] == 10, D.flat_size)
    fail_if(OUTER["w2"] in lacking and any(shape[0] == 20 for shape in extra), D.next_convolution_channels)
    expect(extra, KERNELS).equals(lacking, otherwise=D.wrong_sizes)
    names = {role: next(name for name, found in own.items() if found == shape) for role, shape in OUTER.items()}
    biases = {role.replace("w", "b"): name.removesuffix("weight") + "bias" for role, name in names.items()}
    fail_if(any(name not in own for name in biases.values()), D.no_bias)
    return names | biases


def parts_of(attempt):
    """A Net, its own weights, still empty, and its blocks; fails, with a diagnosis, if one of them is wrong."""
    module = attempt.Net()
    weights = module.weights
    layout = weights.shapes(fed=[BLANK])
    blocks = blocks_in(module, attempt.InceptionA(10))
    with explaining(NET_ERRORS):
        fail_if(not blocks and works_unregistered(module, BLANK), D.not_registered)
    fail_if(len(blocks) == 1, D.shared_block)
    expect(len(blocks), Text(en="the number of inception blocks in Net", zh="Net 中 Inception 模块的个数")).equals(2)
    inner = tuple(f"{path}." for path in blocks)
    own = {name: shape for name, shape in layout.items() if not name.startswith(inner)}
    steps = [borrowed(block, partial(run, block), cut=D.graph_cut) for block in blocks.values()]
    return module, weights.named(own_names(module, own)), steps


def loaded_net(attempt, rng):
    """A Net, the oracle for it, with its own blocks as steps, and how the two are compared."""
    module, weights, steps = parts_of(attempt)
    weights = weights.randomise(rng)
    weights["w"][1], weights["b"][1] = -weights["w"][0], -weights["b"][0]
    weights.load({role: weights[role] for role in "wb"})  # one of two logits is negative, and shows a ReLU behind them
    right = partial(net, blocks=steps)
    return module, right, {"weights": weights, "slips": net_slips(right), "errors": NET_ERRORS, "what": LOGITS}


@check(1, public=True)
def test_net_shape(attempt, rng):
    """Net gives ten logits for each image, whatever the size of the batch.

    zh: 不论批次多大，Net 对每张图给出十个 logits。
    """
    module = attempt.Net()
    N, few = rng.integer(2, 7), rng.integer(2, 7)
    x = rng.normal(N, 1, 28, 28)
    with explaining(NET_ERRORS):
        together, some, alone = module(x), module(rng.normal(few, 1, 28, 28)), module(x[:1])
    for logits, count in ((together, N), (some, few), (alone, 1)):
        expect(logits, LOGITS).has_shape(count, 10, mistakes={D.flat_size: (4 * count, 10)})
    expect(together, LOGITS).close_to(together.nan_to_num().float())
    fail_if(not expect(alone).resembles(together[:1]) and normalises(module), D.batch_norm)
    expect(alone, ALONE).close_to(together[:1])


@check(1)
def test_net_layers(attempt, rng):
    """Net has two inception blocks of its own, two convolutions and one linear layer from 1408 to 10.

    zh: Net 有两个各自独立的 Inception 模块、两个卷积和一个 1408 到 10 的线性层。
    """
    parts_of(attempt)


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
    module, right, given = loaded_net(attempt, rng)
    module.like(right, rng.normal(rng.integer(2, 4), 1, 28, 28), **given)


@check(1)
def test_net_gradients(attempt, rng):
    """The gradient of the logits comes back through the whole of Net, to its first convolution.

    zh: logits 的梯度能穿过整个 Net，传回到第一个卷积。
    """
    module, right, given = loaded_net(attempt, rng)
    module.gradients_like(right, rng.normal(1, 1, 28, 28), cut=D.graph_cut, **given)
