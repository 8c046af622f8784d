"""The marks as JUnit XML: a testsuite for each student's exercise, a testcase for each check."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from io import TextIOBase
from xml.sax.saxutils import XMLGenerator
from xml.sax.xmlreader import AttributesImpl

from dlex.classroom.report.names import shown
from dlex.classroom.report.plain import told
from dlex.classroom.report.records import ClassRecords, Record
from dlex.protocol.result import CheckResult, ExerciseResult, Status, Verdict

# Everything that XML 1.0 does not allow, not even written as a reference.
ILLEGAL = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
# The check could not come to an end: what JUnit calls an error.  A failure is a check that came to one, and said no.
ERRORS = frozenset(
    {
        Verdict.RAISED,
        Verdict.CRASHED,
        Verdict.TIMEOUT,
        Verdict.OUT_OF_MEMORY,
        Verdict.OUT_OF_GPU_MEMORY,
        Verdict.GRADER_ERROR,
    }
)
SKIPPED = frozenset({Verdict.UNATTEMPTED, Verdict.NOT_RUN})
INDENT = "\n"


def write_junit(records: ClassRecords, stream: TextIOBase, language: str) -> None:
    """Write every result as a testsuite; well-formed XML 1.0 whatever students have named or printed."""
    xml = XMLGenerator(stream, "UTF-8", short_empty_elements=True)
    xml.startDocument()
    _start(xml, "testsuites", name="dlex")
    for record in records:
        for result in record.results:
            _suite(xml, record, result, language)
    xml.ignorableWhitespace(INDENT)
    xml.endElement("testsuites")
    xml.ignorableWhitespace(INDENT)
    xml.endDocument()


def outcome(check: CheckResult, status: Status) -> str | None:
    """Which element says how the check ended; None if it passed."""
    if check.verdict is Verdict.PASSED:
        return None
    if check.verdict in ERRORS or (status is Status.UNRUNNABLE and check.verdict is Verdict.NOT_RUN):
        return "error"
    return "skipped" if check.verdict in SKIPPED else "failure"


def _suite(xml: XMLGenerator, record: Record, result: ExerciseResult, language: str) -> None:
    counts = Counter(outcome(check, result.status) for check in result.checks)
    name = f"{shown(record.mark.student)}: {result.exercise}"
    _start(
        xml,
        "testsuite",
        name=name,
        tests=len(result.checks),
        failures=counts["failure"],
        errors=counts["error"],
        skipped=counts["skipped"],
        time=f"{result.seconds:.3f}",
        **({"timestamp": record.mark.submitted_at} if record.mark.submitted_at else {}),
    )
    _properties(xml, record, result)
    for check in result.checks:
        _case(xml, name, check, result.status, language)
    if result.stdout:
        _start(xml, "system-out")
        xml.characters(legal(result.stdout))
        xml.endElement("system-out")
    xml.ignorableWhitespace(INDENT)
    xml.endElement("testsuite")


def _properties(xml: XMLGenerator, record: Record, result: ExerciseResult) -> None:
    _start(xml, "properties")
    for name, value in (
        ("student", shown(record.mark.student)),
        ("exercise", result.exercise),
        ("status", result.status.value),
        ("points", f"{result.points:g}"),
        ("max_points", f"{result.max_points:g}"),
        ("late", str(record.late).lower()),
        ("device", result.device),
        ("isolation", result.isolation.level),
        *_gradebook(record),
    ):
        _start(xml, "property", name=name, value=value)
        xml.endElement("property")
    xml.endElement("properties")


def _gradebook(record: Record) -> Iterator[tuple[str, str]]:
    """The mark for the whole assignment, where a gradebook has it."""
    if record.entry is not None:
        yield "assignment", record.mark.exercise
        yield "assignment_points", repr(record.mark.points)
        yield "assignment_max_points", repr(record.mark.max_points)
        yield "late_penalty", repr(record.entry.penalty)
        yield "needs_manual_grade", str(record.entry.needs_manual_grade).lower()


def _case(xml: XMLGenerator, suite: str, check: CheckResult, status: Status, language: str) -> None:
    title = check.title.in_language(language)
    _start(xml, "testcase", classname=suite, name=f"{check.id}: {title}", time=f"{check.seconds:.3f}")
    ended = outcome(check, status)
    if ended is not None:
        finding = check.finding
        message = finding.sentence.in_language(language) if finding is not None else check.verdict.value
        kind = {} if ended == "skipped" else {"type": check.verdict.value}
        _start(xml, ended, **kind, message=message)
        if finding is not None and ended != "skipped":
            xml.characters(legal(told(finding, language)))
        xml.endElement(ended)
    xml.endElement("testcase")


def _start(xml: XMLGenerator, element: str, /, **attributes: str | int) -> None:
    xml.ignorableWhitespace(INDENT)
    xml.startElement(element, AttributesImpl({key: legal(str(value)) for key, value in attributes.items()}))


def legal(text: str) -> str:
    """`text` without the characters that XML 1.0 cannot hold."""
    return ILLEGAL.sub("\ufffd", text)
