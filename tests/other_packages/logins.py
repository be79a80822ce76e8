"""Whatever logs Ada in by one factor opens no page, and each opens after her code."""

import pytest
from allauth.account.models import EmailAddress
from allauth.socialaccount.models import SocialAccount
from django.contrib.auth.tokens import default_token_generator
from django.contrib.flatpages.models import FlatPage
from django.test import Client
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode
from social_django.models import UserSocialAuth

from tests.other_packages.conftest import verify
from tests.other_packages.urls import SECRET
from tests.support.people import PASSWORD

HEADLESS = "/_allauth/browser/v1"


def _by_the_admin(browser, ada):
    return browser.post("/admin/login/", {"username": "ada", "password": PASSWORD})


def _by_allauth(browser, ada):
    return browser.post("/accounts/login/", {"login": "ada", "password": PASSWORD})


def _by_allauths_api(browser, ada):
    body = {"username": "ada", "password": PASSWORD}
    return browser.post(f"{HEADLESS}/auth/login", body, "application/json")


def _by_another_site(browser, ada):
    SocialAccount.objects.create(user=ada.user, provider="dummy", uid="7")
    where = browser.post("/accounts/dummy/login/")["Location"]
    return browser.post(where, {"id": "7"})


def _by_social_auth(browser, ada):
    UserSocialAuth.objects.create(user=ada.user, provider="username", id_key="username", uid="ada")
    begin = browser.post("/social/login/username/")
    assert begin.status_code == 302
    return browser.post("/social/complete/username/", {"username": "ada"})


def _by_a_reset(browser, ada):
    uid = urlsafe_base64_encode(force_bytes(ada.user.pk))
    link = f"/reset/{uid}/{default_token_generator.make_token(ada.user)}/"
    form = browser.get(link)["Location"]
    password = "another horse battery staple"
    return browser.post(form, {"new_password1": password, "new_password2": password})


def _by_dj_rest_auth(browser, ada):
    body = {"username": "ada", "password": PASSWORD}
    return browser.post("/rest/login/", body, "application/json")


LOGINS = {
    "admin": _by_the_admin,
    "allauth": _by_allauth,
    "allauth headless": _by_allauths_api,
    "allauth social": _by_another_site,
    "social-auth-app-django": _by_social_auth,
    "password reset": _by_a_reset,
    "dj-rest-auth": _by_dj_rest_auth,
}
PAGES = [
    "/members/",
    "/reports/",
    "/about/",
    "/admin/",
    "/admin/doc/",
    "/admin/doc/views/",
    "/admin/ninja_totp/account/",
    "/accounts/email/",
    "/accounts/password/change/",
    "/accounts/3rdparty/",
    "/hijack/acquire/",
    "/rest/user/",
]
CALLS = ["/auth/session", "/account/email", "/account/providers", "/config"]


@pytest.fixture(params=LOGINS)
def thief(request, browser, ada):
    """A browser that has been logged in as Ada by one factor."""
    page = FlatPage.objects.create(url="/about/", content=SECRET, registration_required=True)
    page.sites.add(1)
    LOGINS[request.param](browser, ada)
    assert browser.session["_auth_user_id"] == str(ada.user.pk)
    return browser


def test_no_page_is_shown(thief):
    answers = {path: thief.get(path) for path in PAGES}

    assert {path: answer.get("Location") for path, answer in answers.items()} == {
        path: f"/verify/?next={path}" for path in PAGES
    }


def test_no_call_of_an_api_is_answered(thief):
    answers = [thief.get(HEADLESS + path, headers={"Accept": "*/*"}) for path in CALLS]

    assert [answer.json().get("code") for answer in answers] == ["second_factor_required"] * 4


def test_a_code_opens_them(thief, ada):
    verify(thief, ada)
    statuses = {path: thief.get(path).status_code for path in PAGES}

    # This one wants a user in a POST.
    assert statuses == dict.fromkeys(PAGES, 200) | {"/hijack/acquire/": 400}


def test_a_wrong_code_does_not(thief, ada):
    thief.post("/verify/", {"code": ada.wrong_code()})

    assert thief.get("/admin/doc/").status_code == 302


def test_logging_out_is_possible(thief):
    thief.post("/admin/logout/")

    assert "_auth_user_id" not in thief.session


def test_allauths_own_page_for_it_is_open_where_it_is_named(browser, ada, settings):
    _by_allauth(browser, ada)
    browser.post("/accounts/logout/")
    before = "_auth_user_id" in browser.session
    settings.TOTP_EXEMPT_PATHS = ["/accounts/logout/"]
    browser.post("/accounts/logout/")

    assert (before, "_auth_user_id" in browser.session) == (True, False)


@pytest.mark.parametrize("log_in", [_by_allauths_api, _by_dj_rest_auth])
def test_a_script_is_told_as_it_logs_in(ada, log_in):
    """And not what the call would have said: a token, the user's address."""
    answer = log_in(Client(), ada)

    assert (answer.status_code, answer.json()["code"]) == (403, "second_factor_required")
    assert answer.json().keys() == {"detail", "code", "max_age"}


def test_a_headless_client_goes_on_after_our_own_call(browser, ada):
    _by_allauths_api(browser, ada)
    body = {"otp_code": ada.next_code()}
    browser.post("/ninja/totp/verify/", body, "application/json")

    assert browser.get(f"{HEADLESS}/auth/session").json()["meta"]["is_authenticated"] is True


def test_users_without_a_factor_notice_nothing(browser, grace):
    EmailAddress.objects.create(user=grace.user, email="grace@example.com")
    browser.post("/accounts/login/", {"login": "grace", "password": PASSWORD})

    assert browser.get("/accounts/email/").status_code == 200


def test_a_session_of_allauths_for_apps_is_none_that_the_middleware_sees(ada):
    """The reason why W002 names these calls also where the middleware is."""
    app, body = Client(), {"username": "ada", "password": PASSWORD}
    login = app.post("/_allauth/app/v1/auth/login", body, "application/json").json()
    headers = {"X-Session-Token": login["meta"]["session_token"]}

    assert app.get("/_allauth/app/v1/account/email", headers=headers).status_code == 200
