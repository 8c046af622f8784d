"""The hidden checks of exercise 12.

Time, batch and width always differ, so that no two axes can be taken for one another.  Weights are handed
over by shape and order of registration, and the judge unrolls the network by itself.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import pytest
import torch
from torch.nn import functional as F

from dlex.kit import Attempt, Diagnosis, Inputs, Remote, Text, Verdict, diagnoses, expect, explaining, fail, fail_if
from dlex.kit.families import RECURRENT
from dlex.protocol.failure import CheckFailure
from dlex.protocol.result import Comparison

LETTERS = "ehlo"
SEQ, BATCH, INPUT, HIDDEN = 5, 3, 6, 7
EMBEDDING, WIDTH, CLASSES, DEPTH = 10, 8, 4, 2  # the sizes that the stub defines
CELL_SHAPES = [(HIDDEN, INPUT), (HIDDEN, HIDDEN), (HIDDEN,), (HIDDEN,)]
RATE = 0.07  # no learning rate of the course

STEP = Text(en="the next hidden state", zh="下一个隐藏状态")
START = Text(en="the result of init_hidden", zh="init_hidden 的结果")
CELL = Text(en="the output of RNNCellModel", zh="RNNCellModel 的输出")
RNN = Text(en="the output of RNNModel", zh="RNNModel 的输出")
EMBEDDED = Text(en="the output of EmbeddingModel", zh="EmbeddingModel 的输出")
SHAPES = Text(en="the list of parameter shapes", zh="参数形状的列表")
LOSSES = Text(en="the list of losses", zh="损失的列表")
TRAINED = Text(en="a weight after training", zh="训练后的权重")

D = diagnoses(__file__)

STARTING = {
    D.axes_swapped: rf"Expected hidden size \(\d+, {SEQ}, \d+\)",
    D.start_shape: r"Expected hidden size|hx should also be|hidden0 batch size|inconsistent hidden_size",
}
LOOPING = {
    D.loss_item: r"'(float|int)' object has no attribute 'backward'|does not require grad",
    D.axes_swapped: rf"Input batch size {SEQ} doesn't match|to match target batch_size \({SEQ}\)",
}
AGAIN = r"second time|modified by an inplace operation"
MISFIT = r"shapes cannot be multiplied|size mismatch"


@dataclass(frozen=True)
class Layer:
    """The weights of one recurrent layer."""

    w_ih: torch.Tensor
    w_hh: torch.Tensor
    b_ih: torch.Tensor
    b_hh: torch.Tensor

    def __iter__(self) -> Iterator[torch.Tensor]:
        return iter((self.w_ih, self.w_hh, self.b_ih, self.b_hh))

    def total(self, x: torch.Tensor, h: torch.Tensor) -> torch.Tensor:
        """What the cell adds up, before tanh."""
        return x @ self.w_ih.T + self.b_ih + h @ self.w_hh.T + self.b_hh


def unroll(inputs: torch.Tensor, layers: Sequence[Layer], start: float = 0.0) -> torch.Tensor:
    """The hidden states of the last layer (time, batch, hidden), for inputs (time, batch, input)."""
    for layer in layers:
        h = inputs.new_full((inputs.shape[1], layer.b_hh.shape[0]), start)
        states = []
        for x in inputs:
            h = torch.tanh(layer.total(x, h))
            states.append(h)
        inputs = torch.stack(states)
    return inputs


def rows(values: torch.Tensor) -> torch.Tensor:
    """(a, b, width) as (a * b, width)."""
    return values.reshape(-1, values.shape[-1])


def swap(values: torch.Tensor) -> torch.Tensor:
    """Time and batch exchanged."""
    return values.transpose(0, 1)


def which(actual: Any, *wrong: torch.Tensor) -> torch.Tensor:
    """The one of several wrong values of one misconception that `actual` equals, else the first."""
    known = actual.detach() if isinstance(actual, torch.Tensor) else torch.empty(0)
    return next((w for w in wrong if known.shape == w.shape and torch.allclose(known.to(w), w, 1e-4, 1e-5)), wrong[0])


def rnn_shapes(width: int, hidden: int, depth: int) -> list[tuple[int, ...]]:
    """The parameter shapes of an nn.RNN, sorted."""
    first = [(hidden, width), (hidden, hidden), (hidden,), (hidden,)]
    return sorted(first + (depth - 1) * [(hidden, hidden), (hidden, hidden), (hidden,), (hidden,)])


def loaded(
    attempt: Attempt, module: Remote, rng: Inputs, shapes: list[tuple[int, ...]], mistakes: dict | None = None
) -> list[torch.Tensor]:
    """Random weights for a module that has parameters of these shapes, in its order."""
    own = attempt.parameters(module)
    found = sorted(tuple(p.value.shape) for p in own)
    expect(found, SHAPES).equals(shapes, mistakes=(mistakes or {}) | shape_mistakes(found, shapes))
    values = {p.name: rng.normal(*p.value.shape, std=0.4) for p in own}
    attempt.load_parameters(module, values)
    return list(values.values())


def shape_mistakes(
    found: list[tuple[int, ...]], wanted: list[tuple[int, ...]]
) -> dict[Diagnosis, list[tuple[int, ...]]]:
    """What wrong parameter shapes say, as the mistake that gives just these."""
    hidden = max(shape[0] for shape in wanted)
    gated = [sorted((n * s[0], *s[1:]) if s[0] == hidden else s for s in wanted) for n in (3, 4)]
    if Counter(found) < Counter(wanted):
        return {D.part_missing: found}
    if found in gated:
        return {D.wrong_cell: found}
    if len(found) == len(wanted):
        return {D.wrong_sizes: found}
    more = len(found) - len(wanted)
    return {D.too_many_layers: found} if more > 0 and more % 4 == 0 else {}  # a layer has four


def cut_otherwise(found: Any, count: int) -> tuple[int, ...]:
    """The shape of what came if it holds just as many values, else one that nothing has."""
    return tuple(found.shape) if isinstance(found, torch.Tensor) and found.numel() == count else (-1,)


def layers_of(values: Sequence[torch.Tensor]) -> list[Layer]:
    """The recurrent layers that weights in their order of registration make up."""
    matrices, biases = ([v for v in values if v.dim() == n] for n in (2, 1))
    parts = zip(matrices[::2], matrices[1::2], biases[::2], biases[1::2], strict=True)
    return [Layer(*part) for part in parts]


def cell_model(attempt: Attempt, rng: Inputs) -> tuple[Remote, Layer]:
    """An RNNCellModel with random weights."""
    model = attempt.RNNCellModel(INPUT, HIDDEN, BATCH)
    return model, layers_of(loaded(attempt, model, rng, rnn_shapes(INPUT, HIDDEN, 1)))[0]


def expect_fresh(model: Remote, x: torch.Tensor, right: torch.Tensor, what: Text) -> torch.Tensor:
    """The output for `x`, if a second call gives the same."""
    first, second = (expect(model(x), what).is_tensor() for _ in range(2))
    if not torch.equal(first.nan_to_num(), second.nan_to_num()):
        known = first.shape == right.shape and torch.allclose(first.to(right), right, 1e-4, 1e-5)
        fail(D.state_kept if known else D.nonzero_start)
    return first


def spelled(word: str, alphabet: Sequence[str]) -> list[int]:
    """The indices of a word's letters in an alphabet."""
    return [list(alphabet).index(letter) for letter in word]


