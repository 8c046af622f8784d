"""The course as it lies on disk: found, read, and understood, or one sentence that says what is wrong with it."""

from __future__ import annotations

import shutil
import threading
import time
from pathlib import Path

import pytest
from engine import COURSE

from dlex.course.errors import CourseError, UsageError
from dlex.course.exercise import Course, Exercise, ExerciseFile, find_course, read_toml
from dlex.course.limits import Limits
from dlex.course.manifest import Check, read_checks
from dlex.course.progress import find_workspace


@pytest.fixture(scope="module")
def course() -> Course:
    """The tiny course."""
    return Course(COURSE)


@pytest.fixture
def own(tmp_path: Path) -> Course:
    """A copy of it, to be changed."""
    shutil.copytree(COURSE, tmp_path / "course")
    return Course(tmp_path / "course")


# ---- finding an exercise

NAMES = [
    "01_double", "10_little_memory", "06_broken_spec", "07_incomplete_spec", "08_spec_does_not_import",
    "09_leaving_spec",
]  # fmt: skip


@pytest.fixture
def listed(tmp_path: Path) -> Course:
    """A course of which there is only the list."""
    (tmp_path / "exercises").mkdir()
    track = f"tracks = [{{ id = 'a', title = {{ en = 'a', zh = 'a' }}, exercises = {NAMES} }}]\n"
    (tmp_path / "exercises" / "course.toml").write_text(f"title = {{ en = 'a', zh = 'a' }}\n{track}", "utf-8")
    return Course(tmp_path)


@pytest.mark.parametrize(
    ("wanted", "name"),
    [
        ("01", "01_double"),
        ("1", "01_double"),
        (" 01 ", "01_double"),
        ("10", "10_little_memory"),
        ("01_double", "01_double"),
        ("01-double", "01_double"),
        ("double", "01_double"),
        ("DOUBLE", "01_double"),
        ("doub", "01_double"),
        ("little-memory", "10_little_memory"),
        ("little_memory/", "10_little_memory"),
        ("01_double/", "01_double"),
        ("mem", "10_little_memory"),
    ],
)
def test_an_exercise_is_found(wanted: str, name: str, listed: Course) -> None:
    """By number, name, slug, or a part that only one has."""
    assert listed.find(wanted).name == name


@pytest.mark.parametrize(
    ("wanted", "message"),
    [
        (
            "spec",
            "'spec' could be any of 06_broken_spec, 07_incomplete_spec, 08_spec_does_not_import, 09_leaving_spec.",
        ),
        ("dubble", "There is no exercise 'dubble': did you mean 01 (double)?"),
        ("little_memroy", "There is no exercise 'little_memroy': did you mean 10 (little_memory)?"),
        ("001", "There is no exercise '001': did you mean 01 (double)?"),
        ("11", "There is no exercise '11': did you mean 10 (little_memory)?"),
        ("0", "There is no exercise '0': did you mean 01 (double)?"),
        ("99999999999999999999", "did you mean 10 (little_memory)?"),
        ("zzzz", "There is no exercise 'zzzz'."),
        ("", "There is no exercise ''."),
        ("/", "There is no exercise '/'."),
        ("e", "There is no exercise 'e'."),
        ("²", "There is no exercise '²'"),
        ("../01_double", "There is no exercise '../01_double'"),
        ("一", "There is no exercise '一'"),
    ],
)
def test_a_slip_of_typing(wanted: str, message: str, listed: Course) -> None:
    """What is not there, or may be several, is told with a guess."""
    with pytest.raises(UsageError) as caught:
        listed.find(wanted)
    assert message in caught.value.message.en
    assert caught.value.message.zh
    assert caught.value.next_step is not None
    assert caught.value.exit_code == 2


# ---- reading an exercise


def test_an_exercise_knows_its_files(course: Course) -> None:
    """Everything lies where the design says."""
    exercise = course.find("01")
    assert (exercise.number, exercise.slug, repr(exercise)) == ("01", "double", "Exercise('01_double')")
    assert [path.is_file() for path in (exercise.stub, exercise.spec, exercise.reference)] == [True] * 3
    assert exercise.info.writes == ["double"]
    assert exercise.info.limits == Limits(import_seconds=10.0, check_seconds=10.0, memory_mb=256)
    assert exercise.info.devices == ("cpu", "sim", "cuda")
    assert exercise.info.title.in_language("zh-CN") == "张量的两倍"


@pytest.mark.parametrize(
    ("checks", "seconds"), [(1, 30.0), (2, 40.0), (3, 50.0), (4, 50.0), (6, 50.0), (7, 60.0), (12, 80.0)]
)
def test_the_time_in_all_follows_from_the_checks(checks: int, seconds: float) -> None:
    """Few checks have all of their time; of many, half can run out of it."""
    assert Limits().total_for(checks) == seconds
    assert Limits(total_seconds=7.0).total_for(checks) == 7.0


def test_processor_time_suffices_for_one_process_all_the_time() -> None:
    assert Limits().cpu_limit == 220
    assert Limits(total_seconds=1000.0).cpu_limit == 1000
    assert Limits(cpu_seconds=3).cpu_limit == 3


@pytest.mark.parametrize("value", ["0", "-1.0", '"long"'])
def test_a_time_in_all_that_cannot_be_is_told(value: str, course: Course, tmp_path: Path) -> None:
    file = course.find("01").folder / "exercise.toml"
    changed = tmp_path / "exercise.toml"
    changed.write_text(f"{file.read_text(encoding='utf-8')}\ntotal_seconds = {value}\n", encoding="utf-8")
    with pytest.raises(CourseError, match="total_seconds"):
        read_toml(changed, ExerciseFile)


