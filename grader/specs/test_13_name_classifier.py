"""The hidden checks of exercise 13.

The judge reads each name alone, where there is no padding.  train and evaluate are compared with what the learner's own
classifier gives, so that a slip in one piece does not cost the points of another.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import partial
from itertools import product
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn
from torch.nn import functional as F
from torch.nn.utils.rnn import pad_sequence

from dlex.kit import Attempt, Inputs, Remote, Text, Verdict, diagnoses, expect, explaining, fail, fail_if
from dlex.protocol.failure import CheckFailure

CODES, HIDDEN, COUNTRIES, SEQ = 11, 4, 5, 6
RATE, EPOCHS = 0.03, 3

TENSORS = Text(en="what make_tensors returns", zh="make_tensors 的返回值")
ROWS = Text(en="the seq_tensor of make_tensors", zh="make_tensors 的 seq_tensor")
LENGTHS = Text(en="the seq_lengths of make_tensors", zh="make_tensors 的 seq_lengths")
LABELS = Text(en="the countries of make_tensors", zh="make_tensors 的 countries")
SHAPES = Text(en="the list of parameter shapes", zh="参数形状的列表")
LOGITS = Text(en="the output of RNNClassifier", zh="RNNClassifier 的输出")
LOSSES = Text(en="the list of losses", zh="损失的列表")
TRAINED = Text(en="the row of all weights after train", zh="train 之后的全部权重")
UNTRAINED = Text(en="the row of all weights after evaluate", zh="evaluate 之后的全部权重")
ATTACHED = Text(en="whether the losses keep their graphs in memory", zh="损失是否还连着计算图（占用内存）")
LEARNT = Text(en="whether the loss halves and 80 % of the names are right", zh="损失是否减半且 80% 的名字判断正确")
SHARE = Text(en="the accuracy", zh="准确率")

# ---- make_tensors
D = diagnoses(__file__)

# ---- RNNClassifier

# ---- train and evaluate

Batch = tuple[torch.Tensor, torch.Tensor, torch.Tensor]


# ---- make_tensors


def words(rng: Inputs, *lengths: int) -> list[str]:
    """Random names of these lengths, of any printable ASCII characters."""
    return ["".join(map(chr, rng.integers(n, low=32, high=127).tolist())) for n in lengths]


def table(names: Sequence[str]) -> torch.Tensor:
    """The codes of the names, in their order, with zeros behind."""
    return pad_sequence([torch.tensor([ord(c) for c in name]) for name in names], batch_first=True)


def made(attempt: Attempt, names: Sequence[str], countries: torch.Tensor) -> list[torch.Tensor]:
    """What make_tensors returns, if it has the right shapes and dtypes."""
    parts = expect(attempt.on_host(attempt.make_tensors, list(names), countries), TENSORS).items(3)
    shapes = [(len(names), max(map(len, names))), (len(names),), (len(names),)]
    for part, what, shape in zip(parts, (ROWS, LENGTHS, LABELS), shapes, strict=True):
        fail_if(isinstance(part, list), D.not_int64, Verdict.WRONG_DTYPE)
        expect(part, what).has_shape(*shape)
        fail_if(part.dtype != torch.int64, D.not_int64, Verdict.WRONG_DTYPE)
    return parts


@pytest.mark.points(0.5)
@pytest.mark.public
def test_tensors_shape(attempt: Attempt, rng: Inputs) -> None:
    """make_tensors returns three int64 tensors: (N, T), (N,) and (N,).

    zh: make_tensors 返回三个 int64 张量，形状为 (N, T)、(N,) 和 (N,)。
    """
    made(attempt, words(rng, 9, 6, 4, 2), rng.integers(4, high=18))
    made(attempt, words(rng, 5), rng.integers(1, high=18))


@pytest.mark.points(1)
def test_tensors_codes(attempt: Attempt, rng: Inputs) -> None:
    """The rows hold the ASCII codes of the names, with zeros behind the short ones.

    zh: 各行是名字的 ASCII 码，短名字后面补零。
    """
    names = words(rng, 9, 6, 4, 2)  # longest first, so that sorting makes no difference
    rows, lengths, _ = made(attempt, names, rng.integers(4, high=18))
    right = table(names)
    real = torch.arange(9) < torch.tensor([[len(name)] for name in names])
    if not torch.equal(rows, right):
        left = torch.stack([row.roll(9 - len(name)) for row, name in zip(right, names, strict=True)])
        fail_if(torch.equal(rows, left), D.padded_on_left)
        fail_if(sorted(rows.tolist()) == sorted(right.tolist()), D.not_sorted)
        fail_if(torch.equal(rows[real], right[real]), D.padding_not_zero)
        fail(D.wrong_codes)
    expect(lengths, LENGTHS).equals([9, 6, 4, 2])


@pytest.mark.points(1.5)
def test_tensors_order(attempt: Attempt, rng: Inputs) -> None:
    """The longest name comes first, and its length and its country come along.

    zh: 最长的名字排在最前，它的长度和国家也随之移动。
    """
    names, countries = words(rng, 4, 8, 2, 8, 5, 3), rng.permutation(18)[:6]
    country = {tuple(row): c for row, c in zip(table(names).tolist(), countries.tolist(), strict=True)}
    rows, lengths, labels = made(attempt, names, countries)
    expect(sorted(rows.tolist()), ROWS).equals(sorted(table(names).tolist()))
    own = (rows != 0).sum(dim=1).tolist()  # names of equal length may come in either order
    fail_if(lengths.tolist() != own and sorted(lengths.tolist()) == sorted(own), D.permuted_apart)
    fail_if(own != sorted(own, reverse=True), D.not_sorted)
    expect(lengths, LENGTHS).equals(own)
    right = [country[tuple(row)] for row in rows.tolist()]
    fail_if(labels.tolist() != right and sorted(labels.tolist()) == sorted(right), D.permuted_apart)
    expect(labels, LABELS).equals(right)


@pytest.mark.points(0.5)
def test_tensors_ascii(attempt: Attempt, rng: Inputs) -> None:
    """make_tensors takes every ASCII character, and refuses a name with any other.

    zh: make_tensors 接受所有 ASCII 字符，遇到其他字符则报错。
    """
    expect(made(attempt, ["\x01\x7f"], rng.integers(1, high=18))[0], ROWS).equals([[1, 127]])
    for name in ("Novák", "\x80"):
        try:
            attempt.on_host(attempt.make_tensors, ["Li", name], rng.integers(2, high=18))
        except CheckFailure as failure:
            if failure.finding.verdict is not Verdict.RAISED:
                raise
        else:
            fail(D.non_ascii_kept)


# ---- RNNClassifier


class Oracle(nn.Module):
    """The classifier that the stub describes, run on one name at a time."""

    def __init__(self, layers: int, directions: int) -> None:
        super().__init__()
        self.directions = directions
        self.embedding = nn.Embedding(CODES, HIDDEN)
        self.gru = nn.GRU(HIDDEN, HIDDEN, layers, batch_first=True, bidirectional=directions == 2)
        self.fc = nn.Linear(directions * HIDDEN, COUNTRIES)

    def states(self, x: torch.Tensor, lengths: torch.Tensor) -> torch.Tensor:
        """The final hidden states (layers * directions, batch, HIDDEN)."""
        each = [self.gru(self.embedding(name[:n]))[1] for name, n in zip(x, lengths, strict=True)]
        return torch.stack(each, dim=1)

    def logits(self, *parts: torch.Tensor) -> torch.Tensor:
        """What the linear layer makes of states side by side."""
        return self.fc(torch.cat(parts, dim=1))

    def either(self, states: torch.Tensor) -> list[torch.Tensor]:
        """The logits of the last layer's states, for either order of the directions."""
        last = states[-self.directions :]
        return [self.logits(*last), self.logits(*last.flip(0))]

    def shapes(self) -> list[tuple[int, ...]]:
        """The parameter shapes, sorted."""
        return sorted(tuple(p.shape) for p in self.parameters())


