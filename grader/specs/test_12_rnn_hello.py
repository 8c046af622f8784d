"""The hidden checks of exercise 12.

The judge unrolls each network by itself, with weights that it handed over by shape and order of registration.  Sizes
are drawn, all different: no two axes can be taken for one another, and no size that is typed in fits every draw.
"""

from __future__ import annotations

from functools import partial
from operator import itemgetter
from typing import Any

import torch
from torch.nn import functional as F

from dlex.kit import (
    RECURRENT,
    Attempt,
    Inputs,
    Text,
    Verdict,
    Weights,
    changed,
    check,
    confused,
    diagnoses,
    expect,
    explaining,
    fail_if,
    softmaxes,
    then,
    training,
    unchanged,
    without,
)

D = diagnoses(__file__)

LETTERS = "ehlo"
EMBEDDING, WIDTH, CLASSES, DEPTH = 10, 8, 4, 2  # the sizes that the stub defines
RATE = 0.07  # no learning rate of the course
LOSSES = Text(en="the list of losses", zh="损失的列表")

Shapes = dict[str, tuple[int, ...]]


# ---- encode


def spelled(word: str, alphabet: Any = LETTERS) -> list[int]:
    """The indices of a word's letters in an alphabet."""
    return [list(alphabet).index(letter) for letter in word]


ENCODE_SLIPS = {
    D.heloo: lambda word: [1, 0, 2, 3, 3],
    D.dictionary_from_text: [
        lambda word: spelled(word, sorted(set(word))),
        lambda word: spelled(word, dict.fromkeys(word)),
    ],
}


def has_floats(value: Any) -> bool:
    """Whether indices came as floating-point numbers."""
    if isinstance(value, torch.Tensor):
        return value.is_floating_point()
    return isinstance(value, (list, tuple)) and any(isinstance(v, float) for v in value)


@check(1, public=True)
def test_encode(attempt: Attempt, rng: Inputs) -> None:
    """encode turns letters into indices of idx2char, and refuses a letter that is not there.

    zh: encode 把字母变成在 idx2char 中的索引，并拒绝其中没有的字符。
    """
    random = "".join(LETTERS[i] for i in rng.integers(9, high=4))
    for word in ("hello", "ohlol", random, "l", ""):
        found = attempt.encode(word)
        what = Text(en=f'encode("{word}")', zh=f'encode("{word}") ')
        expect(found, what).like(spelled, word, slips=ENCODE_SLIPS)
        fail_if(word != "" and has_floats(found), D.float_indices, Verdict.WRONG_DTYPE)
    attempt.encode.raises((ValueError, KeyError), "help", silent=D.unknown_character)


# ---- one step of the cell

STEP = {"x": "B I", "h": "B H", "w_ih": "H I", "w_hh": "H H", "b_ih": "H", "b_hh": "H"}


def step(
    x: torch.Tensor,
    h: torch.Tensor,
    w_ih: torch.Tensor,
    w_hh: torch.Tensor,
    b_ih: torch.Tensor,
    b_hh: torch.Tensor,
    act: Any = torch.tanh,
) -> torch.Tensor:
    """The formula of the lecture."""
    return act(x @ w_ih.T + b_ih + h @ w_hh.T + b_hh)


STEP_SLIPS = {
    D.missing_tanh: [partial(step, act=other) for other in (unchanged, torch.relu, torch.sigmoid)],
    D.untransposed_weights: changed(step, w_hh=torch.t),
    D.missing_bias: [
        without(step, "b_ih"),
        without(step, "b_hh"),
        confused(step, b_ih="b_hh"),
        confused(step, b_hh="b_ih"),
    ],
    D.hidden_ignored: [without(step, "h"), without(step, "h", "b_hh")],
    D.input_ignored: [without(step, "x"), without(step, "x", "b_ih")],
    D.softmax_before_loss: softmaxes(step),
}
STEP_ERRORS = {
    D.untransposed_weights: r"shapes cannot be multiplied|size mismatch",
    D.graph_cut: r"Can't call numpy\(\)",
}


@check(1, public=True)
def test_step_value(attempt: Attempt, rng: Inputs) -> None:
    """rnn_cell_step equals nn.RNNCell, step after step.

    zh: rnn_cell_step 与 nn.RNNCell 一致，每一步都如此。
    """
    for given in rng.all_named(STEP, dtype=torch.float64, std=0.5):
        for _ in range(2):
            given["h"] = attempt.rnn_cell_step.like(step, **given, slips=STEP_SLIPS, errors=STEP_ERRORS)


