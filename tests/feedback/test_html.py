"""A result as HTML: the terminal's words, both languages, nothing that a learner wrote taken as markup."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest
from engine import COURSE
from hypothesis import given
from hypothesis import strategies as st
from made_up_results import NOT_WRITTEN, RAISED, RESULTS, WRONG_SHAPE, WRONG_VALUE, check, result
from test_terminal import screen_text

from dlex.course.errors import CourseError
from dlex.course.exercise import Course, Exercise
from dlex.course.release_notes import hidden_checks
from dlex.course.text import Text, same
from dlex.feedback.html import as_number, picture_of, render_check, render_message, render_result
from dlex.feedback.language import speaking
from dlex.feedback.telling import SILENT, comparison_rows, fact, isolation_warning, meaning, summary
from dlex.protocol.result import (
    CheckResult,
    Comparison,
    ExerciseResult,
    Finding,
    Frame,
    IsolationReport,
    Note,
    Status,
    Verdict,
)

HOSTILE = "</pre><script>alert(1)</script><img src=x onerror=alert(1)>\"'&`<b>`\x1b[31m\u202e\x00\ud800]]><!--"
TAGS = {"div", "span", "strong", "code", "pre", "table", "tbody", "tr", "td", "details", "summary", "img"}
ATTRIBUTES = {"lang", "style", "role", "aria-label", "aria-hidden", "title", "alt", "src"}
VOID = {"img"}
SVG = '<svg xmlns="http://www.w3.org/2000/svg"><text>卷积</text></svg>'


class Reader(HTMLParser):
    """Reads a fragment: its text, and whatever in it is not as it should be."""

    def __init__(self, fragment: str) -> None:
        super().__init__()
        self.words: list[str] = []
        self.open: list[str] = []
        self.sources: list[str] = []
        self.styles: list[str] = []
        self.problems: list[str] = []
        self.feed(fragment)
        self.close()
        self.problems += [f"<{tag}> stays open" for tag in self.open]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.problems += [f"<{tag}>"] if tag not in TAGS else []
        self.problems += [f"<{tag} {name}>" for name, _value in attrs if name not in ATTRIBUTES]
        self.sources += [value or "" for name, value in attrs if name == "src"]
        self.styles += [value or "" for name, value in attrs if name == "style"]
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.problems.append(f"</{tag}> closes nothing")

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    def handle_comment(self, data: str) -> None:
        self.problems.append(f"a comment: {data}")

    @property
    def text(self) -> str:
        """What a reader sees, without the places at which it breaks."""
        return "".join("".join(self.words).split())


def read(fragment: str) -> Reader:
    """The fragment, which must be whole, safe and free of anything outside it."""
    reader = Reader(fragment)
    assert reader.problems == []
    assert all(source.startswith("data:image/svg+xml;base64,") for source in reader.sources)
    assert not any("url(" in style or "@" in style or "expression" in style for style in reader.styles)
    fragment.encode("utf-8")
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f\u202a-\u202e\u2066-\u2069]", fragment)
    return reader


@pytest.fixture
def exercise() -> Exercise:
    """An exercise of the tiny course."""
    return Course(COURSE).find("01")


@pytest.fixture
def own(tmp_path: Path) -> Exercise:
    """An exercise of a course that a test may change."""
    folder = tmp_path / "exercises" / "01_double"
    folder.mkdir(parents=True)
    given = COURSE / "exercises" / "01_double" / "exercise.toml"
    (folder / "exercise.toml").write_bytes(given.read_bytes())
    return Exercise(Course(tmp_path), "01_double")


def squeezed(text: str) -> str:
    """`text` without spaces, signs and backticks, which a screen and a page set differently."""
    return re.sub(r"[\s`✗✓○·→!]", "", text)


@pytest.mark.parametrize("language", ["en", "zh-CN"])
@pytest.mark.parametrize("name", RESULTS)
def test_every_result_is_whole_and_in_one_language(name: str, language: str, exercise: Exercise) -> None:
    fragment = render_result(RESULTS[name], exercise, language)
    read(fragment)
    assert fragment.startswith(f'<div lang="{language}"')


@pytest.mark.parametrize("language", ["en", "zh-CN"])
@pytest.mark.parametrize("name", RESULTS)
def test_the_page_says_what_the_screen_says(name: str, language: str, exercise: Exercise) -> None:
    shown = squeezed(read(render_result(RESULTS[name], exercise, language)).text)
    screen = squeezed(screen_text(name, language, 100))
    for said in told(RESULTS[name], language):
        assert squeezed(said) in shown, said
        assert squeezed(said)[:30] in screen, said


def told(result: ExerciseResult, language: str) -> Iterator[str]:
    """Every piece that has to be on the page."""
    with speaking(language):
        yield summary(result)
        yield isolation_warning(result, "")
        yield from (note.in_language(language) for note in result.notes)
        yield from (c.title.in_language(language) for c in result.checks if c.verdict not in SILENT)
        findings = [c.finding for c in result.checks if c.finding and c.verdict is not Verdict.NOT_RUN]
        for finding in [*findings, *([result.reason] if result.reason else [])]:
            yield from (fact(finding), meaning(finding))
            yield from (f"{frame.file}:{frame.line}" for frame in finding.traceback)
            yield from (frame.code.strip()[:40] for frame in finding.traceback)
            for name, value in comparison_rows(finding, finding.comparison) if finding.comparison else ():
                yield f"{name}{value}"


def test_the_picture_of_a_failure_is_inside_the_page(own: Exercise) -> None:
    assert "<img" not in render_result(RESULTS["mixed"], own, "en")
    (own.folder / "picture.svg").write_text(SVG, encoding="utf-8")
    assert picture_of(own) == SVG
    failed = read(render_result(RESULTS["mixed"], own, "zh-CN"))
    assert len(failed.sources) == 1
    assert "<img" not in render_result(RESULTS["passed"], own, "en")
    (own.folder / "picture.svg").write_bytes(b"\xff\xfe")
    assert "<img" not in render_result(RESULTS["mixed"], own, "en")


def test_a_check_shows_its_points_its_reason_and_its_picture() -> None:
    said = read(render_check(check("shape", WRONG_VALUE), "en", picture=SVG))
    for words in ("0/2", "ThelossHat"[:7], "Everyvalueisexactlytwice", "9of12values", "1.25atmost"):
        assert words in said.text
    assert len(said.sources) == 1
    passed = read(render_check(check("shape"), "en", picture=SVG))
    assert "2/2" in passed.text
    assert passed.sources == []


def test_what_is_internal_is_never_shown(exercise: Exercise) -> None:
    for language in ("en", "zh-CN"):
        broken = RESULTS["grader_error"]
        assert "KeyError: &#x27;x" not in render_result(broken, exercise, language)
        assert "Traceback" not in render_check(broken.checks[1], language)
    assert "costs you nothing" in render_check(RESULTS["grader_error"].checks[1], "en")


def test_no_id_of_a_check_is_shown(exercise: Exercise) -> None:
    secret = CheckResult(
        id="a_secret_id", title=same("A title"), public=False, verdict=Verdict.RAISED, points=0.0, max_points=1.0,
        finding=RAISED, seconds=0.0,
    )  # fmt: skip
    assert "a_secret_id" not in render_result(result(Status.FAILED, secret), exercise, "en")
    assert "a_secret_id" not in render_check(secret, "en")


def hostile_result(text: str) -> ExerciseResult:
    """A failed result with `text` in every field that an attempt can reach, and in every other."""
    finding = Finding(
        verdict=Verdict.WRONG_VALUE,
        message=same(text),
        comparison=Comparison(expected=f"{text}1", actual=text, where=f"{text}2", total=3, mismatched=2),
        explanation=same(text),
        traceback=(Frame(text or "a.py", 3, text, text),),
        next_step=same(text),
        internal=text,
    )  # fmt: skip
    bad = CheckResult(
        id=text, title=same(text), public=True, verdict=Verdict.WRONG_VALUE, points=0.0, max_points=1.0,
        finding=finding, seconds=0.0,
    )  # fmt: skip
    return result(
        Status.FAILED,
        bad,
        check("shape", NOT_WRITTEN),
        exercise=text,
        stdout=text,
        notes=(Note.of(same(text)),),
        reason=finding,
        isolation=IsolationReport("partial", (text,)),
        device=text,
        versions={text: text},
    )


@pytest.mark.parametrize("status", list(Status))
def test_hostile_text_stays_text(status: Status, exercise: Exercise) -> None:
    from msgspec.structs import replace

    hostile = replace(hostile_result(HOSTILE), status=status)
    for language in ("en", "zh-CN"):
        read(render_result(hostile, exercise, language))
        read(render_check(hostile.checks[0], language, picture=f"{HOSTILE}{SVG}"))
        read(render_message(HOSTILE, language, next_step=HOSTILE))


MARKUP = st.text(st.sampled_from([*"<>&\"'`\\/=;:-![]{}%ax1 \n\r\t\0\x1b", "\u202e", "\ud800", "中"]))


@given(text=st.one_of(st.text(max_size=60), MARKUP))
def test_any_text_stays_text(text: str) -> None:
    hostile = hostile_result(text)
    read(render_result(hostile, Course(COURSE).find("01"), "en"))
    read(render_check(hostile.checks[0], "zh-CN"))


def bars(expected: str, actual: str) -> int:
    """How many bars a comparison of two texts gets."""
    finding = Finding(
        verdict=Verdict.WRONG_VALUE,
        message=Text(en="Wrong.", zh="错。"),
        comparison=Comparison(expected=expected, actual=actual),
    )
    return render_check(check("shape", finding), "en").count("margin-left:") - render_check(
        check("shape", Finding(verdict=Verdict.WRONG_VALUE, message=finding.message)), "en"
    ).count("margin-left:")


@pytest.mark.parametrize(
    ("expected", "actual", "count"),
    [
        ("1.25", "2.5", 2),
        ("-3", "4", 2),
        ("0", "-1e-300", 2),
        ("1.0000001", "1", 0),  # nobody could see the difference
        ("0", "0.0", 0),
        ("nan", "1", 0),
        ("inf", "1", 0),
        ("-1e308", "1.7e308", 0),  # their distance is no float
        ("(3, 4)", "(3, 5)", 0),
        ("", "", 0),
        ("1" * 400, "1", 0),
    ],
)
def test_two_numbers_get_two_bars(expected: str, actual: str, count: int) -> None:
    assert bars(expected, actual) == count


@given(expected=st.floats(), actual=st.floats())
def test_bars_fit_their_track(expected: float, actual: float) -> None:
    comparison = Comparison(expected=str(expected), actual=str(actual))
    finding = Finding(verdict=Verdict.WRONG_VALUE, message=same("No."), comparison=comparison)
    fragment = render_check(check("shape", finding), "en")
    for start, width in re.findall(r"margin-left:([\d.e+-]+)%;width:([\d.e+-]+)%", fragment):
        assert 0 <= float(start) <= 100
        assert 0 <= float(width) <= 100.01 - float(start)


@given(st.text(max_size=12))
def test_only_finite_numbers_are_numbers(text: str) -> None:
    value = as_number(text)
    assert value is None or abs(value) < float("inf")


@pytest.mark.parametrize("points", [float("nan"), float("inf"), -1.0, 1e9])
def test_the_meter_stays_within_its_track(points: float, exercise: Exercise) -> None:
    from msgspec.structs import replace

    fragment = render_result(replace(RESULTS["mixed"], points=points), exercise, "en")
    (width,) = re.findall(r"border-radius:3px;width:([\d.]+)%", fragment)
    assert 0 <= float(width) <= 100


def test_many_failures_are_told_in_short_and_passed_checks_are_folded(own: Exercise) -> None:
    findings = [Finding(verdict=Verdict.RAISED, message=same(f"reason {n}")) for n in range(6)]
    fragment = render_result(result(Status.FAILED, *(check("shape", f) for f in findings), check("speed")), own, "en")
    assert read(fragment).text.count("reason") == 6
    assert fragment.count("<details") == 4  # three of the six, and the passed


def test_a_released_course_promises_no_full_mark(own: Exercise) -> None:
    passed = RESULTS["passed"]
    assert hidden_checks(own) is None
    assert "Well done" in render_result(passed, own, "en")
    assert "dlex solution 01" in render_result(passed, own, "en")
    notes = own.course.root / "released.toml"
    notes.write_text('version = 1\n[hidden]\n"01_double" = 3\n')
    assert hidden_checks(own) == 3
    assert "dlex solution" not in render_result(passed, own, "en")
    assert "all 2 public checks passed; 3 hidden checks run when your work is graded." in render_result(
        passed, own, "en"
    )
    notes.write_text('[hidden]\n"02_once" = 3\n')
    assert hidden_checks(own) == 0
    assert "all 2 checks passed" in render_result(passed, own, "en")
    notes.write_text("[hidden\n")
    with pytest.raises(CourseError, match="is not usable"):
        hidden_checks(own)


def test_one_hidden_check_is_one() -> None:
    with speaking("en"):
        assert "1 hidden check runs when" in summary(RESULTS["passed"], 1)
        assert "hidden" not in summary(RESULTS["mixed"], 1)


def test_a_folded_block_shows_both_titles(exercise: Exercise) -> None:
    said = read(render_result(RESULTS["folded"], exercise, "zh-CN")).text
    assert "模块输出88个通道" in said
    assert "给定权重" in said
    assert said.count("有分支把图像变小了") == 1
    assert WRONG_SHAPE.comparison is not None
