"""A demo as new and a new window for each test that asks for a visitor.

selenium is an optional dependency of the suite: it is only imported where a browser is started.
"""

import os
import shutil
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.browser.demo_process import Demo, running_demo

if TYPE_CHECKING:
    from selenium.webdriver import Chrome

    from tests.browser.visitor import Visitor

_BROWSER = "chromium"
_DRIVER = "chromedriver"

collect_ignore_glob = [] if find_spec("selenium") else ["test_*.py"]


@pytest.fixture(scope="session")
def _browser_programs() -> tuple[str, str]:
    browser, driver = shutil.which(_BROWSER), shutil.which(_DRIVER)
    if browser is not None and driver is not None:
        return browser, driver
    reason = f"{_BROWSER} and {_DRIVER} must be on PATH for the browser tests"
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture(scope="session")
def _chromium(
    _browser_programs: tuple[str, str], tmp_path_factory: pytest.TempPathFactory
) -> "Iterator[Chrome]":
    from tests.browser.chromium import started

    with started(*_browser_programs, profile=tmp_path_factory.mktemp("profile")) as chrome:
        yield chrome


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    folder = tmp_path_factory.mktemp("demo")
    with running_demo(folder, settings="tests.browser.quick_settings") as origin:
        yield Demo(origin, folder)


@pytest.fixture
def downloads(tmp_path: Path) -> Path:
    folder = tmp_path / "downloads"
    folder.mkdir()
    return folder


@pytest.fixture
def visitor(_chromium: "Chrome", demo: Demo, downloads: Path) -> "Iterator[Visitor]":
    """A user who has opened the page of a demo that is as new.

    Nothing may have gone wrong out of their sight: no request to another host, no error in the
    console.
    """
    from tests.browser.chromium import in_new_window
    from tests.browser.visitor import Visitor

    demo.start_over()
    with in_new_window(_chromium, downloads):
        visitor = Visitor(_chromium, demo.origin)
        visitor.is_nobody_yet()
        visitor.open()
        yield visitor
        assert visitor.strangers() == set()
        assert visitor.complaints() == []
