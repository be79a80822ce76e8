"""Users with a second factor, and the codes that their phones show."""

from dataclasses import dataclass, field
from datetime import datetime

from django.contrib.auth.models import AbstractBaseUser

from ninja_totp import clock
from ninja_totp.async_variants import awaitable
from ninja_totp.conf import get_settings
from ninja_totp.core.otp import OtpParameters, code_at_step, step_at
from ninja_totp.models import Authenticator
from ninja_totp.services import confirm_totp_setup, create_totp_setup
from ninja_totp.services.verify import open_secret
from ninja_totp.testing.leaks import now_watched
from ninja_totp.transactions import database

Moment = int | float | datetime
"""Seconds since the epoch, or a datetime that knows its time zone."""


@dataclass(frozen=True)
class Enrolment:
    """What a user has in hand: the secret in the phone, and the backup codes on paper."""

    user: AbstractBaseUser
    secret: str = field(repr=False)
    backup_codes: list[str] = field(repr=False)
    parameters: OtpParameters

    def code(self, *, at: Moment | None = None) -> str:
        """Return what the phone shows at `at`, or now."""
        return _code(self.secret, self.parameters, at)

    def wrong_code(self) -> str:
        """Return digits that the phone shows at no time within half an hour."""
        now, period = clock.now(), self.parameters.period_seconds
        near = {self.code(at=now + offset) for offset in range(-1800, 1801, period)}
        digits = self.parameters.digits
        return next(code for code in (f"{n:0{digits}}" for n in range(10_000)) if code not in near)


def enroll(user: AbstractBaseUser) -> Enrolment:
    """Give `user` a confirmed second factor with backup codes, as if it were so since long ago.

    The code that confirmed it is not remembered as used, so that the code of this very moment may
    be used once. Raises AlreadyEnabled when the user has one.
    """
    setup = create_totp_setup(user)
    parameters = get_settings().parameters
    confirmation = confirm_totp_setup(user, _code(setup.secret, parameters, None))
    Authenticator.objects.using(database()).filter(account=user.pk).update(last_step=0)
    enrolment = Enrolment(user, setup.secret, confirmation.backup_codes, parameters)
    now_watched(enrolment)
    return enrolment


def current_code(
    of: Enrolment | Authenticator | AbstractBaseUser, *, at: Moment | None = None
) -> str:
    """Return the code of an enrolment, of an `Authenticator` row or of a user, at `at` or now.

    Using it twice is a replay: move the clock to get another one. LookupError when there is no
    secret; while an enrolment is under way for the first time, it is that of the pending one.
    """
    if isinstance(of, Enrolment):
        return of.code(at=at)
    authenticator = of if isinstance(of, Authenticator) else _authenticator_of(of)
    if authenticator is None:
        raise LookupError("This user has no authenticator.")
    return _code(open_secret(authenticator), authenticator.parameters, at)


def _authenticator_of(user: AbstractBaseUser) -> Authenticator | None:
    rows = Authenticator.objects.using(database()).filter(account=user.pk)
    # A confirmed one first; it is older than what is to replace it.
    return rows.order_by("pk").first()


def _code(secret: str, parameters: OtpParameters, at: Moment | None) -> str:
    return code_at_step(secret, step_at(_seconds(at), parameters), parameters)


def _seconds(at: Moment | None) -> int:
    if at is None:
        return clock.now()
    if not isinstance(at, datetime):
        return int(at)
    if at.tzinfo is None:
        raise ValueError("A datetime without a time zone names no moment.")
    return int(at.timestamp())


aenroll = awaitable(enroll)
acurrent_code = awaitable(current_code)
