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

from dlex.kit import Attempt, Diagnosis, Inputs, Remote, Text, Verdict, expect, explaining, fail, fail_if
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

HELOO = Diagnosis(
    "heloo",
    en='[1, 0, 2, 3, 3] spells "heloo": in "hello" there are two l (2, 2) and one o (3).',
    zh="[1, 0, 2, 3, 3] 拼出来是 “heloo”：“hello” 中有两个 l（2, 2）和一个 o（3）。",
)
DICTIONARY_FROM_TEXT = Diagnosis(
    "dictionary_from_text",
    en="The dictionary is built from the text at hand, so a letter's index changes from word to word.",
    zh="字典是根据当前文本建立的，于是同一个字母在不同单词里的索引会变。",
)
FLOAT_INDICES = Diagnosis(
    "float_indices",
    en="The indices are floating-point numbers; nn.Embedding and CrossEntropyLoss want int64 (a LongTensor).",
    zh="索引成了浮点数；nn.Embedding 和 CrossEntropyLoss 需要 int64（LongTensor）。",
)
UNKNOWN_CHARACTER = Diagnosis(
    "unknown_character",
    en="A character outside the dictionary is encoded without complaint, and is a wrong letter later on.",
    zh="字典里没有的字符也被悄悄编码了，之后就成了错误的字母；应当报错。",
)
MISSING_TANH = Diagnosis(
    "missing_tanh",
    en="The sum does not go through tanh, as the cell of the course has it.",
    zh="求和之后没有经过 tanh，而课程中的 RNN Cell 用的是 tanh。",
)
UNTRANSPOSED_WEIGHTS = Diagnosis(
    "untransposed_weights",
    en="A weight is used without its transpose: torch stores it as (out, in), and square w_hh fits anyway.",
    zh="有权重没有转置：torch 按 (输出, 输入) 存放权重，而 w_hh 是方阵，用错了也不会报错。",
)
MISSING_BIAS = Diagnosis(
    "missing_bias",
    en="Only one of the two biases is added; the cell has b_ih and b_hh.",
    zh="两个偏置只加了一个；RNN Cell 有 b_ih 和 b_hh。",
)
HIDDEN_IGNORED = Diagnosis(
    "hidden_ignored",
    en="The result does not depend on the hidden state that came in: the cell has no memory.",
    zh="结果与传入的隐藏状态无关：这样的 RNN Cell 没有记忆。",
)
INPUT_IGNORED = Diagnosis(
    "input_ignored",
    en="The result does not depend on the input: x @ w_ih.T is missing from the sum.",
    zh="结果与输入无关：求和时漏了 x @ w_ih.T。",
)
GRAPH_CUT = Diagnosis(
    "graph_cut",
    en="The result has left its graph: something like .detach(), .data or torch.tensor(...) is on the way.",
    zh="结果脱离了计算图：途中用了 .detach()、.data 或 torch.tensor(...) 之类的操作。",
)
NOT_BY_HAND = Diagnosis(
    "not_by_hand",
    en="The step is left to torch's own recurrent cell; here it is to be written by hand.",
    zh="这一步交给了 torch 自带的循环单元；这里要求手写。",
)
START_SHAPE = Diagnosis(
    "start_shape",
    en="The first hidden state has a wrong shape: a cell wants (batch, hidden_size), and nn.RNN wants "
    "(num_layers, batch, hidden_size), with batch_first too.",
    zh="初始隐藏状态的形状不对：RNNCell 要 (batch, hidden_size)，nn.RNN 要 (num_layers, batch, hidden_size)，"
    "设了 batch_first 也一样。",
)
NONZERO_START = Diagnosis(
    "nonzero_start",
    en="The first hidden state is not zero, so the answer to the first character is left to chance.",
    zh="初始隐藏状态不是零，于是第一个字符的输出就取决于偶然。",
)
SOFTMAX_BEFORE_LOSS = Diagnosis(
    "softmax_before_loss",
    en="A softmax comes before the loss; CrossEntropyLoss wants plain scores and does the softmax itself.",
    zh="在损失函数之前做了 softmax；CrossEntropyLoss 需要原始的得分，它自己会做 softmax。",
)
LAYERS_IGNORED = Diagnosis(
    "layers_ignored",
    en="The network has one layer although num_layers is 2: the number is not handed to nn.RNN.",
    zh="num_layers 为 2，网络却只有一层：这个数没有传给 nn.RNN。",
)
TOO_MANY_LAYERS = Diagnosis(
    "too_many_layers",
    en="There are more layers than num_layers says; nn.RNN takes input_size, hidden_size, num_layers, in this order.",
    zh="循环层比 num_layers 多；nn.RNN 的参数依次是 input_size、hidden_size、num_layers。",
)
PART_MISSING = Diagnosis(
    "part_missing",
    en="Parameters are missing: make each layer in __init__ and keep it as an attribute of self.",
    zh="缺少参数：每个网络层都要在 __init__ 中创建，并保存为 self 的属性。",
)
WRONG_SIZES = Diagnosis(
    "wrong_sizes",
    en="A layer has the wrong sizes: what comes in stands first (for nn.Embedding the letters), what goes out second.",
    zh="有一层的大小不对：先写输入的大小（nn.Embedding 则是字母的个数），再写输出的大小。",
)
WRONG_CELL = Diagnosis(
    "wrong_cell",
    en="The weights have three or four times the rows, for the gates of a GRU or an LSTM; a plain RNN is asked for.",
    zh="权重的行数是应有的三倍或四倍：那是 GRU 或 LSTM 的门；这里要求的是普通的 RNN。",
)
NOT_FLATTENED = Diagnosis(
    "not_flattened",
    en="Time and batch are still two dimensions; the output is to have one row for each character.",
    zh="时间和批次还是两个维度；输出应当是每个字符一行。",
)
ROW_WIDTH = Diagnosis(
    "row_width",
    en="The values are all there, but in rows of another length: a row is one character, a score for each class.",
    zh="数值一个不少，但每行的长度不对：一行对应一个字符，每个类别一个得分。",
)
LAST_STEP_ONLY = Diagnosis(
    "last_step_only",
    en="Only the last character is answered; of (all outputs, last hidden state) the first is wanted.",
    zh="只给出了最后一个字符的结果；nn.RNN 返回（全部输出, 最后的隐藏状态），应取前者。",
)
ROWS_IN_OTHER_ORDER = Diagnosis(
    "rows_in_other_order",
    en="The rows are right but not in the order of the labels; with a single sample nobody would notice.",
    zh="各行的值是对的，但顺序与标签不一致；只有一个样本时看不出来。",
)
AXES_SWAPPED = Diagnosis(
    "axes_swapped",
    en="The recurrence runs along the batch, not along time: one sample's state enters the next sample.",
    zh="循环沿着批次而不是时间进行：一个样本的隐藏状态传给了下一个样本。",
)
VIEW_FOR_TRANSPOSE = Diagnosis(
    "view_for_transpose",
    en="view and reshape do not exchange two axes: they mix the samples. A transpose exchanges them.",
    zh="view 和 reshape 不能交换两个轴，只会把不同的样本混在一起；交换要用转置（transpose）。",
)
STATE_KEPT = Diagnosis(
    "state_kept",
    en="A second call with the same input gives another answer: the hidden state of the first call lives on.",
    zh="同样的输入第二次调用得到了不同的结果：第一次调用的隐藏状态留了下来。",
)
HIDDEN_NOT_CARRIED = Diagnosis(
    "hidden_not_carried",
    en="Each character begins with a fresh hidden state, so the network forgets what it has read.",
    zh="每个字符都从新的隐藏状态开始，网络记不住读过的内容。",
)
HIDDEN_OUTSIDE_EPOCHS = Diagnosis(
    "hidden_outside_epochs",
    en="The hidden state is made once, before all epochs, and drags each epoch into the next.",
    zh="隐藏状态只在所有 epoch 之前创建了一次，把上一个 epoch 带进了下一个。",
)
HIDDEN_DETACHED = Diagnosis(
    "hidden_detached",
    en="The hidden state is detached between characters, so no gradient flows back through time.",
    zh="隐藏状态在字符之间被 detach 了，梯度无法沿时间反向传播。",
)
MISSING_ZERO_GRAD = Diagnosis(
    "missing_zero_grad",
    en="The gradients of earlier epochs are still there: zero_grad is missing in the loop.",
    zh="之前 epoch 的梯度还在：循环里少了 zero_grad。",
)
MISSING_STEP = Diagnosis(
    "missing_step",
    en="The loss is the same in every epoch: the weights are never updated.",
    zh="每个 epoch 的损失都一样：权重从未更新。",
)
BACKWARD_IN_LOOP = Diagnosis(
    "backward_in_loop",
    en="backward (or step) is called for each character; add the losses up and call it once for each epoch.",
    zh="每个字符都调用了 backward（或 step）；应先把损失加起来，每个 epoch 只调用一次。",
)
LOSS_ITEM = Diagnosis(
    "loss_item",
    en="What is added up are plain numbers (.item()), which know nothing of the weights; add up the tensors.",
    zh="累加的是普通数字（.item()），它们与权重没有联系；应当累加张量。",
)
MEAN_LOSS = Diagnosis(
    "mean_loss",
    en="The losses of the characters are averaged; here they are added up.",
    zh="对各字符的损失取了平均；这里要求相加。",
)
LAST_CHARACTER_ONLY = Diagnosis(
    "last_character_only",
    en="Only the last character counts: the other losses are overwritten, or their gradients are cleared.",
    zh="只有最后一个字符起作用：其余的损失被覆盖了，或者它们的梯度被清掉了。",
)
SHIFTED_TARGET = Diagnosis(
    "shifted_target",
    en="Character t is compared with label t + 1; labels[t] already is the answer to inputs[t].",
    zh="第 t 个字符与第 t + 1 个标签作了比较；labels[t] 本来就是 inputs[t] 的答案。",
)
OPTIMIZER_IN_LOOP = Diagnosis(
    "optimizer_in_loop",
    en="Adam is made anew in each epoch and forgets its averages; make it once, before the loop.",
    zh="每个 epoch 都重新创建 Adam，它积累的动量就丢了；应在循环之前只创建一次。",
)
RATE_IGNORED = Diagnosis(
    "rate_ignored",
    en="The learning rate is not the one that was given: hand lr on to Adam, whose own default is 0.001.",
    zh="学习率不是传入的那个：要把 lr 传给 Adam，它自己的默认值是 0.001。",
)
EPOCHS_MISCOUNTED = Diagnosis(
    "epochs_miscounted",
    en="The list is to have one loss for each epoch: look at the range of the outer loop, and where append stands.",
    zh="列表中每个 epoch 应恰好有一个损失：请检查外层循环的范围，以及 append 的位置。",
)

