"""`dlex class report` of an nbgrader course against the gradebook, in a class of forty with all that one can hold."""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path
from typing import Any, NamedTuple
from xml.etree import ElementTree

import pytest
from engine import COURSE, Server
from nbgrader_class import NAME, RIGHT, SQUARE, cell, run
from test_marks_in_nbgrader import PARTLY, gradebook, ordinary

SECOND = "03_module"
ESSAY = "essay"
STUDENTS = [f"s{number:02}" for number in range(40)]
ABSENT = STUDENTS[34:]
LATE = "2026-03-05 12:00:00 UTC"
PENALTY = """
from nbgrader.plugins import LateSubmissionPlugin
class TwoThirds(LateSubmissionPlugin):
    def late_submission_penalty(self, student_id, score, total_seconds_late):
        return score * 2 / 3
c.AssignLatePenalties.plugin_class = TwoThirds
"""


class Reports(NamedTuple):
    """The course, what `nbgrader export` says, and where the reports are."""

    root: Path
    exported: dict[tuple[str, str], dict[str, str]]
    folder: Path


def make_course(folder: Path) -> Path:
    """Two exercises, the second with an essay beside it, and an assignment without dlex."""
    root = folder / "course"
    run(folder, "dlex", "--course", str(COURSE), "class", "init", str(root), "--exercises", "01,03")
    with (root / "nbgrader_config.py").open("a", encoding="utf-8") as config:
        config.write(PENALTY)
    first, second = (root / "source" / name / f"{name}.ipynb" for name in (NAME, SECOND))
    notebook = json.loads(first.read_text(encoding="utf-8"))
    cell(notebook, "vector")["metadata"]["nbgrader"]["points"] = 2.5
    cell(notebook, "number")["metadata"]["nbgrader"]["points"] = 0.1
    first.write_text(json.dumps(notebook), encoding="utf-8")
    notebook = json.loads(second.read_text(encoding="utf-8"))
    notebook["cells"].append(ordinary("Why?", "why", "markdown", solution=True))
    second.write_text(json.dumps(notebook), encoding="utf-8")
    notebook["cells"] = [ordinary("What?", "what", "markdown", solution=True)]
    (root / "source" / ESSAY).mkdir()
    (root / "source" / ESSAY / "essay.ipynb").write_text(json.dumps(notebook), encoding="utf-8")
    for name in (NAME, SECOND, ESSAY):
        run(root, "nbgrader", "generate_assignment", name)
    return root


def hand_in_all(root: Path) -> None:
    """Answers of all kinds, some late, some not at all."""
    for place, student in enumerate(STUDENTS):
        for name in (NAME, SECOND):
            if student in ABSENT or (name == SECOND and place % 5 == 0):
                continue
            notebook = json.loads((root / "release" / name / f"{name}.ipynb").read_text(encoding="utf-8"))
            if name == NAME and place % 4:
                cell(notebook, "answer")["source"] = "# dlex: 01\n" + (RIGHT, SQUARE, PARTLY)[place % 3]
            if name == SECOND and place % 2:
                notebook["cells"][-1]["source"] = f"Because of {student}."
            folder = root / "submitted" / student / name
            folder.mkdir(parents=True)
            text = json.dumps(notebook) if place % 11 else "no notebook"
            (folder / f"{name}.ipynb").write_text(text, encoding="utf-8")
            when = LATE if place % 7 == 1 or place % 5 == 2 else "2026-03-01 12:00:00 UTC"
            (folder / "timestamp.txt").write_text(when, encoding="utf-8")


def prepare_book(root: Path) -> None:
    """The roster, names for most, a due date, an extension."""
    with gradebook(root) as book:
        for place, student in enumerate(STUDENTS):
            names = {"first_name": f"First{place}", "last_name": f"Last{40 - place}"} if place % 6 else {}
            book.add_student(student, **names)
        for name in (NAME, SECOND):
            book.update_or_create_assignment(name, duedate="2026-03-02 00:00:00 UTC")
        book.add_submission(NAME, STUDENTS[1])
        book.grant_extension(NAME, STUDENTS[1], days=10)


def mark_by_hand(root: Path) -> None:
    """Manual marks, extra credit, and a whole assignment that dlex knows nothing of."""
    with gradebook(root) as book:
        for place, student in enumerate(STUDENTS[:34]):
            if place % 3 == 0:
                book.find_grade(f"{NAME}-vector", NAME, NAME, student).manual_score = 0.7
            if place % 4 == 0:
                book.find_grade(f"{NAME}-matrix", NAME, NAME, student).extra_credit = 0.25
            if place % 5 and place % 2:
                book.find_grade("why", SECOND, SECOND, student).manual_score = 1.3
            if place % 8:
                book.add_submission(ESSAY, student)
                book.find_grade("what", "essay", ESSAY, student).manual_score = place / 20
        book.db.commit()


