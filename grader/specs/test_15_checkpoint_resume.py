"""The hidden checks of exercise 15.

The same training is built in the attempt process, where it has breaks, and in the judge, where it has none.  What is in
a file is told from its bytes, since nothing from an attempt is unpickled here.
N samples (C, I) are taken in batches of B; H is the width of the network, (C, O) what it gives.
"""

import ast
import operator
from functools import partial
from typing import Any, NamedTuple

import torch

from dlex.kit import CheckFailure, Remote, Text, Verdict, check, diagnoses, expect, explaining, fail, fail_if, then

D = diagnoses(__file__)

EPOCH = Text(en="what load_checkpoint returns", zh="load_checkpoint 的返回值")
LOSSES = Text(en="the list of losses that train returns", zh="train 返回的损失列表")
LATER = Text(en="the list of losses after the break", zh="断点之后的损失列表")
KIND = Text(en="the type of the snapshot", zh="快照的类型")
LOGGED = Text(en="the list of logged losses", zh="写入日志的损失列表")
DRAWN = Text(en="what torch.rand draws", zh="torch.rand 抽取的随机数")
RATE = Text(en="the learning rate after loading", zh="加载之后的学习率")

# ---- the same training in both processes

BUFFERS, LAST_WEIGHT = ("1.running_mean", "1.running_var"), "4.weight"
OPTIMIZERS = {"SGD": {"lr": 0.05, "momentum": 0.9}, "Adam": {"lr": 0.02}}
ARGUMENTS = ("tag", "scalar_value", "value", "global_step", "step")
MOMENTUM = {"SGD": b"momentum_buffer", "Adam": b"exp_avg"}  # as a file calls it


class Training(NamedTuple):
    """What train takes first: a network, its data, the loss and the optimizer, all in one of the two processes."""

    model: Any
    loader: Any
    criterion: Any
    optimizer: Any


def network(nn, C, I, H, O):
    """Parameters, buffers and dropout; a batch of one will do, since the normalisation is also over the width."""
    layers = nn.Linear(I, H), nn.BatchNorm1d(C), nn.Tanh(), nn.Dropout(0.3), nn.Linear(H, O)
    return nn.Sequential(*layers).double()


def random_state(rng, *widths):
    """Parameters and buffers for a network."""
    shapes = {name: value.shape for name, value in network(torch.nn, *widths).state_dict().items()}
    state = {name: rng.uniform(*shape, low=0.2, dtype=torch.float64) for name, shape in shapes.items()}
    return state | {"1.num_batches_tracked": rng.integers(low=5, high=50)}


class Setting(NamedTuple):
    """What both processes begin with: the samples, the state of the network, and the seed of the random numbers."""

    data: list
    batch: int
    widths: tuple
    state: dict
    seed: int
    optimizer: str

    def renewed(self, rng):
        """The same samples, with another state and another seed, as a new process would begin."""
        return self._replace(state=random_state(rng, *self.widths), seed=rng.seed())

    def build(self, attempt=None):
        """Everything anew, over there or in the judge, with the seed set last."""
        there = attempt.library("torch") if attempt is not None else torch
        model, data = network(there.nn, *self.widths), there.utils.data
        model.load_state_dict(self.state)
        loader = data.DataLoader(data.TensorDataset(*self.data), batch_size=self.batch, shuffle=True)
        optimizer = getattr(there.optim, self.optimizer)(model.parameters(), **OPTIMIZERS[self.optimizer])
        there.default_generator.manual_seed(self.seed)
        return Training(model, loader, there.nn.MSELoss(), optimizer)


def drawn(rng, optimizer="SGD", *, large=False):
    """A setting of any sizes; with `large` none is 1, so that the random numbers matter in each epoch."""
    draws = rng.all_sizes("NBCIHO", ones="NBCIO")
    N, B, C, I, H, O = draws[0 if large else rng.integer(0, len(draws))]
    data, state = [rng.normal(N, C, width, dtype=torch.float64) for width in (I, O)], random_state(rng, C, I, H, O)
    return Setting(data, B, (C, I, H, O), state, rng.seed(), optimizer)


def unbroken(reference, setting, epochs, mode="train"):
    """The losses of a run without a break, and the network after it."""
    here = setting.build()
    getattr(here.model, mode)()
    return [reference.train_epoch(*here) for _ in range(epochs)], here.model


