"""What can be wrong with what a user handed in.  Each becomes one sentence on the screen and an exit code.

DlexError
├── UsageError      exit 2: the command cannot be meant so (no such exercise, no such file)
├── AttemptError    exit 3: the attempt cannot be read or run
└── CourseError     exit 4: the course itself is broken
"""

from __future__ import annotations

from dlex.course.text import Text

ANOTHER_PLACE = Text(en="Choose another place.", zh="请选择其他位置。")


class DlexError(Exception):
    """Something to say to the user, in both languages; `next_step` says what to do about it."""

    exit_code = 4

    def __init__(self, message: Text, next_step: Text | None = None) -> None:
        super().__init__(message.en)
        self.message = message
        self.next_step = next_step


class UsageError(DlexError):
    """The command cannot be meant so."""

    exit_code = 2


class AttemptError(DlexError):
    """The attempt cannot be read or run."""

    exit_code = 3


class CourseError(DlexError):
    """The course itself is broken: never the learner's fault."""

    exit_code = 4


def cannot_write(path: object, error: OSError | ValueError, next_step: Text = ANOTHER_PLACE) -> UsageError:
    """What to say of a file or folder that cannot be written."""
    reason = getattr(error, "strerror", None) or error
    return UsageError(Text(en=f"{path} cannot be written: {reason}.", zh=f"无法写入 {path}：{reason}。"), next_step)
