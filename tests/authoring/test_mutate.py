"""`dlex author mutate` finds what the checks do not see, through the real engine."""

from __future__ import annotations

import itertools
import json
import re
from pathlib import Path

import msgspec
import pytest
from planted import NAME, change

from dlex.authoring import mutate as mutating
from dlex.authoring.equivalents import FILE, read_equivalents
from dlex.authoring.mutate import Fate, Reading, Report, mutants_of, mutate
from dlex.cli.app import run
from dlex.course.errors import CourseError, DlexError
from dlex.course.exercise import Course, Exercise
from dlex.course.text import same
from dlex.protocol.request import GradeRequest
from dlex.protocol.result import ExerciseResult, Finding, Status, Verdict
from dlex.server import client

SHAPE_ALONE = "expect(attempt.double(**given)).has_shape(*given['x'].shape)"
ENTRY = """
[[equivalent]]
where = "{}"
before = '{}'
after = '{}'
why = "The sum with zero is the value itself."
"""


def graded(exercise: Exercise) -> Report:
    """The mutants of an exercise as it is now, graded."""
    (report,) = mutate([Course(exercise.course.root).find("11")])
    return report


def reference(exercise: Exercise, *lines: str) -> None:
    """Have the reference return by other lines."""
    change(exercise.reference, lambda text: text.replace("    return x * 2\n", "".join(f"    {s}\n" for s in lines)))


def record(exercise: Exercise, *entries: tuple[str, str, str]) -> None:
    """Write the equivalent mutants down."""
    text = "".join(ENTRY.format(*entry) for entry in entries)
    (exercise.solution_folder / FILE).write_text(text, encoding="utf-8")


def weaken(exercise: Exercise) -> None:
    """Have the checks look at nothing but the shape."""
    change(exercise.spec, lambda text: re.sub(r"attempt\.double\.like.*", SHAPE_ALONE, text))
    change(exercise.spec, lambda text: text.replace("check, diagnoses", "check, diagnoses, expect"))


def test_good_checks_kill_every_mutant(fresh: Exercise) -> None:
    """All are graded once, each is told of as it ends, and what a learner would read is known."""
    told: list[tuple[int, int]] = []
    found = mutants_of(fresh)
    (report,) = mutate([fresh], on_done=lambda done, total: told.append((done, total)))
    assert told == [(done, len(found)) for done in range(1, len(found) + 1)]
    assert [outcome.mutant for outcome in report.outcomes] == found
    assert report.is_sound
    assert report.kill_rate == 1.0
    assert {outcome.gradings for outcome in report.outcomes} == {1}
    assert report.grading_seconds > 0
    readings = {o.mutant.after: (o.reading, o.check) for o in report.outcomes}
    assert readings["return x * 3"] == (Reading.REMARK, "vector")  # every value is 1.5 times what is expected
    assert readings["return x / 2"][0] is Reading.REMARK
    assert readings["pass"] == (Reading.REMARK, "vector")  # is None: was `return` forgotten?
    assert readings["return 2"] == (Reading.DIFFERS, "vector")


def test_a_diagnosis_is_read_first(fresh: Exercise) -> None:
    """Though an earlier check has failed without one."""
    change(fresh.spec, lambda text: text.replace("lambda x: x * x", "lambda x: x * 4"))
    report = graded(fresh)
    named = {o.mutant.after: (o.check, o.diagnosis) for o in report.read(Reading.DIAGNOSIS)}
    assert named == {"return x * 4": ("values", "squared")}
    assert 0 < report.explained < 1


def test_an_error_of_the_code_is_a_remark_if_it_comes_with_advice(fresh: Exercise) -> None:
    """The learner has a traceback of his own, and reads what such an exception usually means."""
    reference(fresh, "y = x * 2", "return y")
    outcomes = {o.mutant.after: o for o in graded(fresh).outcomes if o.mutant.before == "y = x * 2"}
    assert outcomes["pass"].reading is Reading.REMARK
    assert outcomes["pass"].said is not None
    assert "NameError" in outcomes["pass"].said.en


