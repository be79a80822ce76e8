"""Runs the modules beside it with the packages that they are about, in a process of their own."""

import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

_ROOT = Path(__file__).parents[2]
_PACKAGES = ("allauth", "dj_rest_auth", "docutils", "hijack", "knox", "social_django")
_MISSING = [package for package in _PACKAGES if not find_spec(package)]


@pytest.mark.slow
@pytest.mark.parametrize("module", ["logins", "impersonation", "open_doors"])
def test_with_other_packages(module):
    if _MISSING and os.environ.get("CI") != "true":
        pytest.skip(f"not installed: {', '.join(_MISSING)}")
    database = os.environ.get("TOTP_TEST_DATABASE_NAME", "ninja_totp")
    environment = os.environ | {"TOTP_TEST_DATABASE_NAME": f"{database}_{module}_{os.getpid()}"}

    run = subprocess.run(
        [
            *(sys.executable, "-m", "pytest", "--quiet"),
            *("-p", "no:cacheprovider", "-p", "no:xdist"),
            # What a package does that its next version will not is no business of ours.
            *("-W", "ignore::DeprecationWarning", "-W", "ignore::PendingDeprecationWarning"),
            "--ds=tests.other_packages.settings",
            f"tests/other_packages/{module}.py",
        ],
        cwd=_ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )

    assert run.returncode == 0, run.stdout[-20_000:] + run.stderr[-5_000:]
