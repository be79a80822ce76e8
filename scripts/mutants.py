"""Run mutmut on the core, and hold what survives against the table of explained survivors."""

import re
import subprocess
import sys
from pathlib import Path

_EXPLAINED = Path("tests/core/survivors.md")
_RESULT = re.compile(r"^\s*(\S+): (survived|no tests|suspicious)$", re.MULTILINE)
_ROW = re.compile(r"^\| `(\S+)` \|", re.MULTILINE)


def _mutmut(*arguments: str, capture: bool = False) -> str:
    command = [sys.executable, "-m", "mutmut", *arguments]
    run = subprocess.run(command, capture_output=capture, text=True, check=True)
    return run.stdout or ""


def main() -> int:
    """Return 1 when a mutant survives that nobody has explained, or an explained one is gone."""
    _mutmut("run", "--max-children", "1")
    survivors = {match[1] for match in _RESULT.finditer(_mutmut("results", capture=True))}
    explained = set(_ROW.findall(_EXPLAINED.read_text()))
    for name in sorted(survivors - explained):
        print(f"survives and is not explained: {name}")
        print(_mutmut("show", name, capture=True))
    for name in sorted(explained - survivors):
        print(f"explained in {_EXPLAINED}, and survives no more: {name}")
    print(f"{len(survivors)} survivors, {len(explained)} explained")
    return 0 if survivors == explained else 1


if __name__ == "__main__":
    sys.exit(main())
