"""Finding out who has an account, who has a second factor, or why a code was refused.

allauth 65.3.0, Keycloak PR 13867. Work is counted, not timed: hashes and statements.
"""

from contextlib import contextmanager

import pytest
from django.contrib.auth import get_user_model
from django.db import connection
from django.db.models.signals import post_init
from django.test.utils import CaptureQueriesContext

from ninja_totp.models import Challenge
from ninja_totp.services import generate_recovery_link
from ninja_totp.services.recovery.links import encode_uid
from tests.attacks.hashing import CountingHasher
from tests.contract.errors import (
    INVALID_CHALLENGE,
    INVALID_CODE,
    INVALID_CREDENTIALS,
    invalid_recovery,
)
from tests.support.people import PASSWORD

INVALID_LINK = invalid_recovery("The recovery link is invalid or has expired.")

REFUSED = {
    "with a factor": ("ada", "wrong"),
    "without one": ("plain", "wrong"),
    "inactive": ("inactive", "wrong"),
    "inactive and right": ("inactive", PASSWORD),
    "without a password": ("unusable", "wrong"),
    "nobody": ("nobody", PASSWORD),
}


@pytest.fixture
def accounts(ada, settings):
    settings.PASSWORD_HASHERS = ["tests.attacks.hashing.CountingHasher"]
    users = get_user_model().objects
    users.create_user("plain", password=PASSWORD)
    users.create_user("inactive", password=PASSWORD, is_active=False)
    users.create_user("unusable")


def work_of(call):
    """What a call answered, and what it cost: statements and hashes."""
    before = CountingHasher.made
    with CaptureQueriesContext(connection) as statements:
        outcome = call().outcome
    return outcome, len(statements), CountingHasher.made - before


def test_a_refused_password_tells_nothing_of_the_account(client, accounts):
    refusals = {
        kind: work_of(
            lambda name=name, password=password: client.post(
                "jwt/create/", {"username": name, "password": password}
            )
        )
        for kind, (name, password) in REFUSED.items()
    }

    assert refusals == dict.fromkeys(REFUSED, (INVALID_CREDENTIALS, 1, 1))


def test_a_refused_code_tells_nothing_of_the_reason(ada, settings):
    settings.TOTP_NOTICES = []  # a site looks up whom it writes to in another thread
    used = ada.code()
    ada.answer_challenge(ada.challenge(), otp_code=used)
    codes = [ada.wrong_code(), used, ada.code(steps=-1), ada.code(steps=5)]
    challenges = [ada.challenge() for _ in codes]

    refusals = [
        work_of(lambda c=challenge, typed=code: ada.answer_challenge(c, otp_code=typed))
        for challenge, code in zip(challenges, codes, strict=True)
    ]

    assert len({statements for _, statements, _ in refusals}) == 1
    assert [outcome for outcome, *_ in refusals] == [INVALID_CODE] * 4


def test_a_refused_backup_code_tells_nothing_of_the_reason(ada, mallory):
    used = ada.backup_codes[0]
    ada.answer_challenge(ada.challenge(), backup_code=used)
    codes = [used, mallory.backup_codes[0], "0" * 24, "4K7W-0RTZ-M3XV-9DPQ-J2HB-6YNE"]
    challenges = [ada.challenge() for _ in codes]

    refusals = [
        work_of(lambda c=challenge, typed=code: ada.answer_challenge(c, backup_code=typed))
        for challenge, code in zip(challenges, codes, strict=True)
    ]

    assert len({statements for _, statements, _ in refusals}) == 1
    assert [outcome for outcome, *_ in refusals] == [INVALID_CODE] * 4


def test_a_refused_challenge_tells_nothing_of_the_reason(ada, mallory):
    used, expired, foreign = ada.challenge(), ada.challenge(), mallory.challenge()
    ada.answer_challenge(used, otp_code=ada.code())
    mallory.user.is_active = False
    mallory.user.save()
    Challenge.objects.filter(user=ada.user).update(expires_epoch=1)

    outcomes = [
        ada.answer_challenge(token, otp_code=ada.next_code()).outcome
        for token in (used, expired, foreign, "forged", f"{used}x")
    ]

    assert outcomes == [INVALID_CHALLENGE] * 5


def test_a_wrong_password_tells_nothing_of_a_lock(ada):
    ada.fail(5)

    assert ada.give_password(password="wrong").outcome == INVALID_CREDENTIALS
    assert "totp_challenge_token" in ada.give_password().json


@contextmanager
def _counting_rows():
    """Which rows become objects meanwhile: that costs more than many a comparison."""
    made = []

    def count(sender, **_):
        made.append(sender.__name__)

    post_init.connect(count)
    yield made
    post_init.disconnect(count)


@pytest.mark.parametrize("path", ["totp/recovery_confirm/", "totp/recovery_cancel/"])
def test_a_made_up_link_tells_nothing_of_the_account(client, ada, accounts, path):
    generate_recovery_link(ada.user)
    plain = get_user_model().objects.get(username="plain")
    uids = [encode_uid(pk) for pk in (ada.user.pk, plain.pk, 10**6)]
    work = []

    for uid in uids:
        body = {"uid": uid, "token": "0" * 48, "password": PASSWORD, "new_password": "another"}
        with _counting_rows() as rows:
            answered = work_of(lambda body=body: client.post(path, body))
        work.append((*answered, rows))

    assert work == [(INVALID_LINK, 1, 0, [])] * 3
