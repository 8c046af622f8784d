"""A JupyterLab server and a headless Chromium for tests; both are gone when the test is over, whatever happened."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, TypeVar

import pytest
from engine import describe, is_alive, wait_for

CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
DRIVER = "chromedriver"
TOKEN = "dlex-test"
PATIENCE = 60.0
WIDTH = 1280
TALLEST = 12000  # pixels of a screenshot; a longer page is cut
SCREENSHOTS = "DLEX_SCREENSHOTS"
SETTINGS: dict[str, dict[str, object]] = {
    "apputils-extension/notification": {"fetchNews": "false"},  # else it asks whether to fetch news
    "notebook-extension/tracker": {"windowingMode": "none"},  # cells that are scrolled out of sight stay on the page
}

T = TypeVar("T")


def need_browser() -> None:
    """Skip what needs a browser where there is none."""
    pytest.importorskip("selenium", reason="`pip install 'dlex[dev]'` installs selenium")
    pytest.importorskip("jupyterlab", reason="`pip install 'dlex[classroom]'` installs JupyterLab")
    if _chromium() is None or shutil.which(DRIVER) is None:
        pytest.skip("there is no Chromium to drive: `apt-get install chromium chromium-driver`")


def _chromium() -> str | None:
    return next(filter(None, map(shutil.which, CHROMIUM)), None)


def own_folders(home: Path) -> dict[str, str]:
    """The environment of a Jupyter that knows nothing of the user's own; its programs are those of this Python."""
    changed = {
        "HOME": home,
        "JUPYTER_CONFIG_DIR": home / "config",
        "JUPYTER_DATA_DIR": home / "data",
        "JUPYTER_RUNTIME_DIR": home / "run",
        "IPYTHONDIR": home / "ipython",
    }
    for folder in changed.values():
        folder.mkdir(parents=True, exist_ok=True)
    for name, setting in SETTINGS.items():
        file = home / "config" / "lab" / "user-settings" / "@jupyterlab" / f"{name}.jupyterlab-settings"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(setting), encoding="utf-8")
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)])
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("JUPYTER", "JPY_"))}
    return inherited | {name: str(folder) for name, folder in changed.items()} | {"PATH": path}


@contextlib.contextmanager
def jupyter_lab(folder: Path, environment: Mapping[str, str]) -> Iterator[str]:
    """JupyterLab with its extensions, started in `folder`; gives its address, which ends with a slash."""
    command = [
        *(sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root"),
        *("--ServerApp.ip=127.0.0.1", "--ServerApp.port=0", f"--IdentityProvider.token={TOKEN}"),
        "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
        "--LabApp.expose_app_in_browser=True",  # as `window.jupyterapp`
    ]
    log = Path(environment["HOME"]) / "jupyter.log"
    with log.open("wb") as out, _started(command, folder, environment, out) as process:

        def address() -> str:
            assert process.poll() is None, f"JupyterLab ended: {log.read_text(errors='replace')[-3000:]}"
            for file in Path(environment["JUPYTER_RUNTIME_DIR"]).glob("jpserver-*.json"):
                with contextlib.suppress(OSError, ValueError, KeyError):  # it may be half written
                    url = str(json.loads(file.read_text())["url"])
                    urllib.request.urlopen(f"{url}api?token={TOKEN}", timeout=5).close()
                    return url
            return ""

        yield wait_for(address, lambda: f"JupyterLab answers: {log.read_text(errors='replace')[-3000:]}", PATIENCE)


@contextlib.contextmanager
def _started(
    command: list[str], folder: Path, environment: Mapping[str, str], out: Any
) -> Iterator[subprocess.Popen[bytes]]:
    """A process that ends with the block, and with it whatever it has started."""
    process = subprocess.Popen(
        command, cwd=folder, env=dict(environment), stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT,
        start_new_session=True,
    )  # fmt: skip
    try:
        yield process
    finally:
        process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(10)
        process.kill()
        process.wait()
        _end_all_at(environment["HOME"])


def _end_all_at(home: str) -> None:
    """Kill whatever runs with this home, and wait until it is gone; a kernel may have been started just now."""

    def is_over() -> bool:
        left = _living_at(home)
        for pid in left:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        return not left

    wait_for(is_over, lambda: f"these have ended: {describe(_living_at(home))}")


def _living_at(home: str) -> list[int]:
    setting = f"HOME={home}".encode()
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):  # it has ended, or is somebody else's
            if setting in (process / "environ").read_bytes().split(b"\0") and is_alive(int(process.name)):
                found.append(int(process.name))
    return found


