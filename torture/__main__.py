"""`make torture`: attack and break real sites, and print one table of what came of it.

Each database has a process of its own, since Django's settings are read once. Exits with 1 when
something is not as it should be, or when a part could not run (`--lenient` only says so).
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from pathlib import Path
from time import monotonic
from typing import Any

from torture.private import DATABASES, Redis, missing
from torture.verdicts import Row, Tally, table

_ROOT = Path(__file__).resolve().parent.parent


def _parsed() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m torture", description=__doc__)
    parser.add_argument("--short", action="store_true", help="one server for each database")
    parser.add_argument("--database", choices=DATABASES, action="append", help="this one alone")
    parser.add_argument("--markdown", type=Path, metavar="FILE", help="write the table there too")
    parser.add_argument("--lenient", action="store_true", help="what cannot run is no failure")
    parser.add_argument("--rows", type=Path, help=argparse.SUPPRESS)
    return parser.parse_args()


def _work(options: argparse.Namespace) -> int:
    """Be the process of one database: write its rows to a file, one JSON document a line."""
    from torture.backend import FULL, SHORT, rows_of

    log = options.rows.with_suffix(".log")
    started = monotonic()
    with options.rows.open("w") as file:
        for row in rows_of(options.database[0], SHORT if options.short else FULL, log=log):
            at = f"{monotonic() - started:5.0f} s  {row.backend:28} {row.attack:50}"
            print(f"{at} {row.verdict}", file=sys.stderr, flush=True)
            file.write(json.dumps(asdict(row)) + "\n")
            file.flush()
    return 0


def _rows_on(kind: str, options: argparse.Namespace, folder: Path) -> list[Row]:
    file = folder / f"{kind}.jsonl"
    command = [sys.executable, "-m", "torture", "--database", kind, "--rows", str(file)]
    done = subprocess.run(
        [*command, *["--short"] * options.short], check=False, cwd=_ROOT, env=os.environ
    )
    lines = file.read_text().splitlines() if file.exists() else []
    rows = [_read(json.loads(line)) for line in lines]
    if done.returncode:
        rows.append(Row(kind, "the run itself", Tally(), (f"ended with {done.returncode}",)))
    return rows


def _read(row: dict[str, Any]) -> Row:  # Any: as json has it
    return Row(row["backend"], row["attack"], Tally(**row["tally"]), tuple(row["complaints"]))


def main() -> int:
    """Run what can run, print the table, and return the exit code."""
    options = _parsed()
    if options.rows:
        return _work(options)
    started = monotonic()
    rows, lacking = list[Row](), list[str]()
    kinds = list[str]()
    for kind in options.database or DATABASES:
        if lack := missing(*DATABASES[kind].programs, *Redis.programs):
            lacking.append(f"{kind}: NOT RUN, {lack} on this machine")
        else:
            kinds.append(kind)
    # The short form waits half of its time, so that the databases share the machine.
    with (
        tempfile.TemporaryDirectory(prefix="torture-") as folder,
        ThreadPoolExecutor(len(DATABASES) if options.short else 1) as pool,
    ):
        for found in pool.map(lambda kind: _rows_on(kind, options, Path(folder)), kinds):
            rows += found
    print("\n" + table(rows))
    if options.markdown:
        options.markdown.write_text(table(rows, markdown=True) + "\n")
    wrong = [row for row in rows if row.complaints]
    good, seconds = len(rows) - len(wrong), monotonic() - started
    print(f"\n{good} of {len(rows)} as they should be, {seconds:.0f} s")
    for line in lacking:
        print(f"!!! {line}", file=sys.stderr)
    return int(bool(wrong) or (bool(lacking) and not options.lenient))


if __name__ == "__main__":
    sys.exit(main())
