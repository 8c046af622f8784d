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

from dlex.kit import Attempt, Diagnosis, Inputs, Remote, Text, Verdict, expect, explaining, fail, fail_if
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
NOT_INT64 = Diagnosis(
    "not_int64",
    en="A result is no int64 tensor: nn.Embedding, packing and CrossEntropyLoss all want whole numbers.",
    zh="三个返回值中有的不是 int64 张量：nn.Embedding、打包和 CrossEntropyLoss 需要的都是整数（LongTensor）。",
)
PADDED_ON_LEFT = Diagnosis(
    "padded_on_left",
    en="The zeros stand in front of the short names; packing cuts off the end of a row, so the padding belongs there.",
    zh="零补在了短名字的前面；打包时截去的是每行的末尾，所以应当补在后面。",
)
PADDING_NOT_ZERO = Diagnosis(
    "padding_not_zero",
    en="The names are right, but behind the short ones stands something else than zeros.",
    zh="名字的编码是对的，但短名字后面补的不是 0。",
)
WRONG_CODES = Diagnosis(
    "wrong_codes",
    en="These are not the ASCII codes of the letters, which `ord` gives: 'A' is 65 and 'a' is 97.",
    zh="这些数不是字母的 ASCII 码：用 `ord` 得到的应是 'A' 为 65，'a' 为 97。",
)
NOT_SORTED = Diagnosis(
    "not_sorted",
    en="The names do not come by length, the longest first, which is the order that packing expects.",
    zh="名字没有按长度从长到短排列，而打包时默认要求这样的顺序。",
)
PERMUTED_APART = Diagnosis(
    "permuted_apart",
    en="The three results are in different orders, so a name gets the length or the country of another: permute alike.",
    zh="三个返回值的顺序不一致，名字配上了别人的长度或国家：三者要用同一个排列。",
)
NON_ASCII_KEPT = Diagnosis(
    "non_ascii_kept",
    en="A letter such as 'á' passes without complaint: its code is 128 or more, for which the embedding has no row.",
    zh="'á' 这样的字母没有报错就通过了：它的编码不小于 128，嵌入表中没有对应的行。",
)

# ---- RNNClassifier
ONE_DIRECTION = Diagnosis(
    "one_direction",
    en="Only one direction counts: both together have twice the weights, and the linear layer reads 2 * hidden_size.",
    zh="只用了一个方向：双向 GRU 的权重多一倍，全连接层要读入 2 * hidden_size 个数。",
)
WRONG_SIZES = Diagnosis(
    "wrong_sizes",
    en="A layer is missing or has other sizes than the docstring says: compare the shapes of the parameters.",
    zh="少了某个网络层，或者尺寸与文档字符串不符：请对照各参数的形状。",
)
LAYERS_IGNORED = Diagnosis(
    "layers_ignored",
    en="The GRU has one layer although n_layers is 2: the number is not handed on.",
    zh="n_layers 为 2，GRU 却只有一层：这个数没有传给它。",
)
START_SHAPE = Diagnosis(
    "start_shape",
    en="The initial hidden state has a wrong shape: nn.GRU wants (n_layers * directions, batch, hidden_size).",
    zh="初始隐藏状态的形状不对：nn.GRU 需要 (n_layers * 方向数, batch, hidden_size)。",
)
AXES_SWAPPED = Diagnosis(
    "axes_swapped",
    en="Batch and time are exchanged: without batch_first, packing and nn.GRU take dimension 0 for time.",
    zh="批次和时间两个维度弄反了：没有设 batch_first 时，打包和 nn.GRU 都把第 0 维当作时间。",
)
RANDOM_START = Diagnosis(
    "random_start",
    en="The GRU does not start from zeros, so the same name gets another answer each time.",
    zh="GRU 的初始隐藏状态不是零，同一个名字每次得到的结果都不一样。",
)
LAST_DIRECTION_TWICE = Diagnosis(
    "last_direction_twice",
    en="The same direction is joined to itself; of the last layer, hidden[-2] is forward and hidden[-1] is backward.",
    zh="把同一个方向拼接了两次；最后一层中 hidden[-2] 是正向，hidden[-1] 是反向。",
)
WRONG_LAYER = Diagnosis(
    "wrong_layer",
    en="Another layer's final hidden states are used: hidden goes layer by layer, and its last two are the last's.",
    zh="用了别的层的最终隐藏状态：hidden 是逐层排列的，最后两个才属于最后一层。",
)
LAST_OUTPUT = Diagnosis(
    "last_output",
    en="This is output at one place; there one direction has read the whole name, but the other a single letter.",
    zh="取的是 output 在某一个位置的值；在那里，一个方向读完了整个名字，另一个方向却只读了一个字母。",
)
SOFTMAX_BEFORE_LOSS = Diagnosis(
    "softmax_before_loss",
    en="A softmax comes before the loss; CrossEntropyLoss wants plain logits and does the softmax itself.",
    zh="在损失函数之前做了 softmax；CrossEntropyLoss 需要原始的 logits，它自己会做 softmax。",
)
PADDING_READ = Diagnosis(
    "padding_read",
    en="A name gets another answer in the company of a longer one: the GRU reads its padding as if it were letters.",
    zh="与更长的名字放在一起时，同一个名字的结果变了：GRU 把补的零也当作字母读了进去。",
)
GRAPH_CUT = Diagnosis(
    "graph_cut",
    en="No gradient comes back to some of the weights: .data, .detach() or torch.tensor(...) is in forward.",
    zh="有的权重得不到梯度：forward 里用了 .data、.detach() 或 torch.tensor(...) 之类的操作。",
)

