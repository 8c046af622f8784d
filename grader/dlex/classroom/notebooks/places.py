"""Where nbgrader keeps things in a course's folder."""

from __future__ import annotations

from pathlib import Path

CONFIG = "nbgrader_config.py"
TIMESTAMP = "timestamp.txt"


def is_course(folder: Path) -> bool:
    """Whether a folder is an nbgrader course."""
    return (folder / CONFIG).is_file()
