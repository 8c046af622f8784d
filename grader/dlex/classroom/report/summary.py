"""The class at a glance: counts that grow by one record at a time and hold no result."""

from __future__ import annotations

import statistics
from array import array
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from dlex.classroom.report.records import ClassRecords, Column, Record
from dlex.course.text import Text
from dlex.protocol.result import CheckResult, ExerciseResult, Status, Verdict

BINS = 11  # 0, 10, ... 90 percent and above, and full marks apart
GRADED = "graded"  # the status of what dlex has no check for
LISTED = 100  # names that are kept of each kind; the others are counted
# Verdicts that say nothing of how hard a check is.
NOT_TRIED = frozenset({Verdict.UNATTEMPTED, Verdict.NOT_RUN, Verdict.GRADER_ERROR})
LIMITS = frozenset({Verdict.TIMEOUT, Verdict.OUT_OF_MEMORY, Verdict.OUT_OF_GPU_MEMORY})
UNREADABLE = Text(
    en="The result is of another version of dlex: grade again.", zh="成绩来自另一个版本的 dlex：请重新评测。"
)
UNRUNNABLE = Text(en="It could not be run.", zh="无法运行。")
BROKE = Text(en="dlex itself broke.", zh="dlex 自身出错。")
WEAK = Text(en="Isolation was {level}; missing: {missing}.", zh="隔离级别为 {level}；缺少：{missing}。")


@dataclass
class CheckTally:
    """How many tried one check, and how many of them failed."""

    exercise: str
    id: str
    title: Text
    public: bool
    tried: int = 0
    failed: int = 0

    @property
    def share(self) -> float:
        """The share of those who tried it that failed."""
        return self.failed / self.tried if self.tried else 0.0


@dataclass
class DiagnosisTally:
    """How many students one misconception hit."""

    exercise: str
    id: str
    sentence: Text
    students: int = 0


@dataclass(frozen=True)
class Entry:
    """Somebody's exercise of which there is something to say."""

    student: str
    exercise: str
    said: Text | None = None


@dataclass
class Entries:
    """The first of many, and how many there are."""

    count: int = 0
    first: list[Entry] = field(default_factory=list)

    def add(self, entry: Entry) -> None:
        """Count one more."""
        self.count += 1
        if len(self.first) < LISTED:
            self.first.append(entry)

    @property
    def more(self) -> int:
        """How many are not listed."""
        return self.count - len(self.first)


@dataclass
class ExerciseTally:
    """One exercise as the class did it."""

    column: Column
    statuses: Counter[str] = field(default_factory=Counter)
    points: array[float] = field(default_factory=lambda: array("d"))
    late: int = 0
    missing: int = 0
    checks: dict[str, CheckTally] = field(default_factory=dict)
    diagnoses: dict[str, DiagnosisTally] = field(default_factory=dict)

    @property
    def submissions(self) -> int:
        """How many handed it in."""
        return len(self.points)

    @property
    def mean(self) -> float:
        """The points of those who handed it in, on average."""
        return statistics.fmean(self.points) if self.points else 0.0

    @property
    def median(self) -> float:
        """The points in the middle."""
        return statistics.median(self.points) if self.points else 0.0

    @property
    def distribution(self) -> list[int]:
        """How many have so many tenths of the points."""
        counts = [0] * BINS
        for points in self.points:
            counts[tenth(points, self.column.max_points)] += 1
        return counts


@dataclass
class Summary:
    """The whole class."""

    exercises: dict[str, ExerciseTally]
    max_points: float
    students: int = 0
    submissions: int = 0
    points: float = 0.0
    late: Entries = field(default_factory=Entries)
    missing: Entries = field(default_factory=Entries)
    unattempted: Entries = field(default_factory=Entries)
    by_hand: Entries = field(default_factory=Entries)
    problems: dict[str, Entries] = field(
        default_factory=lambda: {kind: Entries() for kind in ("broken", "unrunnable", "limits", "crashed", "weak")}
    )
    versions: Counter[tuple[tuple[str, str], ...]] = field(default_factory=Counter)
    devices: Counter[str] = field(default_factory=Counter)

    @property
    def mean(self) -> float:
        """The points of a student in all, on average over all students; what was not handed in counts nothing."""
        return self.points / self.students if self.students else 0.0

    @property
    def checked(self) -> int:
        """How many submissions dlex has graded."""
        return self.submissions - sum(tally.statuses[GRADED] for tally in self.exercises.values())

    @property
    def passed(self) -> int:
        """How many submissions passed every check."""
        return sum(tally.statuses[Status.PASSED] for tally in self.exercises.values())

    def hardest(self, most: int) -> list[CheckTally]:
        """The checks that the greatest share failed, at most so many."""
        checks = [c for tally in self.exercises.values() for c in tally.checks.values() if c.failed]
        return sorted(checks, key=lambda check: (-check.share, -check.failed))[:most]

    def diagnoses(self) -> list[DiagnosisTally]:
        """The misconceptions, the most frequent first."""
        found = [d for tally in self.exercises.values() for d in tally.diagnoses.values()]
        return sorted(found, key=lambda diagnosis: -diagnosis.students)


