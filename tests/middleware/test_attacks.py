"""What a password alone opens on a site behind the middleware: nothing."""

from posixpath import normpath
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from django.contrib.auth import get_user_model
from django.http import HttpResponse
from django.test import AsyncClient, Client
from django.utils.deprecation import MiddlewareMixin
from hypothesis import HealthCheck, given, settings, strategies as st

from tests.middleware.conftest import PAGE
from tests.middleware.urls import SECRET
from tests.support.people import PASSWORD, Person

PAGES = [
    "/members/",
    "/members/async/",
    "/members/json/",
    "/members/form/",
    "/members/inherits/dispatch/",
    "/members/inherits/class/",
    "/members/login-not-required/",
    "/members/logout",
    "/api/account",
    "/api/public",
    "/api/docs",
    "/media/private/pages.py",
    "/media/pages.py",
    "/admin/",
    "/admin/added",
    "/admin/login/",
    "/admin/jsi18n/",
    "/admin/ninja_totp/account/",
    "/accounts/login/",
    "/any/page",
    "/any/missing",
]
# Each ends at a view that shows the secret, under a name like that of a page which is open.
TRICKS = [
    "/static/../members/",
    "/static/",
    "/static/%2e%2e/members/",
    "http://testserver//evil.example/",
    "/verify/../members/",
    "/verify",
    "/VERIFY/",
    "/verify/x",
    "/verify/%00",
    "/verify/;/members/",
    "/open",
    "/open/x",
    "/open/../members/",
]
SEGMENTS = [
    "x",
    "hooks",
    "members",
    "..",
    ".",
    "",
    "...",
    "%2e%2e",
    "..\\",
    "\\..",
    "..%2f..",
    "%5c",
]
NAMED = ["/health", "/hooks/*"]
BESIDE_THEM = [
    "/health/",
    "/health/x",
    "/healthy-secret",
    "/HEALTH",
    "http://testserver//health",
    "/health%20",
    "/health%00",
    "/static/health",
    "/hooks",
    "/hooksx/",
    "/hooks/../members/",
    "/hooks/x/../../members/",
    "/hooks/%2e%2e/members/",
    "/hooks/./x",
    "/hooks//members/",
    "/hooks/..",
    "/hooks/x%5C..%5Cmembers",
]


def _leads_to(answer):
    where = urlsplit(answer["Location"])
    return where.path, parse_qs(where.query, keep_blank_values=True)["next"][0]


def _to_verify(paths):
    """Where each of these paths has to lead."""
    return dict.fromkeys(paths, (302, "/verify/"))


def _redirect(answer):
    return answer.status_code, urlsplit(answer.get("Location", "")).path


@pytest.mark.parametrize("paths", [PAGES, TRICKS, BESIDE_THEM], ids=["pages", "tricks", "beside"])
def test_a_password_alone_shows_no_page(thief, site, paths):
    site.TOTP_EXEMPT_PATHS = NAMED

    answers = {path: thief.get(path) for path in paths}

    assert {path: _redirect(answer) for path, answer in answers.items()} == _to_verify(paths)
    assert [path for path in paths if SECRET in answers[path].content.decode()] == []


@pytest.mark.parametrize("paths", [PAGES, TRICKS, BESIDE_THEM], ids=["pages", "tricks", "beside"])
async def test_nor_where_the_site_is_asynchronous(on_the_loop, site, paths):
    site.TOTP_EXEMPT_PATHS = NAMED

    answers = {path: await on_the_loop.get(path, headers=PAGE) for path in paths}

    assert {path: _redirect(answer) for path, answer in answers.items()} == _to_verify(paths)


@given(st.lists(st.sampled_from(SEGMENTS), max_size=6))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_what_is_open_lies_below_the_named_path_however_it_is_read(thief, site, segments):
    site.TOTP_EXEMPT_PATHS = ["/hooks/*"]
    path = "/hooks/" + "/".join(segments)

    is_closed = thief.get(path).get("Location", "").startswith("/verify/")

    readings = {path, unquote(path), unquote(path).replace("\\", "/")}
    places = {f"{normpath(reading)}/" for reading in readings}
    assert is_closed or all(place.startswith("/hooks/") for place in places)