STARTING = {
    AXES_SWAPPED: rf"Expected hidden size \(\d+, {SEQ}, \d+\)",
    START_SHAPE: r"Expected hidden size|hx should also be|hidden0 batch size|inconsistent hidden_size",
}
LOOPING = {
    LOSS_ITEM: r"'(float|int)' object has no attribute 'backward'|does not require grad",
    AXES_SWAPPED: rf"Input batch size {SEQ} doesn't match|to match target batch_size \({SEQ}\)",
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
        return {PART_MISSING: found}
    if found in gated:
        return {WRONG_CELL: found}
    if len(found) == len(wanted):
        return {WRONG_SIZES: found}
    more = len(found) - len(wanted)
    return {TOO_MANY_LAYERS: found} if more > 0 and more % 4 == 0 else {}  # a layer has four


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
        fail(STATE_KEPT if known else NONZERO_START)
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
            mistakes={HELOO: [1, 0, 2, 3, 3], DICTIONARY_FROM_TEXT: spelled(word, own)},
        )
        fail_if(word != "" and has_floats(found), FLOAT_INDICES, Verdict.WRONG_DTYPE)
    try:
        attempt.encode("help")
    except CheckFailure as failure:
        if failure.finding.verdict is not Verdict.RAISED:
            raise
    else:
        fail(UNKNOWN_CHARACTER)


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
            with explaining({UNTRANSPOSED_WEIGHTS: MISFIT}):
                found = attempt.rnn_cell_step(x, h, *layer)
            mistakes = step_mistakes(found, layer, x, h)
            h = torch.tanh(layer.total(x, h))
            expect(found, STEP).close_to(h, mistakes=mistakes)


