"""What lies in a class's folder and was not graded, each with the reason: nothing that was handed in vanishes."""

from __future__ import annotations

from typing import NamedTuple

from dlex.course.text import Text


class Leftover(NamedTuple):
    """A file or folder that was not graded, as its path in the class's folder; `student` is empty at the top of it."""

    path: str
    reason: Text
    student: str = ""

    @property
    def is_student(self) -> bool:
        """Whether it is the whole folder of a student."""
        return bool(self.student) and self.path == self.student


HIDDEN = Text(en="hidden, or a program's own, and not looked into", zh="隐藏文件或程序自用的文件，不会查看")
LINK = Text(en="a link, which is not followed", zh="链接，不会跟随")
TOO_DEEP = Text(en="too many folders deep", zh="文件夹层次太深")
NOT_CODE = Text(en="no .py or .ipynb file, and no zip", zh="不是 .py 或 .ipynb 文件，也不是 zip")
ODD = Text(en="no ordinary file", zh="不是普通文件")
NO_EXERCISE = Text(en="its name is that of no exercise", zh="文件名与任何练习都不对应")
NO_MARK = Text(en="no cell in it is marked for an exercise", zh="其中没有标记练习的单元格")
BESIDE = Text(en="lies beside the students' folders", zh="与学生文件夹并列，不属于任何学生")
TOO_MANY = Text(en="holds more than is looked at: the rest was left out", zh="内容过多：其余部分没有查看")
NOTHING = Text(en="handed in nothing that dlex knows", zh="没有提交 dlex 能识别的文件")
CLOSED = Text(en="cannot be opened: {error}", zh="无法打开：{error}")
IN_ZIP = Text(en="in the zip it {problem}", zh="压缩包中的这个文件{problem}")
OLDER = Text(en="older than {taken}, which was taken for {exercise}", zh="早于 {taken}；练习 {exercise} 采用的是后者")
SAME_DATE = Text(
    en="of the same date as {taken}, whose name comes first and which was taken for {exercise}",
    zh="与 {taken} 日期相同；练习 {exercise} 采用按文件名排在前面的后者",
)
STUB = Text(en="still the stub; {taken} was taken for {exercise}", zh="仍是初始文件；练习 {exercise} 采用的是 {taken}")
UNREADABLE = Text(
    en="cannot be graded; {taken} was taken for {exercise}", zh="无法评测；练习 {exercise} 采用的是 {taken}"
)
