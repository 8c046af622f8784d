"""`dlex doctor` believes only what it has seen work: nothing that is broken is told as well."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from command_line import CommandLine

from dlex.cli.frame.session import Session
from dlex.cli.learner import doctor_report
from dlex.cli.learner.doctor_trials import Trial
from dlex.course.text import Text
from dlex.feedback.health import BROKEN, GOOD, WARNING, HealthFinding

WHY = Text(en="The device cannot be used here.", zh="这里无法使用该设备。")
FINE = Trial(problem=None)


def examined(
    monkeypatch: pytest.MonkeyPatch, said: dict[str, object], tried: dict[str, Trial]
) -> dict[str, HealthFinding]:
    """What doctor finds where torch says this, and gradings end so."""
    monkeypatch.setattr(
        doctor_report, "_probe", lambda: {"torch": "2.13.0", "torchvision": "0.28.0", "operators": True} | said
    )
    monkeypatch.setattr(doctor_report, "trials", lambda **wanted: tried)
    found = doctor_report.examine(Session(language="en"), spinner=False)
    return {finding.id: finding for finding in found}


def test_all_is_well_where_every_trial_passed(monkeypatch: pytest.MonkeyPatch) -> None:
    found = examined(monkeypatch, {}, dict.fromkeys(("cpu", "sim", "torchvision"), FINE))
    assert [found[name].level for name in ("grading.cpu", "grading.sim", "torchvision")] == [GOOD] * 3


@pytest.mark.parametrize(
    ("trial", "finding", "level"),
    [
        ("cpu", "grading.cpu", BROKEN),
        ("sim", "grading.sim", WARNING),
        ("torchvision", "torchvision", WARNING),
        ("cuda", "cuda", WARNING),
    ],
)
def test_what_did_not_work_is_told_with_its_reason(
    monkeypatch: pytest.MonkeyPatch, trial: str, finding: str, level: str
) -> None:
    passed = dict.fromkeys(("cpu", "sim", "cuda", "torchvision"), FINE)
    found = examined(monkeypatch, {"cuda": True}, passed | {trial: Trial(problem=WHY)})
    assert (found[finding].level, found[finding].found) == (level, WHY.en)
    assert found[finding].advice


def test_a_layer_that_the_attempt_did_not_have_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the kernel said when it was asked."""
    found = examined(monkeypatch, {}, {"cpu": Trial(problem=None, missing=("landlock",))})
    assert found["isolation"].level == WARNING
    assert found["isolation.landlock"].level == WARNING


def test_without_torch_nothing_is_graded(monkeypatch: pytest.MonkeyPatch) -> None:
    found = examined(monkeypatch, {"torch_error": "ModuleNotFoundError: No module named 'torch'"}, {"cpu": FINE})
    assert found["torch"].level == BROKEN
    assert "grading.cpu" not in found


def test_a_missing_torchvision_is_told_with_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    found = examined(monkeypatch, {"torchvision": None}, {"cpu": FINE, "sim": FINE})
    assert "pip install 'dlex[vision]'" in found["torchvision"].advice


@pytest.mark.skipif(sys.platform != "linux", reason="the server forks")
def test_a_simulated_gpu_that_cannot_be_opened_is_seen(dlex: CommandLine, tmp_path: Path) -> None:
    """Nothing of it is imagined: the real server, with a simulation that is broken as on an unknown torch."""
    (tmp_path / "sitecustomize.py").write_text(
        "import sys\nif 'dlex.server.zygote' in ' '.join(sys.orig_argv):\n"
        "    from dlex.devices.simulated_cuda import context\n"
        "    def _install(undo): raise AttributeError('broken on purpose')\n"
        "    context._install = _install\n"
    )
    private = Path(dlex.environment["XDG_RUNTIME_DIR"]) / "broken"
    private.mkdir(mode=0o700)
    path = ":".join(filter(None, (str(tmp_path), dlex.environment.get("PYTHONPATH"))))
    environment = dlex.environment | {"PYTHONPATH": path, "XDG_RUNTIME_DIR": str(private)}
    # It starts a server of its own, which imports torch twice: that may take long beside other tests.
    doctor = subprocess.run(
        dlex.words("doctor", "--json"), env=environment, cwd=dlex.folder, capture_output=True, timeout=600, check=False
    )
    subprocess.run(dlex.words("server", "stop"), env=environment, cwd=dlex.folder, capture_output=True, check=False)
    said = json.loads(doctor.stdout)
    found = {finding["id"]: finding for finding in said["findings"]}
    assert found["grading.cpu"]["level"] == "ok"
    assert found["grading.sim"]["level"] == "warning"
    assert "broken on purpose" in found["grading.sim"]["found"]
    assert not re.search(r"--device (sim|cpu)", found["grading.sim"]["advice"])


def test_a_numpy_that_does_not_load_is_named(dlex: CommandLine, tmp_path: Path) -> None:
    """What it raises comes out of torch's import; torch is not to blame, and to install that again would not help."""
    (tmp_path / "old" / "numpy").mkdir(parents=True)
    (tmp_path / "old" / "numpy" / "__init__.py").write_text("raise AttributeError('_ARRAY_API not found')\n")
    path = ":".join(filter(None, (str(tmp_path / "old"), dlex.environment.get("PYTHONPATH"))))
    ran = dlex("doctor", PYTHONPATH=path, COLUMNS="100")
    assert ran.code == 4
    assert "✗ NumPy        AttributeError: _ARRAY_API not found" in ran.out
    assert "Python finds this NumPy first:" in ran.out
    assert "✗ PyTorch      it cannot load NumPy" in ran.out
    assert "pytorch.org" not in ran.out
    assert "NumPy" not in dlex("doctor").out
