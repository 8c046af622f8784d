"""What determines a result: the attempt, the exercise's hidden side, the device, and the versions that graded it."""

from __future__ import annotations

import functools
import hashlib
import importlib.metadata
from pathlib import Path

import dlex
from dlex.course.exercise import Exercise
from dlex.course.text import LANGUAGES


def result_key(text: str, exercise: Exercise, device: str) -> str:
    """A name for the result of this source text: the same if and only if nothing that determines it has changed."""
    digest = hashlib.blake2b(digest_size=20)
    versions = (dlex.__version__, _torch_version(), device)
    for part in (text, spec_hash(exercise.course.root, exercise), *versions):
        data = part.encode("utf-8", "surrogatepass")
        digest.update(len(data).to_bytes(8, "big") + data)
    return digest.hexdigest()


@functools.cache
def _spec_hash(files: tuple[tuple[Path, int, int], ...], told: tuple[str, ...]) -> str:
    digest = hashlib.blake2b("\0".join(told).encode(), digest_size=20)
    for path, _changed, _size in files:
        digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def spec_hash(root: Path, exercise: Exercise) -> str:
    """A hash of all that an exercise is judged by: spec and its sentences, reference, stub, limits, data."""
    data = (path for name in exercise.info.data for path in _below(root / "datasets" / name))
    files = [exercise.spec, exercise.reference, exercise.stub, exercise.folder / "exercise.toml", *data]
    known = ((path, path.stat()) for path in files if path.is_file())
    return _spec_hash(tuple((path, found.st_mtime_ns, found.st_size) for path, found in known), _told(exercise))


def _told(exercise: Exercise) -> tuple[str, ...]:
    """The sentences that the spec can tell: they stand in a result.  The hints beside them do not."""
    named = exercise.diagnoses
    sections = [exercise.hints(language).by_diagnosis for language in (LANGUAGES if named else ())]
    return tuple(found[name].sentence for name in named for found in sections if name in found)


def _below(path: Path) -> list[Path]:
    return sorted(p for p in path.rglob("*") if p.is_file()) if path.is_dir() else [path]


@functools.cache
def _torch_version() -> str:
    return importlib.metadata.version("torch")