def broken(reference, before, after, done, epochs, lost):
    """The losses after a break that loses one part."""
    old = before.build()
    for _ in range(done):
        reference.train_epoch(*old)
    random, new = torch.get_rng_state(), after.build()
    for part in {"model", "optimizer"} - {lost}:
        getattr(new, part).load_state_dict(getattr(old, part).state_dict())
    if lost != "random":
        torch.set_rng_state(random)
    return [reference.train_epoch(*new) for _ in range(done, epochs)]


def one_step(training, setting, call=operator.call):
    """One step without the learner's code; it changes parameters, buffers and the optimizer's state."""
    x, y = setting.data
    call(training.criterion, call(training.model, x), y).backward()
    training.optimizer.step()
    return training


# ---- files


def library(attempt, name):
    """A module of Python's own library over there."""
    return attempt.keep(attempt.library("builtins.__import__"), name, fromlist=["*"])


def new_path(attempt, rng):
    """Where a checkpoint may go; nothing is there yet."""
    return f"{library(attempt, 'os').getcwd()}/checkpoint{rng.seed()}.pt"


def saved(attempt, path, training, epoch, save=None):
    """Save, and return what is in the file."""
    with explaining({D.nothing_at_path: r"FileNotFoundError"}):
        (attempt.save_checkpoint if save is None else save)(path, training.model, training.optimizer, epoch)
        data = attempt.keep(library(attempt, "pathlib").Path, path).read_bytes()
    return data if isinstance(data, bytes) else b""


def reading(data):
    """What may go wrong when the file is read, as its contents tell."""
    objects = any(sign in data for sign in (b"torch.nn.modules", b"torch.optim"))
    misfit = "KeyError|loading state_dict|to be dict-like|RNG state must be|parameter group|is not subscriptable"
    return {D.whole_object if objects else D.not_plain: "UnpicklingError", D.wrong_part: misfit}


def loaded(attempt, path, training, data):
    """Load; what goes wrong is explained."""
    with explaining(reading(data)):
        return attempt.load_checkpoint(path, training.model, training.optimizer)


def raises(function, *args):
    """Whether the learner's function raises an exception."""
    try:
        function(*args)
    except CheckFailure as failure:
        if failure.finding.verdict is Verdict.RAISED:
            return True
        raise
    return False


def check_same(found, expected):
    """Fail unless two states agree."""
    expect(sorted(found), Text(en="the list of names", zh="名字的列表")).equals(sorted(expected))
    for name, value in expected.items():
        expect(found[name], name).close_to(value)


def moved(attempt, rng, path, epoch, save=None):
    """Save a training and load it into another one, whose network is now the saved one; this one, and the epoch."""
    setting = drawn(rng)
    data = saved(attempt, path, setting.build(attempt), epoch, save)
    new = (other := setting.renewed(rng)).build(attempt)
    returned = loaded(attempt, path, new, data)
    found = attempt.state(new.model)
    fail_if(torch.equal(found[LAST_WEIGHT], other.state[LAST_WEIGHT]), D.model_not_loaded)
    fail_if(all(torch.equal(found[name], other.state[name]) for name in BUFFERS), D.buffers_lost)
    check_same(found, setting.state)
    return new, returned


# ---- the checks of saving and loading


@check(0.5, public=True)
def test_snapshot(attempt, rng):
    """snapshot copies parameters and buffers, and further training does not touch the copy.

    zh: snapshot 复制参数和缓冲区，之后的训练不会改变这份副本。
    """
    setting, builtins = drawn(rng), attempt.library("builtins")
    training = setting.build(attempt)
    kept = attempt.keep(attempt.snapshot, training.model)
    if not builtins.isinstance(kept, builtins.dict):
        expect(builtins.getattr(attempt.keep(builtins.type, kept), "__name__"), KIND).equals("dict")
    before = builtins.dict(kept)
    fail_if(bool(before) and not set(BUFFERS) & set(before), D.buffers_lost)
    check_same(before, setting.state)
    one_step(training, setting, attempt.keep)
    fail_if(any(not torch.equal(before[name], value) for name, value in builtins.dict(kept).items()), D.by_reference)