def test_weak_checks_let_mutants_survive(fresh: Exercise) -> None:
    """Those that only another value gives away, each graded with every seed; the rate counts them."""
    weaken(fresh)
    report = graded(fresh)
    survived = {outcome.mutant.after for outcome in report.of(Fate.SURVIVED)}
    assert survived == {"return x / 2", "return x", "return -(x * 2)", "return x * 3", "return x * 1", "return x * 0",
                        "return x * 4"}  # fmt: skip
    assert {outcome.gradings for outcome in report.of(Fate.SURVIVED)} == {mutating.SEEDS}
    assert not report.is_sound
    assert report.kill_rate == (len(report.outcomes) - len(survived)) / len(report.outcomes)


def test_recorded_equivalents_are_no_survivors(fresh: Exercise) -> None:
    """Matched by function and lines, without comments; they do not count in the rate."""
    reference(fresh, "return x * 2 + 0  # twice")
    assert {o.mutant.after for o in graded(fresh).of(Fate.SURVIVED)} == {"return x * 2 - 0", "return x * 2"}
    record(fresh, ("double", "return x * 2 + 0", "return x * 2 - 0"), ("double", "return x*2 + 0", "return x * 2"))
    assert not graded(fresh).is_sound  # a text is compared as it is, but for comments and runs of spaces
    record(
        fresh,
        ("double", "return  x * 2 + 0  # once", "return x * 2 - 0"),
        ("double", "return x * 2 + 0", "return x * 2"),
    )
    report = graded(fresh)
    assert report.is_sound
    assert len(report.of(Fate.EQUIVALENT)) == 2
    assert report.kill_rate == 1.0


def test_stale_records_are_told(fresh: Exercise) -> None:
    """Of a mutant that is not there any more, and of one that a check kills."""
    record(fresh, ("double", "return x * 2", "return x * 3"), ("triple", "return x * 2", "return x * 3"))
    report = graded(fresh)
    assert [(stale.entry.where, stale.killed_by) for stale in report.stale] == [("double", "vector"), ("triple", None)]
    assert not report.is_sound


