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

from dlex.kit import (
    Attempt,
    CheckFailure,
    Diagnosis,
    Inputs,
    Remote,
    Text,
    Verdict,
    diagnoses,
    expect,
    explaining,
    fail,
    fail_if,
)
from dlex.protocol.result import Comparison

CHANNELS, HEIGHT, WIDTH = 5, 9, 7
BLOCK = Text(en="the output of ResidualBlock", zh="ResidualBlock 的输出")
LOGITS = Text(en="the output of Net", zh="Net 的输出")
ALONE = Text(en="what comes for an image alone, not in a batch,", zh="单独输入一张图（而非一个批次）时的输出")
DRAWS = 20  # of random weights at most, for one check
NORMS = Text(en="the list of norms", zh="梯度范数的列表")

D = diagnoses(__file__)

# What PyTorch says when the parts do not fit together.
BLOCK_ERRORS = {
    D.missing_padding: r"size of tensor [ab] \(\d+\) must match|Kernel size can't be greater than actual input size",
    D.fixed_channels: rf"to have \d+ channels, but got {CHANNELS} channels",
    D.input_changed: r"modified by an inplace operation|leaf Variable that requires grad is being used in an in-place",
}
NET_ERRORS = BLOCK_ERRORS | {
    D.wrong_sizes: r"to have \d+ channels, but got \d+ channels",
    D.flat_size: r"mat1 and mat2 shapes cannot be multiplied|is invalid for input of size",
}
NORM_ERRORS = {
    D.no_requires_grad: r"does not require grad",
    D.accumulated: r"backward through the graph a second time",
    D.gradient_is_none: r"NoneType|not to have been used in the graph",
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
        fail_if(failure.finding.verdict is Verdict.INPUT_MUTATED, D.input_changed, Verdict.INPUT_MUTATED)
        raise
    n, channels, height, width = x.shape
    shrunk = {D.missing_padding: (n, channels, height - 4, width - 4)}
    expect(y, BLOCK).has_shape(
        *x.shape, mistakes={D.concatenated_not_added: (n, 2 * channels, height, width), **shrunk}
    )
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
        fail_if(normalises(attempt, module), D.batch_norm)
        fail_if(has_unregistered(attempt, module, x), D.not_registered)
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
    (D.no_skip, lambda p: p.branch.relu()),
    (D.no_skip, lambda p: p.branch),
    (D.no_final_relu, lambda p: p.side + p.branch),
    (D.relu_before_addition, lambda p: p.side + p.branch.relu()),
    (D.relu_before_addition, lambda p: p.side.relu() + p.branch.relu()),
    (D.relu_before_addition, lambda p: p.side.relu() + p.branch),
    (D.relu_before_addition, lambda p: (p.side + p.branch.relu()).relu()),
    (D.relu_before_addition, lambda p: (p.side.relu() + p.branch).relu()),
    (D.no_middle_relu, lambda p: (p.side + p.conv2(p.conv1(p.x))).relu()),
    (D.no_middle_relu, lambda p: p.side + p.conv2(p.conv1(p.x))),
    (D.wrong_summand, lambda p: (p.branch + p.branch).relu()),
    (D.wrong_summand, lambda p: (p.side + p.side).relu()),
    (D.wrong_summand, lambda p: (p.side + p.inner).relu()),
    (D.wrong_summand, lambda p: (p.inner + p.branch).relu()),
    (D.wrong_summand, lambda p: (p.conv1(p.x) + p.branch).relu()),
    (D.wrong_summand, lambda p: (2 * p.side + p.branch).relu()),
    (D.wrong_summand, lambda p: (p.side - p.branch).relu()),
    (D.wrong_summand, lambda p: (p.branch - p.side).relu()),
    (D.same_convolution_twice, lambda p: (p.side + p.conv1(p.inner)).relu()),
    (D.first_convolution_lost, lambda p: (p.side + p.conv2(p.x)).relu()),
    (D.first_convolution_lost, lambda p: (p.side + p.conv2(p.x.relu())).relu()),
    (D.first_convolution_lost, lambda p: (p.side + p.conv2(p.x).relu()).relu()),
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
    fail_if(normalises(attempt, block), D.batch_norm)
    kernels = {name: tuple(v.shape) for name, v in values.items() if v.dim() == 4}
    count = Counter(kernels.values())
    extra = count - Counter([THREE, THREE, ONE])
    fail_if(list(extra) == [THREE], D.skip_convolved)
    fail_if(any(shape[1] != CHANNELS and shape[:2] == shape[1::-1] for shape in extra), D.fixed_channels)
    if extra or count[THREE] < 2:
        y = run(block, x)
        once = count[THREE] == 1
        fail_if(once and any(matches(y, parts.output) for parts in roles(x, values)), D.same_convolution_twice)
        fail_if(has_unregistered(attempt, block, x), D.not_registered)
        wanted = Counter([THREE, THREE])
        fail(D.wrong_sizes, comparison=Comparison(expected=listed(wanted), actual=listed(count)))
    biases = [name.removesuffix("weight") + "bias" in values for name, shape in kernels.items() if shape == THREE]
    fail_if(not all(biases), D.no_bias)


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
    fail_if(not values, D.not_registered)
    y = run(block, x)
    with explaining(BLOCK_ERRORS):
        found = attempt.gradients(block, x, upstream=upstream, module=block)
    reached = [g is not None and bool(g.any()) for g in (*found.inputs, *found.parameters)]
    ways = [parts for parts in roles(x.requires_grad_(), values) if matches(y, parts.output.detach())]
    if not ways:
        check_layers(attempt, block, x.detach())
        check_values(attempt, block, x.detach(), values)
    fail_if(not all(reached), D.graph_cut, Verdict.NO_GRADIENT)
    output = ways[0].output
    scale = 1 if close(y, output.detach()) else 0.5
    (wanted,) = torch.autograd.grad((scale * output * upstream).sum(), x)
    fail_if(not close(found.inputs[0], wanted), D.graph_cut, Verdict.WRONG_GRADIENT)


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
    fail_if(not values, D.not_registered)
    paths = blocks_of(attempt, net)
    own = {name: v for name, v in values.items() if not name.startswith(tuple(f"{path}." for path in paths))}
    weights = {tuple(v.shape): name for name, v in own.items() if v.dim() > 1}
    extra, lacking = sorted(set(weights) - set(NET_WEIGHTS)), sorted(set(NET_WEIGHTS) - set(weights))
    fail_if(not extra and bool(lacking), D.not_registered)
    fail_if((10, 512) in lacking and any(len(shape) == 2 for shape in extra), D.flat_size)
    if extra:
        fail(D.wrong_sizes, comparison=Comparison(expected=listed(Counter(lacking)), actual=listed(Counter(extra))))
    fail_if(any(weights[shape].removesuffix("weight") + "bias" not in own for shape in NET_WEIGHTS), D.no_bias)
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
    fail_if(not found, D.not_registered)
    expect(len(found), Text(en="the number of residual blocks in Net", zh="Net 中残差块的个数")).equals(2)
    return list(found.values())


def logits_of(net: Remote, x: torch.Tensor) -> torch.Tensor:
    """What Net gives, if it has the shape of logits."""
    with explaining(NET_ERRORS):
        logits = expect(net(x), LOGITS).is_tensor()
    fail_if(logits.dim() == 2 and logits.shape[0] != len(x), D.flat_size, Verdict.WRONG_SHAPE)
    expect(logits, LOGITS).has_shape(len(x), 10)
    return finite(logits, LOGITS)


def stage(z: torch.Tensor, block: Remote) -> torch.Tensor:
    """What Net does behind each of its convolutions."""
    return run(block, F.max_pool2d(z.relu(), 2))


WRONG_STAGES: list[tuple[Diagnosis, Callable[[torch.Tensor, Remote], torch.Tensor]]] = [
    (D.missing_relu, lambda z, block: run(block, F.max_pool2d(z, 2))),
    (D.net_average_pool, lambda z, block: run(block, F.avg_pool2d(z.relu(), 2))),
    (D.net_average_pool, lambda z, block: run(block, F.avg_pool2d(z, 2).relu())),
    (D.block_before_pooling, lambda z, block: F.max_pool2d(run(block, z.relu()), 2)),
    (D.block_skipped, lambda z, block: F.max_pool2d(z.relu(), 2)),
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
        yield D.softmax_on_logits, logits.softmax(dim)
        yield D.softmax_on_logits, logits.log_softmax(dim)
    yield D.relu_on_logits, logits.relu()
    yield D.relu_on_logits, logits.sigmoid()


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
    fail_if(found.inputs[0] is None or not bool(found.inputs[0].any()), D.graph_cut, Verdict.NO_GRADIENT)


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
    yield D.residual_mixed_up, LAYERS[not residual]
    skip = float(residual)
    yield D.weight_transposed, lambda h, w: skip * h + torch.sigmoid(h @ w)
    yield D.sigmoid_after_sum, lambda h, w: torch.sigmoid(h + h @ w.T)
    yield D.skip_from_input, lambda h, w: x + torch.sigmoid(h @ w.T)
    yield D.other_activation, lambda h, w: skip * h + torch.relu(h @ w.T)
    yield D.other_activation, lambda h, w: skip * h + torch.tanh(h @ w.T)
    yield D.other_activation, lambda h, w: skip * h + h @ w.T


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
    fail_if(isinstance(came, (list, tuple)) and any(v is None for v in came), D.gradient_is_none)
    count = count_of(came)
    fail_if(count == 1 < depth, D.one_number, Verdict.WRONG_SHAPE)
    fail_if(count > depth and count % depth == 0, D.accumulated, Verdict.WRONG_SHAPE)
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
    yield D.reversed_order, norms[::-1]
    for order in (1, -1):
        yield D.accumulated, np.cumsum(norms[::order])[::order].tolist()
    yield D.accumulated, [k * norm for k, norm in enumerate(norms, 1)]
    for norm in OTHER_NORMS:
        yield D.other_norm, stack.norms(norm)
    for values in stack.of_values():
        yield D.norm_of_values, values
    for values in stack.of_h():
        yield D.gradient_of_h, values


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
        fail_if(not is_near(expect(again, NORMS).numbers(), came.tolist()), D.accumulated)
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
    fail_if(not seen["is_figure"], D.figure_not_returned)
    places = with_lines(seen["axes"], *second)
    if not places:
        logarithms = [f(second) for f in (np.log, np.log10, np.log2)]
        fail_if(any(with_lines(seen["axes"], row) for pair in logarithms for row in pair), D.logarithm_drawn)
        fail(D.curve_missing)
    fail_if(bool(with_lines(seen["axes"], first[0])), D.figure_reused)
    axes, picture = seen["axes"][places[0]], figure.figure
    scales = [picture.axes[places[0]].get_xscale(), picture.axes[places[0]].get_yscale()]
    fail_if(scales != ["linear", "log"], D.linear_axis)
    fail_if(not (axes["xlabel"].strip() and axes["ylabel"].strip()), D.no_labels)
    fail_if(len(axes["legend"]) < 2 and not len(picture.legends), D.no_labels)
