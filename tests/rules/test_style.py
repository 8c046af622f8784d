"""What the style guide says and a machine can check: sizes, docstrings, reasons, texts in two languages."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from pathlib import Path

import pytest
from house import PACKAGE, ROOT, SPECS, Module, modules

from dlex.course.exercise import Exercise, find_course
from dlex.course.text import LANGUAGES

MAX_MODULE, MAX_FUNCTION = 300, 60
CHINESE = re.compile(r"[\u3000-\u303f\u3400-\u9fff\uff00-\uffef]")
HOMES = re.compile(r"""["'`( ](?:/home/|/Users/|/root\b|[A-Z]:\\\\Users)""")
# A rule by its name, and words behind it.
REASONED = re.compile(r"(noqa: [A-Z]+\d+(, ?[A-Z]+\d+)*|type: ignore\[[\w-]+(, ?[\w-]+)*\])\s+(-|#)\s*\S")
# The one place where code of a learner runs.
EXECUTES = "dlex.attempt.loading"
# Sizes that are owed, with the reason; none may be added without one.
LARGE_FUNCTIONS: dict[str, str] = {}
LARGE_MODULES: dict[str, str] = {}


def specs() -> list[Module]:
    """The hidden checks, as modules."""
    return [Module(path.stem, path, path.read_text(encoding="utf-8")) for path in sorted(SPECS.glob("test_*.py"))]


def sources() -> list[Module]:
    """The package and the specs."""
    return [*modules(), *specs()]


def test_modules_are_small() -> None:
    """No module of the package is over 300 lines."""
    large = {module.name for module in modules() if module.text.count("\n") > MAX_MODULE}
    assert large == LARGE_MODULES.keys()


def test_functions_are_small() -> None:
    """No function is over 60 lines."""
    large = [
        f"{module.where(node)}: {node.name} has {node.end_lineno - node.lineno + 1} lines"
        for module in sources()
        for node in ast.walk(module.tree)
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
        and (node.end_lineno or node.lineno) - node.lineno >= MAX_FUNCTION
        and f"{module.name}.{node.name}" not in LARGE_FUNCTIONS
    ]
    assert not large, "\n".join(large)


def test_every_module_says_what_it_is_for() -> None:
    """Each module has a docstring, whose first line is a sentence."""
    bare = [module.name for module in sources() if not (ast.get_docstring(module.tree) or "").strip()]
    assert not bare


def test_public_names_have_docstrings() -> None:
    """What others use of the package says what it does."""
    bare = [
        f"{module.where(node)}: {node.name}"
        for module in modules()
        for node in module.tree.body
        if isinstance(node, (ast.FunctionDef, ast.ClassDef))
        and not node.name.startswith("_")
        and not ast.get_docstring(node)
    ]
    assert not bare, "\n".join(bare)


def comments(module: Module) -> Iterator[tokenize.TokenInfo]:
    """The comments of a module."""
    tokens = tokenize.generate_tokens(io.StringIO(module.text).readline)
    return (token for token in tokens if token.type == tokenize.COMMENT)


def test_every_exception_has_a_reason() -> None:
    """A lint or type rule is only broken in one line, by name, with the reason behind it."""
    wrong = [
        f"{module.path.name}:{token.start[0]}: {token.string}"
        for module in sources()
        for token in comments(module)
        if re.search(r"noqa|type: ignore", token.string) and not REASONED.search(token.string)
    ]
    assert not wrong, "\n".join(wrong)


def test_no_path_of_somebodys_home() -> None:
    """Nothing says where it was written."""
    folders = [PACKAGE, SPECS, ROOT / "exercises", ROOT / "solutions", ROOT / "datasets", ROOT / "benchmarks"]
    wrong = [
        f"{path.relative_to(ROOT)}: {found.group()}"
        for folder in folders
        for path in folder.rglob("*")
        if path.suffix in (".py", ".toml", ".md", ".txt", ".po", ".svg")
        and (found := HOMES.search(path.read_text(encoding="utf-8")))
    ]
    assert not wrong, "\n".join(wrong)


