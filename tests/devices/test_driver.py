"""The driver stays out of what forks: GPUs are hidden, asked for in a child, and shown again."""

from __future__ import annotations

import os
import signal
import time

import pytest
import torch

from dlex.devices import choice, driver


@pytest.fixture(autouse=True)
def two_gpus(monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody chose the GPUs 2 and 3; torch can use a GPU if it sees any."""
    monkeypatch.setenv(driver.VISIBLE, "2,3")
    monkeypatch.setattr(torch.version, "cuda", "13.0")
    monkeypatch.setattr(torch.cuda, "is_available", lambda: os.environ.get(driver.VISIBLE) == "2,3")
    monkeypatch.setattr(choice, "_answer", [])


def test_what_is_hidden_is_shown_again(monkeypatch: pytest.MonkeyPatch) -> None:
    driver.hide()
    assert os.environ[driver.VISIBLE] == ""
    driver.show()
    assert os.environ[driver.VISIBLE] == "2,3"
    driver.show()
    assert os.environ[driver.VISIBLE] == "2,3"
    monkeypatch.delenv(driver.VISIBLE)
    driver.hide()
    driver.show()
    assert driver.VISIBLE not in os.environ


def test_the_child_that_asks_sees_what_is_hidden_here() -> None:
    driver.hide()
    try:
        assert driver.ask()
        assert os.environ[driver.VISIBLE] == ""
    finally:
        driver.show()


@pytest.mark.parametrize("breaks", ["raises", "dies", "hangs"])
def test_a_driver_that_breaks_is_no_gpu(monkeypatch: pytest.MonkeyPatch, breaks: str) -> None:
    def is_available() -> bool:
        if breaks == "raises":
            raise RuntimeError("no driver")
        if breaks == "dies":
            os.kill(os.getpid(), signal.SIGKILL)
        time.sleep(60)
        return True

    monkeypatch.setattr(torch.cuda, "is_available", is_available)
    monkeypatch.setattr(driver, "ASKING_SECONDS", 0.2)
    assert not driver.ask()


def test_a_build_without_cuda_asks_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.version, "cuda", None)
    monkeypatch.setattr(os, "fork", lambda: pytest.fail("it forked"))
    assert not driver.ask()


def test_an_answer_is_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    choice.remember_cuda(False)
    assert not choice.has_cuda()
    monkeypatch.setattr(choice, "_answer", [])
    assert choice.has_cuda()


def test_an_attempt_is_told_which_gpus(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET", "x")
    told = driver.environment()
    assert told[driver.VISIBLE] == "2,3"
    assert "SECRET" not in told
