"""Gradings on the simulated device: who may be where, what was left behind, and what is right on the CPU alone."""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import combinations, permutations
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from engine import Server

from dlex.course.limits import Limits
from dlex.devices.choice import choose
from dlex.judge import lacking, misplaced
from dlex.judge.plugin import Grading
from dlex.judge.run import run_spec
from dlex.judge.session import Outcome
from dlex.kit.syntax import Source
from dlex.protocol import wire
from dlex.protocol.origin import Origin, from_origin
from dlex.protocol.result import ExerciseResult, Status, Verdict

HEAD = "import torch\n\ndef double(x):\n"


def verdicts(result: ExerciseResult) -> dict[str, str]:
    """The verdict of each check."""
    return {check.id: str(check.verdict) for check in result.checks}


@pytest.mark.parametrize("exercise", ["01_double", "03_module", "04_training"])
def test_the_reference_passes_on_the_simulated_device(server: Server, exercise: str) -> None:
    """Tensors that are sent, and modules that are asked for, are there."""
    result = server.grade(exercise, server.reference(exercise), device="sim")
    assert result.status is Status.PASSED, [(c.id, c.finding) for c in result.checks if c.finding]
    assert result.device == "sim"


def test_what_was_left_behind_is_named_with_its_line(server: Server) -> None:
    """On the CPU the same attempt is right."""
    body = "    two = torch.full((1,), 2.0)\n    return x * two.to(x.dtype) if torch.is_tensor(x) else 2 * x\n"
    text = HEAD + body
    assert server.grade("01_double", text).status is Status.PASSED
    result = server.grade("01_double", text, device="sim")
    finding = next(c.finding for c in result.checks if c.id == "vector")
    assert finding is not None
    assert finding.verdict is Verdict.WRONG_DEVICE
    assert "`other`" in finding.message.en
    assert finding.line == 5
    assert verdicts(result)["number"] == "passed"


def test_right_on_the_cpu_alone_is_a_disagreement_of_devices(server: Server) -> None:
    """Wrong on both is simply wrong."""
    text = f"{HEAD}    return x * 3 if isinstance(x, torch.Tensor) and x.is_cuda else x * 2\n"
    found = verdicts(server.grade("01_double", text, device="sim"))
    assert found["vector"] == "device_disagreement"
    assert found["number"] == "passed"
    nothing = f"{HEAD}    return None if isinstance(x, torch.Tensor) and x.is_cuda else x * 2\n"
    assert verdicts(server.grade("01_double", nothing, device="sim"))["vector"] == "device_disagreement"
    wrong = verdicts(server.grade("01_double", f"{HEAD}    return x * 3\n", device="sim"))
    assert set(wrong.values()) == {"wrong_value"}


def test_an_attempt_that_asks_for_a_gpu_where_there_is_none(server: Server) -> None:
    """It is told so, not that torch is not compiled with CUDA."""
    result = server.grade("01_double", f"{HEAD}    return (x.cuda() * 2).cpu()\n")
    finding = next(c.finding for c in result.checks if c.id == "vector")
    assert finding is not None
    assert "asks for a GPU" in finding.message.en
    sim = server.grade(
        "01_double", f"{HEAD}    return (x.cuda() * 2).cpu() if torch.is_tensor(x) else 2 * x\n", device="sim"
    )
    assert sim.status is Status.PASSED


@pytest.mark.skipif(torch.cuda.is_available(), reason="a real device is here")
def test_a_device_that_is_not_here(server: Server) -> None:
    """Nothing is run; the learner reads which device to choose."""
    result = server.grade("01_double", server.reference("01_double"), device="cuda")
    assert result.status is Status.UNRUNNABLE
    assert result.reason is not None
    assert result.reason.next_step is not None
    assert "--device sim" in result.reason.next_step.en


def test_choice(monkeypatch: pytest.MonkeyPatch) -> None:
    """`auto` takes a GPU where there is one, else the CPU, else the simulation."""
    everything = ("cpu", "cuda", "sim")
    monkeypatch.setattr("dlex.devices.choice.has_cuda", lambda: False)
    assert choose("auto", everything) == "cpu"
    assert choose("auto", ("cuda", "sim")) == "sim"
    assert choose("cuda", everything) is None
    assert choose("sim", ("cpu",)) is None
    monkeypatch.setattr("dlex.devices.choice.has_cuda", lambda: True)
    assert choose("auto", everything) == "cuda"
    assert choose("auto", ("cpu",)) == "cpu"


class OnDevices:
    """An exercise that is graded on some devices."""

    def __init__(self, *devices: str) -> None:
        self.info = SimpleNamespace(devices=devices)


def followed(asked: str, devices: tuple[str, ...], unusable: frozenset[str]) -> list[str]:
    """The devices that a learner asks for who does whatever is advised; the last one works, or is `nothing`."""
    tried = [asked]
    while True:
        device = choose(tried[-1], devices)
        if device is None:
            finding = lacking.no_device(tried[-1], OnDevices(*devices))  # type: ignore[arg-type]  # all that it reads
        elif device in unusable:
            finding = lacking.unusable_device(device, "it is broken", devices)
        else:
            return tried
        assert finding.next_step is not None
        advised = re.findall(r"--device (\w+)", finding.next_step.en)
        assert advised == re.findall(r"--device (\w+)", finding.next_step.zh)
        if not advised:
            return [*tried, "nothing"]
        assert advised[0] not in tried, f"{tried} leads back to {advised[0]}"
        tried.append(advised[0])