def test_nothing_is_unpickled_or_evaluated() -> None:
    """Only the attempt process runs text, and nobody unpickles."""
    wrong = []
    for module in modules():
        for node in ast.walk(module.tree):
            names: list[str] = []
            if isinstance(node, ast.Import):
                names = [alias.name.partition(".")[0] for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                names = [(node.module or "").partition(".")[0]]
            if {"pickle", "cPickle", "dill", "cloudpickle", "marshal", "shelve"} & set(names):
                wrong.append(f"{module.where(node)}: {ast.unparse(node)}")
            if isinstance(node, ast.Call):
                called = ast.unparse(node.func)
                ours = called in (
                    "eval",
                    "exec",
                    "torch.load",
                    "np.load",
                    "numpy.load",
                    "builtins.eval",
                    "builtins.exec",
                )
                if ours and module.name != EXECUTES:
                    wrong.append(f"{module.where(node)}: {called}(")
    assert not wrong, "\n".join(wrong)


def texts(module: Module) -> Iterator[tuple[ast.Call, str, str]]:
    """Each literal in two languages: a `Text(en=..., zh=...)`."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Call) and ast.unparse(node.func).rpartition(".")[2] == "Text":
            given = {k.arg: k.value for k in node.keywords}
            if {"en", "zh"} <= given.keys() and all(_is_literal(given[name]) for name in ("en", "zh")):
                yield node, _written(given["en"]), _written(given["zh"])


def _is_literal(node: ast.expr) -> bool:
    return isinstance(node, ast.JoinedStr) or (isinstance(node, ast.Constant) and isinstance(node.value, str))


def _written(node: ast.expr) -> str:
    """A literal without what is filled in."""
    if isinstance(node, ast.JoinedStr):
        return "".join(str(part.value) for part in node.values if isinstance(part, ast.Constant))
    assert isinstance(node, ast.Constant)
    return str(node.value)


@pytest.mark.parametrize("module", sources(), ids=lambda module: module.name)
def test_texts_are_in_both_languages(module: Module) -> None:
    """English has words, Chinese has Chinese ones, and both are filled with the same values."""
    wrong = []
    for node, english, chinese in texts(module):
        if not english.strip() or not chinese.strip():
            wrong.append(f"{module.where(node)}: empty")
        elif not CHINESE.search(chinese) and not (chinese.strip() == english.strip() and " " not in english.strip()):
            wrong.append(f"{module.where(node)}: no Chinese in {chinese!r}; say `same(...)` if it reads so in both")
        elif CHINESE.search(english):
            wrong.append(f"{module.where(node)}: Chinese in the English {english!r}")
        elif sorted(re.findall(r"\{\w*", english)) != sorted(re.findall(r"\{\w*", chinese)):
            wrong.append(f"{module.where(node)}: other values are filled in")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("exercise", find_course(ROOT).exercises, ids=lambda exercise: exercise.name)
def test_diagnoses_are_in_both_languages(exercise: Exercise) -> None:
    """Of each misconception, title, sentence and hint are English on the one page and Chinese on the other."""
    english, chinese = (exercise.hints(language).by_diagnosis for language in LANGUAGES)
    assert english.keys() == chinese.keys()
    assert exercise.diagnoses
    for key in exercise.diagnoses:
        for text in (english[key].title, english[key].sentence, english[key].body):
            assert text, key
            assert not CHINESE.search(text), key
        for text in (chinese[key].title, chinese[key].sentence, chinese[key].body):
            assert CHINESE.search(text), key


def mapped() -> set[Path]:
    """The folders that DESIGN's map names."""
    text = (ROOT / "DESIGN.md").read_text(encoding="utf-8")
    return {ROOT / name for name in re.findall(r"^\| `([\w/]+)/` \|", text, re.MULTILINE)}


def test_the_map_is_true() -> None:
    """Each folder in DESIGN's map is there, and each folder of the package is in it."""
    assert not {path for path in mapped() if not path.is_dir()}
    packages = {path.parent for path in PACKAGE.glob("*/__init__.py")}
    assert not packages - mapped()


def test_the_road_of_one_grading_is_true() -> None:
    """Each file that DESIGN names on the road of a grading is there."""
    text = (ROOT / "DESIGN.md").read_text(encoding="utf-8")
    named = re.findall(
        r"`((?:course|protocol|attempt|judge|server|kit|sandbox|devices|feedback|cli|authoring)/\w+\.py)`", text
    )
    assert named
    assert not [name for name in named if not (PACKAGE / name).is_file()]
