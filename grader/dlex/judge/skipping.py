"""Notes on the statements of a file that were skipped because what they ask for is not there while grading."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from dlex.course.text import Text, same
from dlex.judge.explanation import SCRIPT
from dlex.protocol.result import Note

MAX_TOLD = 3  # of the statements that asked
MAX_LINES = 5  # of those that hang on them
Skipped = tuple[int, str]

KINDS = {
    "network": Text(
        en="A statement that asks for the network was skipped: there is none while grading.",
        zh="已跳过一条要访问网络的语句：评测时没有网络。"),
    "file": Text(
        en="A statement that asks for a file was skipped: the file is not there while grading.",
        zh="已跳过一条要读写文件的语句：评测时没有这个文件。"),
    "input": Text(
        en="A statement that asks for input was skipped: nobody gives any while grading.",
        zh="已跳过一条等待键盘输入的语句：评测时没有输入。"),
    "arguments": Text(
        en="A statement that asks for arguments of the command line was skipped: there are none while grading.",
        zh="已跳过一条要读取命令行参数的语句：评测时没有命令行参数。"),
    "gpu": Text(
        en="A statement that asks for a GPU was skipped: this run has none.",
        zh="已跳过一条要使用 GPU 的语句：本次评测没有 GPU。"),
    "package": Text(
        en="This package is not installed here: what needs it cannot run.",
        zh="这里没有安装这个包：用到它的代码无法运行。"),
    "notebook": Text(
        en="A statement that only a notebook understands was skipped.",
        zh="已跳过一条只能在笔记本中运行的语句。"),
    "slow": Text(
        en="A statement that runs for long was stopped: there is no time for training while the file is loaded.",
        zh="已中止一条运行时间很长的语句：加载文件时没有时间训练。"),
}  # fmt: skip
FOLLOWED = "name"  # of a statement that hangs on what was skipped before
BESIDE = Text(
    en="Skipped with it, since it needs what was skipped before: line {lines}.",
    zh="下列语句要用到已跳过的内容，因此也已跳过：第 {lines} 行。",
)
SIMULATED = Text(
    en="`--device sim` gives a simulated GPU; `torch.cuda.is_available()` tells whether there is one.",
    zh="`--device sim` 提供模拟的 GPU；`torch.cuda.is_available()` 会说明有没有 GPU。",
)


def read(told: object) -> tuple[Skipped, ...]:
    """What the attempt process says that it skipped; what it says in any other form tells nothing."""
    pairs = [pair for pair in told if isinstance(pair, list) and len(pair) == 2] if isinstance(told, list) else []
    return tuple(
        (line, kind)
        for line, kind in pairs
        if type(line) is int and isinstance(kind, str) and (kind in KINDS or kind == FOLLOWED)
    )


def notes(skipped: Sequence[Skipped], devices: Sequence[str] = ()) -> tuple[Note, ...]:
    """What is told of them; `devices` are those that the exercise is graded on."""
    return tuple(_notes(skipped, devices))


def _notes(skipped: Sequence[Skipped], devices: Sequence[str]) -> Iterator[Note]:
    asked = [(line, kind) for line, kind in skipped if kind in KINDS]
    for line, kind in asked[:MAX_TOLD]:
        yield Note.of(KINDS[kind], line)
    lines = [str(line) for line, kind in skipped if kind == FOLLOWED]
    if lines:
        more = ["…"] if len(lines) > MAX_LINES else []
        yield Note.of(BESIDE.format(lines=same(", ".join(lines[:MAX_LINES] + more))))
    kinds = {kind for _line, kind in asked}
    if "gpu" in kinds and "sim" in devices:
        yield Note.of(SIMULATED)
    if kinds - {"package", "notebook"}:
        yield Note.of(SCRIPT)