# ---- train and evaluate
MISSING_STEP = Diagnosis(
    "missing_step",
    en="The losses are those of the untouched model: nothing changes the weights from one batch to the next.",
    zh="这些是未经训练的模型的损失：一个批次之后，权重没有任何更新。",
)
MISSING_ZERO_GRAD = Diagnosis(
    "missing_zero_grad",
    en="The gradients of earlier batches are still in .grad when the next ones are added: clear them for each batch.",
    zh="前面批次的梯度还留在 .grad 里，与新的梯度累加了：每个批次都要清零。",
)
ONE_BATCH_ONLY = Diagnosis(
    "one_batch_only",
    en="Only one batch counts: the result is overwritten, or returned before all batches have come.",
    zh="只算了一个批次：结果被后来的批次覆盖了，或者没等所有批次处理完就返回了。",
)
LOSS_NOT_WEIGHTED = Diagnosis(
    "loss_not_weighted",
    en="The batches' mean losses are summed or averaged, but the last batch is smaller: each name should count once.",
    zh="你把各批次的平均损失直接相加或取平均，而最后一个批次较小：应当让每个名字的权重相同。",
)
PERCENT = Diagnosis(
    "percent",
    en="The accuracy is in per cent; a share from 0 to 1 is asked for.",
    zh="准确率用的是百分数；这里要的是 0 到 1 之间的比例。",
)
SHARE_NOT_WEIGHTED = Diagnosis(
    "share_not_weighted",
    en="The right answers are divided by a wrong number: count the names of all batches, the last of which is smaller.",
    zh="答对的个数除错了数：应除以所有批次的名字总数，而最后一个批次较小。",
)

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
        fail_if(isinstance(part, list), NOT_INT64, Verdict.WRONG_DTYPE)
        expect(part, what).has_shape(*shape)
        fail_if(part.dtype != torch.int64, NOT_INT64, Verdict.WRONG_DTYPE)
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
        fail_if(torch.equal(rows, left), PADDED_ON_LEFT)
        fail_if(sorted(rows.tolist()) == sorted(right.tolist()), NOT_SORTED)
        fail_if(torch.equal(rows[real], right[real]), PADDING_NOT_ZERO)
        fail(WRONG_CODES)
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
    fail_if(lengths.tolist() != own and sorted(lengths.tolist()) == sorted(own), PERMUTED_APART)
    fail_if(own != sorted(own, reverse=True), NOT_SORTED)
    expect(lengths, LENGTHS).equals(own)
    right = [country[tuple(row)] for row in rows.tolist()]
    fail_if(labels.tolist() != right and sorted(labels.tolist()) == sorted(right), PERMUTED_APART)
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
            fail(NON_ASCII_KEPT)


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
    fail_if(shapes == Oracle(1, directions).shapes() and layers > 1, LAYERS_IGNORED)
    recurrent = [shape for shape in shapes if len(shape) == 2 and shape[0] == 3 * HIDDEN]
    narrow = (COUNTRIES, HIDDEN) in shapes or len(recurrent) == 2 * layers
    fail_if(directions == 2 and narrow, ONE_DIRECTION)
    expect(shapes, SHAPES).equals(oracle.shapes(), mistakes={WRONG_SIZES: shapes})
    roles = [role(p.name, p.value.shape) for p in own]
    values = [rng.normal(*p.value.shape, std=0.5) for p in own]
    attempt.load_parameters(model, values)
    oracle.load_state_dict(dict(zip(roles, values, strict=True)))
    return model, oracle, roles


