"""Permissions for views of your project: a recent second factor, or a confirmed authenticator.

    permission_classes = [IsAuthenticated, SecondFactor(max_age=300)]

Whether a proof is recent is decided in `ninja_totp.services.step_up`.
"""

from typing import TYPE_CHECKING, Any, Self, cast

from django.http import HttpRequest
from django.utils.translation import gettext_lazy
from rest_framework.permissions import BasePermission, OperationHolderMixin
from rest_framework.request import Request

from drf_compat.credentials import CallersCredential, is_bearer
from drf_compat.errors import TotpAPIException
from ninja_totp.conf import get_settings
from ninja_totp.core.errors import (
    EnrolmentRequired,
    InsufficientAuthentication,
    SecondFactorRequired,
)
from ninja_totp.services import is_totp_enabled
from ninja_totp.services.step_up import require_fresh_factor

if TYPE_CHECKING:  # REST framework imports default classes while it makes this one
    from rest_framework.views import APIView

__all__ = ["SecondFactor", "TotpEnrolled"]


def _is_signed_in(request: Request) -> bool:
    return bool(getattr(request.user, "is_authenticated", False))


class SecondFactor(OperationHolderMixin, BasePermission):
    """Allow callers who verified their second factor in the last `max_age` seconds.

    The default of `max_age` is TOTP_STEP_UP_MAX_AGE. A bearer token is refused with 401 and the
    challenge of RFC 9470, any other credential with 403; the client then calls `POST totp/verify/`.
    A user without a second factor gets 403 `enrolment_required`. Combine it with `&`, or with `|`
    in the last place: a refusal is raised, because only an exception can carry the challenge.
    """

    def __init__(self, *, max_age: int | None = None) -> None:
        self.max_age = max_age

    def __call__(self) -> Self:
        """Return itself, because REST framework calls each of `permission_classes`."""
        return self

    def has_permission(self, request: Request, view: "APIView") -> bool:
        if not _is_signed_in(request):
            return False
        max_age = get_settings().step_up_max_age if self.max_age is None else self.max_age
        user: Any = request.user
        auth_context = CallersCredential().auth_context_of(cast("HttpRequest", request), user)
        try:
            require_fresh_factor(user, auth_context, max_age=max_age)
        except SecondFactorRequired as error:
            bearers = InsufficientAuthentication(max_age=max_age)
            raise TotpAPIException(bearers if is_bearer(request) else error) from None
        except EnrolmentRequired as error:
            raise TotpAPIException(error) from None
        return True


class TotpEnrolled(BasePermission):
    """Allow users with a confirmed authenticator. Others get 403 `enrolment_required`."""

    message = {"detail": gettext_lazy(EnrolmentRequired.sentence), "code": EnrolmentRequired.code}
    code = EnrolmentRequired.code

    def has_permission(self, request: Request, view: "APIView") -> bool:
        return _is_signed_in(request) and is_totp_enabled(cast("Any", request.user))
