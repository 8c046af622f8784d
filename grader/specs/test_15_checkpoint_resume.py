"""The hidden checks of exercise 15.

The same network is trained in the attempt process, with breaks, and in the judge, without any.  What is in a file is
told from its bytes, since nothing from an attempt is unpickled here.
"""

from __future__ import annotations

import ast
import copy
import io
import types
import zipfile
from collections.abc import Callable, Collection
from dataclasses import dataclass
from functools import partial
from operator import attrgetter
from typing import Any

import pytest
import torch

from dlex.kit import (
    Attempt,
    CheckFailure,
    Diagnosis,
    Inputs,
    Remote,
    Text,
    Verdict,
    diagnoses,
    expect,
    explaining,
    fail,
    fail_if,
)

EPOCH = Text(en="what load_checkpoint returns", zh="load_checkpoint 的返回值")
LOSSES = Text(en="the list of losses that train returns", zh="train 返回的损失列表")
LATER = Text(en="the list of losses after the break", zh="断点之后的损失列表")
DONE = Text(en="the list of losses when all epochs are done", zh="所有 epoch 都已完成时的损失列表")
KIND = Text(en="the type of the snapshot", zh="快照的类型")
NAMES = Text(en="the list of names", zh="名字的列表")
STEPS = Text(en="the list of logged steps", zh="写入日志的步数列表")
LOGGED = Text(en="the list of logged losses", zh="写入日志的损失列表")
DRAWN = Text(en="what torch.rand draws", zh="torch.rand 抽取的随机数")
RATE = Text(en="the learning rate after loading", zh="加载之后的学习率")

D = diagnoses(__file__)

NO_FILE = {D.nothing_at_path: r"FileNotFoundError"}
FITS_NOT = (
    r"KeyError|loading state_dict|state_dict to be dict-like|RNG state must be|parameter group|is not subscriptable"
)
TRAIN_ERRORS = {
    D.first_run_loads: r"FileNotFoundError",
    D.writer_required: r"'NoneType' object has no attribute 'add_scalar'",
}
FOREIGN = {D.no_map_location: r"deserialize object on a CUDA device"}

LAYERS: tuple[tuple[Any, ...], ...] = (
    ("Linear", 3, 5), ("BatchNorm1d", 5), ("Tanh",), ("Dropout", 0.3), ("Linear", 5, 2),
)  # fmt: skip
BUFFERS, LAST_WEIGHT = ("1.running_mean", "1.running_var"), "4.weight"
SAMPLES, BATCH, BATCHES = 11, 4, 3  # batches of 4, 4 and 3
BREAK, EPOCHS = 2, 5
OPTIMIZERS: dict[str, dict[str, float]] = {"SGD": {"lr": 0.05, "momentum": 0.9}, "Adam": {"lr": 0.02}}
MOMENTUM = {"SGD": b"momentum_buffer", "Adam": b"exp_avg"}
# How a file names the place of its tensors, with the length of the name before it.
ON_CPU, ON_GPU = b"X\x03\0\0\0cpu", b"X\x06\0\0\0cuda:0"

Maker = Callable[..., Any]
State = dict[str, torch.Tensor]


# ---- the same training in the attempt process and in the judge


def in_judge(name: str, *args: Any, **options: Any) -> Any:
    """Something of torch, called here."""
    return attrgetter(name)(torch)(*args, **options)


def in_attempt(attempt: Attempt) -> Maker:
    """Something of torch, called over there."""
    return lambda name, *args, **options: attempt.keep(attempt.library(f"torch.{name}"), *args, **options)


def library(attempt: Attempt, name: str) -> Remote:
    """A module of Python's own library over there."""
    return attempt.keep(attempt.library("builtins.__import__"), name, fromlist=["*"])


@dataclass
class Training:
    """A network, its data and its optimizer, in one of the two processes."""

    model: Any
    loader: Any
    criterion: Any
    optimizer: Any

    def arguments(self) -> tuple[Any, ...]:
        """What train and train_epoch take first."""
        return self.model, self.loader, self.criterion, self.optimizer


