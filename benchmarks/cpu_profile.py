"""Where does the CPU time of a request go: to the framework, the ORM, the driver, to us?

Requests through Django's test client in this process, on PostgreSQL. First without a profiler,
which gives the CPU time; then with one, which gives the shares. A profiler makes many small
calls look dearer than a few large ones, so that a share is right within a few percent only.
"""

import cProfile
import pstats
import sys
from collections import Counter
from collections.abc import Sequence
from statistics import median
from time import process_time
from typing import Any

from benchmarks.apart import answer
from benchmarks.feeder import recreate_database
from benchmarks.stacks import Call, load_stack

__all__ = ["LAYERS", "shares"]

_ROUNDS = 5

# The first one whose mark is part of a file's path. What is written in C counts for its caller.
_MARKS = {
    "ORM": ("/django/db/", "/django/core/cache/"),
    "driver": ("/psycopg",),
    "QR code": ("/segno/", "/core/provisioning.py"),
    "us": ("/ninja_totp/", "/drf_compat/"),
    "tokens": ("/ninja_jwt/", "/rest_framework_simplejwt/", "/jwt/", "/json/"),
    "crypto": ("/cryptography/", "/hmac.py", "/hashlib.py", "/pyotp/", "/base64.py"),
    "pydantic": ("/pydantic",),
    "Ninja or REST framework": ("/ninja/", "/rest_framework/"),
    "threads": ("/asgiref/", "/asyncio/", "/concurrent/", "/threading.py", "/selectors.py"),
    "Django": ("/django/",),
}
LAYERS = (*_MARKS, "rest")

_Function = tuple[str, int, str]


def _layer(function: _Function) -> str:
    path = function[0]
    return next((layer for layer in _MARKS if any(mark in path for mark in _MARKS[layer])), "rest")


def _send(calls: Sequence[Call]) -> float:
    """Return the CPU milliseconds of one call."""
    from django.test import Client

    client = Client(headers={})
    started = process_time()
    for call in calls:
        content_type = "application/json" if call.body else ""
        response = client.generic(
            call.method, call.path, call.body, content_type, headers=call.headers
        )
        if response.status_code != call.expected:
            raise ValueError(f"{call.path} answered {response.status_code}.")
    return (process_time() - started) / len(calls) * 1000


def _by_layer(profile: cProfile.Profile) -> dict[str, float]:
    seconds: Counter[str] = Counter()
    # Any: pstats has no public name for what it collects.
    collected: Any = pstats.Stats(profile)
    for function, (_, _, own, _, callers) in collected.stats.items():
        if function[0] != "~":
            seconds[_layer(function)] += own
            continue
        for caller, (_, _, spent, _) in callers.items():
            seconds[_layer(caller)] += spent
    total = sum(seconds.values())
    return {layer: seconds[layer] / total for layer in LAYERS}


def shares(stack_name: str, cases: Sequence[str], calls: int) -> list[dict[str, Any]]:
    """Return for each case its CPU milliseconds and the share of each layer."""
    recreate_database()
    stack = load_stack(stack_name)
    stack.seed(calls)
    rows = []
    for case in cases:
        _send(stack.prepare(case, calls))  # warms up
        spent = median(_send(stack.prepare(case, calls)) for _ in range(_ROUNDS))
        prepared, profile = stack.prepare(case, calls), cProfile.Profile(process_time)
        profile.runcall(_send, prepared)
        rows.append({"case": case, "cpu_ms": spent, "shares": _by_layer(profile)})
    return rows


if __name__ == "__main__":
    answer(lambda: shares(sys.argv[1], sys.argv[3:], int(sys.argv[2])))
