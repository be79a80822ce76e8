"""TOTP_THROTTLE_RATE, seen from outside."""

import pytest
from django.contrib.sessions.backends.db import SessionStore

from tests.contract.errors import throttled
from tests.http.caches import TimedCache
from tests.support.credentials import Headers

PERIODS = {"10/s": 1, "10/minute": 60, "10/hour": 3600, "100/day": 86_400}


@pytest.fixture(autouse=True)
def _two_a_minute(client, settings):
    settings.TOTP_THROTTLE_RATE = "2/minute"
    settings.CACHES = {
        "default": {
            "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
            "LOCATION": "throttle-of-the-contract",
        }
    }
    from django.core.cache import cache

    cache.clear()


def test_requests_above_the_rate_are_refused_whatever_they_hold(client, ada):
    ada.give_password()
    ada.give_password()

    answer = ada.give_password()

    assert answer.outcome == throttled(50)
    assert answer.headers["Retry-After"] == "50"


def test_the_next_minute_is_a_new_one(client, ada):
    ada.give_password()
    ada.give_password()
    ada.clock.advance(50)

    assert ada.give_password().status == 200


@pytest.mark.parametrize(("rate", "seconds"), [("2/hour", 3600), ("2/day", 86_400)])
def test_a_count_holds_to_the_last_second_of_its_rate(client, ada, settings, rate, seconds):
    settings.TOTP_THROTTLE_RATE = rate
    left = seconds - ada.clock.now() % seconds
    first = [ada.give_password().status for _ in range(2)]

    ada.clock.advance(left - 1)
    last = ada.give_password()
    ada.clock.advance(1)

    assert (first, last.outcome) == ([200, 200], throttled(1))
    assert ada.give_password().status == 200


@pytest.fixture
def lifetimes(settings, monkeypatch):
    """How long each key in the cache lives, of a cache that has an idea of its own."""
    settings.CACHES = {"default": {"BACKEND": "tests.http.caches.TimedCache"}}
    monkeypatch.setattr(TimedCache, "lifetimes", kept := {})
    return kept


@pytest.mark.parametrize("requests", [1, 3])
@pytest.mark.parametrize("rate", PERIODS)
def test_a_counter_lives_exactly_as_long_as_its_rate_says(ada, lifetimes, settings, rate, requests):
    settings.TOTP_THROTTLE_RATE = rate

    for _ in range(requests):
        ada.give_password()

    assert list(lifetimes.values()) == [PERIODS[rate] - ada.clock.now() % PERIODS[rate]]


def test_a_signed_in_user_is_counted_alone(client, ada, grace):
    hers, others = ada.log_in(), grace.log_in()
    client.get("totp/status/", hers)
    client.get("totp/status/", hers)

    assert client.get("totp/status/", hers).outcome == throttled(50)
    assert client.get("totp/status/", others).status == 200


def test_sessions_beside_a_token_bring_no_count_of_their_own(client, ada, grace):
    token = ada.log_in()

    def status_beside(session):
        cookie = {"Cookie": f"sessionid={session}"}
        return client.get("totp/status/", Headers(token.headers | cookie)).status

    sessions = [grace.open_browser().session_key, *(_anonymous_session() for _ in range(2))]

    assert [status_beside(one) for one in sessions] == [200, 200, 429]


def _anonymous_session():
    session = SessionStore()
    session["basket"] = "one book"
    session.save()
    return session.session_key


def test_each_endpoint_has_a_count_of_its_own(client, ada):
    credential = ada.log_in()
    client.get("totp/status/", credential)
    client.get("totp/status/", credential)

    assert client.post("totp/create/", credential=credential).status == 201


@pytest.mark.parametrize(("path", "name"), [("jwt/refresh/", "refresh"), ("jwt/verify/", "token")])
def test_tokens_are_not_looked_at_above_the_rate(client, ada, path, name):
    token = ada.give_password().json[name if name == "refresh" else "access"]
    statuses = [client.post(path, {name: token}).status for _ in range(3)]

    assert statuses == [200, 200, 429]
    assert client.post(path, {name: token}).outcome == throttled(50)


def test_no_rate_is_no_limit(client, ada, settings):
    settings.TOTP_THROTTLE_RATE = None

    statuses = {ada.give_password().status for _ in range(20)}

    assert statuses == {200}
