"""Signals for other code. The package does not listen to them itself.

Every signal is sent with `send_robust` after the change is committed, with `user` and `request`
(None if a use case was called without a request). No signal carries a secret, a code or a token.
The logger "ninja_totp" gets the same events.
"""

import logging
from collections.abc import Callable
from functools import partial
from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.db import connections, router, transaction
from django.dispatch import Signal
from django.http import HttpRequest

from ninja_totp.models import Account
from ninja_totp.transactions import chosen

# The names that django-totp documents.
totp_created = Signal()
"""Two-factor authentication was set up, or the authenticator was replaced."""
totp_disabled = Signal()
"""Two-factor authentication was turned off, by the user, by recovery or by an operator."""
backup_codes_rotated = Signal()
"""The backup codes were replaced, but not by a confirmation."""
totp_login_succeeded = Signal()
"""A login with the second factor is complete."""
non_totp_login_succeeded = Signal()
"""A login without a second factor is complete: the user has none."""
totp_recovery_succeeded = Signal()
"""Two-factor authentication was reset with a recovery link and the password."""

# Ours. A replay has its own signal: the code was correct before, so someone may have seen it
# (phishing).
totp_verified = Signal()
"""A code was accepted."""
totp_authenticator_added = Signal()
"""Another authenticator was confirmed. `authenticator` is its id, `name` its name."""
totp_authenticator_renamed = Signal()
"""An authenticator was renamed. `authenticator` is its id, `name` the new name."""
totp_authenticator_removed = Signal()
"""One of several authenticators was removed. `authenticator` is its id, `name` its name."""
totp_failed = Signal()
"""A wrong code was counted."""
totp_replayed = Signal()
"""A used code was entered again."""
totp_locked = Signal()
"""A failure started a lock."""
totp_recovery_requested = Signal()
"""A recovery link was mailed. `request` is None."""
totp_recovery_cancelled = Signal()
"""All recovery links of an account were cancelled."""
totp_recovery_failed = Signal()
"""A wrong password was sent with a valid recovery link."""
trusted_device_login_succeeded = Signal()
"""A login on a trusted device needed no code."""
trusted_device_reused = Signal()
"""A used token of a trusted device was sent again. The device is no longer trusted."""

NAMES = {signal: name for name, signal in globals().items() if isinstance(signal, Signal)}
"""The name of each signal."""

_SUSPICIOUS = (totp_replayed, totp_locked, trusted_device_reused)

_logger = logging.getLogger("ninja_totp")


def announce(
    signal: Signal,
    *,
    user: AbstractBaseUser,
    request: HttpRequest | None,
    api: str = "",
    **extra: Any,
) -> None:
    """Log the event, and send `signal` after the current transaction is committed.

    `api` and `extra` are for the log and the receivers. A failing receiver changes nothing.
    """
    sender = user.__class__  # not type(): request.user may be a lazy proxy
    level = logging.WARNING if signal in _SUSPICIOUS else logging.INFO
    # A record has a `name` of its own, which is the logger's.
    named = {"authenticator_name" if key == "name" else key: extra[key] for key in extra}
    fields = {"event": NAMES[signal], "user": str(user.pk), "api": api} | named
    log(level, "%s user=%s %s", NAMES[signal], user.pk, extra or "", **fields)
    after_commit(partial(signal.send_robust, sender, request=request, user=user, api=api, **extra))


# Any: a dictionary of fields may be given as `**fields`, and `exc_info` is what logging takes.
def log(level: int, line: str, *values: object, exc_info: Any = None, **fields: str) -> None:
    """Write a line with fields to the log."""
    try:
        _logger.log(level, line, *values, exc_info=exc_info, extra=fields)
    except KeyError:  # the project's factory of records sets one of them: its value stays
        taken = vars(logging.makeLogRecord({}))
        own = {name: fields[name] for name in fields if name not in taken}
        _logger.log(level, line, *values, exc_info=exc_info, extra=own)


def after_commit(send: Callable[[], object]) -> None:
    """Call `send` after the current transaction is committed, or never if it is rolled back.

    Its errors are logged and change nothing, because the change is already written.
    """
    using = chosen.get() or router.db_for_write(Account)  # as database() does
    if not _is_committed(using):
        # Without autocommit, Django accepts callbacks only inside an atomic block.
        with transaction.atomic(using=using, savepoint=False):
            # Not `send` itself: Django logs the name of a failing callback, and a partial has none.
            transaction.on_commit(lambda: send(), using=using, robust=True)  # noqa: PLW0108
        return
    try:
        send()
    except Exception as error:  # noqa: BLE001 - a project's dispatcher raises what it likes
        # Only the type: the message may contain an email address.
        kind = type(error).__name__
        line = "A callback after the commit failed: %s"
        log(logging.ERROR, line, kind, event="dispatch_failed")


def _is_committed(using: str) -> bool:
    connection = connections[using]
    # Django's TestCase runs a test in transactions that are never committed, and marks them. What
    # waits only for these is sent now, or tests of a project would never receive it.
    if connection.atomic_blocks:
        return all(getattr(block, "_from_testcase", False) for block in connection.atomic_blocks)
    return connection.get_autocommit()
