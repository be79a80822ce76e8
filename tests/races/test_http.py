"""The same crowds at the Ninja door: one answer is a success, and no answer is a 5xx."""

from collections import Counter
from functools import partial

import pytest
from django.test import Client

from tests.races.starting_gun import at_once

pytestmark = pytest.mark.django_db(transaction=True)

CROWD = 40


def post(path, body, access=None):
    headers = {"Authorization": f"Bearer {access}"} if access else {}
    client = Client(raise_request_exception=False)
    return client.post(f"/ninja/{path}", body, "application/json", headers=headers)


def logins(owner, number, **typed):
    """So many second steps, each with a challenge of its own."""
    return [
        partial(post, "jwt/totp/verify/", {"totp_challenge_token": challenge, **typed})
        for challenge in owner.open_challenges(number)
    ]


def statuses(responses):
    return Counter(response.status_code for response in responses)


@pytest.fixture
def access(owner, clock):
    """An access token of verified standing; its code is an hour old."""
    (log_in,) = logins(owner, 1, otp_code=owner.authenticator.code())
    token = log_in().json()["access"]
    clock.advance(3600)
    return token


def test_one_code_logs_in_once(owner):
    code = owner.authenticator.code()

    responses = at_once(logins(owner, CROWD, otp_code=code))

    assert statuses(responses) == {200: 1, 400: 5, 429: CROWD - 6}


def test_one_challenge_logs_in_once(owner):
    (call,) = logins(owner, 1, backup_code=owner.backup_codes[0])

    responses = at_once([call] * CROWD)

    assert statuses(responses) == {200: 1, 400: CROWD - 1}


def test_one_code_is_good_for_one_thing_whatever_the_endpoint(owner, access):
    code = owner.authenticator.code()
    calls = [
        partial(post, "totp/verify/", {"otp_code": code}, access),
        partial(post, "totp/disable/", {"input_code": code}, access),
        partial(post, "totp/rotate_backup_codes/", {"input_code": code}, access),
        partial(post, "totp/replace/", {"input_code": code}, access),
        *logins(owner, 1, otp_code=code),
    ] * 8

    responses = at_once(calls)

    successes = [response for response in responses if response.status_code < 300]
    assert len(successes) == 1
    assert set(statuses(responses)) <= {200, 201, 204, 400, 429}


def test_five_of_forty_guesses_are_looked_at(owner):
    code = owner.authenticator.wrong_code()

    responses = at_once(logins(owner, CROWD, otp_code=code))

    assert statuses(responses) == {400: 5, 429: CROWD - 5}


def test_changes_that_meet_are_no_server_error(owner, access):
    calls = [
        partial(post, "totp/rotate_backup_codes/", {}, access),
        partial(post, "totp/replace/", {}, access),
        partial(post, "totp/create/", {}, access),
        partial(post, "totp/confirm/", {"input_code": "000000"}, access),
        partial(post, "totp/disable/", {}, access),
    ] * 6

    responses = at_once(calls)

    assert set(statuses(responses)) <= {200, 201, 204, 400, 403, 429}
