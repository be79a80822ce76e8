"""How a use case runs: conditional updates, tried again after a conflict, and async variants.

The use cases read, decide, and write only if nothing has changed since the read. The read is before
the transaction and the transaction begins with a write: so SQLite in its default mode waits for its
lock instead of failing, and PostgreSQL locks a row only for the write.
"""

from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from asgiref.sync import sync_to_async
from django.apps import apps
from django.db import OperationalError, connections, router, transaction
from django.views.decorators.debug import sensitive_variables

from ninja_totp.core.errors import Unavailable

P = ParamSpec("P")
R = TypeVar("R")

# Every conflict means that another write succeeded, and counted failures soon lock the account: far
# fewer tries are needed.
TRIES = range(100)

# Deadlock, serialization failure, record changed since last read: the database rolled back the
# transaction, which can be tried again. PostgreSQL uses SQLSTATE, MySQL and MariaDB a number.
_TRY_AGAIN = frozenset({"40P01", "40001", 1213, 1020})


class CalledInTransaction(RuntimeError):
    """A code cannot be checked inside a transaction, which could undo the counted failure."""

    def __init__(self) -> None:
        super().__init__(
            "A code cannot be checked inside a transaction: a later error would undo the counted "
            "failure, and codes could be guessed without limit. Under ATOMIC_REQUESTS, decorate "
            "the view with django.db.transaction.non_atomic_requests. Elsewhere, call this outside "
            "of atomic()."
        )


class ConcurrentUpdate(Exception):
    """Another request wrote the row first. Raised inside a transaction, which it rolls back."""


chosen: ContextVar[str | None] = ContextVar("ninja_totp_database", default=None)
"""The database that an operator has chosen, if any."""


def database() -> str:
    """Return the alias of the database for writing, never a replica."""
    return chosen.get() or router.db_for_write(apps.get_model("ninja_totp", "Account"))


@contextmanager
def on_database(alias: str | None) -> Iterator[None]:
    """Use `alias` instead of the database that the router names; None leaves it to the router.

    For commands: if the router chooses by request, there is no request.
    """
    token = chosen.set(alias)
    try:
        yield
    finally:
        chosen.reset(token)


def refuse_transaction(using: str) -> None:
    """Raise CalledInTransaction inside a transaction of the caller.

    The transactions of Django's TestCase do not count (`atomic(durable=True)`).
    """
    if connections[using].in_atomic_block:
        try:
            with transaction.atomic(using=using, savepoint=False, durable=True):
                pass
        except RuntimeError:
            raise CalledInTransaction from None


def outside_of_requests(view: Any) -> Any:  # Any: a view, as Django takes one
    """Return `view` without the transaction of its request (ATOMIC_REQUESTS) on every database.

    An error rolls back that transaction. A failed attempt ends in an error, and must be counted.
    """
    for alias in connections:
        view = transaction.non_atomic_requests(using=alias)(view)
    return view


def retry_on_conflict(use_case: Callable[P, R]) -> Callable[P, R]:
    """Run `use_case` again, including its read, if another write came first.

    Raises what `use_case` raises, and Unavailable after a hundred conflicts in a row. In a
    transaction of the caller, the caller must retry after a rollback by the database.
    """

    @wraps(use_case)
    def until_written(*args: P.args, **kwargs: P.kwargs) -> R:
        for _ in TRIES:
            try:
                return use_case(*args, **kwargs)
            except ConcurrentUpdate:
                continue
            except OperationalError as error:
                if not is_conflict(error):
                    raise
        raise Unavailable

    return until_written


def is_conflict(error: OperationalError) -> bool:
    """Whether the database rolled back our transaction and it can be tried again."""
    cause = error.__cause__
    # The names in psycopg and psycopg2.
    sqlstate = getattr(cause, "sqlstate", None) or getattr(cause, "pgcode", None)
    number = error.args[0] if error.args else None
    is_undone = sqlstate in _TRY_AGAIN or number in _TRY_AGAIN
    return is_undone and not connections[database()].in_atomic_block


def awaitable(use_case: Callable[P, R]) -> Callable[P, Coroutine[Any, Any, R]]:
    """Return the asynchronous variant: same parameters, result and errors, "a" before its name.

    It is one call of the same function in a thread: Django has no asynchronous transactions, and a
    call that has started always finishes, so a client that disconnects cannot leave half a change.
    """
    # In the thread of the caller's connection: thread_sensitive is Django's and asgiref's default.
    in_thread = sync_to_async(use_case)

    @wraps(use_case)
    @sensitive_variables()  # the parameters hold codes and passwords
    async def variant(*args: P.args, **kwargs: P.kwargs) -> R:
        return await in_thread(*args, **kwargs)

    variant.__name__ = f"a{use_case.__name__}"
    variant.__qualname__ = f"a{use_case.__qualname__}"
    return variant
