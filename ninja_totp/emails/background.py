"""Run a job after the response, so that neither the response nor its time depends on it.

The job runs in a thread of this process at a random time: its work delays other responses, and an
attacker who knew the time could measure whether an account exists. A task queue of the project
(TOTP_RECOVERY_DISPATCHER) gets a function that can be imported by name, and JSON arguments. Among
these is the context of the request: in another thread or process its language, its database and its
tenant are unknown, and the wrong user with the same key would get the mail.
"""

import atexit
import logging
import os
import random
import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from contextvars import copy_context
from dataclasses import dataclass, field
from functools import partial, wraps
from heapq import heappop, heappush
from importlib import import_module
from typing import Any

from django.conf import settings
from django.core import mail
from django.db import connections
from django.utils import translation

from ninja_totp import signals, transactions

Job = Callable[..., object]

# A job starts after its response is sent, and not so soon that the next request of the same client
# coincides with it. Mail takes as long anyway.
_SHORTEST_HEAD_START_SECONDS, _LONGEST_HEAD_START_SECONDS = 0.5, 30.0
# A mail server that hangs must not fill the memory, and a flood of requests must not block the mail
# of others: at 300 requests per second nothing is dropped.
_MOST_JOBS = 10_000


def at_once(job: Job, /, **arguments: Any) -> None:
    """Run the job now. Errors are logged and change nothing for the caller."""
    try:
        job(**arguments)
    except Exception as error:  # noqa: BLE001 - each mail backend has its own way to say that it is down
        # Only the type: the message may contain an email address.
        line = "A mail could not be sent: %s."
        signals.log(logging.ERROR, line, _kinds(error), event="mail_failed")


def _kinds(error: BaseException) -> str:
    if isinstance(error, BaseExceptionGroup):
        return ", ".join(_kinds(one) for one in error.exceptions)
    return type(error).__name__


def in_background(job: Job, /, **arguments: Any) -> None:
    """Run the job in a thread of this process, or at once under Django's test runner.

    Under the test runner mail goes to `mail.outbox`, which a test may read right after the call. A
    thread would not see the transaction of the test.
    """
    if hasattr(mail, "outbox"):
        at_once(job, **arguments)
    else:
        _background.put(job, arguments)


def context() -> dict[str, str | None]:
    """Return the additional arguments of a job, as JSON values."""
    alias = transactions.database()
    schema: str | None = getattr(connections[alias], "schema_name", None)  # of django-tenants
    return {"language": translation.get_language(), "database": alias, "schema": schema}


def in_context(job: Callable[..., None]) -> Callable[..., None]:
    """Let `job` accept the result of `context`, and run in that context."""

    @wraps(job)
    def of_request(
        *, language: str | None, database: str | None = None, schema: str | None = None, **rest: Any
    ) -> None:
        tenant: AbstractContextManager[object] = nullcontext()
        if schema is not None:
            tenant = import_module("django_tenants.utils").schema_context(schema)
        with transactions.on_database(database), tenant, translation.override(language):
            job(**rest)

    return of_request


def _head_start() -> float:
    if settings.DEBUG:  # a developer waits for the mail, and needs no protection
        return _SHORTEST_HEAD_START_SECONDS
    # Not the global generator, which others may seed or predict.
    chance = random.SystemRandom()
    return chance.uniform(_SHORTEST_HEAD_START_SECONDS, _LONGEST_HEAD_START_SECONDS)


@dataclass(order=True, slots=True)
class _Waiting:
    due: float
    run: Callable[[], None] = field(compare=False, repr=False)


class Background:
    """One thread, started with the first job, and the jobs that wait for it.

    Each job runs at its own time. With a queue, a flood of requests would make the time of the next
    job predictable.
    """

    def __init__(self) -> None:
        self._waiting: list[_Waiting] = []
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None
        self._is_hurried = False
        self._is_busy = False

    def put(self, job: Job, arguments: dict[str, Any]) -> None:
        """Add a job without waiting; drop it if ten thousand jobs are waiting."""
        with self._changed:
            if len(self._waiting) >= _MOST_JOBS:
                line = "Too many mails about recovery are waiting; one was dropped."
                signals.log(logging.ERROR, line, event="mail_dropped")
                return
            # In the context of the request: a database router may use it.
            run = partial(copy_context().run, at_once, job, **arguments)
            heappush(self._waiting, _Waiting(time.monotonic() + _head_start(), run))
            self._changed.notify_all()
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="ninja_totp", daemon=True)
                self._thread.start()

    def _run(self) -> None:
        while True:
            with self._changed:
                self._is_busy = False
                self._changed.notify_all()
                while (seconds := self._seconds_to_wait()) != 0:
                    self._changed.wait(seconds)
                self._is_busy = True
                next_ = heappop(self._waiting)
            next_.run()
            # No request ends here, so nothing else closes the connections.
            connections.close_all()

    def _seconds_to_wait(self) -> float | None:  # None: until there is a job
        if not self._waiting:
            return None
        return 0 if self._is_hurried else max(0, self._waiting[0].due - time.monotonic())

    def finish(self, patience_seconds: float = 5.0) -> bool:
        """Run the remaining jobs now, wait for them, and return whether all are done.

        A process that ends waits as long as the default.
        """
        with self._changed:
            self._is_hurried = True
            self._changed.notify_all()
            return self._changed.wait_for(
                lambda: not (self._waiting or self._is_busy), patience_seconds
            )


_background = Background()


def _start_again() -> None:
    # A forked child has no thread, and the jobs belong to the parent.
    global _background  # noqa: PLW0603 - a child process starts from nothing
    _background = Background()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_start_again)


@atexit.register
def _finish() -> None:
    _background.finish()
