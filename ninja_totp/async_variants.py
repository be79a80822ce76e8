"""The one place that knows how a synchronous use case becomes awaitable.

A use case is written once, synchronously, with its transaction inside. Its twin runs the same
function in a single thread hop: Django has no asynchronous transactions, and a hop that has
started always finishes, so that a client that hangs up cannot leave half a change behind.
"""

from collections.abc import Callable, Coroutine
from typing import Any, ParamSpec, TypeVar

from asgiref.sync import sync_to_async

__all__ = ["awaitable"]

P = ParamSpec("P")
R = TypeVar("R")


def awaitable(use_case: Callable[P, R]) -> Callable[P, Coroutine[Any, Any, R]]:
    """Return the twin of `use_case`: same arguments, same result, same errors, one hop."""
    return sync_to_async(use_case, thread_sensitive=True)
