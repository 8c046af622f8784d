"""The students' wheel: what is in it by a look of one's own, what the audit refuses, and a student at work with it."""

from __future__ import annotations

import ast
import os
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from email.parser import Parser
from pathlib import Path

import pytest
from engine import Server
from release_course import ANSWER_LINE, MISTAKES, write_course

from dlex.authoring.mistakes import find_mistake, whole_attempt
from dlex.classroom.release import make, wheel
from dlex.classroom.release.audit import COURSE, audit
from dlex.classroom.release.course import course_file, hints_for, lay_out
from dlex.classroom.release.make import make_release
from dlex.classroom.release.prove import prove
from dlex.classroom.release.search import Finder, Secret, squeezed
from dlex.cli.tree import COMMANDS
from dlex.course.errors import CourseError, DlexError, UsageError
from dlex.course.exercise import Course, find_course
from dlex.course.text import same

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the proof grades as Linux does")
TEACHERS = ("class", "release", "author")
TELLING = 25  # characters without spaces; a shorter line may stand in any program


@pytest.fixture(scope="session")
def whole() -> Course:
    """The course of this checkout."""
    return find_course()


@pytest.fixture(scope="session")
def students_wheel(whole: Course, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of the whole course; the proof by grading is tried on less."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(make, "prove", lambda *args: None)
        return make_release(whole, whole.exercises, tmp_path_factory.mktemp("dist")).wheel


@pytest.fixture(scope="session")
def files(students_wheel: Path) -> dict[str, str]:
    """Every file in the wheel as text."""
    with zipfile.ZipFile(students_wheel) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name).decode("utf-8", errors="replace") for name in archive.namelist()}


# ---- what is in the wheel, by other means than the audit's


def bare(text: str) -> str:
    """Without white space."""
    return re.sub(r"\s", "", text)


def test_no_solution_is_in_the_wheel(whole: Course, files: dict[str, str]) -> None:
    """Neither by a file nor by a line that no stub gives."""
    names = " ".join(files)
    assert not re.search(r"solutions|mistakes|accepted|walkthrough|\.pyc|__pycache__|authoring|classroom|\.po\b", names)
    stubs = bare("".join(e.stub.read_text(encoding="utf-8") for e in whole.exercises))
    lines = {
        bare(line.partition("  #")[0])
        for exercise in whole.exercises
        for line in exercise.reference.read_text(encoding="utf-8").splitlines()
        if not line.strip().startswith(("import ", "from ", "def ", "class ", "#"))
    }
    secrets = {line for line in lines if len(line) >= TELLING and line not in stubs and re.search(r"[=(]", line)}
    secrets.discard("save_checkpoint(path,model,optimizer,epoch)")  # the README of 15 names the function so
    assert len(secrets) > 100
    everything = {name: bare(text) for name, text in files.items() if not name.endswith("-ubyte")}
    found = [(name, line) for name, text in everything.items() for line in secrets if line in text]
    assert not found


def test_no_hidden_check_is_in_the_wheel(whole: Course, files: dict[str, str]) -> None:
    """Of each spec the public checks are there, and nothing says the titles of the others."""
    everything = bare("".join(text for name, text in files.items() if not name.endswith("-ubyte")))
    for exercise in whole.exercises:
        spec = files[f"dlex/_course/grader/specs/{exercise.spec.name}"]
        functions = re.findall(r"^def test_(\w+)", spec, re.MULTILINE)
        assert functions == [check.id for check in exercise.checks if check.public]
        for check in exercise.checks:
            assert (bare(check.title.en) in everything) == check.public
            assert (bare(check.title.zh) in everything) == check.public


