"""`dlex author new`: lays out a new exercise that already runs, to be changed piece by piece into the real one."""

from __future__ import annotations

import re
from pathlib import Path
from string import Template

from dlex.course.errors import UsageError
from dlex.course.exercise import Course
from dlex.course.text import Text

TEMPLATES = Path(__file__).with_name("template")
NAME = re.compile(r"\d\d_[a-z][a-z0-9_]*")


def create(course: Course, name: str, track: str | None = None) -> Path:
    """Make the exercise `16_my_topic`; returns its folder.  Raises `UsageError` for a bad name or one that exists."""
    if not NAME.fullmatch(name):
        raise UsageError(
            Text(
                en=f"{name!r} is no name for an exercise: two digits, then words in lower case, such as 16_dropout.",
                zh=f"“{name}” 不能作为练习名：应为两位数字加小写单词，例如 16_dropout。",
            )
        )
    if (course.root / "exercises" / name).exists() or any(e.number == name[:2] for e in course.exercises):
        raise UsageError(
            Text(en=f"There is an exercise {name[:2]} already.", zh=f"编号 {name[:2]} 的练习已经存在。"),
            Text(en="Take the next free number.", zh="请使用下一个空闲的编号。"),
        )
    number, _, slug = name.partition("_")
    values = {
        "number": number,
        "slug": slug,
        "title": slug.replace("_", " ").capitalize(),
        "track": track or course.info.tracks[-1].id,
    }
    for target, source in _layout(course.root, name, slug).items():
        target.parent.mkdir(parents=True, exist_ok=True)
        text = Template((TEMPLATES / source).read_text(encoding="utf-8")).substitute(values)
        target.write_text(text, encoding="utf-8")
    return course.root / "exercises" / name


def _layout(root: Path, name: str, slug: str) -> dict[Path, str]:
    """Each file of an exercise and the template that it comes from."""
    exercise, solution = root / "exercises" / name, root / "solutions" / name
    pages = {exercise / f"{p}{s}.md": f"{p}{s}.md.txt" for p in ("README", "hints") for s in ("", ".zh-CN")}
    return pages | {
        exercise / "exercise.toml": "exercise.toml",
        exercise / f"{slug}.py": "stub.py.txt",
        exercise / "picture.svg": "picture.svg",
        solution / f"{slug}.py": "reference.py.txt",
        solution / "walkthrough.md": "walkthrough.md.txt",
        solution / "walkthrough.zh-CN.md": "walkthrough.zh-CN.md.txt",
        solution / "mistakes.py": "mistakes.py.txt",
        solution / "accepted" / "sum.py": "accepted.py.txt",
        root / "grader" / "specs" / f"test_{name}.py": "spec.py.txt",
    }
