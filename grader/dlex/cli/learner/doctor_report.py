"""Examines the installation for `dlex doctor`.  Torch is asked in a process of its own."""

from __future__ import annotations

import json
import locale
import os
import platform
import subprocess
import sys
from collections.abc import Iterator, Sequence
from typing import Any

import dlex
from dlex.cli.frame.ending import BROKEN as EXIT_BROKEN
from dlex.cli.frame.ending import PASSED
from dlex.cli.frame.session import Session
from dlex.cli.learner.doctor_trials import Trial, trials
from dlex.course.errors import DlexError
from dlex.course.needs import how_to_install
from dlex.feedback.health import BROKEN, GOOD, WARNING, HealthFinding
from dlex.feedback.language import gettext as _
from dlex.feedback.language import language
from dlex.feedback.waiting import Waiting
from dlex.interpreter import NEUTRAL_FOLDER, python_command, python_environment

PROBE_SECONDS = 120
SCHEMA = "dlex/doctor/1"
VISION = how_to_install(["torchvision"])


def examine(session: Session, *, spinner: bool) -> list[HealthFinding]:
    """Look at everything."""
    with Waiting(lambda: _("Asking PyTorch"), show=spinner):
        said = _probe()
    with Waiting(lambda: _("Grading"), show=spinner):
        tried = _trials(said)
    findings = [_dlex(), _python(), *_numpy(said), _torch(said), _torchvision(said, tried.get("torchvision"))]
    findings += [_cuda(said, tried.get("cuda")), _device(said), *_grading(tried), _course(session)]
    return [*findings, *_isolation(tried.get("cpu")), _server(), _language(), _terminal()]


def _trials(said: dict[str, Any]) -> dict[str, Trial]:
    """What is found by grading: nothing where there is no torch to grade with."""
    if "torch_error" in said:
        return {}
    return trials(cuda=bool(said.get("cuda")), vision=bool(said.get("torchvision")))


def as_data(findings: Sequence[HealthFinding]) -> dict[str, Any]:
    """The findings as plain data."""
    names = HealthFinding.__dataclass_fields__
    rows = [{name: getattr(finding, name) for name in names} for finding in findings]
    return {"schema": SCHEMA, "platform": platform.platform(), "findings": rows}


def exit_code(findings: Sequence[HealthFinding]) -> int:
    """4 if nothing can be graded here."""
    return EXIT_BROKEN if any(finding.level == BROKEN for finding in findings) else PASSED


def _probe() -> dict[str, Any]:
    try:
        done = subprocess.run(
            python_command("dlex.cli.learner.doctor_probe"), env=python_environment(), cwd=NEUTRAL_FOLDER,
            stdin=subprocess.DEVNULL, capture_output=True, timeout=PROBE_SECONDS, check=False,
        )  # fmt: skip
        said: dict[str, Any] = json.loads(done.stdout)
    except (OSError, ValueError, subprocess.TimeoutExpired) as error:
        return {"torch_error": f"{type(error).__name__}: {error}"[:300], "torchvision": None}
    return said


def _dlex() -> HealthFinding:
    return HealthFinding(id="dlex", name="dlex", level=GOOD, found=dlex.__version__)


def _python() -> HealthFinding:
    found = f"{platform.python_version()} ({sys.executable})"
    return HealthFinding(id="python", name="Python", level=GOOD, found=found)


def _numpy(said: dict[str, Any]) -> Iterator[HealthFinding]:
    """A NumPy that does not load, from wherever it comes; of one that does nothing is told."""
    if "numpy_error" in said:
        advice = _("Python finds this NumPy first: {place}. Take it off PYTHONPATH, or install it again.").format(
            place=said["numpy_place"] or _("none")
        )
        yield HealthFinding(id="numpy", name="NumPy", level=BROKEN, found=said["numpy_error"], advice=advice)


def _torch(said: dict[str, Any]) -> HealthFinding:
    if "torch_error" in said and said["torch_error"] == said.get("numpy_error"):
        return HealthFinding(id="torch", name="PyTorch", level=BROKEN, found=_("it cannot load NumPy"))
    if "torch_error" in said:
        advice = _("Install PyTorch as https://pytorch.org says, into the Python above.")
        return HealthFinding(id="torch", name="PyTorch", level=BROKEN, found=said["torch_error"], advice=advice)
    build = (
        _("built for CUDA {version}").format(version=said["cuda_build"])
        if said.get("cuda_build")
        else _("a build for the CPU")
    )
    return HealthFinding(id="torch", name="PyTorch", level=GOOD, found=f"{said['torch']}, {build}")


def _torchvision(said: dict[str, Any], tried: Trial | None) -> HealthFinding:
    row: dict[str, str] = {"id": "torchvision", "name": "torchvision"}
    broken = said.get("torchvision_error") or _problem(tried)
    if broken and broken == said.get("numpy_error"):
        return HealthFinding(**row, level=WARNING, found=_("it cannot load NumPy"))
    if broken:
        advice = _("Install the torchvision that belongs to your torch: {command}.").format(command=f"`{VISION}`")
        return HealthFinding(**row, level=WARNING, found=broken, advice=advice)
    if said.get("torchvision") is None:
        advice = _("Only the exercises about images need it: {command}.").format(command=f"`{VISION}`")
        return HealthFinding(**row, level=WARNING, found=_("not installed"), advice=advice)
    if said.get("operators"):
        return HealthFinding(**row, level=GOOD, found=str(said["torchvision"]))
    found = _("{version}, bridged").format(version=said["torchvision"])
    advice = _(
        'Its wheel is made for CUDA; beside a CPU torch its import fails with "operator torchvision::nms does not '
        'exist". dlex bridges this while it grades; datasets, transforms and models work, nms does not.'
    )
    return HealthFinding(**row, level=GOOD, found=found, advice=advice)