def step_mistakes(found: Any, layer: Layer, x: torch.Tensor, h: torch.Tensor) -> dict[Diagnosis, torch.Tensor]:
    """What wrong steps give."""
    total = layer.total(x, h)
    return {
        MISSING_TANH: which(found, total, total.relu(), total.sigmoid()),
        UNTRANSPOSED_WEIGHTS: torch.tanh(total + h @ layer.w_hh - h @ layer.w_hh.T),
        MISSING_BIAS: which(
            found,
            *(torch.tanh(total - b) for b in (layer.b_hh, layer.b_ih)),
            *(torch.tanh(total + n * (layer.b_hh - layer.b_ih)) for n in (-1, 1)),  # one of them twice
        ),
        HIDDEN_IGNORED: which(found, *(torch.tanh(layer.total(x, 0 * h) - n * layer.b_hh) for n in (0, 1))),
        INPUT_IGNORED: which(found, *(torch.tanh(layer.total(0 * x, h) - n * layer.b_ih) for n in (0, 1))),
        SOFTMAX_BEFORE_LOSS: which(found, *softmaxes(torch.tanh(total))),
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
    with explaining({UNTRANSPOSED_WEIGHTS: MISFIT, GRAPH_CUT: r"Can't call numpy\(\)"}):
        seen = attempt.observe(attempt.rnn_cell_step, *given)
    mistakes = step_mistakes(seen.value, Layer(*given[2:]), *given[:2])
    expect(seen.value, STEP).close_to(right, mistakes=mistakes)
    fail_if(RECURRENT.found_in(seen.ops), NOT_BY_HAND, Verdict.FORBIDDEN_OP)
    found = attempt.gradients(attempt.rnn_cell_step, *given, wrt=range(6), upstream=upstream)
    fail_if(any(g is None for g in found.inputs), GRAPH_CUT, Verdict.NO_GRADIENT)
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
    expect(start, START).has_shape(BATCH, HIDDEN, mistakes={START_SHAPE: start.shape})
    fail_if(bool(start.any()), NONZERO_START)
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
        mistakes = {LAYERS_IGNORED: rnn_shapes(INPUT, HIDDEN, 1)}
        loaded(attempt, model, rng, rnn_shapes(INPUT, HIDDEN, depth), mistakes)
        with explaining(STARTING):
            found = model(rng.normal(SEQ, batch, INPUT))
        wrong = {
            NOT_FLATTENED: (SEQ, batch, HIDDEN),
            LAST_STEP_ONLY: (batch, HIDDEN),
            ROW_WIDTH: cut_otherwise(found, SEQ * batch * HIDDEN),
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
                ROWS_IN_OTHER_ORDER: rows(swap(states)),
                AXES_SWAPPED: which(found, rows(swap(unroll(swap(x), layers))), rows(unroll(swap(x), layers))),
                VIEW_FOR_TRANSPOSE: which(found, rows(swap(mixed)), rows(mixed)),
                SOFTMAX_BEFORE_LOSS: which(found, *softmaxes(rows(states))),
                NONZERO_START: rows(unroll(x, layers, start=1.0)),
                HIDDEN_NOT_CARRIED: rows(torch.stack([unroll(row[None], layers)[0] for row in x])),
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
    fail_if(any(g is None for g in gradients), GRAPH_CUT, Verdict.NO_GRADIENT)
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
    loaded(attempt, model, rng, embedding_shapes(DEPTH), {LAYERS_IGNORED: embedding_shapes(1)})
    for batch in (BATCH, 1):
        with explaining(STARTING):
            found = model(rng.integers(batch, SEQ, high=4))
        last = cut_otherwise(found, DEPTH * batch * CLASSES)  # of both layers
        wrong = {
            NOT_FLATTENED: (batch, SEQ, CLASSES),
            LAST_STEP_ONLY: last if last[-1] == CLASSES else (batch, CLASSES),
            ROW_WIDTH: cut_otherwise(found, batch * SEQ * CLASSES),
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
            ROWS_IN_OTHER_ORDER: logits(swap(states)),
            AXES_SWAPPED: which(found, logits(along), logits(swap(along))),
            VIEW_FOR_TRANSPOSE: which(found, logits(mixed), logits(swap(mixed))),
            SOFTMAX_BEFORE_LOSS: which(found, *softmaxes(right)),
            NONZERO_START: logits(swap(unroll(swap(vectors), layers, start=1.0))),
        },
    )
    upstream = rng.normal(BATCH * SEQ, CLASSES)
    given = attempt.gradients(model, x, wrt=(), upstream=upstream, module=model)
    fail_if(any(g is None for g in given.parameters), GRAPH_CUT, Verdict.NO_GRADIENT)
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
    with explaining({BACKWARD_IN_LOOP if epochs == 1 else HIDDEN_OUTSIDE_EPOCHS: AGAIN, **LOOPING}):
        losses = attempt.train(model, inputs, labels, epochs=epochs, lr=lr)
    if isinstance(losses, (list, tuple)) and len(losses) != epochs:
        comparison = Comparison(expected=f"({epochs},)", actual=f"({len(losses)},)")
        fail(EPOCHS_MISCOUNTED, Verdict.WRONG_SHAPE, comparison)
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
            MEAN_LOSS: [total() / SEQ],
            LAST_CHARACTER_ONLY: parts[-1:],
            HIDDEN_NOT_CARRIED: [total(carry=torch.zeros_like)],
            SOFTMAX_BEFORE_LOSS: which(first, *(torch.tensor([loss]) for loss in softened)),
            SHIFTED_TARGET: which(first, *(torch.tensor([loss]) for loss in shifted)),
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
            MISSING_STEP: [right[0]] * 4,
            MISSING_ZERO_GRAD: lambda: losses_of(clear=False),
            HIDDEN_OUTSIDE_EPOCHS: lambda: losses_of(keep_hidden=True),
            HIDDEN_DETACHED: lambda: losses_of(carry=torch.Tensor.detach),
            BACKWARD_IN_LOOP: lambda: losses_of(objective=each_backward),
            LAST_CHARACTER_ONLY: lambda: losses_of(objective=lambda parts: parts[-1]),
            OPTIMIZER_IN_LOOP: lambda: losses_of(keep_moments=False),
            # Adam's own, and those of the course
            RATE_IGNORED: lambda: which(said, *(torch.tensor(losses_of(rate=r)) for r in (0.001, 0.01, 0.05, 0.1))),
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