class Setting:
    """What both processes begin with: the samples, the state of the network, and the seed of the random numbers."""

    def __init__(self, rng: Inputs, kind: str = "SGD", **options: float) -> None:
        self.kind, self.options = kind, options or OPTIMIZERS[kind]
        self.data = rng.normal(SAMPLES, 3, dtype=torch.float64), rng.normal(SAMPLES, 2, dtype=torch.float64)
        self.state, self.seed = random_state(rng), rng.seed()

    def renewed(self, rng: Inputs) -> Setting:
        """The same samples, with another state and another seed, as a new process would begin."""
        other = self.reseeded(rng)
        other.state = random_state(rng)
        return other

    def reseeded(self, rng: Inputs) -> Setting:
        """The same samples and the same state, with another seed."""
        other = copy.copy(self)
        other.seed = rng.seed()
        return other

    def build(self, make: Maker) -> Training:
        """Everything anew in the process of `make`, with the seed set last."""
        model = make("nn.Sequential", *(make(f"nn.{name}", *args) for name, *args in LAYERS))
        model.double()
        model.load_state_dict(self.state)
        samples = make("utils.data.TensorDataset", *self.data)
        loader = make("utils.data.DataLoader", samples, batch_size=BATCH, shuffle=True)
        optimizer = make(f"optim.{self.kind}", model.parameters(), **self.options)
        make("default_generator.manual_seed", self.seed)
        return Training(model, loader, make("nn.MSELoss"), optimizer)


def random_state(rng: Inputs) -> State:
    """Parameters and buffers for the network."""
    layers = (in_judge(f"nn.{name}", *args) for name, *args in LAYERS)
    shapes = {name: value.shape for name, value in torch.nn.Sequential(*layers).state_dict().items()}
    state = {name: rng.uniform(*shape, low=0.2, dtype=torch.float64) for name, shape in shapes.items()}
    return state | {"1.num_batches_tracked": rng.integers(low=5, high=50)}


def unbroken(reference: types.ModuleType, setting: Setting, *, evaluating: bool = False) -> torch.Tensor:
    """The losses of a run without a break, in the judge."""
    here = setting.build(in_judge)
    here.model.train(not evaluating)
    return losses(reference, here, EPOCHS)


def broken(reference: types.ModuleType, before: Setting, after: Setting, lost: Collection[str]) -> torch.Tensor:
    """The losses after a break that loses the parts in `lost`, in the judge."""
    old = before.build(in_judge)
    losses(reference, old, BREAK)
    random = torch.get_rng_state()
    new = after.build(in_judge)
    for part in {"model", "optimizer"} - set(lost):
        getattr(new, part).load_state_dict(getattr(old, part).state_dict())
    if "random" not in lost:
        torch.set_rng_state(random)
    return losses(reference, new, EPOCHS - BREAK)


def losses(reference: types.ModuleType, here: Training, epochs: int) -> torch.Tensor:
    """The losses of some epochs in the judge."""
    return torch.tensor([reference.train_epoch(*here.arguments()) for _ in range(epochs)], dtype=torch.float64)


def one_step(attempt: Attempt, training: Training, setting: Setting) -> None:
    """One step over there without the learner's code; it changes parameters, buffers and the optimizer's state."""
    x, y = setting.data
    attempt.keep(training.criterion, attempt.keep(training.model, x), y).backward()
    training.optimizer.step()


# ---- files


def new_path(attempt: Attempt, rng: Inputs) -> str:
    """Where a checkpoint may go; nothing is there yet."""
    return f"{library(attempt, 'os').getcwd()}/checkpoint{rng.seed()}.pt"


def saved(attempt: Attempt, path: str, training: Training, epoch: int) -> bytes:
    """Save, and return what is in the file."""
    with explaining(NO_FILE):
        attempt.save_checkpoint(path, training.model, training.optimizer, epoch)
        data = attempt.keep(library(attempt, "pathlib").Path, path).read_bytes()
    return data if isinstance(data, bytes) else b""


def reading(data: bytes) -> dict[Diagnosis, str]:
    """What may go wrong when the file is read, as its contents tell."""
    objects = any(sign in data for sign in (b"torch.nn.modules", b"torch.optim"))
    return {D.whole_object if objects else D.not_plain: r"UnpicklingError", D.wrong_part: FITS_NOT}


