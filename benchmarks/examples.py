"""Does every failed check of a value show the call that failed, and is what it shows true?

    python benchmarks/examples.py               # every mistake of the course
    python benchmarks/examples.py 01 05 --every 4

Grades the mistakes with examples, and runs each example's script by plain Python (torch, no dlex) on the mistake: the
value that it prints must be wrong there too.  Says the share of failed checks with an example, the share of scripts
that show a wrong value, how many numbers the calls are given, and what the examples cost beside a check without them.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import os
import statistics
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

from dlex.authoring.mistakes import read_mistakes, whole_attempt
from dlex.course.exercise import Course, Exercise
from dlex.course.source import AttemptSource
from dlex.protocol.request import GradeRequest
from dlex.protocol.result import CheckResult, Verdict
from dlex.server import client

ROOT = Path(__file__).parents[1]
BY_VALUE = {
    Verdict.WRONG_VALUE, Verdict.WRONG_SHAPE, Verdict.WRONG_DTYPE, Verdict.WRONG_GRADIENT, Verdict.NOT_FINITE,
    Verdict.NO_GRADIENT, Verdict.INPUT_MUTATED, Verdict.RAISED,
}  # fmt: skip


@dataclass
class Found:
    """What was seen in one exercise."""

    failed: int = 0
    shown: int = 0
    ran: int = 0
    true: int = 0
    numbers: list[int] = field(default_factory=list)
    extra: list[float] = field(default_factory=list)
    without: list[str] = field(default_factory=list)
    untrue: list[str] = field(default_factory=list)


def main() -> int:
    """Measure and print a line for each exercise; ends with 1 if a script showed no wrong value."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("exercises", nargs="*")
    parser.add_argument("--every", type=int, default=1, help="each N-th mistake only")
    parser.add_argument("--verbose", action="store_true")
    options = parser.parse_args()
    course = Course(ROOT)
    chosen = [course.find(name) for name in options.exercises] or list(course.exercises)
    client.warm_up()
    found = {exercise.name: measure(exercise, options.every) for exercise in chosen}
    for name, seen in found.items():
        line(name, [seen])
        for told in [*seen.without, *seen.untrue] if options.verbose else []:
            print("   ", told)
    line("all", list(found.values()))
    return int(any(seen.untrue for seen in found.values()))


def line(name: str, seen: list[Found]) -> None:
    """Print the figures of one exercise, or of all."""
    failed, shown, ran = (sum(getattr(s, key) for s in seen) for key in ("failed", "shown", "ran"))
    true = sum(s.true for s in seen)
    numbers = [n for s in seen for n in s.numbers]
    extra = [e for s in seen for e in s.extra]
    print(
        f"{name:28} failed {failed:4}  with an example {shown / max(failed, 1):4.0%}  scripts that ran {ran:4}, "
        f"showed a wrong value {true / max(ran, 1):4.0%}  numbers, median {statistics.median(numbers or [0]):g}  "
        f"extra time, median {statistics.median(extra or [0.0]):.3f} s"
    )


def measure(exercise: Exercise, every: int) -> Found:
    """Grade each mistake with and without examples, and run the scripts."""
    seen = Found()
    for mistake in read_mistakes(exercise)[::every]:
        text = whole_attempt(exercise, mistake)
        source = AttemptSource(text, f"{exercise.slug}.py", None)
        request = GradeRequest(course=str(ROOT), exercise=exercise.name, source=source)
        start = time.perf_counter()
        client.grade(request)
        between = time.perf_counter()
        result = client.grade(GradeRequest(course=str(ROOT), exercise=exercise.name, source=source, examples=True))
        seen.extra.append(time.perf_counter() - between - (between - start))
        for check in result.checks:
            if check.verdict in BY_VALUE:
                look(seen, exercise, mistake.id, text, check)
    return seen


def look(seen: Found, exercise: Exercise, mistake: str, text: str, check: CheckResult) -> None:
    """One failed check: whether it has an example, and whether its script shows the same."""
    seen.failed += 1
    name = f"{exercise.number} {mistake} {check.id} {check.verdict}"
    example = check.finding.example if check.finding is not None else None
    if example is None:
        seen.without.append(f"no example: {name}")
        return
    seen.shown += 1
    seen.numbers.append(example.numbers)
    if not example.script:
        return
    seen.ran += 1
    script = example.script.replace("{module}", exercise.slug)
    shows = shows_wrong(exercise.slug, text, script, raises=bool(example.raised), compares=bool(example.expected))
    if shows == "":
        seen.true += 1
    else:
        seen.untrue.append(f"shows nothing wrong: {name}: {shows}")


def shows_wrong(slug: str, text: str, script: str, *, raises: bool, compares: bool) -> str:
    """Run a script in a process of its own; empty if it shows what it should, else what it did."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        os.write(writing, _run(slug, text, script, raises, compares).encode()[:60_000])
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as stream:
        told = stream.read().decode()
    os.waitpid(child, 0)
    return told


def _run(slug: str, text: str, script: str, raises: bool, compares: bool) -> str:
    import types

    import torch

    torch.set_num_threads(1)
    module = sys.modules[slug] = types.ModuleType(slug)
    scope: dict[str, object] = {"sys": sys, "__name__": "example"}
    out = io.StringIO()
    try:
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(out):
            exec(compile(text, f"{slug}.py", "exec"), vars(module))
            exec(compile(script, "example.py", "exec"), scope)
    except BaseException as error:
        return "" if raises else f"raised {type(error).__name__}: {error}"
    if raises:
        return "raised nothing"
    if compares:
        yours, _, expected = out.getvalue().rpartition("expected:")
        mine = yours.rpartition("yours:")[2]
        return "" if mine.split() != expected.split() else f"both are {mine[:80]}"
    return ""


if __name__ == "__main__":
    sys.exit(main())
