"""W002: which URLs of these packages the check names, without the middleware and with it."""

from ninja_totp.checks.login_endpoints import logins_without_factor

TOKENS = [
    "/_allauth/app/v1/auth/code/confirm",
    "/_allauth/app/v1/auth/password/reset",
    "/_allauth/app/v1/auth/login",
    "/_allauth/app/v1/auth/provider/token",
    "/rest/login/?$",
    "/knox/login/",
]
SESSIONS = [
    "/reset/<uidb64>/<token>/",
    "/admin/login/",
    "/accounts/login/",
    "/accounts/login/code/confirm/",
    "/accounts/^password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
    "/_allauth/browser/v1/auth/code/confirm",
    "/_allauth/browser/v1/auth/password/reset",
    "/_allauth/browser/v1/auth/login",
    "/_allauth/browser/v1/auth/provider/token",
    "/social/complete/<str:backend>/",
    "/hijack/acquire/",
]


def test_the_middleware_leaves_those_with_tokens():
    assert logins_without_factor() == TOKENS


def test_without_it_there_are_those_with_sessions(settings):
    settings.MIDDLEWARE = []

    found = logins_without_factor()

    assert set(found) == {*TOKENS, *SESSIONS}


def test_a_reset_that_does_not_log_in_is_none(settings):
    settings.MIDDLEWARE, settings.ACCOUNT_LOGIN_ON_PASSWORD_RESET = [], False

    assert not [route for route in logins_without_factor() if "password/reset" in route]
