"""Builds `autograder.zip` for Gradescope: dlex's wheel with the hidden side, how it is set up, and how it is run."""

from __future__ import annotations

import base64
import csv
import hashlib
import importlib.metadata
import io
import os
import subprocess
import tempfile
import tomllib
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec

import dlex
from dlex.classroom.release.wheel import BUILD, BUILD_SECONDS, PACKAGE, require_backend
from dlex.classroom.report.autograder_run import SETTINGS, Settings, failed
from dlex.classroom.report.gradescope import encode
from dlex.course.errors import CourseError, UsageError
from dlex.course.exercise import Course, Exercise
from dlex.course.text import Text
from dlex.interpreter import python_environment, python_script

TEMPLATES = Path(__file__).parent / "templates" / "autograder"
COMMENT = b"dlex autograder"  # by which a zip of dlex's own is known
COURSE_FOLDERS = ("exercises", "solutions", "grader/specs", "datasets")
PINNED = ("torch", "torchvision")
WHEN = (1980, 1, 1, 0, 0, 0)  # the same zip from the same files
RUNNER = "dlex/classroom/report/autograder_run.py"


def build_autograder(target: Path, exercises: Sequence[Exercise], settings: Settings, wheel: Path | None) -> None:
    """Write the zip to `target`; the wheel is made from this dlex if none is given.

    Raises `UsageError` if the wheel lacks what grading needs, `OSError` if `target` cannot be written.
    """
    course = exercises[0].course
    carried = settings.own_course
    with tempfile.TemporaryDirectory(prefix="dlex-wheel-") as folder:
        found = wheel or make_wheel(Path(folder))
        _require_whole(found, [] if carried else exercises)
        draft = target.with_name(f".{target.name}.{os.getpid()}.tmp")
        try:
            with zipfile.ZipFile(draft, "x", zipfile.ZIP_DEFLATED) as archive:
                archive.comment = COMMENT
                _fill(archive, settings, found)
                for name, path in _course_files(course) if carried else ():
                    _add(archive, f"course/{name}", path.read_bytes())
            os.replace(draft, target)
        finally:
            draft.unlink(missing_ok=True)


def is_autograder(path: Path) -> bool:
    """Whether a file is a zip that dlex has built."""
    try:
        with zipfile.ZipFile(path) as archive:
            return archive.comment == COMMENT
    except (OSError, zipfile.BadZipFile):
        return False


def is_packaged(course: Course) -> bool:
    """Whether this is the course that a wheel of this dlex carries."""
    return course.root in (PACKAGE / "_course", _checkout())


def pins() -> list[str]:
    """The versions that the marks are to be made with: those here, in the CPU build."""
    lines = []
    for name in PINNED:
        try:
            lines.append(f"{name}=={importlib.metadata.version(name).partition('+')[0]}")
        except importlib.metadata.PackageNotFoundError:
            continue
    return lines


def make_wheel(folder: Path) -> Path:
    """A wheel of this dlex in `folder`: built from the checkout, else put together from what is installed."""
    checkout = _checkout()
    if checkout is None:
        return _repack(folder)
    require_backend()
    done = subprocess.run(
        python_script(BUILD, str(folder)),
        cwd=checkout, env=python_environment(), capture_output=True, text=True, check=False, timeout=BUILD_SECONDS,
    )  # fmt: skip
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["?"])[-1]
        raise CourseError(
            Text(en="The wheel could not be built: {error}", zh="wheel 构建失败：{error}").format(error=last)
        )
    return folder / done.stdout.strip().splitlines()[-1]


def _checkout() -> Path | None:
    """The folder of the checkout that this dlex runs from, if it does."""
    root = PACKAGE.parents[1]
    try:
        table = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return root if table.get("project", {}).get("name") == "dlex" else None


def _repack(folder: Path) -> Path:
    """The installed files of dlex as a wheel again."""
    distribution = importlib.metadata.distribution("dlex")
    tags = [line.partition(": ")[2] for line in (distribution.read_text("WHEEL") or "").splitlines() if "Tag: " in line]
    wheel = folder / f"dlex-{dlex.__version__}-{tags[0] if tags else 'py3-none-any'}.whl"
    rows, record = [], ""
    with zipfile.ZipFile(wheel, "x", zipfile.ZIP_DEFLATED) as archive:
        for file in distribution.files or []:
            if (
                file.parts[0] == ".."
                or file.suffix == ".pyc"
                or file.name in ("INSTALLER", "REQUESTED", "direct_url.json")
            ):
                continue
            if file.name == "RECORD":
                record = file.as_posix()
                continue
            data = file.read_binary()
            digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
            rows.append((file.as_posix(), f"sha256={digest}", str(len(data))))
            _add(archive, file.as_posix(), data)
        text = io.StringIO()
        csv.writer(text, lineterminator="\n").writerows([*rows, (record, "", "")])
        _add(archive, record, text.getvalue().encode())
    return wheel


def _require_whole(wheel: Path, exercises: Sequence[Exercise]) -> None:
    """Raise `UsageError` unless the wheel is a teacher's, with all that grading these exercises needs."""
    try:
        with zipfile.ZipFile(wheel) as archive:
            names = set(archive.namelist())
    except (OSError, zipfile.BadZipFile):
        raise UsageError(
            Text(en=f"{wheel} is no wheel.", zh=f"{wheel} 不是 wheel 文件。"),
            Text(en="Leave --wheel out, and dlex makes one.", zh="不写 --wheel，dlex 会自己构建。"),
        ) from None
    wanted = {RUNNER: "dlex"}
    for exercise in exercises:
        wanted[f"dlex/_course/grader/specs/{exercise.spec.name}"] = exercise.name
        wanted[f"dlex/_course/solutions/{exercise.name}/{exercise.reference.name}"] = exercise.name
    missing = next((name for name in wanted if name not in names), None)
    if missing is not None or not wheel.name.startswith("dlex-"):
        raise UsageError(
            Text(
                en="{wheel} is no teacher's wheel of dlex: {missing} is not in it.",
                zh="{wheel} 不是教师版的 dlex wheel：其中没有 {missing}。",
            ).format(wheel=wheel.name, missing=missing or "dlex"),
            Text(en="Leave --wheel out, and dlex makes one.", zh="不写 --wheel，dlex 会自己构建。"),
        )


def _fill(archive: zipfile.ZipFile, settings: Settings, wheel: Path) -> None:
    _add(archive, "setup.sh", (TEMPLATES / "setup.sh").read_bytes(), mode=0o755)
    _add(archive, "run_autograder", (TEMPLATES / "run_autograder.sh").read_bytes(), mode=0o755)
    _add(archive, SETTINGS, msgspec.json.format(msgspec.json.encode(settings), indent=1) + b"\n")
    _add(archive, "failed.json", encode(failed(settings.language)).encode())
    _add(archive, "torch.txt", "".join(f"{line}\n" for line in pins()).encode())
    _add(archive, wheel.name, wheel.read_bytes())


def _course_files(course: Course) -> Iterator[tuple[str, Path]]:
    for folder in COURSE_FOLDERS:
        for path in sorted((course.root / folder).rglob("*")):
            name = path.relative_to(course.root)
            if path.is_file() and "__pycache__" not in name.parts and not any(p.startswith(".") for p in name.parts):
                yield name.as_posix(), path


def _add(archive: zipfile.ZipFile, name: str, data: bytes, mode: int = 0o644) -> None:
    info = zipfile.ZipInfo(name, WHEN)
    info.external_attr = (0o100000 | mode) << 16
    info.compress_type = zipfile.ZIP_DEFLATED
    archive.writestr(info, data)
