"""The hidden checks of exercise 06.

`train` and `accuracy` are given one linear layer with a sigmoid, so that a slip in Model costs nothing there.  A Model
is read layer by layer, whatever its widths, and computed again by formula; only the last check puts things together.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from dlex.kit import Attempt, Inputs, Remote, Text, Verdict, diagnoses, expect, explaining, fail_if

N, EPOCHS = 7, 4
REAL_TABLE, FEATURES = "diabetes.csv", 8
CUSTOMARY = [[1], [1, 4], [4], [4, 6], [6], [6, 8]]
CLOSE = {"rtol": 1e-4, "atol": 1e-6}
X, Y = Text(en="the x of the table", zh="表格的 x"), Text(en="the y of the table", zh="表格的 y")
OUTPUT = Text(en="the output of Model", zh="Model 的输出")
SHAPES = Text(en="the sorted list of the shapes of Model's parameters", zh="Model 各参数的形状（排序后）")
GRADIENT = Text(en="the gradient for the parameters of Model", zh="Model 各参数的梯度")
LOSSES = Text(en="the list of losses", zh="损失的列表")
FIRST_LOSS = Text(en="the loss of the first epoch", zh="第一轮的损失")
MOVED = Text(en="the way that weight and bias went in training", zh="训练中权重和偏置的变化量")
ACCURACY = Text(en="the accuracy", zh="准确率")

D = diagnoses(__file__)

MODEL_ERRORS = {D.sizes_do_not_fit: "mat1 and mat2 shapes", D.activation_ignored: r"__init__\(\) takes .* positional"}
Pair = tuple[torch.Tensor, torch.Tensor]
Function = Callable[[torch.Tensor], torch.Tensor]
ACTIVATIONS: dict[str, Function] = {"torch.relu": torch.relu, "torch.nn.Tanh": torch.tanh, "torch.nn.ELU": F.elu}


def close(actual: torch.Tensor, wanted: torch.Tensor) -> bool:
    """Whether two tensors agree up to rounding."""
    return actual.shape == wanted.shape and torch.allclose(actual, wanted, **CLOSE)


# ---- the table


def made_up_table(attempt: Attempt, rng: Inputs, n: int) -> tuple[str, torch.Tensor]:
    """A file of `n` rows in the attempt's folder, and its numbers as float32 (n, 9)."""
    labels = rng.permutation(n).remainder(2).double()[:, None]
    table = torch.cat([rng.uniform(n, FEATURES, low=-1, high=1, dtype=torch.float64), labels], dim=1)
    lines = [",".join(f"{value:.6g}" for value in row) for row in table.tolist()]
    path = attempt.write_file(f"table{rng.seed()}.csv", "".join(f"{line}\n" for line in lines).encode())
    return path, torch.tensor([[float(cell) for cell in line.split(",")] for line in lines])


def real_table(dataset: Callable[[str], Path]) -> tuple[str, torch.Tensor]:
    """The file of the course, and its numbers as float32 (768, 9)."""
    path = dataset(REAL_TABLE)
    return str(path), torch.from_numpy(np.loadtxt(path, delimiter=",", dtype=np.float32))


def loaded(attempt: Attempt, path: str) -> Pair:
    """What the learner's load_diabetes makes of a file."""
    x, y = expect(attempt.load_diabetes(path), "load_diabetes(path)").items(2)
    return expect(x, X).is_tensor(), expect(y, Y).is_tensor()


