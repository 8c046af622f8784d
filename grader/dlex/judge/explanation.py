"""Findings for the ways in which an attempt fails before there is a value to compare: raised, crashed, out of time."""

from __future__ import annotations

import difflib
import signal as signals

import msgspec

from dlex.course.text import Text, same
from dlex.judge import misplaced
from dlex.judge.advice import advice_for
from dlex.judge.slips import slip_in
from dlex.kit.own_fault import MEMORY_SIGNS
from dlex.protocol import wire
from dlex.protocol.result import MAX_RAISED, Finding, Frame, RaisedException, Verdict

MAX_PLACES = 3  # lines of the learner's that are shown of what ran out of time
BUSY_SHARE = 0.25  # of the limit: with so much more of the processor, it might have finished
ENDLESS = Text(
    en="Look for a loop that never ends, or work that is repeated for every element.",
    zh="请检查是否有不会结束的循环，或对每个元素重复的计算。",
)
LARGE = Text(
    en="Look for a result that is far larger than it should be, or work that is repeated for every element.",
    zh="请检查返回的内容是否远远大于应有的大小，或是否对每个元素重复计算。",
)
KEPT = Text(
    en="The check itself got {worked:.1f} s of a processor: look for processes or threads that your code starts; if it "
    "starts none, this machine was busy: check again when less is running.",
    zh="检查本身只得到 {worked:.1f} 秒的处理器时间：请查看你的代码启动的进程或线程；如果没有，那就是这台机器太忙，"
    "请在运行的程序较少时再检查一次。",
)
BUSY = Text(
    en="This machine was busy, and your code waited {lacked:.0f} s for a processor: check again when less is running.",
    zh="这台机器很忙，你的代码等待处理器 {lacked:.0f} 秒：请在运行的程序较少时再检查一次。",
)


def raised(reply: wire.Raised) -> Finding:
    """The learner's code raised an exception."""
    where = reply.frames[-1] if reply.frames else None
    exception = _exception(reply)
    found = _raised(reply, exception, where)
    return msgspec.structs.replace(found, raised=exception, line=where.line if where is not None else None)


def _exception(reply: wire.Raised) -> RaisedException:
    """The exception as a fact; an attempt may have named it in any way."""
    kind, message = (next(iter(text.strip().splitlines()), "") for text in (reply.kind, reply.message))
    return RaisedException(kind=kind, bases=tuple(reply.bases), message=message[:MAX_RAISED].rstrip(" :"))


def _raised(reply: wire.Raised, exception: RaisedException, where: Frame | None) -> Finding:
    if "NotImplementedError" in reply.bases and where is not None and "NotImplementedError" in where.code:
        return _not_written(where)
    if "OutOfMemoryError" in reply.bases and "CUDA" in reply.message:
        return msgspec.structs.replace(_out_of_memory(tuple(reply.frames)), verdict=Verdict.OUT_OF_GPU_MEMORY)
    if "MemoryError" in reply.bases or any(sign in reply.message.lower() for sign in MEMORY_SIGNS):
        return _out_of_memory(tuple(reply.frames))
    device = misplaced.explain(reply)
    if device is not None:
        return _on_wrong_device(reply, *device)
    return Finding(
        verdict=Verdict.RAISED,
        message=Text(en="Your code raised {error}", zh="你的代码抛出了异常 {error}").format(error=str(exception)),
        traceback=tuple(reply.frames),
        next_step=_advice(reply),
    )


def _advice(reply: wire.Raised) -> Text | None:
    code = [frame.code for frame in reply.frames]
    slip = slip_in(reply.bases, reply.message, code, reply.near)
    return advice_for(reply.bases, reply.message) if slip is None else slip


def _on_wrong_device(reply: wire.Raised, told: Text, advice: Text) -> Finding:
    return Finding(
        verdict=Verdict.WRONG_DEVICE,
        message=told + Text(en=".", zh="。"),
        traceback=tuple(reply.frames),
        next_step=advice,
    )


SCRIPT = Text(
    en="Put what runs below your definitions under `if __name__ == '__main__':`.",
    zh="请把定义之外要执行的代码放到 `if __name__ == '__main__':` 之下。",
)


def _not_written(where: Frame) -> Finding:
    return Finding(
        verdict=Verdict.UNATTEMPTED,
        message=Text(en="`{name}` is not written yet.", zh="`{name}` 还没有写。").format(name=where.function),
    )


def _out_of_memory(frames: tuple[Frame, ...] = ()) -> Finding:
    return Finding(
        verdict=Verdict.OUT_OF_MEMORY,
        message=Text(en="Your code used more memory than it may.", zh="你的代码使用的内存超过了限制。"),
        traceback=frames,
        next_step=Text(
            en="Look for a tensor that grows with every step, or a shape far larger than the batch.",
            zh="请检查是否有随步数增长的张量，或远大于一个批次的形状。",
        ),
    )


