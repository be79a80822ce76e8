"""Django's admin behind the second factor: a site of its own, and a middleware for any other."""

import pytest
from django.contrib import admin
from django.contrib.auth import get_user_model
from django.core.exceptions import ImproperlyConfigured
from django.test import Client

from ninja_totp.views.admin_site import TotpAdminSite
from tests.support.people import PASSWORD

MIDDLEWARE = "ninja_totp.views.middleware.AdminSecondFactorMiddleware"

pytestmark = pytest.mark.urls("tests.guarding.urls")


@pytest.fixture
def ada(ada):
    """Ada, who runs the site."""
    get_user_model().objects.filter(pk=ada.user.pk).update(is_staff=True, is_superuser=True)
    return ada


@pytest.fixture(params=["own", "strict", "stock", "admin"])
def site(request, settings):
    """The prefix of an admin: two of ours, and two of Django's behind the middleware."""
    if request.param in ("stock", "admin"):
        settings.MIDDLEWARE = [*settings.MIDDLEWARE, MIDDLEWARE]
    return f"/{request.param}/"


@pytest.fixture
def visitor(db):
    """A browser before the admin."""
    return Client()


def _log_in(visitor, site, password=PASSWORD):
    body = {"username": "ada", "password": password, "next": site}
    return visitor.post(f"{site}login/", body)


def _prove(visitor, site, code):
    return visitor.post(f"{site}login/", {"code": code, "next": site})


def _pages(visitor, site):
    paths = ("", "ninja_totp/account/", "password_change/", "auth/user/add/", "no/such/page/")
    return {visitor.get(site + path).status_code for path in paths if _exists(site, path)}


def _exists(site, path):
    return site in ("/admin/", "/own/") or not path.startswith(("ninja_totp", "auth"))


def test_a_password_alone_shows_no_page(ada, visitor, site):
    ada.enrol()
    _log_in(visitor, site)

    assert _pages(visitor, site) == {302}
    assert visitor.get(site)["Location"].startswith(f"{site}login/")


def test_the_page_for_the_password_is_followed_by_one_for_the_code(ada, visitor, site):
    ada.enrol()
    before = visitor.get(f"{site}login/").content.decode()
    _log_in(visitor, site)
    after = visitor.get(f"{site}login/?next={site}").content.decode()

    assert ('name="password"' in before, 'name="code"' in before) == (True, False)
    assert ('name="password"' in after, 'name="code"' in after) == (False, True)
    assert f'action="{site}logout/"' in after


def test_the_code_opens_it(ada, visitor, site):
    ada.enrol()
    _log_in(visitor, site)

    answer = _prove(visitor, site, ada.next_code())

    assert (answer.status_code, answer["Location"]) == (302, site)
    assert visitor.get(site).status_code == 200


def test_a_wrong_code_does_not(ada, visitor, site):
    ada.enrol()
    _log_in(visitor, site)

    answer = _prove(visitor, site, ada.wrong_code())

    assert answer.status_code == 400
    assert "errornote" in answer.content.decode()
    assert visitor.get(site).status_code == 302


def test_a_code_without_the_password_does_not(ada, visitor, site):
    ada.enrol()

    _prove(visitor, site, ada.next_code())

    assert visitor.get(site).status_code == 302


def test_a_session_that_was_opened_elsewhere_by_a_password_does_not(ada, visitor, site):
    ada.enrol()
    visitor.force_login(ada.user)

    assert visitor.get(site).status_code == 302


def test_who_owes_a_code_can_log_out(ada, visitor, site):
    ada.enrol()
    _log_in(visitor, site)

    assert visitor.post(f"{site}logout/").status_code == 200
    assert "_auth_user_id" not in visitor.session


def test_a_new_factor_asks_again(ada, visitor, site, door):
    credential = ada.enrol()
    _log_in(visitor, site)
    _prove(visitor, site, ada.next_code())
    ada.secret = door.post("totp/replace/", {"input_code": ada.next_code()}, credential).json[
        "secret"
    ]
    ada.confirm(credential)

    assert visitor.get(site).status_code == 302