def has_floats(value: Any) -> bool:
    """Whether indices came as floating-point numbers."""
    if isinstance(value, torch.Tensor):
        return value.is_floating_point()
    return isinstance(value, (list, tuple)) and any(isinstance(v, float) for v in value)


@pytest.mark.points(1)
@pytest.mark.public
def test_encode(attempt: Attempt, rng: Inputs) -> None:
    """encode turns letters into indices of idx2char, and refuses a letter that is not there.

    zh: encode 把字母变成在 idx2char 中的索引，并拒绝其中没有的字符。
    """
    random = "".join(LETTERS[i] for i in rng.integers(9, high=4))
    for word in ("hello", "ohlol", random, "l", ""):
        what = Text(en=f'encode("{word}")', zh=f'encode("{word}") ')
        found = attempt.encode(word)
        # Sorted, the letters of "hello" happen to be the course's dictionary; as they appear they are not.
        own = list(dict.fromkeys(word)) if word == "hello" else sorted(set(word))
        expect(found, what).close_to(
            spelled(word, LETTERS),
            mistakes={D.heloo: [1, 0, 2, 3, 3], D.dictionary_from_text: spelled(word, own)},
        )
        fail_if(word != "" and has_floats(found), D.float_indices, Verdict.WRONG_DTYPE)
    try:
        attempt.encode("help")
    except CheckFailure as failure:
        if failure.finding.verdict is not Verdict.RAISED:
            raise
    else:
        fail(D.unknown_character)


