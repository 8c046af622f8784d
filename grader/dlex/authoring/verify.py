"""`dlex author verify`: proves that an exercise keeps every promise of the course, through the real engine."""

from __future__ import annotations

import ast
import os
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from dlex.authoring.audits.audit import audit_problem
from dlex.authoring.headings import headings_problem
from dlex.authoring.hint_pages import hint_problem, shared_problem
from dlex.authoring.mistakes import Mistake, page, read_mistakes, whole_attempt
from dlex.authoring.own_pictures import picture_problem
from dlex.course.errors import DlexError
from dlex.course.exercise import Course, Exercise
from dlex.course.source import AttemptSource, read_attempt
from dlex.course.text import LANGUAGES
from dlex.protocol.request import GradeRequest
from dlex.protocol.result import CheckResult, ExerciseResult, Status, Verdict
from dlex.server.client import grade, warm_up

SEEDS = 20
POINTS = 10  # so that every exercise counts the same, unless a teacher gives a cell other points in nbgrader
MIN_MISTAKES, MIN_ACCEPTED = 6, 2
CHECK_SECONDS, EXERCISE_SECONDS = 2.0, 5.0


@dataclass(frozen=True)
class Problem:
    """A promise that an exercise breaks, or the page of hints that the exercises share."""

    exercise: str
    text: str


Job = tuple[str, Callable[[], str | None]]  # of what, and what finds a problem of it


def jobs_for(exercise: Exercise, seeds: int = SEEDS) -> Iterator[Job]:
    """Every promise of an exercise as a job that returns what is wrong, or None."""
    name = exercise.name
    for check in (_files, headings_problem, _mistakes, hint_problem, _stub_form, _points, _public):
        yield name, partial(check, exercise)
    yield name, partial(_unattempted, exercise)
    if seeds > 1:
        yield name, partial(audit_problem, exercise)
        yield name, partial(picture_problem, exercise)
    for seed in range(seeds):
        yield name, partial(_passes, exercise, exercise.reference, seed)
    for path in sorted((exercise.solution_folder / "accepted").glob("*.py")):
        for seed in range(3):
            yield name, partial(_passes, exercise, path, seed)
    for seed, mistake in enumerate(_stored(exercise)):
        yield name, partial(mistake_problem, exercise, mistake, seed)


def jobs_on(device: str, exercise: Exercise, seeds: int = SEEDS) -> Iterator[Job]:
    """What must hold on one device: the reference passes.  (An accepted attempt may be one that only the CPU takes.)

    Nothing of an exercise that is not for this device.
    """
    for seed in range(seeds if device in exercise.info.devices else 0):
        yield exercise.name, partial(_passes, exercise, exercise.reference, seed, device)


def verify(
    exercises: list[Exercise],
    *,
    jobs: int = 2,
    seeds: int = SEEDS,
    device: str = "auto",
    whole: Course | None = None,
    on_done: Callable[[int, int], None] = lambda done, total: None,
) -> list[Problem]:
    """Verify exercises, `jobs` gradings at a time; returns what is wrong.  `on_done` hears of the progress.

    If they are those of the `whole` course, also the hints that they share.  With a device that is not `auto`, only
    that the references pass on it.
    """
    warm_up()
    todo = [
        job
        for exercise in exercises
        for job in (jobs_for(exercise, seeds) if device == "auto" else jobs_on(device, exercise, seeds))
    ]
    if whole is not None:
        todo.append(("exercises/hints.md", partial(shared_problem, whole)))
    problems = set[Problem]()  # a page that cannot be read stops more than one job
    with ThreadPoolExecutor(jobs) as pool:
        futures = {pool.submit(_run, job): job for job in todo}
        for done, future in enumerate(as_completed(futures), 1):
            text = future.result()
            if text is not None:
                problems.add(Problem(futures[future][0], text))
            on_done(done, len(todo))
    return sorted(problems, key=lambda p: (p.exercise, p.text))


def main_verify(
    course: Course,
    names: list[str],
    *,
    jobs: int = 0,
    seeds: int = SEEDS,
    device: str = "auto",
    progress: Callable[[int, int], None] | None = None,
) -> list[Problem]:
    """Verify the exercises named (all if none is): what `dlex author verify` calls."""
    return verify(
        [course.find(name) for name in names] or list(course.exercises),
        whole=course if not names and device == "auto" else None,
        jobs=jobs or os.cpu_count() or 1,
        seeds=seeds,
        device=device,
        on_done=progress or (lambda done, total: None),
    )


