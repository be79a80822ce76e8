"""A verified session lends its standing to no other credential, and to no other site."""

import pytest
from django.contrib.auth import get_user_model
from ninja.security import APIKeyQuery
from ninja_jwt.tokens import AccessToken

from ninja_totp.api import Session, create_router
from tests.contract.errors import SECOND_FACTOR_REQUIRED
from tests.http.hosts import new_api
from tests.support.credentials import Bearer


class _KeyInTheQuery(APIKeyQuery):
    param_name = "user"

    def authenticate(self, request, key):
        return get_user_model().objects.filter(username=key).first()


def _cookie_alone(request):
    return request.user if request.user.is_authenticated else None


@pytest.fixture
def verified(ada):
    """A browser in which the second factor was proved just now."""
    browser = ada.open_browser()
    ada.start(browser)
    ada.confirm(browser)
    return browser


@pytest.fixture(params=[None, Session()], ids=["automatic", "session"])
def router(request):
    """The router with each issuer that knows of sessions."""
    return create_router(issuer=request.param)


def test_a_foreign_page_with_a_key_does_not_borrow_the_cookie(door, verified, mount, router):
    api = new_api()
    api.add_router("/totp/", router, auth=_KeyInTheQuery())
    mount(api)

    answer = door.post("totp/disable/?user=ada", credential=verified.without_csrf_token())

    assert answer.outcome == SECOND_FACTOR_REQUIRED


def test_a_host_that_forgets_csrf_does_not_give_the_factor_away(door, verified, mount, router):
    api = new_api()
    api.add_router("/totp/", router, auth=_cookie_alone)
    mount(api)

    answer = door.post("totp/disable/", credential=verified.without_csrf_token())

    assert answer.outcome == SECOND_FACTOR_REQUIRED


def test_the_browser_itself_may(door, verified, mount, router):
    api = new_api()
    api.add_router("/totp/", router, auth=_cookie_alone)
    mount(api)

    assert door.post("totp/disable/", credential=verified).status == 204


@pytest.mark.parametrize(
    "claims",
    [
        {"amr": "no mfa"},
        {"amr": "mfa"},
        {"amr": None},
        {"amr": 1},
        {"amr": {"mfa": True}},
        {"auth_time": "now"},
        {"auth_time": None},
    ],
    ids=repr,
)
def test_claims_that_are_not_as_we_write_them_prove_nothing(door, ada, claims):
    verified = AccessToken(ada.enrol().token)
    for name, value in claims.items():
        verified[name] = value

    answer = door.post("totp/disable/", credential=Bearer(str(verified)))

    assert answer.outcome == SECOND_FACTOR_REQUIRED