@pytest.mark.points(1)
@pytest.mark.public
def test_table_form(attempt: Attempt, rng: Inputs) -> None:
    """load_diabetes gives a pair: x float32 (N, 8) and y float32 (N, 1), whatever the number of rows.

    zh: load_diabetes 给出一对：x 为 float32 (N, 8)，y 为 float32 (N, 1)，行数不限。
    """
    for n in (rng.integer(20, 40), 2):
        x, y = loaded(attempt, made_up_table(attempt, rng, n)[0])
        widths = [value.shape[1] if value.dim() == 2 and len(value) == n else None for value in (x, y)]
        fail_if(widths[0] not in (8, None) or widths[1] not in (1, None), D.wrong_columns, Verdict.WRONG_SHAPE)
        expect(x, X).has_shape(n, 8, mistakes={D.first_row_lost: (n - 1, 8)})
        expect(y, Y).has_shape(n, 1, mistakes={D.label_without_dimension: (n,)})
        for value, what in ((x, X), (y, Y)):
            fail_if(value.dtype == torch.float64, D.float64_table, Verdict.WRONG_DTYPE)
            expect(value, what).close_to(value.float())  # its dtype


@pytest.mark.points(1)
def test_table_values(attempt: Attempt, rng: Inputs, dataset: Callable[[str], Path]) -> None:
    """x holds the first eight columns and y the last one, row by row as in the file.

    zh: x 是前八列，y 是最后一列，各行的顺序与文件一致。
    """
    for path, rows in (made_up_table(attempt, rng, rng.integer(20, 40)), real_table(dataset)):
        x, y, table = (value.double() for value in (*loaded(attempt, path), rows))
        expect(x, X).close_to(table[:, :-1], **CLOSE)
        fail_if(any(close(y, table[:, [k]]) for k in range(FEATURES)), D.wrong_columns)
        expect(y, Y).close_to(table[:, -1:], **CLOSE)


# ---- the model


def built(attempt: Attempt, x: torch.Tensor, *activation: Remote) -> tuple[Remote, torch.Tensor]:
    """A Model, and what it gives for `x`: lazy layers take their sizes from that."""
    with explaining(MODEL_ERRORS):
        model = attempt.Model(*activation)
        return model, expect(model(x), OUTPUT).is_tensor()


@dataclass(frozen=True)
class Layers:
    """The layers of a Model as they follow each other: where weight and bias lie among its parameters."""

    own: list[torch.Tensor]
    places: list[tuple[int, int]]

    @classmethod
    def of(cls, attempt: Attempt, model: Remote) -> Layers:
        """Those of `model`; fails unless there are two at least, and no other parameters."""
        own = list({p.identity: p.value.detach() for p in attempt.parameters(model)}.values())
        left, width, places, wanted = list(range(len(own))), FEATURES, [], []
        while weights := [i for i in left if own[i].dim() == 2 and own[i].shape[1] == width]:
            width = len(own[weights[0]])
            biases = [i for i in left if own[i].shape == (width,)]
            places += [(weights[0], bias) for bias in biases[:1]]
            wanted += [list(own[weights[0]].shape), [width]]
            left = [i for i in left if i not in (weights[0], *biases[:1])]
        expect(sorted([*p.shape] for p in own), SHAPES).equals(sorted(wanted) or CUSTOMARY)
        fail_if(len(places) == 1, D.only_linear)
        return cls(own, places)

    def drawn(self, rng: Inputs) -> Layers:
        """The same layers with other parameters, such that the numbers neither vanish nor grow."""
        stds = [1.5 * p.shape[1] ** -0.5 if p.dim() == 2 else 0.5 for p in self.own]
        return Layers([rng.normal(*p.shape, std=s) for p, s in zip(self.own, stds, strict=True)], self.places)

    def logits(self, x: torch.Tensor, activation: Function, bare: Sequence[int] = ()) -> torch.Tensor:
        """What the last layer gives, if there is no activation after the layers `bare`."""
        for i, (weight, bias) in enumerate(self.places):
            x = F.linear(x, self.own[weight], self.own[bias])
            x = x if i in bare or i == len(self.places) - 1 else activation(x)
        return x


def given(attempt: Attempt, rng: Inputs, x: torch.Tensor, *activation: Remote) -> tuple[Remote, Layers]:
    """A Model whose parameters were drawn anew, and its layers."""
    model, _ = built(attempt, x, *activation)
    layers = Layers.of(attempt, model).drawn(rng)
    attempt.load_parameters(model, layers.own)
    return model, layers