def reachable(source: str) -> set[str]:
    """Names that public checks can reach at all: any name in what any name of theirs stands for, scopes aside.

    That of a diagnosis is `D.id`.
    """
    tree = ast.parse(source)
    uses: dict[str, set[str]] = {}
    for node in tree.body:
        names = {n.id for n in ast.walk(node) if isinstance(n, ast.Name)}
        names |= {f"D.{key}" for key in named(ast.unparse(node))}
        bound = {n.id for n in ast.walk(node) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
        bound = {node.name} if isinstance(node, (ast.FunctionDef, ast.ClassDef)) else bound
        for name in bound:
            uses.setdefault(name, set()).update(names)
    found: set[str] = set()
    pending = [
        n.name for n in tree.body if isinstance(n, ast.FunctionDef) and "public" in ast.unparse(n).split("def ")[0]
    ]
    while pending:
        name = pending.pop()
        found.add(name)
        pending += uses.get(name, set()) - found
    return found


def named(source: str) -> set[str]:
    """The ids of the diagnoses that a spec names."""
    return set(re.findall(r"\bD\.(\w+)", source))


def sentences(folder: Path, name: str) -> dict[str, str]:
    """The first paragraph of each section of a page of hints, of the course or of an exercise, by its id."""
    pages = [path for path in (folder.parent / name, folder / name) if path.is_file()]
    text = "\n".join(page.read_text(encoding="utf-8") for page in pages)
    return dict(re.findall(r"^## @(\w+).*\n\s*((?:.+\n)+)", text, re.MULTILINE))


def test_no_diagnosis_of_hidden_checks_is_in_the_wheel(whole: Course, files: dict[str, str]) -> None:
    """Those that no public check can reach are in no file of their exercise: no name, id, sentence or hint."""
    count = 0
    for exercise in whole.exercises:
        source = exercise.spec.read_text(encoding="utf-8")
        public = reachable(source)
        mine = {name: bare(text) for name, text in files.items() if exercise.name in name}
        told = [sentences(exercise.folder, page) for page in ("hints.md", "hints.zh-CN.md")]
        for key in named(source):
            if f"D.{key}" not in public:
                count += 1
                secrets = [f"@{key}", *(bare(page[key]) for page in told)]
                assert not [(file, s) for file, text in mine.items() for s in secrets if s in text]
                assert key not in named(files[f"dlex/_course/grader/specs/{exercise.spec.name}"])
    assert count > 200


def test_hints_and_diagnoses_agree(whole: Course, files: dict[str, str]) -> None:
    """Each diagnosis that is left has its hint in both languages, and each ladder has its three rungs."""
    for page in ("hints.md", "hints.zh-CN.md"):
        shared, used = headed(files[f"dlex/_course/exercises/{page}"]), set()
        for exercise in whole.exercises:
            ids = named(files[f"dlex/_course/grader/specs/{exercise.spec.name}"])
            text = files[f"dlex/_course/exercises/{exercise.name}/{page}"]
            assert headed(text) <= ids
            assert ids - headed(text) <= shared
            used |= ids - headed(text)
            rungs = re.findall(r"^## (?:([A-Za-z_]\w*) )?\d", text, re.MULTILINE)
            parts = exercise.info.writes if any(rungs) else [""]
            assert rungs == [part for part in parts for _rung in range(3)]
        assert shared == used


def headed(page: str) -> set[str]:
    """The ids that have a section."""
    return set(re.findall(r"^## @(\w+)", page, re.MULTILINE))


def test_what_a_learner_needs_is_in_the_wheel(whole: Course, files: dict[str, str]) -> None:
    """Stubs, pages, pictures and data as they are, every learner's command, and how much is held back."""
    for exercise in whole.exercises:
        for name in (exercise.stub.name, "README.md", "README.zh-CN.md", "exercise.toml", "picture.svg"):
            path = exercise.folder / name
            assert files[f"dlex/_course/exercises/{exercise.name}/{name}"] == path.read_text(encoding="utf-8")
    for path in whole.datasets.rglob("*"):
        if path.is_file() and "__pycache__" not in path.parts:
            assert f"dlex/_course/datasets/{path.relative_to(whole.datasets).as_posix()}" in files
    for command, module in COMMANDS.items():
        assert (f"dlex/cli/{module.replace('.', '/')}.py" in files) == (command not in TEACHERS), command
    held = {e.name: sum(not check.public for check in e.checks) for e in whole.exercises}
    assert tomllib.loads(files["dlex/_course/released.toml"]) == {"hidden": held}
    assert not [text for name, text in files.items() if "/specs/" in name and re.search(r"^\s*#", text, re.MULTILINE)]


def test_metadata(files: dict[str, str]) -> None:
    """It is marked as the students' edition, and asks for nothing that only teachers need."""
    told = Parser().parsestr(next(text for name, text in files.items() if name.endswith("/METADATA")))
    assert re.fullmatch(r"[\d.]+\+students", told["Version"])
    assert f'__version__ = "{told["Version"]}"' in files["dlex/__init__.py"]
    assert set(told.get_all("Provides-Extra", [])) == {"vision"}
    required = " ".join(told.get_all("Requires-Dist", []))
    assert "torch>=" in required
    assert not re.search("hatchling|nbgrader|ray|ruff", required)
    assert "[console_scripts]\ndlex = dlex.__main__:main" in next(t for n, t in files.items() if "entry_points" in n)


def test_the_same_course_gives_the_same_wheel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Byte for byte, so that a teacher sees whether anything has changed, also where git ignores the place."""
    monkeypatch.setattr(make, "prove", lambda *args: None)
    course = Course(write_course(tmp_path / "course"))
    (tmp_path / "git" / ".git").mkdir(parents=True)
    (tmp_path / "git" / ".gitignore").write_text("*\n")
    made = []
    for place in ("plain", "git"):
        (tmp_path / place).mkdir(exist_ok=True)
        monkeypatch.setattr("tempfile.tempdir", str(tmp_path / place))
        made.append(make_release(course, course.exercises, tmp_path / place / "out").wheel.read_bytes())
    assert made[0] == made[1]


# ---- working with it


@dataclass(frozen=True)
class Student:
    """Runs the command line of an installed wheel."""

    folder: Path
    environment: dict[str, str]

    def __call__(self, *words: str) -> tuple[int, str]:
        done = subprocess.run(
            [sys.executable, "-m", "dlex", *words], cwd=self.folder, env=self.environment, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=60, check=False,
        )  # fmt: skip
        return done.returncode, done.stdout


@pytest.fixture(scope="module")
def student(students_wheel: Path, private_folder: Path) -> Iterator[Student]:
    """A student's machine with the wheel and nothing of this checkout."""
    place = private_folder / "student"
    for name in ("run", "work"):
        (place / name).mkdir(parents=True, mode=0o700)
    site = place / "site"
    install = ["install", "--quiet", "--no-deps", "--no-index", "--disable-pip-version-check", "--target", str(site)]
    subprocess.run([sys.executable, "-m", "pip", *install, str(students_wheel)], check=True)
    own = {"PYTHONPATH": str(site), "HOME": str(place), "XDG_RUNTIME_DIR": str(place / "run"), "LANG": "C.UTF-8"}
    runs = Student(place / "work", {"PATH": os.environ["PATH"], "COLUMNS": "100", **own})
    assert str(site) in runs("doctor")[1]
    yield runs
    runs("server", "stop")


def test_a_student_works(student: Student, whole: Course) -> None:
    """Right is right, wrong is told why, and the hint for it is there, where no solution and no hidden check is."""
    assert "05  Logistic regression" in student("list")[1]
    assert student("start", "mine")[0] == 0
    stub = student.folder / "mine/05_logistic_regression/logistic_regression.py"
    exercise = whole.find("05")
    shutil.copyfile(exercise.reference, stub)
    code, said = student("check", "05", str(stub))
    assert code == 0, said
    assert "dlex solution" not in said
    stub.write_text(whole_attempt(exercise, find_mistake(exercise, "no_sigmoid")), encoding="utf-8")
    code, said = student("check", "05", str(stub), "--verbose")
    assert code == 1
    assert "→ The model returns w * x + b itself" in said
    assert "✓" in said
    assert "One function stands between it and a probability" in student("hint", "05")[1]
    assert "1 try" in student("progress")[1] or "2 tries" in student("progress")[1]
    assert "entropy is minus the sum" in student("show", "05")[1]
    assert student("data")[0] == 0


def test_a_student_is_told_what_is_the_teachers(student: Student) -> None:
    """One sentence, in both languages, and no traceback."""
    for words in (["solution", "05"], ["solution", "05", "--anyway"]):
        assert student(*words) == (2, "dlex: This course came without its solutions: your teacher has them.\n")
    for name in TEACHERS:
        said = f"dlex: This is the students' edition of dlex: `dlex {name}` is for teachers and authors.\n"
        assert student(name) == student(name, "--help") == (2, said)
    assert student("--lang", "zh", "class", "grade", ".") == (
        2, "dlex：这是 dlex 学生版：`dlex class` 供教师和出题人使用。\n"
    )  # fmt: skip
    code, said = student("--help")
    assert code == 0
    assert not re.search(r"^  (author|class|release) ", said, re.MULTILINE)


# ---- the audit and the proof refuse


@pytest.fixture
def small(tmp_path: Path) -> Course:
    """A course of two exercises."""
    return Course(write_course(tmp_path / "course"))


@pytest.fixture
def unpacked(small: Course, tmp_path: Path) -> Path:
    """A release of the first exercise as a wheel holds it, and as it should be."""
    folder = tmp_path / "unpacked"
    lay_out(small, small.exercises[:1], folder / COURSE)
    (folder / "dlex" / "cli" / "learner").mkdir(parents=True)
    (folder / "dlex" / "cli" / "learner" / "check.py").write_text("x = 1\n")
    audit(folder, small)
    return folder


def add(name: str, text: str) -> Callable[[Path], object]:
    """Write to the end of a file of the release."""

    def write(folder: Path) -> None:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a", encoding="utf-8") as file:
            file.write(text)

    return write


HOME = "dlex/_course/exercises/31_power"
SPEC = "dlex/_course/grader/specs/test_31_power.py"
LEAKS: dict[str, tuple[Callable[[Path], object], str]] = {
    "a line of a solution": (add(f"{HOME}/README.md", f"\n{ANSWER_LINE}\n"), "README.md, line 3"),
    "one in a comment, spaced otherwise": (
        add(SPEC, "\n# return torch.exp( n*torch.log(torch.abs(x)) )*\n#torch.sign(x)**n".replace("\n#torch", "torch")),
        "test_31_power.py, line",
    ),
    "one of an exercise that was left out, in the package": (
        add("dlex/cli/learner/check.py", ANSWER_LINE.strip()),
        "check.py, line 2: a line of the solution of 31_power",
    ),
    "a stored mistake": (
        add(f"{HOME}/README.md", "\ndef power(x, n):\n  multiple = n*x\n  return multiple + 0\n"),
        "README.md, line 3: a stored mistake of 3",
    ),
    "the page of mistakes by another name": (
        add(f"{HOME}/hello.svg", MISTAKES),
        "/mistakes.py",
    ),
    "a file of the solutions": (add("dlex/_course/solutions/31_power/power.py", "x = 1"), "no place in it"),
    "a walkthrough by another name": (
        add(f"{HOME}/hello.svg", "# Why\n\nBecause of logarithms.\n"),
        "/walkthrough.md",
    ),
    "compiled code": (add("dlex/cli/__pycache__/check.cpython-311.pyc", "x"), "no place in it"),
    "the tests": (add("tests/test_x.py", "x = 1"), "no place in it"),
    "somebody's answer": (add(f"{HOME}/power.20260101-120000.bak.py", "x = 1"), "no place in it"),
    "the teachers' part of dlex": (add("dlex/classroom/keys.py", "x = 1"), "no place in it"),
    "a hidden check": (
        add(SPEC, "\n\ndef test_negative_odd(attempt):\n    pass\n"),
        "another set of checks than the public ones",
    ),
    "the name of a hidden check": (add(f"{HOME}/README.md", "See test_negative_odd.\n"), "README.md, line 2"),
    "the title of a hidden check": (
        add(
            f"{HOME}/README.md", "So an odd power keeps the\nsign of what it is taken of.\n".replace("an odd", "An odd")
        ),
        "README.md, line 2: the title of a hidden check",
    ),
    "its Chinese title": (add(f"{HOME}/README.zh-CN.md", "奇次幂保留底数的符号！\n"), "README.zh-CN.md, line 2"),
    "a diagnosis in a string that is in pieces": (
        add("dlex/cli/learner/check.py", 'y = ("An odd power of a "\n"negative number is negative.")\n'),
        "check.py, line 2: a diagnosis",
    ),
    "the id of a diagnosis": (add(f"{HOME}/hints.md", "\n## @sign_of_odd_lost Signs\n"), "hints.md, line"),
    "a hint of a diagnosis": (
        add(f"{HOME}/README.md", "What is the cube of minus two, and what does yours say of it?\n"),
        "README.md, line 2: a hint",
    ),
    "a whole spec": (
        lambda folder: shutil.copy(folder.parent / "course/grader/specs/test_32_root.py", folder / SPEC),
        "a copy of grader/specs/",
    ),
}


@pytest.mark.parametrize("leak", LEAKS)
def test_a_leak_is_refused(leak: str, unpacked: Path, small: Course) -> None:
    """The audit names the file, and the line where there is one."""
    plant, words = LEAKS[leak]
    plant(unpacked)
    with pytest.raises(CourseError, match=r"No wheel was made: in dlex|No wheel was made: in tests") as caught:
        audit(unpacked, small)
    told = caught.value.message
    assert words.replace(": a ", " there would be a ").replace(": the ", " there would be the ") in told.en
    assert "没有生成 wheel" in told.zh


def test_the_proof_refuses_what_does_not_work(small: Course, tmp_path: Path, server: Server) -> None:
    """Reference and stub pass it; a spec that lacks something does not, nor does a stub with an answer in it."""
    assert server.pid() > 0
    released = tmp_path / "released"
    exercises = small.exercises[:1]
    lay_out(small, exercises, released)
    seen: list[tuple[int, int]] = []
    prove(exercises, released, lambda done, total: seen.append((done, total)))
    assert seen == [(1, 2), (2, 2)]
    spec = released / "grader" / "specs" / "test_31_power.py"
    spec.write_text(spec.read_text(encoding="utf-8").replace("SIZES = (3, 5)\n", ""), encoding="utf-8")
    with pytest.raises(CourseError, match="the solution of 31_power does not pass its public checks alone: square"):
        prove(exercises, released)
    lay_out(small, exercises, released)
    shutil.copy(exercises[0].reference, exercises[0].stub)
    with pytest.raises(CourseError, match="the stub of 31_power is not a stub"):
        prove(exercises, released)


def test_the_command(small: Course, tmp_path: Path, server: Server) -> None:
    """It tells what went in and what stayed; what is refused leaves no file behind."""
    assert server.pid() > 0

    def run(*words: str) -> tuple[int, str]:
        command = [sys.executable, "-m", "dlex", "release", str(small.root), *words]
        done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, timeout=60, check=False)
        return done.returncode, done.stdout + done.stderr

    code, said = run("--exercises", "31", "-o", "out")
    assert code == 0, said
    assert "out/dlex-" in said
    assert "31_power: 1 public check inside; 1 hidden one stays here" in said
    assert "32_root" not in said
    (file,) = (tmp_path / "out").iterdir()
    assert f"pip install {file.name}" in said
    with zipfile.ZipFile(file) as archive:
        assert not [name for name in archive.namelist() if "32_root" in name or ".bak" in name]
    readme = small.exercises[0].folder / "README.md"
    readme.write_text(f"# The power\n\n    {ANSWER_LINE}\n", encoding="utf-8")
    code, said = run("-o", "other")
    assert code == 4
    assert "README.md, line 3 there would be a line of the solution of 31_power" in said
    assert not (tmp_path / "other").exists()
    assert run("--exercises", "77-99")[0] == 2