@check(1)
def test_step_gradient(attempt: Attempt, rng: Inputs) -> None:
    """rnn_cell_step is written by hand, and its gradient reaches the input, the hidden state and the weights.

    zh: rnn_cell_step 由手写完成，梯度能传到输入、隐藏状态和各个权重。
    """
    given = rng.named(STEP, dtype=torch.float64, std=0.5)
    attempt.rnn_cell_step.gradients_like(
        step, **given, slips=STEP_SLIPS, errors=STEP_ERRORS, cut=D.graph_cut, forbid={D.not_by_hand: RECURRENT}
    )


# ---- the weights of the models


def layers(width: int, hidden: int, depth: int = 1, gates: int = 1) -> Shapes:
    """The parameters of an nn.RNN, or of a GRU or an LSTM with three or four gates, as torch names them."""
    shapes: Shapes = {}
    for k in range(depth):
        rows, columns = gates * hidden, hidden if k else width
        shapes |= {f"weight_ih_l{k}": (rows, columns), f"weight_hh_l{k}": (rows, hidden)}
        shapes |= {f"bias_ih_l{k}": (rows,), f"bias_hh_l{k}": (rows,)}
    return shapes


def loaded(model: Any, rng: Inputs, width: int, hidden: int, depth: int = 1, **outer: tuple[int, ...]) -> Weights:
    """Random weights for a model that has these recurrent layers, and what stands around them in `outer`."""

    def shapes(depth: int, gates: int = 1) -> Shapes:
        return outer | layers(width, hidden, depth, gates)

    slips = {
        D.layers_ignored: [shapes(1)] if depth > 1 else [],
        D.too_many_layers: [shapes(n) for n in range(depth + 1, 13)],
        D.wrong_cell: [shapes(depth, gates) for gates in (3, 4)],
    }
    weights = model.weights.expect(shapes(depth), slips=slips, missing=D.part_missing, sizes=D.wrong_sizes)
    return weights.randomise(rng, std=0.4)


