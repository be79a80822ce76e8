"""Require the second factor for endpoints and pages of the project.

`api/guard.py`, `middleware.py`, `views.py` and `drf_compat/permissions.py` use this.
"""

from django.conf import settings as django_settings
from django.contrib.auth import SESSION_KEY, get_user
from django.contrib.auth.models import AbstractBaseUser
from django.http import HttpRequest

from ninja_totp.conf import get_settings
from ninja_totp.core import errors
from ninja_totp.http.issuers import CredentialIssuer, Session
from ninja_totp.http.issuers.jwt import bearer_token
from ninja_totp.models import Account
from ninja_totp.services.policy.enforcement import is_overdue
from ninja_totp.services.step_up import require_fresh_factor


def require_second_factor(
    request: HttpRequest,
    user: AbstractBaseUser,
    issuer: CredentialIssuer,
    *,
    max_age: int | None = None,
) -> None:
    """Return if the caller verified the current second factor in the last `max_age` seconds.

    None is TOTP_STEP_UP_MAX_AGE. `issuer` reads the credential. Raises EnrolmentRequired for a user
    without 2FA (403), InsufficientAuthentication for a bearer token (401, with the challenge of RFC
    9470), and SecondFactorRequired for any other credential (403).
    """
    seconds = get_settings().step_up_max_age if max_age is None else max_age
    try:
        require_fresh_factor(user, issuer.auth_context_of(request, user), max_age=seconds)
    except errors.SecondFactorRequired:
        if bearer_token(request) is None:
            raise
        raise errors.InsufficientAuthentication(max_age=seconds) from None


def owed_by_session(request: HttpRequest) -> errors.TotpError | None:
    """Return the error for the session of `request`; None if it may continue.

    SecondFactorRequired without a proof that is at most TOTP_SESSION_MAX_AGE old; EnrolmentRequired
    if the user must have 2FA (TOTP_REQUIRED) and has none. If `request.user` is not the user of the
    session (impersonation), this applies to both.
    """
    if SESSION_KEY not in request.session:
        return None
    users = [request.user]
    if request.session.get(SESSION_KEY) != str(request.user.pk):
        users.append(get_user(request))
    owed = (_owed_by(user, request) for user in users if user.is_authenticated)
    return next((error for error in owed if error is not None), None)


def _owed_by(user: AbstractBaseUser, request: HttpRequest) -> errors.TotpError | None:
    account = Account.of(user)
    if account is None or not account.is_enabled:
        return errors.EnrolmentRequired() if is_overdue(user) else None
    claims, max_age = Session().claims_of(request, user), get_settings().session_max_age
    if claims is not None and claims.is_fresh(account, max_age=max_age):
        return None
    return errors.SecondFactorRequired(max_age=max_age or django_settings.SESSION_COOKIE_AGE)