close = partial(torch.allclose, rtol=1e-3, atol=1e-5)


def which(actual: Any, *candidates: Any) -> Any:
    """The candidate that `actual` equals, else the first."""
    known = torch.as_tensor(actual).detach()
    tensors = [torch.as_tensor(c).to(known) for c in candidates]
    same = (c for c, t in zip(candidates, tensors, strict=True) if known.shape == t.shape and close(known, t))
    return next(same, candidates[0])


def role(name: str, shape: Sequence[int]) -> str:
    """What a parameter is called in the oracle."""
    recurrent = re.search(r"(weight|bias)_(ih|hh)_l\d+(_reverse)?$", name)
    if recurrent:
        return f"gru.{recurrent[0]}"
    if len(shape) == 1:
        return "fc.bias"
    return "fc.weight" if shape[0] == COUNTRIES else "embedding.weight"


def built(attempt: Attempt, rng: Inputs, *given: int) -> tuple[Remote, Oracle, list[str]]:
    """A classifier with random weights, the oracle with the same, and what the oracle calls its parameters.

    `given` holds n_layers and the number of directions, or nothing: then the defaults count.
    """
    layers, directions = given or (1, 2)
    model = attempt.RNNClassifier(CODES, HIDDEN, COUNTRIES, *([layers, directions == 2] if given else []))
    own, oracle = attempt.parameters(model), Oracle(layers, directions)
    shapes = sorted(tuple(p.value.shape) for p in own)
    fail_if(shapes == Oracle(1, directions).shapes() and layers > 1, D.layers_ignored)
    recurrent = [shape for shape in shapes if len(shape) == 2 and shape[0] == 3 * HIDDEN]
    narrow = (COUNTRIES, HIDDEN) in shapes or len(recurrent) == 2 * layers
    fail_if(directions == 2 and narrow, D.one_direction)
    expect(shapes, SHAPES).equals(oracle.shapes(), mistakes={D.wrong_sizes: shapes})
    roles = [role(p.name, p.value.shape) for p in own]
    values = [rng.normal(*p.value.shape, std=0.5) for p in own]
    attempt.load_parameters(model, values)
    oracle.load_state_dict(dict(zip(roles, values, strict=True)))
    return model, oracle, roles


