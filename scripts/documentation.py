"""Lay out what the site is made from, and build it with MkDocs and with Zensical.

The copy has the pages where the repository has them, so that their relative links hold in both
places. A warning of either builder, such as a link that leads nowhere, is a failure.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

__all__ = ["BUILDERS", "builds", "lay_out"]

_ROOT = Path(__file__).resolve().parents[1]
# Beside docs/, what its pages link to.
_BESIDE = [
    "README.md",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "LICENSE",
    "benchmarks/README.md",
    "examples/typescript/README.md",
]
BUILDERS = ("mkdocs", "zensical")


def lay_out(folder: Path) -> None:
    """Put into `folder` what a builder reads: mkdocs.yml, and beside it the copy, made anew."""
    copy = folder / "build" / "docs"
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(_ROOT / "docs", copy / "docs")
    for name in _BESIDE:
        target = copy / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(_ROOT / name, target)
    if folder != _ROOT:
        shutil.copyfile(_ROOT / "mkdocs.yml", folder / "mkdocs.yml")


def builds(builder: str, folder: Path) -> bool:
    """Whether `builder` has nothing to complain of. The site is in build/site then."""
    # --quiet would hide the warnings of MkDocs from --strict as well.
    command = [sys.executable, "-m", builder, "build", "--strict", "--clean"]
    environment = os.environ | {"NO_MKDOCS_2_WARNING": "1"}
    return subprocess.run(command, cwd=folder, env=environment, check=False).returncode == 0


def main() -> int:
    """Return 1 when a builder failed, else 0. The site of the last one stays in build/site."""
    lay_out(_ROOT)
    failed = [builder for builder in BUILDERS if not builds(builder, _ROOT)]
    print(f"failed: {', '.join(failed)}" if failed else f"The site is in {_ROOT}/build/site.")
    return int(bool(failed))


if __name__ == "__main__":
    sys.exit(main())
