"""The driver stays out of what forks: GPUs are hidden, and asked for in a child."""

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
    monkeypatch.setattr(choice, "GPU", choice.Gpu())
    monkeypatch.setattr(driver, "VISIBILITY", driver.Visibility())


def test_the_child_that_asks_sees_what_is_hidden_here() -> None:
    driver.VISIBILITY.hide()
    assert driver.ask()
    assert os.environ[driver.VISIBLE] == ""


def test_all_gpus_are_seen_where_nobody_chose(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(driver.VISIBLE)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: driver.VISIBLE not in os.environ)
    driver.VISIBILITY.hide()
    assert driver.ask()
    assert driver.VISIBLE not in driver.environment()


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
    choice.GPU.remember(False)
    assert not choice.has_cuda()
    monkeypatch.setattr(choice, "GPU", choice.Gpu())
    assert choice.has_cuda()


def test_an_attempt_is_told_which_gpus(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET", "x")
    told = driver.environment()
    assert told[driver.VISIBLE] == "2,3"
    assert "SECRET" not in told


def test_it_is_told_by_a_process_that_sees_none() -> None:
    for _ in range(2):  # hidden twice is hidden once
        driver.VISIBILITY.hide()
    assert driver.environment()[driver.VISIBLE] == "2,3"
