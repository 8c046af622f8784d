"""The hidden checks of exercise 14.

The run has a GPU, a real one or a simulated one.  `home` says where something is before the learner's code gets it,
`device` where it is wanted: no device that is written into the code fits every way.
"""

import contextlib
from functools import partial
from itertools import chain, combinations
from operator import itemgetter, mul, truediv
from statistics import fmean

import torch
from torch.nn import functional as F

from dlex.kit import (
    CheckFailure,
    Text,
    Verdict,
    Weights,
    check,
    diagnoses,
    expect,
    explaining,
    fail_if,
    place,
    then,
    training,
)

D = diagnoses(__file__)

CUDA, CPU = torch.device("cuda"), torch.device("cpu")
WAYS = ((CPU, CUDA), (CPU, CPU), (CUDA, CPU))  # home, device
SINGLE, DOUBLE = torch.float32, torch.float64

ACCURACY = Text(en="the accuracy", zh="准确率")
LOSS = Text(en="the mean loss", zh="平均损失")
RECORDING = Text(en="whether gradients are recorded afterwards", zh="之后是否记录梯度")
STATE = Text(en="a parameter or buffer afterwards", zh="之后的某个参数或缓冲区")
TYPE = Text(en="the type of the result", zh="返回值的类型")


def check_place(value, home, device, left_behind):
    """Fail unless a tensor is on `device`; what was to stay on the CPU and did not was sent to the GPU."""
    reason = D.cuda_called if home == device == CPU else left_behind
    fail_if(place(value) != device.type, reason, Verdict.WRONG_DEVICE)


def at(attempt, home):
    """Calls what is given to it with tensors that are at `home`, and leaves a module there."""
    return attempt.on_host if home == CPU else lambda function, *args, **options: function(*args, **options)


def lambda_of(attempt, source):
    """A function of our own over there."""
    return attempt.keep(attempt.library("builtins.eval"), f"lambda {source}")


# ---- pick_device

QUESTIONS = (("cuda", "is_available"), ("cuda", "device_count"), ("accelerator", "is_available"))


def chosen_without_gpu(attempt):
    """What pick_device says while torch says that it has no GPU; the file may have asked when it was imported."""
    put, get, home = (attempt.library(name) for name in ("builtins.setattr", "builtins.getattr", "torch"))
    own = [attempt.keep(get, getattr(home, module), name) for module, name in QUESTIONS]
    for module, name in QUESTIONS:
        put(getattr(home, module), name, lambda_of(attempt, "*args, **options: False"))  # which is no device, too
    try:
        found = attempt.pick_device()
        if found != CPU:
            with contextlib.suppress(CheckFailure):
                names = attempt.keep(attempt.library("builtins.dict"), __name__="attempt")
                attempt.may_mutate(attempt.library("builtins.exec"), attempt.source.text, names)
                found = attempt.keep(attempt.library("operator.getitem"), names, "pick_device")()
    finally:
        with contextlib.suppress(CheckFailure):  # the process may have ended, and the next one is as it should be
            for (module, name), function in zip(QUESTIONS, own, strict=True):
                put(getattr(home, module), name, function)
    return found


@check(1, public=True)
def test_pick_device(attempt):
    """pick_device chooses cuda where there is a GPU, and the CPU where there is none.

    zh: 有 GPU 时 pick_device 选择 cuda，没有时选择 CPU。
    """
    for found, wanted in ((attempt.pick_device(), CUDA), (chosen_without_gpu(attempt), CPU)):
        is_first = isinstance(found, torch.device) and found.index == 0  # cuda:0 is the same place
        expect(torch.device(found.type) if is_first else found, "pick_device()").like(wanted, otherwise=D.wrong_choice)


# ---- move_batch and to_numpy


def check_moved(found, sent, home, device, left_behind):
    """Fail unless `found` is `sent` with its tensors on `device`."""
    if isinstance(sent, torch.Tensor):
        expect(found, "move_batch(batch, device)").close_to(sent)
        check_place(found, home, device, left_behind)
    elif isinstance(sent, (list, tuple, dict)):
        same = type(found) is type(sent) and len(found) == len(sent)
        fail_if(not same or (isinstance(sent, dict) and list(found) != list(sent)), D.container_changed)
        for key in sent if isinstance(sent, dict) else range(len(sent)):
            check_moved(found[key], sent[key], home, device, left_behind)
    else:
        fail_if(type(found) is not type(sent) or found != sent, D.others_touched)


