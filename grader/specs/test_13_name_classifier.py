"""The hidden checks of exercise 13.

The classifier is compared with the formula, which reads each name to its end and no further.  train and evaluate are
compared with what the learner's own classifier gives, so that a slip in one piece does not cost the points of another.
B is the batch, T the length of the longest name, C the number of codes, H the hidden size, O the number of countries.
"""

from functools import partial
from itertools import product

import torch
from torch.nn import functional as F
from torch.nn.utils.rnn import pad_sequence

from dlex.kit import Inputs, Text, Verdict, check, diagnoses, expect, explaining, fail_if, softmaxes, training, when

D = diagnoses(__file__)

TENSORS = Text(en="what make_tensors returns", zh="make_tensors 的返回值")
ROWS = Text(en="the seq_tensor of make_tensors", zh="make_tensors 的 seq_tensor")
LENGTHS = Text(en="the seq_lengths of make_tensors", zh="make_tensors 的 seq_lengths")
LABELS = Text(en="the countries of make_tensors", zh="make_tensors 的 countries")
LOGITS = Text(en="the output of RNNClassifier", zh="RNNClassifier 的输出")
LOSSES = Text(en="the list of losses", zh="损失的列表")
ATTACHED = Text(en="whether the losses keep their graphs in memory", zh="损失是否还连着计算图（占用内存）")
LEARNT = Text(en="whether the loss halves and 80 % of the names are right", zh="损失是否减半且 80% 的名字判断正确")
UNTRAINED = Text(en="a weight after evaluate", zh="evaluate 之后的权重")
SHARE = Text(en="the accuracy", zh="准确率")
PARTS = ("w_ih", "w_hh", "b_ih", "b_hh")  # of one direction of a layer


# ---- make_tensors


def words(rng, lengths):
    """Random names of these lengths, of any printable ASCII characters."""
    return ["".join(map(chr, rng.integers(n, low=32, high=127).tolist())) for n in lengths]


def coded(names):
    """The codes of the names, in their order, with zeros behind."""
    return pad_sequence([torch.tensor([ord(c) for c in name]) for name in names], batch_first=True)


def made(attempt, names, countries):
    """What make_tensors returns, if it has the right shapes and dtypes."""
    parts = expect(attempt.on_host(attempt.make_tensors, list(names), countries), TENSORS).items(3)
    shapes = [(len(names), max(map(len, names))), (len(names),), (len(names),)]
    for part, what, shape in zip(parts, (ROWS, LENGTHS, LABELS), shapes, strict=True):
        fail_if(isinstance(part, list), D.not_int64, Verdict.WRONG_DTYPE)
        expect(part, what).has_shape(*shape)
        fail_if(part.dtype != torch.int64, D.not_int64, Verdict.WRONG_DTYPE)
    return parts


def falling(rng, B, T):
    """B lengths (B,), the longest first: T, and the last of several is 1."""
    lengths = rng.integers(B, low=1, high=T + 1).sort(descending=True).values
    lengths[-1], lengths[0] = 1, T
    return lengths


@check(0.5, public=True)
def test_tensors_shape(attempt, rng):
    """make_tensors returns three int64 tensors: (N, T), (N,) and (N,).

    zh: make_tensors 返回三个 int64 张量，形状为 (N, T)、(N,) 和 (N,)。
    """
    for N, T in rng.all_sizes("NT"):
        made(attempt, words(rng, falling(rng, N, T)), rng.integers(N, high=18))


def row_slips(right, lengths):
    """What misconceptions make of the rows `right` of names of these lengths."""
    letter = right != 0
    return {
        D.padded_on_left: torch.stack([row.roll(-n) for row, n in zip(right, lengths, strict=True)]),
        D.not_sorted: when(lambda rows: sorted(rows.tolist()) == sorted(right.tolist())),
        D.padding_not_zero: when(lambda rows: torch.equal(rows[letter], right[letter])),
        D.wrong_codes: when(lambda rows: len({0, *(rows - right)[letter].tolist()}) == 2),  # all shifted by a number
    }


