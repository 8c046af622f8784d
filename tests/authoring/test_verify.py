"""`dlex author verify` finds each kind of fault that can be planted in an exercise."""

from __future__ import annotations

import itertools
import shutil
from collections.abc import Callable

import pytest
from planted import COURSE_FILE, NAME, add_mistake, change, change_mistake

from dlex.authoring import verify as verifying
from dlex.authoring.hint_pages import shared_problem
from dlex.authoring.mistakes import page
from dlex.authoring.verify import jobs_for, main_verify, verify
from dlex.course.errors import UsageError
from dlex.course.exercise import Course, Exercise

Fault = Callable[[Exercise], object]


def test_a_sound_exercise_has_no_problem(sound: Exercise) -> None:
    """All is proven, and the progress is told."""
    told: list[tuple[int, int]] = []
    assert verify([sound], seeds=1, on_done=lambda done, total: told.append((done, total))) == []
    total = len(list(jobs_for(sound, 1)))
    assert told == [(done, total) for done in range(1, total + 1)]


def pages(exercise: Exercise, name: str, how: Callable[[str], str]) -> None:
    """Change a page in both languages."""
    for suffix in ("", ".zh-CN"):
        change(exercise.folder / f"{name}{suffix}.md", how)


def leak(exercise: Exercise, page: str) -> None:
    """Have a hint say a line of the reference (a very short line may happen to stand in any text)."""
    change(exercise.reference, lambda text: text.replace("return x * 2", "return torch.add(x, x)"))
    change(exercise.folder / page, lambda text: f"{text}\nWrite `return  torch.add(x,x)`.\n")


def share(exercise: Exercise, page: str) -> None:
    """Have the course say the sections of an exercise as well, wrapped in another way."""
    text = (exercise.folder / page).read_text(encoding="utf-8")
    sections = text[text.index("## @") :].replace("？", "？\n")
    (exercise.folder.parent / page).write_text(sections, encoding="utf-8")


