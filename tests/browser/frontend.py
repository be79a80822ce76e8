"""The example in examples/typescript, made ready in a folder of its own. No test stands here."""

import os
import shutil
import subprocess
from pathlib import Path

from tests.browser.demo_process import REPOSITORY

__all__ = ["EXAMPLE", "copied", "npm"]

EXAMPLE = REPOSITORY / "examples" / "typescript"
_MADE = shutil.ignore_patterns("node_modules", "dist", "api.ts", "openapi.json")


def copied(to: Path) -> Path:
    """Copy what is under version control to `to`; installed packages are linked to."""
    shutil.copytree(EXAMPLE, to, ignore=_MADE)
    (to / "node_modules").symlink_to(EXAMPLE / "node_modules")
    return to


def npm(script: str, folder: Path) -> "subprocess.CompletedProcess[str]":
    """Run one of the scripts of package.json, offline."""
    return subprocess.run(
        ["npm", "run", "--silent", script],
        cwd=folder,
        env=os.environ | {"npm_config_offline": "true", "npm_config_update_notifier": "false"},
        capture_output=True,
        text=True,
        check=False,
    )