MOVE_ERRORS = {
    D.container_skipped: r"'(list|tuple|dict)' object has no attribute '(to|cuda)'",
    D.others_touched: r"'(str|int|float|bool|NoneType)' object (has no attribute '(to|cuda)|is not iterable)|Recursion",
    D.changed_in_place: r"'tuple' object does not support item assignment",
}


def check_move(attempt, batch, home, device, left_behind):
    """Fail unless move_batch brings a batch from `home` to `device`."""
    with explaining(MOVE_ERRORS):
        found = at(attempt, home)(attempt.move_batch, batch, device)
    check_moved(found, batch, home, device, left_behind)


@check(1, public=True)
def test_move_batch(attempt, rng):
    """move_batch brings a tensor, or a pair of them, to the GPU and back to the CPU.

    zh: move_batch 把一个张量或一对张量迁移到 GPU，也能迁移回 CPU。
    """
    for way, (N, C) in zip(WAYS, rng.all_sizes("NC"), strict=True):
        inputs, target = rng.normal(N, C), rng.integers(N, high=99)
        for batch in (inputs, target, (inputs, target), [inputs, target]):
            check_move(attempt, batch, *way, D.result_discarded)


def nested(rng, tensor):
    """A tensor some containers deep."""
    for _ in range(rng.integer(1, 5)):
        tensor = ([tensor], (tensor,), {"x": tensor})[rng.integer(0, 3)]
    return tensor


@check(1)
def test_move_nested(attempt, rng):
    """Containers inside containers keep their form; what is no tensor stays as it is, and so does the caller's batch.

    zh: 嵌套的容器保持原来的形式；不是张量的内容不变，调用者手里的批次也不变。
    """
    for way, (N, C) in zip(WAYS, rng.all_sizes("NC"), strict=True):
        first, second, third = rng.normal(N, C), rng.normal(C, dtype=DOUBLE), rng.integers(N, high=99)
        others = {"name": f"{N}.png", "size": rng.number(1, 2), "count": rng.integer(2, 99), "note": None, "ok": [True]}
        mixed = {"image": first, 7: (second, nested(rng, third)), **others}
        for batch in ((first, {"a": second}), [first, nested(rng, [second, third])], mixed, [], {}):
            check_move(attempt, batch, *way, D.container_skipped)
    for name, batch, key in (("list", [first], 0), ("dict", {"x": first}, "x")):
        kept = attempt.keep(attempt.library(f"builtins.{name}"), batch)
        attempt.move_batch(kept, CPU)
        item = attempt.keep(attempt.library("operator.getitem"), kept, key)
        fail_if(attempt.value(item.is_cuda) is not True, D.changed_in_place, Verdict.INPUT_MUTATED)


NUMPY_ERRORS = {D.numpy_with_gradient: r"requires grad|leaf", D.numpy_on_device: r"can't convert cuda"}


@check(1, public=True)
def test_to_numpy(attempt, rng):
    """to_numpy gives the array of any tensor, from either device, with a gradient or without.

    zh: 不论张量在哪个设备上、是否需要梯度，to_numpy 都给出对应的数组。
    """
    cases = []
    for home, (N, C) in zip((CUDA, CPU, CUDA), rng.all_sizes("NC"), strict=True):
        leaf = rng.normal(N, C, dtype=DOUBLE).requires_grad_()
        cases += [(home, sent, sent) for sent in (rng.normal(C, N), leaf, rng.normal(), rng.integers(N, high=99))]
    cases.append((CUDA, attempt.keep(attempt.library("torch.neg"), leaf), -leaf))  # in the midst of a graph
    for home, sent, wanted in cases:
        with explaining(NUMPY_ERRORS):
            found = at(attempt, home)(attempt.to_numpy, sent)
        expect(found, "to_numpy(tensor)").close_to(wanted.detach().numpy())
        expect(type(found).__name__, TYPE).equals("ndarray")
        expect(torch.from_numpy(found), "to_numpy(tensor)").close_to(wanted)  # its dtype


# ---- Net

NET = {"x": "N T I", "w_ih": "H I", "w_hh": "H H", "b_ih": "H", "b_hh": "H", "w": "C H", "b": "C"}


