"""A request from another site is told so, and not that its token is missing."""

import json

import pytest

_OWN, _OTHER = "http://testserver", "https://evil.example"


def _log_out(browser, origin):
    return browser.send("POST", "/ninja/session/delete/", headers={"Origin": origin})


@pytest.fixture
def browser(ada):
    """A browser that ada is logged in with."""
    return ada.open_browser()


def test_another_site_is_told_that_it_is_not_trusted(browser):
    answer = _log_out(browser, _OTHER)

    assert (answer.status_code, answer.json()["code"]) == (403, "origin_not_trusted")


def test_a_page_of_this_site_without_a_token_is_told_of_the_token(browser):
    answer = _log_out(browser.without_csrf_token(), _OWN)

    assert (answer.status_code, answer.json()["code"]) == (403, "csrf_failed")


@pytest.mark.parametrize("trusted", [_OTHER, "https://*.example"])
def test_a_trusted_site_with_the_token_is_let_in(browser, settings, trusted):
    settings.CSRF_TRUSTED_ORIGINS = [trusted]

    assert _log_out(browser, _OTHER).status_code == 204


@pytest.mark.parametrize("prefix", ["/ninja/", "/drf/"])
def test_the_authentication_of_the_host_is_explained_in_the_same_way(browser, prefix):
    answer = browser.send("POST", f"{prefix}totp/create/", headers={"Origin": _OTHER})

    assert answer.status_code == 403
    assert json.loads(answer.content)["code"] == "origin_not_trusted"