def _run(job: Job) -> str | None:
    try:
        return job[1]()
    except DlexError as error:
        return error.message.en
    except (OSError, SyntaxError, ValueError) as error:  # a file of the course is not there, or is no Python
        return f"{type(error).__name__}: {error}"


def run(
    exercise: Exercise, path: Path, seed: int | None = None, *, measure: bool = False, device: str = "auto"
) -> ExerciseResult:
    """Grade a file of the course as the source of an attempt, so that it may not read the folder it lies in."""
    source = read_attempt(str(path), number=exercise.number, slug=exercise.slug)
    alone = AttemptSource(source.text, source.filename, None)
    return _grade(exercise, alone, seed, measure=measure, device=device)


def _grade(exercise: Exercise, source: AttemptSource, seed: int | None, **how: Any) -> ExerciseResult:
    course = str(exercise.course.root)
    return grade(GradeRequest(course=course, exercise=exercise.name, source=source, seed=seed, **how))


def _passes(exercise: Exercise, path: Path, seed: int, device: str = "auto") -> str | None:
    result = run(exercise, path, seed, measure=True, device=device)
    cpu = {c.id: c.cpu_seconds or 0.0 for c in result.checks}
    slow = [check for check, seconds in cpu.items() if seconds > CHECK_SECONDS]
    if result.status is not Status.PASSED:
        failed = "; ".join(f"{c.id}: {c.verdict} {_told(exercise, c)}" for c in failures(result))
        return f"{path.parent.name}/{path.name} must pass (seed {seed}), but: {failed or result.reason}"
    if slow or sum(cpu.values()) > EXERCISE_SECONDS:
        return f"{path.name} is over its budget of time: {slow or f'{sum(cpu.values()):.1f} s'} of CPU"
    return None


def _told(exercise: Exercise, check: CheckResult) -> str:
    """What is told of a check that failed; if the spec broke, also what an author needs: the error, and its line."""
    if check.finding is None:
        return ""
    trace = check.finding.internal.splitlines()
    if not trace:
        return check.finding.sentence.en
    lines = [line.partition(", line ")[2].partition(",")[0] for line in trace if f'"{exercise.spec}"' in line]
    where = f" in line {lines[-1]} of {exercise.spec.name}" if lines else ""
    return f"{check.finding.sentence.en} The spec broke{where}: {trace[-1][:200]}"


def _stored(exercise: Exercise) -> list[Mistake]:
    """The mistakes in the order of their names; none if the page cannot be read, of which `_mistakes` tells."""
    try:
        return sorted(read_mistakes(exercise), key=lambda mistake: mistake.id)
    except DlexError:
        return []


def mistake_problem(exercise: Exercise, mistake: Mistake, seed: int) -> str | None:
    """Why a stored mistake does not fail with its own diagnosis first; None if it does."""
    source = AttemptSource(whole_attempt(exercise, mistake), exercise.stub.name, None)
    result = _grade(exercise, source, seed)
    name = f"{page(exercise).name}, line {mistake.line}: {mistake.id}"
    if result.status is not Status.FAILED:
        return f"{name} must fail (seed {seed}), but is {result.status}"
    found = [c.finding.diagnosis for c in failures(result) if c.finding]
    # The learner is told the first diagnosis first, so it is the first that has to be the right one.
    named = [d for d in found if d]
    if named[:1] != [mistake.diagnosis]:
        told = "; ".join(f"{c.id}: {c.verdict}, {c.finding.sentence.en if c.finding else ''}" for c in failures(result))
        return f"{name} is diagnosed as {named or 'nothing'} (seed {seed}): {told}"
    return None


def failures(result: ExerciseResult) -> list[CheckResult]:
    """The checks that did not pass."""
    return [c for c in result.checks if c.verdict is not Verdict.PASSED]


def _unattempted(exercise: Exercise) -> str | None:
    changed = exercise.stub.read_text(encoding="utf-8") + "\n_touched = True\n"
    for text in (exercise.stub.read_text(encoding="utf-8"), changed):
        source = AttemptSource(text, exercise.stub.name, None)
        result = grade(GradeRequest(course=str(exercise.course.root), exercise=exercise.name, source=source))
        if result.status is not Status.UNATTEMPTED:
            told = "; ".join(f"{c.id}: {c.verdict}" for c in failures(result) if c.verdict != "unattempted")
            return f"the stub must be unattempted, but is {result.status}: {told or result.reason}"
    return None