def recurrent(x, w_ih, w_hh, b_ih, b_hh, w, b):
    """What Net computes from a hidden state of zeros."""
    h = x.new_zeros(len(x), len(b_hh))
    for now in x.unbind(dim=1):
        h = torch.tanh(now @ w_ih.T + b_ih + h @ w_hh.T + b_hh)
    return h @ w.T + b


@check(1)
def test_init_hidden(attempt, rng):
    """Net makes its first hidden state where x is, in the dtype of x, and runs on either device.

    zh: Net 的初始隐藏状态建在 x 所在的设备上，dtype 与 x 相同，模型在两种设备上都能运行。
    """
    for ones, home, dtype in (("", CUDA, SINGLE), ("NI", CPU, SINGLE), ("TC", CUDA, DOUBLE), ("H", CPU, DOUBLE)):
        weights = rng.named(NET, dtype=dtype, std=0.5, **dict.fromkeys(ones, 1))
        x = weights.pop("x")
        (N, _, I), (C, H), call = x.shape, weights["w"].shape, at(attempt, home)
        net = call(attempt.Net, I, hidden_size=H, classes=C)
        if dtype == DOUBLE:
            call(net.double)
        net.weights.expect({name: tuple(value.shape) for name, value in weights.items()}).load(weights)
        hidden = call(net.init_hidden, x)
        expect(hidden, "init_hidden(x)").close_to(torch.zeros(N, H, dtype=dtype))
        check_place(hidden, home, home, D.hidden_left_behind)
        expect(call(net, x), "Net(...)(x)").like(recurrent, x, weights=weights)


# ---- the model of train and test

MOMENTUM = 0.9
MODEL = {"x": "N L F", "w1": "H F", "b1": "H", "gamma": "L", "beta": "L", "w2": "K S", "b2": "K"}
NAMES = {"w1": "0.weight", "b1": "0.bias", "gamma": "1.weight", "beta": "1.bias", "w2": "3.weight", "b2": "3.bias"}
LAYERS = "nn.Linear(F, H), nn.BatchNorm1d(L), nn.Flatten(), nn.Linear(L * H, K)"


def drawn(rng, batch, full=2):
    """Samples with labels, the weights of a model, a learning rate; the last batch is smaller unless each is 1."""
    count = batch * rng.integer(full, 2 * full) + (rng.integer(2, batch) if batch > 2 else batch - 1)
    length, width, classes = rng.integer(1, 4), rng.integer(2, 5), rng.integer(3, 6)
    given = {"batch": batch, "lr": rng.number(0.2, 0.4), "y": rng.permutation(count) % classes}
    return given | rng.named(MODEL, dtype=DOUBLE, N=count, L=length, H=width, K=classes, S=length * width)


def logits(x, stats, mode, w1, b1, gamma, beta, w2, b2):
    """What the model gives; with `mode` in the training mode, which changes its statistics."""
    return F.batch_norm(x @ w1.T + b1, *stats, gamma, beta, mode).flatten(1) @ w2.T + b2


def start(batch, x, y):
    """The loader's batches, their sizes, and the statistics that batch normalisation begins with."""
    parts, zeros = list(zip(x.split(batch), y.split(batch), strict=True)), torch.zeros(x.shape[1], dtype=DOUBLE)
    return parts, [len(labels) for _, labels in parts], (zeros, zeros + 1)


def epoch(batch, x, y, lr, mode=True, clear=True, update=True, **weights):
    """The mean loss of each batch of an epoch of training, their sizes, and what the model holds afterwards."""
    parts, sizes, stats = start(batch, x, y)

    def loss(x, y, **weights):
        return F.cross_entropy(logits(x, stats, mode, **weights), y)

    how = {"lr": lr * update, "momentum": MOMENTUM, "clear": clear}
    losses, after = training(loss, weights, "sgd", epochs=1, batches=parts, **how)
    return losses, sizes, (*after.values(), *stats, torch.tensor(len(parts) * mode))


def graded(batch, x, y, lr, mode=False, choose=torch.argmax, **weights):
    """The share of right answers in each batch of a test, their sizes, and what the model holds afterwards."""
    parts, sizes, stats = start(batch, x, y)
    hits = [choose(logits(x, stats, mode, **weights), dim=1) == y for x, y in parts]
    shares = [fmean(some.tolist()) for some in hits]
    return shares, sizes, (*weights.values(), *stats, torch.tensor(len(parts) * mode))


