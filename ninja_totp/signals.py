"""What other code can listen to. Nothing in the package listens to its own signals.

Every signal is sent with `send_robust` after the change is committed, with `user`, with
`request` (None when a use case was called outside a request) and with `api` ("ninja", "drf", or
empty for code of the project's own). No signal carries a secret, a
code or a token. The same events go to the logger "ninja_totp".
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

__all__ = [
    "after_commit",
    "announce",
    "backup_codes_rotated",
    "non_totp_login_succeeded",
    "totp_authenticator_added",
    "totp_authenticator_removed",
    "totp_authenticator_renamed",
    "totp_created",
    "totp_disabled",
    "totp_failed",
    "totp_locked",
    "totp_login_succeeded",
    "totp_recovery_cancelled",
    "totp_recovery_failed",
    "totp_recovery_requested",
    "totp_recovery_succeeded",
    "totp_replayed",
    "totp_verified",
    "trusted_device_login_succeeded",
    "trusted_device_reused",
]

# The names that django-totp documents.
totp_created = Signal()
"""An enrolment or a replacement was confirmed."""
totp_disabled = Signal()
"""The second factor was switched off, by its owner, by recovery or by an operator."""
backup_codes_rotated = Signal()
"""The backup codes were replaced, apart from a confirmation."""
totp_login_succeeded = Signal()
"""A login was finished with a second factor."""
non_totp_login_succeeded = Signal()
"""A login needed no second factor, since the user has none."""
totp_recovery_succeeded = Signal()
"""The second factor was removed by a mailed link and the password."""

# Ours. A replay deserves a signal of its own: the code was right once, so somebody may have
# watched it being typed (phishing).
totp_verified = Signal()
"""A code was accepted."""
totp_authenticator_added = Signal()
"""One more authenticator was confirmed. `authenticator` is its id, `name` its name."""
totp_authenticator_renamed = Signal()
"""An authenticator has another name. `authenticator` is its id, `name` the new name."""
totp_authenticator_removed = Signal()
"""One of several authenticators was removed. `authenticator` is its id, `name` its name."""
totp_failed = Signal()
"""A wrong code was counted."""
totp_replayed = Signal()
"""A code that was used before came again."""
totp_locked = Signal()
"""A failure began a lock."""
totp_recovery_requested = Signal()
"""A recovery link was mailed; there is no request any more."""
totp_recovery_cancelled = Signal()
"""All recovery links of an account were made void by one of them."""
totp_recovery_failed = Signal()
"""A wrong password came with a right recovery link."""
trusted_device_login_succeeded = Signal()
"""A login needed no code, on a device that is trusted."""
trusted_device_reused = Signal()
"""A used token of a trusted device came again: it was copied, and the device is trusted no more."""


_NAMES = {signal: name for name, signal in globals().items() if isinstance(signal, Signal)}
_SUSPICIOUS = (totp_replayed, totp_locked, trusted_device_reused)

logger = logging.getLogger("ninja_totp")


def announce(
    signal: Signal,
    *,
    user: AbstractBaseUser,
    request: HttpRequest | None,
    api: str = "",
    **extra: Any,
) -> None:
    """Log the event, and send `signal` once the present transaction is committed.

    `api` and `extra` reach the log as well as the receivers. A receiver that fails harms nobody.
    """
    sender = user.__class__  # not type(): request.user may be a lazy proxy
    level = logging.WARNING if signal in _SUSPICIOUS else logging.INFO
    # A record has a `name` of its own, which is the logger's.
    named = {"authenticator_name" if key == "name" else key: extra[key] for key in extra}
    fields = {"event": _NAMES[signal], "user": str(user.pk), "api": api} | named
    logger.log(level, "%s user=%s %s", _NAMES[signal], user.pk, extra or "", extra=fields)
    send = partial(signal.send_robust, sender, request=request, user=user, api=api, **extra)
    after_commit(send)


def after_commit(send: Callable[[], object]) -> None:
    """Call `send` once the present transaction is committed, and not at all if it is undone.

    What goes wrong in it is logged and harms nobody: what it tells of is written already.
    """
    using = chosen.get() or router.db_for_write(Account)  # as database() does
    if _is_committed(using):
        _send_now(send)
        return
    # Where autocommit is off, Django takes what is to follow a commit from a block alone.
    with transaction.atomic(using=using, savepoint=False):
        # Not `send` itself: of what fails, Django logs the name, and a partial has none.
        transaction.on_commit(lambda: send(), using=using, robust=True)  # noqa: PLW0108


def _is_committed(using: str) -> bool:
    """Whether what has been written waits for no commit."""
    connection = connections[using]
    # Django's TestCase runs a test in transactions that are never committed, and marks them. What
    # waits for nothing but them is sent now, or the tests of a project would hear of nothing.
    if connection.atomic_blocks:
        return all(getattr(block, "_from_testcase", False) for block in connection.atomic_blocks)
    return connection.get_autocommit()


def _send_now(send: Callable[[], object]) -> None:
    try:
        send()
    except Exception as error:  # noqa: BLE001 - a project's dispatcher raises what it likes
        # The kind alone: the sentence may hold the receiver's address.
        kind = type(error).__name__
        logger.error(
            "What follows a commit has failed: %s", kind, extra={"event": "dispatch_failed"}
        )