@pytest.mark.points(1)
@pytest.mark.public
def test_step_value(attempt: Attempt, rng: Inputs) -> None:
    """rnn_cell_step equals nn.RNNCell, step after step.

    zh: rnn_cell_step 与 nn.RNNCell 一致，每一步都如此。
    """
    (layer,) = layers_of([rng.normal(*s, dtype=torch.float64, std=0.5) for s in CELL_SHAPES])
    for batch in (BATCH, 1):
        h = rng.normal(batch, HIDDEN, dtype=torch.float64)
        for x in rng.normal(3, batch, INPUT, dtype=torch.float64):
            with explaining({D.untransposed_weights: MISFIT}):
                found = attempt.rnn_cell_step(x, h, *layer)
            mistakes = step_mistakes(found, layer, x, h)
            h = torch.tanh(layer.total(x, h))
            expect(found, STEP).close_to(h, mistakes=mistakes)


def step_mistakes(found: Any, layer: Layer, x: torch.Tensor, h: torch.Tensor) -> dict[Diagnosis, torch.Tensor]:
    """What wrong steps give."""
    total = layer.total(x, h)
    return {
        D.missing_tanh: which(found, total, total.relu(), total.sigmoid()),
        D.untransposed_weights: torch.tanh(total + h @ layer.w_hh - h @ layer.w_hh.T),
        D.missing_bias: which(
            found,
            *(torch.tanh(total - b) for b in (layer.b_hh, layer.b_ih)),
            *(torch.tanh(total + n * (layer.b_hh - layer.b_ih)) for n in (-1, 1)),  # one of them twice
        ),
        D.hidden_ignored: which(found, *(torch.tanh(layer.total(x, 0 * h) - n * layer.b_hh) for n in (0, 1))),
        D.input_ignored: which(found, *(torch.tanh(layer.total(0 * x, h) - n * layer.b_ih) for n in (0, 1))),
        D.softmax_before_loss: which(found, *softmaxes(torch.tanh(total))),
    }


def softmaxes(scores: torch.Tensor) -> list[torch.Tensor]:
    """The softmax, its logarithm, and the softmax over the wrong dimension."""
    return [scores.softmax(-1), scores.log_softmax(-1), scores.softmax(0)]