def loaded(attempt: Attempt, path: str, training: Training, data: bytes) -> Any:
    """Load; what goes wrong is explained."""
    with explaining(reading(data)):
        return attempt.load_checkpoint(path, training.model, training.optimizer)


def from_gpu(data: bytes) -> bytes:
    """The same file as if its tensors had lain on a GPU: only the name of the place is exchanged."""
    made = io.BytesIO()
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(made, "w") as new:
            fail_if(sum(entry.file_size for entry in old.infolist()) > len(data), D.not_plain)
            for entry in old.infolist():
                part = old.read(entry)
                new.writestr(entry.filename, part.replace(ON_CPU, ON_GPU) if entry.filename.endswith(".pkl") else part)
    except CheckFailure:
        raise
    except Exception:  # torch's older form, or no checkpoint at all: each method of packing has errors of its own
        return data.replace(ON_CPU, ON_GPU)
    return made.getvalue()


def raises(function: Remote, *args: Any) -> bool:
    """Whether the learner's function raises an exception."""
    try:
        function(*args)
    except CheckFailure as failure:
        if failure.finding.verdict is Verdict.RAISED:
            return True
        raise
    return False


def check_same(found: State, expected: State) -> None:
    """Fail unless two states of a network agree."""
    fail_if(bool(found) and not set(BUFFERS) & set(found), D.buffers_lost)
    expect(sorted(found), NAMES).equals(sorted(expected))
    for name, value in expected.items():
        expect(found[name], name).close_to(value)


# ---- the checks of saving and loading


@pytest.mark.points(0.5)
@pytest.mark.public
def test_snapshot(attempt: Attempt, rng: Inputs) -> None:
    """snapshot copies parameters and buffers, and further training does not touch the copy.

    zh: snapshot 复制参数和缓冲区，之后的训练不会改变这份副本。
    """
    setting = Setting(rng)
    training = setting.build(in_attempt(attempt))
    kept = attempt.keep(attempt.snapshot, training.model)
    if not attempt.library("builtins.isinstance")(kept, attempt.library("builtins.dict")):
        kind = attempt.keep(attempt.library("builtins.type"), kept)
        expect(attempt.library("builtins.getattr")(kind, "__name__"), KIND).equals("dict")
    check_same(attempt.library("builtins.dict")(kept), setting.state)
    one_step(attempt, training, setting)
    after = attempt.library("builtins.dict")(kept)
    fail_if(any(not torch.equal(after[name], value) for name, value in setting.state.items()), D.by_reference)


@pytest.mark.points(1)
@pytest.mark.public
def test_model_and_epoch(attempt: Attempt, rng: Inputs) -> None:
    """A new model gets the saved parameters and buffers, and load_checkpoint returns the saved epoch.

    zh: 新模型得到保存的参数和缓冲区，load_checkpoint 返回保存时的 epoch。
    """
    setting, path, epoch = Setting(rng, lr=0.05), new_path(attempt, rng), rng.integer(9, 60)
    data = saved(attempt, path, setting.build(in_attempt(attempt)), epoch)
    other = setting.renewed(rng)
    new = other.build(in_attempt(attempt))
    returned = loaded(attempt, path, new, data)
    found = attempt.state(new.model)
    fail_if(torch.equal(found[LAST_WEIGHT], other.state[LAST_WEIGHT]), D.model_not_loaded)
    fail_if(all(torch.equal(found[name], other.state[name]) for name in BUFFERS), D.buffers_lost)
    check_same(found, setting.state)
    fail_if(returned is None or isinstance(returned, (tuple, list, dict, Remote)), D.returns_other)
    fail_if(returned in (epoch - 1, epoch + 1), D.epoch_off_by_one)
    expect(returned, EPOCH).equals(epoch)


