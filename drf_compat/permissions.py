"""Permissions for views of your project: a recent second factor, or a confirmed authenticator.

    permission_classes = [IsAuthenticated, SecondFactor(max_age=300)]

Whether a proof is recent is decided in `ninja_totp.services.step_up`.
"""

from typing import TYPE_CHECKING, Any, Self, cast

from django.http import HttpRequest
from django.utils.translation import gettext_lazy
from rest_framework.permissions import IsAuthenticated, OperationHolderMixin
from rest_framework.request import Request

from drf_compat.credentials import CallersCredential
from drf_compat.errors import TotpAPIException
from ninja_totp.core import errors
from ninja_totp.http.second_factor import require_second_factor
from ninja_totp.services import is_totp_enabled

if TYPE_CHECKING:  # REST framework imports default classes while it makes this one
    from rest_framework.views import APIView

__all__ = ["SecondFactor", "TotpEnrolled"]


class SecondFactor(OperationHolderMixin, IsAuthenticated):
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
        if not super().has_permission(request, view):
            return False
        user, issuer = cast("Any", request.user), CallersCredential()
        try:
            require_second_factor(cast("HttpRequest", request), user, issuer, max_age=self.max_age)
        except errors.SecondFactorRequired as error:
            refusal: errors.TotpError = error
            # A token, perhaps in a cookie or under another scheme.
            if getattr(request, "auth", None) is not None:
                refusal = errors.InsufficientAuthentication(max_age=error.max_age)
            raise TotpAPIException(refusal) from None
        except errors.EnrolmentRequired as error:
            raise TotpAPIException(error) from None
        return True


class TotpEnrolled(IsAuthenticated):
    """Allow users with a confirmed authenticator. Others get 403 `enrolment_required`."""

    code = errors.EnrolmentRequired.code
    message = {"detail": gettext_lazy(errors.EnrolmentRequired.sentence), "code": code}

    def has_permission(self, request: Request, view: "APIView") -> bool:
        user: Any = request.user
        return super().has_permission(request, view) and is_totp_enabled(user)
