"""Two-factor authentication for Django views, with the session as the credential.

    @second_factor_required(max_age=300)
    def transfer(request): ...

    path("verify/", VerifyView.as_view(), name="verify")    # and TOTP_VERIFY_URL = "verify"

The page on which a logged-in user enters a code is the only page of this package for users: the
admin needs it, and a project may use it.
"""

from collections.abc import Callable
from contextlib import suppress
from functools import wraps
from typing import Any, TypeVar, cast, overload

from asgiref.sync import iscoroutinefunction
from django import forms
from django.conf import settings as django_settings
from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import AbstractBaseUser
from django.contrib.auth.views import RedirectURLMixin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import resolve_url
from django.utils.decorators import method_decorator
from django.utils.translation import gettext, gettext_lazy as _, ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.generic import FormView, View

from ninja_totp.conf import get_settings
from ninja_totp.core import errors
from ninja_totp.core.otp import canonical_code
from ninja_totp.http.caller import Caller
from ninja_totp.http.endpoint import as_totp_error, read_small_body, refuse_large_body
from ninja_totp.http.errors import error_response
from ninja_totp.http.issuers import Session
from ninja_totp.http.pages import page_or_error
from ninja_totp.http.second_factor import require_second_factor
from ninja_totp.services.step_up import step_up
from ninja_totp.services.verify import Proof, factor_of
from ninja_totp.transactions import awaitable, outside_of_requests

V = TypeVar("V", bound=Callable[..., Any])

__all__ = ["SecondFactorRequiredMixin", "VerifyForm", "VerifyView", "second_factor_required"]


def _refusal(request: HttpRequest, max_age: int | None) -> HttpResponse | None:
    """Return the response for a caller who may not continue, or None."""
    user: Any = request.user
    if not user.is_authenticated:
        page = str(django_settings.LOGIN_URL)
        return page_or_error(request, page, errors.NotAuthenticated())
    settings = get_settings()
    try:
        require_second_factor(request, user, Session(), max_age=max_age)
    except errors.EnrolmentRequired as error:
        return page_or_error(request, settings.enrol_url or settings.verify_url, error)
    except errors.SecondFactorRequired as error:
        return page_or_error(request, settings.verify_url, error)
    return None


_arefusal = awaitable(_refusal)


def _guarded(view: Callable[..., Any], max_age: int | None, *, is_async: bool) -> Any:
    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        refusal = _refusal(request, max_age)
        return view(request, *args, **kwargs) if refusal is None else refusal

    @wraps(view)
    async def aguarded(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        refusal = await _arefusal(request, max_age)
        return await view(request, *args, **kwargs) if refusal is None else refusal

    return aguarded if is_async else guarded


@overload
def second_factor_required(view: V, *, max_age: int | None = ...) -> V: ...


@overload
def second_factor_required(view: None = ..., *, max_age: int | None = ...) -> Callable[[V], V]: ...


def second_factor_required(
    view: V | None = None, *, max_age: int | None = None
) -> V | Callable[[V], V]:
    """Require that the session verified the second factor in the last `max_age` seconds.

    The default is TOTP_STEP_UP_MAX_AGE. Works for synchronous and asynchronous views. Anonymous
    users are redirected to LOGIN_URL, as by `login_required`. Browsers are redirected to
    TOTP_VERIFY_URL if it is set; other clients get 403 `second_factor_required`, or
    `enrolment_required` for a user without 2FA.
    """

    def decorate(view: V) -> V:
        return cast("V", _guarded(view, max_age, is_async=iscoroutinefunction(view)))

    return decorate if view is None else decorate(view)


class SecondFactorRequiredMixin(View):
    """The same for class-based views. List it before the view class."""

    second_factor_max_age: int | None = None
    """The maximum age of a proof in seconds; None is TOTP_STEP_UP_MAX_AGE."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """Refuse callers without a recent proof; otherwise call the view, which may be async."""
        max_age, is_async = self.second_factor_max_age, self.view_is_async
        return _guarded(super().dispatch, max_age, is_async=is_async)(request, *args, **kwargs)


class VerifyForm(forms.Form):
    """One field for both kinds of code."""

    code = forms.CharField(
        label=_("Code from your authenticator app, or a backup code"),
        max_length=128,  # the longest text that may be a backup code
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "autofocus": True}),
    )


@sensitive_variables()
def _proof(user: AbstractBaseUser, text: str) -> Proof:
    # A backup code may hold digits alone if it was imported.
    with suppress(errors.NotEnabled):  # `step_up` raises it too, and the form shows it
        for digits in {one.digits for one in factor_of(user).authenticators}:
            if canonical_code(text, digits=digits):
                return Proof(otp_code=text)
            if pair := canonical_code(text, digits=2 * digits):
                return Proof(otp_codes=(pair[:digits], pair[digits:]))
    return Proof(backup_code=text)


@method_decorator([sensitive_post_parameters("code"), never_cache, login_required], name="dispatch")
class VerifyView(RedirectURLMixin, FormView):  # type: ignore[type-arg]  # generic in the stubs alone
    """Ask for a code, mark the session as verified, and redirect to `next` or LOGIN_REDIRECT_URL.

    Shares its rate limit and its failure counters with `totp/verify/`.
    """

    second_factor_exempt = True
    form_class = VerifyForm
    template_name = "ninja_totp/verify.html"

    @classmethod
    def as_view(cls, **initkwargs: Any) -> Any:
        page = csrf_protect(outside_of_requests(super().as_view(**initkwargs)))

        @wraps(page)
        def view(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
            try:
                refuse_large_body(request)
                read_small_body(request)
            except Exception as error:
                if ours := as_totp_error(error):
                    return error_response(ours)
                raise
            return page(request, *args, **kwargs)

        # Exempt from the middleware of the site, which reads the body to find the CSRF token.
        return csrf_exempt(view)

    @method_decorator(sensitive_variables())
    def form_valid(self, form: VerifyForm) -> HttpResponse:
        """Check the code. An error is shown beside the field."""
        user = cast("AbstractBaseUser", self.request.user)
        try:
            Caller(self.request, user, Session(), api="").limit_rate("verify")
            proof = _proof(user, form.cleaned_data["code"])
            auth_context = step_up(user, proof, request=self.request)
            Session().renew(self.request, user, auth_context)
        except errors.TotpError as error:
            form.add_error("code", error.translated(gettext, ngettext))
            if left := getattr(error, "attempts_left", 0):
                text = ngettext("%d attempt left.", "%d attempts left.", left)
                form.add_error("code", text % left)
            return self.render_to_response(self.get_context_data(form=form), status=error.status)
        return super().form_valid(form)

    def get_default_redirect_url(self) -> str:
        return resolve_url(self.next_page or django_settings.LOGIN_REDIRECT_URL)

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        next_page = {self.redirect_field_name: self.get_redirect_url()}
        return super().get_context_data(**next_page, **context)
