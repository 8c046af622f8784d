"""`otter run` for each submission, with an autograder.zip of otter's exception-based tests.

otter-grader lives in a folder of its own (`pip install --target`), so that it changes nothing that dlex is made of.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

from side_by_side.made_class import Attempt
from side_by_side.measuring import Cost, Environment, measured
from side_by_side.peers import Grading, NotMeasuredError, added, default_environment
from side_by_side.plain_checks import PlainChecks

WANTED = "otter-grader>=7,<8"
TESTS = """\
from types import SimpleNamespace

from otter.test_files import test_case

OK_FORMAT = False

name = "checks"
"""
CASE = """\
@test_case(name={name!r}, points=1, hidden=True)
def case_{name}(env):
    {name}(SimpleNamespace(**env))
"""


class OtterRun:
    """otter without a container, and with all settings as they come."""

    name = "otter"

    def __init__(self, installed: Path) -> None:
        self._installed = installed

    def prepare(self, folder: Path, checks: PlainChecks, reference: Attempt) -> None:
        """Install otter if need be, and build the autograder.zip."""
        self._folder, self._reference = folder, reference
        _install(self._installed)
        self._environment: Environment = default_environment(
            PYTHONPATH=str(self._installed), IPYTHONDIR=str(folder / "ipython")
        )
        self._zip = folder / "autograder.zip"
        with zipfile.ZipFile(self._zip, "w") as archive:
            archive.writestr("otter_config.json", json.dumps({"lang": "python"}))
            archive.writestr("tests/checks.py", _tests(checks))

    def grade_reference(self, *, sampled: bool) -> Grading:
        """Run otter on the reference."""
        cost, part = self._one(self._reference, sampled=sampled)
        return Grading(cost=cost, parts={self._reference.student: part})

    def grade(self, attempts: list[Attempt]) -> Grading:
        """Run otter on each."""
        done = {attempt.student: self._one(attempt) for attempt in attempts}
        return Grading(
            cost=added([cost for cost, _ in done.values()]),
            parts={student: part for student, (_, part) in done.items()},
        )

    def _one(self, attempt: Attempt, *, sampled: bool = False) -> tuple[Cost, float]:
        file = self._folder / f"{attempt.student}.py"
        file.write_text(attempt.text, encoding="utf-8")
        results = self._folder / "results.json"
        results.unlink(missing_ok=True)
        cost = measured(
            [
                *(sys.executable, "-m", "otter", "run", "--no-logo"),
                *("-a", str(self._zip), "-o", str(self._folder), str(file)),
            ],
            folder=self._folder,
            environment=self._environment,
            sampled=[] if sampled else None,
        )
        tests = [test for test in json.loads(results.read_text(encoding="utf-8"))["tests"] if test.get("max_score")]
        return cost, sum(test["score"] for test in tests) / (sum(test["max_score"] for test in tests) or 1)


def _tests(checks: PlainChecks) -> str:
    """otter's test file: the plain checks, and a test case for each."""
    cases = [CASE.format(name=name) for name in checks.functions]
    return "\n\n".join([TESTS, checks.shared, *checks.functions.values(), *cases])


def _install(folder: Path) -> None:
    if (folder / "otter").is_dir():
        return
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    done = subprocess.run(
        [*pip, "--target", str(folder), WANTED], capture_output=True, text=True, check=False, env=dict(os.environ)
    )
    if done.returncode:
        raise NotMeasuredError(f"{WANTED} cannot be installed: {(done.stderr.strip().splitlines() or ['?'])[-1]}")
