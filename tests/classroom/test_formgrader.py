"""nbgrader's formgrader and feedback pages in a real browser, on a class that dlex has graded."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from browser import SCREENSHOTS, TOKEN, Page, chromium, jupyter_lab, need_browser, own_folders
from engine import Server

from dlex.authoring.mistakes import find_mistake, whole_attempt
from dlex.classroom.notebooks.assignment import BEGIN, BEGIN_HERE, END, MARKS_BELOW, NOT_HERE
from dlex.classroom.notebooks.cells import BEGIN_HIDDEN, END_HIDDEN
from dlex.classroom.store import STORE, Store
from dlex.course.exercise import Exercise, find_course
from dlex.protocol.result import CheckResult, ExerciseResult, Verdict

NAME = "10_inception_block"
LANGUAGES = ("en", "zh-CN")
MISTAKE = "missing_padding"
STUDENTS = ("empty", "hostile", "right", "wrong")
PICTURE = "img[src^='data:image/svg+xml;base64,']"
MENU = "#jp-MainMenu .lm-MenuBar-item"
KERNEL_IS_READY = """
const kernel = window.jupyterapp?.shell.currentWidget?.sessionContext?.session?.kernel;
return kernel?.connectionStatus === "connected" && kernel.status === "idle";
"""  # what is run before that is lost
INJECTED = "window.dlexInjected = true"
SCRIPT = f"</script><script>{INJECTED}</script><img src=x onerror='{INJECTED}'>"
HOSTILE_ANSWER = f'''# dlex: 10 {SCRIPT}
from torch import nn


class InceptionA(nn.Module):
    """{SCRIPT}"""

    def __init__(self, in_channels):
        super().__init__()
        print("{SCRIPT}")
        raise ValueError("{SCRIPT}")


class Net(InceptionA):
    pass
'''
EXERCISE: Exercise = find_course(None).find("10")


@dataclass
class Lesson:
    """A class in one language: graded, and its feedback written."""

    folder: Path
    language: str

    def results(self) -> dict[str, ExerciseResult]:
        """What dlex found, by student."""
        with Store(self.folder / STORE) as store:
            return {mark.student: result for mark, result in store.graded()}

    def feedback(self, student: str) -> Path:
        """The page that a student gets back."""
        return self.folder / "feedback" / student / NAME / f"{NAME}.html"


@pytest.fixture(scope="module", autouse=True)
def _browser() -> None:
    need_browser()


@pytest.fixture(scope="module")
def environment(server: Server, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """A Jupyter of the tests' own, and the tests' warm server."""
    return own_folders(tmp_path_factory.mktemp("home"))


@pytest.fixture(scope="module")
def folders(environment: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A new course in each language."""
    made = {language: tmp_path_factory.mktemp("course") for language in LANGUAGES}
    for language, folder in made.items():
        _run(folder, environment, "dlex", "--lang", language, "class", "init", ".", "--exercises", "10")
        (folder / "exchange").mkdir()
        with (folder / "nbgrader_config.py").open("a", encoding="utf-8") as config:
            config.write(f"\nc.Exchange.root = {str(folder / 'exchange')!r}\n")
    return made


