"""`make bench`: how fast is ninja_totp beside the floor and beside its peers?

Prints Markdown tables, keeps what was measured in build/benchmarks.json and the tables in
build/benchmarks.md, and stops by itself. A full run under uvicorn is kept in
benchmarks/results.json as well and shown in docs/explanation/performance.md; of one with --parts,
these parts are. Needs PostgreSQL (PGHOST, PGUSER, PGPASSWORD).
"""

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks import report
from benchmarks.apart import run_apart
from benchmarks.imports import added
from benchmarks.loop_probe import probe
from benchmarks.page import RESULTS, put_into_page, tables
from benchmarks.plan import FULL, PROFILED, QUICK, Plan, main_contenders, sqlite_contenders
from benchmarks.rounds import Contender, measure
from benchmarks.servers import SERVERS

_BUILD = Path(__file__).resolve().parent.parent / "build"


def _http(contenders: Sequence[Contender], plan: Plan) -> list[dict[str, Any]]:
    results = measure(contenders, rounds=plan.rounds, requests=plan.requests, clients=plan.clients)
    return [result.summary() for result in results]


def _parts(plan: Plan, server: str, *, without: Sequence[str]) -> dict[str, Callable[[], Any]]:
    """Return the parts by title, in the order in which they run; each returns JSON."""
    main, few = main_contenders, sqlite_contenders
    sizes = [str(size) for size in plan.sizes]
    return {
        "pieces": lambda: run_apart("micro"),
        "import": added,
        "services": lambda: run_apart("service_calls", str(plan.calls), name="services"),
        "profile": lambda: _profiles(plan.calls),
        "loop": lambda: probe(requests=plan.requests, clients=plan.clients),
        "postgres": partial(_http, main(server, without=without), plan),
        "sqlite": partial(_http, few(server, without=without), plan),
        "growth": lambda: run_apart("growth", *sizes, name="growth"),
    }


def _profiles(calls: int) -> dict[str, Any]:
    """Return what `cpu_profile` answers for each door."""
    return {
        door: run_apart("cpu_profile", door, str(calls), *cases, stack=door, name=f"profile_{door}")
        for door, cases in PROFILED.items()
    }


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="some minutes, to try the harness")
    parser.add_argument("--server", choices=SERVERS, default="uvicorn")
    parser.add_argument("--parts", default="", help="some of them, separated by commas")
    parser.add_argument("--rounds", type=int, default=0, help="instead of the plan's")
    parser.add_argument("--without", default="", help="stacks to leave out, separated by commas")
    return parser.parse_args()


def _measured(do: Callable[[], Any]) -> dict[str, Any]:
    """Return what `do` measures, and how busy the machine was before and after."""
    before = report.load_average()
    return {"measured": do(), "load_before": before, "load_after": report.load_average()}


def main() -> None:
    """Run the chosen parts one after another. The exit status is 1 if a contender has failed."""
    options = _options()
    plan = QUICK if options.quick else FULL
    plan = replace(plan, rounds=options.rounds or plan.rounds)
    parts = _parts(plan, options.server, without=options.without.split(","))
    chosen = [part for part in options.parts.split(",") if part] or list(parts)
    run: dict[str, Any] = {"machine": report.machine(), "server": options.server, "parts": {}}
    for part in chosen:
        run["parts"][part] = _measured(parts[part])
        _keep(run)
        print(f"## {part} ({options.server})\n\n{tables(run)[part]}\n", flush=True)
    print("\n\n".join(tables(run)[name] for name in ("targets", "machine")))
    # The documentation shows a full run under the default server, with everybody in it.
    if not (options.quick or options.without) and options.server == "uvicorn":
        _show(run)
    sys.exit(_complain(run))


def _keep(run: dict[str, Any]) -> None:
    _BUILD.mkdir(exist_ok=True)
    (_BUILD / "benchmarks.json").write_text(json.dumps(run, indent=1) + "\n")
    texts = [f"## {name}\n\n{table}\n\n" for name, table in tables(run).items()]
    (_BUILD / "benchmarks.md").write_text("".join(texts))


def _show(run: dict[str, Any]) -> None:
    earlier = json.loads(RESULTS.read_text()) if RESULTS.exists() else {"parts": {}}
    shown = run | {"parts": earlier["parts"] | run["parts"]}
    RESULTS.write_text(json.dumps(shown, indent=1) + "\n")
    put_into_page(shown)


def _complain(run: dict[str, Any]) -> int:
    """Say which contenders have failed, and return the exit status."""
    failed = [
        f"FAILED on {part}: {row['name']}: {row['failure']}"
        for part in ("postgres", "sqlite")
        for row in run["parts"].get(part, {}).get("measured", [])
        if "failure" in row
    ]
    print("\n".join(failed), file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    main()
