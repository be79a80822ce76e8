"""A demo of its own and a Chromium for each test that asks for a visitor.

selenium is an optional dependency of the suite: it is only imported where a browser is started.
"""

import os
import shutil
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.browser.demo_process import running_demo

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


@pytest.fixture
def downloads(tmp_path: Path) -> Path:
    folder = tmp_path / "downloads"
    folder.mkdir()
    return folder


@pytest.fixture
def driver(
    _browser_programs: tuple[str, str], tmp_path: Path, downloads: Path
) -> "Iterator[Chrome]":
    from tests.browser.chromium import started

    with started(*_browser_programs, profile=tmp_path / "profile", downloads=downloads) as chrome:
        yield chrome


@pytest.fixture
def visitor(driver: "Chrome", tmp_path: Path) -> "Iterator[Visitor]":
    """Somebody who has opened the demo's page. Nothing may have gone wrong out of their sight."""
    from tests.browser.visitor import Visitor

    with running_demo(tmp_path) as origin:
        visitor = Visitor(driver, origin)
        visitor.open()
        yield visitor
        assert visitor.strangers() == set()
        assert visitor.complaints() == []
