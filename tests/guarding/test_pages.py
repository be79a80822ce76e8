"""`second_factor_required` and its mixin: plain views of a project's own."""

import pytest
from django.test import AsyncClient

from tests.support.credentials import NOBODY

HTML = {"Accept": "text/html,application/xhtml+xml"}
PAGES = ["/page", "/async-page", "/class-page", "/async-class-page"]

pytestmark = pytest.mark.urls("tests.guarding.urls")
every_page = pytest.mark.parametrize("url", PAGES)


@pytest.fixture
def verified(ada, door, browser):
    """Ada's browser after she has proved her factor."""
    ada.enrol()
    door.post("totp/verify/", {"otp_code": ada.next_code()}, browser)
    return browser


@every_page
def test_a_recent_proof_opens_the_page(verified, url):
    answer = verified.send("GET", url)

    assert answer.status_code == 200
    assert answer.content.startswith(b"page")


@every_page
def test_a_password_alone_does_not(ada, browser, url):
    ada.enrol()

    answer = browser.send("GET", url)

    assert answer.status_code == 403
    assert answer.json()["code"] == "second_factor_required"


@every_page
def test_who_has_no_factor_is_refused(browser, url):
    answer = browser.send("GET", url)

    assert (answer.status_code, answer.json()["code"]) == (403, "enrolment_required")


@every_page
def test_nobody_is_sent_to_the_login(db, url):
    answer = NOBODY.send("GET", url, headers=HTML)

    assert answer.status_code == 302
    assert answer["Location"] == f"/accounts/login/?next={url}"


@every_page
def test_a_script_of_nobody_is_told(db, url):
    answer = NOBODY.send("GET", url)

    assert answer.status_code == 401
    assert answer.json()["code"] == "not_authenticated"


@pytest.mark.parametrize(("seconds", "status"), [(60, 200), (61, 403)])
@pytest.mark.parametrize("url", ["/page", "/class-page"])
def test_a_proof_is_recent_for_as_long_as_the_page_says(verified, clock, url, seconds, status):
    clock.advance(seconds)

    assert verified.send("GET", url).status_code == status


@pytest.mark.parametrize("verify_url", ["verify", "/verify/"])
def test_a_browser_is_sent_to_where_it_can_verify(ada, browser, settings, verify_url):
    settings.TOTP_VERIFY_URL = verify_url
    ada.enrol()

    answer = browser.send("GET", "/page/one?two=three", headers=HTML)

    assert answer.status_code == 302
    assert answer["Location"] == "/verify/?next=/page/one%3Ftwo%3Dthree"


def test_a_script_is_not(ada, browser, settings):
    settings.TOTP_VERIFY_URL = "verify"
    ada.enrol()

    assert browser.send("GET", "/page").status_code == 403


@pytest.mark.parametrize(
    ("referrer", "back"),
    [
        ("https://testserver/form?a=b", "/form%3Fa%3Db"),
        ("https://evil.example/form", "/class-page"),
        ("https://testserver", ""),
        ("http://[", "/class-page"),
        ("", "/class-page"),
    ],
)
def test_after_a_form_the_browser_comes_back_to_the_page_that_had_it(
    ada, browser, settings, referrer, back
):
    settings.TOTP_VERIFY_URL = "verify"
    ada.enrol()

    answer = browser.send("POST", "/class-page", headers=HTML | {"Referer": referrer})

    assert answer["Location"] == f"/verify/?next={back}"


def test_the_mark_of_a_session_needs_the_csrf_token(verified):
    """A page that is exempt from CSRF must not be used through somebody's browser."""
    answer = verified.without_csrf_token().send("POST", "/exempt-page")

    assert answer.status_code == 403
    assert answer.json()["code"] == "second_factor_required"


@every_page
@pytest.mark.django_db(transaction=True)
async def test_pages_are_guarded_under_asgi_too(verified, url):
    client = AsyncClient()
    before = await client.get(url)
    client.cookies = verified._client.cookies

    assert (before.status_code, (await client.get(url)).status_code) == (401, 200)