def test_what_cannot_be_released_is_told(small: Course, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A course without solutions, an output that is a file, a machine without hatchling."""
    monkeypatch.setattr(make, "prove", lambda *args: None)
    (tmp_path / "file").write_text("")
    for output in (tmp_path / "file", tmp_path / "file" / "below"):
        with pytest.raises(UsageError, match="cannot be written"):
            make_release(small, small.exercises, output)
    shutil.rmtree(small.exercises[1].solution_folder)
    with pytest.raises(UsageError, match="The solution of 32_root is not here"):
        make_release(small, small.exercises, tmp_path / "out")
    monkeypatch.setattr(wheel.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(DlexError, match="Building a wheel needs hatchling") as caught:
        make_release(small, small.exercises, tmp_path / "out")
    assert "dlex[classroom]" in (caught.value.next_step or caught.value.message).en


@pytest.mark.parametrize(
    "name", ["exercises/31_power/hints.md", "exercises/31_power/power.py", "solutions/31_power/power.py"]
)
def test_a_file_that_cannot_be_read_is_named(name: str, small: Course, tmp_path: Path) -> None:
    """Bytes that are no text, in whatever file of the course."""
    with (small.root / name).open("ab") as file:
        file.write(b"\xff\xfe")
    with pytest.raises(CourseError, match=f"{name} cannot be read"):
        make_release(small, small.exercises, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_backend_that_fails_is_told(small: Course, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The last line of what it said."""
    monkeypatch.setattr(wheel, "BUILD", "raise SystemExit('no room left')")
    with pytest.raises(CourseError, match="The wheel could not be built: no room left"):
        make_release(small, small.exercises, tmp_path / "out")


def test_a_text_is_found_however_it_is_written() -> None:
    """Wrapped, spaced and quoted in another way; told with the line where it begins."""
    secret = Secret(squeezed('x = f("a", 1)'), same("it"))
    assert list(Finder([secret]).find("no\n\n  and x  =f(\n'a',1 )\n")) == [(secret, 3)]
    assert not list(Finder([secret]).find("x = f('b', 1)"))
    assert not list(Finder([]).find("anything"))


# ---- the students' course


def test_hints_of_other_diagnoses_go() -> None:
    """The ladder stays, wherever it stands between them."""
    first, last = "# Hints\n\n## 1 Idea\n\na\n\n", "## @kept\n\nd\n\n## 2 Shapes\ne\n"
    page = f"{first}## @gone Gone\n\nb\n## not a heading of hints\nc\n\n{last}"
    assert hints_for(page, ["kept"]) == first + last


def test_shared_hints_go_where_they_are_needed(small: Course, tmp_path: Path) -> None:
    """A section stays if a released exercise names it in a public check and has none of its own."""
    first, second = (exercise.folder / "hints.md" for exercise in small.exercises)
    own = first.read_text(encoding="utf-8")
    shared = own[own.index("## @times") : own.index("## 2")]
    (small.root / "exercises" / "hints.md").write_text(shared, encoding="utf-8")
    released = tmp_path / "released" / "exercises" / "hints.md"

    def stays(released_exercises: int) -> set[str]:
        lay_out(small, small.exercises[:released_exercises], tmp_path / "released")
        return headed(released.read_text(encoding="utf-8"))

    assert stays(2) == set()
    second.write_text(own.replace("## @times_not_power", "### A product of"), encoding="utf-8")
    assert stays(1) == set()
    assert stays(2) == {"times_not_power"}


def test_the_course_file_names_what_is_there(small: Course) -> None:
    """Tracks and titles as they were, without comments, and without a track that is left empty."""
    table = tomllib.loads(course_file(small, ["31_power"]))
    assert table["title"] == {"en": 'A "small" course', "zh": "小课程"}
    assert table["tracks"] == [{"id": "first", "title": {"en": "First", "zh": "第一"}, "exercises": ["31_power"]}]
    assert "#" not in course_file(small, ["31_power", "32_root"])
