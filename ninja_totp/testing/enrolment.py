"""Users with 2FA, the codes that their phones show, and a clock that a test controls.

Only ninja_totp uses that clock: token libraries, sessions and caches use the real time. If a test
freezes the time of the process (freezegun, time-machine), ninja_totp follows without it.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from unittest import mock

from django.contrib.auth.models import AbstractBaseUser
from django.db.models import F

from ninja_totp import clock
from ninja_totp.conf import get_settings
from ninja_totp.core.otp import OtpParameters, code_at_step, step_at
from ninja_totp.models import Authenticator
from ninja_totp.services import confirm_totp_setup, create_totp_setup
from ninja_totp.services.verify import open_secret
from ninja_totp.testing.leaks import watches
from ninja_totp.transactions import awaitable, database

Moment = int | float | datetime
"""Seconds since the epoch, or a datetime with a time zone."""


@dataclass(frozen=True)
class Enrolment:
    """What a user has: the secret in the phone, and the backup codes on paper."""

    user: AbstractBaseUser
    secret: str = field(repr=False)
    backup_codes: list[str] = field(repr=False)
    parameters: OtpParameters

    def code(self, *, at: Moment | None = None) -> str:
        """Return the code that the phone shows at `at`, or now."""
        return _code(self.secret, self.parameters, at)

    def wrong_code(self) -> str:
        """Return a code that the phone does not show within half an hour."""
        now, period = clock.now(), self.parameters.period_seconds
        near = {self.code(at=now + offset) for offset in range(-1800, 1801, period)}
        digits = self.parameters.digits
        return next(code for code in (f"{n:0{digits}}" for n in range(10_000)) if code not in near)


def enroll(user: AbstractBaseUser) -> Enrolment:
    """Give `user` a confirmed authenticator with backup codes.

    The confirming code does not count as used, so the current code can be used once. Raises
    AlreadyEnabled if the user has 2FA.
    """
    setup = create_totp_setup(user)
    parameters = get_settings().parameters
    confirmation = confirm_totp_setup(user, _code(setup.secret, parameters, None))
    Authenticator.objects.using(database()).filter(account=user.pk).update(last_step=0)
    enrolment = Enrolment(user, setup.secret, confirmation.backup_codes, parameters)
    for watch in watches:
        watch.look_for(enrolment)
    return enrolment


def current_code(
    of: Enrolment | Authenticator | AbstractBaseUser, *, at: Moment | None = None
) -> str:
    """Return the code of an enrolment, an `Authenticator` row or a user, at `at` or now.

    Using it twice is a replay: advance the clock to get another one. Of a user's authenticators, it
    is the one confirmed first; during a first enrolment, the pending one. LookupError if there is
    no secret.
    """
    if isinstance(of, Enrolment):
        return of.code(at=at)
    if isinstance(of, Authenticator):
        return _code(open_secret(of), of.parameters, at)
    rows = Authenticator.objects.using(database()).filter(account=of.pk)
    first = rows.order_by(F("confirmed_at").asc(nulls_last=True), "pk").first()
    if first is None:
        raise LookupError("This user has no authenticator.")
    return current_code(first, at=at)


def _code(secret: str, parameters: OtpParameters, at: Moment | None) -> str:
    if isinstance(at, datetime):
        if at.tzinfo is None:
            raise ValueError("A datetime needs a time zone.")
        at = at.timestamp()
    seconds = clock.now() if at is None else int(at)
    return code_at_step(secret, step_at(seconds, parameters), parameters)


class FrozenClock:
    """Seconds since the epoch, changed only by the test.

    Begins at `at`, or at a recent time that starts a step for any period.
    """

    def __init__(self, at: int | None = None) -> None:
        present = int(time.time())
        self.seconds = present - present % 120 if at is None else at  # when a period begins

    def now(self) -> int:
        return self.seconds

    def advance(self, seconds: int) -> None:
        """Let `seconds` pass. A negative number sets the clock back."""
        self.seconds += seconds


@contextmanager
def frozen_clock(at: int | None = None) -> Iterator[FrozenClock]:
    """Let ninja_totp use a `FrozenClock` inside the block."""
    frozen = FrozenClock(at)
    with mock.patch.object(clock, "now", frozen.now):
        yield frozen


aenroll = awaitable(enroll)
acurrent_code = awaitable(current_code)
