"""Findings for what this machine lacks: packages that an exercise needs, and devices."""

from __future__ import annotations

from collections.abc import Sequence

from dlex.course.exercise import Exercise
from dlex.course.needs import how_to_install, install_advice
from dlex.course.text import Text, same
from dlex.devices.choice import alternatives
from dlex.protocol.result import Finding, Verdict


def not_installed(packages: Sequence[str]) -> Finding:
    """The exercise itself needs packages that are not here."""
    return Finding(
        verdict=Verdict.NOT_RUN,
        message=Text(
            en="This exercise needs what is not installed here: {packages}.",
            zh="这里没有安装该练习需要的包：{packages}。",
        ).format(packages=same(", ".join(packages))),
        next_step=install_advice(packages),
    )


def unusable_package(package: str, why: str) -> Finding:
    """The exercise itself needs a package that is here, and cannot be imported."""
    return Finding(
        verdict=Verdict.NOT_RUN,
        message=Text(
            en="This exercise needs {package}, which is installed here but cannot be imported: {why}.",
            zh="该练习需要 {package}，这里虽已安装，却无法导入：{why}。",
        ).format(package=package, why=same(why[:300].rstrip("."))),
        next_step=Text(
            en="This is no fault of your code. Install the {package} that belongs to your torch: `{command}`.",
            zh="这不是你的代码的问题。请安装与你的 torch 配套的 {package}：`{command}`。",
        ).format(package=package, command=same(how_to_install([package]))),
    )


def no_device(asked: str, exercise: Exercise) -> Finding:
    """The device that was asked for cannot be had, or is not for this exercise."""
    devices = exercise.info.devices
    if "cuda" in devices and asked in ("cuda", "auto"):
        message = Text(
            en="There is no CUDA device here that torch can use.", zh="这里没有 torch 可以使用的 CUDA 设备。"
        )
    else:
        message = Text(en="This exercise is not graded on {asked}.", zh="该练习不能在 {asked} 上评测。").format(
            asked=asked
        )
    return Finding(verdict=Verdict.NOT_RUN, message=message, next_step=_where_else(asked, devices))


def _where_else(asked: str, devices: Sequence[str]) -> Text:
    """What to ask for instead; the device that is nearest to what was wanted."""
    others = alternatives(asked, devices)
    if not others:
        return Text(
            en="It is graded on {devices}: use a machine that has it; `dlex doctor` tells which devices there are.",
            zh="该练习只能在 {devices} 上评测：请换一台有该设备的机器；`dlex doctor` 会说明有哪些设备。",
        ).format(devices=same(", ".join(devices)))
    return Text(
        en="Say `--device {other}`, or leave it out; `dlex doctor` tells which devices there are.",
        zh="请使用 `--device {other}`，或省略该选项；`dlex doctor` 会说明有哪些设备。",
    ).format(other=others[-1])


def unusable_device(device: str, why: str, devices: Sequence[str]) -> Finding:
    """There is a device, but not for a confined process: before any of the learner's code ran.

    `devices` are those that the exercise is graded on.
    """
    others = alternatives(device, devices)
    report = Text(
        en="This is no fault of your code. `dlex doctor` says what to report.",
        zh="这不是你的代码的问题。`dlex doctor` 会说明如何报告问题。",
    )
    instead = Text(
        en="This is no fault of your code. Grade with `--device {other}`; `dlex doctor` says what to report.",
        zh="这不是你的代码的问题。请用 `--device {other}` 评测；`dlex doctor` 会说明如何报告问题。",
    )
    return Finding(
        verdict=Verdict.GRADER_ERROR,
        message=Text(
            en="The device {device} cannot be used here: {why}.", zh="这里无法使用设备 {device}：{why}。"
        ).format(device=device, why=same(why.strip().splitlines()[0][:300].rstrip(".") if why.strip() else "?")),
        next_step=instead.format(other=others[0]) if others else report,
        internal=why,
    )
