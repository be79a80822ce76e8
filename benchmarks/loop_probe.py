"""How long is the event loop held while ten clients create enrolments, or do nothing but SQL?"""

import json
from typing import Any
from urllib.request import urlopen

from benchmarks.client import run_load
from benchmarks.rounds import Feeder
from benchmarks.servers import Server

__all__ = ["probe"]

_CASES = ("floor", "floor_sql_jwt", "verify", "create")


def _seen(server: Server) -> dict[str, dict[str, float]]:
    with urlopen(f"http://127.0.0.1:{server.port}/probe/", timeout=10) as answer:
        seen: dict[str, dict[str, float]] = json.load(answer)
    return seen


def probe(*, requests: int, clients: int) -> list[dict[str, Any]]:
    """Return a row for each case: milliseconds that the loop was held, and its lag."""
    rows = []
    with Feeder("ninja_totp", "postgres") as feeder:
        feeder.ask("seed", users=requests)
        with Server("probed", "ninja_totp", "postgres") as server:
            for case in (_CASES[0], *_CASES):  # the first one warms up
                calls = feeder.calls(case, requests)
                _seen(server)
                run_load(server.port, calls, clients=clients)
                rows.append({"case": case, **_seen(server)})
    return rows[1:]
