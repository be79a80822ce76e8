"""From the JSON of a run to the tables and the picture of the documentation.

`python -m benchmarks.page` renders benchmarks/results.json, the last full run, again. The page is
written by hand but for what stands between `<!-- begin NAME -->` and `<!-- end -->`.
"""

import json
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from benchmarks import report
from benchmarks.targets import targets

__all__ = ["RESULTS", "put_into_page", "tables"]

_ROOT = Path(__file__).resolve().parent.parent
_PAGE = _ROOT / "docs" / "explanation" / "performance.md"
_PLOT = _ROOT / "docs" / "assets" / "benchmarks.png"
RESULTS = _ROOT / "benchmarks" / "results.json"
"""What the last full run has measured."""

_TABLES: Mapping[str, Callable[[Any], str]] = {
    "pieces": report.micro_table,
    "import": report.import_table,
    "services": report.service_table,
    "profile": report.profile_table,
    "loop": report.loop_table,
    "postgres": report.http_table,
    "sqlite": report.http_table,
    "growth": report.growth_tables,
}


def tables(run: Mapping[str, Any]) -> dict[str, str]:
    """Return the tables by name of what `run` has measured."""
    parts = {name: part["measured"] for name, part in run["parts"].items()}
    loads = [
        f"{name}: {part['load_before']} before, {part['load_after']} after"
        for name, part in run["parts"].items()
    ]
    return {
        **{name: _TABLES[name](measured) for name, measured in parts.items()},
        "targets": report.target_table(targets(parts)),
        "machine": f"{run['machine']}\n\nLoad averages over 1, 5 and 15 minutes: "
        + "; ".join(loads)
        + ".",
    }


def put_into_page(run: Mapping[str, Any]) -> None:
    """Replace the tables and the picture of the documentation by those of `run`."""
    text = _PAGE.read_text()
    for name, table in tables(run).items():
        text = _replaced(text, name, table)
    _PAGE.write_text(text)
    if "postgres" in run["parts"]:
        # Here, because the tests read the tables where there is no matplotlib.
        from benchmarks.plot import draw

        draw(run["parts"]["postgres"]["measured"], _PLOT)


def _replaced(text: str, name: str, table: str) -> str:
    begin, end = f"<!-- begin {name} -->", "<!-- end -->"
    pattern = re.compile(f"{re.escape(begin)}.*?{re.escape(end)}", re.DOTALL)
    return pattern.sub(lambda _: f"{begin}\n{table}\n{end}", text)


if __name__ == "__main__":
    put_into_page(json.loads(RESULTS.read_text()))
