"""Runs the life cycle in each variant of a project, in a process of its own."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.custom_user.variants import VARIANTS

_ROOT = Path(__file__).parents[2]


@pytest.mark.slow
@pytest.mark.parametrize("variant", VARIANTS)
def test_the_life_cycle(variant):
    database = os.environ.get("TOTP_TEST_DATABASE_NAME", "ninja_totp")
    environment = os.environ | {
        "CUSTOM_USER_VARIANT": variant,
        "TOTP_TEST_DATABASE_NAME": f"{database}_{variant}_{os.getpid()}",
    }

    run = subprocess.run(
        [
            *(sys.executable, "-m", "pytest", "--quiet"),
            *("-p", "no:cacheprovider", "-p", "no:xdist"),
            "--ds=tests.custom_user.settings",
            "tests/custom_user/life_cycle.py",
        ],
        cwd=_ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )

    assert run.returncode == 0, run.stdout[-20_000:] + run.stderr[-5_000:]