@pytest.mark.points(0.5)
def test_plain_file(attempt: Attempt, rng: Inputs) -> None:
    """The file holds plain data that torch.load(weights_only=True) reads.

    zh: 文件里只有普通数据，torch.load(weights_only=True) 能够读取。
    """
    setting, path = Setting(rng), new_path(attempt, rng)
    training = setting.build(in_attempt(attempt))
    one_step(attempt, training, setting)
    data = saved(attempt, path, training, 3)
    with explaining(reading(data)):
        attempt.keep(attempt.library("torch.load"), path, weights_only=True)
    options = [k for n in ast.walk(attempt.source.tree) if isinstance(n, ast.Call) for k in n.keywords]
    unsafe = [k for k in options if k.arg == "weights_only" and isinstance(k.value, ast.Constant) and not k.value.value]
    fail_if(bool(unsafe), D.unsafe_load)


@pytest.mark.points(1)
def test_optimizer(attempt: Attempt, rng: Inputs) -> None:
    """A new optimizer gets the momentum and the learning rate of the saved one, be it SGD or Adam.

    zh: 新优化器得到所保存的动量和学习率，SGD 和 Adam 都一样。
    """
    for kind in OPTIMIZERS:
        setting, path, rate = Setting(rng, kind), new_path(attempt, rng), rng.number(0.001, 0.01)
        old, new = (setting.build(in_attempt(attempt)) for _ in range(2))
        one_step(attempt, old, setting)
        change_group(attempt, old, "lr", rate)
        data = saved(attempt, path, old, 3)
        expected, _ = state_of(old.optimizer)
        loaded(attempt, path, new, data)
        found, found_rate = state_of(new.optimizer)
        if found.keys() != expected.keys() or any(not torch.equal(found[name], expected[name]) for name in expected):
            fail(D.optimizer_not_loaded if MOMENTUM[kind] in data else D.optimizer_not_saved)
        expect(found_rate, RATE).close_to(rate, mistakes={D.learning_rate_lost: setting.options["lr"]})


def change_group(attempt: Attempt, training: Training, name: str, value: Any) -> None:
    """Set an option of the optimizer over there."""
    group = attempt.keep(attempt.library("operator.getitem"), training.optimizer.param_groups, 0)
    attempt.may_mutate(attempt.library("operator.setitem"), group, name, value)


def state_of(optimizer: Remote) -> tuple[State, float]:
    """What an optimizer keeps for each parameter, by number and name, and its learning rate."""
    found = optimizer.state_dict()
    state = {f"{i}.{name}": value for i, entry in found["state"].items() for name, value in entry.items()}
    return state, found["param_groups"][0]["lr"]


@pytest.mark.points(1)
def test_random_state(attempt: Attempt, rng: Inputs) -> None:
    """After loading, torch's random numbers go on as they did after saving.

    zh: 加载之后，torch 的随机数接着保存时的位置继续。
    """
    setting, path = Setting(rng), new_path(attempt, rng)
    here = torch.Generator().manual_seed(setting.seed)
    first, second, third = (torch.rand(4, generator=here) for _ in range(3))
    old, draw = setting.build(in_attempt(attempt)), attempt.library("torch.rand")
    expect(draw(4), DRAWN).close_to(first)
    state = attempt.library("torch.get_rng_state")()
    data = saved(attempt, path, old, 3)
    expect(draw(4), DRAWN).close_to(second)
    loaded(attempt, path, old, data)
    lost = D.random_not_loaded if state.numpy().tobytes() in data else D.random_not_saved
    expect(draw(4), DRAWN).close_to(second, mistakes={lost: third, D.seed_not_state: first})


@pytest.mark.points(1)
def test_last_good_survives(attempt: Attempt, rng: Inputs) -> None:
    """If saving fails halfway, the exception goes on and the old checkpoint still loads.

    zh: 保存中途失败时，异常继续抛出，旧的检查点仍能加载。
    """
    setting, path = Setting(rng), new_path(attempt, rng)
    old, new = (setting.build(in_attempt(attempt)) for _ in range(2))
    data = saved(attempt, path, old, 3)
    loaded(attempt, path, old, data)  # else it is not the failure that spoils it
    later = setting.renewed(rng).state
    old.model.load_state_dict(later)
    # Nothing can pickle this, so that saving gets as far as the optimizer and no further.
    change_group(attempt, old, "note", attempt.keep(attempt.library("builtins.memoryview"), b"note"))
    failed = raises(attempt.save_checkpoint, path, old.model, old.optimizer, 8)
    fail_if(raises(attempt.load_checkpoint, path, new.model, new.optimizer), D.overwrites_last_good)
    epoch = loaded(attempt, path, new, data)
    fail_if(not failed and epoch == 3, D.hides_failure)
    expect(epoch, EPOCH).equals(3 if failed else 8)
    fail_if(failed and torch.equal(attempt.state(new.model)[LAST_WEIGHT], later[LAST_WEIGHT]), D.overwrites_last_good)