@check(1, public=True)
def test_model_and_epoch(attempt, rng):
    """A new model gets the saved parameters and buffers, and load_checkpoint returns the saved epoch.

    zh: 新模型得到保存的参数和缓冲区，load_checkpoint 返回保存时的 epoch。
    """
    epoch = rng.integer(0, 60)
    _, returned = moved(attempt, rng, new_path(attempt, rng), epoch)
    fail_if(returned is None or isinstance(returned, (tuple, list, dict, Remote)), D.returns_other)
    fail_if(returned in (epoch - 1, epoch + 1), D.epoch_off_by_one)
    expect(returned, EPOCH).equals(epoch)


@check(0.5)
def test_plain_file(attempt, rng):
    """The file holds plain data that torch.load(weights_only=True) reads.

    zh: 文件里只有普通数据，torch.load(weights_only=True) 能够读取。
    """
    setting, path = drawn(rng), new_path(attempt, rng)
    training = setting.build(attempt)
    one_step(training, setting, attempt.keep)
    data = saved(attempt, path, training, rng.integer(1, 60))
    with explaining(reading(data)):
        attempt.keep(attempt.library("torch.load"), path, weights_only=True)
    options = [k for n in ast.walk(attempt.source.tree) if isinstance(n, ast.Call) for k in n.keywords]
    unsafe = [k for k in options if k.arg == "weights_only" and isinstance(k.value, ast.Constant) and not k.value.value]
    fail_if(bool(unsafe), D.unsafe_load)


def change_group(attempt, training, name, value):
    """Set an option of the optimizer over there."""
    group = attempt.keep(attempt.library("operator.getitem"), training.optimizer.param_groups, 0)
    attempt.may_mutate(attempt.library("operator.setitem"), group, name, value)


def state_of(optimizer):
    """What an optimizer keeps for each parameter, by number and name, and its learning rate."""
    found = optimizer.state_dict()
    state = {f"{i}.{name}": value for i, entry in found["state"].items() for name, value in entry.items()}
    return state, found["param_groups"][0]["lr"]


@check(1)
def test_optimizer(attempt, rng):
    """A new optimizer gets the momentum and the learning rate of the saved one, be it SGD or Adam.

    zh: 新优化器得到所保存的动量和学习率，SGD 和 Adam 都一样。
    """
    for kind, sign in MOMENTUM.items():
        setting, path, rate = drawn(rng, kind), new_path(attempt, rng), rng.number(0.001, 0.01)
        old, new = setting.build(attempt), setting.build(attempt)
        one_step(old, setting, attempt.keep)
        change_group(attempt, old, "lr", rate)
        data = saved(attempt, path, old, rng.integer(1, 60))
        expected, _ = state_of(one_step(setting.build(), setting).optimizer)
        loaded(attempt, path, new, data)
        found, found_rate = state_of(new.optimizer)
        fail_if(not found, D.optimizer_not_loaded if sign in data else D.optimizer_not_saved)
        check_same(found, expected)
        expect(found_rate, RATE).close_to(rate, mistakes={D.learning_rate_lost: OPTIMIZERS[kind]["lr"]})


@check(1)
def test_random_state(attempt, rng):
    """After loading, torch's random numbers go on as they did after saving.

    zh: 加载之后，torch 的随机数接着保存时的位置继续。
    """
    setting, path = drawn(rng), new_path(attempt, rng)
    here = torch.Generator().manual_seed(setting.seed)
    first, second, third = (torch.rand(4, generator=here) for _ in range(3))
    old, draw = setting.build(attempt), attempt.library("torch.rand")
    expect(draw(4), DRAWN).close_to(first)
    state = attempt.library("torch.get_rng_state")()
    data = saved(attempt, path, old, rng.integer(1, 60))
    expect(draw(4), DRAWN).close_to(second)
    loaded(attempt, path, old, data)
    lost = D.random_not_loaded if state.numpy().tobytes() in data else D.random_not_saved
    expect(draw(4), DRAWN).close_to(second, mistakes={lost: third, D.seed_not_state: first})


