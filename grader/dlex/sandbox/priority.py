"""Attempts yield the processor to the judge, the server, and whatever else the user runs."""

from __future__ import annotations

import contextlib
import errno
import os

# A third of the weight of what is not niced: a judge comes first, and an attempt on a machine that is busy with other
# work still has its turns.  At 10, beside four busy sessions on two processors, it got 1 s of processor time in 20 s.
NICENESS = 5
# For processes that do little but wake each other: on Linux 6.18 four of them at 5 kept two processors from all others
# for seconds at a time, at 10 for half a second, and at 15 not at all.
STORM_NICENESS = 15


def lower() -> None:
    """Makes this process nice, and so all that it starts; without CAP_SYS_NICE there is no way back."""
    if hasattr(os, "nice"):
        with contextlib.suppress(OSError):
            os.nice(NICENESS)


def lower_session(leader: int, niceness: int = NICENESS) -> bool:
    """Makes the session of a process nice as a whole; False if the kernel asks to be asked again later.

    Where the kernel schedules by session (autogroup), niceness counts only within one.  All that an attempt starts
    stays in its guard's session, which so gets one share of the processor, however many processes there are.  The
    kernel lets an ordinary user change a session only ten times a second on the whole machine.
    """
    try:
        with open(f"/proc/{leader}/autogroup", "w", encoding="ascii") as file:
            file.write(str(niceness))
    except OSError as error:
        return error.errno != errno.EAGAIN
    return True
