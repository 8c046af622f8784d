"""A class of made-up students at the tiny course's first exercise, and nbgrader's real commands."""

from __future__ import annotations

import copy
import csv
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from engine import COURSE

NAME = "01_double"
POINTS = 4.0
RIGHT = "import torch\n\n\ndef double(x):\n    return x * 2\n"
SQUARE = "def double(x):\n    return x * x\n"
CLASS = "a-class"

Notebook = dict[str, Any]
Change = Callable[[Notebook], Any]


def run(folder: Path, program: str, *arguments: str, code: int = 0) -> str:
    """What a command prints that must end with `code`."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])  # nbgrader calls `alembic`
    done = subprocess.run(
        [sys.executable, "-m", program, *arguments],
        cwd=folder,
        env=os.environ | {"PATH": path},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == code, f"{program} {arguments}: {done.stdout[-3000:]}{done.stderr[-3000:]}"
    return done.stdout + done.stderr


def make_class(folder: Path, *, language: str = "en") -> Path:
    """An nbgrader course of the tiny course's first exercise, its assignment generated, with an exchange of its own."""
    root = folder / CLASS
    run(folder, "dlex", "--lang", language, "--course", str(COURSE), "class", "init", str(root), "--exercises", "01")
    with (root / "nbgrader_config.py").open("a", encoding="utf-8") as config:
        config.write(f"c.Exchange.root = {str(folder / 'exchange')!r}\n")
        config.write("c.ExchangeCollect.check_owner = False\n")
        config.write("c.LateSubmissionPlugin.penalty_method = 'zero'\n")
    (folder / "exchange").mkdir(mode=0o777)
    (folder / "exchange").chmod(0o777)
    run(root, "nbgrader", "generate_assignment", NAME)
    return root


def released(root: Path) -> Notebook:
    """The notebook that students get."""
    text = (root / "release" / NAME / f"{NAME}.ipynb").read_text(encoding="utf-8")
    notebook: Notebook = json.loads(text)
    return notebook


def cell(notebook: Notebook, part: str) -> dict[str, Any]:
    """The cell for a part of the exercise."""
    found = (c for c in notebook["cells"] if c["metadata"].get("nbgrader", {}).get("grade_id") == f"{NAME}-{part}")
    one: dict[str, Any] = next(found)
    return one


def answered(notebook: Notebook, text: str, change: Change = lambda notebook: None) -> str:
    """The notebook with an answer in it and then changed, as JSON."""
    mine = copy.deepcopy(notebook)
    cell(mine, "answer")["source"] = f"# dlex: 01\n{text}"
    change(mine)
    return json.dumps(mine)


def hand_in(root: Path, student: str, text: str | None, *, when: str = "2026-03-01 12:00:00 UTC") -> None:
    """Put a submission where `nbgrader collect` puts it; None is a folder without a notebook."""
    folder = root / "submitted" / student / NAME
    folder.mkdir(parents=True)
    (folder / "timestamp.txt").write_text(when, encoding="utf-8")
    if text is not None:
        (folder / f"{NAME}.ipynb").write_text(text, encoding="utf-8")


def exported(root: Path) -> dict[str, tuple[float, float]]:
    """By student, the raw score and the score after penalties, from `nbgrader export`."""
    run(root, "nbgrader", "export")
    with (root / "grades.csv").open(encoding="utf-8") as file:
        return {row["student_id"]: (float(row["raw_score"]), float(row["score"])) for row in csv.DictReader(file)}