def mean(means, sizes):
    """The mean over all samples."""
    return sum(map(mul, means, sizes)) / sum(sizes)


def mean_slips(means, sizes):
    """What the usual slips give instead."""
    n, total = sum(sizes), sum(map(mul, means, sizes))
    firsts = [means[i] * share for i in (0, -1) for share in (1, sizes[i] / n)]
    miscounted = [(total + 1) / n, (total - 1) / n, total / (n + 1), total / (n - 1), total / len(sizes)]
    return {
        D.mean_of_means: [fmean(means), sum(means), sum(means) / n, sum(map(truediv, means, sizes)) / n],
        D.wrong_quotient: [*miscounted, total, total * n, 100 * total / n, n / total if total else 0.0, n, 1, 0],
        D.one_batch: [*firsts, total / sizes[-1]],
    }


def check_mean(found, what, run, others):
    """Fail unless `found` is the mean over the samples of a run, and a number; `others` are further slips."""
    fail_if(isinstance(found, torch.Tensor), D.still_a_tensor)
    expect(found, what).like(mean(*run[:2]), slips=mean_slips(*run[:2]) | others)


class Setting:
    """A model at `home`, in which batch normalisation tells the modes apart, and a loader on the CPU.

    `seen` notes at each call of the model where its inputs are and whether a graph is recorded.
    """

    def __init__(self, attempt, given, home=CPU):
        self.attempt, self.given, self.home = attempt, given, home
        weights = {name: given[name] for name in NAMES}
        (width, features), length, classes = weights["w1"].shape, len(weights["gamma"]), len(weights["b2"])
        make = lambda_of(attempt, f"nn, F, H, L, K: nn.Sequential({LAYERS}).double()")
        self.model = at(attempt, home)(make, attempt.library("torch.nn"), features, width, length, classes)
        Weights(self.model, NAMES, weights).load(weights)
        self.seen = attempt.keep(attempt.library("builtins.list"))
        note = "lambda model, given, output: seen.append(([x.device.type for x in given], output.requires_grad))"
        self.model.register_forward_hook(lambda_of(attempt, f"seen: {note}")(self.seen))

    def train(self, device):
        """One epoch by the learner's code, from the evaluation mode."""
        make = self.attempt.keep
        self.attempt.on_host(self.model.eval)
        criterion = make(self.attempt.library("torch.nn.CrossEntropyLoss"))
        sgd = self.attempt.library("torch.optim.SGD")
        optimizer = make(sgd, make(self.model.parameters), lr=self.given["lr"], momentum=MOMENTUM)
        return self.run(self.attempt.train, criterion, optimizer, device)

    def run(self, function, *args):
        """What the learner's function gives for this model, which is in the training mode at first, and a loader."""
        data, device = self.attempt.library("torch.utils.data"), args[-1]
        samples = self.attempt.on_host(data.TensorDataset, self.given["x"], self.given["y"])
        loader = self.attempt.keep(data.DataLoader, samples, batch_size=self.given["batch"])

        try:
            return function(self.model, loader, *args)
        except CheckFailure as failure:
            found = failure.finding
            with explaining({self._reason(found, device): ""} if found.verdict is Verdict.WRONG_DEVICE else {}):
                raise

    def _reason(self, found, device):
        if {place(p.value) for p in self.attempt.parameters(self.model)} != {device.type}:
            return D.cuda_called if self.home == device else D.model_left_behind
        line, said = (found.traceback[-1].code, found.raised.message) if found.traceback and found.raised else ("", "")
        counts = "+=" in line and ("add" in said or "==" not in line)
        return D.cuda_called if device == CPU else D.counter_left_behind if counts else D.batch_left_behind

    def check_place(self, device, copied):
        """Fail unless the model is on the device; `copied`: what it means if only another one has worked there."""
        worked = {where for given, _ in self.attempt.value(self.seen) for where in given}
        left_behind = copied if worked == {device.type} else D.model_left_behind
        for value, wanted in zip(self.state(), graded(**self.given)[2], strict=True):
            expect(value, STATE).has_shape(*wanted.shape)  # it is this very model
            check_place(value, self.home, device, left_behind)

    def state(self):
        """What the model holds: the weights in the order of NAMES, then the statistics."""
        found = self.attempt.state(self.model)
        return (*(found.pop(name, None) for name in NAMES.values()), *found.values())


# ---- train

