"""Each way to fail has a sentence in both languages, with the line and the next step where they are known."""

import pytest

from dlex.judge import explanation
from dlex.judge.advice import ADVICE
from dlex.protocol import wire
from dlex.protocol.result import MAX_RAISED, Frame, Verdict

FRAME = Frame("a.py", 7, "forward", "return x")


def raised(kind, message, *bases, frames=(FRAME,)):
    return explanation.raised(wire.Raised(kind, [kind, *bases], message, list(frames)))


def test_an_exception_tells_class_message_and_line():
    finding = raised("ValueError", "no", "Exception")
    assert finding.verdict is Verdict.RAISED
    assert finding.sentence.en == "Your code raised ValueError: no (line 7)"
    assert finding.sentence.zh == "你的代码抛出了异常 ValueError: no（第 7 行）"
    assert finding.traceback == (FRAME,)
    assert finding.line == 7


def test_an_exception_is_a_fact_beside_its_sentence():
    """Of what it says the first line is kept, cut to a size."""
    raised_ = raised("ChildError", f"\n{'x' * 500}\nmore", "ValueError", "Exception").raised
    assert raised_ is not None
    assert (raised_.kind, raised_.bases) == ("ChildError", ("ChildError", "ValueError", "Exception"))
    assert raised_.message == "x" * MAX_RAISED
    assert raised_.is_a("ValueError")
    assert raised_.is_a("ChildError")
    assert not raised_.is_a("KeyError")
    assert str(raised("KeyError", "").raised) == "KeyError"


@pytest.mark.parametrize(
    ("kind", "message"),
    [("MemoryError", ""), ("RuntimeError", "Expected all tensors to be on the same device, but ...")],
)
def test_an_exception_that_is_told_in_other_words_is_kept_too(kind, message):
    finding = raised(kind, message)
    assert finding.raised is not None
    assert (finding.raised.kind, finding.raised.message, finding.line) == (kind, message, 7)
    assert finding.sentence.en.endswith(" (line 7).")
    assert finding.sentence.zh.endswith("（第 7 行）。")


def test_what_an_exception_says_keeps_its_full_stop():
    """The line of a sentence of ours stands before the full stop."""
    assert raised("ValueError", "No.").sentence.en == "Your code raised ValueError: No. (line 7)"
    assert raised("ValueError", "no", frames=()).sentence.en == "Your code raised ValueError: no"


def test_a_todo_that_is_left_is_unattempted():
    todo = Frame("a.py", 7, "forward", "raise NotImplementedError  # TODO: write it")
    finding = raised("NotImplementedError", "", "RuntimeError", frames=(todo,))
    assert finding.verdict is Verdict.UNATTEMPTED
    assert finding.sentence.en == "`forward` is not written yet (line 7)."


def test_what_torch_does_not_implement_is_no_todo():
    finding = raised("NotImplementedError", "\"add\" not implemented for 'ComplexHalf'", "RuntimeError")
    assert finding.verdict is Verdict.RAISED


@pytest.mark.parametrize(
    ("kind", "message"),
    [("MemoryError", ""), ("RuntimeError", "[enforce fail] DefaultCPUAllocator: can't allocate memory: you tried")],
)
def test_memory_has_its_own_verdict(kind, message):
    assert raised(kind, message).verdict is Verdict.OUT_OF_MEMORY


@pytest.mark.parametrize(("kind", "part", "advice"), ADVICE)
def test_each_advice_is_found_by_its_sign(kind, part, advice):
    finding = raised(kind, f"... {part} ...")
    assert finding.next_step is not None
    assert finding.next_step in [text for k, p, text in ADVICE if k == kind and p in f"... {part} ..."]


def test_a_missing_name_is_guessed():
    finding = explanation.missing(wire.Missing("InceptionA", ["inceptionA", "Net"]))
    assert finding.verdict is Verdict.UNATTEMPTED
    assert "`inceptionA`" in finding.next_step.en
    assert explanation.missing(wire.Missing("Net", [])).next_step.en == "Define it under exactly this name."


def test_a_timeout_says_the_limit():
    assert "10 s" in explanation.timed_out(10.0).message.en
    assert "2.5 秒" in explanation.timed_out(2.5).message.zh


def test_a_busy_machine_is_not_called_an_endless_loop() -> None:
    busy, own = explanation.timed_out(10.0, lacked=6.4).next_step, explanation.timed_out(10.0, lacked=0.3).next_step
    assert busy is not None
    assert own is not None
    assert "6 s" in busy.en
    assert "busy" in busy.en
    assert "6 秒" in busy.zh
    assert "loop" in own.en
    assert "busy" not in own.en


@pytest.mark.parametrize(
    ("code", "signal", "reason", "part"),
    [(0, None, None, "exit code 0"), (None, 11, None, "signal 11"), (None, 9, None, "using too much")],
)
def test_a_crash_says_how(code, signal, reason, part):
    finding = explanation.crashed(code, signal, reason)
    assert finding.verdict is Verdict.CRASHED
    assert part in finding.message.en


def test_a_process_killed_for_memory_is_out_of_memory():
    assert explanation.crashed(None, 9, "memory").verdict is Verdict.OUT_OF_MEMORY


def test_a_judge_that_was_kept_from_working_does_not_blame_the_result() -> None:
    starved, busy = explanation.late(2.0, worked=0.1), explanation.late(2.0, worked=2.0)
    assert starved.verdict is busy.verdict is Verdict.TIMEOUT
    assert starved.next_step is not None
    assert "got 0.1 s of a processor" in starved.next_step.en
    assert "far larger" not in starved.next_step.en
    assert busy.next_step is not None
    assert "far larger" in busy.next_step.en
