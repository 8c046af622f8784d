"""Whole gradings by the real engine: what counts as a pass, whose fault is what, and what a run keeps to itself."""

from __future__ import annotations

import re
from pathlib import Path

import msgspec
import pytest
from engine import COURSE, Server

from dlex.course.exercise import Course
from dlex.course.source import AttemptSource
from dlex.course.stub import is_untouched
from dlex.protocol.result import ExerciseResult, Status, Verdict

ORDINARY = [
    "01_double",
    "02_once",
    "03_module",
    "04_training",
    "05_values",
    "10_little_memory",
    "11_no_loop",
    "12_used_answer",
]


def verdicts(result: ExerciseResult) -> dict[str, Verdict]:
    """The verdict of each check."""
    return {check.id: check.verdict for check in result.checks}


def attempt(body: str, before: str = "") -> str:
    """An attempt at `double`."""
    return f"import os\nimport time\n\nimport torch\n\n{before}\n\ndef double(x):\n    {body}\n"


@pytest.mark.parametrize("exercise", ORDINARY)
def test_references_pass(server: Server, exercise: str) -> None:
    result = server.honest(exercise)
    assert result.isolation.level == "full"
    assert {c.verdict for c in result.checks} == {Verdict.PASSED}
    assert all(c.finding is None and c.points == c.max_points for c in result.checks)


@pytest.mark.parametrize("exercise", ORDINARY)
def test_stubs_are_unattempted(server: Server, exercise: str) -> None:
    stub = server.course.find(exercise).stub.read_text(encoding="utf-8")
    for text in (stub, f"# my name\n{stub}\n\n# the end", stub + "\nTOUCHED = True\n"):
        result = server.grade(exercise, text)
        assert (result.status, result.points) == (Status.UNATTEMPTED, 0)


@pytest.mark.parametrize(
    ("text", "untouched"),
    [("", False), ("\0", False), ("def double(", False), ("(" * 10_000, False), ("-" * 10_000 + "1", False)],
)
def test_odd_texts_are_not_the_stub(text: str, untouched: bool) -> None:
    assert is_untouched(text, Course(COURSE).find("01_double")) is untouched


def test_mistakes_are_diagnosed(server: Server) -> None:
    result = server.grade("01_double", attempt("return x * x"))
    assert result.status is Status.FAILED
    assert {c.finding.diagnosis for c in result.checks if c.finding} == {"squared", None}


def test_a_fault_of_the_spec_is_never_the_learners(server: Server) -> None:
    result = server.grade("06_broken_spec", server.reference("06_broken_spec"))
    assert verdicts(result) == {
        "before": Verdict.GRADER_ERROR,
        "without_attempt": Verdict.GRADER_ERROR,
        "fixture": Verdict.GRADER_ERROR,
        "vector": Verdict.PASSED,
    }
    assert result.status is Status.GRADER_ERROR
    assert all("Error" in c.finding.internal for c in result.checks if c.finding)


def test_an_unusable_answer_is_never_a_fault_of_the_spec(server: Server) -> None:
    for answer in (
        "'text'",
        "[]",
        "object",
        "(x, x)",
        "{}",
        "float('nan')",
        "1j",
        "b''",
        "torch.ones(2, dtype=torch.int8)",
    ):
        result = server.grade("06_broken_spec", attempt(f"return {answer}"))
        assert verdicts(result)["vector"] not in (Verdict.GRADER_ERROR, Verdict.PASSED), answer


def test_what_did_not_run_did_not_pass(server: Server) -> None:
    """Skipped, marked to be skipped or to fail, run twice under other names, or gone: no explicit pass, no point."""
    result = server.grade("07_incomplete_spec", server.reference("07_incomplete_spec"))
    found = verdicts(result)
    assert found.pop("vector") is Verdict.PASSED
    assert Verdict.PASSED not in found.values()
    assert found["many"] is found["gone"] is Verdict.NOT_RUN
    assert (result.status, result.points) == (Status.GRADER_ERROR, 1)


@pytest.mark.parametrize("exercise", ["08_spec_does_not_import", "09_leaving_spec"])
def test_a_spec_that_does_not_run_gives_nothing_and_blames_nobody(server: Server, exercise: str) -> None:
    result = server.grade(exercise, server.reference(exercise))
    assert (result.status, result.points) == (Status.GRADER_ERROR, 0)
    assert set(verdicts(result).values()) <= {Verdict.NOT_RUN, Verdict.GRADER_ERROR}


BAD_FIRST_CALLS = {
    "os._exit(0)": Verdict.CRASHED,
    "os.abort()": Verdict.CRASHED,
    "torch.ones(1 << 33)": Verdict.OUT_OF_MEMORY,
    "raise SystemExit(0)": Verdict.RAISED,
    "os.closerange(0, 500)": Verdict.CRASHED,
}


