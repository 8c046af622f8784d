"""Findings for the ways in which an attempt fails before there is a value to compare: raised, crashed, out of time."""

from __future__ import annotations

import difflib
import signal as signals

import msgspec

from dlex.course.exercise import Exercise
from dlex.course.text import Text, same
from dlex.grading import left_behind, wire
from dlex.grading.result import Finding, Frame, Verdict

MAX_SKIPPED = 3
MEMORY_SIGNS = ("can't allocate memory", "cannot allocate memory", "not enough memory", "out of memory")


def raised(reply: wire.Raised) -> Finding:
    """The learner's code raised an exception."""
    where = reply.frames[-1] if reply.frames else None
    if "NotImplementedError" in reply.bases and where is not None:
        return _not_written(where)
    if "OutOfMemoryError" in reply.bases and "CUDA" in reply.message:
        return msgspec.structs.replace(_out_of_memory(tuple(reply.frames)), verdict=Verdict.OUT_OF_GPU_MEMORY)
    if "MemoryError" in reply.bases or any(sign in reply.message.lower() for sign in MEMORY_SIGNS):
        return _out_of_memory(tuple(reply.frames))
    device = left_behind.explain(reply)
    if device is not None:
        return _on_wrong_device(reply, *device)
    text = f"{reply.kind}: {reply.message}" if reply.message else reply.kind
    first = text.strip().splitlines()[0][:300].rstrip(" :") if text.strip() else reply.kind
    finding = Finding(
        verdict=Verdict.RAISED,
        message=Text(en="Your code raised {error}", zh="你的代码抛出了异常 {error}").format(error=same(first)),
        traceback=tuple(reply.frames),
        next_step=_advice(reply),
    )
    if where is None:
        return finding
    return msgspec.structs.replace(finding, message=finding.message + _in_line(where))


def _in_line(where: Frame) -> Text:
    return Text(en=" (line {line})", zh="（第 {line} 行）").format(line=where.line)


def _on_wrong_device(reply: wire.Raised, told: Text, advice: Text) -> Finding:
    end = _in_line(reply.frames[-1]) if reply.frames else same("")
    return Finding(
        verdict=Verdict.WRONG_DEVICE,
        message=told + end + Text(en=".", zh="。"),
        traceback=tuple(reply.frames),
        next_step=advice,
    )


SKIPPED = {
    "network": Text(
        en="Line {line} asks for the network, which there is not while grading: it was skipped.",
        zh="第 {line} 行要访问网络，评测时没有网络：已跳过该语句。"),
    "file": Text(
        en="Line {line} asks for a file that is not there while grading: it was skipped.",
        zh="第 {line} 行要读写的文件在评测时不存在：已跳过该语句。"),
    "input": Text(
        en="Line {line} asks for input, which nobody gives while grading: it was skipped.",
        zh="第 {line} 行等待键盘输入，评测时没有输入：已跳过该语句。"),
}  # fmt: skip
SCRIPT = Text(
    en="Put what runs below your definitions under `if __name__ == '__main__':`.",
    zh="请把定义之外要执行的代码放到 `if __name__ == '__main__':` 之下。",
)


def skipped(told: object) -> tuple[Text, ...]:
    """Notes on what the attempt process says that it skipped; what it says in any other form tells nothing."""
    pairs = [pair for pair in told if isinstance(pair, list) and len(pair) == 2] if isinstance(told, list) else []
    notes = [
        SKIPPED[kind].format(line=line)
        for line, kind in pairs[:MAX_SKIPPED]
        if isinstance(line, int) and isinstance(kind, str) and kind in SKIPPED
    ]
    return (*notes, SCRIPT) if notes else ()


def no_device(asked: str, exercise: Exercise) -> Finding:
    """The device that was asked for cannot be had, or is not for this exercise."""
    devices = exercise.info.devices
    if asked == "cuda" and "cuda" in devices:
        message = Text(
            en="There is no CUDA device here that torch can use.", zh="这里没有 torch 可以使用的 CUDA 设备。"
        )
    else:
        message = Text(en="This exercise is not graded on {asked}.", zh="该练习不能在 {asked} 上评测。").format(
            asked=asked
        )
    return Finding(
        verdict=Verdict.NOT_RUN,
        message=message,
        next_step=Text(
            en="Say `--device {first}`, or leave it out; `dlex doctor` tells which devices there are.",
            zh="请使用 `--device {first}`，或省略该选项；`dlex doctor` 会说明有哪些设备。",
        ).format(first="sim" if "sim" in devices else devices[0]),
    )


