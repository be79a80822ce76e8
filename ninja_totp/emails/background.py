"""Running a job after the answer, so that neither the answer nor its time depends on it.

A thread of this process, at a moment that cannot be foretold: the work of a job delays what the
process answers meanwhile, and anyone who knew when to look would learn whether there is an account.
A project's task queue, in TOTP_RECOVERY_DISPATCHER, gets a function that can be imported by its
name, and keyword arguments that JSON can hold.
"""

import atexit
import logging
import os
import random
import threading
import time
from collections.abc import Callable
from contextvars import Context, copy_context
from dataclasses import dataclass, field
from heapq import heappop, heappush
from typing import Any

from django.conf import settings
from django.core import mail
from django.db import connections

logger = logging.getLogger("ninja_totp")

Job = Callable[..., object]

# A job begins when its answer is gone, and not so soon after it that the next request of the same
# client meets it. Little is lost: mail takes as long as that anyway.
_SHORTEST_HEAD_START_SECONDS, _LONGEST_HEAD_START_SECONDS = 0.5, 30.0
# A mail server that hangs must not fill the memory, nor may a flood of requests crowd out the
# mail of others: at 300 requests a second nothing is dropped yet.
_MOST_JOBS = 10_000
# How long a process that ends waits for the mail that is left.
_PATIENCE_SECONDS = 5.0


def at_once(job: Job, /, **arguments: Any) -> None:
    """Run the job now. What goes wrong is logged and changes nothing for the caller."""
    try:
        job(**arguments)
    except Exception as error:  # noqa: BLE001 - each mail backend has its own way to say that it is down
        # By its kind alone: the sentence of some has the receiver's address.
        logger.error("A mail could not be sent: %s.", _kinds(error), extra={"event": "mail_failed"})


def _kinds(error: BaseException) -> str:
    if isinstance(error, BaseExceptionGroup):
        return ", ".join(_kinds(one) for one in error.exceptions)
    return type(error).__name__


def in_background(job: Job, /, **arguments: Any) -> None:
    """Run the job in a thread of this process, or at once where Django's test runner is at work.

    Under the test runner mail goes into `mail.outbox`, and a test may look at it right after the
    call; also, a thread would not see the transaction that the test runs in.
    """
    if hasattr(mail, "outbox"):
        at_once(job, **arguments)
    else:
        _background.put(job, arguments)


def _head_start() -> float:
    """Return by how many seconds the next job is to be late."""
    if settings.DEBUG:  # who builds a site waits for the mail, and hides nothing from themselves
        return _SHORTEST_HEAD_START_SECONDS
    # Not the generator that others may seed, or watch until they can foretell it.
    return _chance.uniform(_SHORTEST_HEAD_START_SECONDS, _LONGEST_HEAD_START_SECONDS)


_chance = random.SystemRandom()


@dataclass(order=True, slots=True)
class _Waiting:
    due: float
    job: Job = field(compare=False)
    arguments: dict[str, Any] = field(compare=False, repr=False)
    # Of the request: a router may choose a database by what it finds there.
    context: Context = field(compare=False, repr=False)


class Background:
    """One thread, started when there is something to do, and what waits for it.

    Each job runs when it is due, whatever came before it: with a queue, a flood of requests would
    push the job after it to a moment that can be foretold.
    """

    def __init__(self) -> None:
        self._waiting: list[_Waiting] = []
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None
        self._is_hurried = False
        self._is_busy = False

    def put(self, job: Job, arguments: dict[str, Any]) -> None:
        """Take a job without waiting; with ten thousand of them waiting, drop it."""
        with self._changed:
            if len(self._waiting) >= _MOST_JOBS:
                logger.error(
                    "Too many mails about recovery are waiting; one was dropped.",
                    extra={"event": "mail_dropped"},
                )
                return
            due = time.monotonic() + _head_start()
            heappush(self._waiting, _Waiting(due, job, arguments, copy_context()))
            self._changed.notify_all()
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="ninja_totp", daemon=True)
                self._thread.start()

    def _run(self) -> None:
        while True:
            next_ = self._next()
            next_.context.run(at_once, next_.job, **next_.arguments)
            # No request ends here, so nothing else would give the connections back.
            connections.close_all()
            with self._changed:
                self._is_busy = False
                self._changed.notify_all()

    def _next(self) -> _Waiting:
        with self._changed:
            while (seconds := self._seconds_to_wait()) != 0:
                self._changed.wait(seconds)
            self._is_busy = True
            return heappop(self._waiting)

    def _seconds_to_wait(self) -> float | None:
        """Return in how many seconds a job is due; None without a job."""
        if not self._waiting:
            return None
        return 0 if self._is_hurried else max(0, self._waiting[0].due - time.monotonic())

    def finish(self, patience_seconds: float = _PATIENCE_SECONDS) -> bool:
        """Hurry, wait for what is left, and return whether all of it is done."""
        with self._changed:
            self._is_hurried = True
            self._changed.notify_all()
            return self._changed.wait_for(
                lambda: not (self._waiting or self._is_busy), patience_seconds
            )


_background = Background()


def _start_again() -> None:
    # A forked child has neither the thread nor a claim to the parent's jobs.
    global _background  # noqa: PLW0603 - a child process starts from nothing
    _background = Background()


def _finish() -> None:
    _background.finish()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_start_again)
atexit.register(_finish)
