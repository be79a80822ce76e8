"""Endpoints of your project that need a recent second factor.

    @api.post("/transfers/", auth=second_factor(max_age=300)(AsyncJWTAuth()))

The project's authentication runs first, so a caller without a valid credential does not learn what
an endpoint requires (RFC 9470, section 9).
"""

import inspect
from collections.abc import Callable
from typing import Any, cast, overload

from asgiref.sync import sync_to_async
from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractBaseUser
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest
from ninja.errors import HttpError

from ninja_totp.api.routes import require_instance
from ninja_totp.core.errors import TotpError
from ninja_totp.http.issuers import Automatic, CredentialIssuer
from ninja_totp.http.second_factor import require_second_factor

# Any: what Ninja takes as `auth`, and what one returns: the caller, or nothing.
Auth = Callable[[HttpRequest], Any]


def user_in(user: Any) -> AbstractBaseUser:
    """Return the result of the authentication if it is a user of this site."""
    if not isinstance(user, get_user_model()):
        raise ImproperlyConfigured(
            "ninja_totp needs an authentication whose result (request.auth) is a user of "
            f"AUTH_USER_MODEL; it got {type(user).__name__}."
        )
    return cast("AbstractBaseUser", user)


def _answerable(error: TotpError) -> TotpError:
    """Return `error` as one that any NinjaAPI answers, with at least status and sentence."""
    kind = type(type(error).__name__, (type(error), HttpError), {})
    refusal: Any = kind.__new__(kind, *error.args)
    vars(refusal).update(vars(error), status_code=error.status, message=error.detail)
    return cast("TotpError", refusal)


class _Guard:
    """An authentication class of the project, followed by the second factor."""

    def __init__(self, auth: Auth, issuer: CredentialIssuer, max_age: int | None) -> None:
        self._auth, self._issuer, self._max_age = auth, issuer, max_age
        self.is_async = getattr(auth, "is_async", False) or inspect.iscoroutinefunction(auth)
        schema = getattr(auth, "openapi_security_schema", None)
        if schema is not None:
            self.openapi_security_schema = schema

    def __call__(self, request: HttpRequest) -> Any:
        if self.is_async:
            return self._acall(request)
        caller = self._auth(request)
        return self._checked(request, caller) if caller else caller

    async def _acall(self, request: HttpRequest) -> Any:
        caller = self._auth(request)
        if inspect.isawaitable(caller):
            caller = await caller
        return await sync_to_async(self._checked)(request, caller) if caller else caller

    def _checked(self, request: HttpRequest, caller: Any) -> Any:
        try:
            require_second_factor(request, user_in(caller), self._issuer, max_age=self._max_age)
        except TotpError as error:
            raise _answerable(error) from None
        return caller


@overload
def second_factor(
    auth: Auth, *, max_age: int | None = ..., issuer: CredentialIssuer | None = ...
) -> Auth: ...


@overload
def second_factor(
    auth: None = ..., *, max_age: int | None = ..., issuer: CredentialIssuer | None = ...
) -> Callable[[Auth], Auth]: ...


def second_factor(
    auth: Auth | None = None, *, max_age: int | None = None, issuer: CredentialIssuer | None = None
) -> Auth | Callable[[Auth], Auth]:
    """Return `auth`, limited to callers who verified their factor in the last `max_age` seconds.

    `second_factor(JWTAuth(), max_age=300)` and `second_factor(max_age=300)(JWTAuth())` are the
    same. The default of `max_age` is TOTP_STEP_UP_MAX_AGE. `issuer` reads the caller's credential,
    by default as in `create_router`. A bearer token is refused with 401 and the challenge of RFC
    9470, any other credential with 403; the client then calls `totp/verify/`. A user without a
    second factor gets 403 `enrolment_required`. With `handle_totp_errors`, refusals have their
    whole body. Raises TypeError for a class in the place of an instance.
    """
    require_instance(issuer=issuer)

    def guarded(auth: Auth) -> Auth:
        require_instance(auth=auth)
        # The OpenAPI document names a scheme by the class of its authentication.
        named: Any = type(type(auth).__name__, (_Guard,), {})
        guard: Auth = named(auth, issuer or Automatic(), max_age)
        return guard

    return guarded if auth is None else guarded(auth)
