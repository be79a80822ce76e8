"""What a site serves, and which of its URLs log a user in past the second factor.

What is known here are views of well-known packages, as they come. A subclass is the project's own:
it may ask for more, and is left alone.
"""

from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.contrib.admin import AdminSite
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils.module_loading import import_string

from ninja_totp.views.admin_site import TotpAdminMixin
from ninja_totp.views.middleware import AdminSecondFactorMiddleware

_STOCK_VIEWS = frozenset(
    {
        "dj_rest_auth.views.LoginView",
        "django.contrib.auth.views.LoginView",
        "djoser.views.TokenCreateView",
        "rest_framework.authtoken.views.ObtainAuthToken",
        "rest_framework_simplejwt.views.TokenObtainPairView",
        "rest_framework_simplejwt.views.TokenObtainSlidingView",
    }
)
# The names that django-ninja-jwt gives to its operations, asynchronous or not.
_STOCK_OPERATIONS = frozenset({"token_obtain_pair", "token_obtain_sliding"})


def doors_past_the_factor() -> list[str]:
    """Return the routes of such views, each once and in the order of the URLconf."""
    if not getattr(settings, "ROOT_URLCONF", None):
        return []
    found = (
        route
        for route, apps, pattern in _patterns(get_resolver(), "/", ())
        if _is_stock_view(pattern.callback)
        or ("ninja" in apps and pattern.name in _STOCK_OPERATIONS)
        or ("admin" in apps and _is_open_admin(pattern))
    )
    return list(dict.fromkeys(found))


def served_names() -> set[str]:
    """Return the names of all routes that the site serves, by either API and elsewhere."""
    if not getattr(settings, "ROOT_URLCONF", None):
        return set()
    return {pattern.name or "" for _, _, pattern in _patterns(get_resolver(), "/", ())}


def routes_behind_login() -> list[str]:
    """Return our routes at the Ninja API that LoginRequiredMiddleware would redirect."""
    is_on = "django.contrib.auth.middleware.LoginRequiredMiddleware" in settings.MIDDLEWARE
    if not is_on or not getattr(settings, "ROOT_URLCONF", None):
        return []
    return [
        route
        for route, apps, pattern in _patterns(get_resolver(), "/", ())
        if "ninja" in apps
        and (pattern.name or "").startswith(("totp-", "jwt-", "session-"))
        and getattr(pattern.callback, "login_required", True)
    ]


def _patterns(
    resolver: URLResolver, prefix: str, apps: tuple[str, ...]
) -> Iterator[tuple[str, tuple[str, ...], URLPattern]]:
    for pattern in resolver.url_patterns:
        route = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from _patterns(pattern, route, (*apps, pattern.app_name or ""))
        else:
            yield route, apps, pattern


def _is_stock_view(view: Any) -> bool:  # Any: a function, with whatever its maker put on it
    kind = getattr(view, "view_class", None) or getattr(view, "cls", None)
    return kind is not None and f"{kind.__module__}.{kind.__qualname__}" in _STOCK_VIEWS


def _is_open_admin(pattern: URLPattern) -> bool:
    site = getattr(pattern.callback, "__self__", None)
    return (
        pattern.name == "login"
        and isinstance(site, AdminSite)
        and not isinstance(site, TotpAdminMixin)
        and not any(map(_guards_admin, settings.MIDDLEWARE))
    )


def _guards_admin(middleware: str) -> bool:
    try:
        kind = import_string(middleware)
    except ImportError:  # Django says so itself when it starts
        return False
    return isinstance(kind, type) and issubclass(kind, AdminSecondFactorMiddleware)