@pytest.mark.points(1)
@pytest.mark.public
def test_model_shape(attempt: Attempt, rng: Inputs) -> None:
    """Model gives one number for each sample: a column (N, 1), for N = 1 too.

    zh: Model 对每个样本给出一个数：形状为一列 (N, 1)，N = 1 时也一样。
    """
    for rows in (N, 1):
        x = rng.normal(rows, FEATURES)
        _, y = built(attempt, x)
        expect(y, OUTPUT).has_shape(rows, 1)
        expect(y, OUTPUT).close_to(y.float())  # its dtype


@pytest.mark.points(1)
def test_model_layers(attempt: Attempt, rng: Inputs) -> None:
    """Model has at least one hidden layer, and every layer is used once.

    zh: Model 至少有一个隐藏层，每个层都恰好使用一次。
    """
    x = rng.normal(N, FEATURES)
    model, _ = built(attempt, x)
    _, steps = attempt.trace(model, x)
    called = [step.path for step in steps if step.kind == "Linear"]
    fail_if(len(set(called)) < len(called), D.layer_reused)
    Layers.of(attempt, model)


@pytest.mark.points(1)
def test_model_value(attempt: Attempt, rng: Inputs) -> None:
    """With given weights and the sigmoid, Model computes the right probabilities, and gradients for every layer.

    zh: 给定权重、激活函数为 sigmoid 时，Model 算出正确的概率，每一层都得到正确的梯度。
    """
    x, upstream = rng.normal(N, FEATURES), rng.normal(N, 1)
    model, layers = given(attempt, rng, x)
    logits, y = layers.logits(x, torch.sigmoid), expect(model(x), OUTPUT).is_tensor()
    for bare in (range(len(layers.places)), *zip(range(len(layers.places) - 1))):
        fail_if(close(y, layers.logits(x, torch.sigmoid, bare).sigmoid()), D.only_linear)
    expect(y, OUTPUT).close_to(
        logits.sigmoid(),
        mistakes={
            D.no_sigmoid: logits,
            D.softmax_of_one: torch.ones(N, 1),
            D.activation_before_sigmoid: logits.sigmoid().sigmoid(),
        },
        **CLOSE,
    )
    found = attempt.gradients(model, x, upstream=upstream, module=model).parameters
    leaves = Layers([p.clone().requires_grad_() for p in layers.own], layers.places)
    wanted = torch.autograd.grad(leaves.logits(x, torch.sigmoid).sigmoid(), leaves.own, upstream)
    for gradient, right in zip(found, wanted, strict=True):
        expect(gradient, GRADIENT).close_to(right, verdict=Verdict.WRONG_GRADIENT, **CLOSE)


@pytest.mark.points(1)
def test_model_activation(attempt: Attempt, rng: Inputs) -> None:
    """Model(activation) uses it after each hidden layer, and still ends in a sigmoid.

    zh: Model(activation) 在每个隐藏层之后使用传入的激活函数，最后仍是 sigmoid。
    """
    x = rng.normal(N, FEATURES)
    for name, activation in ACTIVATIONS.items():
        there = attempt.library(name)
        model, layers = given(attempt, rng, x, there if name == "torch.relu" else there())
        logits = layers.logits(x, activation)
        expect(model(x), OUTPUT).close_to(
            logits.sigmoid(),
            mistakes={
                D.activation_ignored: layers.logits(x, torch.sigmoid).sigmoid(),
                D.activation_at_end: activation(logits),
                D.activation_before_sigmoid: activation(logits).sigmoid(),
                D.no_sigmoid: logits,
            },
            **CLOSE,
        )


# ---- training


