"""The first step of a login: a correct password completes it, or opens a challenge.

The second step, and how a challenge is made and opened: `login.py`.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from django.contrib.auth import authenticate
from django.contrib.auth.hashers import check_password, make_password
from django.contrib.auth.models import AbstractBaseUser
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.views.decorators.debug import sensitive_variables

from ninja_totp import clock, signals
from ninja_totp.conf import get_settings
from ninja_totp.core import errors
from ninja_totp.models import Account, Challenge
from ninja_totp.models.users import can_be_name
from ninja_totp.services.login import LIFETIME_SECONDS, new_challenge
from ninja_totp.services.policy.enforcement import due_at_login
from ninja_totp.services.recovery.known_password import keep_bound
from ninja_totp.services.step_up import PASSWORD_ONLY, AuthContext, after_reset
from ninja_totp.services.trusted_devices import renewed_token
from ninja_totp.transactions import database

# A required enrolment is bound to the browser in the same way as its login.
_ENROLMENT = {
    Challenge.Purpose.LOGIN: Challenge.Purpose.ENROLMENT,
    Challenge.Purpose.BROWSER_LOGIN: Challenge.Purpose.BROWSER_ENROLMENT,
}


@dataclass(frozen=True, slots=True)
class FirstStep:
    """The result of a correct password. Without the token of a next step, the login is complete.

    `challenge_token` is for `complete_login`, `enrolment_token` for `begin_required_enrolment`, and
    `auth_context` for the credential of a complete login. `trusted_device_token` is for the next
    login of a trusted device. From `enrolment_due_at` on (seconds since the epoch), the password
    alone is no longer enough.
    """

    user: AbstractBaseUser
    challenge_token: str | None = field(repr=False)
    trusted_device_token: str | None = field(default=None, repr=False)
    enrolment_token: str | None = field(default=None, repr=False)
    enrolment_due_at: int | None = None
    auth_context: AuthContext = PASSWORD_ONLY


@sensitive_variables()
def begin_login(
    request: HttpRequest,
    *,
    username: str,
    password: str,
    purpose: Challenge.Purpose = Challenge.Purpose.LOGIN,
    lifetime_seconds: int = LIFETIME_SECONDS,
    trusted_device_token: str | None = None,
    offers_enrolment: bool = False,
    may_log_in: Callable[[AbstractBaseUser], bool] | None = None,
    api: str = "",
) -> FirstStep:
    """Check username and password, and open a challenge if 2FA is on.

    Raises InvalidCredentials for an unknown name, a wrong password, an inactive account and an
    account that `may_log_in` refuses. `authenticate` hashes the password in each case, so all take
    the same time. The other parameters and errors are those of `begin_login_for`.
    """
    user = _authenticated(request, username, password)
    if user is None or not (may_log_in is None or may_log_in(user)):
        raise errors.InvalidCredentials
    account = keep_bound(user, password)
    _require_not_overtaken(user, password, account)
    return _first_step(
        user,
        account,
        request,
        purpose=purpose,
        lifetime_seconds=lifetime_seconds,
        trusted_device_token=trusted_device_token,
        offers_enrolment=offers_enrolment,
        api=api,
    )


def _authenticated(request: HttpRequest, username: str, password: str) -> AbstractBaseUser | None:
    try:
        # "username", whatever the user model calls it: so do Django's own forms, and backends of
        # projects are written for them.
        return authenticate(request, username=username, password=password)
    except (TypeError, ValueError, ValidationError):
        if can_be_name(username):
            raise
        make_password(password)  # takes as long as for an unknown name
        return None


def _require_not_overtaken(user: AbstractBaseUser, password: str, account: Account | None) -> None:
    """Raise InvalidCredentials if a recovery set a new password while this one was hashed."""
    if account is None or not account.reset_epoch or account.is_enabled:
        return
    users = type(user)._base_manager.using(database())  # noqa: SLF001 - a documented name
    stored = users.filter(pk=user.pk).values_list("password", flat=True).first()
    if stored != user.password and not check_password(password, stored or ""):
        raise errors.InvalidCredentials


@sensitive_variables()
def begin_login_for(
    user: AbstractBaseUser,
    request: HttpRequest | None,
    *,
    purpose: Challenge.Purpose = Challenge.Purpose.LOGIN,
    lifetime_seconds: int = LIFETIME_SECONDS,
    trusted_device_token: str | None = None,
    offers_enrolment: bool = False,
    api: str = "",
) -> FirstStep:
    """Take the first step for a user whose password the caller has checked.

    Opens a challenge if 2FA is on, unless `trusted_device_token` belongs to a trusted device; such
    a login counts as one with the password alone. A challenge is valid for TOTP_TOKEN_MAX_AGE
    seconds, or `lifetime_seconds` if that is not set, and for `purpose` only. Raises
    EnrolmentRequired for a user who must have 2FA and has none (TOTP_REQUIRED); with
    `offers_enrolment` the result has an `enrolment_token` instead.
    """
    return _first_step(
        user,
        Account.of(user),
        request,
        purpose=purpose,
        lifetime_seconds=lifetime_seconds,
        trusted_device_token=trusted_device_token,
        offers_enrolment=offers_enrolment,
        api=api,
    )


def _first_step(
    user: AbstractBaseUser,
    account: Account | None,
    request: HttpRequest | None,
    *,
    purpose: Challenge.Purpose,
    lifetime_seconds: int,
    trusted_device_token: str | None,
    offers_enrolment: bool,
    api: str,
) -> FirstStep:
    auth_context = AuthContext(None, None, logged_in_at=after_reset(account, clock.now()))
    if account is not None and account.is_enabled:
        renewed = renewed_token(user, account, trusted_device_token, request=request, api=api)
        if renewed is not None:
            login = signals.trusted_device_login_succeeded
            signals.announce(login, user=user, request=request, api=api)
            return FirstStep(user, None, renewed, auth_context=auth_context)
        lifetime = get_settings().token_max_age or lifetime_seconds
        return FirstStep(user, new_challenge(user, account, purpose, lifetime))
    due_at = due_at_login(user, account)
    # The time is read again: the grace period may have begun a second after an earlier read.
    if due_at is not None and due_at <= clock.now():
        if not offers_enrolment:
            raise errors.EnrolmentRequired
        # Read again: the rule may have created the account.
        account, lifetime = Account.of(user), get_settings().pending_max_age
        token = new_challenge(user, account, _ENROLMENT[purpose], lifetime)
        return FirstStep(user, None, enrolment_token=token)
    signals.announce(signals.non_totp_login_succeeded, user=user, request=request, api=api)
    return FirstStep(user, None, enrolment_due_at=due_at, auth_context=auth_context)