@pytest.mark.parametrize("gpu", [True, False])
@pytest.mark.parametrize("devices", [d for n in (1, 2, 3) for d in permutations(("cpu", "cuda", "sim"), n)])
def test_no_advice_leads_back(monkeypatch: pytest.MonkeyPatch, devices: tuple[str, ...], gpu: bool) -> None:
    """Whatever is asked for and whatever is broken: who follows each advice comes to a device, or is given none.

    Nothing is advised that the exercise is not graded on, and nobody is left without where the CPU would do.
    """
    monkeypatch.setattr("dlex.devices.choice.has_cuda", lambda: gpu)
    for count in range(4):
        for unusable in map(frozenset, combinations(("cpu", "cuda", "sim"), count)):
            for asked in ("auto", "cpu", "cuda", "sim"):
                tried = followed(asked, devices, unusable)
                assert set(tried[1:]) <= {*devices, "nothing"}
                if "cpu" in devices and "cpu" not in unusable:
                    assert tried[-1] != "nothing", tried


SAID = {
    "Expected all tensors to be on the same device, but found at least two devices, cuda:0 and cpu! "
    "(when checking argument for argument mat1 in method wrapper_CUDA_addmm)": "`mat1`",
    "Expected all tensors to be on the same device, but got mat1 is on cpu, different from other tensors on cuda:0 "
    "(when checking argument in method wrapper_CUDA_addmm)": "`mat1` is on cpu",
    "Input and hidden tensors are not at the same device, found input tensor at cuda:0 and hidden tensor at cpu": (
        "hidden"
    ),
    "Input type (torch.FloatTensor) and weight type (torch.cuda.FloatTensor) should be the same": "input is on the CPU",
    "can't convert cuda:0 device type tensor to numpy. Use Tensor.cpu() to copy ...": "numpy",
    "Torch not compiled with CUDA enabled": "asks for a GPU",
    "expected self and mask to be on the same device, but got mask on cpu and self on cuda:0": "different devices",
    "INTERNAL ASSERT FAILED ... argument 2: expected a CUDA device but found cpu": "different devices",
    "CPU Scalar support for self argument is not supported when calling addcmul on CUDA tensors.": "different devices",
    "indices should be either on cpu or on the same device as the indexed tensor (cpu)": "index is on the GPU",
    "Input type (torch.cuda.FloatTensor) and bias type (torch.FloatTensor) should be the same": "bias",
    "Expected a 'cpu' device type for generator but found 'cuda'": "not one of cpu",
    "cannot pin 'torch.cuda.FloatTensor' only dense CPU tensors can be pinned": "pinned",
    "CUDA error: invalid device ordinal": "a number that is not here",
    "Function SwishBackward returned an invalid gradient at index 0 - expected device cuda:0 but got cpu": "gradient",
    "attempting to assign a gradient with device type 'cpu' to a tensor with device type 'cuda'.": "gradient",
}


@pytest.mark.parametrize("message", SAID)
def test_what_cuda_says_is_told_in_plain_words(message: str) -> None:
    """The words of older and newer versions, in both languages."""
    told = misplaced.explain(wire.Raised("RuntimeError", ["RuntimeError"], message, []))
    assert told is not None
    assert SAID[message] in told[0].en
    assert told[0].zh != told[0].en


def test_other_exceptions_are_none_of_it() -> None:
    """They are told as ever."""
    assert misplaced.explain(wire.Raised("ValueError", ["ValueError"], "shapes differ", [])) is None


class FarAway:
    """A session whose attempt doubles on `device`, a little off."""

    def __init__(self, device: str) -> None:
        self.device = device
        self.limits = Limits()
        self.answered = True

    def expect_check(self) -> None:
        """It answers in each."""

    def begin_check(self, seed: int, on_answer: Callable[[], None]) -> None:
        """Nothing is to be made ready."""

    def call(self, target: object, args: tuple[Any, ...], kwargs: dict[str, Any], **options: bool) -> Outcome:
        """Twice the first argument, as a single-precision sum in another order may give it."""
        origin = Origin("cpu" if self.device == "cpu" else "cuda:0")
        return Outcome(from_origin(args[0] * 2 * (1 + 3e-4), origin))


SPEC = """
import torch
from dlex.kit import expect

def test_double(attempt):
    x = torch.tensor([1.0, -2.0])
    expect(attempt.double(x), "double(x)").close_to(x * 2)
"""


@pytest.mark.parametrize(("device", "verdict"), [("cuda", None), ("cpu", "wrong_value"), ("sim", "wrong_value")])
def test_a_run_on_a_gpu_has_the_tolerances_of_a_gpu(device: str, verdict: str | None, tmp_path: Path) -> None:
    """There need be no GPU to see it: the judge knows the device by its session."""
    spec = tmp_path / "test_90_double.py"
    spec.write_text(SPEC, encoding="utf-8")
    exercise = SimpleNamespace(spec=spec)
    grading = Grading(exercise, FarAway(device), Source("double = 2"), 1)  # type: ignore[arg-type]  # stand-ins
    run_spec(grading)
    (found,) = grading.record.findings["double"]
    assert (found and found.verdict) == verdict, found
