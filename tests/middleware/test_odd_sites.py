"""The middleware and its page in sites that are made in odd ways."""

import pytest
from asgiref.testing import ApplicationCommunicator
from django.core.asgi import get_asgi_application
from django.core.cache import cache
from django.db import connections
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.urls import set_script_prefix

from ninja_totp.models import Account
from ninja_totp.views import second_factor_required
from tests.middleware.conftest import PAGE
from tests.middleware.urls import SECRET

urlpatterns = []  # a URLconf of another host, which has no page for the code


class Early:
    """A middleware before ours that calls a view by itself, or answers for it."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)

    def process_view(self, request, view, args, kwargs):
        return HttpResponse(SECRET) if request.path == "/any/early" else None


def another_host(get_response):
    def middleware(request):
        if request.headers.get("host") == "shop.testserver":
            request.urlconf = __name__
        return get_response(request)

    return middleware


def _again(browser):
    """The same browser, before the site as its settings are now."""
    same = Client(headers=PAGE)
    same.cookies = browser.cookies
    return same


def test_files_that_only_who_is_signed_in_may_see(thief, site):
    required = "django.contrib.auth.middleware.LoginRequiredMiddleware"
    site.MIDDLEWARE = [*site.MIDDLEWARE[:-1], required, site.MIDDLEWARE[-1]]
    assert Client(headers=PAGE).get("/media/pages.py").url.startswith("/accounts/login/")

    assert _again(thief).get("/media/pages.py").status_code == 302


@pytest.mark.parametrize(
    "typed", ["{}-{}", "{}\u2011{}", "{}{}.", "\u200b{}{}", "\u2022 {}{}", "{}\u2013{}"], ids=ascii
)
def test_the_page_takes_a_code_as_it_is_pasted(thief, enrolled, typed):
    code = enrolled.next_code()

    answer = thief.post("/verify/", {"code": typed.format(code[:3], code[3:])})

    assert (answer.status_code, Account.objects.get().backup_failures) == (302, 0)


def test_nobody_locks_the_owner_out_of_the_page(enrolled, thief, clock):
    for _ in range(40):
        thief.post("/verify/", {"code": enrolled.wrong_code()})
        thief.post("/verify/", {"code": "0000-0000-0000-0000-0000-0000"})
        clock.advance(3601)
    owner = Client(headers=PAGE)
    owner.force_login(enrolled.user)

    pair = f"{enrolled.next_code()} {enrolled.next_code()}"
    typed = [enrolled.code(), enrolled.backup_codes[0], pair]

    assert 302 in [owner.post("/verify/", {"code": one}).status_code for one in typed]


def test_a_session_of_a_thief_does_not_use_up_the_rate_of_the_owner(enrolled, thief, site):
    cache.clear()
    site.TOTP_THROTTLE_RATE = "10/minute"
    owner, code = Client(headers=PAGE), enrolled.next_code()
    owner.force_login(enrolled.user)
    for _ in range(10):
        thief.post("/verify/", {"code": "letters"})  # which are not even charged

    assert owner.post("/verify/", {"code": code}).status_code == 302


@pytest.mark.django_db(transaction=True)
def test_the_page_works_under_atomic_requests(thief, enrolled, monkeypatch):
    monkeypatch.setitem(connections["default"].settings_dict, "ATOMIC_REQUESTS", True)

    assert thief.post("/verify/", {"code": enrolled.next_code()}).status_code == 302


def test_another_host_without_the_page(owner, site):
    site.ALLOWED_HOSTS = ["*"]
    site.MIDDLEWARE = [f"{__name__}.another_host", *site.MIDDLEWARE]

    answer = _again(owner).get("/nothing/", headers={"host": "shop.testserver"})

    assert answer.status_code == 404


@pytest.mark.django_db(transaction=True)
async def test_the_page_to_enrol_on_opens_behind_a_proxy_that_strips_the_prefix(site, late):
    scope = {
        "type": "http",
        "http_version": "1.1",
        "method": "GET",
        "path": "/any/enrol",
        "raw_path": b"/any/enrol",
        "query_string": b"",
        "root_path": "",
        "scheme": "http",
        "headers": [(b"cookie", late), (b"accept", b"text/html"), (b"host", b"testserver")],
        "client": ("192.0.2.1", 1),
        "server": ("testserver", 80),
    }
    server = ApplicationCommunicator(get_asgi_application(), scope)
    await server.send_input({"type": "http.request", "body": b"", "more_body": False})

    assert (await server.receive_output(5))["status"] == 200
    await server.wait(2)


@pytest.fixture
def late(ada, site):
    """The cookie of a user who must set a factor up by now, on a site mounted at /app."""
    site.TOTP_REQUIRED, site.TOTP_ENROL_URL = "all", "/app/any/enrol"
    site.FORCE_SCRIPT_NAME = "/app"
    browser = Client()
    browser.force_login(ada.user)
    yield b"sessionid=" + browser.cookies["sessionid"].value.encode()
    set_script_prefix("/")


def test_a_middleware_before_it_that_answers_for_a_view(thief, site):
    site.MIDDLEWARE = [*site.MIDDLEWARE[:-1], f"{__name__}.Early", site.MIDDLEWARE[-1]]

    assert _again(thief).get("/any/early").status_code == 302


def test_a_guarded_view_leads_who_has_no_factor_to_where_one_is_set_up(ada, site):
    site.TOTP_ENROL_URL = "/any/enrol"
    request = RequestFactory(headers=PAGE).get("/transfer/")
    request.user, request.session = ada.user, {}

    answer = second_factor_required(lambda _: HttpResponse(SECRET))(request)

    assert answer.url.startswith("/any/enrol")
