"""Run mutmut, and compare what survives with the table of explained survivors.

The arguments name the parts of ninja_totp whose mutants are tried, all of them by default. A digit
among them takes those alone whose number ends with it, about a tenth: `services 3`.
"""

import re
import shutil
import subprocess
import sys
from fnmatch import fnmatchcase
from pathlib import Path

_PARTS = ["core", "models", "services", "http", "transactions"]
_EXPLAINED = Path("tests/survivors.md")
_RESULT = re.compile(r"^\s*(\S+): (survived|no tests|suspicious)$", re.MULTILINE)
_ROW = re.compile(r"^\| `(\S+)` \|", re.MULTILINE)

# mutmut passes over every decorated function. This decorator is on most of those that hold a secret
# and changes nothing but error reports; on a copy without it, they are tried as well.
_COPY = Path("build/mutants")
_COPIED = ("ninja_totp", "drf_compat", "demo", "tests")
_DECORATOR = re.compile(r"^ *@sensitive_variables\(\)\n", re.MULTILINE)


def _make_copy() -> None:
    for name in _COPIED:
        shutil.rmtree(_COPY / name, ignore_errors=True)
        shutil.copytree(name, _COPY / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy2("pyproject.toml", _COPY)
    for module in (_COPY / "ninja_totp").rglob("*.py"):
        text = module.read_text(encoding="utf-8")
        module.write_text(_DECORATOR.sub("", text), encoding="utf-8")


def _mutmut(*arguments: str, capture: bool = False) -> str:
    command = [sys.executable, "-m", "mutmut", *arguments]
    run = subprocess.run(command, cwd=_COPY, capture_output=capture, text=True, check=True)
    return run.stdout or ""


def main(parts: list[str], digit: str) -> int:
    """Return 1 when a mutant survives without an explanation, or an explained one is gone."""
    patterns = [f"ninja_totp.{part}.*{digit}" for part in parts]
    _make_copy()
    _mutmut("run", "--max-children", "1", *patterns)
    results = _RESULT.findall(_mutmut("results", capture=True))
    survivors = [name for name, _ in results if _is_one_of(name, patterns)]
    table = _ROW.findall(_EXPLAINED.read_text(encoding="utf-8"))
    unexplained = [name for name in survivors if not _is_one_of(name, table)]
    # A row for a whole function holds for all of its mutants, of which this may be a tenth.
    named = [row for row in table if _is_one_of(row, patterns) and not row.endswith("*")]
    gone = [row for row in named if row not in survivors]
    for name in unexplained:
        print(f"survives and is not explained: {name}")
        print(_mutmut("show", name, capture=True))
    for row in gone:
        print(f"explained in {_EXPLAINED}, and survives no longer: {row}")
    print(f"{len(survivors)} survivors, {len(unexplained)} of them not explained")
    return 1 if unexplained or gone else 0


def _is_one_of(name: str, patterns: list[str]) -> bool:
    return any(fnmatchcase(name, pattern) for pattern in patterns)


if __name__ == "__main__":
    named = [argument for argument in sys.argv[1:] if not argument.isdigit()]
    digits = [argument for argument in sys.argv[1:] if argument.isdigit()]
    sys.exit(main(named or _PARTS, "".join(digits)))
