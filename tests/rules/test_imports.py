"""Imports run in no circle, each module comes up alone, and what is waited for stays light.

Who may import whom stands in `pyproject.toml`; `lint-imports` holds it (`make check`).
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tomllib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from house import PACKAGE, ROOT, imports, modules

from dlex.server import environment

LIGHT = {
    "dlex.cli.app": ("torch", "numpy", "pytest", "_pytest", "matplotlib", "nbformat", "typer", "rich"),
    "dlex.__main__": ("torch", "numpy", "pytest", "_pytest", "matplotlib", "nbformat", "typer", "rich"),
    "dlex.server.client": ("torch", "numpy", "pytest", "_pytest", "matplotlib", "nbformat", "typer", "rich"),
    "dlex.server.spawn_server": ("torch", "numpy", "pytest", "_pytest", "matplotlib", "nbformat", "typer", "rich"),
    "dlex.cli.tree": ("torch", "numpy", "pytest", "_pytest", "matplotlib", "nbformat"),
    "dlex.course.exercise": ("torch", "numpy", "pytest", "_pytest", "matplotlib", "nbformat", "typer", "rich"),
    "dlex.authoring.verify": ("torch", "numpy", "pytest", "_pytest", "matplotlib", "nbformat"),
    "dlex.feedback.terminal": ("torch", "numpy", "pytest", "_pytest", "matplotlib", "nbformat"),
    "dlex.sandbox": ("torch", "numpy", "pytest", "_pytest", "matplotlib", "nbformat", "typer", "rich", "msgspec"),
    "dlex.server.plain_pytest": ("torch", "numpy", "matplotlib", "nbformat", "typer", "rich"),
    "dlex.judge.plugin": ("torch", "numpy", "matplotlib", "nbformat", "typer", "rich"),
}


def test_no_cycles() -> None:
    """No two modules need each other, at once or when a function of theirs runs.

    The package `dlex` itself is left out: whoever imports a module of it has imported it already.
    """
    graph: dict[str, set[str]] = {module.name: set() for module in modules()}
    for found in (found for module in modules() for found in imports(module)):
        if not found.typing and found.target not in ("dlex", found.importer.name):
            graph[found.importer.name].add(found.target)
    done: set[str] = set()

    def visit(name: str, path: tuple[str, ...]) -> None:
        assert name not in path, f"a cycle: {' -> '.join([*path[path.index(name) :], name])}"
        if name not in done:
            for target in sorted(graph[name]):
                visit(target, (*path, name))
            done.add(name)

    for name in graph:
        visit(name, ())


def python(script: str, *arguments: str) -> str:
    """What a script prints in a fresh interpreter."""
    environment = {**os.environ, "PYTHONPATH": str(PACKAGE.parent)}
    command = [sys.executable, "-W", "error", "-c", script, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    assert done.returncode == 0, done.stderr
    return done.stdout


# Third-party packages stay (they take seconds), everything of dlex goes before each module.
ALONE = """
import importlib, sys, traceback
import matplotlib, msgspec, numpy, pytest, torch, typer, watchfiles
problems, optional = 0, sys.argv[1].split(",")
for name in sys.argv[2:]:
    for loaded in [m for m in sys.modules if m == "dlex" or m.startswith("dlex.")]:
        del sys.modules[loaded]
    try:
        importlib.import_module(name)
    except BaseException as error:
        if isinstance(error, ModuleNotFoundError) and error.name in optional:
            continue
        problems += 1
        print(name, traceback.format_exc(), file=sys.stderr)
sys.exit(bool(problems))
"""


def test_every_module_imports_alone() -> None:
    """In whatever order modules are imported, each comes up; what takes an extra, wherever that is installed."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = [
        package for extra in ("vision", "classroom", "cluster") for package in project["optional-dependencies"][extra]
    ]
    optional = [re.split(r"[^\w]", package)[0] for package in extras]
    python(ALONE, ",".join(["IPython", *optional]), *(module.name for module in modules()))


def test_light_modules_stay_light() -> None:
    """What a command line waits for imports nothing that takes long."""
    script = "import importlib, json, sys; importlib.import_module(sys.argv[1]); print(json.dumps(list(sys.modules)))"
    with ThreadPoolExecutor(2) as pool:
        found = dict(zip(LIGHT, pool.map(lambda name: json.loads(python(script, name)), LIGHT), strict=True))
    heavy = {name: sorted(set(found[name]) & set(unwanted)) for name, unwanted in LIGHT.items()}
    assert not {name: loaded for name, loaded in heavy.items() if loaded}


@pytest.mark.parametrize("folder", sorted(p.name for p in PACKAGE.iterdir() if (p / "__init__.py").is_file()))
def test_a_public_surface_is_sorted_and_true(folder: str) -> None:
    """`__init__.py` only says what the folder is for, and re-exports; what it names is there."""
    module = next(m for m in modules() if m.name == f"dlex.{folder}")
    namespace = json.loads(
        python(
            "import importlib, json, sys; m = importlib.import_module(sys.argv[1]);"
            "names = getattr(m, '__all__', None);"
            "print(json.dumps([names, [n for n in names or [] if hasattr(m, n)]]))",
            module.name,
        )
        if "__all__" in module.text
        else "[null, []]"
    )
    if namespace[0] is not None:
        upper = [name for name in namespace[0] if name.isupper()]
        rest = [name for name in namespace[0] if not name.isupper()]
        assert namespace[0] == sorted(upper) + sorted(rest)
        assert set(namespace[0]) <= set(namespace[1])


def test_a_server_is_stale_when_anything_that_it_imports_has_changed() -> None:
    """Every folder of what it serves counts, the folders within folders too."""
    package = Path(environment.__file__).resolve().parents[1]
    roots = {name.partition("/")[0] for name in environment.SERVED}
    folders = {path.parent.relative_to(package).as_posix() for root in roots for path in (package / root).rglob("*.py")}
    assert folders == set(environment.SERVED)
