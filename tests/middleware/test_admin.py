"""Django's admins behind the middleware, with the page for the code in their clothes."""

import pytest
from django.contrib.auth import get_user_model
from django.test import Client

from tests.middleware.conftest import PAGE
from tests.support.people import PASSWORD


@pytest.fixture(autouse=True)
def verify_page(site):
    """The page for the code looks as the admin does."""
    site.TOTP_VERIFY_URL = "admin-verify"


@pytest.fixture
def ada(ada):
    """Ada, who runs the site."""
    get_user_model().objects.filter(pk=ada.user.pk).update(is_staff=True, is_superuser=True)
    return ada


@pytest.fixture(params=["stock", "admin"])
def prefix(request):
    """The prefix of an admin: one of the project's, and the default one."""
    return f"/{request.param}/"


@pytest.fixture
def visitor(db):
    """A browser before the admin."""
    return Client(headers=PAGE)


def _log_in(visitor, prefix, password=PASSWORD):
    body = {"username": "ada", "password": password, "next": prefix}
    return visitor.post(f"{prefix}login/", body)


def _prove(visitor, prefix, code):
    return visitor.post("/admin-verify/", {"code": code, "next": prefix})


def _pages(visitor, prefix):
    paths = ("", "ninja_totp/account/", "password_change/", "auth/user/add/", "no/such/page/")
    return {visitor.get(prefix + path).status_code for path in paths if _exists(prefix, path)}


def _exists(prefix, path):
    return prefix == "/admin/" or not path.startswith(("ninja_totp", "auth"))


def test_a_password_alone_shows_no_page(ada, visitor, prefix):
    ada.enrol()
    _log_in(visitor, prefix)

    assert _pages(visitor, prefix) == {302}
    assert visitor.get(prefix)["Location"] == f"/admin-verify/?next={prefix}"


def test_the_page_for_the_password_is_followed_by_one_for_the_code(ada, visitor, prefix):
    ada.enrol()
    before = visitor.get(f"{prefix}login/").content.decode()
    _log_in(visitor, prefix)
    after = visitor.get(f"{prefix}login/?next={prefix}", follow=True).content.decode()

    assert ('name="password"' in before, 'name="code"' in before) == (True, False)
    assert ('name="password"' in after, 'name="code"' in after) == (False, True)
    assert 'action="/admin/logout/"' in after


def test_the_code_opens_it(ada, visitor, prefix):
    ada.enrol()
    _log_in(visitor, prefix)

    answer = _prove(visitor, prefix, ada.next_code())

    assert (answer.status_code, answer["Location"]) == (302, prefix)
    assert visitor.get(prefix).status_code == 200


def test_a_wrong_code_does_not(ada, visitor, prefix):
    ada.enrol()
    _log_in(visitor, prefix)

    answer = _prove(visitor, prefix, ada.wrong_code())

    assert answer.status_code == 400
    assert "errornote" in answer.content.decode()
    assert visitor.get(prefix).status_code == 302


def test_a_code_without_the_password_does_not(ada, visitor, prefix):
    ada.enrol()

    _prove(visitor, prefix, ada.next_code())

    assert visitor.get(prefix).status_code == 302


def test_a_session_that_was_opened_elsewhere_by_a_password_does_not(ada, visitor, prefix):
    ada.enrol()
    visitor.force_login(ada.user)

    assert visitor.get(prefix).status_code == 302


def test_who_owes_a_code_can_log_out(ada, visitor, prefix):
    ada.enrol()
    _log_in(visitor, prefix)

    assert visitor.post(f"{prefix}logout/").status_code == 200
    assert "_auth_user_id" not in visitor.session


def test_a_new_factor_asks_again(ada, visitor, prefix, door):
    credential = ada.enrol()
    _log_in(visitor, prefix)
    _prove(visitor, prefix, ada.next_code())
    ada.secret = door.post("totp/replace/", {"input_code": ada.next_code()}, credential).json[
        "secret"
    ]
    ada.confirm(credential)

    assert visitor.get(prefix).status_code == 302


def test_who_has_no_factor_gets_in_by_the_password(ada, visitor, prefix):
    _log_in(visitor, prefix)

    assert visitor.get(prefix).status_code == 200


def test_a_rule_shuts_them_out_when_it_holds(ada, visitor, prefix, settings):
    _log_in(visitor, prefix)
    settings.TOTP_REQUIRED = "staff"

    answer = _prove(visitor, prefix, "123456")

    assert _pages(visitor, prefix) == {403}
    assert "not enabled" in answer.content.decode()


def test_in_their_grace_a_rule_lets_them_in(ada, visitor, prefix, settings):
    settings.TOTP_REQUIRED, settings.TOTP_REQUIRED_GRACE = "staff", 3600

    _log_in(visitor, prefix)

    assert visitor.get(prefix).status_code == 200


def test_a_site_can_ask_for_a_recent_proof(ada, visitor, prefix, settings):
    settings.TOTP_SESSION_MAX_AGE = 60
    ada.enrol()
    _log_in(visitor, prefix)
    _prove(visitor, prefix, ada.next_code())

    ada.clock.advance(60)
    assert visitor.get(prefix).status_code == 200
    ada.clock.advance(1)
    assert visitor.get(prefix).status_code == 302


def test_who_is_no_staff_stays_outside(ada, visitor, prefix):
    get_user_model().objects.filter(pk=ada.user.pk).update(is_staff=False)
    ada.enrol()
    visitor.force_login(ada.user)
    _prove(visitor, prefix, ada.next_code())

    answer = visitor.get(f"{prefix}login/")

    assert 'name="password"' in answer.content.decode()
    assert visitor.get(prefix).status_code == 302


def test_a_page_that_an_application_added_is_guarded_as_well(ada, visitor, prefix):
    ada.enrol()
    _log_in(visitor, prefix)
    before = visitor.get(f"{prefix}added")
    _prove(visitor, prefix, ada.next_code())

    assert (before.status_code, visitor.get(f"{prefix}added").status_code) == (302, 200)


@pytest.mark.parametrize("page", ["", "export/"])
def test_a_site_that_lets_others_in_than_staff_is_guarded_as_well(ada, visitor, page):
    get_user_model().objects.filter(pk=ada.user.pk).update(is_staff=False, is_superuser=False)
    ada.enrol()
    visitor.force_login(ada.user)

    assert visitor.get(f"/portal/{page}")["Location"] == f"/admin-verify/?next=/portal/{page}"


def test_the_code_is_asked_for_once_for_a_session(
    ada, visitor, prefix, django_assert_max_num_queries
):
    ada.enrol()
    _log_in(visitor, prefix)
    _prove(visitor, prefix, ada.next_code())

    # The session, the user, the factor, and what the page itself asks.
    with django_assert_max_num_queries(4):
        assert visitor.get(prefix).status_code == 200