@pytest.mark.points(1)
def test_step_gradient(attempt: Attempt, rng: Inputs) -> None:
    """rnn_cell_step is written by hand, and its gradient reaches the input, the hidden state and the weights.

    zh: rnn_cell_step 由手写完成，梯度能传到输入、隐藏状态和各个权重。
    """
    names = ["x", "h", "w_ih", "w_hh", "b_ih", "b_hh"]
    shapes = [(BATCH, INPUT), (BATCH, HIDDEN), *CELL_SHAPES]
    given = [rng.normal(*s, dtype=torch.float64, std=0.5).requires_grad_() for s in shapes]
    upstream = rng.normal(BATCH, HIDDEN, dtype=torch.float64)
    right = torch.rnn_tanh_cell(*given)
    with explaining({D.untransposed_weights: MISFIT, D.graph_cut: r"Can't call numpy\(\)"}):
        seen = attempt.observe(attempt.rnn_cell_step, *given)
    mistakes = step_mistakes(seen.value, Layer(*given[2:]), *given[:2])
    expect(seen.value, STEP).close_to(right, mistakes=mistakes)
    fail_if(RECURRENT.found_in(seen.ops), D.not_by_hand, Verdict.FORBIDDEN_OP)
    found = attempt.gradients(attempt.rnn_cell_step, *given, wrt=range(6), upstream=upstream)
    fail_if(any(g is None for g in found.inputs), D.graph_cut, Verdict.NO_GRADIENT)
    wanted = torch.autograd.grad((right * upstream).sum(), given)
    for name, got, gradient in zip(names, found.inputs, wanted, strict=True):
        what = Text(en=f"the gradient of `{name}`", zh=f"`{name}` 的梯度")
        expect(got, what).close_to(gradient, verdict=Verdict.WRONG_GRADIENT)


@pytest.mark.points(1)
@pytest.mark.public
def test_cell_model(attempt: Attempt, rng: Inputs) -> None:
    """RNNCellModel begins with zeros and makes one step of its cell at a time.

    zh: RNNCellModel 从零开始，每次执行 RNN Cell 的一步。
    """
    model, layer = cell_model(attempt, rng)
    start = expect(model.init_hidden(), START).is_tensor()
    expect(start, START).has_shape(BATCH, HIDDEN, mistakes={D.start_shape: start.shape})
    fail_if(bool(start.any()), D.nonzero_start)
    expect(start, START).close_to(torch.zeros(BATCH, HIDDEN))
    h = torch.zeros(BATCH, HIDDEN)
    for x in rng.normal(3, BATCH, INPUT):
        found = model(x, h)
        mistakes = step_mistakes(found, layer, x, h)
        h = torch.tanh(layer.total(x, h))
        expect(found, CELL).close_to(h, mistakes=mistakes)


@pytest.mark.points(0.5)
@pytest.mark.public
def test_rnn_shape(attempt: Attempt, rng: Inputs) -> None:
    """RNNModel gives one row for each character of each sample, with one layer or two.

    zh: 无论一层还是两层，RNNModel 对每个样本的每个字符给出一行。
    """
    for batch, depth in ((BATCH, 1), (1, 1), (BATCH, 2)):
        model = attempt.RNNModel(INPUT, HIDDEN, batch, depth)
        mistakes = {D.layers_ignored: rnn_shapes(INPUT, HIDDEN, 1)}
        loaded(attempt, model, rng, rnn_shapes(INPUT, HIDDEN, depth), mistakes)
        with explaining(STARTING):
            found = model(rng.normal(SEQ, batch, INPUT))
        wrong = {
            D.not_flattened: (SEQ, batch, HIDDEN),
            D.last_step_only: (batch, HIDDEN),
            D.row_width: cut_otherwise(found, SEQ * batch * HIDDEN),
        }
        expect(found, RNN).has_shape(SEQ * batch, HIDDEN, mistakes=wrong)
    model = attempt.RNNModel(INPUT, HIDDEN, BATCH)
    expect(model(rng.normal(SEQ, BATCH, INPUT)), RNN).has_shape(SEQ * BATCH, HIDDEN)