@pytest.mark.points(0.5)
def test_elsewhere(attempt: Attempt, rng: Inputs) -> None:
    """A checkpoint that was saved on a GPU loads on a machine without one.

    zh: 在 GPU 上保存的检查点，在没有 GPU 的机器上也能加载。
    """
    setting, path = Setting(rng), new_path(attempt, rng)
    old, new = setting.build(in_attempt(attempt)), setting.renewed(rng).build(in_attempt(attempt))
    data = saved(attempt, path, old, 3)
    path = attempt.write_file(f"gpu{rng.seed()}.pt", from_gpu(data))
    with explaining(FOREIGN):
        epoch = loaded(attempt, path, new, data)
    expect(epoch, EPOCH).equals(3)
    check_same(attempt.state(new.model), setting.state)


@pytest.mark.points(0.5)
def test_wrong_model(attempt: Attempt, rng: Inputs) -> None:
    """A checkpoint of a model with other names is refused.

    zh: 名字对不上的检查点会被拒绝。
    """
    setting, path = Setting(rng), new_path(attempt, rng)
    training = setting.build(in_attempt(attempt))
    data = saved(attempt, path, training, 3)
    loaded(attempt, path, training, data)
    wrapped = attempt.keep(attempt.library("torch.nn.Sequential"), training.model)  # "0.0.weight", not "0.weight"
    fail_if(not raises(attempt.load_checkpoint, path, wrapped, training.optimizer), D.hides_missing_keys)


# ---- the checks of training


def trained(attempt: Attempt, training: Training, epochs: int, path: str, *rest: Any) -> torch.Tensor:
    """The losses that train returns."""
    with explaining(TRAIN_ERRORS):
        found = attempt.train(*training.arguments(), epochs, path, *rest)
    return expect(found, LOSSES).numbers()


def begins(found: torch.Tensor, loss: torch.Tensor) -> bool:
    """Whether the first of the losses is this one."""
    return len(found) > 0 and torch.allclose(found[0], loss)


@pytest.mark.points(1)
def test_training(attempt: Attempt, rng: Inputs, reference: types.ModuleType) -> None:
    """Without a checkpoint, train does all epochs in training mode and returns their losses.

    zh: 没有检查点时，train 以训练模式完成所有 epoch，并返回各个损失。
    """
    setting, make = Setting(rng), in_attempt(attempt)

    def again() -> torch.Tensor:
        """The losses of the same run with another seed."""
        return trained(attempt, setting.reseeded(rng).build(make), EPOCHS, new_path(attempt, rng)).nan_to_num()

    there = setting.build(make)
    there.model.eval()
    found = trained(attempt, there, EPOCHS, new_path(attempt, rng))
    fail_if(len(found) != EPOCHS, D.epochs_miscounted)
    mistakes = {D.left_in_eval: lambda: unbroken(reference, setting, evaluating=True), D.reseeds: again}
    expect(found, LOSSES).close_to(unbroken(reference, setting), mistakes=mistakes)


@pytest.mark.points(1)
def test_resumed(attempt: Attempt, rng: Inputs, reference: types.ModuleType) -> None:
    """After a break train goes on with the next epoch, and the losses are those of a run without a break.

    zh: 断点之后，train 从下一个 epoch 继续，损失与不中断的训练完全一致。
    """
    for kind in OPTIMIZERS:
        before, path = Setting(rng, kind), new_path(attempt, rng)
        expected = unbroken(reference, before)
        after = before.renewed(rng)
        trained(attempt, before.build(in_attempt(attempt)), BREAK, path)
        there = after.build(in_attempt(attempt))
        found = trained(attempt, there, EPOCHS, path)
        if len(found) == EPOCHS:
            fail(D.epochs_not_total if begins(found, expected[BREAK]) else D.starts_again)
        fail_if(len(found) == EPOCHS - BREAK + 1, D.epoch_repeated)
        fail_if(len(found) == EPOCHS - BREAK - 1, D.epoch_skipped)
        parts = {D.model_not_loaded: "model", D.optimizer_not_loaded: "optimizer", D.random_not_loaded: "random"}
        wrong = {known: partial(broken, reference, before, after, [part]) for known, part in parts.items()}
        wrong[D.saved_too_early] = lambda expected=expected: expected[BREAK - 1 : -1]
        expect(found, LATER).close_to(expected[BREAK:], mistakes=wrong)
        expect(trained(attempt, there, EPOCHS, path), DONE).close_to(torch.empty(0, dtype=torch.float64))