def missing(reply: wire.Missing) -> Finding:
    """The learner's module lacks a name that the check needs."""
    close = difflib.get_close_matches(reply.name, reply.present, n=1)
    folded = [name for name in reply.present if name.lower() == reply.name.lower()]
    guess = (folded or close or [""])[0]
    hint = Text(
        en="Is it your `{guess}`? Names must be as in the stub.", zh="是 `{guess}` 吗？名字必须与初始文件一致。"
    )
    plain = Text(en="Define it under exactly this name.", zh="请用完全相同的名字定义它。")
    return Finding(
        verdict=Verdict.UNATTEMPTED,
        message=Text(en="Your file defines no `{name}`.", zh="你的文件里没有定义 `{name}`。").format(name=reply.name),
        next_step=hint.format(guess=guess) if guess else plain,
    )


def timed_out(seconds: float, *, lacked: float = 0.0, places: tuple[Frame, ...] = ()) -> Finding:
    """A check, or the import, took longer than its limit of `seconds`; then it was at `places`, the outermost first.

    `lacked` seconds of processor time its process did not have because others had them.
    """
    at_top_level = bool(places) and places[0].function == "<module>"
    return Finding(
        verdict=Verdict.TIMEOUT,
        line=places[-1].line if places else None,
        traceback=places[-MAX_PLACES:],
        message=Text(
            en="Your code did not finish within the limit of {limit:g} s.",
            zh="你的代码在 {limit:g} 秒的时限内没有结束。",
        ).format(limit=seconds),
        next_step=BUSY.format(lacked=lacked) if lacked > BUSY_SHARE * seconds else SCRIPT if at_top_level else ENDLESS,
    )


def stuck_again(function: str) -> Finding:
    """A check was stopped at once, for it is in the function in which an earlier one ran out of time."""
    return Finding(
        verdict=Verdict.FOLLOWS,
        message=Text(
            en="Stopped early: your code was in `{name}` again, where an earlier check ran out of time.",
            zh="提前停止：你的代码又运行到了 `{name}`，前面的检查就是在那里超时的。",
        ).format(name=function),
        follows=(function,),
    )


def out_of_total_time(seconds: float) -> Finding:
    """The limit of the whole exercise, `seconds`, is used up."""
    return Finding(
        verdict=Verdict.TIMEOUT,
        message=Text(
            en="The time for the whole exercise, {limit:g} s, is used up.", zh="整个练习的总时限 {limit:g} 秒已经用完。"
        ).format(limit=seconds),
        next_step=Text(
            en="Look first at what took it: a slow import, or the checks above that ran out of time.",
            zh="请先看时间花在哪里：导入太慢，或前面的检查超时。",
        ),
    )


def out_of_processor_time(seconds: int) -> Finding:
    """The processor time of the whole attempt, over all its processes, is used up."""
    return Finding(
        verdict=Verdict.TIMEOUT,
        message=Text(
            en="Your code used up its processor time: {limit} s over all its processes and threads.",
            zh="你的代码用完了处理器时间：所有进程和线程合计 {limit} 秒。",
        ).format(limit=seconds),
        next_step=Text(
            en="Look for processes or threads that it starts and that never stop working.",
            zh="请检查它启动的进程或线程是否一直在运行而不结束。",
        ),
    )


def late(seconds: float, *, worked: float) -> Finding:
    """A check took longer than its limit of `seconds` though the attempt had answered: the judge is still at it.

    `worked` seconds of processor time the judge had: so few that it was kept from working, or it has too much to do.
    """
    return Finding(
        verdict=Verdict.TIMEOUT,
        message=Text(
            en="The check did not finish within the limit of {limit:g} s.", zh="检查在 {limit:g} 秒的时限内没有结束。"
        ).format(limit=seconds),
        next_step=KEPT.format(worked=worked) if worked < BUSY_SHARE * seconds else LARGE,
    )


def crashed(code: int | None, signal: int | None, reason: str | None) -> Finding:
    """The attempt process ended by itself in the middle of a request."""
    if reason == "memory":
        return _out_of_memory()
    if signal == getattr(signals, "SIGKILL", -1):
        how = Text(en="it was stopped for using too much (signal {n})", zh="因占用过多资源而被终止（信号 {n}）")
    elif signal is not None:
        how = Text(en="it died of signal {n}", zh="因信号 {n} 而崩溃")
    else:
        how = Text(en="it left with exit code {n}", zh="自行退出，退出码 {n}")
    how = how.format(n=signal if signal is not None else code)
    return Finding(
        verdict=Verdict.CRASHED,
        message=Text(en="Your code ended its own process: {how}.", zh="你的代码结束了自己的进程：{how}。").format(
            how=how
        ),
        next_step=Text(
            en="Look for `os._exit`, `exit`, or a call outside Python that broke.",
            zh="请检查 `os._exit`、`exit`，或 Python 之外的调用。",
        ),
    )


def broken_wire(detail: str) -> Finding:
    """The attempt process sent something that is not of the protocol."""
    return Finding(
        verdict=Verdict.CRASHED,
        message=Text(
            en="Your code's process sent something that is no answer ({detail}).",
            zh="你的代码所在进程发回的内容不是有效的回答（{detail}）。",
        ).format(detail=same(detail[:120])),
        next_step=Text(
            en="Return plain tensors, numbers and lists of a sensible size.",
            zh="请返回大小合理的张量、数或列表。",
        ),
    )


def gone() -> Finding:
    """The attempt process ended earlier in the same check."""
    return Finding(
        verdict=Verdict.CRASHED,
        message=Text(
            en="Your code's process had already ended in this check.", zh="在这个检查中，你的代码所在进程已经结束。"
        ),
    )
