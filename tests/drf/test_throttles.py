"""Throttle classes that a project subclasses."""

import pytest
from rest_framework.test import APIRequestFactory, force_authenticate

from drf_compat.throttle import TotpAnonThrottle, TotpUserThrottle
from drf_compat.views import JWTCreateView, TotpViewSet


class TwoAMinute(TotpUserThrottle):
    """A rate of the project's own, in the usual spelling."""

    def get_rate(self):
        """Return the rate."""
        return "2/minute"


class Unlimited(TotpUserThrottle):
    """No rate at all."""

    def get_rate(self):
        """Return none."""


@pytest.fixture
def ask(user):
    """A function that asks for the status of `user` through a view with one throttle."""

    def status_of(throttle, **extra):
        view = TotpViewSet.as_view({"get": "totp_status"}, throttle_classes=[throttle])
        request = APIRequestFactory().get("/", **extra)
        force_authenticate(request, user)
        return view(request)

    return status_of


def test_a_subclass_has_its_own_rate(ask):
    answers = [ask(TwoAMinute) for _ in range(3)]

    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert 1 <= int(answers[2]["Retry-After"]) <= 60


def test_a_subclass_may_limit_nothing(ask):
    assert {ask(Unlimited).status_code for _ in range(20)} == {200}


def test_the_anonymous_throttle_leaves_users_alone(ask, settings):
    settings.TOTP_THROTTLE_RATE = "1/minute"

    assert {ask(TotpAnonThrottle).status_code for _ in range(3)} == {200}


def test_behind_an_unknown_proxy_one_account_does_not_slow_another(user, settings):
    settings.TOTP_THROTTLE_RATE = "1/minute"

    def log_in(body):
        request = APIRequestFactory().post(
            "/", body, format="json", headers={"X-Forwarded-For": "192.0.2.1"}
        )
        return JWTCreateView.as_view()(request).status_code

    first = log_in({"username": "ada", "password": "wrong"})
    again = log_in({"username": "ada", "password": "wrong"})
    other = log_in({"username": "grace", "password": "wrong"})
    odd = log_in([])

    assert (first, again, other, odd) == (401, 429, 401, 400)
