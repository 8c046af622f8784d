"""A fresh `python -m pytest` for each submission, as a shell loop would have it."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path

from side_by_side.made_class import Attempt
from side_by_side.measuring import Cost, measured
from side_by_side.peers import Grading, added, default_environment
from side_by_side.plain_checks import PlainChecks

SOME_FAILED = 1  # pytest's exit code
PASSED = re.compile(r"(\d+) passed")


class FreshPytest:
    """pytest without the plugins that happen to be installed here."""

    name = "pytest"

    def prepare(self, folder: Path, checks: PlainChecks, reference: Attempt) -> None:
        """Nothing but the attempts is needed."""
        self._folder, self._checks, self._reference = folder, checks, reference

    def grade_reference(self, *, sampled: bool) -> Grading:
        """Run the checks on the reference."""
        cost, part = self._one(self._reference, sampled=sampled)
        return Grading(cost=cost, parts={self._reference.student: part})

    def grade(self, attempts: list[Attempt]) -> Grading:
        """Run the checks on each."""
        done = {attempt.student: self._one(attempt) for attempt in attempts}
        return Grading(
            cost=added([cost for cost, _ in done.values()]),
            parts={student: part for student, (_, part) in done.items()},
        )

    def _one(self, attempt: Attempt, *, sampled: bool = False) -> tuple[Cost, float]:
        file = self._folder / f"{attempt.student}.py"
        file.write_text(attempt.text, encoding="utf-8")
        cost = measured(
            [
                *(sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"),
                *("--rootdir", str(self._checks.file.parent), "-c", os.devnull, str(self._checks.file)),
            ],
            folder=self._folder,
            environment=default_environment(ATTEMPT=str(file), PYTEST_DISABLE_PLUGIN_AUTOLOAD="1"),
            codes=(0, SOME_FAILED),
            sampled=[] if sampled else None,
        )
        passed = PASSED.search(cost.output)
        return cost, int(passed[1]) / len(self._checks.functions) if passed else 0.0
