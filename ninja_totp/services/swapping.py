"""Read, decide, write if nobody else has: the loop that every change to a factor runs in.

What is read, what is decided and what is written stand in the use cases. The read happens
outside the transaction and the transaction begins with a write: so SQLite in its default mode
waits for its lock instead of failing, and PostgreSQL holds a row only for the write.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TypeVar

from django.db import OperationalError, connections, router

from ninja_totp.core.errors import Unavailable
from ninja_totp.models import Totp

__all__ = ["LostSwap", "database", "on_database", "until_swapped"]

R = TypeVar("R")

# Every lost swap means that somebody else's write was counted, and counted failures soon lock
# the account: far fewer rounds are ever needed.
_MOST_ROUNDS = 100

# Deadlock, serialization failure, record changed since last read: the database undid the
# transaction and asks for another try. PostgreSQL tells by SQLSTATE, MySQL and MariaDB by number.
_TRY_AGAIN = frozenset({"40P01", "40001", 1213, 1020})


class LostSwap(Exception):
    """Somebody wrote the row first. Raised inside a transaction, which it rolls back."""


_chosen: ContextVar[str | None] = ContextVar("ninja_totp_database", default=None)


def database() -> str:
    """Return the alias of the database that decides: never a replica."""
    return _chosen.get() or router.db_for_write(Totp)


@contextmanager
def on_database(alias: str | None) -> Iterator[None]:
    """Have `alias` decide, in place of the one that the router names; None leaves it to the router.

    For an operator's command: a site that chooses the database by request has no request there.
    """
    token = _chosen.set(alias)
    try:
        yield
    finally:
        _chosen.reset(token)


def until_swapped(change: Callable[[], R]) -> R:
    """Run `change` until it wins its swap, and return what it returns.

    Raises what `change` raises, and Unavailable when it loses a hundred times in a row. In a
    transaction of the caller's, what the database undid is the caller's to try again.
    """
    for _ in range(_MOST_ROUNDS):
        try:
            return change()
        except LostSwap:
            continue
        except OperationalError as error:
            if _in_transaction() or not _asks_for_another_try(error):
                raise
    raise Unavailable


def _in_transaction() -> bool:
    is_open: bool = connections[database()].in_atomic_block
    return is_open


def _asks_for_another_try(error: OperationalError) -> bool:
    sqlstate = getattr(error.__cause__, "sqlstate", None)
    number = error.args[0] if error.args else None
    return sqlstate in _TRY_AGAIN or number in _TRY_AGAIN