@dataclass(frozen=True)
class Task:
    """Samples, and where training begins: a weight (1, features) and a bias (1,)."""

    x: torch.Tensor
    y: torch.Tensor
    start: list[torch.Tensor]

    @classmethod
    def drawn(cls, rng: Inputs) -> Task:
        """A task with several features, in float64, and labels 1, 0, 0, 1, 0, 0, 1 in some order."""
        x, weight, bias = (rng.normal(*shape, dtype=torch.float64) for shape in ((N, 3), (1, 3), (1,)))
        y = rng.permutation(N).remainder(3) == 0
        return cls(x, y.double()[:, None], [weight / 2, bias / 2])

    def model(self, attempt: Attempt) -> Remote:
        """A linear layer with a sigmoid in the attempt process, which begins there."""
        linear = attempt.library("torch.nn.Linear")(self.x.shape[1], 1, dtype=self.x.dtype)
        attempt.load_parameters(linear, self.start)
        return attempt.keep(attempt.library("torch.nn.Sequential"), linear, attempt.library("torch.nn.Sigmoid")())

    def probability(self, weight: torch.Tensor, bias: torch.Tensor) -> torch.Tensor:
        """What the model gives with some parameters."""
        return F.linear(self.x, weight, bias).sigmoid()

    def descend(
        self, epochs: int, lr: float, *, keep: float = 0.0, loss: Any = F.binary_cross_entropy
    ) -> tuple[list[float], torch.Tensor]:
        """The loss before each update, and the parameters in the end; `keep` is how much of an old step goes on."""
        return descend(self.start, lambda p: loss(self.probability(*p), self.y), epochs, lr, keep)


def descend(
    start: list[torch.Tensor], loss: Callable[[list[torch.Tensor]], torch.Tensor], epochs: int, lr: float, keep: float
) -> tuple[list[float], torch.Tensor]:
    """Gradient descent, with a momentum of `keep`."""
    at, velocity, losses = start, [torch.zeros_like(p) for p in start], []
    for _ in range(epochs):
        leaves = [p.detach().requires_grad_() for p in at]
        value = loss(leaves)
        losses.append(value.item())
        velocity = [keep * v + g for v, g in zip(velocity, torch.autograd.grad(value, leaves), strict=True)]
        at = [p - lr * v for p, v in zip(leaves, velocity, strict=True)]
    return losses, torch.cat([p.detach().flatten() for p in at])


def trained(attempt: Attempt, model: Remote, samples: Pair, epochs: int, lr: float) -> torch.Tensor:
    """The losses that the learner's train returns."""
    came = attempt.train(model, *samples, epochs, lr)
    each = came if isinstance(came, (list, tuple)) else [came]
    fail_if(any(isinstance(v, torch.Tensor) and v.requires_grad for v in each), D.loss_tensors)
    return expect(came, LOSSES).numbers(epochs)


@pytest.mark.points(1)
@pytest.mark.public
def test_train_losses(attempt: Attempt, rng: Inputs) -> None:
    """train gives a list with one number for each epoch, and begins with the mean loss before any update.

    zh: train 返回一个列表，每一轮一个数，第一个是更新之前的平均损失。
    """
    task, lr = Task.drawn(rng), rng.number(0.4, 0.8)
    losses = trained(attempt, task.model(attempt), (task.x, task.y), EPOCHS, lr)
    first, second = task.descend(2, lr)[0]
    wrong = {
        D.sigmoid_twice: task.descend(1, lr, loss=F.binary_cross_entropy_with_logits)[0][0],
        D.loss_after_update: second,
    }
    expect(losses[0].item(), FIRST_LOSS).close_to(first, mistakes=wrong, sizes={"N": N}, **CLOSE)