@check(1)
def test_last_good_survives(attempt, rng):
    """If saving fails halfway, the exception goes on and the old checkpoint still loads.

    zh: 保存中途失败时，异常继续抛出，旧的检查点仍能加载。
    """
    setting, path, (done, more) = drawn(rng), new_path(attempt, rng), (rng.integer(1, 30), rng.integer(30, 60))
    old, new = setting.build(attempt), setting.build(attempt)
    data = saved(attempt, path, old, done)
    loaded(attempt, path, old, data)  # else it is not the failure that spoils it
    old.model.load_state_dict(later := setting.renewed(rng).state)
    # Nothing can pickle this, so that saving gets as far as the optimizer and no further.
    change_group(attempt, old, "note", attempt.keep(attempt.library("builtins.memoryview"), b"note"))
    failed = raises(attempt.save_checkpoint, path, old.model, old.optimizer, more)
    fail_if(raises(attempt.load_checkpoint, path, new.model, new.optimizer), D.overwrites_last_good)
    epoch = loaded(attempt, path, new, data)
    fail_if(not failed and epoch == done, D.hides_failure)
    expect(epoch, EPOCH).equals(done if failed else more)
    found = attempt.state(new.model)
    fail_if(failed and torch.equal(found[LAST_WEIGHT], later[LAST_WEIGHT]), D.overwrites_last_good)
    check_same(found, setting.state if failed else later)


@check(0.5)
def test_elsewhere(attempt, rng):
    """A checkpoint that was saved on a GPU loads on a machine without one.

    zh: 在 GPU 上保存的检查点，在没有 GPU 的机器上也能加载。
    """
    mock, epoch = library(attempt, "unittest.mock"), rng.integer(1, 60)
    # While it saves, torch takes each tensor for one on a GPU when it notes where it lies.
    noted = attempt.keep(mock.patch, "torch.serialization.location_tag", attempt.keep(mock.Mock, return_value="cuda:0"))
    save = attempt.keep(noted, attempt.save_checkpoint)
    with explaining({D.no_map_location: r"deserialize object on a CUDA device"}):
        _, returned = moved(attempt, rng, new_path(attempt, rng), epoch, save)
    expect(returned, EPOCH).equals(epoch)


@check(0.5)
def test_wrong_model(attempt, rng):
    """A checkpoint of a model with other names is refused.

    zh: 名字对不上的检查点会被拒绝。
    """
    path = new_path(attempt, rng)
    new, _ = moved(attempt, rng, path, rng.integer(1, 60))
    wrapped = attempt.keep(attempt.library("torch.nn.Sequential"), new.model)  # "0.0.weight", not "0.weight"
    attempt.load_checkpoint.raises(RuntimeError, path, wrapped, new.optimizer, silent=D.hides_missing_keys)


# ---- the checks of training


def trained(attempt, training, epochs, path, *rest):
    """The losses that train returns."""
    with explaining({D.first_run_loads: "FileNotFoundError", D.writer_required: "'NoneType' .* 'add_scalar'"}):
        found = attempt.train(*training, epochs, path, *rest)
    expect(found, LOSSES).numbers()
    return found


def begun(attempt, setting, epochs, path, mode="train"):
    """A first run over there, of a network that comes in some mode: its losses, one for each epoch, and the network."""
    training = setting.build(attempt)
    getattr(training.model, mode)()
    found = trained(attempt, training, epochs, path)
    fail_if(len(found) != epochs, D.epochs_miscounted)
    return found, training.model


@check(1)
def test_training(attempt, rng, reference):
    """Without a checkpoint, train does all epochs in training mode and returns their losses.

    zh: 没有检查点时，train 以训练模式完成所有 epoch，并返回各个损失。
    """
    for large, epochs in ((True, rng.integer(3, 6)), (False, 1)):
        setting = drawn(rng, large=large)
        found, model = begun(attempt, setting, epochs, new_path(attempt, rng), "eval")
        evaluating = partial(unbroken, reference, setting, epochs, "eval")
        again = partial(begun, attempt, setting._replace(seed=rng.seed()), epochs, new_path(attempt, rng))
        slips = {
            D.left_in_eval: then(evaluating, operator.itemgetter(0)),
            D.reseeds: then(again, operator.itemgetter(0)),
        }
        right, expected = unbroken(reference, setting, epochs)
        expect(found, LOSSES).like(right, slips=slips, prefer=[D.left_in_eval])
        check_same(attempt.state(model), expected.state_dict())