def _not_written(where: Frame) -> Finding:
    return Finding(
        verdict=Verdict.UNATTEMPTED,
        message=Text(en="`{name}` is not written yet (line {line}).", zh="`{name}` 还没有写（第 {line} 行）。").format(
            name=where.function, line=where.line
        ),
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


# What a learner's exception usually means: the class, a part of its message, and what to look at.
ADVICE: tuple[tuple[str, str, Text], ...] = (
    ("AttributeError", "before Module.__init__() call", Text(
        en="Call `super().__init__()` first in your `__init__`.",
        zh="请在 `__init__` 中最先调用 `super().__init__()`。")),
    ("RuntimeError", "does not require grad", Text(
        en="The value is cut off from its graph: look for `.detach()`, `.data`, `.item()` or `torch.tensor(...)`.",
        zh="这个值脱离了计算图：检查 `.detach()`、`.data`、`.item()` 或 `torch.tensor(...)`。")),
    ("RuntimeError", "backward through the graph a second time", Text(
        en="A value of the last step is still in the graph: make it new in each step, or detach it.",
        zh="上一步的值还留在计算图里：每一步重新创建它，或者 detach。")),
    ("RuntimeError", "leaf Variable that requires grad", Text(
        en="Update parameters inside `with torch.no_grad():`.",
        zh="请在 `with torch.no_grad():` 中更新参数。")),
    ("RuntimeError", "expected scalar type", Text(
        en="Two dtypes meet: compare the dtype of the data with that of the parameters.",
        zh="出现了两种 dtype：请比较数据与参数的 dtype。")),
    ("RuntimeError", "must have the same dtype", Text(
        en="Two dtypes meet: compare the dtype of the data with that of the parameters.",
        zh="出现了两种 dtype：请比较数据与参数的 dtype。")),
    ("IndexError", "invalid index of a 0-dim tensor", Text(
        en="`loss.data[0]` is the way of PyTorch 0.3: write `loss.item()`.",
        zh="`loss.data[0]` 是 PyTorch 0.3 的写法：请用 `loss.item()`。")),
    ("RuntimeError", "shapes cannot be multiplied", Text(
        en="Print both shapes just before this line: the inner sizes of a matrix product must agree.",
        zh="在这一行之前打印两个形状：矩阵乘法的内侧维度必须相同。")),
    ("RuntimeError", "Sizes of tensors must match except in dimension", Text(
        en="The parts differ in a dimension that `torch.cat` does not join: compare their shapes.",
        zh="各部分在 `torch.cat` 不拼接的维度上大小不同：请比较它们的形状。")),
    ("RuntimeError", "only one element tensors can be converted", Text(
        en="A whole tensor stands where one number is needed: reduce it first, by its mean or its sum.",
        zh="这里需要一个数，却得到了整个张量：请先用 mean 或 sum 归约。")),
    ("ValueError", "Using a target size", Text(
        en="Prediction and label differ in shape: bring both to the same one.",
        zh="预测与标签的形状不同：请把二者变成同样的形状。")),
    ("EOFError", "", Text(
        en="The attempt cannot ask for input: take `input()` out.", zh="评测时不能输入：请去掉 `input()`。")),
    ("SystemExit", "", Text(en="Take `exit()` out of the file.", zh="请去掉文件中的 `exit()`。")),
    ("ModuleNotFoundError", "", Text(
        en="Use only what is installed: torch, numpy and matplotlib.",
        zh="请只使用已安装的库：torch、numpy、matplotlib。")),
    ("URLError", "", Text(en="There is no network while grading: read the data that came with the exercise.",
                          zh="评测时没有网络：请读取练习自带的数据。")),
    ("gaierror", "", Text(en="There is no network while grading: read the data that came with the exercise.",
                          zh="评测时没有网络：请读取练习自带的数据。")),
    ("FileNotFoundError", "", Text(
        en="Use the path that the function is given; an attempt sees only its own folder and the course's data.",
        zh="请使用传入函数的路径；评测时只能看到自己的文件夹和课程数据。")),
    ("PermissionError", "", Text(
        en="An attempt may write only to its own temporary folder, and read its own folder and the course's data.",
        zh="评测时只能写入自己的临时文件夹，只能读取自己的文件夹和课程数据。")),
    ("TypeError", "positional argument", Text(
        en="Compare the arguments of your function with those of the stub.", zh="请对照初始文件检查函数的参数。")),
    ("TypeError", "unexpected keyword argument", Text(
        en="Compare the arguments of your function with those of the stub.", zh="请对照初始文件检查函数的参数。")),
    ("IndentationError", "", Text(
        en="Indent with four spaces, and never mix them with tabs.", zh="请统一用四个空格缩进，不要与 Tab 混用。")),
    ("RecursionError", "", Text(
        en="A function calls itself without end: in a module, call `super().forward` or the layer, not `self`.",
        zh="函数无限地调用自己：请检查递归的出口。")),
)  # fmt: skip


def _advice(reply: wire.Raised) -> Text | None:
    for kind, part, text in ADVICE:
        if kind in reply.bases and part in reply.message:
            return text
    return None


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


def timed_out(seconds: float) -> Finding:
    """A check, or the import, took longer than its limit of `seconds`."""
    return Finding(
        verdict=Verdict.TIMEOUT,
        message=Text(
            en="Your code did not finish within the limit of {limit:g} s.",
            zh="你的代码在 {limit:g} 秒的时限内没有结束。",
        ).format(limit=seconds),
        next_step=Text(
            en="Look for a loop that never ends, or work that is repeated for every element.",
            zh="请检查是否有不会结束的循环，或对每个元素重复的计算。",
        ),
    )


def crashed(code: int | None, signal: int | None, reason: str | None) -> Finding:
    """The attempt process ended by itself in the middle of a request."""
    if reason == "memory":
        return _out_of_memory()
    if signal is not None and signal in (signals.SIGKILL, getattr(signals, "SIGXCPU", -1)):
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
