"""Builds the students' wheel with hatchling's backend in a folder of its own, without network or isolation."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import re
import shutil
import subprocess
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import dlex
from dlex.classroom.release.toml_text import toml_list, toml_string
from dlex.course.errors import CourseError, UsageError
from dlex.course.text import Text
from dlex.interpreter import python_environment, python_script

PACKAGE = Path(dlex.__file__).resolve().parent
# The folders of what only teachers and authors use.
TEACHERS = ("authoring", "classroom", "cli/author", "cli/teacher")
NOT_PACKAGE = ("_course", "__pycache__")
CARRIED = (".py", ".mo", ".json", ".toml", ".css", ".js", ".html", ".svg", ".typed")
LABEL = "students"
EXTRAS = ("vision",)
BUILD_SECONDS = 120
BUILD = "import sys; from hatchling.build import build_wheel; print(build_wheel(sys.argv[1]))"
README = """# dlex, the students' edition

Deep-learning exercises for PyTorch. You edit a stub and check it; dlex says what is wrong, and why.

    dlex start my-exercises && cd my-exercises
    dlex list            # what there is
    dlex show 01         # the problem
    dlex check 01        # grade your file
    dlex hint 01         # the next hint

This edition holds the exercises with their public checks. Your work is graded with more checks than these.

# dlex 学生版

PyTorch 深度学习练习：修改初始文件，然后检查；dlex 会指出哪里错了、为什么错。用法同上。

学生版包含练习和公开的检查项；正式评分时还会运行更多检查项。
"""


@dataclass(frozen=True, kw_only=True)
class Project:
    """What the metadata of the students' wheel takes over from this dlex."""

    description: str
    requires_python: str
    license: str
    dependencies: tuple[str, ...]
    extras: dict[str, tuple[str, ...]]


def require_backend() -> None:
    """Raise `UsageError` if hatchling is not installed."""
    if importlib.util.find_spec("hatchling") is None:
        raise UsageError(
            Text(en="Building a wheel needs hatchling.", zh="构建 wheel 需要 hatchling。"),
            Text(en="`pip install 'dlex[classroom]'` brings it.", zh="请运行 `pip install 'dlex[classroom]'` 安装。"),
        )


def build(stage: Path, output: Path) -> Path:
    """Complete `stage`, whose `dlex/_course` is the students' course, and build its wheel into `output`.

    Raises `UsageError` without hatchling, `CourseError` if the backend fails.
    """
    require_backend()
    version = students_version(dlex.__version__)
    copy_package(PACKAGE, stage / "dlex", version)
    (stage / "README.md").write_text(README, encoding="utf-8")
    licence = _licence()
    if licence is not None:
        (stage / "LICENSE").write_bytes(licence)
    (stage / "pyproject.toml").write_text(project_file(_project(), version, licence is not None), encoding="utf-8")
    output.mkdir(parents=True, exist_ok=True)
    return output / _run_backend(stage, output)


def _run_backend(stage: Path, output: Path) -> str:
    """The name of the wheel that hatchling makes of `stage`."""
    try:
        done = subprocess.run(
            python_script(BUILD, str(output.resolve())), cwd=stage, env=python_environment(),
            capture_output=True, text=True, check=True, timeout=BUILD_SECONDS, encoding="utf-8",
        )  # fmt: skip
    except (subprocess.SubprocessError, OSError) as error:
        told = (getattr(error, "stderr", None) or "").strip().splitlines()[-1:] or [str(error)]
        raise CourseError(
            Text(en="The wheel could not be built: {error}", zh="wheel 构建失败：{error}").format(error=told[0])
        ) from error
    return done.stdout.strip().splitlines()[-1]


def students_version(version: str) -> str:
    """The version with the local label that marks the students' edition."""
    return f"{version}.{LABEL}" if "+" in version else f"{version}+{LABEL}"


def copy_package(package: Path, target: Path, version: str) -> None:
    """Copy dlex without what only teachers and authors use."""
    left_out = [package / name for name in (*TEACHERS, *NOT_PACKAGE)]
    for source in sorted(package.rglob("*")):
        name = source.relative_to(package)
        if "__pycache__" in name.parts or any(map(source.is_relative_to, left_out)):
            continue
        if source.is_file() and (source.suffix in CARRIED or source.name == "py.typed"):
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, target / name)
    top = target / "__init__.py"
    changed, count = re.subn(r'(?m)^__version__ = ".*"$', f'__version__ = "{version}"', top.read_text(encoding="utf-8"))
    assert count == 1, "dlex/__init__.py says its version in another way"
    top.write_text(changed, encoding="utf-8")


def project_file(project: Project, version: str, has_licence: bool) -> str:
    """The students' `pyproject.toml`."""
    files = ['license-files = ["LICENSE"]'] if has_licence else []
    extras = [f"{name} = {toml_list(lines)}" for name, lines in project.extras.items()]
    return "\n".join(
        [
            "[build-system]",
            'requires = ["hatchling>=1.25"]',
            'build-backend = "hatchling.build"',
            "[project]",
            'name = "dlex"',
            f"version = {toml_string(version)}",
            f"description = {toml_string(project.description)}",
            'readme = "README.md"',
            f"license = {toml_string(project.license)}",
            *files,
            f"requires-python = {toml_string(project.requires_python)}",
            f"dependencies = {toml_list(project.dependencies)}",
            "[project.optional-dependencies]",
            *extras,
            "[project.scripts]",
            'dlex = "dlex.__main__:main"',
            "[project.entry-points.pytest11]",
            'dlex = "dlex.server.plain_pytest"',
            "[tool.hatch.build]",
            # Whatever a folder above this one tells git to ignore is no concern of this build.
            "ignore-vcs = true",
            "[tool.hatch.build.targets.wheel]",
            'only-include = ["dlex"]',
            "",
        ]
    )


def _project() -> Project:
    """From the checkout's `pyproject.toml`, which an old installation may not know yet; else from the metadata."""
    path = PACKAGE.parents[1] / "pyproject.toml"
    if path.is_file():
        table = tomllib.loads(path.read_text(encoding="utf-8")).get("project", {})
        if table.get("name") == "dlex":
            return _of_table(table)
    return _of_metadata()


def _of_table(table: dict[str, Any]) -> Project:
    extras = table.get("optional-dependencies", {})
    return Project(
        description=table["description"],
        requires_python=table["requires-python"],
        license=table["license"],
        dependencies=tuple(table["dependencies"]),
        extras={name: tuple(extras[name]) for name in EXTRAS if name in extras},
    )


def _of_metadata() -> Project:
    told = importlib.metadata.metadata("dlex")
    required = importlib.metadata.requires("dlex") or []
    return Project(
        description=told["Summary"],
        requires_python=told["Requires-Python"],
        license=told["License-Expression"],
        dependencies=tuple(line for line in required if "extra ==" not in line),
        extras={name: _of_extra(required, name) for name in EXTRAS if name in (told.get_all("Provides-Extra") or [])},
    )


def _of_extra(required: Sequence[str], name: str) -> tuple[str, ...]:
    mark = re.compile(rf"""\s*;\s*extra == ['"]{name}['"]$""")
    return tuple(mark.sub("", line) for line in required if mark.search(line))


def _licence() -> bytes | None:
    """The text of the licence: of the checkout, else of the installation."""
    path = PACKAGE.parents[1] / "LICENSE"
    if path.is_file():
        return path.read_bytes()
    try:
        files = importlib.metadata.files("dlex") or []
    except importlib.metadata.PackageNotFoundError:
        return None
    found = next((file for file in files if file.name == "LICENSE"), None)
    return found.read_binary() if found is not None else None