@pytest.mark.points(1)
def test_rnn_values(attempt: Attempt, rng: Inputs) -> None:
    """RNNModel carries each sample through time, from zeros, and keeps the rows in the order of the labels.

    zh: RNNModel 从零开始沿时间处理每个样本，各行的顺序与标签一致。
    """
    for depth in (1, 2):
        model = attempt.RNNModel(INPUT, HIDDEN, BATCH, depth)
        layers = layers_of(loaded(attempt, model, rng, rnn_shapes(INPUT, HIDDEN, depth)))
        x = rng.normal(SEQ, BATCH, INPUT)
        states = unroll(x, layers)
        with explaining(STARTING):
            found = expect_fresh(model, x, rows(states), RNN)
        mixed = unroll(x.reshape(BATCH, SEQ, INPUT).transpose(0, 1), layers)
        expect(found, RNN).close_to(
            rows(states),
            mistakes={
                D.rows_in_other_order: rows(swap(states)),
                D.axes_swapped: which(found, rows(swap(unroll(swap(x), layers))), rows(unroll(swap(x), layers))),
                D.view_for_transpose: which(found, rows(swap(mixed)), rows(mixed)),
                D.softmax_before_loss: which(found, *softmaxes(rows(states))),
                D.nonzero_start: rows(unroll(x, layers, start=1.0)),
                D.hidden_not_carried: rows(torch.stack([unroll(row[None], layers)[0] for row in x])),
            },
        )


@pytest.mark.points(0.5)
def test_rnn_gradient(attempt: Attempt, rng: Inputs) -> None:
    """In RNNModel the gradient flows back through time, from the last character to the first.

    zh: RNNModel 中梯度沿时间从最后一个字符反向传播到第一个字符。
    """
    model = attempt.RNNModel(INPUT, HIDDEN, BATCH, 2)
    weights = loaded(attempt, model, rng, rnn_shapes(INPUT, HIDDEN, 2))
    x, upstream = rng.normal(SEQ, BATCH, INPUT), rng.normal(SEQ * BATCH, HIDDEN)
    leaves = [v.clone().requires_grad_() for v in (x, *weights)]
    wanted = torch.autograd.grad((rows(unroll(leaves[0], layers_of(leaves[1:]))) * upstream).sum(), leaves)
    with explaining(STARTING):
        expect(model(x), RNN).has_shape(SEQ * BATCH, HIDDEN)
        found = attempt.gradients(model, x, upstream=upstream, module=model)
    gradients = [*found.inputs, *found.parameters]
    fail_if(any(g is None for g in gradients), D.graph_cut, Verdict.NO_GRADIENT)
    for got, right in zip(gradients, wanted, strict=True):
        expect(got, Text(en="a gradient of RNNModel", zh="RNNModel 的某个梯度")).close_to(
            right, verdict=Verdict.WRONG_GRADIENT
        )


def embedding_shapes(depth: int) -> list[tuple[int, ...]]:
    """The parameter shapes of EmbeddingModel, sorted."""
    outer = [(4, EMBEDDING), (CLASSES, WIDTH), (CLASSES,)]
    return sorted(outer + rnn_shapes(EMBEDDING, WIDTH, depth))


def embedding_parts(
    values: Sequence[torch.Tensor],
) -> tuple[torch.Tensor, list[Layer], torch.Tensor, torch.Tensor]:
    """The table, the recurrent layers, and the weight and bias of the linear layer."""
    table, weight, bias = (
        next(v for v in values if v.shape == shape) for shape in ((4, EMBEDDING), (CLASSES, WIDTH), (CLASSES,))
    )
    return table, layers_of([v for v in values if WIDTH in v.shape and v is not weight]), weight, bias


@pytest.mark.points(0.5)
@pytest.mark.public
def test_embedding_shape(attempt: Attempt, rng: Inputs) -> None:
    """EmbeddingModel has its three parts, and gives four logits for each character, whatever the batch size.

    zh: EmbeddingModel 由三部分组成，不论批次多大，对每个字符给出四个 logits。
    """
    model = attempt.EmbeddingModel()
    loaded(attempt, model, rng, embedding_shapes(DEPTH), {D.layers_ignored: embedding_shapes(1)})
    for batch in (BATCH, 1):
        with explaining(STARTING):
            found = model(rng.integers(batch, SEQ, high=4))
        last = cut_otherwise(found, DEPTH * batch * CLASSES)  # of both layers
        wrong = {
            D.not_flattened: (batch, SEQ, CLASSES),
            D.last_step_only: last if last[-1] == CLASSES else (batch, CLASSES),
            D.row_width: cut_otherwise(found, batch * SEQ * CLASSES),
        }
        expect(found, EMBEDDED).has_shape(batch * SEQ, CLASSES, mistakes=wrong)