@pytest.mark.parametrize("site", ["own", "stock"], indirect=True)
def test_who_has_no_factor_gets_in_by_the_password(ada, visitor, site):
    _log_in(visitor, site)

    assert visitor.get(site).status_code == 200


@pytest.mark.parametrize("site", ["strict"], indirect=True)
def test_a_site_can_shut_them_out(ada, visitor, site):
    _log_in(visitor, site)

    answer = _prove(visitor, site, "123456")

    assert visitor.get(site).status_code == 302
    assert "not enabled" in answer.content.decode()


@pytest.mark.parametrize("site", ["own", "stock"], indirect=True)
def test_a_rule_shuts_them_out_when_it_holds(ada, visitor, site, settings):
    _log_in(visitor, site)
    settings.TOTP_REQUIRED = "staff"

    assert _pages(visitor, site) == {302}


@pytest.mark.parametrize("site", ["own", "stock"], indirect=True)
def test_in_their_grace_a_rule_lets_them_in(ada, visitor, site, settings):
    settings.TOTP_REQUIRED, settings.TOTP_REQUIRED_GRACE = "staff", 3600

    _log_in(visitor, site)

    assert visitor.get(site).status_code == 200


@pytest.mark.parametrize("site", ["strict"], indirect=True)
def test_a_site_can_ask_for_a_recent_proof(ada, visitor, site):
    ada.enrol()
    _log_in(visitor, site)
    _prove(visitor, site, ada.next_code())

    ada.clock.advance(60)
    assert visitor.get(site).status_code == 200
    ada.clock.advance(1)
    assert visitor.get(site).status_code == 302


def test_who_is_no_staff_stays_outside(ada, visitor, site):
    get_user_model().objects.filter(pk=ada.user.pk).update(is_staff=False)
    ada.enrol()
    visitor.force_login(ada.user)

    answer = visitor.get(f"{site}login/")

    assert 'name="password"' in answer.content.decode()
    assert visitor.get(site).status_code == 302


@pytest.mark.parametrize("site", ["stock"], indirect=True)
def test_a_page_that_an_application_added_is_guarded_as_well(ada, visitor, site):
    ada.enrol()
    _log_in(visitor, site)
    before = visitor.get("/stock/added")
    _prove(visitor, site, ada.next_code())

    assert (before.status_code, visitor.get("/stock/added").status_code) == (302, 200)


@pytest.mark.parametrize("page", ["", "export/"])
def test_a_site_that_lets_others_in_than_staff_is_guarded_as_well(ada, visitor, settings, page):
    settings.MIDDLEWARE = [*settings.MIDDLEWARE, MIDDLEWARE]
    get_user_model().objects.filter(pk=ada.user.pk).update(is_staff=False, is_superuser=False)
    ada.enrol()
    visitor.force_login(ada.user)

    assert visitor.get(f"/portal/{page}").status_code == 302


def test_a_site_takes_no_pages_of_another_one():
    """They would ask the other site who may see them."""
    site = TotpAdminSite("borrowed")
    site._registry.update(admin.site._registry)

    with pytest.raises(ImproperlyConfigured, match=r"ninja_totp\.Account"):
        _ = site.urls


@pytest.mark.parametrize("site", ["stock"], indirect=True)
def test_other_pages_are_none_of_the_middlewares_business(ada, visitor, site):
    ada.enrol()
    visitor.force_login(ada.user)

    assert visitor.get("/ninja/totp/status/").status_code == 200


def test_the_code_is_asked_for_once_for_a_session(
    ada, visitor, site, django_assert_max_num_queries
):
    ada.enrol()
    _log_in(visitor, site)
    _prove(visitor, site, ada.next_code())

    # The session, the user, the factor, and what the page itself asks.
    with django_assert_max_num_queries(4):
        assert visitor.get(site).status_code == 200
