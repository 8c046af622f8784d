"""The hidden checks of exercise 08.

softmax and cross_entropy are compared in float64, at ordinary logits and at large ones.  Net is a black box with
parameters.  train and evaluate get a model made here, with batch normalisation, so that each mode of it gives something
else; its training is done a second time in the judge.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from math import isclose
from typing import Any

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from dlex.kit import (
    Attempt,
    Data,
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
from dlex.kit.families import SOFTMAX

CLASSES, PIXELS, HIDDEN = 10, 28 * 28, 12
MEAN, STD, MOMENTUM = 0.1307, 0.3081, 0.5
N, BATCH, EPOCHS = 18, 7, 2  # batches of 7, 7 and 4

PROBABILITIES = Text(en="the result of softmax", zh="softmax 的结果")
LOSS = Text(en="the loss", zh="损失")
GRADIENT = Text(en="the gradient for the logits", zh="logits 的梯度")
LOGITS = Text(en="the output of Net", zh="Net 的输出")
ALONE = Text(en="what Net gives for an image alone, not in a batch,", zh="单独输入一张图（而非一个批次）时 Net 的输出")
TRANSFORM = Text(en="the type of what make_transform() returns", zh="make_transform() 返回值的类型")
PICTURE = Text(en="a transformed picture", zh="变换后的图片")
LOSSES = Text(en="the list of losses", zh="损失的列表")
EPOCH_LOSS = Text(en="the loss of the epoch", zh="这个 epoch 的损失")
WEIGHT = Text(en="the last layer's weight after training", zh="训练后最后一层的权重")
ACCURACY = Text(en="the accuracy", zh="准确率")

D = diagnoses(__file__)

FLOAT_INDEX = (
    r"tensors used as indices must be|one_hot is only applicable|[Ee]xpected (dtype int|.*Long)|scalar type Long"
)
FORWARD_ERRORS = {
    D.not_flattened: rf"mat1 and mat2 shapes cannot be multiplied \({5 * 28}x28|\({28}x28 and",
    D.batch_flattened: r"is invalid for input of size|size mismatch, got input|cannot be multiplied",
}

Batches = list[tuple[torch.Tensor, torch.Tensor]]
Step = Callable[[torch.Tensor], torch.Tensor]


# ---- softmax and cross entropy


def from_scratch(attempt: Attempt, function: Remote, *args: torch.Tensor) -> Any:
    """Call `function`; fails if torch's own softmax or cross entropy has a hand in it."""
    seen = attempt.observe(function, *args)
    fail_if(SOFTMAX.found_in(seen.ops), D.ready_made, Verdict.FORBIDDEN_OP)
    return seen.value


def probabilities(attempt: Attempt, z: torch.Tensor) -> Any:
    """softmax(z) of the attempt."""
    dim = D.fixed_dim if z.dim() == 1 else D.keepdim_missing
    with explaining({dim: r"Dimension out of range|must match the size of tensor"}):
        return from_scratch(attempt, attempt.softmax, z)


def alike(a: torch.Tensor, b: torch.Tensor) -> bool:
    """Equality up to the rounding of float32, on the scale of the larger value."""
    return bool((a - b).abs().max() <= 1e-4 * max(1.0, float(b.abs().max())))


def adds_up_to_one(values: torch.Tensor, dim: int) -> bool:
    """Whether these are probabilities along `dim`."""
    if values.dim() == 0 or not -values.dim() <= dim < values.dim():
        return False
    sums = values.sum(dim)
    return bool((values >= 0).all()) and alike(sums, torch.ones_like(sums))


def recognise(
    actual: Any, right: torch.Tensor, wrong: Sequence[tuple[Diagnosis, torch.Tensor]], limit: float = 1e-6
) -> None:
    """Fail with the diagnosis of the first wrong value that `actual` is, where wrong and right differ."""
    for diagnosis, value in wrong:
        told = value.shape != right.shape or not torch.allclose(value, right)
        same = isinstance(actual, torch.Tensor) and actual.shape == value.shape and actual.dtype == value.dtype
        fail_if(told and same and torch.allclose(actual.detach(), value, limit, limit), diagnosis)


