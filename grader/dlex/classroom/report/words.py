"""The words of the web page, each in both languages."""

from __future__ import annotations

from dlex.course.text import Text, same

WORDS = {
    "report": Text(en="Class report", zh="班级报告"),
    "feedback": Text(en="Feedback for {student}", zh="{student} 的反馈"),
    "made": Text(en="Made on {when} from the marks in {folder}.", zh="生成于 {when}，成绩来自 {folder}。"),
    "students": Text(en="students", zh="学生"),
    "submissions": Text(en="submissions", zh="提交"),
    "exercises": Text(en="exercises", zh="练习"),
    "mean_total": Text(en="mean total", zh="平均总分"),
    "passed_share": Text(en="submissions passed", zh="提交全部通过"),
    "to_look_at": Text(en="grading problems", zh="评测问题"),
    "contents": Text(en="On this page", zh="本页内容"),
    "marks": Text(en="Marks", zh="成绩"),
    "distributions": Text(en="Distribution of marks", zh="成绩分布"),
    "diagnoses": Text(en="What went wrong", zh="错在哪里"),
    "hardest": Text(en="Hardest checks", zh="最难的检查"),
    "problems": Text(en="Grading problems", zh="评测问题"),
    "attention": Text(en="Late, missing, not begun", zh="迟交、缺交、未动手"),
    "student": Text(en="Student", zh="学生"),
    "exercise": Text(en="Exercise", zh="练习"),
    "check": Text(en="Check", zh="检查"),
    "total": Text(en="Total", zh="总分"),
    "mean": Text(en="Mean", zh="平均"),
    "median": Text(en="median", zh="中位数"),
    "out_of": Text(en="of {max_points}", zh="满分 {max_points}"),
    "at_most": Text(en="maximum {max_points}", zh="满分 {max_points}"),
    "legend": Text(en="Share of the points: ", zh="得分比例："),
    "none_of_it": Text(en="none", zh="零分"),
    "all_of_it": Text(en="full marks", zh="满分"),
    "passed": Text(en="passed", zh="全部通过"),
    "failed": Text(en="passed in part", zh="部分通过"),
    "unattempted": Text(en="not begun", zh="未动手"),
    "unrunnable": Text(en="does not run", zh="无法运行"),
    "grader_error": Text(en="dlex broke", zh="dlex 出错"),
    "missing": Text(en="not handed in", zh="未提交"),
    "graded": Text(en="marked", zh="已评分"),
    "by_hand": Text(en="not yet marked in full", zh="尚未全部评分"),
    "by_hand_sign": same("?"),
    "means_over": Text(
        en="The mean and the median of an exercise are of those who handed it in. The mean total is of all {students} "
        "students: what was not handed in counts 0.",
        zh="每个练习的平均分和中位数只统计已提交的学生；平均总分统计全部 {students} 名学生，未提交的按 0 分计。",
    ),
    "late": Text(en="late", zh="迟交"),
    "late_sign": same("*"),
    "filter": Text(en="Show only students whose name has …", zh="只显示姓名中含有……的学生"),
    "sort": Text(en="Click a heading to sort.", zh="点击表头即可排序。"),
    "scroll": Text(en="The table scrolls sideways.", zh="表格可以左右滚动。"),
    "cell": Text(
        en="{student}, {exercise}: {points} of {max_points} ({status})",
        zh="{student}，{exercise}：{points}/{max_points}（{status}）",
    ),
    "no_cell": Text(en="{student}, {exercise}: not handed in", zh="{student}，{exercise}：未提交"),
    "distribution_of": Text(
        en="{exercise}: how many students have which share of the points", zh="{exercise}：各得分比例的学生人数"
    ),
    "bin": Text(en="{low}% to {high}%: {count}", zh="{low}% 至 {high}%：{count}"),
    "bin_full": Text(en="100%: {count}", zh="100%：{count}"),
    "diagnoses_told": Text(
        en="The misconceptions that dlex recognised, and how many students each one hit.",
        zh="dlex 识别出的误解，以及各有多少学生出现。",
    ),
    "no_diagnosis": Text(en="No misconception was recognised.", zh="没有识别出误解。"),
    "hardest_told": Text(
        en="The share that failed, of those whose code got as far as the check.",
        zh="在代码运行到该检查的学生中，未通过的比例。",
    ),
    "no_hardest": Text(en="Nobody failed a check.", zh="没有人未通过检查。"),
    "failed_of": Text(en="{failed} of {tried}", zh="{tried} 人中 {failed} 人"),
    "hit": Text(en="Students", zh="人数"),
    "failed_share": Text(en="Failed", zh="未通过"),
    "public": Text(en="public", zh="公开"),
    "hidden": Text(en="hidden", zh="隐藏"),
    "no_problems": Text(en="None: every submission was graded in full.", zh="没有：每份提交都已完整评测。"),
    "broken": Text(en="dlex itself broke: grade again", zh="dlex 自身出错：请重新评测"),
    "limits": Text(en="Out of time or memory", zh="超时或内存不足"),
    "crashed": Text(en="The process died", zh="进程崩溃"),
    "weak": Text(en="Graded with weak isolation", zh="隔离不完整"),
    "more": Text(en="… and {count} more", zh="……另有 {count} 个"),
    "no_attention": Text(
        en="None: everyone handed in every exercise and began it.", zh="没有：所有人都提交并完成了每个练习。"
    ),
    "not_graded": Text(en="Not graded", zh="未评测"),
    "not_graded_told": Text(
        en="What lies in the class's folder and has no mark, with the reason.",
        zh="班级文件夹中没有评测的内容及原因。",
    ),
    "file": Text(en="File or folder", zh="文件或文件夹"),
    "no_deadline": Text(
        en="No deadline is known, so nothing is late; `--due` names one.",
        zh="没有设定截止时间，因此没有迟交；可用 `--due` 设定。",
    ),
    "graded_by": Text(en="Graded by dlex {version}", zh="由 dlex {version} 评测"),
    "gone": Text(en="This exercise is no longer in the course.", zh="课程中已没有这个练习。"),
    "unreadable": Text(en="The result is of another version of dlex.", zh="成绩来自另一个版本的 dlex。"),
    "handed_in": Text(en="handed in {when}", zh="提交于 {when}"),
    "penalty": Text(en="{penalty} points less for being late", zh="迟交扣 {penalty} 分"),
    "points_of": Text(en="{points} of {max_points} points", zh="{points}/{max_points} 分"),
}


class Words:
    """`words("late")` and `words("out_of", max_points=10)` in one language."""

    def __init__(self, language: str) -> None:
        self._language = language

    def __call__(self, name: str, **values: object) -> str:
        text = WORDS[name]
        return (text.format(**values) if values else text).in_language(self._language)
