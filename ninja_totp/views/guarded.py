"""Require a recent second factor for Django views: a decorator and a mixin.

    @second_factor_required(max_age=300)
    def transfer(request): ...

The credential is the session. Anonymous users are redirected to LOGIN_URL, as by `login_required`.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast, overload

from asgiref.sync import iscoroutinefunction
from django.conf import settings as django_settings
from django.http import HttpRequest, HttpResponse
from django.views.generic import View

from ninja_totp.conf import get_settings
from ninja_totp.core.errors import EnrolmentRequired, NotAuthenticated, SecondFactorRequired
from ninja_totp.http.issuers import Session
from ninja_totp.http.pages import page_or_error
from ninja_totp.http.second_factor import require_second_factor
from ninja_totp.transactions import awaitable

V = TypeVar("V", bound=Callable[..., Any])


def _refusal(request: HttpRequest, max_age: int | None) -> HttpResponse | None:
    """Return the response for a caller who may not continue, or None."""
    user: Any = request.user
    if not user.is_authenticated:
        return page_or_error(request, str(django_settings.LOGIN_URL), NotAuthenticated())
    try:
        require_second_factor(request, user, Session(), max_age=max_age)
    except (EnrolmentRequired, SecondFactorRequired) as error:
        settings = get_settings()
        lacks_factor = isinstance(error, EnrolmentRequired) and settings.enrol_url
        page = settings.enrol_url if lacks_factor else settings.verify_url
        return page_or_error(request, page, error)
    return None


_arefusal = awaitable(_refusal)


@overload
def second_factor_required(view: V, *, max_age: int | None = ...) -> V: ...


@overload
def second_factor_required(view: None = ..., *, max_age: int | None = ...) -> Callable[[V], V]: ...


def second_factor_required(
    view: V | None = None, *, max_age: int | None = None
) -> V | Callable[[V], V]:
    """Require that the session verified the second factor in the last `max_age` seconds.

    The default is TOTP_STEP_UP_MAX_AGE. Works for synchronous and asynchronous views. Browsers are
    redirected to TOTP_VERIFY_URL if it is set; other clients get 403 `second_factor_required`, or
    `enrolment_required` for a user without 2FA.
    """

    def guarded(view: V) -> V:
        guard = _guarded_async if iscoroutinefunction(view) else _guarded
        return cast("V", guard(view, max_age))

    return guarded if view is None else guarded(view)


def _guarded(view: Callable[..., Any], max_age: int | None) -> Callable[..., Any]:
    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        refusal = _refusal(request, max_age)
        return view(request, *args, **kwargs) if refusal is None else refusal

    return guarded


def _guarded_async(view: Callable[..., Any], max_age: int | None) -> Callable[..., Any]:
    @wraps(view)
    async def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        refusal = await _arefusal(request, max_age)
        return await view(request, *args, **kwargs) if refusal is None else refusal

    return guarded


class SecondFactorRequiredMixin(View):
    """The same for class-based views. List it before the view class."""

    second_factor_max_age: int | None = None
    """The maximum age of a proof in seconds; None is TOTP_STEP_UP_MAX_AGE."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """Refuse callers without a recent proof; otherwise call the view, which may be async."""
        guard = _guarded_async if self.view_is_async else _guarded
        return guard(super().dispatch, self.second_factor_max_age)(request, *args, **kwargs)