# Faults of form, which are seen without a grading, and the words by which they are told.
FORM: dict[str, tuple[Fault, str]] = {
    "no English page": (lambda e: (e.folder / "README.md").unlink(), "has no page README.md"),
    "no Chinese page": (lambda e: (e.folder / "hints.zh-CN.md").unlink(), "has no page hints.zh-CN.md"),
    "empty page": (
        lambda e: (e.solution_folder / "walkthrough.zh-CN.md").write_text(" \n"),
        "missing: walkthrough in zh-CN",
    ),
    "no picture": (lambda e: (e.folder / "picture.svg").unlink(), "missing: picture.svg"),
    "no title": (
        lambda e: change(e.folder / "exercise.toml", lambda t: t.replace('zh = "Twice it"', 'zh = ""')),
        "missing: a title",
    ),
    "another title": (
        lambda e: change(e.folder / "hints.zh-CN.md", lambda t: t.replace("# 11 Twice it：提示", "# 提示")),
        "hints.zh-CN.md does not begin with `# 11 Twice it：提示`",
    ),
    "a section under another name": (
        lambda e: change(e.folder / "README.md", lambda t: t.replace("## Check", "## How to check")),
        "README.md: no section 'Check'",
    ),
    "sections in another order": (
        lambda e: change(
            e.folder / "README.md",
            lambda t: t.replace("## The task", "## X").replace("## Check", "## The task", 1) + "## Check\n",
        ),
        "README.md: the order of the sections is Formulas, Shapes, Worked examples, The task, Check,",
    ),
    "a section in one language": (
        lambda e: change(e.folder / "README.zh-CN.md", lambda t: t + "\n## 附注\n\n另外。\n"),
        "README: the languages have different sections",
    ),
    "a step under another name": (
        lambda e: change(e.folder / "hints.md", lambda t: t.replace("## 3 Steps", "## 3 What to do")),
        "hints.md: the steps are called The idea, Formula and shapes, Steps, not ['What to do']",
    ),
    "few mistakes": (
        lambda e: change(page(e), lambda t: t[: t.index("# %% squared__4")]),
        "missing: mistakes or accepted attempts (5 and 2)",
    ),
    "no page of mistakes": (lambda e: page(e).unlink(), "missing: mistakes or accepted attempts (0 and 2)"),
    "mistake of no diagnosis": (
        lambda e: add_mistake(e, "cubed", "x * x * x"),
        "mistakes.py: the spec names no misconception for cubed (line ",
    ),
    "two mistakes of one name": (
        lambda e: add_mistake(e, "squared__1", "x * x"),
        "mistakes.py, line 32: squared__1 is there already",
    ),
    "mistake with an unknown base": (
        lambda e: change_mistake(e, "# base: reference", "# base: product"),
        "mistakes.py, line 8: there is no base product: reference, none, sum, total",
    ),
    "mistake that nobody reads": (
        lambda e: (
            (e.solution_folder / "mistakes").mkdir(),
            (e.solution_folder / "mistakes" / "squared__5.py").write_text("def double(x): return x * x\n"),
        ),
        "mistakes/ is not read; make cells of mistakes.py: squared__5.py",
    ),
    "few accepted": (
        lambda e: (e.solution_folder / "accepted" / "sum.py").unlink(),
        "missing: mistakes or accepted attempts (6 and 1)",
    ),
    "leaking hint": (
        lambda e: leak(e, "hints.md"),
        "hints in en leak a line of the reference: returntorch.add(x,x)",
    ),
    "leaking Chinese hint": (
        lambda e: leak(e, "hints.zh-CN.md"),
        "hints in zh-CN leak a line of the reference: returntorch.add(x,x)",
    ),
    "two rungs": (
        lambda e: change(e.folder / "hints.md", lambda t: t.replace("## 3 Steps", "### Steps")),
        "hints in en: 2 full rungs instead of 3",
    ),
    "a part without all its rungs": (
        lambda e: change(
            e.folder / "hints.md", lambda t: t.replace("## 1 ", "## double 1 ").replace("## 2 ", "## double 2 ")
        ),
        "hints in en for double: 2 full rungs instead of 3",
    ),
    "rungs for what is not written": (
        lambda e: change(e.folder / "hints.md", lambda t: t + "\n## treble 1 The idea\n\nText.\n"),
        "hints in en: rungs for what is not to be written: ['treble']",
    ),
    "hint for nothing": (
        lambda e: change(e.folder / "hints.md", lambda t: t + "\n## @another Another\nText.\n\nHint.\n"),
        "hints in en: sections that the spec does not name: ['another']",
    ),
    "diagnosis without a hint": (
        lambda e: pages(e, "hints", lambda t: t.replace("## @squared", "### squared")),
        "hints in en: no section for what the spec names: ['squared']",
    ),
    "diagnosis in one language": (
        lambda e: change(e.folder / "hints.zh-CN.md", lambda t: t.replace("## @squared", "### squared")),
        "hints in zh-CN: no section for what the spec names: ['squared']",
    ),
    "sentence without a hint": (
        lambda e: change(
            e.folder / "hints.md", lambda t: t.replace("twice the input.\n\nTry", "twice the input.\nTry")
        ),
        "hints in en: sections without a sentence or without a hint: ['squared']",
    ),
    "section without a word": (
        lambda e: change(e.folder / "hints.zh-CN.md", lambda t: t[: t.index("你把输入")]),
        "hints in zh-CN: sections without a sentence or without a hint: ['squared']",
    ),
    "two sections of one id": (
        lambda e: change(e.folder / "hints.md", lambda t: t + "\n## @squared Again\nText.\n\nHint.\n"),
        "hints in en: ids of more than one section: ['squared']",
    ),
    "what the course says already": (
        lambda e: share(e, "hints.zh-CN.md"),
        "hints in zh-CN: what exercises/hints.md says already: ['squared']",
    ),
    "diagnosis without a mistake": (
        lambda e: change(
            e.spec,
            lambda t: t.replace("\n\n@check", "\nODD = D.odd\n\n@check", 1),
        ),
        "diagnoses without a mistake that triggers them: ['odd']",
    ),
    "another signature": (
        lambda e: change(e.stub, lambda t: t.replace("double(x: torch.Tensor)", "double(x: torch.Tensor, y: int = 0)")),
        "the stub's definitions differ from the reference's",
    ),
    "another docstring": (
        lambda e: change(e.stub, lambda t: t.replace("Return twice the input.", "Return the input, twice.")),
        "the docstring of def:double differs",
    ),
    "a name that the stub lacks": (
        lambda e: change(e.folder / "exercise.toml", lambda t: t.replace('["double"]', '["double", "treble"]')),
        "exercise.toml names what the stub lacks: ['treble']",
    ),
    "too few points": (
        lambda e: change(e.spec, lambda t: t.replace("check(2", "check(1", 1)),
        "5 checks with 9 points, 1 public; the points of a spec add up to 10",
    ),
    "nothing public": (
        lambda e: change(e.spec, lambda t: t.replace(", public=True", "")),
        "5 checks with 10 points, 0 public",
    ),
    "public check that needs the reference": (
        lambda e: change(e.spec, lambda t: t.replace("def test_vector(attempt", "def test_vector(reference, attempt")),
        "public checks that need the reference: ['vector']",
    ),
    "public check that needs the reference by a fixture": (
        lambda e: change(
            e.spec,
            lambda t: (
                t.replace("def test_vector(attempt", "def test_vector(oracle, attempt")
                + "\n\nimport pytest\n\n@pytest.fixture\ndef oracle(reference):\n    return reference.double\n"
            ),
        ),
        "public checks that need the reference: ['vector']",
    ),
    "check without a Chinese title": (
        lambda e: change(e.spec, lambda t: t.replace("    zh: 矩阵的每个元素都变为两倍。\n", "")),
        "checks without a Chinese title: ['values']",
    ),
    "broken manifest": (
        lambda e: change(e.folder / "exercise.toml", lambda t: "speed = 1\n" + t),
        "exercise.toml is not usable",
    ),
}