@check(1)
def test_tensors_codes(attempt, rng):
    """The rows hold the ASCII codes of the names, with zeros behind the short ones.

    zh: 各行是名字的 ASCII 码，短名字后面补零。
    """
    for (N,) in rng.all_sizes("N"):
        lengths = range(N + 2, 2, -1)  # the longest first, so that sorting makes no difference
        right = coded(names := words(rng, lengths))
        rows, found, _ = made(attempt, names, rng.integers(N, high=18))
        expect(rows, ROWS).like(right, slips=row_slips(right, lengths))
        expect(found, LENGTHS).equals(list(lengths))


@check(1.5)
def test_tensors_order(attempt, rng):
    """The longest name comes first, and its length and its country come along.

    zh: 最长的名字排在最前，它的长度和国家也随之移动。
    """
    for (N,) in rng.all_sizes("N"):
        lengths = [1, *(rng.permutation(N) + 3).tolist(), N + 2]  # the shortest first, and the longest twice
        names, countries = words(rng, lengths), rng.permutation(18)[: len(lengths)]
        country = {tuple(row): c for row, c in zip(coded(names).tolist(), countries.tolist(), strict=True)}
        rows, found, labels = made(attempt, names, countries)
        expect(sorted(rows.tolist()), ROWS).equals(sorted(coded(names).tolist()))
        own = (rows != 0).sum(dim=1).tolist()  # names of equal length may come in either order
        fail_if(found.tolist() != own and sorted(found.tolist()) == sorted(own), D.permuted_apart)
        fail_if(own != sorted(own, reverse=True), D.not_sorted)
        expect(found, LENGTHS).equals(own)
        right = [country[tuple(row)] for row in rows.tolist()]
        fail_if(labels.tolist() != right and sorted(labels.tolist()) == sorted(right), D.permuted_apart)
        expect(labels, LABELS).equals(right)


@check(0.5)
def test_tensors_ascii(attempt, rng):
    """make_tensors takes every ASCII character, and refuses a name with any other.

    zh: make_tensors 接受所有 ASCII 字符，遇到其他字符则报错。
    """
    codes = [1, *rng.integers(4, low=1, high=128).tolist(), 127]
    expect(made(attempt, ["".join(map(chr, codes))], rng.integers(1, high=18))[0], ROWS).equals([codes])
    for name in ("Novák", "\x80", "Li" + chr(rng.integer(128, 1000))):
        attempt.make_tensors.raises(ValueError, ["Li", name], rng.integers(2, high=18), silent=D.non_ascii_kept)


# ---- the classifier by formula


def shapes(C, H, O, depth=1, directions=2):
    """The parameter shapes of a classifier."""
    found = {"table": (C, H)}
    for k, d in product(range(depth), range(directions)):
        read = directions * H if k else H
        sizes = (3 * H, read), (3 * H, H), (3 * H,), (3 * H,)
        found |= {f"{part}_{k}{d}": size for part, size in zip(PARTS, sizes, strict=True)}
    return found | {"w": (O, directions * H), "b": (O,)}


def step(x, h, w_ih, w_hh, b_ih, b_hh):
    """The GRU of the lecture."""
    (r_x, z_x, n_x), (r_h, z_h, n_h) = F.linear(x, w_ih, b_ih).chunk(3, 1), F.linear(h, w_hh, b_hh).chunk(3, 1)
    r, z = torch.sigmoid(r_x + r_h), torch.sigmoid(z_x + z_h)
    return (1 - z) * torch.tanh(n_x + r * n_h) + z * h


def read(x, lengths, backwards, **weights):
    """The outputs of one direction (B, T, H), zero behind the end of a name, and its final states (B, H)."""
    h, outputs = x.new_zeros(len(x), weights["w_hh"].shape[1]), []
    for t in sorted(range(x.shape[1]), reverse=backwards):
        is_letter = (t < lengths)[:, None]
        h = torch.where(is_letter, step(x[:, t], h, **weights), h)
        outputs.append(h * is_letter)
    return torch.stack(outputs[::-1] if backwards else outputs, dim=1), h


