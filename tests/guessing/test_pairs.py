"""How many pairs of codes are looked at while codes are locked, beside what the formula says."""

import pytest
from django.core.cache import cache

from ninja_totp.core import lockout, otp
from ninja_totp.models import Account, Event
from ninja_totp.services import generate_challenge_token
from ninja_totp.services.policy.guessing import site_guess_probability
from tests.contract.errors import INVALID_CODE
from tests.support.credentials import Bearer
from tests.support.doors import DrfDoor, NinjaDoor
from tests.support.people import Person

pytestmark = pytest.mark.django_db

DAY = 86_400


@pytest.fixture
def clock(clock, settings):
    settings.TOTP_THROTTLE_RATE = None
    return clock


@pytest.fixture(params=[NinjaDoor, DrfDoor], ids=["ninja", "drf"])
def ada(request, clock):
    """An account that is locked for codes."""
    person = Person(request.param(), clock, "ada")
    person.enrol()
    clock.advance(3600)
    person.fail(5)
    return person


@pytest.fixture
def six_a_day(monkeypatch):
    monkeypatch.setattr(lockout, "PAIRS_A_DAY", 6)


@pytest.fixture
def compared(monkeypatch):
    """The pairs that were compared with real codes."""
    pairs, matching_pair = [], otp.matching_pair

    def compare_and_keep(secret, first, second, **options):
        pairs.append((first, second))
        return matching_pair(secret, first, second, **options)

    monkeypatch.setattr(otp, "matching_pair", compare_and_keep)
    return pairs


def try_pairs(ada, number):
    """Try wrong pairs, each by a challenge of its own, with a cache that remembers nothing."""
    answers = []
    for _ in range(number):
        cache.clear()
        challenge = generate_challenge_token(ada.user)
        answers.append(ada.answer_challenge(challenge, otp_codes=["000000", "111111"]))
    return answers


def right_pair(ada):
    return ada.answer_challenge(ada.challenge(), otp_codes=[ada.code(steps=-1), ada.code()])


def test_no_more_pairs_are_looked_at_than_the_formula_says(ada, compared, six_a_day):
    answers = try_pairs(ada, 10)

    assert len(compared) == 6
    assert [answer.status for answer in answers] == [400] * 6 + [429] * 4


@pytest.mark.parametrize(("seconds", "days"), [(1, 2), (DAY, 2), (DAY + 1, 3)])
def test_the_formula_counts_one_day_more_than_the_horizon_has(seconds, days):
    one_pair = 3 * (2148 / 2**31) ** 2

    added = site_guess_probability(seconds).pairs
    assert added == pytest.approx(days * lockout.PAIRS_A_DAY * one_pair)


def test_when_they_are_used_up_a_right_one_waits_for_the_next_day(ada, six_a_day, clock):
    try_pairs(ada, 6)
    Account.objects.update(last_failure_epoch=clock.now() + 2 * DAY)  # a lock that lasts
    refused = right_pair(ada)
    clock.advance(DAY)

    assert refused.json["code"] == "locked"
    assert right_pair(ada).status == 200


def test_a_backup_code_gets_in_all_the_same(ada, six_a_day):
    try_pairs(ada, 7)

    answer = ada.answer_challenge(ada.challenge(), backup_code=ada.backup_codes[0])

    assert answer.status == 200


def test_right_pairs_are_counted_as_well(ada, six_a_day, compared):
    for _ in range(3):
        assert right_pair(ada).status == 200
        ada.clock.advance(90)
        ada.fail(5)

    try_pairs(ada, 6)

    assert len(compared) == 6


def test_a_pair_is_counted_once_for_each_authenticator(ada, clock, six_a_day, compared):
    credential = Bearer(right_pair(ada).json["access"])
    for name in ("Tablet", "Spare"):
        ada.add(name, credential)
    clock.advance(DAY)
    ada.fail(5)

    answers = try_pairs(ada, 4)

    # Two pairs, each compared with three authenticators.
    assert len(compared) == 6 + 1
    assert [answer.status for answer in answers] == [400] * 2 + [429] * 2


def test_the_first_wrong_pair_of_a_lock_is_told(ada, clock):
    try_pairs(ada, 3)
    first = Event.objects.filter(type="pair_failed").count()
    clock.advance(60)
    ada.fail(1)
    try_pairs(ada, 3)

    assert first == 1
    assert Event.objects.filter(type="pair_failed").count() == 2


def test_pairs_on_an_account_that_is_not_locked_are_failures_of_it(ada, clock):
    clock.advance(3600)

    (answer,) = try_pairs(ada, 1)

    assert answer.outcome == INVALID_CODE
    assert (Account.objects.get().pairs, Account.objects.get().failures) == (0, 6)


def test_pairs_that_unlock_nothing_are_counted_like_codes(settings):
    settings.TOTP_TWO_CODE_UNLOCK = False

    assert site_guess_probability().pairs == 0
