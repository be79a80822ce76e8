"""Calls that are let go at once, each in a thread with a connection of its own.

A refusal is an outcome; any other exception is none, and fails the test that sees it.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

from django.db import connection, connections

from ninja_totp.core.errors import TotpError

__all__ = ["accepted", "at_once", "refusals"]

_PATIENCE_SECONDS = 60


def at_once(calls: Sequence[Callable[[], Any]]) -> list[Any]:
    """Run `calls` in parallel and return what each returned, or the TotpError that it raised."""
    barrier = Barrier(len(calls))

    def run(call: Callable[[], Any]) -> Any:
        try:
            connection.ensure_connection()
            barrier.wait(_PATIENCE_SECONDS)
            return call()
        except TotpError as refusal:
            return refusal
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(calls)) as threads:
        return list(threads.map(run, calls))


def accepted(outcomes: Sequence[Any]) -> list[Any]:
    """What was returned, refusals left out."""
    return [outcome for outcome in outcomes if not isinstance(outcome, TotpError)]


def refusals(outcomes: Sequence[Any]) -> Counter[str]:
    """How often each kind of refusal occurred, by the name of its class."""
    return Counter(type(outcome).__name__ for outcome in outcomes if isinstance(outcome, TotpError))