@pytest.mark.parametrize("what", BAD_FIRST_CALLS)
def test_what_happens_in_one_check_costs_no_other(server: Server, what: str) -> None:
    result = server.grade("01_double", attempt(f"if isinstance(x, float): {what}\n    return x * 2"))
    found = verdicts(result)
    assert found.pop("number") is BAD_FIRST_CALLS[what]
    assert set(found.values()) == {Verdict.PASSED}
    assert result.points == 3


def test_a_crash_brings_a_fresh_process(server: Server) -> None:
    """What an earlier check's process wrote into its globals or its folder is gone; what it printed is kept."""
    text = attempt(
        "os.write(1, b'call %d %d\\n' % (len(seen), os.path.exists('left')))\n"
        "    seen.append(1); open('left', 'w').close(); os._exit(0)",
        "seen = []",
    )
    result = server.grade("01_double", text)
    assert result.stdout == "call 0 0\n" * 4


def test_an_argument_changed_in_place_is_seen(server: Server) -> None:
    result = server.grade("01_double", attempt("return x.mul_(2) if isinstance(x, torch.Tensor) else x * 2"))
    found = verdicts(result)
    assert found["vector"] is found["matrix"] is Verdict.INPUT_MUTATED
    assert found["number"] is Verdict.PASSED


def test_a_slow_check_is_out_of_time(server: Server) -> None:
    result = server.grade("02_once", attempt("time.sleep(60)"))
    assert verdicts(result) == {"vector": Verdict.TIMEOUT}
    finding = result.checks[0].finding
    assert finding is not None
    assert f"{server.course.find('02_once').info.limits.check_seconds:g} s" in finding.message.en


def test_a_slow_import_is_out_of_time(server: Server) -> None:
    """A statement of a script is passed over, but a definition is not."""
    result = server.grade("02_once", "import time\n\ndef once(x, wait=time.sleep(60)):\n    return x\n")
    assert result.status is Status.UNRUNNABLE
    assert result.reason is not None
    assert result.reason.verdict is Verdict.TIMEOUT


def test_memory_is_limited_by_the_exercise(server: Server) -> None:
    text = attempt("kept = torch.ones(40 << 20)\n    return x * 2")  # 160 MB
    assert verdicts(server.grade("10_little_memory", text)) == {"vector": Verdict.OUT_OF_MEMORY}
    assert server.grade("01_double", text).status is Status.PASSED


def test_the_learners_lines_are_in_the_traceback(server: Server) -> None:
    result = server.grade("01_double", attempt("return inner(x)", "def inner(x):\n    return x.nothing\n"))
    finding = result.checks[0].finding
    assert finding is not None
    assert [(f.function, f.code) for f in finding.traceback] == [
        ("double", "return inner(x)"),
        ("inner", "return x.nothing"),
    ]
    assert {f.file for f in finding.traceback} == {"attempt.py"}


def told(server: Server, seed: int | None = None) -> list[int]:
    """Every seed that an attempt can learn in one run: at import and in each check."""
    text = attempt("print('seed', torch.initial_seed()); return x * 2", "print('seed', torch.initial_seed())")
    result = server.grade("01_double", text, seed=seed)
    assert result.status is Status.PASSED
    found = [int(n) for n in re.findall(r"seed (\d+)", result.stdout)]
    assert len(found) == 5
    return found


def test_each_run_has_its_own_seed(server: Server) -> None:
    runs = [told(server) for _ in range(3)]
    assert len({seed for run in runs for seed in run}) == 15


def test_the_seed_cannot_be_had_from_what_is_told(server: Server) -> None:
    """No seed that the attempt is told is the run's, nor gives the inputs of a check."""
    assert 1234 not in told(server, seed=1234)
    text = attempt(
        "seeds.add(torch.initial_seed())\n"
        "    if not isinstance(x, torch.Tensor): return x * 2\n"
        "    for seed in seeds:\n"
        "        g = torch.Generator().manual_seed(seed)\n"
        "        for _ in range(20):\n"
        "            if torch.equal(torch.randn(x.shape, generator=g, dtype=x.dtype), x.detach()): os._exit(3)\n"
        "    return x * 2",
        "seeds = {torch.initial_seed(), *range(50)}",
    )
    assert server.grade("01_double", text).status is Status.PASSED