@pytest.mark.points(1)
def test_train_updates(attempt: Attempt, rng: Inputs) -> None:
    """Each epoch moves the parameters of the given model by -lr times the gradient of the mean loss.

    zh: 每一轮都让传入的模型的参数移动 -lr 乘以平均损失的梯度。
    """
    task = Task.drawn(rng)
    start = torch.cat([p.flatten() for p in task.start])
    for epochs, lr in ((1, rng.number(0.4, 0.5)), (EPOCHS, rng.number(0.7, 0.8))):
        model = task.model(attempt)
        losses = trained(attempt, model, (task.x, task.y), epochs, lr)
        after = torch.cat([p.value.detach().flatten() for p in attempt.parameters(model)])
        fail_if(torch.equal(after, start), D.never_updates)
        (wanted, end), (_, piled) = (task.descend(epochs, lr, keep=keep) for keep in (0.0, 1.0))
        wrong = {D.not_zeroed: piled - start} if epochs > 1 else {}
        expect(after - start, MOVED).close_to(end - start, mistakes=wrong, sizes={"N": N}, **CLOSE)
        expect(losses, LOSSES).close_to(wanted, **CLOSE)


# ---- accuracy


@pytest.mark.points(1)
def test_accuracy(attempt: Attempt, rng: Inputs) -> None:
    """accuracy is the share of samples in the right class, from 0 to 1, for a single sample too.

    zh: accuracy 是判对的样本所占的比例，在 0 到 1 之间，只有一个样本时也一样。
    """
    # Four of eleven logits are positive, one just so; a label is wrong in one of these and in two of the others.
    order = rng.permutation(11)
    logits = torch.tensor([0.04, 0.6, 1.4, 2.8, -0.04, -0.3, -0.7, -1.1, -1.9, -2.5, -3.1])[order, None].double()
    y = torch.tensor([1.0, 1, 0, 1, 0, 0, 1, 0, 0, 1, 0])[order, None].double()
    w, rest, bias = rng.uniform(1, 3, low=0.5, high=1.5).double(), rng.normal(11, 2).double(), rng.normal(1).double()
    x = torch.cat([(logits - rest @ w[:, 1:].T - bias) / w[:, :1], rest], dim=1)
    model = Task(x, y, [w, bias]).model(attempt)
    predicted = (logits > 0).double()
    right, crossed = int((predicted == y).sum()), int((predicted == y.T).sum())
    found = attempt.accuracy(model, x, y)
    value = expect(found, ACCURACY).number()
    fail_if(any(abs(value - crossed / k) < 1e-4 for k in (1, 11, 121)), D.broadcast_comparison)
    fail_if(any(abs(value - share) < 1e-4 for share in (5 / 11, 6 / 11)), D.one_class)
    wrong = {D.count_not_share: float(right), D.no_threshold: 0.0, D.wrong_side: 1 - right / 11}
    expect(value, ACCURACY).close_to(right / 11, mistakes=wrong, **CLOSE)
    for i in range(11):
        one = attempt.accuracy(model, x[i : i + 1], y[i : i + 1])
        expect(one, ACCURACY).close_to(float(predicted[i] == y[i]), **CLOSE)


@pytest.mark.points(1)
def test_together(attempt: Attempt, rng: Inputs, dataset: Callable[[str], Path]) -> None:
    """On the real table, train leads a Model where gradient descent leads, and accuracy agrees.

    zh: 在真实数据上，train 把 Model 带到梯度下降应到的位置，accuracy 也与之相符。
    """
    table = real_table(dataset)[1]
    x, y = table[:, :-1], table[:, -1:]
    model, layers = given(attempt, rng, x, attempt.library("torch.relu"))
    losses = trained(attempt, model, (x, y), 5, lr := rng.number(0.1, 0.2))

    def loss(own: list[torch.Tensor]) -> torch.Tensor:
        return F.binary_cross_entropy(Layers(own, layers.places).logits(x, torch.relu).sigmoid(), y)

    expect(losses, LOSSES).close_to(descend(layers.own, loss, 5, lr, 0.0)[0], rtol=1e-3)
    right = (Layers.of(attempt, model).logits(x, torch.relu) > 0) == y
    expect(attempt.accuracy(model, x, y), ACCURACY).close_to(right.double().mean().item(), atol=0.01)
