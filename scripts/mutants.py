"""Run mutmut, and compare what survives with the table of explained survivors.

The arguments name the parts of ninja_totp whose mutants are tried, all of them by default.
"""

import re
import subprocess
import sys
from pathlib import Path

_PARTS = ["core", "models", "services", "http", "transactions"]
_EXPLAINED = Path("tests/survivors.md")
_RESULT = re.compile(r"^\s*(\S+): (survived|no tests|suspicious)$", re.MULTILINE)
_ROW = re.compile(r"^\| `(\S+)` \|", re.MULTILINE)


def _mutmut(*arguments: str, capture: bool = False) -> str:
    command = [sys.executable, "-m", "mutmut", *arguments]
    run = subprocess.run(command, capture_output=capture, text=True, check=True)
    return run.stdout or ""


def main(parts: list[str]) -> int:
    """Return 1 when a mutant survives without an explanation, or an explained one is gone."""
    prefixes = tuple(f"ninja_totp.{part}." for part in parts)
    _mutmut("run", "--max-children", "1", *(f"{prefix}*" for prefix in prefixes))
    results = _RESULT.findall(_mutmut("results", capture=True))
    survivors = {name for name, _ in results if name.startswith(prefixes)}
    table = _ROW.findall(_EXPLAINED.read_text(encoding="utf-8"))
    explained = {name for name in table if name.startswith(prefixes)}
    for name in sorted(survivors - explained):
        print(f"survives and is not explained: {name}")
        print(_mutmut("show", name, capture=True))
    for name in sorted(explained - survivors):
        print(f"explained in {_EXPLAINED}, and survives no longer: {name}")
    print(f"{len(survivors)} survivors, {len(explained)} explained")
    return 0 if survivors == explained else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:] or _PARTS))