RAISING = {START_SHAPE: r"Expected hidden", AXES_SWAPPED: r"Expected `len\(lengths\)` to be equal to batch_size"}


def batch(rng: Inputs, *lengths: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Random names of these lengths, given in descending order, as make_tensors would give them."""
    x = rng.integers(len(lengths), max(lengths), low=1, high=CODES)
    sizes = torch.tensor(lengths)
    return x * (torch.arange(max(lengths)) < sizes[:, None]), sizes


def answer(model: Remote, x: torch.Tensor, lengths: torch.Tensor) -> torch.Tensor:
    """What the classifier gives, if it has the shape of logits."""
    with explaining(RAISING):
        found = model(x, lengths)
    expect(found, LOGITS).has_shape(len(x), COUNTRIES, mistakes={AXES_SWAPPED: (x.shape[1], COUNTRIES)})
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
        fail_if(not torch.equal(found, answer(model, x, lengths)), RANDOM_START)
        h, vectors = oracle.states(x, lengths), oracle.embedding(x)
        outputs, _ = oracle.gru(vectors)
        places = [outputs[:, t].unflatten(1, (directions, HIDDEN)).unbind(1) for t in (-1, 0)]
        early = ((torch.softmax, 1), (torch.softmax, 0), (torch.log_softmax, 1), (torch.log_softmax, 0))
        expect(found, LOGITS).close_to(
            which(found, *oracle.either(h)),
            mistakes={
                SOFTMAX_BEFORE_LOSS: which(found, *(f(z, dim) for z in oracle.either(h) for f, dim in early)),
                LAST_DIRECTION_TWICE: which(found, *(oracle.logits(*[part] * directions) for part in h[-directions:])),
                WRONG_LAYER: which(found, *(oracle.logits(*parts) for parts in product(h, repeat=directions))),
                LAST_OUTPUT: which(found, *(oracle.logits(*p) for parts in places for p in (parts, parts[::-1]))),
                RANDOM_START: which(found, *oracle.either(oracle.gru(vectors, torch.ones_like(h))[1])),
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
        fail_if(not close(alone, together[i : i + 1]), PADDING_READ)


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
    fail_if(any(g is None for g in found.parameters), GRAPH_CUT, Verdict.NO_GRADIENT)
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
    mistakes = {SOFTMAX_BEFORE_LOSS: [mean(softened, data)], LOSS_NOT_WEIGHTED: unweighted, ONE_BATCH_ONLY: single}
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
    mistakes = {MISSING_STEP: flat(values), MISSING_ZERO_GRAD: lambda: trained(attempt, values, data, clear=False)[1]}
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
    mistakes = {PERCENT: 62.5, SHARE_NOT_WEIGHTED: others, ONE_BATCH_ONLY: which(found, 2 / 3, 1 / 8, 2 / 8)}
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