def test_pages_in_both_languages(course: Course) -> None:
    """A page is read in the language asked for; every Chinese locale reads the one Chinese page."""
    exercise = course.find("01")
    english, chinese = exercise.page("README", "en"), exercise.page("README", "zh-CN")
    assert english != chinese
    assert exercise.page("README", "zh_TW") == chinese
    assert exercise.page("README", "de") == english
    assert exercise.page("walkthrough", "en") == (exercise.solution_folder / "walkthrough.md").read_text("utf-8")
    with pytest.raises(CourseError, match=r"has no page nothing\.md") as caught:
        exercise.page("nothing", "en")
    assert caught.value.exit_code == 4


def test_what_an_attempt_must_never_read(course: Course) -> None:
    """Solutions and specs."""
    assert {p.relative_to(COURSE).as_posix() for p in course.protected} == {"solutions", "grader/specs"}


def test_the_order_is_that_of_the_tracks(course: Course) -> None:
    """Not that of the numbers."""
    names = [
        exercise.name
        for track in course.info.tracks
        for exercise in course.exercises
        if exercise.name in track.exercises
    ]
    assert [exercise.name for exercise in course.exercises] == names
    assert names.index("10_little_memory") < names.index("06_broken_spec")


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("exercises/course.toml", "tracks = ["),
        ("exercises/course.toml", ""),
        ("exercises/course.toml", 'title = "plain"\ntracks = []\n'),
        ("exercises/course.toml", "title = { en = 'a', zh = 'b' }\ntracks = [{ id = 'x' }]\n"),
        ("exercises/course.toml", b"title = '\xff'\n"),
        ("exercises/course.toml", "title = { en = 'a', zh = 'b' }\ntracks = []\nsurplus = 1\n"),
    ],
)
def test_a_broken_course_file(name: str, content: str | bytes, own: Course) -> None:
    """It is our fault and never the learner's, and the message names the file."""
    (own.root / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(CourseError, match=r"course\.toml is not usable") as caught:
        assert own.exercises
    assert caught.value.exit_code == 4


@pytest.mark.parametrize(
    "line", ["surplus = 1", "difficulty = 'much'", "difficulty =", "limits = { check_second = 1 }"]
)
def test_a_broken_exercise_file(line: str, own: Course) -> None:
    """A slip in a key is not passed over."""
    path = own.root / "exercises" / "02_once" / "exercise.toml"
    path.write_text(f"{line}\n{path.read_text('utf-8')}", "utf-8")
    with pytest.raises(CourseError, match=r"exercise\.toml is not usable"):
        assert own.find("02").info


def test_an_exercise_without_its_folder(own: Course) -> None:
    """The list names what is not there."""
    shutil.rmtree(own.root / "exercises" / "02_once")
    with pytest.raises(CourseError, match="is not usable"):
        assert own.find("02").info


# ---- finding the course


def test_the_course_that_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The folder given, else that of the environment, else the one that came with dlex."""
    monkeypatch.setenv("DLEX_COURSE", str(COURSE))
    assert find_course().root == COURSE.resolve()
    root = Path(__file__).parents[2]
    assert find_course(root).root == root.resolve()
    monkeypatch.delenv("DLEX_COURSE")
    assert find_course().root == root.resolve()
    with pytest.raises(UsageError, match="There is no course at") as caught:
        find_course(tmp_path)
    assert caught.value.next_step is not None


def test_the_course_is_named_absolutely(monkeypatch: pytest.MonkeyPatch) -> None:
    """The judge works in another folder."""
    monkeypatch.chdir(COURSE.parent)
    assert find_course(Path("course")).root == COURSE.resolve()


def test_the_workspace_is_the_nearest_above(tmp_path: Path) -> None:
    """A learner may stand anywhere below the folder that `dlex start` made."""
    (tmp_path / "work" / ".dlex").mkdir(parents=True)
    (tmp_path / "work" / "a" / "b").mkdir(parents=True)
    assert find_workspace(tmp_path / "work" / "a" / "b") == tmp_path / "work"
    assert find_workspace(tmp_path / "elsewhere") is None


def test_every_exercise_of_the_real_course_can_be_read() -> None:
    """The course that comes with dlex is understood whole."""
    for exercise in find_course(Path(__file__).parents[2]).exercises:
        assert isinstance(exercise, Exercise)
        assert exercise.info.writes
        assert exercise.checks


def test_the_checks_are_read_once_by_whoever_asks_first(monkeypatch: pytest.MonkeyPatch) -> None:
    """A thread that reads ahead and one that asks meanwhile read them once between them."""
    read: list[Path] = []
    begun = threading.Event()

    def slowly(spec: Path) -> tuple[Check, ...]:
        read.append(spec)
        begun.set()
        time.sleep(0.05)
        return read_checks(spec)

    monkeypatch.setattr("dlex.course.exercise.read_checks", slowly)
    exercise = Course(COURSE).find("01_double")
    exercise.read_checks_ahead()
    assert begun.wait(10)
    assert exercise.checks == read_checks(exercise.spec)
    exercise.read_checks_ahead()
    assert read == [exercise.spec]


def test_who_knows_the_checks_hands_them_over(monkeypatch: pytest.MonkeyPatch) -> None:
    exercise = Course(COURSE).find("01_double")
    known = exercise.checks[:1]
    monkeypatch.setattr("dlex.course.exercise.read_checks", lambda spec: pytest.fail("it was read"))
    assert exercise.with_checks(known).checks == known
    assert exercise.with_checks(None) is exercise


def test_the_reference_is_an_attempt_that_shows_itself_as_the_learners_file() -> None:
    exercise = Course(COURSE).find("01_double")
    source = exercise.reference_source()
    assert source.text == exercise.reference.read_text(encoding="utf-8")
    assert (source.filename, source.folder) == ("double.py", None)
