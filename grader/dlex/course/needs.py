"""What an exercise takes besides dlex itself: the packages that its stub imports, and which of them are not here.

Imports no torch: the command line asks before anything is graded.
"""

from __future__ import annotations

import ast
import importlib.metadata
import importlib.util
import re
import sys
from collections.abc import Iterable, Iterator

from dlex.course.exercise import Exercise
from dlex.course.text import Text, same

_IMPORT = re.compile(r"^\s*(from|import)\s+(.+)$", re.MULTILINE)
_NAME = re.compile(r"(?:^|,)\s*([^\W\d]\w*)")
_REQUIREMENT = re.compile(r"([\w.-]+).*\bextra\s*==\s*['\"]([\w-]+)['\"]")


def missing_packages(exercise: Exercise) -> tuple[str, ...]:
    """The packages that the stub imports and that are not installed here, by name."""
    text = _stub(exercise)
    absent = {name for name in _mentioned(text) if not _is_here(name, exercise)}
    # Most stubs lack nothing, which is seen without a syntax tree; a line of a docstring may begin with "from", too.
    return tuple(name for name in imported_packages(text) if name in absent) if absent else ()


def packages_of(exercise: Exercise) -> tuple[str, ...]:
    """The packages outside of Python's own library that the stub imports."""
    return tuple(name for name in imported_packages(_stub(exercise)) if name not in sys.stdlib_module_names)


def mentioned_packages(exercise: Exercise) -> tuple[str, ...]:
    """What the stub may import, without a syntax tree: a line of a docstring may begin with "from", too."""
    return tuple(dict.fromkeys(_mentioned(_stub(exercise))))


def imported_packages(text: str) -> tuple[str, ...]:
    """The packages that a module imports; what it tries to import (`try: import ...`) it can do without."""
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return ()
    return tuple(dict.fromkeys(_imports(tree)))


def how_to_install(packages: Iterable[str]) -> str:
    """The command that installs them: by the extras of dlex that bring them, by their own names where none does."""
    extras = _extras()
    wanted = dict.fromkeys(f"dlex[{extras[_folded(p)]}]" if _folded(p) in extras else p for p in packages)
    return "pip install " + " ".join(f"'{each}'" if "[" in each else each for each in wanted)


def install_advice(packages: Iterable[str]) -> Text:
    """What to do about packages that are missing."""
    return Text(en="Install it: `{command}`.", zh="请安装：`{command}`。").format(
        command=same(how_to_install(packages))
    )


def _stub(exercise: Exercise) -> str:
    try:
        return exercise.stub.read_text(encoding="utf-8")
    except (OSError, ValueError):  # whoever needs the file itself says so
        return ""


def _mentioned(text: str) -> Iterator[str]:
    for keyword, rest in _IMPORT.findall(text):
        yield from _NAME.findall(rest)[: 1 if keyword == "from" else None]


def _imports(node: ast.AST) -> Iterator[str]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in child.names)
        elif isinstance(child, ast.ImportFrom):
            if not child.level and child.module:
                yield child.module.partition(".")[0]
        elif not isinstance(child, ast.Try):
            yield from _imports(child)


def _is_here(name: str, exercise: Exercise) -> bool:
    if sys.modules.get(name) is not None or name in sys.stdlib_module_names:
        return True
    if (exercise.folder / f"{name}.py").is_file() or (exercise.folder / name).is_dir():
        return True
    try:
        return importlib.util.find_spec(name) is not None
    except (ImportError, ValueError):
        return False


def _extras() -> dict[str, str]:
    """The extra of dlex that brings each package; nothing where dlex runs without being installed."""
    try:
        required = importlib.metadata.requires("dlex") or []
    except importlib.metadata.PackageNotFoundError:
        return {}
    found = [match for match in map(_REQUIREMENT.match, required) if match]
    # Of several the first, in the order of pyproject.toml: `dev` comes last there.
    return {_folded(match[1]): match[2] for match in reversed(found)}


def _folded(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
