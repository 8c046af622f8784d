"""What follows when a judge dies over what an attempt answered, by a fault in C code or at the system's hand.

Once may be chance, or the machine's lack of memory, so the attempt is graded again.  When judges go on dying, the
checks in which they do are the attempt's loss, and at last all of them: no attempt is graded for ever.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from dlex.course.text import Text
from dlex.protocol.result import Finding, Verdict

BELIEVED = 2  # so many judges must have died before it is told as the attempt's doing
HOPELESS = 3  # after so many, no check is run any more

GIVEN_UP = Finding(
    verdict=Verdict.CRASHED,
    message=Text(
        en="The process that checks your code died more than once while it handled what your code returned, so this "
        "check was given up.",
        zh="检查进程在处理你的代码返回的内容时不止一次崩溃，因此放弃了这项检查。",
    ),
    next_step=Text(
        en="Return plain tensors, numbers and lists of a sensible size.", zh="请返回大小合理的张量、数或列表。"
    ),
)


def refused(died: Sequence[str], checks: Iterable[str]) -> dict[str, Finding]:
    """The checks that are not run any more, with what is told instead; `died` names a check for each judge lost."""
    if len(died) < BELIEVED:
        return {}
    return dict.fromkeys(died if len(died) < HOPELESS else checks, GIVEN_UP)