def _files(exercise: Exercise) -> str | None:
    info = exercise.info
    missing = [
        f"{page} in {language}"
        for page in ("README", "hints", "walkthrough")
        for language in LANGUAGES
        if not exercise.page(page, language).strip()
    ]
    mistakes = len(read_mistakes(exercise))
    accepted = len(list((exercise.solution_folder / "accepted").glob("*.py")))
    if mistakes < MIN_MISTAKES or accepted < MIN_ACCEPTED:
        missing.append(f"mistakes or accepted attempts ({mistakes} and {accepted})")
    if not (exercise.folder / "picture.svg").is_file():
        missing.append("picture.svg")
    if not (info.title.en and info.title.zh):
        missing.append("a title")
    return f"missing: {', '.join(missing)}" if missing else None


def _mistakes(exercise: Exercise) -> str | None:
    """Each cell of the page names a diagnosis, and no mistake lies where nobody reads it."""
    unknown = [m for m in read_mistakes(exercise) if m.diagnosis not in exercise.diagnoses]
    if unknown:
        named = ", ".join(f"{mistake.id} (line {mistake.line})" for mistake in unknown)
        return f"{page(exercise).name}: the spec names no misconception for {named}"
    unread = sorted(path.name for path in page(exercise).with_suffix("").glob("*.py"))
    return f"mistakes/ is not read; make cells of {page(exercise).name}: {', '.join(unread)}" if unread else None


def _stub_form(exercise: Exercise) -> str | None:
    """The stub differs from the reference only inside the functions and classes that the learner writes."""
    trees = [ast.parse(p.read_text(encoding="utf-8")) for p in (exercise.stub, exercise.reference)]
    stub, reference = ({_signature(n): n for n in _definitions(tree)} for tree in trees)
    if set(stub) - set(reference):
        return f"the stub's definitions differ from the reference's: {sorted(set(stub) - set(reference))}"
    for key, node in stub.items():
        if ast.get_docstring(node) != ast.get_docstring(reference[key]):
            return f"the docstring of {key.partition('(')[0]} differs between stub and reference"
    written = {key.partition("(")[0].partition(":")[2] for key in stub}
    absent = set(exercise.info.writes) - written
    return f"exercise.toml names what the stub lacks: {sorted(absent)}" if absent else None


def _definitions(tree: ast.Module) -> Iterator[ast.FunctionDef | ast.ClassDef]:
    for node in ast.walk(tree):
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            yield node


def _signature(node: ast.FunctionDef | ast.ClassDef) -> str:
    if isinstance(node, ast.ClassDef):
        return f"class:{node.name}({', '.join(map(ast.unparse, node.bases))})"
    returns = f" -> {ast.unparse(node.returns)}" if node.returns else ""
    return f"def:{node.name}({ast.unparse(node.args)}){returns}"


def _points(exercise: Exercise) -> str | None:
    """A spec has 5 to 12 checks, at least one of them public, and its points add up to `POINTS`."""
    checks = exercise.checks
    total = sum(c.points for c in checks)
    if total != POINTS or not 5 <= len(checks) <= 12 or not any(c.public for c in checks):
        found = f"{len(checks)} checks with {total:g} points, {sum(c.public for c in checks)} public"
        return found if total == POINTS else f"{found}; the points of a spec add up to {POINTS}"
    untitled = [c.id for c in checks if c.title.en == c.title.zh]
    return f"checks without a Chinese title: {untitled}" if untitled else None


def _public(exercise: Exercise) -> str | None:
    """A public check runs at the student's, where there is no reference."""
    functions = {n.name: n for n in _definitions(ast.parse(exercise.spec.read_text(encoding="utf-8")))}
    public = [c.id for c in exercise.checks if c.public]
    reaching = [check for check in public if "reference" in _fixtures(f"test_{check}", functions)]
    return f"public checks that need the reference: {reaching}" if reaching else None


def _fixtures(name: str, functions: Mapping[str, ast.AST]) -> set[str]:
    """The fixtures that a function asks for as parameters, also by way of fixtures that the spec makes."""
    found, pending = set[str](), [name]
    while pending:
        function = functions.get(pending.pop())
        asked = {n.arg for n in ast.walk(function) if isinstance(n, ast.arg)} if function is not None else set[str]()
        pending += asked - found
        found |= asked
    return found
