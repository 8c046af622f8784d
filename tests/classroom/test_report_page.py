"""The web page of a class: what it counts, that it needs nothing else, and that no student can write on it."""

from __future__ import annotations

import base64
import hashlib
import io
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from engine import COURSE
from report_class import CHINESE, EARLY, FORMULA, LATE, LINES, NAMES, PASSED, PLAIN, SCRIPT, folder, put, records

import dlex.classroom.report
from dlex.classroom.report.deadlines import read_deadlines
from dlex.classroom.report.names import shown
from dlex.classroom.report.page import write_feedback, write_page
from dlex.classroom.report.records import ClassRecords
from dlex.classroom.report.summary import LISTED, summarise, tenth
from dlex.classroom.report.words import WORDS
from dlex.classroom.store import STORE, Mark, Store
from dlex.course.exercise import Course

__all__ = ["folder", "records"]  # fixtures

VOID = {"meta", "link", "br", "img", "input", "hr"}
LANGUAGES = pytest.mark.parametrize("language", ["en", "zh-CN"])


class Page(HTMLParser):
    """The elements of a page, whether they close in order, and its text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(text)
        self.close()
        assert not self.open, f"never closed: {self.open}"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID and not (self.get_starttag_text() or "").endswith("/>"):
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open, f"</{tag}> closes nothing"
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def page(records: ClassRecords, language: str = "en") -> str:
    """The page of the class."""
    stream = io.StringIO()
    write_page(records, summarise(records), stream, language, "class <1>")
    return stream.getvalue()


@LANGUAGES
def test_the_page_is_whole_and_needs_nothing_else(records: ClassRecords, language: str) -> None:
    text = page(records, language)
    found = Page(text)
    assert found.elements[0] == ("html", {"lang": language})
    assert not [tag for tag, _ in found.elements if tag in ("link", "iframe", "object", "embed", "base", "form")]
    assert not [a for _, a in found.elements if "src" in a or any(name.startswith("on") for name in a)]
    assert all((a["href"] or "").startswith("#") for _, a in found.elements if "href" in a)
    assert not re.search(r"url\(|@import|https?://", text)
    policy = next(a["content"] or "" for _, a in found.elements if "Content-Security-Policy" in a.values())
    script = text.partition("<script>")[2].partition("</script>")[0]
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert "default-src 'none'" in policy
    assert f"script-src 'sha256-{digest}'" in policy


@LANGUAGES
def test_nobody_can_write_on_the_page(records: ClassRecords, language: str) -> None:
    text = page(records, language)
    assert text.count("<script") == 1
    assert "&lt;script&gt;alert(1)" in text
    assert "6 <b>" not in text
    assert not re.search("[\u202a-\u202e\u2066-\u2069\x00-\x08\x0b-\x1f]", text)
    assert "two\\nlines" in text


def test_the_page_is_in_the_language(records: ClassRecords) -> None:
    chinese = Page(page(records, "zh-CN")).text
    assert all(word in chinese for word in ("班级报告", "成绩分布", "你求了 x 的平方"))
    english = Page(page(records)).text
    assert "You take the square of x" in english
    assert not re.search("[\u4e00-\u9fff]", english.replace(CHINESE, ""))


def test_the_table_has_a_row_a_student_and_a_cell_an_exercise(records: ClassRecords) -> None:
    found = Page(page(records))
    titles = [a["title"] for tag, a in found.elements if tag == "td" and a.get("title")]
    assert len(titles) == len(NAMES) * 3
    assert f"{PLAIN}, 03_module: 1 of 2 (passed in part)" in titles
    assert f"{CHINESE}, 03_module: not handed in" in titles
    assert f"{shown(LINES)}, 01_double: 0 of 2 (not begun)" in titles


def test_what_is_late_is_marked(records: ClassRecords) -> None:
    due = read_deadlines(["2026-10-31"], records.course)
    late = ClassRecords(store=records.store, course=records.course, deadlines=due)
    titles = [a.get("title") or "" for _, a in Page(page(late)).elements]
    assert [title for title in titles if title.endswith("late)")] == ["Ada, 01_double: 2 of 2 (passed, late)"]


def test_the_summary(records: ClassRecords) -> None:
    summary = summarise(records)
    first = summary.exercises["01_double"]
    assert (summary.students, summary.submissions) == (len(NAMES), len(NAMES) + 2)
    assert sum(first.distribution) == len(NAMES)
    assert first.distribution[0] == 4
    assert first.distribution[5] == 3
    assert (summary.exercises["03_module"].missing, summary.missing.count) == (len(NAMES) - 1, 2 * (len(NAMES) - 1))
    assert [d.students for d in summary.diagnoses()] == [2, 1]
    assert [e.student for e in summary.problems["unrunnable"].first] == ["\u202eavv\u202c"]
    assert [e.student for e in summary.unattempted.first] == [LINES]


def test_a_check_is_hard_by_the_share_of_those_who_tried(records: ClassRecords) -> None:
    hardest = summarise(records).hardest(10)
    assert [(check.exercise, check.id, check.failed, check.tried) for check in hardest] == [
        ("03_module", "matrix", 1, 1),
        ("01_double", "matrix", 3, len(NAMES) - 3),
        ("01_double", "vector", 2, len(NAMES) - 3),
    ]


@pytest.mark.parametrize(
    ("points", "most", "expected"),
    [
        (0, 10, 0),
        (0.99, 10, 0),
        (1, 10, 1),
        (9.99, 10, 9),
        (10, 10, 10),
        (0.3, 1, 3),
        (0.7, 1, 7),
        (0, 0, 0),
        (3, 2, 10),
    ],
)
def test_tenths(points: float, most: float, expected: int) -> None:
    assert tenth(points, most) == expected


def test_a_result_of_another_version_is_told(folder: Path) -> None:
    with Store(folder / STORE) as store:
        store.forget([f"01_double {FORMULA}"])
        summary = summarise(ClassRecords(store=store, course=Course(COURSE)))
    assert FORMULA in [entry.student for entry in summary.problems["broken"].first]


def test_long_lists_are_cut_and_counted(tmp_path: Path) -> None:
    """However many there are, the page lists so many, and no record is held."""
    with Store(tmp_path / "marks.sqlite") as store:
        store.put("k", PASSED, [])
        store.remark(Mark(f"s{n:04}", "01_double", "k", "a", LATE, "passed", 2.0, 2.0) for n in range(LISTED + 50))
        course = Course(COURSE)
        late = ClassRecords(store=store, course=course, deadlines=read_deadlines(["2026-10-31"], course))
        summary = summarise(late)
        assert (summary.late.count, len(summary.late.first), summary.late.more) == (LISTED + 50, LISTED, 50)
        assert "… and 50 more" in Page(page(late)).text


def test_a_student_reads_feedback(records: ClassRecords) -> None:
    of_one = ClassRecords(store=records.store, course=records.course, student=PLAIN)
    stream = io.StringIO()
    write_feedback(of_one, stream, "en", "class")
    found = Page(stream.getvalue())
    assert not [tag for tag, _ in found.elements if tag == "script"]
    assert f"Feedback for {PLAIN}" in found.text
    assert "A matrix is doubled" in found.text
    assert "This exercise is no longer in the course." in found.text


@pytest.mark.parametrize("student", NAMES)
def test_every_student_has_a_page(records: ClassRecords, student: str) -> None:
    for language in ("en", "zh-CN"):
        stream = io.StringIO()
        of_one = ClassRecords(store=records.store, course=records.course, student=student)
        write_feedback(of_one, stream, language, "class")
        assert not [tag for tag, _ in Page(stream.getvalue()).elements if tag == "script"]
        assert SCRIPT not in stream.getvalue()


def test_every_word_is_used() -> None:
    """No word of the page is left over, and none is missing."""
    package = Path(dlex.classroom.report.__file__).parent
    texts = "".join(p.read_text(encoding="utf-8") for p in [*package.glob("templates/*.html"), package / "page.py"])
    known = {"passed", "failed", "unattempted", "unrunnable", "grader_error", "broken", "limits", "crashed", "weak"}
    assert {name for name in WORDS if f'"{name}"' not in texts} <= known


def test_marks_without_a_time_are_shown(tmp_path: Path) -> None:
    with Store(tmp_path / "marks.sqlite") as store:
        put(store, "a", PASSED, at="")
        put(store, "b", PASSED, at=EARLY)
        assert "a, 01_double: 2 of 2 (passed)" in page(ClassRecords(store=store, course=Course(COURSE)))
