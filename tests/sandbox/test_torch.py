"""What exercises need of torch and its friends works inside.  One process with torch forks all attempts."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import dlex

HERE = Path(__file__).parent
EXPECTED = {
    "matmul": [0, True],
    "numpy": [0, 4.0],
    "training": [0, True],
    "backward": [0, 8.0],
    "loader": [0, [[0, 1], [2, 3], [4, 5]]],
    "figure": [0, True],
    "saved": [0, [1.0, 1.0]],
    "late_import": [0, True],
    "too_much": [0, "RuntimeError"],
}


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Exit code and answer of every case."""
    path = os.pathsep.join([str(HERE), str(Path(dlex.__file__).parents[1])])
    command = [sys.executable, str(HERE / "torch_cases.py")]
    environment = {
        "PATH": os.defpath,
        "PYTHONPATH": path,
        "OPENBLAS_NUM_THREADS": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment, timeout=120)
    assert done.returncode == 0, done.stderr
    result: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return result


@pytest.mark.parametrize("case", EXPECTED)
def test_it_works_in_an_attempt(answers: dict[str, Any], case: str) -> None:
    exit_code, value, output = answers[case]
    assert [exit_code, value] == EXPECTED[case], output


def test_nothing_is_said_on_the_side(answers: dict[str, Any]) -> None:
    assert {output for _, _, output in answers.values()} == {""}
