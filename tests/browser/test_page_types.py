"""The types that the scripts of the demo page name in their comments."""

import subprocess

import pytest

from tests.browser.demo_process import REPOSITORY
from tests.clients.workshop import GENERATORS

pytestmark = [pytest.mark.typescript, pytest.mark.slow]

OPTIONS = ("--noEmit", "--allowJs", "--checkJs", "--strict", "--target", "es2023")


def test_they_hold() -> None:
    compiler = GENERATORS / "node_modules/.bin/tsc"
    libraries = ("--module", "es2022", "--lib", "es2024,dom,dom.iterable")

    checked = subprocess.run(
        [compiler, *OPTIONS, *libraries, REPOSITORY / "demo/static/demo.js"],
        capture_output=True,
        text=True,
        check=False,
    )

    assert (checked.stdout, checked.returncode) == ("", 0)