@pytest.mark.points(1)
def test_interrupted(attempt: Attempt, rng: Inputs, reference: types.ModuleType) -> None:
    """If training breaks off in the middle of an epoch, that epoch begins anew, and nothing before it is lost.

    zh: 训练在某个 epoch 中途中断时，这个 epoch 重新开始，之前的成果不会丢失。
    """
    setting, path = Setting(rng), new_path(attempt, rng)
    expected = unbroken(reference, setting)
    trained(attempt, setting.build(in_attempt(attempt)), 1, path)
    there = setting.renewed(rng).build(in_attempt(attempt))
    there.criterion = cut_off(attempt, there.criterion, (BREAK - 1) * BATCHES + 1)
    raises(attempt.train, *there.arguments(), EPOCHS, path)
    found = trained(attempt, setting.renewed(rng).build(in_attempt(attempt)), EPOCHS, path)
    fail_if(begins(found, expected[1]), D.saved_only_at_end)
    fail_if(len(found) > EPOCHS - BREAK, D.numbers_restart)
    fail_if(len(found) == EPOCHS - BREAK - 1, D.saved_too_early)
    expect(found, LATER).close_to(expected[BREAK:])


def cut_off(attempt: Attempt, criterion: Remote, calls: int) -> Remote:
    """The same criterion, but the call after so many raises an exception."""
    mock = library(attempt, "unittest.mock")
    cut = attempt.keep(attempt.library("builtins.RuntimeError"), "the power was cut")
    return attempt.keep(mock.Mock, wraps=criterion, side_effect=[*[mock.DEFAULT] * calls, cut])


def logged(attempt: Attempt, writer: Remote) -> list[list[Any]]:
    """Value and step of each call of a writer's add_scalar."""
    plain, calls = attempt.library("builtins.tuple"), writer.add_scalar.call_args_list
    found = attempt.library("builtins.list")(attempt.keep(attempt.library("builtins.map"), plain, calls))
    names = ("tag", "scalar_value", "value", "global_step", "step")
    given = [[*args, *(named[name] for name in names if name in named)] for args, named in found]
    fail_if(any(len(arguments) < 3 or not isinstance(arguments[0], str) for arguments in given), D.log_arguments)
    return [arguments[1:3] for arguments in given]


@pytest.mark.points(1)
def test_logging(attempt: Attempt, rng: Inputs) -> None:
    """The writer gets each epoch's loss with the epoch's number, and the numbers go on after a break.

    zh: writer 收到每个 epoch 的损失和编号，断点之后编号接着往下数。
    """
    setting, path = Setting(rng), new_path(attempt, rng)
    for first, last in ((1, BREAK), (BREAK + 1, EPOCHS)):
        writer = attempt.keep(library(attempt, "unittest.mock").Mock, spec=["add_scalar", "flush", "close"])
        returned = trained(attempt, setting.build(in_attempt(attempt)), last, path, writer)
        calls = logged(attempt, writer)
        fail_if(not calls, D.not_logged)
        values, steps = ([call[i] for call in calls] for i in (0, 1))
        expected = list(range(first, last + 1))
        fail_if(values == expected, D.log_arguments)
        fail_if(first > 1 and steps[:1] in ([0], [1]), D.log_step_restarts)
        fail_if(steps in ([step - 1 for step in expected], [step + 1 for step in expected]), D.log_step_off_by_one)
        expect(steps, STEPS).equals(expected)
        expect(values, LOGGED).close_to(returned.tolist())