def ends(outputs, finals):
    """The final states of the last layer."""
    return finals[-len(outputs) :]


def classifier(x, lengths, table, w, b, join=ends, padded=(), **recurrent):
    """The logits; `join` says which outputs or final states are used, the directions `padded` read the padding."""
    directions = 2 if "w_ih_01" in recurrent else 1
    values, finals = table[x], []
    for k in range(len(recurrent) // 4 // directions):
        own = [{part: recurrent[f"{part}_{k}{d}"] for part in PARTS} for d in range(directions)]
        until = [torch.full_like(lengths, x.shape[1]) if d in padded else lengths for d in range(directions)]
        outputs, last = zip(*(read(values, until[d], d == 1, **own[d]) for d in range(directions)), strict=True)
        values, finals = torch.cat(outputs, dim=2), [*finals, *last]
    return F.linear(torch.cat(join(outputs, finals), dim=1), w, b)


RIGHT = [classifier, partial(classifier, join=lambda *states: ends(*states)[::-1])]  # either order will do


def slips_of(depth, directions):
    """What misconceptions give for names of equal length."""

    def joining(*joins):
        return [partial(classifier, join=join) for join in joins]

    earlier = (depth - 1) * directions  # states of the layers before the last one
    pairs = [some for some in product(range(earlier + directions), repeat=directions) if min(some) < earlier]
    places = product((-1, 0), (1, -1))
    return {
        D.softmax_before_loss: [slip for right in RIGHT for slip in softmaxes(right)],
        D.relu_on_logits: [lambda *given, right=right, **weights: right(*given, **weights).relu() for right in RIGHT],
        D.last_direction_twice: joining(*(lambda o, f, i=i: [f[i]] * len(o) for i in (-1, -directions))),
        D.wrong_layer: joining(*(lambda _, f, some=some: [f[i] for i in some] for some in pairs)),
        D.last_output: joining(*(lambda o, _, t=t, order=order: [y[:, t] for y in o][::order] for t, order in places)),
    }


# ---- RNNClassifier

ERRORS = {D.start_shape: r"Expected hidden", D.axes_swapped: r"Expected `len\(lengths\)` to be equal to batch_size"}


def all_sizes(rng, ones="BTHO"):
    """B, T and (C, H, O), such that the shapes of the embedding and of the linear layer tell them from the GRU's."""
    for B, T, H, outputs in rng.all_sizes("BTHO", ones=ones):
        O = outputs + (outputs == 3 * H)
        yield B, T, (3 * H + O + 1, H, O)


def batch(rng, lengths, sizes):
    """Random names of these lengths as make_tensors gives them, and the lengths."""
    letters = rng.integers(len(lengths), int(lengths[0]), low=1, high=sizes[0])
    return letters * (torch.arange(int(lengths[0])) < lengths[:, None]), lengths


def logits_like(found, x, sizes):
    """The same, if it has the shape of logits, is float32 and finite."""
    expect(found, LOGITS).has_shape(len(x), sizes[-1], mistakes={D.axes_swapped: (x.shape[1], sizes[-1])})
    expect(found, LOGITS).close_to(found.detach().float().nan_to_num())
    return found


def answer(model, x, lengths, sizes):
    """What the classifier gives."""
    with explaining(ERRORS):
        return logits_like(model(x, lengths), x, sizes).detach()


def asked(attempt, rng, B, T, sizes, depth=1, both=True):
    """A classifier, its random weights, B names of T letters with their lengths, and what it makes of these."""
    (_, H, O), directions = sizes, both + 1
    model = attempt.RNNClassifier(*sizes, *(() if depth == 1 and both else (depth, both)))  # those are the defaults
    wide, narrow = shapes(*sizes, depth), shapes(*sizes, depth, 1)
    one_way = [narrow, wide | {"w": (O, H)}, narrow | {"w": (O, 2 * H)}]
    one_layer = shapes(*sizes, 1, directions)  # that two layers of one direction look the same is why there are three
    slips = {D.layers_ignored: [one_layer] if depth > 1 else [], D.one_direction: one_way if both else []}
    others = dict.fromkeys(("missing", "sizes", "otherwise"), D.wrong_sizes)
    given = batch(rng, torch.full((B,), T), sizes)
    weights = model.weights.expect(shapes(*sizes, depth, directions), slips=slips, **others, fed=given)
    weights = weights.randomise(rng, std=0.5)
    return model, weights, given, answer(model, *given, sizes)


def nearest(found, candidates, *given, **weights):
    """The candidate that gives what was found, else the first."""
    return next((c for c in candidates if expect(found).resembles(c(*given, **weights))), candidates[0])


def starts_elsewhere(attempt, model, x, lengths, weights):
    """Whether nn.GRU is handed a hidden state that is not zero; what it reads unpacked are rows of the table."""
    last = [step.inputs[-1] for step in attempt.trace(model, x, lengths)[1] if step.kind == "GRU" and step.inputs]
    return any(bool(value.any()) and not bool(torch.isin(value, weights["table"]).all()) for value in last)


CONFIGS = ((3, True), (1, True), (2, False), (1, True), (1, False))  # n_layers and bidirectional


@check(0.5, public=True)
def test_classifier_shape(attempt, rng):
    """RNNClassifier has the right layers and gives one row of logits for each name.

    zh: RNNClassifier 的网络层符合要求，对每个名字给出一行 logits。
    """
    for sizes, config in zip(all_sizes(rng), CONFIGS, strict=True):
        asked(attempt, rng, *sizes, *config)


@check(1.5)
def test_classifier_values(attempt, rng):
    """With given weights, names of equal length get the logits of both directions of the last layer.

    zh: 给定权重，对长度相同的名字，logits 由最后一层两个方向的最终隐藏状态算出。
    """
    for sizes, (depth, both) in zip(all_sizes(rng), CONFIGS, strict=True):
        model, weights, given, found = asked(attempt, rng, *sizes, depth, both)
        elsewhere = when(lambda _, told=(model, *given, weights): starts_elsewhere(attempt, *told))
        slips = slips_of(depth, both + 1) | {D.random_start: elsewhere}
        expect(found, LOGITS).like(nearest(found, RIGHT, *given, **weights), *given, weights=weights, slips=slips)


@check(1)
def test_padding(attempt, rng):
    """A name gets the same logits alone as in a batch with longer names.

    zh: 一个名字单独输入，与放在有更长名字的批次里，得到的 logits 相同。
    """
    ((B, T, sizes),) = all_sizes(rng, "")
    model, weights, given, found = asked(attempt, rng, B, T, sizes, 3)
    others = slips_of(3, 2)
    last = {D.last_output: others.pop(D.last_output)}  # where a short name has ended already
    known = [*RIGHT, *(slip for some in others.values() for slip in some)]
    own = nearest(found, known, *given, **weights)  # right or wrong, where there is no padding
    slips = {D.padding_read: [partial(own, padded=some) for some in ((0, 1), (0,), (1,))]} | last
    given = batch(rng, falling(rng, B, T), sizes)
    expect(answer(model, *given, sizes), LOGITS).like(own, *given, weights=weights, slips=slips)


@check(0.5)
def test_classifier_gradient(attempt, rng):
    """The gradient comes back to every weight, through both directions.

    zh: 梯度能经由两个方向传回每个权重。
    """
    ((B, T, sizes),) = all_sizes(rng, "")
    model, weights, given, found = asked(attempt, rng, B, T, sizes, 3)
    right = nearest(found, RIGHT, *given, **weights)
    model.gradients_like(right, *given, weights=weights, slips=slips_of(3, 2), cut=D.graph_cut, what=LOGITS)


# ---- train and evaluate


def task(attempt, rng, counts):
    """The weights of a classifier, whatever it has, its sizes, and batches of so many names, whose countries repeat."""
    ((*_, sizes),) = all_sizes(rng, "")
    names = [batch(rng, falling(rng, n, rng.integer(2, 7)), sizes) for n in counts]
    data = [(*each, rng.integers(n, high=sizes[2])) for each, n in zip(names, counts, strict=True)]
    return attempt.RNNClassifier(*sizes).weights.all().randomise(rng, std=0.5), sizes, data


def some_counts(rng):
    """The sizes of three batches, the last of which is 1; their sum is odd, so that no share is a round number."""
    N, M = rng.sizes("NM")
    return N, M + (N + M) % 2, 1


def answers(model, data, sizes):
    """The logits of each batch."""
    return [answer(model, x, lengths, sizes) for x, lengths, _ in data]


def weighted(values, counts):
    """The mean over all names of the means of batches."""
    return sum(n * value for n, value in zip(counts, values, strict=True)) / sum(counts)


DIVISORS = (lambda counts: 1, len, sum, lambda counts: counts[0])
NOT_WEIGHTED = [lambda values, counts, by=by: sum(values) / by(counts) for by in DIVISORS]
ONE_BATCH = [lambda v, counts, i=i, k=k: v[i] * (counts[i] / sum(counts)) ** k for i in (0, -1) for k in (0, 1)]


def epoch_loss(logits, data, scores=torch.clone, average=weighted):
    """The loss of an epoch in which the weights stay, as a vector of one number; the others make wrong variants."""
    losses = [F.cross_entropy(scores(z), y).item() for z, (*_, y) in zip(logits, data, strict=True)]
    return torch.tensor([average(losses, [len(y) for *_, y in data])])


LOSS_SLIPS = {
    D.softmax_before_loss: [partial(epoch_loss, scores=softmax) for softmax in softmaxes(torch.clone)],
    D.loss_not_weighted: [partial(epoch_loss, average=average) for average in NOT_WEIGHTED],
    D.one_batch_only: [partial(epoch_loss, average=average) for average in ONE_BATCH],
}


@check(1)
def test_train_loss(attempt, rng):
    """The loss of an epoch is the mean over all names of the cross entropy, here with a learning rate of zero.

    zh: 一个 epoch 的损失是所有名字的交叉熵的平均值（这里学习率为零）。
    """
    for counts in (some_counts(rng), rng.sizes("N")):
        weights, sizes, data = task(attempt, rng, counts)
        logits = answers(weights.module, data, sizes)
        came = attempt.train(weights.module, data, 1, 0.0)
        found = expect(expect(came, LOSSES).numbers(1).float(), LOSSES)
        found.like(epoch_loss, logits, data, slips=LOSS_SLIPS, sizes={"names": sum(counts)})
        parts = came if isinstance(came, (list, tuple)) else [came]
        expect(any(isinstance(part, torch.Tensor) and part.requires_grad for part in parts), ATTACHED).equals(False)


@check(1)
def test_train_steps(attempt, rng):
    """Three epochs of train give the weights and the losses that Adam gives, one step for each batch.

    zh: train 的三个 epoch 得到与 Adam 一致的权重和损失，每个批次更新一次。
    """
    weights, sizes, data = task(attempt, rng, counts := some_counts(rng)[1:])
    rate, copy = rng.number(0.02, 0.04), attempt.RNNClassifier(*sizes).weights.all()
    found = expect(attempt.train(weights.module, data, 3, rate), LOSSES).numbers(3).float()

    def loss(x, lengths, y, **values):
        return F.cross_entropy(logits_like(copy.called(x, lengths, **values), x, sizes), y)

    run = partial(training, loss, weights, "adam", epochs=3, lr=rate, batches=data)
    losses, right = run()
    slips = {D.missing_step: weights, D.missing_zero_grad: lambda: run(clear=False)[1]}
    weights.now().like(right, slips=slips, rtol=1e-3, atol=1e-3)  # Adam makes much of rounding
    epochs = [losses[i : i + 2] for i in (0, 2, 4)]
    slips = {D.loss_not_weighted: [torch.tensor([f(epoch, counts) for epoch in epochs]) for f in NOT_WEIGHTED]}
    expect(found, LOSSES).like(torch.tensor([weighted(epoch, counts) for epoch in epochs]), slips=slips)


BY = (DIVISORS[0], len, lambda counts: len(counts) * counts[0])
SHARE_SLIPS = {
    D.percent: [lambda shares, counts: 100 * weighted(shares, counts)],
    D.share_not_weighted: [*NOT_WEIGHTED, *(lambda v, n, by=by: weighted(v, n) * sum(n) / by(n) for by in BY)],
    D.one_batch_only: ONE_BATCH,
}


def check_share(attempt, model, data, logits):
    """Pass if evaluate gives the share of the names of which the logits are right; returns it."""
    shares = [(z.argmax(dim=1) == y).double().mean().item() for z, (*_, y) in zip(logits, data, strict=True)]
    found = expect(attempt.evaluate(model, data), SHARE)
    return found.like(weighted, shares, [len(y) for *_, y in data], slips=SHARE_SLIPS, rtol=1e-6)  # float32 will do


@check(0.5)
def test_evaluate(attempt, rng):
    """evaluate gives the share of right answers among all names, and leaves the model as it was.

    zh: evaluate 给出所有名字中答对的比例，并且不改变模型。
    """

    def draw():
        counts = some_counts(rng)
        return [rng.integer(0, n + 1) / n for n in counts], counts

    slips = [weighted, *(slip for some in SHARE_SLIPS.values() for slip in some)]
    shares, counts = rng.apart(draw, slips, ties=False)
    weights, sizes, data = task(attempt, rng, counts)
    logits = answers(weights.module, data, sizes)
    missed = [(rng.permutation(n) >= round(n * part)).long() for n, part in zip(counts, shares, strict=True)]
    labels = [(z.argmax(dim=1) + miss) % sizes[2] for z, miss in zip(logits, missed, strict=True)]
    judged = [(x, lengths, y) for (x, lengths, _), y in zip(data, labels, strict=True)]
    check_share(attempt, weights.module, judged, logits)
    check_share(attempt, weights.module, judged[:1], logits[:1])
    expect(tuple(weights.now().values()), UNTRAINED).like(tuple(weights.values()))


@check(0.5)
def test_real_names(attempt, rng, dataset):
    """Trained on real names, the classifier tells three countries apart.

    zh: 用真实的姓名训练之后，分类器能区分三个国家。
    """
    lines = dataset("names_train.csv").read_text(encoding="utf-8").splitlines()
    kinds = ["China", "Finland", "Italy"]
    known = [(name, kinds.index(country)) for name, country in (line.split(",") for line in lines) if country in kinds]
    parts = [known[i : min(i + 32, 97)] for i in range(0, 97, 32)]
    data = [made(attempt, [name for name, _ in part], torch.tensor([kind for _, kind in part])) for part in parts]
    ours = [sorted(part, key=lambda person: -len(person[0])) for part in parts]
    ours = [(coded(n), torch.tensor([*map(len, n)]), torch.tensor(y)) for n, y in (zip(*p, strict=True) for p in ours)]
    model = attempt.RNNClassifier(*(sizes := (128, 8, 3))).weights.all().randomise(Inputs(13), std=0.3).module
    before = epoch_loss(answers(model, ours, sizes), ours)  # from a start from which it is learnt
    expect(attempt.train(model, data, 8, 0.03), LOSSES).numbers(8)
    logits = answers(model, ours, sizes)
    share, after = check_share(attempt, model, ours, logits), epoch_loss(logits, ours)
    expect(bool(after < before / 2) and share >= 0.8, LEARNT).equals(True)