RAISING = {D.start_shape: r"Expected hidden", D.axes_swapped: r"Expected `len\(lengths\)` to be equal to batch_size"}


def batch(rng: Inputs, *lengths: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Random names of these lengths, given in descending order, as make_tensors would give them."""
    x = rng.integers(len(lengths), max(lengths), low=1, high=CODES)
    sizes = torch.tensor(lengths)
    return x * (torch.arange(max(lengths)) < sizes[:, None]), sizes


def answer(model: Remote, x: torch.Tensor, lengths: torch.Tensor) -> torch.Tensor:
    """What the classifier gives, if it has the shape of logits."""
    with explaining(RAISING):
        found = model(x, lengths)
    expect(found, LOGITS).has_shape(len(x), COUNTRIES, mistakes={D.axes_swapped: (x.shape[1], COUNTRIES)})
    found = expect(found, LOGITS).is_tensor()
    expect(found, LOGITS).close_to(found.float().nan_to_num())  # it is float32, and finite
    return found


@pytest.mark.points(0.5)
@pytest.mark.public
def test_classifier_shape(attempt: Attempt, rng: Inputs) -> None:
    """RNNClassifier has the right layers and gives one row of logits for each name.

    zh: RNNClassifier 的网络层符合要求，对每个名字给出一行 logits。
    """
    for count, *given in ((3,), (3, 2, 2), (1, 2, 2), (3, 2, 1)):
        model, _, _ = built(attempt, rng, *given)
        answer(model, *batch(rng, *[SEQ] * count))


@pytest.mark.points(1.5)
def test_classifier_values(attempt: Attempt, rng: Inputs) -> None:
    """With given weights, names of equal length get the logits of both directions of the last layer.

    zh: 给定权重，对长度相同的名字，logits 由最后一层两个方向的最终隐藏状态算出。
    """
    for layers, directions in ((1, 2), (2, 2), (2, 1)):
        model, oracle, _ = built(attempt, rng, layers, directions)
        x, lengths = batch(rng, *[SEQ] * 3)
        found = answer(model, x, lengths)
        fail_if(not torch.equal(found, answer(model, x, lengths)), D.random_start)
        h, vectors = oracle.states(x, lengths), oracle.embedding(x)
        outputs, _ = oracle.gru(vectors)
        places = [outputs[:, t].unflatten(1, (directions, HIDDEN)).unbind(1) for t in (-1, 0)]
        early = ((torch.softmax, 1), (torch.softmax, 0), (torch.log_softmax, 1), (torch.log_softmax, 0))
        expect(found, LOGITS).close_to(
            which(found, *oracle.either(h)),
            mistakes={
                D.softmax_before_loss: which(found, *(f(z, dim) for z in oracle.either(h) for f, dim in early)),
                D.last_direction_twice: which(
                    found, *(oracle.logits(*[part] * directions) for part in h[-directions:])
                ),
                D.wrong_layer: which(found, *(oracle.logits(*parts) for parts in product(h, repeat=directions))),
                D.last_output: which(found, *(oracle.logits(*p) for parts in places for p in (parts, parts[::-1]))),
                D.random_start: which(found, *oracle.either(oracle.gru(vectors, torch.ones_like(h))[1])),
            },
        )


@pytest.mark.points(1)
def test_padding(attempt: Attempt, rng: Inputs) -> None:
    """A name gets the same logits alone as in a batch with longer names.

    zh: 一个名字单独输入，与放在有更长名字的批次里，得到的 logits 相同。
    """
    model, _, _ = built(attempt, rng, 2, 2)
    x, lengths = batch(rng, 7, 5, 4, 1)
    together = answer(model, x, lengths)
    for i, n in enumerate(lengths.tolist()):
        alone = answer(model, x[i : i + 1, :n], lengths[i : i + 1])
        fail_if(not close(alone, together[i : i + 1]), D.padding_read)


@pytest.mark.points(0.5)
def test_classifier_gradient(attempt: Attempt, rng: Inputs) -> None:
    """The gradient comes back to every weight, through both directions.

    zh: 梯度能经由两个方向传回每个权重。
    """
    model, oracle, roles = built(attempt, rng, 2, 2)
    (x, lengths), upstream = batch(rng, *[SEQ] * 3), rng.normal(3, COUNTRIES)
    right = which(answer(model, x, lengths), *oracle.either(oracle.states(x, lengths)))
    wanted = torch.autograd.grad((right * upstream).sum(), [oracle.get_parameter(name) for name in roles])
    found = attempt.gradients(model, x, lengths, wrt=(), upstream=upstream, module=model)
    fail_if(any(g is None for g in found.parameters), D.graph_cut, Verdict.NO_GRADIENT)
    for name, got, expected in zip(roles, found.parameters, wanted, strict=True):
        what = Text(en=f"the gradient of {name}", zh=f" {name} 的梯度")
        expect(got, what).close_to(expected, verdict=Verdict.WRONG_GRADIENT)


# ---- train and evaluate


def batches(rng: Inputs, *sizes: int) -> list[Batch]:
    """Batches of these sizes, of names of different lengths, in which countries repeat."""
    return [(*batch(rng, *range(n + 2, 2, -1)), rng.integers(n, high=COUNTRIES)) for n in sizes]


def fresh(attempt: Attempt, rng: Inputs) -> tuple[Remote, list[torch.Tensor]]:
    """A classifier of one layer with random weights, whatever parameters it has, and these weights."""
    model = attempt.RNNClassifier(CODES, HIDDEN, COUNTRIES)
    values = [rng.normal(*p.value.shape, std=0.5) for p in attempt.parameters(model)]
    attempt.load_parameters(model, values)
    return model, values


def trained(
    attempt: Attempt, values: list[torch.Tensor], data: list[Batch], *, clear: bool = True
) -> tuple[list[list[float]], torch.Tensor]:
    """Adam by hand on the learner's classifier: the loss of each batch of each epoch, and the weights after it."""
    model, row = attempt.RNNClassifier(CODES, HIDDEN, COUNTRIES), flat(values)
    attempt.load_parameters(model, values)
    gradient, first, second = (torch.zeros_like(row) for _ in range(3))
    history: list[float] = []
    for t, (x, lengths, y) in enumerate(EPOCHS * data, 1):
        logits = answer(model, x, lengths)
        history.append(F.cross_entropy(logits, y).item())
        upstream = (logits.softmax(dim=1) - F.one_hot(y, COUNTRIES)) / len(y)
        found = attempt.gradients(model, x, lengths, wrt=(), upstream=upstream, module=model).parameters
        fresh = flat([torch.zeros_like(v) if g is None else g for v, g in zip(values, found, strict=True)])
        gradient = fresh if clear else gradient + fresh
        first, second = 0.9 * first + 0.1 * gradient, 0.999 * second + 0.001 * gradient**2
        row = row - RATE * first / (1 - 0.9**t) / ((second / (1 - 0.999**t)).sqrt() + 1e-8)
        pieces = row.split([v.numel() for v in values])
        attempt.load_parameters(model, [p.view_as(v) for p, v in zip(pieces, values, strict=True)])
    return [history[i : i + len(data)] for i in range(0, len(history), len(data))], row


def flat(values: Sequence[torch.Tensor]) -> torch.Tensor:
    """All weights in one row."""
    return torch.cat([v.flatten() for v in values])


def mean(losses: Sequence[float], data: list[Batch]) -> float:
    """The mean over the names of the losses of batches."""
    sizes = [len(y) for _, _, y in data]
    return sum(n * loss for n, loss in zip(sizes, losses, strict=True)) / sum(sizes)


@pytest.mark.points(1)
def test_train_loss(attempt: Attempt, rng: Inputs) -> None:
    """The loss of an epoch is the mean over all names of the cross entropy, here with a learning rate of zero.

    zh: 一个 epoch 的损失是所有名字的交叉熵的平均值（这里学习率为零）。
    """
    (model, _), data = fresh(attempt, rng), batches(rng, 4, 3, 1)
    logits = [answer(model, x, lengths) for x, lengths, _ in data]
    came = attempt.train(model, data, epochs=1, lr=0.0)
    found = expect(came, LOSSES).numbers(1)

    plain = [F.cross_entropy(z, y).item() for z, (_, _, y) in zip(logits, data, strict=True)]
    softened = [F.cross_entropy(z.softmax(dim=1), y).item() for z, (_, _, y) in zip(logits, data, strict=True)]
    unweighted = which(found, *(torch.tensor([sum(plain) / n]) for n in (1, 3, 8, 4)))
    single = which(found, *(torch.tensor([part]) for part in (plain[0], plain[-1], plain[-1] / 8, plain[0] / 2)))
    mistakes = {
        D.softmax_before_loss: [mean(softened, data)],
        D.loss_not_weighted: unweighted,
        D.one_batch_only: single,
    }
    expect(found, LOSSES).close_to([mean(plain, data)], mistakes=mistakes, sizes={"names": 8}, rtol=1e-4, atol=1e-5)
    parts = came if isinstance(came, (list, tuple)) else [came]
    expect(any(isinstance(part, torch.Tensor) and part.requires_grad for part in parts), ATTACHED).equals(False)


@pytest.mark.points(1)
def test_train_steps(attempt: Attempt, rng: Inputs) -> None:
    """Three epochs of train give the weights and the losses that Adam gives, one step for each batch.

    zh: train 的三个 epoch 得到与 Adam 一致的权重和损失，每个批次更新一次。
    """
    (model, values), data = fresh(attempt, rng), batches(rng, 3, 4, 2)
    losses = expect(attempt.train(model, data, epochs=EPOCHS, lr=RATE), LOSSES).numbers(EPOCHS)
    history, right = trained(attempt, values, data)
    mistakes = {
        D.missing_step: flat(values),
        D.missing_zero_grad: lambda: trained(attempt, values, data, clear=False)[1],
    }
    expect(flat([p.value for p in attempt.parameters(model)]), TRAINED).close_to(right, mistakes=mistakes, atol=2e-3)
    expect(losses, LOSSES).close_to([mean(epoch, data) for epoch in history], rtol=1e-3, atol=1e-3)


@pytest.mark.points(0.5)
def test_evaluate(attempt: Attempt, rng: Inputs) -> None:
    """evaluate gives the share of right answers among all names, and leaves the model as it was.

    zh: evaluate 给出所有名字中答对的比例，并且不改变模型。
    """
    (model, values), data = fresh(attempt, rng), batches(rng, 3, 4, 1)
    hits = [torch.tensor(part) for part in ([1, 0, 1], [0, 1, 1, 0], [1])]
    judged = [
        (x, lengths, (answer(model, x, lengths).argmax(dim=1) + 1 + 4 * hit) % COUNTRIES)
        for (x, lengths, _), hit in zip(data, hits, strict=True)
    ]
    found = expect(attempt.evaluate(model, judged), SHARE).number()
    shares = [hit.float().mean().item() for hit in hits]
    others = which(found, sum(shares) / 3, 5 / 9, 5 / 12, 5.0, 5 / 3, sum(shares), sum(shares) / 8)
    mistakes = {D.percent: 62.5, D.share_not_weighted: others, D.one_batch_only: which(found, 2 / 3, 1 / 8, 2 / 8)}
    expect(found, SHARE).close_to(5 / 8, mistakes=mistakes)
    expect(flat([p.value for p in attempt.parameters(model)]), UNTRAINED).close_to(flat(values))


@pytest.mark.points(0.5)
def test_real_names(attempt: Attempt, dataset: Callable[[str], Path]) -> None:
    """Trained on real names, the classifier tells three countries apart.

    zh: 用真实的姓名训练之后，分类器能区分三个国家。
    """
    rows = [line.split(",") for line in dataset("names_train.csv").read_text(encoding="utf-8").splitlines()]
    kinds = ["China", "Finland", "Italy"]
    people = [(name, kinds.index(country)) for name, country in rows if country in kinds][:100]
    parts = [people[i : i + 32] for i in range(0, 100, 32)]
    data = [tuple(made(attempt, [n for n, _ in part], torch.tensor([k for _, k in part]))) for part in parts]
    model = attempt.RNNClassifier(128, 8, 3)
    generator = torch.Generator().manual_seed(13)
    start = [torch.randn(p.value.shape, generator=generator) * 0.3 for p in attempt.parameters(model)]
    attempt.load_parameters(model, start)
    losses = expect(attempt.train(model, data, epochs=8, lr=0.03), LOSSES).numbers(8)
    share = expect(attempt.evaluate(model, data), SHARE).number()
    expect(bool(losses[-1] < losses[0] / 2) and share >= 0.8, LEARNT).equals(True)
