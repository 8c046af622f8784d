"""The words of the page of likenesses, each in both languages."""

from __future__ import annotations

from dlex.course.text import Text

WORDS = {
    "title": Text(en="Submissions that are alike", zh="相似的作业"),
    "made": Text(en="Made on {when} from {folder}.", zh="生成于 {when}，来自 {folder}。"),
    "no_proof": Text(
        en="Likeness is no proof. Where a task has few right answers, honest ones are alike; learners work from the "
        "same lecture, and may learn together. Read both texts, and talk with both people.",
        zh="相似不等于抄袭。正确写法很少的题目，独立完成的答案也会相似；学生听的是同一堂课，也可能一起学习。"
        "请阅读双方的代码，并与双方谈一谈。",
    ),
    "how": Text(
        en="Compared is the code alone: names, comments, layout and the order of functions do not count. The stub and "
        "the code in the exercise's pages are left out, in a class of {CLASS} or more also what more than half of it "
        "wrote; of the rest, what few have counts more. Likeness is the part of the shorter text that the other has "
        "too.",
        zh="只比较代码本身：名称、注释、排版和函数的先后顺序都不计入。练习的初始文件和练习页面中的代码已经去掉；"
        "如果至少有 {CLASS} 份不同的作业，超过一半人都写了的代码也会去掉；其余部分中，越少人写的权重越大。"
        "相似度是较短的一份中另一份也有的比例。",
    ),
    "compared": Text(en="submissions compared", zh="份作业参与比较"),
    "found": Text(en="pairs at least {threshold} alike", zh="对相似度不低于 {threshold}"),
    "nothing": Text(en="No two are as alike as that.", zh="没有达到这一相似度的作业。"),
    "contents": Text(en="On this page", zh="本页内容"),
    "rank": Text(en="No.", zh="序号"),
    "students": Text(en="Students", zh="学生"),
    "likeness": Text(en="Likeness", zh="相似度"),
    "words": Text(en="Words that only these texts have", zh="只在这些作业中出现的词"),
    "same_text": Text(en="the same text", zh="完全相同"),
    "more": Text(en="and {count} more with less likeness", zh="还有 {count} 对，相似度更低"),
    "too_large": Text(
        en="Not compared, because the file is too large or cannot be read in time: {names}",
        zh="未参与比较（文件过大，或无法在限定时间内读取）：{names}",
    ),
    "unreadable": Text(
        en="Not compared, because there is no code to read: {names}", zh="未参与比较（没有可以读取的代码）：{names}"
    ),
    "pair": Text(en="No. {rank}: {likeness} alike", zh="序号 {rank}：相似度 {likeness}"),
    "marked": Text(
        en="Marked: what both have, {tokens} characters of code.", zh="标出的是双方共有的部分，共 {tokens} 个代码字符。"
    ),
    "marked_one": Text(en="Marked: what was not given.", zh="标出的是自己写的部分。"),
    "not_shown": Text(en="… and {count} more lines", zh="……还有 {count} 行"),
    "back": Text(en="back to the list", zh="返回列表"),
    "by": Text(en="Made by dlex {version} with copydetect", zh="由 dlex {version} 借助 copydetect 生成"),
}


class Words:
    """`words("pair", rank=1)` in one language."""

    def __init__(self, language: str) -> None:
        self._language = language

    def __call__(self, name: str, **values: object) -> str:
        return WORDS[name].in_language(self._language).format(**values)