def test_one_seed_gives_one_result(server: Server) -> None:
    def run() -> ExerciseResult:
        result = server.grade("01_double", attempt("return x * 2.5"), seed=77)
        checks = tuple(msgspec.structs.replace(c, seconds=0.0) for c in result.checks)
        return msgspec.structs.replace(result, checks=checks, seconds=0.0)

    first = run()
    assert first == run()
    assert first.checks[0].finding is not None
    assert first.checks[0].finding.comparison is not None
    assert first.checks[0].finding.comparison.ratio == pytest.approx(1.25)


def test_checks_do_not_depend_on_each_others_draws(server: Server) -> None:
    """The numbers that an attempt draws are the same in a check, whether or not an earlier check drew some too."""
    draws = "print('drew', torch.rand(1).item())"
    every = server.grade("01_double", attempt(f"{draws}\n    return x * 2"), seed=5).stdout.splitlines()
    last = server.grade("01_double", attempt(f"if isinstance(x, float): {draws}\n    return x * 2"), seed=5).stdout
    assert last.splitlines() == every[-1:]


def test_output_is_kept_to_a_size(server: Server) -> None:
    result = server.grade("02_once", attempt("return x * 2", "print('x' * (3 << 20))"))
    assert result.status is Status.PASSED
    assert len(result.stdout) < 70_000
    assert "bytes more were not kept" in result.stdout


def test_output_that_is_not_text_survives(server: Server) -> None:
    result = server.grade("02_once", attempt("return x * 2", "os.write(1, b'\\xff\\xfe\\0 ok')"))
    assert result.status is Status.PASSED
    assert result.stdout.endswith(" ok")


def test_a_result_survives_json(server: Server) -> None:
    result = server.grade("01_double", attempt("return x * 3"))
    assert msgspec.json.decode(msgspec.json.encode(result), type=ExerciseResult) == result


def test_degraded_isolation_is_reported(server: Server) -> None:
    result = server.grade("02_once", server.reference("02_once"), disable=("landlock", "network_namespace"))
    assert result.isolation.level == "partial"
    assert set(result.isolation.missing) == {"landlock", "network_namespace"}


def test_the_learners_folder_can_be_read_and_not_written(server: Server, private_folder: Path) -> None:
    own = private_folder / "work"
    own.mkdir(exist_ok=True)
    (own / "mine.txt").write_text("mine")
    text = attempt(
        "return x * 2",
        f"print(open({str(own / 'mine.txt')!r}).read())\n"
        f"try: open({str(own / 'new.txt')!r}, 'w')\nexcept OSError as error: print('refused')\n",
    )
    source = AttemptSource(text, str(own / "attempt.py"), str(own))
    result = server.grade("02_once", text, source=source)
    assert (result.status, result.stdout) == (Status.PASSED, "mine\nrefused\n")
    assert not (own / "new.txt").exists()


def test_the_course_cannot_be_read_even_from_inside(server: Server) -> None:
    """A folder that holds the course is never the attempt's own, wherever the file lies: `.git` would tell all."""
    text = attempt(
        "return x * 2",
        f"root = {str(COURSE)!r}\n"
        "for name in ('solutions/01_double/double.py', 'grader/specs/test_01_double.py', 'exercises/course.toml',\n"
        "             'exercises/../solutions/01_double/double.py'):\n"
        "    try: open(os.path.join(root, name)).read(); print('read', name)\n"
        "    except OSError: pass\n",
    )
    for folder in (COURSE, COURSE.parent, COURSE / "solutions", COURSE / "grader"):
        source = AttemptSource(text, str(folder / "attempt.py"), str(folder))
        result = server.grade("02_once", text, source=source)
        assert result.status is Status.PASSED, result
        assert result.stdout == ""


def test_texts_of_the_attempt_are_printable(server: Server) -> None:
    """No control sequence of the attempt's reaches a terminal by way of a finding."""
    text = attempt("raise type('E' + chr(27), (ValueError,), {})('\\x1b[2J\\x1b]0;title\\x07 \\u202e \\x00 \\x9b')")
    for check in server.grade("01_double", text).checks:
        assert check.finding is not None
        texts = [check.finding.message.en, check.finding.message.zh]
        texts += [part for frame in check.finding.traceback for part in (frame.file, frame.function, frame.code)]
        assert [t for t in texts if not t.isprintable()] == []


def test_the_file_of_another_exercise_cannot_be_imported(server: Server) -> None:
    """Told as that, and not as a package that is not installed."""
    result = server.grade("01_double", "from once import once\n\ndef double(x):\n    return 2 * x\n")
    assert result.reason is not None
    assert result.reason.next_step is not None
    assert "`once` is the file of an exercise" in result.reason.next_step.en
    other = server.grade("01_double", "import twice_upon_a_time\n\ndef double(x):\n    return 2 * x\n")
    assert other.status is Status.PASSED
    assert other.notes
