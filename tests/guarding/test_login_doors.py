"""W002: what in a URLconf logs in by a password alone."""

import pytest
from django.contrib import admin
from django.contrib.auth.views import LoginView, PasswordResetConfirmView
from django.core.checks import run_checks
from django.urls import include, path
from ninja import NinjaAPI
from ninja_extra import NinjaExtraAPI
from ninja_jwt.controller import NinjaJWTDefaultController
from ninja_jwt.routers.obtain import obtain_pair_router
from rest_framework.authtoken.views import obtain_auth_token
from rest_framework_simplejwt.views import (
    TokenObtainPairView,
    TokenRefreshSlidingView,
    TokenRefreshView,
)

from ninja_totp.checks.login_endpoints import logins_without_factor
from ninja_totp.middleware import SecondFactorMiddleware
from tests.guarding.urls import stock_site

GUARD = "ninja_totp.middleware.SecondFactorMiddleware"


class OwnLogin(TokenObtainPairView):
    """A view of a project's own, which may ask for more."""


class OwnRefresh(TokenRefreshView):
    """Another one."""


class OwnReset(PasswordResetConfirmView):
    """Logs in as Django's does when it is told to."""

    post_reset_login = True


class OwnGuard(SecondFactorMiddleware):
    """A subclass of our middleware."""


class GuardOfTheProject:
    """A middleware that has nothing to do with us."""


def _with_router():
    api = NinjaAPI(urls_namespace="doors-router")
    api.add_router("/token", obtain_pair_router)
    return api


def _with_controller():
    api = NinjaExtraAPI(urls_namespace="doors-controller")
    api.register_controllers(NinjaJWTDefaultController)
    return api


ROUTER, CONTROLLER = _with_router(), _with_controller()

CASES = {
    "simplejwt": ([path("login", TokenObtainPairView.as_view())], ["/login"]),
    "a subclass of it": ([path("login", OwnLogin.as_view())], []),
    "a refresh": ([path("refresh", TokenRefreshView.as_view())], ["/refresh"]),
    "its own one": ([path("refresh", OwnRefresh.as_view())], []),
    "a sliding one": ([path("refresh", TokenRefreshSlidingView.as_view())], ["/refresh"]),
    "a reset that logs in": (
        [path("reset", PasswordResetConfirmView.as_view(post_reset_login=True))],
        ["/reset"],
    ),
    "a subclass that does": ([path("reset", OwnReset.as_view())], ["/reset"]),
    "a reset that does not": ([path("reset", PasswordResetConfirmView.as_view())], []),
    "authtoken": ([path("token", obtain_auth_token)], ["/token"]),
    "django": ([path("a/", include([path("login", LoginView.as_view())]))], ["/a/login"]),
    "ninja_jwt": ([path("n/", ROUTER.urls)], ["/n/token/pair", "/n/token/refresh"]),
    "its controller": ([path("x/", CONTROLLER.urls)], ["/x/token/pair", "/x/token/refresh"]),
    "an admin": ([path("admin/", admin.site.urls)], ["/admin/login/"]),
    "another one": ([path("stock/", stock_site.urls)], ["/stock/login/"]),
    "twice": ([path("", LoginView.as_view()), path("", LoginView.as_view())], ["/"]),
    "nothing": ([], []),
}


@pytest.mark.parametrize(("urls", "found"), CASES.values(), ids=CASES)
def test_a_login_by_password_alone_is_found(settings, urls, found):
    settings.ROOT_URLCONF = tuple(urls)

    assert logins_without_factor() == found


@pytest.mark.parametrize(
    ("middleware", "found"),
    [
        ([GUARD], []),
        ([f"{__name__}.OwnGuard"], []),
        ([f"{__name__}.GuardOfTheProject"], ["/admin/login/"]),
        (["no.such.Middleware"], ["/admin/login/"]),
        (["django.utils.deprecation.RemovedAfterNextVersionWarning"], ["/admin/login/"]),
    ],
)
def test_the_middleware_closes_an_admin(settings, middleware, found):
    settings.ROOT_URLCONF = (path("admin/", admin.site.urls),)
    settings.MIDDLEWARE = middleware

    assert logins_without_factor() == found


def test_the_middleware_closes_sessions_and_no_tokens(settings):
    settings.MIDDLEWARE = [GUARD]
    settings.ROOT_URLCONF = tuple(pattern for urls, _ in CASES.values() for pattern in urls)

    assert logins_without_factor() == [
        "/login",
        "/refresh",
        "/token",
        "/n/token/pair",
        "/n/token/refresh",
        "/x/token/pair",
        "/x/token/refresh",
    ]


def test_a_site_without_urls_has_no_doors(settings):
    settings.ROOT_URLCONF = None

    assert logins_without_factor() == []


def test_the_check_names_each_of_them(settings):
    settings.ROOT_URLCONF = (
        path("login", TokenObtainPairView.as_view()),
        path("token", obtain_auth_token),
    )

    messages = [message for message in run_checks() if message.id == "ninja_totp.W002"]

    assert [message.msg.partition(": ")[2] for message in messages] == ["/login, /token."]


@pytest.mark.urls("tests.urls")
def test_our_own_doors_are_none_of_them():
    assert logins_without_factor() == []