@check(1)
def test_resumed(attempt, rng, reference):
    """After a break train goes on with the next epoch, and the losses are those of a run without a break.

    zh: 断点之后，train 从下一个 epoch 继续，损失与不中断的训练完全一致。
    """
    for kind, large, done, more in (("SGD", True, 2, rng.integer(3, 5)), ("Adam", False, rng.integer(1, 3), 1)):
        before, path, epochs = drawn(rng, kind, large=large), new_path(attempt, rng), done + more
        (expected, _), after = unbroken(reference, before, epochs), before.renewed(rng)
        begun(attempt, before, done, path)
        there = after.build(attempt)
        found = trained(attempt, there, epochs, path)
        if len(found) == epochs:
            fail(D.epochs_not_total if expect(found[:1]).resembles(expected[done : done + 1]) else D.starts_again)
        fail_if(len(found) == more + 1, D.epoch_repeated)
        fail_if(len(found) == more - 1, D.epoch_skipped)
        parts = {D.model_not_loaded: "model", D.optimizer_not_loaded: "optimizer", D.random_not_loaded: "random"}
        slips = {known: partial(broken, reference, before, after, done, epochs, part) for known, part in parts.items()}
        expect(found, LATER).like(expected[done:], slips=slips | {D.saved_too_early: [expected[done - 1 : -1]]})
        expect(trained(attempt, there, epochs, path), LATER).close_to([])


@check(1)
def test_interrupted(attempt, rng, reference):
    """If training breaks off in the middle of an epoch, that epoch begins anew, and nothing before it is lost.

    zh: 训练在某个 epoch 中途中断时，这个 epoch 重新开始，之前的成果不会丢失。
    """
    setting, path, first, second = drawn(rng), new_path(attempt, rng), rng.integer(1, 3), rng.integer(1, 3)
    done, epochs = first + second, first + second + rng.integer(3, 5)
    expected, _ = unbroken(reference, setting, epochs)
    begun(attempt, setting, first, path)
    there = setting.renewed(rng).build(attempt)
    batches = -(-len(setting.data[0]) // setting.batch)
    mock, cut = library(attempt, "unittest.mock"), attempt.keep(attempt.library("builtins.RuntimeError"), "a power cut")
    effects = [*[mock.DEFAULT] * (second * batches + rng.integer(0, batches)), cut]
    criterion = attempt.keep(mock.Mock, wraps=there.criterion, side_effect=effects)
    raises(attempt.train, *there._replace(criterion=criterion), epochs, path)
    found = trained(attempt, setting.renewed(rng).build(attempt), epochs, path)
    fail_if(len(found) == epochs - done - 1, D.saved_too_early)
    fail_if(expect(found[:1]).resembles(expected[first : first + 1]), D.saved_only_at_end)
    fail_if(len(found) > epochs - done, D.numbers_restart)
    expect(found, LATER).close_to(expected[done:])


def logged(attempt, writer):
    """Value and step of each call of a writer's add_scalar."""
    plain, calls = attempt.library("builtins.tuple"), writer.add_scalar.call_args_list
    found = attempt.library("builtins.list")(attempt.keep(attempt.library("builtins.map"), plain, calls))
    given = [[*args, *(named[name] for name in ARGUMENTS if name in named)] for args, named in found]
    fail_if(any(len(arguments) < 3 or not isinstance(arguments[0], str) for arguments in given), D.log_arguments)
    return [arguments[1:3] for arguments in given]


@check(1)
def test_logging(attempt, rng, reference):
    """The writer gets each epoch's loss with the epoch's number, and the numbers go on after a break.

    zh: writer 收到每个 epoch 的损失和编号，断点之后编号接着往下数。
    """
    setting, path, done = drawn(rng), new_path(attempt, rng), rng.integer(2, 4)
    for first, last in ((1, done), (done + 1, done + rng.integer(1, 4))):
        writer = attempt.keep(library(attempt, "unittest.mock").Mock, spec=["add_scalar", "flush", "close"])
        returned = trained(attempt, setting.build(attempt), last, path, writer)
        calls = logged(attempt, writer)
        fail_if(len(returned) > 0 and not calls, D.not_logged)
        values, steps = ([call[i] for call in calls] for i in (0, 1))
        expected = list(range(first, last + 1))
        fail_if(values == expected, D.log_arguments)
        fail_if(first > 1 and steps[:1] in ([0], [1]), D.log_step_restarts)
        fail_if(steps in ([step - 1 for step in expected], [step + 1 for step in expected]), D.log_step_off_by_one)
        expect(steps, Text(en="the list of logged steps", zh="写入日志的步数列表")).equals(expected)
        # Before the break they are known; after it they are those that train returns, whatever was lost.
        expect(values, LOGGED).close_to(unbroken(reference, setting, done)[0] if first == 1 else returned)