def not_finite(value: Any) -> bool:
    """Whether a tensor holds NaN or an infinity."""
    return isinstance(value, torch.Tensor) and not bool(value.isfinite().all())


def far_apart(rng: Inputs, rows: int, classes: int) -> torch.Tensor:
    """Rows of ordinary logits, each moved as a whole by thousands, up and down."""
    z = rng.normal(rows, classes, dtype=torch.float64)
    return z + 1500.0 * (torch.arange(rows)[rng.permutation(rows)] - rows // 2)[:, None]


@pytest.mark.points(1)
@pytest.mark.public
def test_softmax(attempt: Attempt, rng: Inputs) -> None:
    """softmax makes probabilities along the last dimension, whatever dimensions come before it.

    zh: 不论前面有多少维，softmax 都沿最后一维给出概率。
    """
    for shape in ((4, 5), (3, 3), (2, 3, 4), (1, 6), (5,)):
        z = rng.normal(*shape, dtype=torch.float64)
        right, exp = z.softmax(-1), z.exp()
        found = probabilities(attempt, z)
        value = expect(found, PROBABILITIES).is_tensor()
        others = range(z.dim() - 1)
        wrong = [(D.fixed_dim if dim else D.softmax_wrong_dim, z.softmax(dim)) for dim in others]
        wrong += [(D.uneven_shift, (z - z.amax(dim, keepdim=True)).softmax(-1)) for dim in others]
        wrong += [
            (D.sign_swapped, (-z).softmax(-1)),
            (D.whole_tensor, exp / exp.sum()),
            (D.log_of_softmax, z.log_softmax(-1)),
        ]
        if shape == (3, 3):
            wrong.append((D.keepdim_missing, exp / exp.sum(dim=-1)))
        wrong += [(D.softmax_wrong_dim, value) for dim in others if adds_up_to_one(value, dim)]
        if not adds_up_to_one(value, -1):
            wrong.append((D.rows_not_one, value))
        recognise(found, right, wrong)
        expect(found, PROBABILITIES).close_to(right)
    z = rng.normal(3, 4)
    expect(probabilities(attempt, z), PROBABILITIES).close_to(z.softmax(-1))


@pytest.mark.points(1)
def test_softmax_of_large_logits(attempt: Attempt, rng: Inputs) -> None:
    """softmax stays finite and exact for large logits, and lets the gradient through.

    zh: logits 很大时 softmax 仍然有限且精确，梯度也能传回。
    """
    z = rng.normal(4, 5, dtype=torch.float64)
    skewed = z.clone()
    skewed[:, 2] += 3000.0
    rows = far_apart(rng, 4, 5)
    cases = ((D.overflow, z + 1000.0), (D.overflow, skewed), (D.global_maximum, rows), (D.global_maximum, rows * 2.0))
    for diagnosis, logits in cases:
        found = probabilities(attempt, logits)
        fail_if(not_finite(found), diagnosis, Verdict.NOT_FINITE)
        expect(found, PROBABILITIES).close_to(logits.softmax(-1))
    for logits in (z, rows):
        check_gradient(attempt, attempt.softmax, F.softmax, logits, rng.normal(4, 5, dtype=torch.float64))


def check_gradient(
    attempt: Attempt, function: Remote, right: Callable[..., torch.Tensor], z: torch.Tensor, upstream: torch.Tensor,
    *args: torch.Tensor,
) -> None:  # fmt: skip
    """Fail unless the gradient for z, of `function` at (z, *args), is that of `right`."""
    found = attempt.gradients(function, z, *args, upstream=upstream)
    fail_if(not found.connected or found.inputs[0] is None, D.graph_cut, Verdict.NO_GRADIENT)
    leaf = z.clone().requires_grad_()
    value = right(leaf, *args) if args else right(leaf, dim=-1)
    (wanted,) = torch.autograd.grad((value * upstream).sum(), leaf)
    expect(found.inputs[0], GRADIENT).close_to(wanted, verdict=Verdict.WRONG_GRADIENT)


def labels(rng: Inputs, n: int, classes: int) -> torch.Tensor:
    """Labels with repetitions, the last class never among them."""
    return rng.permutation(n) % (classes - 1)


def loss_of(attempt: Attempt, logits: torch.Tensor, y: torch.Tensor) -> Any:
    """cross_entropy(logits, y) of the attempt."""
    c = logits.shape[1]
    signs = {
        D.float_labels: FLOAT_INDEX,
        D.narrow_one_hot: rf"tensor a \(({c}|{c - 1})\) must match the size of tensor b \(({c}|{c - 1})\)",
        D.keepdim_missing: r"must match the size of tensor",
    }
    with explaining(signs):
        value = from_scratch(attempt, attempt.cross_entropy, logits, y)
    fail_if(isinstance(value, float), D.graph_cut, Verdict.NO_GRADIENT)
    return value


@pytest.mark.points(1)
@pytest.mark.public
def test_cross_entropy(attempt: Attempt, rng: Inputs) -> None:
    """cross_entropy is the mean of -log p of the right class.

    zh: cross_entropy 是正确类别的 -log p 的平均。
    """
    for n, classes in ((7, 5), (4, 4), (1, 3)):
        logits, y = rng.normal(n, classes, dtype=torch.float64, std=2.0), labels(rng, n, classes)
        p, log_p, rows = logits.softmax(1), logits.log_softmax(1), torch.arange(n)
        right = F.cross_entropy(logits, y)
        shifted = logits - logits.amax(1, keepdim=True)
        sums = shifted.exp().sum(1)
        lower = shifted[rows, y]  # log p without its normaliser
        wrong: list[tuple[Diagnosis, torch.Tensor]] = [
            (D.missing_minus, -right),
            (D.sum_not_mean, right * n),
            (D.mean_over_classes, right / classes),
            (D.crossed_index, -log_p[:, y].mean()),
            (D.crossed_index, -log_p[y].mean()),
            (D.crossed_index, -log_p[:, y]),
            (D.crossed_index, -log_p[0, y].mean()),
            (D.crossed_index, -log_p[y, 0].mean()),
            (D.label_as_number, -(y[:, None] * log_p).sum(1).mean()),
            (D.label_as_number, -(y[:, None] * log_p).mean()),
            (D.no_logarithm, -p[rows, y].mean()),
            (D.softmax_twice, F.cross_entropy(p, y)),
            (D.softmax_wrong_dim, F.nll_loss(logits.log_softmax(0), y)),
            (D.softmax_wrong_dim, F.nll_loss(shifted - shifted.exp().sum(0).log(), y)),
            (D.whole_tensor, (logits.logsumexp((0, 1)) - logits[rows, y]).mean()),
            (D.sign_swapped, F.cross_entropy(-logits, y)),
            (D.sign_swapped, F.cross_entropy(-shifted, y)),
            (D.uneven_shift, F.cross_entropy(logits - logits.amax(0), y)),
            (D.wrong_normaliser, -logits[rows, y].mean()),
            (D.wrong_normaliser, -lower.mean()),
            (D.wrong_normaliser, -(lower + sums.log()).mean()),
            (D.wrong_normaliser, -(lower - sums).mean()),
            (D.wrong_normaliser, -(lower - sums.exp()).mean()),
            (D.wrong_normaliser, -(lower - (sums / classes).log()).mean()),
            (D.wrong_normaliser, torch.zeros_like(right)),
        ]
        found = loss_of(attempt, logits, y)
        recognise(found, right, wrong if n > 1 else [])
        expect(found, LOSS).close_to(right, sizes={"N": n})
    logits, y = rng.normal(5, 6), labels(rng, 5, 6)
    expect(loss_of(attempt, logits, y), LOSS).close_to(F.cross_entropy(logits, y))


@pytest.mark.points(1)
def test_cross_entropy_of_large_logits(attempt: Attempt, rng: Inputs) -> None:
    """cross_entropy stays exact for large logits, and its gradient is (softmax - one-hot) / N.

    zh: logits 很大时 cross_entropy 仍然精确，它的梯度是 (softmax - one-hot) / N。
    """
    n, classes = 7, 5
    z, y = rng.normal(n, classes, dtype=torch.float64), labels(rng, n, classes)
    unlikely = z - 900.0 * F.one_hot(y, classes)  # exp(-900) is 0, exp(1) is harmless
    cases = ((D.overflow, z + 1000.0), (D.log_underflow, unlikely), (D.global_maximum, far_apart(rng, n, classes)))
    for diagnosis, logits in cases:
        found, right = loss_of(attempt, logits, y), F.cross_entropy(logits, y)
        fail_if(not_finite(found), diagnosis, Verdict.NOT_FINITE)
        value = expect(found, LOSS).number()
        fail_if(diagnosis is D.log_underflow and 0 < value < right / 2, D.capped)
        expect(found, LOSS).close_to(right, sizes={"N": n})
    for logits in (z, unlikely):
        upstream = rng.normal(1, dtype=torch.float64)[0]
        check_gradient(attempt, attempt.cross_entropy, F.cross_entropy, logits, upstream, y)


# ---- Net


def net_of(attempt: Attempt, *, state: dict[str, torch.Tensor] | None = None) -> Remote:
    """A Net in evaluation mode, with the parameters `state` if they are given."""
    net: Remote = attempt.Net()
    attempt.keep(net.eval)
    if any(".Lazy" in call for call in attempt.source.calls()):
        net(torch.zeros(2, 1, 28, 28))
    if state is not None:
        attempt.load_parameters(net, state)
    return net


def random_state(attempt: Attempt, net: Remote, rng: Inputs) -> dict[str, torch.Tensor]:
    """Parameters of such a size that the logits are of both signs and well above 1."""
    found = {p.name: p.value for p in attempt.parameters(net)}
    fail_if(not found, D.not_registered)
    return {
        name: rng.normal(*value.shape, std=3.0 * max(1, value.shape[-1] if value.dim() > 1 else 1) ** -0.5)
        for name, value in found.items()
    }


def logits_of(net: Remote, x: torch.Tensor) -> torch.Tensor:
    """What Net gives for a batch, if it has the form of logits."""
    with explaining(FORWARD_ERRORS):
        value = net(x)
    found = expect(value, LOGITS).is_tensor()
    fail_if(found.dim() != 2 and found.shape[-1:] == (CLASSES,), D.batch_flattened, Verdict.WRONG_SHAPE)
    fail_if(found.shape[:1] == (len(x),) and found.shape[1:] != (CLASSES,), D.not_ten_logits, Verdict.WRONG_SHAPE)
    expect(found, LOGITS).has_shape(len(x), CLASSES)
    if found.dtype != torch.float32 or not_finite(found):
        expect(found, LOGITS).close_to(found.nan_to_num().float())
    return found


@pytest.mark.points(1)
@pytest.mark.public
def test_net_shape(attempt: Attempt, rng: Inputs) -> None:
    """Net takes (N, 1, 28, 28) to ten numbers for each image, whatever the size of the batch.

    zh: 不论批次多大，Net 都把 (N, 1, 28, 28) 变成每张图十个数。
    """
    x = rng.normal(5, 1, 28, 28)
    net = net_of(attempt)
    together = logits_of(net, x)
    fail_if(not alike(logits_of(net, x), together), D.not_registered)
    alone = logits_of(net, x[1:2])
    if not alike(alone, together[1:2]):
        fail_if(adds_up_to_one(together, dim=0), D.softmax_on_logits)
        fail(D.mixes_samples)


@pytest.mark.points(1)
def test_net_logits(attempt: Attempt, rng: Inputs) -> None:
    """Net ends in plain logits, bends between its layers, and all of its layers can learn.

    zh: Net 最后直接输出 logits，层与层之间是非线性的，每一层都能参与学习。
    """
    x = rng.normal(5, 1, 28, 28)
    net = net_of(attempt)
    for _ in range(2):
        state = random_state(attempt, net, rng)
        attempt.load_parameters(net, state)
        y = logits_of(net, x)
        fail_if(adds_up_to_one(y, dim=0) or adds_up_to_one(y, dim=1), D.softmax_on_logits)
        fail_if(adds_up_to_one(y.exp(), dim=0) or adds_up_to_one(y.exp(), dim=1), D.log_softmax_on_logits)
        fail_if(bool((y.abs() <= 1).all()) or bool((y >= 0).all()), D.activation_on_logits)
    fail_if(not alike(logits_of(net_of(attempt, state=state), x), y), D.not_registered)
    a, b = x[:2].abs(), x[2:4].abs()  # a ReLU on the pixels themselves is no activation behind a layer
    linear = logits_of(net, a) + logits_of(net, b) - logits_of(net, torch.zeros_like(a))
    fail_if(alike(logits_of(net, a + b), linear), D.no_activation)
    found = attempt.gradients(net, x, upstream=rng.normal(5, CLASSES), module=net)
    fail_if(not found.connected or found.inputs[0] is None, D.graph_cut, Verdict.NO_GRADIENT)
    idle = [name for name, g in zip(state, found.parameters, strict=True) if g is None or not bool(g.any())]
    if idle:
        attempt.load_parameters(net, {name: state[name] + 1 for name in idle})
        fail_if(not alike(logits_of(net, x), y), D.graph_cut, Verdict.NO_GRADIENT)
        fail(D.layer_unused)


# ---- the data


@pytest.mark.points(1)
def test_transform(attempt: Attempt, rng: Inputs, dataset: Data) -> None:
    """make_transform gives MNIST's pictures as tensors, normalised with 0.1307 and 0.3081.

    zh: make_transform 把 MNIST 的图片变成张量，并用 0.1307 和 0.3081 归一化。
    """
    images, _ = dataset.images("mnist", "test")
    chosen = rng.permutation(len(images))[:3]
    transform = attempt.make_transform()
    if not isinstance(transform, Remote):
        expect(type(transform).__name__, TRANSFORM).equals("Compose")
    mnist = imported(attempt, "torchvision.datasets", "MNIST")
    samples = attempt.keep(mnist, str(dataset("mnist")), train=False, transform=transform)
    loader = attempt.keep(
        attempt.library("torch.utils.data.DataLoader"), samples, batch_size=len(chosen), sampler=chosen.tolist()
    )
    signs = {
        D.normalised_first: r"should be Tensor Image|not supported for PIL|does not support PIL",
        D.three_channels: r"doesn't match the broadcast shape",
    }
    with explaining(signs):
        (batch,) = attempt.batches(loader)
    found, _ = expect(batch, PICTURE).items(2)
    scaled = images[chosen][:, None].float() / 255
    wrong = {
        D.not_normalised: scaled,
        D.swapped_numbers: (scaled - STD) / MEAN,
        D.other_statistics: (scaled - 0.5) / 0.5,
        D.not_scaled: (scaled * 255 - MEAN) / STD,
    }
    expect(found, PICTURE).close_to((scaled - MEAN) / STD, mistakes=wrong)


def imported(attempt: Attempt, module: str, name: str) -> Remote:
    """`name` of a module that is not among the libraries over there."""
    found: Remote = getattr(attempt.keep(attempt.library("builtins.__import__"), module, fromlist=[name]), name)
    return found


# ---- train and evaluate


LAYERS = (("Flatten",), ("Linear", PIXELS, HIDDEN), ("BatchNorm1d", HIDDEN), ("ReLU",), ("Linear", HIDDEN, CLASSES))


def unchanged(z: torch.Tensor) -> torch.Tensor:
    """What stands between model and loss: nothing."""
    return z


class Classifier:
    """A small classifier with random weights: one in the attempt process, one here."""

    def __init__(self, attempt: Attempt, rng: Inputs) -> None:
        self.here = nn.Sequential(*(getattr(nn, name)(*sizes) for name, *sizes in LAYERS))
        state = {}
        for name, value in self.here.state_dict().items():
            std = value.shape[-1] ** -0.5 if value.dim() > 1 else 0.2
            state[name] = rng.normal(*value.shape, std=std) if value.is_floating_point() else value
        # The statistics are far from those of any batch, so that the two modes give different classes.
        state["2.weight"] = rng.uniform(HIDDEN, low=0.5, high=2.0)
        state["2.running_mean"] = rng.normal(HIDDEN, std=2.0)
        state["2.running_var"] = rng.uniform(HIDDEN, low=0.3, high=3.0)
        self.here.load_state_dict(state)
        self.start = {name: value.clone() for name, value in self.here.state_dict().items()}
        layers = [attempt.keep(attempt.library(f"torch.nn.{name}"), *sizes) for name, *sizes in LAYERS]
        self.there = attempt.keep(attempt.library("torch.nn.Sequential"), *layers)
        self.last_layer = layers[-1]
        attempt.keep(self.there.load_state_dict, state)

    def logits(self, x: torch.Tensor, *, training: bool) -> torch.Tensor:
        """What it gives at the start, in one of the two modes."""
        self.here.load_state_dict(self.start)
        with torch.no_grad():
            return self.here.train(training)(x)

    def trained(
        self,
        batches: Batches,
        epochs: int,
        lr: float,
        *,
        momentum: float = MOMENTUM,
        training: bool = True,
        clear: bool = True,
        remade: int = 0,
        before: Step = unchanged,
        loss: Callable[..., torch.Tensor] = F.cross_entropy,
    ) -> torch.Tensor:
        """The last layer's weight after training here, from the start, with or without mistakes.

        The velocity is lost after every `remade` steps.
        """
        self.here.load_state_dict(self.start)
        self.here.train(training)
        parameters = list(self.here.parameters())
        gradients, velocities = [0.0] * len(parameters), [0.0] * len(parameters)
        for count, (x, y) in enumerate(batches * epochs):
            new = torch.autograd.grad(loss(before(self.here(x)), y), parameters)
            gradients = list(new) if clear else [old + g for old, g in zip(gradients, new, strict=True)]
            if remade and count % remade == 0:
                velocities = [0.0] * len(parameters)
            velocities = [momentum * v + g for v, g in zip(velocities, gradients, strict=True)]
            with torch.no_grad():
                for p, v in zip(parameters, velocities, strict=True):
                    p -= lr * v
        return parameters[-2].detach().clone()


def real_digits(dataset: Data, rng: Inputs) -> tuple[torch.Tensor, torch.Tensor]:
    """A few training pictures of MNIST, normalised, and their labels."""
    images, y = dataset.images("mnist", "train")
    chosen = rng.permutation(len(images))[:N]
    return ((images[chosen].float() / 255 - MEAN) / STD)[:, None], y[chosen]


def loader_of(attempt: Attempt, x: torch.Tensor, y: torch.Tensor) -> Remote:
    """A DataLoader in the attempt process, in order, whose last batch is smaller."""
    samples = attempt.keep(attempt.library("torch.utils.data.TensorDataset"), x, y)
    return attempt.keep(attempt.library("torch.utils.data.DataLoader"), samples, batch_size=BATCH)


def batches_of(x: torch.Tensor, y: torch.Tensor) -> Batches:
    """The batches that this loader gives."""
    return list(zip(x.split(BATCH), y.split(BATCH), strict=True))


def run_training(attempt: Attempt, model: Classifier, x: torch.Tensor, y: torch.Tensor, epochs: int, lr: float) -> Any:
    """What train returns for a model that comes in evaluation mode."""
    attempt.keep(model.there.eval)
    with explaining({D.float_labels: FLOAT_INDEX}):
        return attempt.train(model.there, loader_of(attempt, x, y), epochs, lr)


@pytest.mark.points(1)
def test_training_steps(attempt: Attempt, rng: Inputs, dataset: Data) -> None:
    """train makes one step of SGD with momentum 0.5 for each batch, in training mode.

    zh: train 在训练模式下，对每个批次用冲量为 0.5 的 SGD 更新一次。
    """
    model = Classifier(attempt, rng)
    x, y = real_digits(dataset, rng)
    lr, batches = 0.3, batches_of(x, y)
    run_training(attempt, model, x, y, EPOCHS, lr)
    found = {p.name: p.value for p in attempt.parameters(model.there)}
    right = model.trained(batches, EPOCHS, lr)
    weight = expect(found["4.weight"], WEIGHT).is_tensor()
    if not alike(weight, right):

        def trained(epochs: int = EPOCHS, rate: float = lr, **slip: Any) -> torch.Tensor:
            return model.trained(batches, epochs, rate, **slip)

        wrong = [
            (D.never_steps, model.start["4.weight"]),
            (D.wrong_epochs, trained(EPOCHS - 1)),
            (D.wrong_epochs, trained(EPOCHS + 1)),
            (D.first_batch_only, model.trained(batches[:1], EPOCHS, lr)),
            (D.lr_ignored, trained(rate=0.001)),
            (D.lr_ignored, trained(rate=0.01)),
            (D.gradients_accumulate, trained(clear=False)),
            (D.no_momentum, trained(momentum=0.0)),
            (D.optimizer_remade, trained(remade=len(batches))),
            (D.trained_in_eval_mode, trained(training=False)),
            (D.softmax_before_loss, trained(before=partial(torch.softmax, dim=1))),
            (D.sum_not_mean, trained(loss=partial(F.cross_entropy, reduction="sum"))),
            (D.no_logarithm, trained(loss=F.nll_loss)),
        ]
        recognise(weight, right, wrong, limit=1e-4)
    expect(weight, WEIGHT).close_to(right, rtol=1e-3, atol=1e-4)


def losses_of(model: Classifier, batches: Batches, *, training: bool = True, before: Step = unchanged) -> list[float]:
    """Each batch's loss at the start."""
    return [float(F.cross_entropy(before(model.logits(x, training=training)), y)) for x, y in batches]


def mean_over_samples(losses: list[float]) -> float:
    """The mean over all samples of the batches that have these losses."""
    sizes = [BATCH, BATCH, N - 2 * BATCH]
    return sum(loss * size for loss, size in zip(losses, sizes, strict=True)) / N


def off_by_one(total: float) -> list[float]:
    """The mean of N samples with this total if the total, or the count, is one too large or too small."""
    return [(total + 1) / N, (total - 1) / N, total / (N + 1), total / (N - 1)]


def recognise_number(actual: float, wrong: Sequence[tuple[Diagnosis, float]]) -> None:
    """Fail with the diagnosis of the first wrong number that `actual` is."""
    for diagnosis, value in wrong:
        fail_if(isclose(actual, value, rel_tol=1e-5, abs_tol=1e-9), diagnosis)


@pytest.mark.points(1)
def test_training_losses(attempt: Attempt, rng: Inputs, dataset: Data) -> None:
    """train returns the mean loss over the samples of each epoch, taken before the steps.

    zh: train 返回每个 epoch 中对样本的平均损失，取更新之前的值。
    """
    model = Classifier(attempt, rng)
    x, y = real_digits(dataset, rng)
    # With a learning rate of 0 the weights stay, and only the averaging is looked at.  The last batch is all wrong.
    y[-(N % BATCH) :] = model.logits(x[-(N % BATCH) :], training=True).argmin(dim=1)
    batches = batches_of(x, y)
    found = run_training(attempt, model, x, y, EPOCHS, 0.0)
    items = list(found) if isinstance(found, (list, tuple)) else [found]
    fail_if(any(isinstance(v, torch.Tensor) and v.requires_grad for v in items), D.graph_kept)
    fail_if(len(items) == EPOCHS * len(batches), D.loss_per_batch, Verdict.WRONG_SHAPE)
    fail_if(isinstance(found, (float, list, tuple)) and len(items) != EPOCHS, D.wrong_epochs, Verdict.WRONG_SHAPE)
    first, second = expect(found, LOSSES).numbers(EPOCHS).tolist()
    losses = losses_of(model, batches)
    right, last = mean_over_samples(losses), len(batches[-1][1])
    softmaxed = losses_of(model, batches, before=partial(torch.softmax, dim=1))
    in_eval = losses_of(model, batches, training=False)
    wrong = [
        (D.mean_of_means, sum(losses) / len(losses)),
        (D.batches_summed, sum(losses)),
        (D.sum_not_mean, right * N),
        (D.divided_twice, sum(losses) / N),
        (D.softmax_before_loss, mean_over_samples(softmaxed)),
        (D.trained_in_eval_mode, mean_over_samples(in_eval)),
        (D.first_batch_only, losses[0]),
        (D.last_batch_only, losses[-1]),
        *((D.last_batch_only, value) for value in (losses[-1] * last / N, right * N / last)),
        *((D.count_off_by_one, value) for value in off_by_one(right * N)),
    ]
    recognise_number(first, wrong)
    expect(first, EPOCH_LOSS).close_to(right, sizes={"N": N}, rtol=1e-4)
    fail_if(second > first * 1.2, D.total_not_reset)
    expect(second, EPOCH_LOSS).close_to(right, rtol=1e-4)
    alone = Classifier(attempt, rng)
    before = float(F.cross_entropy(alone.logits(x[:BATCH], training=True), y[:BATCH]))
    only = expect(run_training(attempt, alone, x[:BATCH], y[:BATCH], 1, 0.3), LOSSES).numbers(1)
    fail_if(float(only) < before * 0.99, D.loss_after_step)
    expect(float(only), EPOCH_LOSS).close_to(before, rtol=1e-4)


def watched(attempt: Attempt, layer: Remote) -> Remote:
    """A dictionary that will hold, at the key `layer`, what this layer was given last."""
    seen = attempt.keep(attempt.library("builtins.dict"))
    note = attempt.keep(imported(attempt, "functools", "partial"), attempt.library("operator.setitem"), seen)
    attempt.keep(layer.register_forward_pre_hook, note)
    return seen


def hits(model: Classifier, batches: Batches, *, training: bool) -> list[torch.Tensor]:
    """For each batch, which samples the model gets right at the start."""
    return [model.logits(x, training=training).argmax(dim=1) == y for x, y in batches]


def telling_batches(model: Classifier, rng: Inputs) -> Batches:
    """Batches of which the model gets nearly all right in evaluation mode, but fewer in training mode."""
    x = rng.normal(N, 1, 28, 28)
    miss = torch.zeros(N, dtype=torch.bool)
    miss[: rng.integer(2, 4)] = miss[-1] = True
    found = model.logits(x, training=False).argmax(dim=1)
    return batches_of(x, (found + miss * rng.integers(N, low=1, high=CLASSES)) % CLASSES)


@pytest.mark.points(1)
def test_evaluate(attempt: Attempt, rng: Inputs) -> None:
    """evaluate gives the share that is right, in evaluation mode and without a graph, and restores the mode.

    zh: evaluate 在评估模式下、不建计算图，返回正确的比例，并恢复模型原来的模式。
    """
    model = Classifier(attempt, rng)
    batches = telling_batches(model, rng)
    by_batch = hits(model, batches, training=False)
    right, last = sum(int(h.sum()) for h in by_batch), len(by_batch[-1])
    logits = [model.logits(x, training=False) for x, _ in batches]
    crossed = sum(int((z.argmax(1)[:, None] == y).sum()) for z, (_, y) in zip(logits, batches, strict=True))
    flat = sum(int((z.argmax() == y).sum()) for z, (_, y) in zip(logits, batches, strict=True))
    wrong = [
        (D.percent, 100.0 * right / N),
        (D.count_not_share, right),
        (D.mean_of_means, sum(float(h.double().mean()) for h in by_batch) / len(by_batch)),
        (D.value_not_class, 0.0),
        (D.column_meets_row, crossed / N),
        (D.evaluated_in_training_mode, sum(int(h.sum()) for h in hits(model, batches, training=True)) / N),
        (D.first_batch_only, float(by_batch[0].double().mean())),
        (D.last_batch_only, float(by_batch[-1].double().mean())),
        *((D.last_batch_only, value) for value in (int(by_batch[-1].sum()) / N, right / last)),
        (D.argmax_wrong_dim, flat / N),
        *((D.count_off_by_one, value) for value in off_by_one(right)),
    ]
    x, y = (torch.cat(parts) for parts in zip(*batches, strict=True))
    loader, seen = loader_of(attempt, x, y), watched(attempt, model.last_layer)
    for training in (True, False):
        attempt.keep(model.there.train, training)
        with explaining({D.argmax_wrong_dim: r"must match the size of tensor"}):
            found = attempt.evaluate(model.there, loader)
        recognise_number(expect(found, ACCURACY).number(), wrong)
        expect(found, ACCURACY).close_to(right / N, rtol=1e-5)
        fail_if(attempt.value(model.there.training) is not training, D.mode_not_restored)
    given = seen.get(model.last_layer)
    recorded = isinstance(given, tuple) and any(isinstance(v, torch.Tensor) and v.requires_grad for v in given)
    fail_if(recorded, D.graph_recorded)