@pytest.fixture(scope="module")
def page(server_environment: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    """The browser."""
    kept = os.environ.get(SCREENSHOTS)
    screenshots = Path(kept).resolve() if kept else tmp_path_factory.mktemp("screenshots")
    with chromium(tmp_path_factory.mktemp("browser"), screenshots) as opened:
        yield opened


@pytest.fixture(scope="module")
def lab(folders: dict[str, Path], environment: dict[str, str], page: Page) -> Iterator[str]:
    """JupyterLab in the English course's folder, with the browser logged in; gives its address."""
    with jupyter_lab(folders["en"], environment) as address:
        page.open(f"{address}login?token={TOKEN}&next=%2Fapi")
        yield address


@pytest.fixture(scope="module")
def lessons(folders: dict[str, Path], environment: dict[str, str], lab: str, page: Page) -> dict[str, Lesson]:
    """The class in each language: the Chinese one taught by commands, the English one in formgrader."""
    with ThreadPoolExecutor() as pool:
        chinese = pool.submit(_teach_by_commands, folders["zh-CN"], environment)
        english = _teach_in_formgrader(folders["en"], environment, lab, page)
        return {"en": english, "zh-CN": chinese.result()}


def _teach_by_commands(folder: Path, environment: dict[str, str]) -> Lesson:
    """The notebook made and handed in, graded, and given back."""
    _run(folder, environment, "nbgrader", "generate_assignment", NAME)
    _hand_in(folder)
    _run(folder, environment, "dlex", "class", "grade", ".")
    _run(folder, environment, "nbgrader", "generate_feedback", NAME)
    return Lesson(folder, "zh-CN")


def _teach_in_formgrader(folder: Path, environment: dict[str, str], lab: str, page: Page) -> Lesson:
    """The same by formgrader's buttons; the wrong answer is autograded there, the others by `dlex class grade`."""
    _press(page, f"{lab}formgrader", NAME, ".assign")
    _hand_in(folder)
    _press(page, f"{lab}formgrader/manage_submissions/{NAME}", "wrong", ".autograde")
    page.keep("formgrader-autograded")
    _run(folder, environment, "dlex", "class", "grade", ".")
    _press(page, f"{lab}formgrader", NAME, ".generate-feedback")
    return Lesson(folder, "en")


def _press(page: Page, address: str, name: str, button: str) -> None:
    """Press a button in the row of an assignment or student, and wait until formgrader says that it is done."""
    page.open(address)
    _row(page, name).find_element("css selector", f"{button} a").click()
    told = page.until(lambda: next((e for e in page.all(".modal.in") if e.text), None), "formgrader says something")
    assert told.get_attribute("id") == "success-modal", told.text


def _row(page: Page, name: str) -> Any:
    """The row of formgrader's table that is about `name`."""
    found = page.until(
        lambda: next((r for r in page.all("#main-table tr") if name in r.text), None), f"{name} is there"
    )
    page.until(lambda: page.script("return window.jQuery.active === 0"), "the table is complete")
    return found


def _run(folder: Path, environment: dict[str, str], program: str, *arguments: str) -> None:
    command = [sys.executable, "-m", program, *arguments]
    done = subprocess.run(
        command, cwd=folder, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, f"{command}: {done.stdout[-3000:]}{done.stderr[-3000:]}"


def _hand_in(folder: Path) -> None:
    """Notebooks as students hand them in."""
    released = (folder / "release" / NAME / f"{NAME}.ipynb").read_text(encoding="utf-8")
    for student in STUDENTS:
        target = folder / "submitted" / student / NAME
        target.mkdir(parents=True)
        (target / f"{NAME}.ipynb").write_text(json.dumps(_answered(json.loads(released), student)), encoding="utf-8")
        (target / "timestamp.txt").write_text("2026-03-01 12:00:00 UTC", encoding="utf-8")


def _answered(notebook: dict[str, Any], student: str) -> dict[str, Any]:
    """A student's notebook."""
    answer = next(cell for cell in notebook["cells"] if _name(cell) == f"{NAME}-answer")
    match student:
        case "right":
            answer["source"] = f"# dlex: 10\n{EXERCISE.reference.read_text(encoding='utf-8')}"
        case "wrong":
            answer["source"] = f"# dlex: 10\n{whole_attempt(EXERCISE, find_mistake(EXERCISE, MISTAKE))}"
        case "hostile":
            answer["source"] = HOSTILE_ANSWER
            notebook["cells"] += _hostile_cells()
    return notebook


def _name(cell: dict[str, Any]) -> str:
    return str(cell["metadata"].get("nbgrader", {}).get("grade_id"))


def _hostile_cells() -> list[dict[str, Any]]:
    """What a page that believes a student's notebook would run in the teacher's browser."""
    html = {"output_type": "display_data", "metadata": {}, "data": {"text/html": SCRIPT}}
    markdown = [
        SCRIPT,
        f"# Title {SCRIPT}",
        f"```mermaid\n</pre>{SCRIPT}\n```",
        f"$$ {SCRIPT} $$ and ${SCRIPT}$",
        f"\\begin{{align}}{SCRIPT}\\end{{align}}",
        f"[link](javascript:{INJECTED.replace(' ', '')}) <javascript:{INJECTED.replace(' ', '')}>",
        "![picture](attachment:x.png)",
    ]
    attached = {"attachments": {"x.png": {"image/png": f'"><{SCRIPT}'}}}
    return [
        {"cell_type": "code", "metadata": {}, "execution_count": 1, "outputs": [html], "source": f"'{SCRIPT}'"},
        {"cell_type": "raw", "metadata": {"raw_mimetype": "text/html"}, "source": SCRIPT},
        {"cell_type": "raw", "metadata": {}, "source": SCRIPT},
        *({"cell_type": "markdown", "metadata": {}, "source": text, **attached} for text in markdown),
    ]


def _points(value: float) -> str:
    """Points as nbgrader writes them."""
    return f"{round(value, 2):g}"


def _assert_picture_is_shown(page: Page, text: str = ".text_cell_render") -> None:
    """The exercise's picture in its text, not only named there but painted."""
    picture = page.one(f"{text} {PICTURE}")
    page.until(lambda: page.script("return arguments[0].complete", picture), "the picture has loaded")
    assert page.script("return arguments[0].naturalWidth", picture) > 100


def _assert_nothing_is_given_away(page: Page, student: str) -> None:
    """No hidden code, and of the reference not a line that the student did not write."""
    shown = page.source() + page.text()
    for secret in (BEGIN_HIDDEN, END_HIDDEN, NOT_HERE, "outside the kernel", BEGIN, END):
        assert secret not in shown
    if student in ("empty", "hostile"):
        given = EXERCISE.stub.read_text(encoding="utf-8")
        lines = EXERCISE.reference.read_text(encoding="utf-8").splitlines()
        secrets = [line.strip() for line in lines if len(line.strip()) > 20 and line.strip() not in given]
        secrets = [line for line in secrets if "import" not in line]  # what a stub needs for its answer is handed out
        assert len(secrets) > 10
        assert [line for line in secrets if line in shown] == []


def _assert_nothing_was_injected(page: Page) -> None:
    assert page.script("return window.dlexInjected === undefined")
    assert page.all("[onerror], a[href^='javascript'], iframe") == []
    scripts = page.script("return [...document.scripts].map(script => script.textContent)")
    assert not [script for script in scripts if INJECTED in script]


def _assert_checks_are_told(page: Page, result: ExerciseResult, language: str) -> None:
    """Every check's title, and why it did not pass, in the class's language."""
    text = page.text()
    assert [check.title.in_language(language) for check in result.checks if _title(check, language) not in text] == []
    for check in result.checks:
        finding = check.finding
        if finding is not None and check.verdict is not Verdict.PASSED:
            assert _words(finding.message.in_language(language)) in _words(text)


def _title(check: CheckResult, language: str) -> str:
    return check.title.in_language(language).replace("`", "")


def _words(text: str) -> str:
    """Without backticks and spaces, which a page shows in its own way."""
    return "".join(text.replace("`", "").split())


def test_the_class_is_what_the_other_tests_take_it_for(lessons: dict[str, Lesson]) -> None:
    """The same marks in both languages; the wrong answer has its diagnosis."""
    english, chinese = (lessons[language].results() for language in LANGUAGES)
    assert sorted(english) == list(STUDENTS)
    assert {s: r.points for s, r in english.items()} == {s: r.points for s, r in chinese.items()}
    assert english["right"].points == english["right"].max_points == 10
    assert 0 < english["wrong"].points < 10
    assert english["empty"].points == english["hostile"].points == 0
    assert MISTAKE in {check.finding.diagnosis for check in english["wrong"].checks if check.finding}


def test_lab_loads_with_nbgrader(lab: str, page: Page, lessons: dict[str, Lesson]) -> None:
    """JupyterLab's menu leads to the formgrader of this course."""
    page.open(f"{lab}lab")
    menu = page.until(lambda: next((e for e in page.all(MENU) if e.text == "Nbgrader"), None), "nbgrader has a menu")
    menu.click()
    items = page.until(lambda: [e for e in page.all(".lm-Menu-item") if e.text], "it opens")
    next(item for item in items if "Formgrader" in item.text).click()
    page.driver.switch_to.frame(page.one("iframe"))
    _row(page, NAME)
    page.driver.switch_to.default_content()
    page.keep("lab")


def test_student_checks_an_answer_in_lab(lab: str, page: Page, lessons: dict[str, Lesson]) -> None:
    """The notebook that was handed out shows its picture, runs as it is, and says that nothing is written yet."""
    page.open(f"{lab}lab/workspaces/student/tree/release/{NAME}/{NAME}.ipynb")
    _assert_picture_is_shown(page, ".jp-MarkdownOutput")
    page.until(lambda: page.script(KERNEL_IS_READY), "the kernel is ready")
    page.script("window.jupyterapp.commands.execute('notebook:run-all-cells')")
    outputs, title = ".jp-CodeCell .jp-OutputArea-output", EXERCISE.info.title.en
    told = page.until(lambda: next((e for e in page.all(outputs) if title in e.text), None), "check() answers")
    page.script("arguments[0].scrollIntoView({block: 'center'})", told)
    page.keep("lab-notebook")
    prompts = ".jp-CodeCell .jp-InputPrompt"
    page.until(lambda: all(e.text.strip("[]: ").isdigit() for e in page.all(prompts)), "every cell has run")
    assert page.all(f"{outputs}[data-mime-type*='error'], {outputs}[data-mime-type*='stderr']") == []


def test_formgrader_lists_the_assignment(lab: str, page: Page, lessons: dict[str, Lesson]) -> None:
    """It is there, with its submissions, and without a complaint about the course."""
    page.open(f"{lab}formgrader")
    row = _row(page, NAME)
    page.keep("formgrader-assignments")
    assert row.find_element("css selector", ".num-submissions").text == str(len(STUDENTS))
    assert page.all(".alert-danger, .alert-warning") == []


def test_gradebook_has_the_marks(lab: str, page: Page, lessons: dict[str, Lesson]) -> None:
    """By student, the marks that dlex made."""
    _open_gradebook(page, lab)
    page.keep("formgrader-gradebook")
    shown = {row.find_element("css selector", ".name").text: row for row in page.all("#main-table tr")}
    results = lessons["en"].results()
    assert sorted(shown) == list(STUDENTS)
    for student, row in shown.items():
        mark = f"{_points(results[student].points)} / {_points(results[student].max_points)}"
        assert row.find_element("css selector", ".score").text == mark
        assert row.find_element("css selector", ".code-score").text == mark
        failed = row.find_elements("css selector", ".tests-failed .glyphicon-ok")
        assert bool(failed) == (student != "right")
        assert not row.find_elements("css selector", ".needs-manual-grade .glyphicon-ok")


def _open_gradebook(page: Page, lab: str) -> None:
    page.open(f"{lab}formgrader/gradebook/{NAME}/{NAME}")
    page.until(lambda: len(page.all("#main-table tr .name")) == len(STUDENTS), "the gradebook has its rows")
    page.one("#toggle_names").click()


@pytest.mark.parametrize("student", STUDENTS)
def test_submission_opens_with_its_marks(student: str, lab: str, page: Page, lessons: dict[str, Lesson]) -> None:
    """Each cell has its score and says why; nothing is given away or runs."""
    result = lessons["en"].results()[student]
    _open_gradebook(page, lab)
    name = next(e for e in page.all("#main-table .name a.name-shown") if e.text == student)
    page.open(name.get_attribute("href"))
    scores = {f"{NAME}-{check.id}": _points(check.points) for check in result.checks}
    page.until(
        lambda: {e.get_attribute("id"): _shown_score(e) for e in page.all("input.score")} == scores,
        f"the scores are {scores}",
    )
    page.keep(f"formgrader-{student}")
    _assert_checks_are_told(page, result, "en")
    _assert_picture_is_shown(page)
    _assert_nothing_is_given_away(page, student)
    _assert_nothing_was_injected(page)


def _shown_score(field: Any) -> str:
    """What a field shows: the score that it holds, or the automatic one in grey."""
    value = field.get_attribute("value") or field.get_attribute("placeholder")
    return _points(float(value)) if value else ""


@pytest.mark.parametrize("student", STUDENTS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_feedback_page(language: str, student: str, page: Page, lessons: dict[str, Lesson]) -> None:
    """What the student gets back: marks, titles, reasons and the picture, in the class's language."""
    lesson = lessons[language]
    result = lesson.results()[student]
    page.open(lesson.feedback(student))
    page.keep(f"feedback-{language}-{student}")
    assert f"(Score: {result.points} / {result.max_points})" in page.one("h4").text
    for given in (EXERCISE.info.title, BEGIN_HERE, MARKS_BELOW):
        assert given.in_language(language) in page.one("#notebook").text
    _assert_checks_are_told(page, result, language)
    _assert_picture_is_shown(page)
    _assert_nothing_is_given_away(page, student)
    _assert_nothing_was_injected(page)
