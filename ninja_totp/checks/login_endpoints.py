"""Which URLs of a site log a user in without the second factor.

The lists hold views of well-known packages. A subclass belongs to the project: it may check more,
so it is not reported. SecondFactorMiddleware needs no such list.
"""

from collections.abc import Iterator
from inspect import unwrap
from typing import Any

from django.conf import settings
from django.contrib.admin import AdminSite
from django.contrib.auth.views import PasswordResetConfirmView
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils.module_loading import import_string

from ninja_totp.middleware import SecondFactorMiddleware

# Views that issue or renew a token. No middleware can tell it from the token of a login with both
# factors.
_TOKEN_VIEWS = frozenset(
    {
        "dj_rest_auth.jwt_auth.get_refresh_view.<locals>.RefreshViewWithCookieSupport",
        "dj_rest_auth.views.LoginView",
        "djoser.views.TokenCreateView",
        "knox.views.LoginView",
        "rest_framework.authtoken.views.ObtainAuthToken",
        "rest_framework_simplejwt.views.TokenObtainPairView",
        "rest_framework_simplejwt.views.TokenObtainSlidingView",
        "rest_framework_simplejwt.views.TokenRefreshSlidingView",
        "rest_framework_simplejwt.views.TokenRefreshView",
    }
)
# The names that django-ninja-jwt gives to its operations, asynchronous or not.
_TOKEN_OPERATIONS = frozenset(
    {"token_obtain_pair", "token_obtain_sliding", "token_refresh", "token_refresh_sliding"}
)
# Views that log in with a session.
_SESSION_VIEWS = frozenset(
    {
        "django.contrib.auth.views.LoginView",
        "hijack.views.AcquireUserView",
        "social_django.views.complete",
    }
)
# The names that django-allauth gives to such URLs, and to those of its headless API.
_ALLAUTH = frozenset(
    {"account_login", "account_confirm_login_code", "login", "confirm_login_code", "provider_token"}
)
_ALLAUTH_RESETS = frozenset({"account_reset_password_from_key", "reset_password"})


def logins_without_factor() -> list[str]:
    """Return the routes of such views, each once, in the order of the URLconf.

    If the site has SecondFactorMiddleware, views that log in with a session are not among them.
    """
    opens_sessions = not has_middleware()
    found = [
        route
        for route, apps, pattern in _routes()
        if _hands_out_tokens(apps, pattern) or (opens_sessions and _logs_in(apps, pattern))
    ]
    return list(dict.fromkeys(found))


def has_middleware() -> bool:
    """Whether the site is behind SecondFactorMiddleware."""
    return any(map(is_ours, settings.MIDDLEWARE))


def is_ours(middleware: str) -> bool:
    """Whether an item of MIDDLEWARE names SecondFactorMiddleware or a subclass."""
    try:
        kind = import_string(middleware)
    except ImportError:  # Django reports it when it starts
        return False
    return isinstance(kind, type) and issubclass(kind, SecondFactorMiddleware)


def served_names() -> set[str]:
    """Return the names of all routes of the site."""
    return {pattern.name or "" for _, _, pattern in _routes()}


def routes_behind_login() -> list[str]:
    """Return our routes of the Ninja API that LoginRequiredMiddleware would redirect."""
    if "django.contrib.auth.middleware.LoginRequiredMiddleware" not in settings.MIDDLEWARE:
        return []
    return [
        route
        for route, apps, pattern in _routes()
        if "ninja" in apps
        and (pattern.name or "").startswith(("totp-", "jwt-", "session-"))
        and getattr(pattern.callback, "login_required", True)
    ]


def _routes(
    resolver: URLResolver | None = None, prefix: str = "/", apps: tuple[str, ...] = ()
) -> Iterator[tuple[str, tuple[str, ...], URLPattern]]:
    if resolver is None and not getattr(settings, "ROOT_URLCONF", None):
        return
    for pattern in (resolver or get_resolver()).url_patterns:
        route = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from _routes(pattern, route, (*apps, pattern.app_name or ""))
        else:
            yield route, apps, pattern


def _hands_out_tokens(apps: tuple[str, ...], pattern: URLPattern) -> bool:
    options = getattr(pattern.callback, "view_initkwargs", {})
    return (
        _dotted(pattern.callback) in _TOKEN_VIEWS
        or ("ninja" in apps and pattern.name in _TOKEN_OPERATIONS)
        # A client that is no browser sends the session key in a header of allauth.
        or (_is_allauths(pattern) and options.get("client") == "app")
    )


def _logs_in(apps: tuple[str, ...], pattern: URLPattern) -> bool:
    view: Any = pattern.callback
    owner = getattr(view, "__self__", None)
    return (
        _dotted(view) in _SESSION_VIEWS
        or _is_allauths(pattern)
        or _is_reset_that_logs_in(view)
        or ("admin" in apps and pattern.name == "login" and isinstance(owner, AdminSite))
    )


def _kind(view: Any) -> Any:  # Any: a view function with attributes
    return getattr(view, "view_class", None) or getattr(view, "cls", None) or unwrap(view)


def _dotted(view: Any) -> str:
    kind = _kind(view)
    return f"{getattr(kind, '__module__', '')}.{getattr(kind, '__qualname__', '')}"


def _is_allauths(pattern: URLPattern) -> bool:
    name = pattern.name or ""
    resets = getattr(settings, "ACCOUNT_LOGIN_ON_PASSWORD_RESET", False)
    logs_in = name in _ALLAUTH or (resets and name in _ALLAUTH_RESETS) or "_callback" in name
    return logs_in and _dotted(pattern.callback).startswith("allauth.")


def _is_reset_that_logs_in(view: Any) -> bool:
    kind = _kind(view)
    is_reset = isinstance(kind, type) and issubclass(kind, PasswordResetConfirmView)
    return is_reset and bool(view.view_initkwargs.get("post_reset_login", kind.post_reset_login))