UNTRAINED = [{"update": False}, {"update": False, "mode": False}]  # or another model was
TRAIN_SLIPS = {D.gradients_kept: [{"clear": False}], D.wrong_mode: [{"mode": False}], D.model_not_trained: UNTRAINED}


def slips(oracle):
    """What the usual slips of an epoch give."""
    return {diagnosis: [partial(oracle, **how) for how in several] for diagnosis, several in TRAIN_SLIPS.items()}


@check(1, public=True)
def test_train_device(attempt, rng):
    """train works on the device that it is given, wherever the model was.

    zh: 不论模型原来在哪里，train 都在指定的设备上训练。
    """
    for home, device in WAYS:
        setting = Setting(attempt, drawn(rng, rng.integer(2, 6)), home)
        setting.train(device)
        setting.check_place(device, D.model_not_trained)


@check(1)
def test_train_loss(attempt, rng):
    """train returns the mean loss per sample, though the last batch is smaller.

    zh: 最后一个批次较小时，train 返回的仍是每个样本的平均损失。
    """
    for batch in (rng.integer(3, 6), 1):
        given = drawn(rng, batch)
        oracle = then(partial(epoch, **given), lambda run: mean(*run[:2]))
        check_mean(Setting(attempt, given).train(CUDA), LOSS, epoch(**given), slips(oracle))


@check(1)
def test_train_updates(attempt, rng):
    """After the epoch the model's parameters and buffers are those of the optimizer that was passed in.

    zh: 一轮之后，模型的参数和缓冲区正是传入的优化器应得到的结果。
    """
    for batch in (rng.integer(2, 6), 1):
        setting = Setting(attempt, drawn(rng, batch))
        setting.train(CUDA)
        oracle = then(partial(epoch, **setting.given), itemgetter(2))
        expect(setting.state(), [STATE] * 9).like(oracle, slips=slips(oracle))


# ---- test


def wrong_tests(given):
    """What is told by who takes the smallest logit, counts what is wrong, or stays in the training mode."""
    ways = ({}, {"choose": torch.argmin}, {"mode": True})
    right, least, trained = (mean(*graded(**given, **how)[:2]) for how in ways)
    return {D.wrong_class: [least, 1 - right], D.wrong_mode: [trained]}


def exam(rng, batch):
    """As `drawn`; in batches, some answers are right, and what `wrong_tests` tells is told by nothing else."""
    for _ in range(30):
        given = drawn(rng, batch, full=4)
        run = graded(**given)[:2]
        others = [0.0, mean(*run), *chain(*mean_slips(*run).values())]
        kinds = [{round(value, 9) for value in several} for several in (others, *wrong_tests(given).values())]
        if batch == 1 or all(some.isdisjoint(more) for some, more in combinations(kinds, 2)):
            break
    return given


@check(1)
def test_accuracy(attempt, rng):
    """test gives the share of right answers, on the device that it is given.

    zh: test 在指定的设备上算出答对的比例。
    """
    for (home, device), batch in zip(WAYS, (rng.integer(3, 6), 1, rng.integer(2, 6)), strict=True):
        given = exam(rng, batch)
        setting = Setting(attempt, given, home)
        found = setting.run(attempt.test, device)
        setting.check_place(device, D.model_left_behind)
        check_mean(found, ACCURACY, graded(**given), wrong_tests(given))


@check(1)
def test_evaluation(attempt, rng):
    """test evaluates: no graph is recorded, and the model keeps its parameters and buffers.

    zh: test 只做评估：不记录计算图，模型的参数和缓冲区保持不变。
    """
    for batch in (rng.integer(2, 6), 1):
        given = drawn(rng, batch)
        setting = Setting(attempt, given)
        found, seen = setting.run(attempt.test, CUDA), attempt.value(setting.seen)
        if not seen:  # model.forward(x) is not seen, and a result without the model is none
            check_mean(found, ACCURACY, graded(**given), {})
        fail_if(any(graph for _, graph in seen), D.graph_recorded)
        oracle = then(partial(graded, **given), itemgetter(2))
        expect(setting.state(), [STATE] * 9).like(oracle, slips={D.wrong_mode: partial(oracle, mode=True)})
        parameters = [p.value.requires_grad for p in attempt.parameters(setting.model)]
        expect(all(parameters) and attempt.library("torch.is_grad_enabled")(), RECORDING).equals(True)