class Page:
    """The browser's one page: what a person does with it, and looks for on it."""

    def __init__(self, driver: Any, screenshots: Path) -> None:
        self.driver = driver
        self._screenshots = screenshots

    def open(self, address: str | Path) -> None:
        """Open a page, by its address or by its file, and wait until everything on it has loaded."""
        self.driver.get(address.as_uri() if isinstance(address, Path) else address)
        self.until(lambda: self.script("return document.readyState === 'complete'"), f"{address} has loaded")

    def until(self, condition: Callable[[], T], what: str) -> T:
        """The first true value of `condition`; an element that was replaced meanwhile is looked for again."""
        from selenium.common.exceptions import (
            NoSuchElementException,
            StaleElementReferenceException,
            TimeoutException,
        )
        from selenium.webdriver.support.ui import WebDriverWait

        passing = (NoSuchElementException, StaleElementReferenceException)
        wait = WebDriverWait(self.driver, PATIENCE, poll_frequency=0.05, ignored_exceptions=passing)
        try:
            found: T = wait.until(lambda _driver: condition(), f"it never came about that {what}")
        except TimeoutException:
            self.keep("failed")
            raise
        return found

    def script(self, text: str, *arguments: object) -> Any:
        """Run JavaScript in the page."""
        return self.driver.execute_script(text, *arguments)

    def all(self, selector: str) -> list[Any]:
        """The elements of a CSS selector that are there now."""
        found: list[Any] = self.driver.find_elements("css selector", selector)
        return found

    def one(self, selector: str) -> Any:
        """The first element of a CSS selector, as soon as it is there."""
        return self.until(lambda: next(iter(self.all(selector)), None), f"there is a {selector}")

    def text(self) -> str:
        """What can be read on the page, with what is folded away."""
        self.script("for (const folded of document.querySelectorAll('details')) folded.open = true")
        found: str = self.one("body").text
        return found

    def source(self) -> str:
        """The page's HTML as it is now, scripts included."""
        found: str = self.driver.page_source
        return found

    def keep(self, name: str) -> None:
        """Keep a picture of the whole page to look at."""
        height = self.script("return Math.max(document.body.scrollHeight, document.documentElement.scrollHeight)")
        self.driver.set_window_size(WIDTH, max(800, min(int(height) + 150, TALLEST)))
        try:
            assert self.driver.save_screenshot(str(self._screenshots / f"{name}.png"))
        finally:
            self.driver.set_window_size(WIDTH, 800)


@contextlib.contextmanager
def chromium(home: Path, screenshots: Path) -> Iterator[Page]:
    """A headless Chromium with a profile of its own."""
    from selenium import webdriver

    options = webdriver.ChromeOptions()
    options.binary_location = str(_chromium())
    for argument in (
        "headless=new", "no-sandbox", "disable-gpu", "disable-dev-shm-usage", "disable-breakpad", "hide-scrollbars",
        "disable-background-networking", "no-first-run", f"window-size={WIDTH},800",
        f"user-data-dir={home / 'profile'}",
        "host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",  # no test waits for the network
    ):  # fmt: skip
        options.add_argument(f"--{argument}")
    # The driver's path is given, so that Selenium looks for none to download.
    service = webdriver.ChromeService(
        executable_path=str(shutil.which(DRIVER)), log_output=subprocess.DEVNULL, env=os.environ | {"HOME": str(home)}
    )
    driver = webdriver.Chrome(options=options, service=service)
    try:
        driver.set_page_load_timeout(PATIENCE)
        screenshots.mkdir(parents=True, exist_ok=True)
        yield Page(driver, screenshots)
    finally:
        with contextlib.suppress(Exception):  # a browser that has died cannot be asked to quit
            driver.quit()
        _end_all_at(str(home))
