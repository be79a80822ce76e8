"""How a synchronous use case becomes its async variant.

A use case is written once, synchronously, with its transaction inside. The variant is one call of
the same function in a thread: Django has no asynchronous transactions, and a call that has started
always finishes, so a client that disconnects cannot leave half a change.
"""

from collections.abc import Callable, Coroutine
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from asgiref.sync import sync_to_async
from django.views.decorators.debug import sensitive_variables

P = ParamSpec("P")
R = TypeVar("R")


def awaitable(use_case: Callable[P, R]) -> Callable[P, Coroutine[Any, Any, R]]:
    """Return the asynchronous variant: same parameters, result and errors, "a" before its name."""
    in_thread = sync_to_async(use_case, thread_sensitive=True)

    @wraps(use_case)
    @sensitive_variables()  # the parameters hold codes and passwords
    async def variant(*args: P.args, **kwargs: P.kwargs) -> R:
        return await in_thread(*args, **kwargs)

    variant.__name__ = f"a{use_case.__name__}"
    variant.__qualname__ = f"a{use_case.__qualname__}"
    return variant