def tenth(points: float, max_points: float) -> int:
    """Points as a number from 0 to 10; only full marks are 10."""
    if max_points <= 0:
        return 0
    return max(0, min(BINS - 1, int(points / max_points * 10 + 1e-9)))


def summarise(records: ClassRecords) -> Summary:
    """Go once through the class."""
    columns = records.columns
    summary = Summary({column.name: ExerciseTally(column) for column in columns}, records.max_points)
    for person, of_student in records.by_student():
        summary.students += 1
        handed_in = {_count(summary, record) for record in of_student}
        for column in columns:
            if column.name not in handed_in:
                summary.exercises[column.name].missing += 1
                summary.missing.add(Entry(person.id, column.name))
    return summary


def _count(summary: Summary, record: Record) -> str:
    """Add one record; returns the exercise."""
    mark = record.mark
    tally = summary.exercises[mark.exercise]
    summary.submissions += 1
    summary.points += mark.points
    tally.points.append(mark.points)
    tally.statuses[mark.status] += 1
    if record.late:
        tally.late += 1
        summary.late.add(Entry(*mark.slot))
    if mark.status == Status.UNATTEMPTED:
        summary.unattempted.add(Entry(*mark.slot))
    if record.entry is not None and record.entry.needs_manual_grade:
        summary.by_hand.add(Entry(*mark.slot))
    for result in record.results:
        _count_checks(tally, result)
        if result.versions:
            summary.versions[tuple(sorted(result.versions.items()))] += 1
            summary.devices[result.device] += 1
        _count_problems(summary, record, result)
    if not record.results and mark.status != GRADED:
        summary.problems["broken"].add(Entry(*mark.slot, UNREADABLE))
    return mark.exercise


def _count_problems(summary: Summary, record: Record, result: ExerciseResult) -> None:
    for kind, said in _problems(result):
        summary.problems[kind].add(Entry(*record.mark.slot, said))


def _count_checks(tally: ExerciseTally, result: ExerciseResult) -> None:
    hit: dict[str, Text] = {}
    for check in result.checks:
        place = check.id if result.exercise == tally.column.name else f"{result.exercise}/{check.id}"
        known = tally.checks.setdefault(place, CheckTally(result.exercise, check.id, check.title, check.public))
        if check.verdict not in NOT_TRIED:
            known.tried += 1
            known.failed += check.verdict is not Verdict.PASSED
        finding = check.finding
        if finding is not None and finding.diagnosis is not None:
            hit.setdefault(finding.diagnosis, finding.explanation or finding.sentence)
    for name, sentence in hit.items():
        place = name if result.exercise == tally.column.name else f"{result.exercise}/{name}"
        tally.diagnoses.setdefault(place, DiagnosisTally(result.exercise, name, sentence)).students += 1


def _problems(result: ExerciseResult) -> Iterable[tuple[str, Text]]:
    """What a teacher should look at, by kind."""
    reason = result.reason.sentence if result.reason is not None else None
    verdicts = {check.verdict: check for check in reversed(result.checks)}
    if result.status is Status.GRADER_ERROR or Verdict.GRADER_ERROR in verdicts:
        yield "broken", reason or _said(verdicts.get(Verdict.GRADER_ERROR)) or BROKE
    elif result.status is Status.UNRUNNABLE:
        yield "unrunnable", reason or UNRUNNABLE
    for verdict, check in verdicts.items():
        said = _said(check)
        if said is not None and verdict in LIMITS:
            yield "limits", said
        elif said is not None and verdict is Verdict.CRASHED:
            yield "crashed", said
    if result.isolation.level != "full" and result.status in (Status.PASSED, Status.FAILED):
        missing = ", ".join(result.isolation.missing) or "-"
        yield "weak", WEAK.format(level=result.isolation.level, missing=missing)


def _said(check: CheckResult | None) -> Text | None:
    return check.finding.sentence if check is not None and check.finding is not None else None
