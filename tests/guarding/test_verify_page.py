"""The page on which a session proves the second factor."""

import pytest
from django.core.cache import cache
from django.db import connection
from django.test.client import FakePayload

from ninja_totp.views import VerifyView
from tests.support.credentials import NOBODY
from tests.support.people import Person

pytestmark = pytest.mark.urls("tests.guarding.urls")


@pytest.fixture
def enrolled(ada, browser):
    """Ada, who has a second factor, and a browser from before it."""
    ada.enrol()
    return ada


def _give(browser, code, url="/verify/", **fields):
    body = "&".join(f"{name}={value}" for name, value in {"code": code, **fields}.items())
    form = "application/x-www-form-urlencoded"
    return browser.send("POST", url, data=body.encode(), content_type=form)


def test_a_code_marks_the_session_and_goes_on(enrolled, browser):
    answer = _give(browser, enrolled.next_code(), next="/page")

    assert (answer.status_code, answer["Location"]) == (302, "/page")
    assert browser.send("GET", "/page").status_code == 200


def test_the_key_of_the_session_is_another_one_afterwards(enrolled, browser):
    before = browser._client.cookies["sessionid"].value

    _give(browser, enrolled.next_code())

    assert browser._client.cookies["sessionid"].value != before


@pytest.mark.parametrize(
    "shown", ["{0} {1}", " {0}{1} ", "{0}%20{1}", "%E2%80%A2{0}%C2%A0{1}.", "{0}%E2%80%93{1}"]
)
def test_a_code_may_be_typed_as_apps_show_it(enrolled, browser, shown):
    code = enrolled.next_code()

    assert _give(browser, shown.format(code[:3], code[3:])).status_code == 302


@pytest.mark.django_db(transaction=True)
def test_it_works_where_each_request_is_a_transaction(enrolled, browser, monkeypatch):
    monkeypatch.setitem(connection.settings_dict, "ATOMIC_REQUESTS", True)

    assert _give(browser, enrolled.wrong_code()).status_code == 400
    assert _give(browser, enrolled.next_code()).status_code == 302


def test_a_backup_code_will_do(enrolled, browser):
    assert _give(browser, enrolled.backup_codes[0]).status_code == 302
    assert _give(browser, enrolled.backup_codes[0]).status_code == 400


@pytest.mark.parametrize(
    ("url", "wanted", "location"),
    [
        ("/verify/", "https://evil.example/", "/accounts/profile/"),
        ("/verify/", "//evil.example/", "/accounts/profile/"),
        ("/verify/", "javascript:alert(1)", "/accounts/profile/"),
        ("/verify-and-go/", "https://evil.example/", "/page"),
        ("/verify-and-go/", "/page/two", "/page/two"),
    ],
)
def test_it_leads_to_no_other_site(enrolled, browser, url, wanted, location):
    answer = _give(browser, enrolled.next_code(), url=url, next=wanted)

    assert answer["Location"] == location


def test_it_shows_where_it_leads(enrolled, browser):
    answer = browser.send("GET", "/verify/?next=/page")

    assert '<input type="hidden" name="next" value="/page">' in answer.content.decode()
    assert "no-store" in answer["Cache-Control"]


def test_a_body_as_large_as_no_form_is_refused_unread(enrolled, browser, monkeypatch):
    monkeypatch.setattr(FakePayload, "read", None)

    assert _give(browser, "1" * 2**16).status_code == 413


def test_so_is_one_that_does_not_announce_its_length(async_rf):
    body, form = "code=" + "1" * 2**16, "application/x-www-form-urlencoded"
    request = async_rf.post("/verify/", body, content_type=form)
    del request.META["CONTENT_LENGTH"]

    assert VerifyView.as_view()(request).status_code == 413


def test_a_browser_that_goes_while_it_sends_is_no_server_error(enrolled, browser, monkeypatch):
    def fail(*_):
        raise OSError

    monkeypatch.setattr(FakePayload, "read", fail)

    assert _give(browser, enrolled.next_code()).status_code == 400


def test_a_wrong_code_is_said_beside_the_field_and_counted(enrolled, browser):
    answers = [_give(browser, enrolled.wrong_code()) for _ in range(6)]

    assert [answer.status_code for answer in answers] == [400] * 5 + [429]
    assert "Invalid 2FA code." in answers[0].content.decode()
    assert "4 attempts left." in answers[0].content.decode()
    assert "1 attempt left." in answers[3].content.decode()
    assert "attempt" not in answers[4].content.decode()
    assert "Try again in 30 seconds or use a backup code." in answers[5].content.decode()
    assert browser.send("GET", "/page").status_code == 403


def test_what_is_typed_is_not_shown_again_where_it_is_wrong_for_another(enrolled, browser):
    answer = _give(browser, '"><script>alert(1)</script>'.replace("&", "%26"))

    assert "<script>" not in answer.content.decode()


def test_it_shares_its_rate_with_the_call(enrolled, browser, door, settings):
    settings.TOTP_THROTTLE_RATE = "2/minute"
    cache.clear()
    door.post("totp/verify/", {"otp_code": enrolled.wrong_code()}, browser)
    _give(browser, enrolled.wrong_code())

    assert _give(browser, enrolled.wrong_code()).status_code == 429


def test_who_has_no_factor_is_told(browser, ada):
    answer = _give(browser, "123456")

    assert answer.status_code == 400
    assert "not enabled" in answer.content.decode()


def test_an_empty_field_costs_nothing(enrolled, browser):
    answers = [_give(browser, "") for _ in range(7)]

    assert {answer.status_code for answer in answers} == {200}
    assert _give(browser, enrolled.next_code()).status_code == 302


def test_nobody_is_sent_to_the_login(db):
    assert NOBODY.send("GET", "/verify/")["Location"] == "/accounts/login/?next=/verify/"


def test_a_foreign_page_cannot_send_it(enrolled, browser):
    foreign = browser.without_csrf_token()

    assert _give(foreign, enrolled.next_code()).status_code == 403


def test_somebody_elses_code_is_wrong(enrolled, door, clock, browser):
    grace = Person(door, clock, "grace")
    grace.enrol()

    assert _give(browser, grace.next_code()).status_code == 400


def test_a_code_does_not_reach_a_report_of_an_error(enrolled, browser, monkeypatch, caplog):
    code = enrolled.next_code()

    def broken(*args, **kwargs):
        raise RuntimeError("broken")

    monkeypatch.setattr("ninja_totp.services.verify.write", broken)
    with pytest.raises(RuntimeError):
        _give(browser, code)

    assert code not in caplog.text
