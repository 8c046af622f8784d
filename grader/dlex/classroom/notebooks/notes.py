"""What a teacher is told of marks that dlex does not make."""

from __future__ import annotations

from collections.abc import Iterator

from dlex.classroom.notebooks.layout import Layout
from dlex.course.text import Text

WAITING = Text(
    en="{assignment}: in {count} submissions cells of your own have no mark until nbgrader has run them; "
    "next: `nbgrader autograde {assignment}`.",
    zh="{assignment}：{count} 份提交中还有你自己的评分单元格，由 nbgrader 运行后才有成绩；"
    "下一步：`nbgrader autograde {assignment}`。",
)


def odd_cells(notebook: str, layout: Layout) -> Iterator[Text]:
    """Cells and checks of two versions of an exercise."""
    if layout.orphans:
        yield Text(
            en=f"{notebook}: no check of the course belongs to {', '.join(sorted(layout.orphans))}, so nobody has a "
            "mark for it; make the notebook again with `dlex class init`.",
            zh=f"{notebook}：课程中没有与 {'、'.join(sorted(layout.orphans))} 对应的检查，因此没有人得到这项成绩；"
            "请用 `dlex class init` 重新生成笔记本。",
        )
    for exercise in layout.exercises:
        missing = layout.without_cell(exercise)
        if missing:
            yield Text(
                en=f"{notebook}: there is no cell for {exercise.name}'s {', '.join(missing)}, so it brings no points; "
                "`dlex class init` makes a notebook with it.",
                zh=f"{notebook}：{exercise.name} 的检查 {'、'.join(missing)} 没有单元格，因此不计分；"
                "用 `dlex class init` 可以生成包含它的笔记本。",
            )
