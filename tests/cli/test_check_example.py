"""`dlex check NN --example`: the call that failed, as a script that runs without dlex."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from command_line import DOUBLE, CommandLine

WRONG = DOUBLE.format("x * 3")
# Nothing of dlex: what a learner has who got the script from somebody else.
BARE = "import sys; sys.modules['dlex'] = None; import runpy; sys.argv = sys.argv[1:]; runpy.run_path(sys.argv[0])"


@pytest.fixture
def course(dlex: CommandLine) -> CommandLine:
    return CommandLine(dlex.folder, dlex.environment | {"DLEX_COURSE": str(Path(__file__).parents[1] / "course")})


def test_the_script_prints_yours_beside_expected(course: CommandLine) -> None:
    (course.folder / "mine.py").write_text(WRONG)
    done = course("check", "01", "mine.py", "--example")
    assert done.code == 1, done.err
    assert "Written: example_01.py" in done.out
    assert "python example_01.py --debug" in done.out
    ran = subprocess.run(
        [sys.executable, "-c", BARE, "example_01.py"], cwd=course.folder, capture_output=True, text=True
    )
    assert ran.returncode == 0, ran.stderr
    yours, _, expected = ran.stdout.partition("expected:")
    numbers = [[float(n) for n in part.partition("[")[2].partition("]")[0].split(",")] for part in (yours, expected)]
    assert [round(y / e, 4) for y, e in zip(*numbers, strict=True)] == [1.5] * len(numbers[0])
    again = course("check", "01", "mine.py", "--example")  # what dlex has made, it may make again
    assert "Written" in again.out


def test_the_screen_and_the_json_show_the_call(course: CommandLine) -> None:
    (course.folder / "mine.py").write_text(WRONG)
    screen = course("check", "01", "mine.py")
    assert "  For example:\n    double(torch.tensor([" in screen.out
    found = json.loads(course("check", "01", "mine.py", "--json").out)
    example = found["checks"][0]["example"]
    assert example["call"][-1].startswith("double(")
    assert example["gave"].startswith("tensor(")
    assert "from {module} import double" in example["script"]
    chinese = course("--lang", "zh-CN", "check", "01", "mine.py")
    assert "  例如：\n    double(torch.tensor([" in chinese.out


def test_a_file_of_the_learners_stays(course: CommandLine) -> None:
    for name in ("mine.py", "notes.py"):
        (course.folder / name).write_text(WRONG)
    done = course("check", "01", "mine.py", "--example", "notes.py")
    assert done.code == 2
    assert "dlex did not make it" in done.err
    assert (course.folder / "notes.py").read_text() == WRONG


def test_it_goes_where_it_is_told(course: CommandLine) -> None:
    (course.folder / "mine.py").write_text(WRONG)
    assert course("check", "01", "mine.py", "--example", "why.py", "--quiet").code == 1
    assert (course.folder / "why.py").exists()
    printed = course("check", "01", "mine.py", "--example", "-", "--quiet")
    assert "yours = double(" in printed.out
    assert course("check", "01", "mine.py", "--example", "no/such/folder.py").code == 2


@pytest.mark.parametrize("other", ["--json", "--all"])
def test_what_it_does_not_go_with(course: CommandLine, other: str) -> None:
    """`--json` prints one object and nothing else."""
    (course.folder / "mine.py").write_text(WRONG)
    done = course("check", *(["01", "mine.py"] if other == "--json" else []), other, "--example")
    assert (done.code, done.out) == (2, "")
    assert "--example" in done.err
    assert not (course.folder / "example_01.py").exists()


def test_what_there_is_no_example_of(course: CommandLine) -> None:
    from_nowhere = course("check", "01", "-", "--example", stdin=WRONG)
    assert from_nowhere.code == 2
    assert "needs your code in a file" in from_nowhere.err
    (course.folder / "right.py").write_text(DOUBLE.format("x * 2"))
    right = course("check", "01", "right.py", "--example")
    assert right.code == 0, right.err
    assert not (course.folder / "example_01.py").exists()