def _cuda(said: dict[str, Any], tried: Trial | None) -> HealthFinding:
    problem = _problem(tried)
    if problem:
        advice = _("Until that is fixed, say `--device cpu`, or `--device sim` for the exercises about the GPU.")
        return HealthFinding(id="cuda", name="CUDA", level=WARNING, found=problem, advice=advice)
    if said.get("cuda"):
        found = "; ".join(said.get("gpus", [])) or _("yes")
    elif said.get("cuda_build"):
        found = _("none: torch is built for it, but finds no GPU or no driver")
    else:
        found = _("none: this torch is built for the CPU alone")
    return HealthFinding(id="cuda", name="CUDA", level=GOOD, found=found)


def _device(said: dict[str, Any]) -> HealthFinding:
    """What `--device auto` takes, and why."""
    if said.get("cuda"):
        found, advice = _("auto is cuda"), _("`--device cpu` grades on the CPU, which is faster for small networks.")
    else:
        found = _("auto is cpu, and sim for exercises about the GPU")
        advice = _("`--device sim` simulates a CUDA device on the CPU: it finds every tensor that was left behind.")
    return HealthFinding(id="device", name=_("Device"), level=GOOD, found=found, advice=advice)


def _course(session: Session) -> HealthFinding:
    try:
        count = len(session.course.exercises)
    except DlexError as error:
        return HealthFinding(
            id="course", name=_("Course"), level=BROKEN, found=error.message.in_language(language()),
            advice=error.next_step.in_language(language()) if error.next_step else "",
        )  # fmt: skip
    found = _("{count} exercises in {folder}").format(count=count, folder=session.course.root)
    return HealthFinding(id="course", name=_("Course"), level=GOOD, found=found)


def _grading(tried: dict[str, Trial]) -> Iterator[HealthFinding]:
    """An attempt that was graded here, on the CPU and on the simulated GPU; what was not tried is not told."""
    report = _("Report it with what `dlex doctor --json` prints.")
    for device, name in (("cpu", _("A grading")), ("sim", _("Simulated GPU"))):
        problem = _problem(tried.get(device))
        if problem:
            level = BROKEN if device == "cpu" else WARNING
            advice = report if device == "cpu" else _("Exercises are graded on the CPU all the same.") + " " + report
            yield HealthFinding(id=f"grading.{device}", name=name, level=level, found=problem, advice=advice)
        elif device in tried:
            yield HealthFinding(id=f"grading.{device}", name=name, level=GOOD, found=_("tried, an attempt passed"))


def _problem(tried: Trial | None) -> str:
    """Why a trial did not pass, in the reader's language; nothing if it did or was not made."""
    return tried.problem.in_language(language()) if tried is not None and tried.problem is not None else ""


def _isolation(tried: Trial | None) -> Iterator[HealthFinding]:
    """What the kernel offers, and what the attempt that was graded really had."""
    from dlex.sandbox.confine import available_layers

    layers = available_layers()
    for layer in tried.missing if tried is not None else ():
        layers[layer] = layers.get(layer) or _("the attempt that was graded did not have it")
    missing = {layer: reason for layer, reason in layers.items() if reason}
    found = _("{count} of {total} layers").format(count=len(layers) - len(missing), total=len(layers))
    level = WARNING if missing else GOOD
    yield HealthFinding(id="isolation", name=_("Isolation"), level=level, found=found)
    for layer, reason in missing.items():
        yield HealthFinding(
            id=f"isolation.{layer}", name=f"  {layer}", level=WARNING, found=_("missing"), advice=reason
        )


def _server() -> HealthFinding:
    from dlex.cli.learner.server import describe
    from dlex.server import client

    try:
        found, level = describe(client.status()), GOOD
    except DlexError as error:
        found, level = error.message.in_language(language()), BROKEN
    return HealthFinding(id="server", name=_("Server"), level=level, found=found)


def _language() -> HealthFinding:
    spoken = {"en": "English", "zh-CN": "简体中文"}[language()]
    found = f"{spoken} ({locale.setlocale(locale.LC_CTYPE)})"
    advice = (
        _("DLEX_LANG=zh-CN or `--lang zh-CN` changes it.")
        if language() == "en"
        else _("DLEX_LANG=en or `--lang en` changes it.")
    )
    return HealthFinding(id="language", name=_("Language"), level=GOOD, found=found, advice=advice)


def _terminal() -> HealthFinding:
    encoding = sys.stdout.encoding or "ascii"
    kind = os.environ.get("TERM", "")
    found = ", ".join(part for part in (encoding, kind) if part)
    try:
        "✓ 好".encode(encoding)
    except (UnicodeEncodeError, LookupError):
        advice = _("It cannot show Chinese or signs: use a UTF-8 locale, or PYTHONUTF8=1.")
        return HealthFinding(id="terminal", name=_("Terminal"), level=WARNING, found=found, advice=advice)
    return HealthFinding(id="terminal", name=_("Terminal"), level=GOOD, found=found)
