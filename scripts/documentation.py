"""Lay out what the site is made from, and build it: `make docs`.

The copy has the pages where the repository has them, so that their relative links hold in both
places. A warning, such as one of a link that leads nowhere, is a failure.
"""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

_ROOT = Path(__file__).resolve().parents[1]
# Beside docs/, what its pages link to.
_BESIDE = [
    "README.md",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "SECURITY.md",
    "CODE_OF_CONDUCT.md",
    "LICENSE",
    "benchmarks/README.md",
    "examples/typescript/README.md",
]
# And the files of the package that pages name.
_SOURCE = re.compile(r"\]\((?:\.\./)+(ninja_totp/[\w/]+\.py)\)")


def lay_out(folder: Path) -> None:
    """Put into `folder` what MkDocs reads: mkdocs.yml, and beside it a new copy of the pages."""
    copy = folder / "build" / "docs"
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(_ROOT / "docs", copy / "docs")
    for name in (*_BESIDE, *_sources()):
        target = copy / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(_ROOT / name, target)
    if folder != _ROOT:
        shutil.copyfile(_ROOT / "mkdocs.yml", folder / "mkdocs.yml")


def _sources() -> set[str]:
    pages = (page.read_text(encoding="utf-8") for page in (_ROOT / "docs").rglob("*.md"))
    return {name for text in pages for name in _SOURCE.findall(text)}


def build(folder: Path) -> bool:
    """Build the site in build/site; return whether there was no warning."""
    # --quiet would hide the warnings from --strict as well.
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--clean"]
    environment = os.environ | {"NO_MKDOCS_2_WARNING": "1"}
    return subprocess.run(command, cwd=folder, env=environment, check=False).returncode == 0


if __name__ == "__main__":
    lay_out(_ROOT)
    sys.exit(not build(_ROOT))
