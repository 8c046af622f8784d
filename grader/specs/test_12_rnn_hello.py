"""The hidden checks of exercise 12.

The judge unrolls each network by itself, with weights that it handed over by shape and order of registration.  Sizes
are drawn, all different: no two axes can be taken for one another, and no size that is typed in fits every draw.
T is time, B the batch, I the input size, H the hidden size.
"""

from functools import partial
from operator import itemgetter

import torch
from torch.nn import functional as F

from dlex.kit import (
    RECURRENT,
    Text,
    Verdict,
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
RATE = 0.07  # no learning rate of the course
LOSSES = Text(en="the list of losses", zh="损失的列表")


# ---- encode


def spelled(word, alphabet=LETTERS):
    """The indices of a word's letters in an alphabet."""
    return [list(alphabet).index(letter) for letter in word]


ORDERS = (lambda word: sorted(set(word)), dict.fromkeys)  # of the alphabet, or of appearance
ENCODE_SLIPS = {
    D.heloo: lambda word: [1, 0, 2, 3, 3],
    D.dictionary_from_text: [lambda word, order=order: spelled(word, order(word)) for order in ORDERS],
}


@check(1, public=True)
def test_encode(attempt, rng):
    """encode turns letters into indices of idx2char, and refuses a letter that is not there.

    zh: encode 把字母变成在 idx2char 中的索引，并拒绝其中没有的字符。
    """
    random = "".join(LETTERS[i] for i in rng.integers(9, high=4))
    for word in ("hello", "ohlol", random, "l", ""):
        found = attempt.encode(word)
        what = Text(en=f'encode("{word}")', zh=f'encode("{word}") ')
        expect(found, what).like(spelled, word, slips=ENCODE_SLIPS)
        fail_if(word != "" and torch.as_tensor(found).is_floating_point(), D.float_indices, Verdict.WRONG_DTYPE)
    attempt.encode.raises((ValueError, KeyError), "help", silent=D.unknown_character)


# ---- one step of the cell

STEP = {"x": "B I", "h": "B H", "w_ih": "H I", "w_hh": "H H", "b_ih": "H", "b_hh": "H"}


def step(x, h, w_ih, w_hh, b_ih, b_hh, act=torch.tanh):
    """The formula of the lecture."""
    return act(x @ w_ih.T + b_ih + h @ w_hh.T + b_hh)


STEP_SLIPS = {
    D.missing_tanh: [partial(step, act=other) for other in (unchanged, torch.relu, torch.sigmoid)],
    D.untransposed_weights: changed(step, w_hh=torch.t),
    D.missing_bias: [
        *(without(step, bias) for bias in ("b_ih", "b_hh")),
        *(confused(step, **twice) for twice in ({"b_ih": "b_hh"}, {"b_hh": "b_ih"})),
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
def test_step_value(attempt, rng):
    """rnn_cell_step equals nn.RNNCell, step after step.

    zh: rnn_cell_step 与 nn.RNNCell 一致，每一步都如此。
    """
    for given in rng.all_named(STEP, dtype=torch.float64, std=0.5):
        for _ in range(2):
            given["h"] = attempt.rnn_cell_step.like(step, **given, slips=STEP_SLIPS, errors=STEP_ERRORS)


@check(1)
def test_step_gradient(attempt, rng):
    """rnn_cell_step is written by hand, and its gradient reaches the input, the hidden state and the weights.

    zh: rnn_cell_step 由手写完成，梯度能传到输入、隐藏状态和各个权重。
    """
    attempt.rnn_cell_step.gradients_like(
        step,
        **rng.named(STEP, dtype=torch.float64, std=0.5),
        slips=STEP_SLIPS,
        errors=STEP_ERRORS,
        cut=D.graph_cut,
        forbid={D.not_by_hand: RECURRENT},
    )


# ---- the weights of the models


def layers(I, H, depth=1, gates=1):
    """The parameter shapes of an nn.RNN, or of a GRU or an LSTM, which have three or four gates."""
    shapes = {}
    for k in range(depth):
        rows = gates * H
        shapes |= {f"w_ih_{k}": (rows, H if k else I), f"w_hh_{k}": (rows, H)}
        shapes |= {f"b_ih_{k}": (rows,), f"b_hh_{k}": (rows,)}
    return shapes


def layer(weights, k=0):
    """The weights of layer k, as `step` calls them."""
    return {name: weights[f"{name}_{k}"] for name in ("w_ih", "w_hh", "b_ih", "b_hh")}


def loaded(model, rng, I, H, depth=1, outer=None):
    """Random weights for a model that has these recurrent layers, and around them what `outer` says."""

    def shapes(H=H, depth=depth, gates=1):
        return (outer or {}) | layers(I, H, depth, gates)

    slips = {
        D.layers_ignored: [shapes(depth=1)] if depth > 1 else [],
        D.too_many_layers: [*(shapes(depth=n) for n in range(depth + 1, 13)), shapes(depth, H)],
        D.wrong_cell: [shapes(gates=3), shapes(gates=4)],
    }
    weights = model.weights.expect(shapes(), slips=slips, missing=D.part_missing, sizes=D.wrong_sizes)
    return weights.randomise(rng, std=0.4)


# ---- RNNCellModel


@check(1, public=True)
def test_cell_model(attempt, rng):
    """RNNCellModel begins with zeros and makes one step of its cell at a time.

    zh: RNNCellModel 从零开始，每次执行 RNN Cell 的一步。
    """
    for B, I, H in rng.all_sizes("BIH"):
        model = attempt.RNNCellModel(I, H, B)
        weights = layer(loaded(model, rng, I, H))
        model.init_hidden.like(torch.zeros(B, H), shape=D.start_shape, otherwise=D.nonzero_start)
        h = rng.normal(B, H)
        for x in rng.normal(2, B, I):
            h = model.like(step, x=x, h=h, weights=weights, slips=STEP_SLIPS)


# ---- RNNModel: (T, B, I) -> (T * B, H)


def unroll(x, start=0.0, **weights):
    """The hidden states (T, B, H) of the last layer, for inputs (T, B, I)."""
    for k in range(len(weights) // 4):
        own = layer(weights, k)
        h, states = x.new_full((x.shape[1], len(own["b_hh"])), start), []
        for now in x:
            h = step(now, h, **own)
            states.append(h)
        x = torch.stack(states)
    return x


def forgetful(x, **weights):
    """The hidden states if each character begins with a fresh one."""
    return torch.cat([unroll(now[None], **weights) for now in x])


def rows(values):
    """(a, b, width) as (a * b, width)."""
    return values.reshape(-1, values.shape[-1])


def swap(values):
    """Time and batch exchanged."""
    return values.transpose(0, 1)


def view(values):
    """In the shape of `swap`, but the values stay in their order, which mixes the samples."""
    return values.reshape(values.shape[1], values.shape[0], -1)


rnn = then(unroll, rows)
along_batch = changed(unroll, x=swap)
RNN_SLIPS = {
    D.rows_in_other_order: then(unroll, swap, rows),
    D.axes_swapped: [then(along_batch, rows), then(along_batch, swap, rows)],
    D.view_for_transpose: then(changed(along_batch, x=view), swap, rows),
    D.softmax_before_loss: softmaxes(rnn),
    D.nonzero_start: partial(rnn, start=1.0),
    D.hidden_not_carried: then(forgetful, rows),
}


def start_errors(T):
    """What torch says of a first hidden state that does not fit, for a sequence of length T."""
    return {
        D.axes_swapped: rf"Expected hidden size \(\d+, {T}, \d+\)",
        D.start_shape: r"Expected hidden size|hx should also be|hidden0 batch size|inconsistent hidden_size",
    }


def expect_rows(found, count, width, mistakes):
    """Pass if there is a row of `width` for each of `count` characters."""
    output = expect(found, Text(en="the output of the model", zh="模型的输出"))
    regrouped = output.is_tensor().numel() == count * width
    output.has_shape(count, width, mistakes=mistakes, otherwise=D.row_width if regrouped else None)


@check(0.5, public=True)
def test_rnn_shape(attempt, rng):
    """RNNModel gives one row for each character of each sample, with one layer or two.

    zh: 无论一层还是两层，RNNModel 对每个样本的每个字符给出一行。
    """
    for (T, B, I, H), depth in zip(rng.all_sizes("TBIH"), ([], [2], [1], [3], [2]), strict=True):
        model = attempt.RNNModel(I, H, B, *depth)
        loaded(model, rng, I, H, *depth)
        with explaining(start_errors(T)):
            found = model(rng.normal(T, B, I))
        expect_rows(found, T * B, H, {D.not_flattened: (T, B, H), D.last_step_only: (B, H)})


@check(1)
def test_rnn_values(attempt, rng):
    """RNNModel carries each sample through time, from zeros, and keeps the rows in the order of the labels.

    zh: RNNModel 从零开始沿时间处理每个样本，各行的顺序与标签一致。
    """
    for (T, B, I, H), depth in zip(rng.all_sizes("TBIH"), (1, 2, 1, 2, 1), strict=True):
        model = attempt.RNNModel(I, H, B, depth)
        weights, x = loaded(model, rng, I, H, depth), rng.normal(T, B, I)
        chance = {"random": D.nonzero_start, "kept": D.state_kept}
        model.like(rnn, x=x, weights=weights, slips=RNN_SLIPS, errors=start_errors(T), **chance)


@check(0.5)
def test_rnn_gradient(attempt, rng):
    """In RNNModel the gradient flows back through time, from the last character to the first.

    zh: RNNModel 中梯度沿时间从最后一个字符反向传播到第一个字符。
    """
    T, B, I, H = rng.sizes("TBIH")
    model = attempt.RNNModel(I, H, B, 2)
    weights, x = loaded(model, rng, I, H, 2), rng.normal(T, B, I)
    model.gradients_like(rnn, x=x, weights=weights, slips=RNN_SLIPS, errors=start_errors(T), cut=D.graph_cut)


# ---- EmbeddingModel: (B, T) -> (B * T, classes)

EMBEDDING, WIDTH, CLASSES, DEPTH = 10, 8, 4, 2  # the sizes that the stub defines
OUTER = {"table": (4, EMBEDDING), "w": (CLASSES, WIDTH), "b": (CLASSES,)}


def embedding(x, table, w, b, before=swap, after=swap, **recurrent):
    """Look the vectors up, bring time to the front, unroll, bring the batch back to the front, map to classes."""
    states = after(unroll(before(table[x]), **recurrent))
    return rows(states @ w.T + b)


EMBEDDING_SLIPS = {
    D.rows_in_other_order: partial(embedding, after=unchanged),
    D.axes_swapped: [partial(embedding, before=unchanged, after=after) for after in (unchanged, swap)],
    D.view_for_transpose: [partial(embedding, before=view, after=after) for after in (unchanged, swap)],
    D.softmax_before_loss: softmaxes(embedding),
    D.nonzero_start: partial(embedding, start=1.0),
}


@check(0.5, public=True)
def test_embedding_shape(attempt, rng):
    """EmbeddingModel has its three parts, and gives four logits for each character, whatever the batch size.

    zh: EmbeddingModel 由三部分组成，不论批次多大，对每个字符给出四个 logits。
    """
    model = attempt.EmbeddingModel()
    loaded(model, rng, EMBEDDING, WIDTH, DEPTH, OUTER)
    for B, T in rng.all_sizes("BT"):
        with explaining(start_errors(T)):
            found = model(rng.integers(B, T, high=4))
        last = [(B, CLASSES), (DEPTH, B, CLASSES), (DEPTH * B, CLASSES)]  # of one layer or of both
        expect_rows(found, B * T, CLASSES, {D.not_flattened: (B, T, CLASSES), D.last_step_only: last})


@check(1)
def test_embedding_values(attempt, rng):
    """EmbeddingModel looks vectors up and runs along time; repeated letters add up in the table's gradient.

    zh: EmbeddingModel 查出向量并沿时间计算；重复出现的字母在嵌入表的梯度中累加。
    """
    model = attempt.EmbeddingModel()
    weights = loaded(model, rng, EMBEDDING, WIDTH, DEPTH, OUTER)
    for B, T in rng.all_sizes("BT"):
        x, why = rng.integers(B, T, high=4), {"slips": EMBEDDING_SLIPS, "errors": start_errors(T)}
        model.like(embedding, x=x, weights=weights, **why, random=D.nonzero_start, kept=D.state_kept)
        model.gradients_like(embedding, x=x, weights=weights, **why, cut=D.graph_cut)


# ---- train


def characters(inputs, labels, h, carry=unchanged, scores=unchanged, **weights):
    """The loss of each character, and the last hidden state; `carry` and `scores` make wrong variants."""
    losses = []
    for x, y in zip(inputs, labels, strict=True):
        h = step(x, carry(h), **layer(weights))
        losses.append(F.cross_entropy(scores(h), y))
    return losses, h


def train(model, inputs, labels, epochs, lr, keep_hidden=False, carry=unchanged, scores=unchanged, **more):
    """The loss of each epoch, and the weights after the last; `more` is the weights, and keywords of `training`."""
    weights = {name: more.pop(name) for name in layers(1, 1)}
    zeros = torch.zeros(inputs.shape[1], len(weights["b_hh_0"]))
    ends = [zeros]

    def loss(**weights):
        start = ends[-1].detach() if keep_hidden else zeros
        losses, end = characters(inputs, labels, start, carry, scores, **weights)
        ends.append(end)
        return losses

    return training(loss, weights, "adam", epochs=epochs, lr=lr, **more)


def growing(losses):
    """What is differentiated when the sum so far is sent backward after each character."""
    return sum((len(losses) - t) * loss for t, loss in enumerate(losses))


losses_of = then(train, itemgetter(0))  # what the learner's train returns
FIRST_SLIPS = {
    D.mean_loss: partial(losses_of, noted=lambda losses: sum(losses) / len(losses)),
    D.last_character_only: partial(losses_of, noted=itemgetter(-1)),
    D.hidden_not_carried: partial(losses_of, carry=torch.zeros_like),
    D.softmax_before_loss: [partial(losses_of, scores=softmax) for softmax in softmaxes(unchanged)],
    D.shifted_target: [
        changed(losses_of, inputs=lambda x: x[:-1], labels=lambda y: y[1:]),
        changed(losses_of, labels=lambda y: y.roll(-1, 0)),
    ],
}
LATER_SLIPS = {
    D.missing_step: changed(losses_of, lr=lambda lr: 0.0),
    D.missing_zero_grad: partial(losses_of, clear=False),
    D.hidden_outside_epochs: partial(losses_of, keep_hidden=True),
    D.hidden_detached: partial(losses_of, carry=torch.Tensor.detach),
    D.backward_in_loop: partial(losses_of, objective=growing),
    D.last_character_only: partial(losses_of, objective=itemgetter(-1)),
    D.optimizer_in_loop: partial(losses_of, fresh=True),
    # Adam's own, and those of the course
    D.rate_ignored: [changed(losses_of, lr=lambda lr, typed=typed: typed) for typed in (0.001, 0.01, 0.05, 0.1)],
}


def train_errors(T, epochs):
    """What torch says.  A graph that is used twice within one epoch is used by two characters."""
    again = D.backward_in_loop if epochs == 1 else D.hidden_outside_epochs
    return {
        again: r"second time|modified by an inplace operation",
        D.loss_item: r"'(float|int)' object has no attribute 'backward'|does not require grad",
        D.axes_swapped: rf"Input batch size {T} doesn't match|to match target batch_size \({T}\)",
    }


def check_losses(attempt, rng, sizes, epochs, slips, atol=1e-5):
    """Pass if train gives the losses of Adam; returns the model's weights, and what Adam makes of them."""
    T, B, I, H = sizes
    model = attempt.RNNCellModel(I, H, B)
    weights = loaded(model, rng, I, H)
    letters, labels = (rng.integers(T, B, high=n) for n in (I, H))
    given = (model, F.one_hot(letters, I).float(), labels, epochs, RATE)
    why = {"slips": slips, "shape": D.epochs_miscounted, "errors": train_errors(T, epochs)}
    near = {"sizes": {"batch": B, "seq": T}, "rtol": 1e-4, "atol": atol}
    attempt.train.like(losses_of, *given, weights=weights, what=LOSSES, **why, **near)
    return weights, train(*given, **weights)[1]


@check(1)
def test_train_loss(attempt, rng):
    """The first loss of train is the sum over the characters, from known weights.

    zh: 给定权重，train 的第一个损失等于各字符损失之和。
    """
    for sizes in rng.all_sizes("TBIH", ones="TBI"):
        check_losses(attempt, rng, sizes, 1, FIRST_SLIPS)


@check(1)
def test_train_steps(attempt, rng):
    """Four epochs of train give the losses and the weights that Adam gives, from known weights.

    zh: 给定权重，train 的四个 epoch 得到与 Adam 一致的损失和权重。
    """
    for sizes in rng.all_sizes("TBIH", ones="B"):
        check_losses(attempt, rng, sizes, 1, {})
        weights, right = check_losses(attempt, rng, sizes, 4, LATER_SLIPS, atol=1e-4)
        weights.now().like(right, rtol=1e-3, atol=1e-3)


@check(0.5)
def test_train_hello(attempt):
    """After thirty epochs of train, "hello" says "ohlol".

    zh: 用 train 训练三十个 epoch 之后，“hello” 变成 “ohlol”。
    """
    model = attempt.RNNCellModel(4, 4, 1)
    # A start from which it is learnt in five epochs; one random start in six still fails after a hundred.
    generator = torch.Generator().manual_seed(7)
    start = {name: torch.rand(shape, generator=generator) - 0.5 for name, shape in layers(4, 4).items()}
    weights = model.weights.expect(layers(4, 4)).load(start)
    inputs = F.one_hot(torch.tensor(spelled("hello")), 4).float()[:, None]
    with explaining(train_errors(5, 30)):
        attempt.train(model, inputs, torch.tensor(spelled("ohlol"))[:, None], 30, 0.1)
    said = "".join(LETTERS[i] for i in unroll(inputs, **weights.now()).argmax(dim=2).flatten())
    expect(said, Text(en='what "hello" says after training', zh="训练后 “hello” 的输出")).equals("ohlol")
