"""Protect every page of a site with the second factor, for any kind of login.

    MIDDLEWARE = [..., "ninja_totp.middleware.SecondFactorMiddleware"]    # after authentication

A user with 2FA sees no page until the session has verified it: not the admin, and not after a
social login, a password reset or an impersonation. Bearer tokens are not sessions: protect their
endpoints with `second_factor` or `SecondFactor`.
"""

from collections.abc import Awaitable, Callable
from typing import Any, TypeVar, cast

from asgiref.sync import iscoroutinefunction, markcoroutinefunction
from django.conf import settings as django_settings
from django.contrib.auth.views import LogoutView
from django.contrib.staticfiles.views import serve as serve_static
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import resolve_url
from django.urls import get_script_prefix
from django.utils.cache import add_never_cache_headers
from django.views.static import serve

from ninja_totp.conf import get_settings
from ninja_totp.core.errors import EnrolmentRequired
from ninja_totp.http.endpoint import OUR_URL_NAMES
from ninja_totp.http.pages import page_or_error
from ninja_totp.http.second_factor import owed_by_session
from ninja_totp.transactions import awaitable

_V = TypeVar("_V", bound=Callable[..., Any])


def second_factor_exempt(view: _V) -> _V:
    """Exempt a view, or a view class but not its subclasses, from SecondFactorMiddleware."""
    cast("Any", view).second_factor_exempt = view if isinstance(view, type) else True
    return view


class SecondFactorMiddleware:
    """Refuse all pages to a user with 2FA until the session has verified it.

    A browser is redirected to TOTP_VERIFY_URL and back; other clients get 403
    `second_factor_required`. Users without 2FA who must have it (TOTP_REQUIRED) are redirected to
    TOTP_ENROL_URL, or get `enrolment_required`. Always open are these pages, logout, static files
    of Django with DEBUG, our own endpoints, TOTP_EXEMPT_PATHS, and views with
    `second_factor_exempt`.
    """

    sync_capable = async_capable = True
    process_view: Callable[..., Any]  # synchronous or asynchronous, as the site is

    def __init__(self, get_response: Callable[[HttpRequest], Any]) -> None:
        self.get_response = get_response
        self.is_async = iscoroutinefunction(get_response)
        self.process_view = _adecide if self.is_async else _decide
        if self.is_async:
            markcoroutinefunction(self)

    def __call__(self, request: HttpRequest) -> HttpResponseBase | Awaitable[HttpResponseBase]:
        if self.is_async:
            return self._acall(request)
        response: HttpResponseBase = self.get_response(request)
        if _may_show_too_much(request, response):
            return _answer_for(request) or response
        return response

    async def _acall(self, request: HttpRequest) -> HttpResponseBase:
        response: HttpResponseBase = await self.get_response(request)
        if _may_show_too_much(request, response):
            return await _aanswer_for(request) or response
        return response


def _decide(request: HttpRequest, *_: Any) -> HttpResponse | None:
    request.second_factor_decided = True  # type: ignore[attr-defined]  # for this middleware
    return _answer_for(request)


async def _adecide(request: HttpRequest, *_: Any) -> HttpResponse | None:
    request.second_factor_decided = True  # type: ignore[attr-defined]
    return await _aanswer_for(request)


def _may_show_too_much(request: HttpRequest, response: HttpResponseBase) -> bool:
    # No view was called: a 404, or the response of another middleware, such as flatpages.
    if not hasattr(request, "second_factor_decided"):
        return True
    # The view has logged a user in, because the session key is new, and does not redirect.
    key = None if _has_no_session(request) else request.session.session_key
    is_other = key != request.COOKIES.get(django_settings.SESSION_COOKIE_NAME)
    return is_other and not 300 <= response.status_code < 400


def _answer_for(request: HttpRequest) -> HttpResponse | None:
    """Return the response for a session that has not verified 2FA; None if it may see the page."""
    if _has_no_session(request) or _is_open_path(request) or _is_open_view(request):
        return None
    error = owed_by_session(request)
    if error is None:
        return None
    settings = get_settings()
    page = settings.enrol_url if isinstance(error, EnrolmentRequired) else settings.verify_url
    # Compare without the script prefix, which a proxy may strip from the path.
    if page and request.path_info == "/" + resolve_url(page).removeprefix(get_script_prefix()):
        return None
    answer = page_or_error(request, page, error)
    add_never_cache_headers(answer)
    return answer


_answer_in_a_thread = awaitable(_answer_for)


async def _aanswer_for(request: HttpRequest) -> HttpResponse | None:
    return None if _has_no_session(request) else await _answer_in_a_thread(request)


def _has_no_session(request: HttpRequest) -> bool:
    session = getattr(request, "session", None)
    return session is None or session.is_empty()


def _is_open_view(request: HttpRequest) -> bool:
    match: Any = request.resolver_match  # Any: its function has attributes
    if match is None:
        return False
    view = match.func
    kind = getattr(view, "view_class", None) or getattr(view, "cls", None)
    return (
        _is_exempt(view, kind)
        # In production, a site may serve private files with this view.
        or (view in (serve, serve_static) and django_settings.DEBUG)
        or (isinstance(kind, type) and issubclass(kind, LogoutView))
        or (match.app_names[-1:] == ["admin"] and match.url_name == "logout")
        or (match.app_names[-1:] == ["ninja"] and match.url_name in OUR_URL_NAMES)
    )


def _is_exempt(view: Any, kind: Any) -> bool:
    # A view class of this package has True, also for the subclasses that a project makes. What a
    # project exempts is itself alone: a subclass, or one with the same `dispatch`, may show more.
    if kind is not None and getattr(kind, "second_factor_exempt", None) in (True, kind):
        return True
    dispatch = getattr(kind, "dispatch", None)
    is_inherited = hasattr(dispatch, "second_factor_exempt") and "dispatch" not in vars(kind)
    return getattr(view, "second_factor_exempt", False) is True and not is_inherited


def _is_open_path(request: HttpRequest) -> bool:
    exempt, path = get_settings().exempt_paths, request.path_info
    if path in exempt:
        return True
    # Another program may normalise it to another path: "/hooks/../members/".
    if not {".", "..", ""}.isdisjoint(path.split("/")[1:-1]) or path.endswith(("/.", "/..")):
        return False
    trees = tuple(one[:-1] for one in exempt if one.endswith("/*"))
    return "\\" not in path and path.startswith(trees)
