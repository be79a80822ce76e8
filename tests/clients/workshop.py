"""The TypeScript package and its example, built in a folder of their own. No test stands here."""

import atexit
import os
import shutil
import subprocess
import tempfile
from functools import cache
from pathlib import Path

__all__ = ["CLIENT", "DOCUMENT", "EXAMPLE", "GENERATORS", "REPOSITORY", "Workshop", "built"]

REPOSITORY = Path(__file__).resolve().parents[2]
CLIENT = REPOSITORY / "clients" / "typescript"
GENERATORS = REPOSITORY / "clients" / "generators"
EXAMPLE = REPOSITORY / "examples" / "typescript"
DOCUMENT = REPOSITORY / "tests" / "http" / "openapi.json"
_MADE = shutil.ignore_patterns("node_modules", "dist", "schema.ts")
_OFFLINE = {"npm_config_offline": "true", "npm_config_update_notifier": "false"}


class Workshop:
    """A copy of both, beside what `npm ci` has installed in clients/generators."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self.client = folder / "client"
        self.example = folder / "example"
        shutil.copytree(CLIENT, self.client, ignore=_MADE)
        shutil.copytree(EXAMPLE, self.example, ignore=_MADE)
        modules = folder / "node_modules"
        modules.mkdir()
        for installed in (GENERATORS / "node_modules").iterdir():
            (modules / installed.name).symlink_to(installed)
        (modules / "ninja-totp-client").symlink_to(self.client)

    def build_client(self, document: Path) -> None:
        """Make the package with its types from `document`."""
        for command in (("node", "scripts/schema.js", str(document)), ("tsc",)):
            done = self.run(*command, where=self.client)
            assert done.returncode == 0, done.stdout + done.stderr

    def run(self, *command: str, where: Path) -> "subprocess.CompletedProcess[str]":
        """Run a program that npm has installed, or one of the scripts of a package.json."""
        path = f"{self.folder / 'node_modules' / '.bin'}:{os.environ['PATH']}"
        return subprocess.run(
            command,
            cwd=where,
            env=os.environ | _OFFLINE | {"PATH": path},
            capture_output=True,
            text=True,
            check=False,
        )


@cache
def built() -> Workshop:
    """A workshop with the package as it is published. Building it takes ten seconds."""
    folder = Path(tempfile.mkdtemp(prefix="ninja-totp-client-"))
    atexit.register(shutil.rmtree, folder)
    workshop = Workshop(folder / "workshop")
    workshop.build_client(DOCUMENT)
    return workshop