@pytest.mark.points(1)
def test_embedding_values(attempt: Attempt, rng: Inputs) -> None:
    """EmbeddingModel looks vectors up and runs along time; repeated letters add up in the table's gradient.

    zh: EmbeddingModel 查出向量并沿时间计算；重复出现的字母在嵌入表的梯度中累加。
    """
    model = attempt.EmbeddingModel()
    weights = [v.requires_grad_() for v in loaded(attempt, model, rng, embedding_shapes(DEPTH))]
    table, layers, weight, bias = embedding_parts(weights)
    x = torch.tensor([[1, 0, 2, 2, 3], [2, 2, 1, 3, 0], [3, 1, 1, 0, 2]])[rng.permutation(BATCH)]

    def logits(states: torch.Tensor) -> torch.Tensor:
        return rows(states @ weight.T + bias)

    vectors = table[x]
    states = swap(unroll(swap(vectors), layers))
    right = logits(states)
    with explaining(STARTING):
        found = expect_fresh(model, x, right.detach(), EMBEDDED)
    along, mixed = unroll(vectors, layers), unroll(vectors.reshape(SEQ, BATCH, EMBEDDING), layers)
    expect(found, EMBEDDED).close_to(
        right,
        mistakes={
            D.rows_in_other_order: logits(swap(states)),
            D.axes_swapped: which(found, logits(along), logits(swap(along))),
            D.view_for_transpose: which(found, logits(mixed), logits(swap(mixed))),
            D.softmax_before_loss: which(found, *softmaxes(right)),
            D.nonzero_start: logits(swap(unroll(swap(vectors), layers, start=1.0))),
        },
    )
    upstream = rng.normal(BATCH * SEQ, CLASSES)
    given = attempt.gradients(model, x, wrt=(), upstream=upstream, module=model)
    fail_if(any(g is None for g in given.parameters), D.graph_cut, Verdict.NO_GRADIENT)
    gradients = torch.autograd.grad((right * upstream).sum(), weights)
    for got, wanted in zip(given.parameters, gradients, strict=True):
        expect(got, Text(en="a gradient of EmbeddingModel", zh="EmbeddingModel 的某个梯度")).close_to(
            wanted, verdict=Verdict.WRONG_GRADIENT
        )


def sequence(rng: Inputs) -> tuple[torch.Tensor, torch.Tensor]:
    """One-hot inputs (SEQ, BATCH, INPUT) and labels (SEQ, BATCH), in which letters repeat."""
    letters, labels = (rng.integers(SEQ, BATCH, high=n) for n in (INPUT, HIDDEN))
    return F.one_hot(letters, INPUT).float(), labels


def character_losses(
    layer: Sequence[torch.Tensor],
    inputs: torch.Tensor,
    labels: torch.Tensor,
    *,
    hidden: torch.Tensor,
    carry: Callable[[torch.Tensor], torch.Tensor] = lambda h: h,
    scores: Callable[[torch.Tensor], torch.Tensor] = lambda h: h,
) -> tuple[list[torch.Tensor], torch.Tensor]:
    """The loss of each character, and the last hidden state; the keywords make wrong variants."""
    losses = []
    for x, y in zip(inputs, labels, strict=True):
        hidden = torch.rnn_tanh_cell(x, carry(hidden), *layer)
        losses.append(F.cross_entropy(scores(hidden), y))
    return losses, hidden