@pytest.mark.parametrize("name", FORM)
def test_a_fault_of_form_is_found(name: str, sound: Exercise) -> None:
    """What is missing or does not fit together is told, and nothing else is."""
    plant, words = FORM[name]
    plant(sound)
    exercise = Course(sound.course.root).find("11")
    found = [verifying._run(job) for job in itertools.islice(jobs_for(exercise, 0), 7)]
    assert any(words in text for text in found if text), found


def test_what_exercises_share_is_told_once(sound: Exercise) -> None:
    """The page of the course is whole, somebody names what is on it, and what two exercises say alike stands there."""
    course = sound.course
    shared = course.root / "exercises" / "hints.md"
    assert shared_problem(course) is None
    shared.write_text("# Shared\n\n## @odd Odd\nIt is odd.\n\nHint.\n", encoding="utf-8")
    assert shared_problem(course) == "in en: sections that no spec names: ['odd']"
    shared.write_text("# Shared\n\n## @squared Square\nIt is a square.\n", encoding="utf-8")
    assert shared_problem(course) == "in en: sections without a sentence or without a hint: ['squared']"
    shared.unlink()
    other = f"12{sound.name[2:]}"
    for path in (sound.folder, sound.spec):
        copy = shutil.copytree if path.is_dir() else shutil.copy
        copy(path, path.with_name(path.name.replace(sound.name, other)))
    (course.root / "exercises" / "course.toml").write_text(
        COURSE_FILE.format(exercises=f'"{sound.name}", "{other}"'), encoding="utf-8"
    )
    both = Course(course.root)
    assert shared_problem(both) == "in every language: what two exercises say alike: ['squared']"
    change(both.find("12").folder / "hints.zh-CN.md", lambda text: text.replace("试一试", "试试看"))
    assert shared_problem(both) is None


# Faults that only a grading shows; the exercise has one mistake and one accepted attempt here, to be quick.
MEANING: dict[str, tuple[Fault, str]] = {
    "mistake that passes": (
        lambda e: change_mistake(e, "return x * x", "return x + x"),
        "mistakes.py, line 8: squared must fail (seed 0), but is passed",
    ),
    "mistake with another diagnosis": (
        lambda e: change_mistake(e, "return x * x", "return x * 3"),
        "mistakes.py, line 8: squared is diagnosed as nothing",
    ),
    "mistake under another's name": (
        lambda e: change_mistake(e, "# %% squared:", "# %% cubed:"),
        "mistakes.py, line 8: cubed is diagnosed as ['squared'",
    ),
    "mistake that does not run": (
        lambda e: change_mistake(
            e, "the input times itself instead of twice the input.\n", "a slip.\n# base: none\n= "
        ),
        "mistakes.py, line 8: squared must fail (seed 0), but is unrunnable",
    ),
    "mistake that is no Python": (
        lambda e: change_mistake(e, "return x * x", "return x *"),
        "mistakes.py, line 10: squared: it is no Python: invalid syntax",
    ),
    "mistake that changes nothing": (
        lambda e: change_mistake(e, "return x * x", "return x * 2"),
        "mistakes.py, line 9: squared: double is as in its base",
    ),
    "mistake of what the base lacks": (
        lambda e: change_mistake(e, "def double", "def duble"),
        "mistakes.py, line 9: squared: its base does not define duble; write `# new: duble` if that is meant",
    ),
    "accepted that fails": (
        lambda e: change(e.solution_folder / "accepted" / "sum.py", lambda t: t.replace("(x, x)", "(x, 1)")),
        "accepted/sum.py must pass (seed 0), but: vector: wrong_value",
    ),
    "reference that fails": (
        lambda e: change(e.reference, lambda t: t.replace("x * 2\n", "x * 3\n")),
        f"{NAME}/twice_it.py must pass (seed 0), but: vector: wrong_value",
    ),
    "reference that raises": (
        lambda e: change(e.reference, lambda t: f"{t}\nraise ValueError\n"),
        f"{NAME}/twice_it.py must pass (seed 0), but: ",
    ),
    "stub that does something": (
        lambda e: change(e.stub, lambda t: t.replace("raise NotImplementedError", "return x")),
        "the stub must be unattempted, but is failed",
    ),
    "spec that breaks": (
        lambda e: change(e.spec, lambda t: t.replace('all_named({"x": "N M"})', "nothing()")),
        f"{NAME}/twice_it.py must pass (seed 0), but: values: grader_error",
    ),
    "spec that breaks after an answer": (
        lambda e: change(
            e.spec, lambda t: t.replace("double.like(double, **given, slips=SLIPS)", "double(**given), {}['table']")
        ),
        "The spec broke in line 37 of test_11_twice_it.py: KeyError: 'table'",
    ),
    "spec that breaks before one": (
        lambda e: change(e.spec, lambda t: t.replace('rng.all_named({"x": "N M"})', "{}['table']")),
        "The spec broke in line 36 of test_11_twice_it.py: KeyError: 'table'",
    ),
}


