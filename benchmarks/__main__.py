"""`make bench`: how fast is ninja_totp beside the floor and beside its peers?

Prints Markdown tables, writes them to build/benchmarks.md, those of a full run into
docs/explanation/performance.md and its plot to docs/assets/benchmarks.png, and stops by itself.
Needs PostgreSQL (PGHOST, PGUSER, PGPASSWORD).
"""

import argparse
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks import report
from benchmarks.apart import run_apart
from benchmarks.imports import added
from benchmarks.loop_probe import probe
from benchmarks.page import put_into
from benchmarks.plan import FULL, PROFILED, QUICK, Plan, main_contenders, sqlite_contenders
from benchmarks.plot import draw
from benchmarks.rounds import Contender, measure
from benchmarks.servers import SERVERS

_ROOT = Path(__file__).resolve().parent.parent
_TABLES = _ROOT / "build" / "benchmarks.md"
_PAGE = _ROOT / "docs" / "explanation" / "performance.md"
_PLOT = _ROOT / "docs" / "assets" / "benchmarks.png"


def _http(contenders: Sequence[Contender], plan: Plan, *, plotted: bool) -> str:
    results = measure(contenders, rounds=plan.rounds, requests=plan.requests, clients=plan.clients)
    if plotted:
        draw(results, _PLOT)
    return report.http_table(results)


def _parts(
    plan: Plan, server: str, *, without: Sequence[str], plotted: bool
) -> dict[str, Callable[[], str]]:
    """Return the parts by title, in the order in which they run."""
    main, few = main_contenders, sqlite_contenders
    sizes = [str(size) for size in plan.sizes]
    return {
        "pieces": lambda: report.micro_table(run_apart("micro")),
        "import": lambda: report.import_table(added()),
        "services": lambda: report.service_table(
            run_apart("service_calls", str(plan.calls), name="services")
        ),
        "profile": lambda: report.profile_table(_profiles(plan.calls)),
        "loop": lambda: report.loop_table(probe(requests=plan.requests, clients=plan.clients)),
        "postgres": partial(_http, main(server, without=without), plan, plotted=plotted),
        "sqlite": partial(_http, few(server, without=without), plan, plotted=False),
        "growth": lambda: report.growth_tables(run_apart("growth", *sizes, name="growth")),
    }


def _profiles(calls: int) -> dict[str, Any]:
    """Return what `cpu_profile` answers for each door."""
    return {
        door: run_apart("cpu_profile", door, str(calls), *cases, stack=door, name=f"profile_{door}")
        for door, cases in PROFILED.items()
    }


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a minute or two, to try the harness")
    parser.add_argument("--server", choices=SERVERS, default="uvicorn")
    parser.add_argument("--parts", default="", help="some of them, separated by commas")
    parser.add_argument("--rounds", type=int, default=0, help="instead of the plan's")
    parser.add_argument("--without", default="", help="stacks to leave out, separated by commas")
    return parser.parse_args()


def main() -> None:
    """Run the chosen parts one after another."""
    options = _options()
    # The picture in the docs is that of a full run under the default server only.
    plotted = not options.quick and options.server == "uvicorn"
    plan, without = QUICK if options.quick else FULL, options.without.split(",")
    plan = replace(plan, rounds=options.rounds or plan.rounds)
    parts = _parts(plan, options.server, without=without, plotted=plotted)
    chosen = [part for part in options.parts.split(",") if part] or list(parts)
    before, tables = report.machine(), {}
    for part in chosen:
        tables[part] = parts[part]()
        print(f"## {part} ({options.server})\n\n{tables[part]}\n", flush=True)
    tables["machine"] = f"Before: {before}\n\nAfter: {report.machine()}"
    print(tables["machine"])
    _keep(tables, shown=plotted)


def _keep(tables: dict[str, str], *, shown: bool) -> None:
    _TABLES.parent.mkdir(exist_ok=True)
    _TABLES.write_text("".join(f"## {part}\n\n{table}\n\n" for part, table in tables.items()))
    if shown:
        put_into(_PAGE, tables)


if __name__ == "__main__":
    main()