WRONG: dict[str, str] = {
    "no TOML": "[[equivalent]",
    "unknown field": ENTRY.format("double", "a", "b") + "line = 3\n",
    "no reason": ENTRY.format("double", "a", "b").replace("The sum with zero is the value itself.", " "),
    "a field is missing": "[[equivalent]]\nwhere = 'double'\n",
    "twice": ENTRY.format("double", "a", "b") + ENTRY.format("double", "a # c", "b"),
    "another table": "[[equal]]\n",
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_record_is_refused(name: str, fresh: Exercise) -> None:
    """With the name of the file."""
    (fresh.solution_folder / FILE).write_text(WRONG[name], encoding="utf-8")
    with pytest.raises(CourseError, match=f"solutions/{NAME}/{FILE} is not usable"):
        read_equivalents(fresh)


def test_no_file_is_no_record(fresh: Exercise) -> None:
    """Most exercises need none."""
    assert read_equivalents(fresh) == ()


def test_a_mutant_that_loops_for_ever_costs_little(fresh: Exercise, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is killed by a limit that is made for this reference, far below that of the exercise."""
    monkeypatch.setattr(mutating, "AT_LEAST_SECONDS", 1.0)
    reference(fresh, "n = 1", "while n > 0:", "    n -= 1", "return x * 2")
    report = graded(fresh)
    endless = [o for o in report.of(Fate.KILLED) if o.said is not None and "did not finish" in o.said.en]
    assert "n += 1" in {outcome.mutant.after for outcome in endless}
    own = 2 * 2 * fresh.info.limits.check_seconds  # two checks, asked twice
    assert max(outcome.seconds for outcome in endless) < own
    assert {outcome.mutant.after for outcome in report.of(Fate.SURVIVED)} >= {"n = 2", "n = 0"}


def canned(monkeypatch: pytest.MonkeyPatch, exercise: Exercise, *verdicts: Verdict) -> Fate:
    """The fate of a mutant whose gradings end so, one after the other."""
    request = GradeRequest(
        course=str(exercise.course.root),
        exercise=exercise.name,
        source=mutating.AttemptSource(exercise.reference.read_text(encoding="utf-8"), "a.py", None),
    )
    passed = client.grade(request)
    results = iter([_ended(passed, verdict) for verdict in verdicts])
    monkeypatch.setattr(mutating, "grade", lambda request: next(results))
    return mutating._fate(exercise, mutants_of(exercise)[0], 1.0).fate


def _ended(result: ExerciseResult, verdict: Verdict) -> ExerciseResult:
    if verdict is Verdict.PASSED:
        return result
    finding = Finding(verdict=verdict, message=same("why"))
    last = msgspec.structs.replace(result.checks[-1], verdict=verdict, finding=finding)
    status = Status.GRADER_ERROR if verdict is Verdict.GRADER_ERROR else Status.FAILED
    return msgspec.structs.replace(result, checks=(*result.checks[:-1], last), status=status)


PASS, WRONG_VALUE, LATE, OURS = Verdict.PASSED, Verdict.WRONG_VALUE, Verdict.TIMEOUT, Verdict.GRADER_ERROR


@pytest.mark.parametrize(
    ("verdicts", "fate"),
    [
        ((WRONG_VALUE,), Fate.KILLED),
        ((PASS, PASS, WRONG_VALUE), Fate.KILLED),
        ((PASS, PASS, PASS), Fate.SURVIVED),
        ((LATE, LATE), Fate.KILLED),
        ((LATE, PASS, PASS), Fate.SURVIVED),
        ((LATE, WRONG_VALUE), Fate.KILLED),
        ((OURS,), Fate.BROKEN),
        ((PASS, OURS), Fate.BROKEN),
    ],
)
def test_fates(verdicts: tuple[Verdict, ...], fate: Fate, fresh: Exercise, monkeypatch: pytest.MonkeyPatch) -> None:
    """One failure kills, being late counts only twice in a row, and a fault of ours is neither."""
    assert canned(monkeypatch, fresh, *verdicts) is fate


def test_a_server_that_is_gone_is_a_problem(fresh: Exercise, monkeypatch: pytest.MonkeyPatch) -> None:
    """One grading that breaks does not stop the others."""
    numbers = itertools.count()

    def broken(request: GradeRequest) -> ExerciseResult:
        if next(numbers) == 3:
            raise DlexError(same("gone"))
        return client.grade(request)

    monkeypatch.setattr(mutating, "grade", broken)
    report = graded(fresh)
    assert [outcome.said for outcome in report.of(Fate.BROKEN)] == [same("gone")]
    assert len(report.outcomes) == len(mutants_of(fresh))


def test_a_reference_that_fails_is_no_reference(fresh: Exercise) -> None:
    """Nothing is mutated then."""
    reference(fresh, "return x * 3")
    report = graded(fresh)
    assert report.error is not None
    assert report.error.en == f"The reference of {NAME} does not pass; `dlex author verify 11` says why."
    assert not report.is_sound
    assert report.outcomes == ()


def test_a_reference_that_is_no_python_is_told(fresh: Exercise) -> None:
    """As a report; a listing has nothing to show then."""
    reference(fresh, "return x *")
    error = graded(fresh).error
    assert error is not None
    assert "cannot be read" in error.en
    with pytest.raises(CourseError, match="cannot be read"):
        mutants_of(fresh)


def command(exercise: Exercise, capfd: pytest.CaptureFixture[str], *words: str) -> tuple[int, str]:
    """`dlex author mutate` for an exercise: exit code, and what it printed."""
    capfd.readouterr()
    code = run(["--course", str(exercise.course.root), "author", "mutate", *words])
    said = capfd.readouterr()
    return code, said.out + said.err


def test_the_command_tells_survivors(fresh: Exercise, capfd: pytest.CaptureFixture[str]) -> None:
    """With a diff of each, the tables, and what to do; the exit code is 1."""
    weaken(fresh)
    code, said = command(fresh, capfd, "11")
    assert code == 1
    assert "11_twice_it double: survived" in said
    assert "-    return x * 2\n" in said
    assert "+    return x * 3\n" in said
    assert FILE in said
    assert "kill rate" in said
    assert "told why" in said


def test_the_command_is_content(fresh: Exercise, capfd: pytest.CaptureFixture[str]) -> None:
    """Nothing but the tables, and what fails for no reason that is told if one asks."""
    code, said = command(fresh, capfd, "11")
    assert code == 0
    assert "100.0%" in said
    assert "return" not in said
    code, said = command(fresh, capfd, "--all", "--show-undiagnosed", "--jobs", "1")
    assert code == 0
    assert "11_twice_it double: no reason told" in said
    assert "+    return 2\n" in said


def test_the_command_tells_stale_records(fresh: Exercise, capfd: pytest.CaptureFixture[str]) -> None:
    """The entry, and what is wrong with it."""
    record(fresh, ("double", "return x * 2", "return x * 3"), ("triple", "return x * 2", "return x * 3"))
    code, said = command(fresh, capfd, "11")
    assert code == 1
    assert f"11_twice_it double: {FILE} is killed by the check vector" in said
    assert f"11_twice_it triple: {FILE} matches no mutant any more" in said


def test_the_command_lists(fresh: Exercise, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a grading."""
    monkeypatch.setattr(mutating, "grade", None)
    code, said = command(fresh, capfd, "11", "--list")
    assert code == 0
    assert "+ return x * 3" in said
    assert f"{NAME}: {len(mutants_of(fresh))} mutants." in said
    code, said = command(fresh, capfd, "11", "--list", "--json")
    data = json.loads(said)
    assert data["schema"] == "dlex/mutants/1"
    assert len(data["exercises"][0]["mutants"]) == len(mutants_of(fresh))


def test_the_command_as_json(fresh: Exercise, capfd: pytest.CaptureFixture[str]) -> None:
    """Every mutant with its fate, and the sums."""
    weaken(fresh)
    record(fresh, ("double", "return x * 2", "return x * 3"), ("triple", "return x * 2", "return x * 3"))
    code, said = command(fresh, capfd, "11", "--json")
    (data,) = json.loads(said)["exercises"]
    assert code == 1
    assert (data["exercise"], data["mutants"]) == (NAME, len(mutants_of(fresh)))
    assert data["mutants"] == data["killed"] + data["survived"] + data["equivalent"] + data["grader_error"]
    assert data["equivalent"] == 1
    assert sum(data["readings"].values()) == data["killed"]
    assert data["stale"] == [{"where": "triple", "before": "return x * 2", "after": "return x * 3", "killed_by": None}]
    fates = {outcome["after"]: outcome["fate"] for outcome in data["outcomes"]}
    assert (fates["return x * 3"], fates["return x * 4"], fates["pass"]) == ("equivalent", "survived", "killed")


@pytest.mark.parametrize("words", [(), ("99",), ("11", "--jobs", "0")])
def test_the_command_cannot_be_meant_so(
    words: tuple[str, ...], fresh: Exercise, capfd: pytest.CaptureFixture[str]
) -> None:
    """A slip of typing has an exit code of its own."""
    assert command(fresh, capfd, *words)[0] == 2


def test_a_course_that_is_broken_is_told(fresh: Exercise, capfd: pytest.CaptureFixture[str]) -> None:
    """A record that cannot be read is a problem, and no crash."""
    Path(fresh.solution_folder / FILE).write_text("[[", encoding="utf-8")
    code, said = command(fresh, capfd, "11")
    assert code == 1
    assert f"{NAME}: solutions/{NAME}/{FILE} is not usable" in " ".join(said.split())