def test_a_program_gets_the_challenge(script):
    answers = {path: script.get(path) for path in PAGES}

    assert {path: _refusal(answer) for path, answer in answers.items()} == dict.fromkeys(
        PAGES, (403, "second_factor_required")
    )
    assert [path for path in PAGES if "no-store" not in answers[path]["Cache-Control"]] == []


def _refusal(answer):
    return answer.status_code, answer.json()["code"]


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete", "head", "options", "trace"])
def test_no_method_is_let_through(thief, method):
    answer = getattr(thief, method)("/members/form/")

    assert (answer.status_code, urlsplit(answer["Location"]).path) == (302, "/verify/")


@pytest.mark.parametrize(
    "headers",
    [
        {"Authorization": "Bearer x"},
        {"Authorization": "Basic eDp4"},
        {"X-Requested-With": "XMLHttpRequest"},
        {"X-Original-URL": "/open/"},
        {"X-Forwarded-Prefix": "/open"},
        {"X-HTTP-Method-Override": "OPTIONS"},
    ],
    ids=str,
)
def test_no_header_makes_a_session_disappear(thief, headers):
    assert thief.get("/members/", headers=headers).status_code == 302


def test_a_token_of_hers_does_not_lend_its_proof_to_a_session(script, enrolled):
    token = enrolled.log_in_with_code().token

    answer = script.get("/members/", headers={"Authorization": f"Bearer {token}"})

    assert answer.status_code == 403


class Fallback(MiddlewareMixin):
    """As flatpages do: answers where no view does."""

    def process_response(self, request, response):
        return HttpResponse(SECRET) if response.status_code == 404 else response


class Moved(MiddlewareMixin):
    """As redirects do: says where the page is by now."""

    def process_response(self, request, response):
        is_missing = response.status_code == 404
        return (
            HttpResponse(status=301, headers={"Location": f"/{SECRET}"}) if is_missing else response
        )


class Instead(MiddlewareMixin):
    """Answers before it is known whether there is a view."""

    def process_request(self, request):
        return HttpResponse(SECRET) if request.path == "/any/missing" else None


@pytest.mark.parametrize("kind", [Fallback, Moved, Instead])
def test_a_page_without_a_view_is_closed_as_well(thief, site, kind):
    site.MIDDLEWARE = [*site.MIDDLEWARE, f"{__name__}.{kind.__name__}"]

    answer, of_nobody = thief.get("/any/missing"), Client().get("/any/missing")

    assert answer.url.startswith("/verify/")
    assert SECRET in of_nobody.content.decode() + of_nobody.get("Location", "")


@pytest.mark.parametrize("kind", [Fallback, Moved, Instead])
async def test_nor_does_it_open_where_the_site_is_asynchronous(on_the_loop, site, kind):
    site.MIDDLEWARE = [*site.MIDDLEWARE, f"{__name__}.{kind.__name__}"]

    answer = await on_the_loop.get("/any/missing", headers=PAGE)

    assert answer.url.startswith("/verify/")


@pytest.mark.parametrize("kind", [Fallback, Moved])
def test_nor_where_the_other_one_comes_first(thief, site, kind):
    """Its turn comes after ours, which shows it no 404."""
    site.MIDDLEWARE = [*site.MIDDLEWARE[:-1], f"{__name__}.{kind.__name__}", site.MIDDLEWARE[-1]]

    assert thief.get("/any/missing").url.startswith("/verify/")


@pytest.mark.parametrize("path", ["/log-in/", "/log-in/async/"])
def test_the_answer_of_a_login_shows_nothing_before_the_code(enrolled, path):
    program, browser = Client(), Client(headers=PAGE)
    credentials = {"username": "ada", "password": PASSWORD}

    told, led = program.post(path, credentials), browser.post(path, credentials)
    program.post("/ninja/totp/verify/", {"otp_code": enrolled.next_code()}, "application/json")

    assert (told.status_code, told.json()["code"]) == (403, "second_factor_required")
    assert (led.status_code, urlsplit(led["Location"]).path) == (302, "/verify/")
    assert program.get("/members/").content.decode() == SECRET