def cell(weights: dict[str, torch.Tensor], k: int = 0) -> list[torch.Tensor]:
    """The weights of layer k in the order of `step`."""
    return [weights[f"{name}_l{k}"] for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")]


# ---- RNNCellModel


@check(1, public=True)
def test_cell_model(attempt: Attempt, rng: Inputs) -> None:
    """RNNCellModel begins with zeros and makes one step of its cell at a time.

    zh: RNNCellModel 从零开始，每次执行 RNN Cell 的一步。
    """
    for B, I, H in rng.all_sizes("BIH"):
        model = attempt.RNNCellModel(I, H, B)
        weights = dict(zip(list(STEP)[2:], cell(loaded(model, rng, I, H)), strict=True))
        model.init_hidden.like(torch.zeros(B, H), shape=D.start_shape, otherwise=D.nonzero_start)
        h = rng.normal(B, H)
        for x in rng.normal(2, B, I):
            h = model.like(step, x=x, h=h, weights=weights, slips=STEP_SLIPS)


# ---- RNNModel: (time, batch, input) -> (time * batch, hidden)


def unroll(x: torch.Tensor, start: float = 0.0, **weights: torch.Tensor) -> torch.Tensor:
    """The hidden states of the last layer (time, batch, hidden), for inputs (time, batch, input)."""
    for k in range(len(weights) // 4):
        layer = cell(weights, k)
        h, states = x.new_full((x.shape[1], len(layer[1])), start), []
        for now in x:
            h = step(now, h, *layer)
            states.append(h)
        x = torch.stack(states)
    return x


def rows(values: torch.Tensor) -> torch.Tensor:
    """(a, b, width) as (a * b, width)."""
    return values.reshape(-1, values.shape[-1])


def swap(values: torch.Tensor) -> torch.Tensor:
    """Time and batch exchanged."""
    return values.transpose(0, 1)


def view(values: torch.Tensor) -> torch.Tensor:
    """The shape of `swap`, but the values stay in their order, which mixes the samples."""
    return values.reshape(values.shape[1], values.shape[0], -1)


def forgetful(x: torch.Tensor, **weights: torch.Tensor) -> torch.Tensor:
    """The hidden states if each character begins with a fresh one."""
    return torch.cat([unroll(now[None], **weights) for now in x])


rnn = then(unroll, rows)
RNN_SLIPS = {
    D.rows_in_other_order: then(unroll, swap, rows),
    D.axes_swapped: [then(changed(unroll, x=swap), swap, rows), then(changed(unroll, x=swap), rows)],
    D.view_for_transpose: [then(changed(unroll, x=lambda x: swap(view(x))), swap, rows)],
    D.softmax_before_loss: softmaxes(rnn),
    D.nonzero_start: partial(rnn, start=1.0),
    D.hidden_not_carried: then(forgetful, rows),
}


def start_errors(T: int) -> dict[Any, str]:
    """What torch says of a first hidden state that does not fit a sequence of length T."""
    return {
        D.axes_swapped: rf"Expected hidden size \(\d+, {T}, \d+\)",
        D.start_shape: r"Expected hidden size|hx should also be|hidden0 batch size|inconsistent hidden_size",
    }


def expect_rows(found: Any, count: int, width: int, what: str, mistakes: dict[Any, Any]) -> None:
    """Pass if there is a row of `width` for each of `count` characters."""
    named = Text(en=f"the output of {what}", zh=f"{what} 的输出")
    regrouped = expect(found, named).is_tensor().numel() == count * width
    expect(found, named).has_shape(count, width, mistakes=mistakes, otherwise=D.row_width if regrouped else None)


@check(0.5, public=True)
def test_rnn_shape(attempt: Attempt, rng: Inputs) -> None:
    """RNNModel gives one row for each character of each sample, with one layer or two.

    zh: 无论一层还是两层，RNNModel 对每个样本的每个字符给出一行。
    """
    for T, B, I, H in rng.all_sizes("TBIH"):
        for depth in (None, 1, 2):
            model = attempt.RNNModel(I, H, B, *([depth] if depth else []))
            loaded(model, rng, I, H, depth or 1)
            with explaining(start_errors(T)):
                found = model(rng.normal(T, B, I))
            mistakes = {D.not_flattened: (T, B, H), D.last_step_only: (B, H)}
            expect_rows(found, T * B, H, "RNNModel", mistakes)


@check(1)
def test_rnn_values(attempt: Attempt, rng: Inputs) -> None:
    """RNNModel carries each sample through time, from zeros, and keeps the rows in the order of the labels.

    zh: RNNModel 从零开始沿时间处理每个样本，各行的顺序与标签一致。
    """
    for T, B, I, H in rng.all_sizes("TBIH"):
        for depth in (1, 2):
            model = attempt.RNNModel(I, H, B, depth)
            model.like(
                rnn,
                x=rng.normal(T, B, I),
                weights=loaded(model, rng, I, H, depth),
                slips=RNN_SLIPS,
                random=D.nonzero_start,
                kept=D.state_kept,
                errors=start_errors(T),
            )


@check(0.5)
def test_rnn_gradient(attempt: Attempt, rng: Inputs) -> None:
    """In RNNModel the gradient flows back through time, from the last character to the first.

    zh: RNNModel 中梯度沿时间从最后一个字符反向传播到第一个字符。
    """
    T, B, I, H = rng.sizes("TBIH")
    model = attempt.RNNModel(I, H, B, 2)
    weights, x = loaded(model, rng, I, H, 2), rng.normal(T, B, I)
    model.gradients_like(rnn, x=x, weights=weights, slips=RNN_SLIPS, errors=start_errors(T), cut=D.graph_cut)


# ---- EmbeddingModel: (batch, time) -> (batch * time, class)

OUTER = {"table": (4, EMBEDDING), "weight": (CLASSES, WIDTH), "bias": (CLASSES,)}


def logits(states: torch.Tensor, weight: torch.Tensor, bias: torch.Tensor) -> torch.Tensor:
    """What the linear layer makes of hidden states."""
    return rows(states @ weight.T + bias)


def embedding(
    x: torch.Tensor,
    table: torch.Tensor,
    weight: torch.Tensor,
    bias: torch.Tensor,
    before: Any = swap,
    after: Any = swap,
    **recurrent: Any,
) -> torch.Tensor:
    """Look the vectors up, bring time to the front, unroll, bring the batch back to the front."""
    return logits(after(unroll(before(table[x]), **recurrent)), weight, bias)


EMBEDDING_SLIPS = {
    D.rows_in_other_order: partial(embedding, after=unchanged),
    D.axes_swapped: [partial(embedding, before=unchanged, after=after) for after in (unchanged, swap)],
    D.view_for_transpose: [partial(embedding, before=view, after=after) for after in (unchanged, swap)],
    D.softmax_before_loss: softmaxes(embedding),
    D.nonzero_start: partial(embedding, start=1.0),
}


@check(0.5, public=True)
def test_embedding_shape(attempt: Attempt, rng: Inputs) -> None:
    """EmbeddingModel has its three parts, and gives four logits for each character, whatever the batch size.

    zh: EmbeddingModel 由三部分组成，不论批次多大，对每个字符给出四个 logits。
    """
    model = attempt.EmbeddingModel()
    loaded(model, rng, EMBEDDING, WIDTH, DEPTH, **OUTER)
    for B, T in rng.all_sizes("BT"):
        with explaining(start_errors(T)):
            found = model(rng.integers(B, T, high=4))
        last = [(B, CLASSES), (DEPTH, B, CLASSES), (DEPTH * B, CLASSES)]  # of one layer or of both
        mistakes = {D.not_flattened: (B, T, CLASSES), D.last_step_only: last}
        expect_rows(found, B * T, CLASSES, "EmbeddingModel", mistakes)


@check(1)
def test_embedding_values(attempt: Attempt, rng: Inputs) -> None:
    """EmbeddingModel looks vectors up and runs along time; repeated letters add up in the table's gradient.

    zh: EmbeddingModel 查出向量并沿时间计算；重复出现的字母在嵌入表的梯度中累加。
    """
    model = attempt.EmbeddingModel()
    weights = loaded(model, rng, EMBEDDING, WIDTH, DEPTH, **OUTER)
    for B, T in rng.all_sizes("BT"):
        case: Any = {"x": rng.integers(B, T, high=4), "weights": weights, "slips": EMBEDDING_SLIPS}
        case["errors"] = start_errors(T)
        model.like(embedding, **case, random=D.nonzero_start, kept=D.state_kept)
        model.gradients_like(embedding, **case, cut=D.graph_cut)


# ---- train: its arguments are those of the stub, `layer` the weights of the model


def characters(
    inputs: torch.Tensor,
    labels: torch.Tensor,
    h: torch.Tensor,
    *,
    carry: Any = unchanged,
    scores: Any = unchanged,
    **layer: torch.Tensor,
) -> tuple[list[torch.Tensor], torch.Tensor]:
    """The loss of each character, and the last hidden state; `carry` and `scores` make wrong variants."""
    losses = []
    for x, y in zip(inputs, labels, strict=True):
        h = step(x, carry(h), *cell(layer))
        losses.append(F.cross_entropy(scores(h), y))
    return losses, h


def train(
    model: Any,
    inputs: torch.Tensor,
    labels: torch.Tensor,
    epochs: int,
    lr: float,
    *,
    carry: Any = unchanged,
    scores: Any = unchanged,
    keep_hidden: bool = False,
    **more: Any,
) -> tuple[list[float], dict[str, torch.Tensor]]:
    """The loss of each epoch, and the weights after the last; `more` holds keywords of `training`, and the layer."""
    layer = {name: more.pop(name) for name in layers(1, 1)}
    zeros = torch.zeros(inputs.shape[1], len(layer["bias_hh_l0"]))
    ends = [zeros]

    def loss(**layer: torch.Tensor) -> list[torch.Tensor]:
        start = ends[-1].detach() if keep_hidden else zeros
        losses, end = characters(inputs, labels, start, carry=carry, scores=scores, **layer)
        ends.append(end)
        return losses

    return training(loss, layer, "adam", epochs=epochs, lr=lr, **more)


losses_of = then(train, itemgetter(0))  # which is what the learner's train returns


def each_backward(losses: list[torch.Tensor]) -> torch.Tensor:
    """What is differentiated when the growing sum is sent backward after every character."""
    return sum((len(losses) - t) * loss for t, loss in enumerate(losses))


def single(part: Any) -> Any:
    """The list of one loss that `part` makes of the losses of the characters."""

    def losses(model: Any, inputs: torch.Tensor, labels: torch.Tensor, *_: Any, **layer: torch.Tensor) -> list[float]:
        parts, _ = characters(inputs, labels, torch.zeros(inputs.shape[1], len(layer["bias_hh_l0"])), **layer)
        return [float(part(parts))]

    return losses


FIRST_SLIPS = {
    D.mean_loss: single(lambda parts: sum(parts) / len(parts)),
    D.last_character_only: single(lambda parts: parts[-1]),
    D.hidden_not_carried: partial(losses_of, carry=torch.zeros_like),
    D.softmax_before_loss: [partial(losses_of, scores=soft) for soft in softmaxes(unchanged)],
    D.shifted_target: [
        changed(losses_of, inputs=lambda x: x[:-1], labels=lambda y: y[1:]),
        changed(losses_of, labels=lambda y: y.roll(-1, 0)),
    ],
}
EPOCH_SLIPS = {
    D.missing_step: changed(losses_of, lr=lambda lr: 0.0),
    D.missing_zero_grad: partial(losses_of, clear=False),
    D.hidden_outside_epochs: partial(losses_of, keep_hidden=True),
    D.hidden_detached: partial(losses_of, carry=torch.Tensor.detach),
    D.backward_in_loop: partial(losses_of, objective=each_backward),
    D.last_character_only: partial(losses_of, objective=lambda parts: parts[-1]),
    D.optimizer_in_loop: partial(losses_of, fresh=True),
    # Adam's own, and those of the course
    D.rate_ignored: [changed(losses_of, lr=lambda lr, other=r: other) for r in (0.001, 0.01, 0.05, 0.1)],
}


def train_errors(T: int, epochs: int) -> dict[Any, str]:
    """What torch says.  A graph that is used twice within one epoch is used by two characters."""
    again = D.backward_in_loop if epochs == 1 else D.hidden_outside_epochs
    return {
        again: r"second time|modified by an inplace operation",
        D.loss_item: r"'(float|int)' object has no attribute 'backward'|does not require grad",
        D.axes_swapped: rf"Input batch size {T} doesn't match|to match target batch_size \({T}\)",
    }


def check_train(
    attempt: Attempt, rng: Inputs, sizes: tuple[int, ...], epochs: int, slips: dict[Any, Any], tolerance: float
) -> None:
    """Pass if train gives the losses and the weights that Adam gives, from known weights; letters repeat."""
    T, B, I, H = sizes
    model = attempt.RNNCellModel(I, H, B)
    layer = loaded(model, rng, I, H)
    letters, labels = (rng.integers(T, B, high=n) for n in (I, H))
    given = (model, F.one_hot(letters, I).float(), labels, epochs, RATE)
    attempt.train.like(
        losses_of,
        *given,
        weights=layer,
        slips=slips,
        shape=D.epochs_miscounted,
        errors=train_errors(T, epochs),
        what=LOSSES,
        sizes={"batch": B, "seq": T},
        rtol=1e-4,
        atol=tolerance,
    )
    if epochs > 1:
        layer.now().like(train(*given, **layer)[1], rtol=1e-3, atol=1e-3)


@check(1)
def test_train_loss(attempt: Attempt, rng: Inputs) -> None:
    """The first loss of train is the sum over the characters, from known weights.

    zh: 给定权重，train 的第一个损失等于各字符损失之和。
    """
    for sizes in rng.all_sizes("TBIH", ones="TBI"):
        check_train(attempt, rng, sizes, 1, FIRST_SLIPS, 1e-5)


@check(1)
def test_train_steps(attempt: Attempt, rng: Inputs) -> None:
    """Four epochs of train give the losses and the weights that Adam gives, from known weights.

    zh: 给定权重，train 的四个 epoch 得到与 Adam 一致的损失和权重。
    """
    for sizes in rng.all_sizes("TBIH", ones="B"):
        check_train(attempt, rng, sizes, 1, {}, 1e-5)
        check_train(attempt, rng, sizes, 4, EPOCH_SLIPS, 1e-4)


@check(0.5)
def test_train_hello(attempt: Attempt) -> None:
    """After thirty epochs of train, "hello" says "ohlol".

    zh: 用 train 训练三十个 epoch 之后，“hello” 变成 “ohlol”。
    """
    model = attempt.RNNCellModel(4, 4, 1)
    # A start from which it is learnt in five epochs; one random start in six still fails after a hundred.
    generator = torch.Generator().manual_seed(7)
    start = {name: torch.rand(shape, generator=generator) - 0.5 for name, shape in layers(4, 4).items()}
    weights = model.weights.expect(layers(4, 4)).load(start)
    inputs = F.one_hot(torch.tensor(spelled("hello")), 4).float()[:, None]
    labels = torch.tensor(spelled("ohlol"))[:, None]
    with explaining(train_errors(5, 30)):
        attempt.train(model, inputs, labels, 30, 0.1)
    said = "".join(LETTERS[i] for i in unroll(inputs, **weights.now()).argmax(dim=2).flatten())
    expect(said, Text(en='what "hello" says after training', zh="训练后 “hello” 的输出")).equals("ohlol")
