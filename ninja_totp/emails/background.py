"""Running a job after the answer, so that neither the answer nor its time depends on it.

A thread of this process, which needs no broker. A project that has a task queue names a function
of the same shape in TOTP_RECOVERY_DISPATCHER: it gets a function that can be imported by its
name, and keyword arguments that JSON can hold.
"""

import atexit
import logging
import os
import threading
import time
from collections.abc import Callable
from queue import Full, Queue
from typing import Any

from django.core import mail
from django.db import connections

__all__ = ["at_once", "in_background"]

logger = logging.getLogger("ninja_totp")

Job = Callable[..., object]

# A job begins when the answer is gone: on one core its work would delay the answer, and by how
# much would tell whether there is an account.
_HEAD_START_SECONDS = 0.5
# A mail server that hangs must not fill the memory.
_MOST_JOBS = 1000
# How long a process that ends waits for the mail that is left.
_PATIENCE_SECONDS = 5.0


def at_once(job: Job, /, **arguments: Any) -> None:
    """Run the job now. What goes wrong is logged and changes nothing for the caller."""
    try:
        job(**arguments)
    except Exception:  # each mail backend has its own way to say that it is down
        logger.exception("A mail about recovery could not be sent.")


def in_background(job: Job, /, **arguments: Any) -> None:
    """Run the job in a thread of this process, or at once where Django's test runner is at work.

    Under the test runner mail goes into `mail.outbox`, and a test may look at it right after the
    call; also, a thread would not see the transaction that the test runs in.
    """
    if hasattr(mail, "outbox"):
        at_once(job, **arguments)
    else:
        _background.put(job, arguments)


class Background:
    """One thread, started when there is something to do, and its queue."""

    def __init__(self) -> None:
        self._queue: Queue[tuple[float, Job, dict[str, Any]]] = Queue(_MOST_JOBS)
        self._starting = threading.Lock()
        self._thread: threading.Thread | None = None
        self._hurried = threading.Event()

    def put(self, job: Job, arguments: dict[str, Any]) -> None:
        """Take a job without waiting; with a thousand of them waiting, drop it."""
        try:
            self._queue.put_nowait((time.monotonic() + _HEAD_START_SECONDS, job, arguments))
        except Full:
            logger.error("Too many mails about recovery are waiting; one was dropped.")
            return
        with self._starting:
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="ninja_totp", daemon=True)
                self._thread.start()

    def _run(self) -> None:
        while True:
            due, job, arguments = self._queue.get()
            self._hurried.wait(max(0, due - time.monotonic()))
            at_once(job, **arguments)
            # No request ends here, so nothing else would give the connections back.
            connections.close_all()
            self._queue.task_done()

    def finish(self, patience_seconds: float = _PATIENCE_SECONDS) -> bool:
        """Hurry, wait for what is left, and return whether all of it is done."""
        self._hurried.set()
        queue = self._queue
        with queue.all_tasks_done:
            return queue.all_tasks_done.wait_for(
                lambda: not queue.unfinished_tasks, patience_seconds
            )


_background = Background()


def _begin_anew() -> None:
    # A forked child has neither the thread nor a claim to the parent's jobs.
    global _background  # noqa: PLW0603 - a child process starts from nothing
    _background = Background()


def _finish() -> None:
    _background.finish()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_begin_anew)
atexit.register(_finish)