@pytest.mark.parametrize("path", ["/log-in/", "/log-in/async/"])
async def test_nor_where_the_site_that_logs_in_is_asynchronous(enrolled, path):
    credentials = {"username": "ada", "password": PASSWORD}

    answer = await AsyncClient().post(path, credentials)

    assert (answer.status_code, answer.json()["code"]) == (403, "second_factor_required")


@pytest.mark.parametrize("path", ["/log-in/", "/log-in/async/"])
def test_a_user_without_a_factor_sees_the_answer_of_the_login(ada, path):
    answer = Client().post(path, {"username": "ada", "password": PASSWORD})

    assert answer.content.decode() == SECRET


def test_an_impersonator_gains_nothing(thief, site):
    """Of a user without a factor, whom a middleware puts in the place of the one signed in."""
    get_user_model().objects.create_user("grace")
    site.MIDDLEWARE = [*site.MIDDLEWARE, f"{__name__}.as_grace"]

    assert thief.get("/members/").status_code == 302


def as_grace(get_response):
    """Impersonation as middlewares do it: only `request.user` changes."""

    def middleware(request):
        request.user = get_user_model().objects.get(username="grace")
        return get_response(request)

    return middleware


def test_nor_does_who_has_proved_a_factor_of_their_own(owner, site, door, clock):
    Person(door, clock, "grace").enrol()
    site.MIDDLEWARE = [*site.MIDDLEWARE, f"{__name__}.as_grace"]
    impersonator = Client(headers=PAGE)  # which has read the settings anew
    impersonator.cookies = owner.cookies

    assert impersonator.get("/members/").status_code == 302


@pytest.mark.parametrize(
    ("path", "wanted"),
    [
        ("/members/?a=1&next=//evil.example/", "/members/?a=1&next=//evil.example/"),
        ("/any/\\evil.example", "/any/%5Cevil.example"),
        ("/any/https://evil.example", "/any/https://evil.example"),
        ("/any/page%0d%0aSet-Cookie:x=1", "/any/page%0D%0ASet-Cookie:x%3D1"),
    ],
)
def test_the_way_back_stays_on_the_site(thief, enrolled, path, wanted):
    page, back = _leads_to(thief.get(path))
    after = thief.post("/verify/", {"code": enrolled.next_code(), "next": back})

    assert (page, back) == ("/verify/", wanted)
    assert after["Location"] == wanted


def test_a_path_that_looks_like_another_site_is_none_to_come_back_to(thief):
    assert _leads_to(thief.get("http://testserver//evil.example/")) == ("/verify/", "")


@pytest.mark.parametrize(
    ("referrer", "back"),
    [
        ("http://testserver/any/page?a=1", "/any/page?a=1"),
        ("http://testserver//evil.example/", ""),
        ("http://testserver/\\evil.example/", ""),
        ("https://evil.example/any/page", "/members/form/"),
        ("http://testserver@evil.example/", "/members/form/"),
        ("http://[", "/members/form/"),
        ("javascript:alert(1)", "/members/form/"),
    ],
)
def test_after_a_form_it_leads_to_the_page_that_had_it(thief, referrer, back):
    answer = thief.post("/members/form/", headers={"Referer": referrer, **PAGE})

    assert _leads_to(answer)[1] == back


def test_a_code_opens_what_the_password_did_not(owner):
    assert owner.get("/members/").content.decode() == SECRET
    assert owner.get("/admin/added")["Location"].startswith("/admin/login/")  # Ada is no staff


async def test_also_where_the_site_is_asynchronous(on_the_loop, enrolled):
    await on_the_loop.post("/verify/", {"code": enrolled.next_code()})

    assert (await on_the_loop.get("/members/async/", headers=PAGE)).content.decode() == SECRET


def test_the_claims_of_a_session_end_with_the_factor(owner, enrolled, door):
    credential = enrolled.log_in_with_code()
    door.post("totp/disable/", {"input_code": enrolled.next_code()}, credential)
    enrolled.enrol()

    assert owner.get("/members/").status_code == 302


def test_a_session_from_before_the_factor_is_closed(ada):
    browser = Client(headers=PAGE)
    browser.force_login(ada.user)
    before = browser.get("/members/").status_code
    ada.enrol()

    assert (before, browser.get("/members/").status_code) == (200, 302)