@pytest.mark.parametrize("name", MEANING)
def test_a_fault_of_meaning_is_found(name: str, fresh: Exercise) -> None:
    """What an attempt gets that is not what the course promises."""
    plant, words = MEANING[name]
    plant(fresh)
    problems = verify([Course(fresh.course.root).find("11")], seeds=1)
    assert {p.exercise for p in problems} == {NAME}
    assert any(words in p.text for p in problems), [p.text for p in problems]


def test_a_slow_check_is_found(fresh: Exercise, monkeypatch: pytest.MonkeyPatch) -> None:
    """A check that takes longer than its budget is named."""
    monkeypatch.setattr(verifying, "CHECK_SECONDS", 0.0)
    problems = [p.text for p in verify([fresh], seeds=1)]
    assert "twice_it.py is over its budget of time: ['vector', 'values'] of CPU" in problems


def test_a_slow_exercise_is_found(fresh: Exercise, monkeypatch: pytest.MonkeyPatch) -> None:
    """An exercise whose checks take long together is named, with its seconds."""
    monkeypatch.setattr(verifying, "EXERCISE_SECONDS", 0.0)
    problems = [p.text for p in verify([fresh], seeds=1)]
    assert any("twice_it.py is over its budget of time: 0." in text for text in problems)


def test_every_reference_has_many_seeds(sound: Exercise) -> None:
    """The reference is graded with each seed, accepted attempts with three, mistakes once; with many it is audited."""
    few, many = (len(list(jobs_for(sound, seeds))) for seeds in (1, 20))
    assert many - few == 19 + 2
    assert few == 7 + 1 + 1 + 2 * 3 + 6


def test_the_audits_belong_to_it(sound: Exercise) -> None:
    """With more than one seed, a check that sees too little is a problem."""
    assert verify([sound], seeds=2) == []
    change(sound.spec, lambda text: text.replace("slips=SLIPS)", "slips=SLIPS, rtol=0.01)"))
    problems = [p.text for p in verify([Course(sound.course.root).find("11")], seeds=2)]
    assert len(problems) == 1
    assert "values accepts outputs made worse: noise, float16" in problems[0]


def test_exercises_are_named_as_elsewhere(sound: Exercise, monkeypatch: pytest.MonkeyPatch) -> None:
    """By number or part of the name; all if none is named; an unknown one is a slip of typing."""
    asked: list[list[str]] = []

    def note(exercises: list[Exercise], **options: object) -> list[object]:
        asked.append([e.name for e in exercises])
        return []

    monkeypatch.setattr(verifying, "verify", note)
    for names in (["11"], ["twice"], []):
        main_verify(sound.course, names)
    assert asked == [[NAME]] * 3
    with pytest.raises(UsageError):
        main_verify(sound.course, ["99"])


def test_a_spec_that_is_gone_is_a_problem_and_no_crash(fresh: Exercise) -> None:
    """A file that is not there is one problem among others."""
    fresh.spec.unlink()
    shutil.rmtree(fresh.solution_folder / "accepted")
    problems = [p.text for p in verify([Course(fresh.course.root).find("11")], seeds=1)]
    assert any("cannot be read" in text for text in problems)


def test_a_stub_that_is_no_python_is_a_problem_and_no_crash(sound: Exercise) -> None:
    """A slip of typing in the stub is told as what it is."""
    change(sound.stub, lambda text: text.replace("def double(", "def double["))
    found = [verifying._run(job) for job in itertools.islice(jobs_for(sound, 0), 6)]
    assert any(text and text.startswith("SyntaxError: ") for text in found)