@pytest.fixture(scope="module")
def reports(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Reports:
    """The class graded by `dlex class grade`, marked by hand, and reported in every form; without `--course`."""
    root = make_course(tmp_path_factory.mktemp("class"))
    prepare_book(root)
    hand_in_all(root)
    run(root, "dlex", "class", "grade", ".")
    mark_by_hand(root)
    run(root, "nbgrader", "export")
    with (root / "grades.csv").open(encoding="utf-8") as file:
        exported = {(row["assignment"], row["student_id"]): row for row in csv.DictReader(file)}
    forms = ("html", "csv", "csv-checks", "json", "junit", "gradescope", "feedback")
    folder = tmp_path_factory.mktemp("reports")
    options = [word for form in forms for word in (f"--{form}", str(folder / form))]
    run(root, "dlex", "class", "report", ".", *options)
    return Reports(root, exported, folder)


def same(score: str) -> Any:
    """A score of nbgrader's, whose sums the database makes in an order of its own."""
    return pytest.approx(float(score), rel=0, abs=1e-12)


def table(path: Path) -> list[dict[str, str]]:
    """The rows of a CSV file."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def test_csv_has_every_mark_of_the_gradebook(reports: Reports) -> None:
    rows = {row["student"]: row for row in table(reports.folder / "csv")}
    assert sorted(rows) == STUDENTS
    compared = 0
    for (assignment, student), row in reports.exported.items():
        assert float(rows[student][assignment] or 0) == same(row["score"]), (assignment, student)
        assert rows[student]["last name"] == row["last_name"]
        assert rows[student]["first name"] == row["first_name"]
        compared += 1
    assert compared == 120
    most = {assignment: float(row["max_score"]) for (assignment, _student), row in reports.exported.items()}
    assert {float(row["maximum"]) for row in rows.values()} == {sum(most.values())}


def test_json_has_every_mark_of_the_gradebook(reports: Reports) -> None:
    found = json.loads((reports.folder / "json").read_text(encoding="utf-8"))
    marks = {(s["exercise"], student["student"]): s for student in found["students"] for s in student["submissions"]}
    penalties = 0
    for place, row in reports.exported.items():
        mark = marks.get(place)
        assert (mark is None) == (row["timestamp"] == "" and float(row["raw_score"]) == 0 and place not in marks), place
        if mark is not None:
            assert mark["points"] == same(row["score"]), place
            assert mark["max_points"] == float(row["max_score"])
            assert mark["gradebook"]["raw_points"] == same(row["raw_score"])
            assert mark["gradebook"]["late_penalty"] == same(row["late_submission_penalty"])
            assert mark["submitted_at"][:19].replace("T", " ") == row["timestamp"][:19]
            penalties += mark["gradebook"]["late_penalty"] > 0
    assert penalties > 3
    assert found["summary"]["students"] == len(STUDENTS)
    assert not marks[NAME, STUDENTS[1]]["late"]  # there is an extension
    assert marks[SECOND, STUDENTS[1]]["late"]
    assert marks[SECOND, STUDENTS[2]]["gradebook"]["ordinary_cells"] == [
        {"name": "why", "points": 0.0, "max_points": 2.0}
    ]


def test_the_rows_of_checks_add_up_to_the_mark(reports: Reports) -> None:
    sums: dict[tuple[str, str], float] = {}
    for row in table(reports.folder / "csv-checks"):
        place = row["exercise"], row["student"]
        sums[place] = sums.get(place, 0.0) + float(row["points"].removeprefix("'"))
    for place, row in reports.exported.items():
        assert sums.get(place, 0.0) == same(row["score"]), place


def test_gradescope_and_junit_have_the_same_marks(reports: Reports) -> None:
    suites: dict[tuple[str, str], str] = {}
    for suite in ElementTree.parse(reports.folder / "junit").getroot():
        said = {p.get("name", ""): p.get("value", "") for p in suite.iter("property")}
        suites[said["assignment"], said["student"]] = said["assignment_points"]
    for place, row in reports.exported.items():
        if place in suites:
            assert float(suites[place]) == same(row["score"])
    for student in STUDENTS:
        found: Any = json.loads((reports.folder / "gradescope" / f"{student}.json").read_text(encoding="utf-8"))
        total = sum(float(reports.exported[name, student]["score"]) for name in (NAME, SECOND, ESSAY))
        assert found["score"] == same(str(total))


def test_the_page_has_everybody_and_says_over_whom_its_means_are(reports: Reports) -> None:
    page = (reports.folder / "html").read_text(encoding="utf-8")
    for student in STUDENTS:
        assert f'<th scope="row" title="{student}">' in page
    assert "of all 40 students" in page
    assert "No deadline is known" not in page
    marks = re.findall(r'title="(s\d\d), (\w+): ([\d.]+) of', page)
    assert len(marks) > 80
    for student, assignment, points in marks:
        assert float(points) == pytest.approx(float(reports.exported[assignment, student]["score"]), abs=0.006)


def test_everybody_gets_a_feedback_page(reports: Reports) -> None:
    pages = {path.stem: path.read_text(encoding="utf-8") for path in (reports.folder / "feedback").iterdir()}
    assert sorted(pages) == STUDENTS
    assert "First1 Last39 (s01)" in pages["s01"]
    assert "less for being late" in pages["s29"]
    assert "not handed in" in pages[ABSENT[0]]
    for student, page in pages.items():
        assert not [other for other in STUDENTS if other != student and f"({other})" in page]