def trained(
    layer: Layer,
    inputs: torch.Tensor,
    labels: torch.Tensor,
    epochs: int,
    *,
    carry: Callable[[torch.Tensor], torch.Tensor] = lambda h: h,
    objective: Callable[[list[torch.Tensor]], torch.Tensor] = sum,
    clear: bool = True,
    keep_hidden: bool = False,
    keep_moments: bool = True,
    rate: float = RATE,
) -> tuple[list[float], list[torch.Tensor]]:
    """The loss of each epoch and the weights after the last; the keywords make wrong variants."""
    weights = [w.clone().requires_grad_() for w in layer]
    gradients = [torch.zeros_like(w) for w in layer]
    hidden, moments = torch.zeros(BATCH, HIDDEN), Moments()
    history = []
    for _ in range(epochs):
        start = hidden.detach() if keep_hidden else torch.zeros(BATCH, HIDDEN)
        losses, hidden = character_losses(weights, inputs, labels, hidden=start, carry=carry)
        fresh = torch.autograd.grad(objective(losses), weights)
        gradients = [g if clear else g + old for g, old in zip(fresh, gradients, strict=True)]
        moments = moments if keep_moments else Moments()
        with torch.no_grad():
            for weight, change in zip(weights, moments.step(gradients), strict=True):
                weight -= rate * change
        history.append(sum(losses).item())
    return history, [w.detach() for w in weights]


class Moments:
    """What Adam keeps.  Written out, because the first optimizer of a process takes torch 0.7 s to make."""

    def __init__(self) -> None:
        self.first: list[Any] = [0, 0, 0, 0]
        self.second: list[Any] = [0, 0, 0, 0]
        self.steps = 0

    def step(self, gradients: Sequence[torch.Tensor]) -> list[torch.Tensor]:
        """By how much each weight changes, for a learning rate of 1."""
        self.steps += 1
        self.first = [0.9 * m + 0.1 * g for m, g in zip(self.first, gradients, strict=True)]
        self.second = [0.999 * v + 0.001 * g * g for v, g in zip(self.second, gradients, strict=True)]
        scale, spread = 1 - 0.9**self.steps, 1 - 0.999**self.steps
        pairs = zip(self.first, self.second, strict=True)
        return [m / scale / ((v / spread).sqrt() + 1e-8) for m, v in pairs]


def run_train(
    attempt: Attempt, model: Remote, inputs: torch.Tensor, labels: torch.Tensor, epochs: int, lr: float
) -> Any:
    """What train returns.  A graph that is used twice within one epoch is used by two characters."""
    with explaining({D.backward_in_loop if epochs == 1 else D.hidden_outside_epochs: AGAIN, **LOOPING}):
        losses = attempt.train(model, inputs, labels, epochs=epochs, lr=lr)
    if isinstance(losses, (list, tuple)) and len(losses) != epochs:
        comparison = Comparison(expected=f"({epochs},)", actual=f"({len(losses)},)")
        fail(D.epochs_miscounted, Verdict.WRONG_SHAPE, comparison)
    return losses


def each_backward(losses: list[torch.Tensor]) -> torch.Tensor:
    """What is differentiated when the growing sum is sent backward after every character."""
    return sum((len(losses) - t) * loss for t, loss in enumerate(losses))


@pytest.mark.points(1)
def test_train_loss(attempt: Attempt, rng: Inputs) -> None:
    """The first loss of train is the sum over the characters, from known weights.

    zh: 给定权重，train 的第一个损失等于各字符损失之和。
    """
    model, layer = cell_model(attempt, rng)
    inputs, labels = sequence(rng)
    losses = run_train(attempt, model, inputs, labels, 1, RATE)
    zeros = torch.zeros(BATCH, HIDDEN)

    def total(labels: torch.Tensor = labels, **variant: Any) -> float:
        parts, _ = character_losses(layer, inputs[: len(labels)], labels, hidden=zeros, **variant)
        return sum(parts).item()

    first = expect(losses, LOSSES).numbers(1)
    parts, _ = character_losses(layer, inputs, labels, hidden=zeros)
    softened = [total(scores=lambda h, n=n: softmaxes(h)[n]) for n in range(3)]
    shifted = [total(wrong) for wrong in (labels[1:], labels.roll(-1, 0))]
    expect(first, LOSSES).close_to(
        [total()],
        mistakes={
            D.mean_loss: [total() / SEQ],
            D.last_character_only: parts[-1:],
            D.hidden_not_carried: [total(carry=torch.zeros_like)],
            D.softmax_before_loss: which(first, *(torch.tensor([loss]) for loss in softened)),
            D.shifted_target: which(first, *(torch.tensor([loss]) for loss in shifted)),
        },
        sizes={"batch": BATCH, "seq": SEQ},
        rtol=1e-4,
        atol=1e-5,
    )


