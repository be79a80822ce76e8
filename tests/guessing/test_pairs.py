"""How many pairs of codes one address gets to try at the doors, beside what the formula says."""

import pytest
from django.core.cache import cache
from django.test import Client

from ninja_totp.core import otp
from ninja_totp.services.policy.guessing import site_guess_probability
from tests.support.clock import StoppedClock
from tests.support.doors import DrfDoor, NinjaDoor
from tests.support.people import Person

pytestmark = pytest.mark.django_db

FORWARDED = {"X-Forwarded-For": "192.0.2.1"}
NOTHING = {}


class _With:
    """Nobody, at the one address of the test, with some headers."""

    def __init__(self, headers):
        self.headers = headers

    def send(self, method, url, **extra):
        headers = {**self.headers, **extra.pop("headers", {})}
        return Client().generic(method, url, headers=headers, **extra)


@pytest.fixture
def clock(monkeypatch):
    return StoppedClock().install(monkeypatch)


@pytest.fixture(params=[NinjaDoor, DrfDoor], ids=["ninja", "drf"])
def ada(request, clock, settings):
    """An account that is locked for codes."""
    settings.TOTP_THROTTLE_RATE = None
    person = Person(request.param(), clock, "ada")
    person.enrol()
    person.fail(5)
    settings.TOTP_THROTTLE_RATE = "10/minute"
    cache.clear()
    return person


@pytest.fixture
def compared(monkeypatch):
    """The pairs that were compared with real codes."""
    pairs, matching_pair = [], otp.matching_pair

    def compare_and_keep(secret, first, second, **options):
        pairs.append((first, second))
        return matching_pair(secret, first, second, **options)

    monkeypatch.setattr(otp, "matching_pair", compare_and_keep)
    return pairs


def challenges(ada, headers):
    answers = [ada.give_password(credential=_With(headers)).json for _ in range(30)]
    return [answer["totp_challenge_token"] for answer in answers if "code" not in answer]


def try_pair(ada, token, headers):
    body = {"totp_challenge_token": token, "otp_codes": ["000000", "111111"]}
    ada.door.post("jwt/totp/verify/", body, _With(headers))


def try_pairs(ada, tokens):
    for token in tokens:
        for _ in range(5):
            try_pair(ada, token, FORWARDED)
    for token in tokens:
        try_pair(ada, token, FORWARDED)
        try_pair(ada, token, NOTHING)


@pytest.mark.parametrize(("proxies", "pairs"), [(None, 100), (0, 50)])
def test_an_address_tries_as_many_pairs_in_a_minute_as_the_formula_says(
    ada, compared, settings, proxies, pairs
):
    settings.TOTP_NUM_PROXIES = proxies

    try_pairs(ada, challenges(ada, NOTHING) + challenges(ada, FORWARDED))

    one_pair = 3 * (2148 / 2**31) ** 2
    assert len(compared) == pairs
    # Of a minute that begins when the throttle's does not, two are touched.
    assert site_guess_probability(60, addresses=1).pairs == pytest.approx(2 * pairs * one_pair)


def test_no_address_tries_no_pair(settings):
    settings.TOTP_THROTTLE_RATE = None

    assert site_guess_probability(addresses=0).pairs == 0


def test_pairs_that_unlock_nothing_are_counted_like_codes(settings):
    settings.TOTP_TWO_CODE_UNLOCK = False

    assert site_guess_probability(addresses=1000).pairs == 0
