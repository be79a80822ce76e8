"""A second factor as the condition of an endpoint that is the project's own.

`api/guard.py` and `views/` ask here. Django REST Framework has `drf_compat.permissions`.
"""

from django.contrib.auth.models import AbstractBaseUser
from django.http import HttpRequest

from ninja_totp.conf import get_settings
from ninja_totp.core.errors import InsufficientAuthentication, SecondFactorRequired
from ninja_totp.http.issuers import CredentialIssuer
from ninja_totp.http.issuers.jwt import bearer_token
from ninja_totp.services.step_up import require_fresh_factor


def require_second_factor(
    request: HttpRequest,
    user: AbstractBaseUser,
    issuer: CredentialIssuer,
    *,
    max_age: int | None = None,
) -> None:
    """Return if the caller's credential proved the factor as it is now in the last seconds.

    `max_age` is how many; None is TOTP_STEP_UP_MAX_AGE. `issuer` reads the credential. Raises
    EnrolmentRequired for a user without a factor (403), InsufficientAuthentication for a bearer
    token (401, with the challenge of RFC 9470) and SecondFactorRequired for anything else (403).
    """
    seconds = get_settings().step_up_max_age if max_age is None else max_age
    try:
        require_fresh_factor(user, issuer.auth_context_of(request, user), max_age=seconds)
    except SecondFactorRequired:
        if bearer_token(request) is None:
            raise
        raise InsufficientAuthentication(max_age=seconds) from None