@pytest.mark.points(1)
def test_train_steps(attempt: Attempt, rng: Inputs) -> None:
    """Four epochs of train give the losses and the weights that Adam gives, from known weights.

    zh: 给定权重，train 的四个 epoch 得到与 Adam 一致的损失和权重。
    """
    model, layer = cell_model(attempt, rng)
    inputs, labels = sequence(rng)
    run_train(attempt, cell_model(attempt, rng)[0], inputs, labels, 1, RATE)
    losses = run_train(attempt, model, inputs, labels, 4, RATE)
    right, weights = trained(layer, inputs, labels, 4)

    def losses_of(**variant: Any) -> list[float]:
        return trained(layer, inputs, labels, 4, **variant)[0]

    said = expect(losses, LOSSES).numbers(4)
    expect(said, LOSSES).close_to(
        right,
        mistakes={
            D.missing_step: [right[0]] * 4,
            D.missing_zero_grad: lambda: losses_of(clear=False),
            D.hidden_outside_epochs: lambda: losses_of(keep_hidden=True),
            D.hidden_detached: lambda: losses_of(carry=torch.Tensor.detach),
            D.backward_in_loop: lambda: losses_of(objective=each_backward),
            D.last_character_only: lambda: losses_of(objective=lambda parts: parts[-1]),
            D.optimizer_in_loop: lambda: losses_of(keep_moments=False),
            # Adam's own, and those of the course
            D.rate_ignored: lambda: which(said, *(torch.tensor(losses_of(rate=r)) for r in (0.001, 0.01, 0.05, 0.1))),
        },
        rtol=1e-4,
        atol=1e-4,
    )
    (found,) = layers_of([p.value for p in attempt.parameters(model)])
    for got, wanted in zip(found, weights, strict=True):
        expect(got, TRAINED).close_to(wanted, rtol=1e-3, atol=1e-3)


@pytest.mark.points(0.5)
def test_train_hello(attempt: Attempt) -> None:
    """After thirty epochs of train, "hello" says "ohlol".

    zh: 用 train 训练三十个 epoch 之后，“hello” 变成 “ohlol”。
    """
    model = attempt.RNNCellModel(4, 4, 1)
    # A start from which it is learnt in five epochs; one random start in six still fails after a hundred.
    generator = torch.Generator().manual_seed(7)
    shapes = [tuple(p.value.shape) for p in attempt.parameters(model)]
    expect(sorted(shapes), SHAPES).equals(rnn_shapes(4, 4, 1))
    attempt.load_parameters(model, [torch.rand(shape, generator=generator) - 0.5 for shape in shapes])
    inputs = F.one_hot(torch.tensor(spelled("hello", LETTERS)), 4).float()[:, None]
    labels = torch.tensor(spelled("ohlol", LETTERS))[:, None]
    run_train(attempt, attempt.RNNCellModel(4, 4, 1), inputs, labels, 1, 0.1)
    run_train(attempt, model, inputs, labels, 30, 0.1)
    states = unroll(inputs, layers_of([p.value for p in attempt.parameters(model)]))
    said = "".join(LETTERS[i] for i in states.argmax(dim=2).flatten())
    expect(said, Text(en='what "hello" says after training', zh="训练后 “hello” 的输出")).equals("ohlol")
