"""Guessing codes with the password known, and locking somebody out without it.

devise-two-factor CVE-2024-0227, Zitadel CVE-2024-32868 and CVE-2025-64102, Gogs
GHSA-5mgh-chvj-hqf5, Keycloak CVE-2026-9798, Nextcloud CVE-2021-41177, Vikunja CVE-2026-35597,
Vaultwarden CVE-2026-27801, MediaWiki CVE-2020-25827, OpenBao CVE-2025-55001, allauth 65.8.1 and
65.14.2, AuthQuake of 2024.
"""

import pytest
from django.core.signing import Signer
from django.db import connection
from django.test import Client

from ninja_totp.core.errors import InvalidChallenge
from ninja_totp.models import Account, Authenticator, BackupCode, Challenge
from ninja_totp.services import Proof, complete_login, generate_challenge_token
from tests.contract.errors import INVALID_CODE
from tests.support.breadth import breadth
from tests.support.credentials import Bearer
from tests.support.doors import DrfDoor, NinjaDoor

MANY_GUESSES = breadth(30, thorough=100)
MANY = 1000
FEWER = breadth(40, thorough=200)  # of those that cost a query
WRONG_PASSWORDS = breadth(10, thorough=50)
SALT = "django-totp-token-salt"


def rows():
    """Every row of every user, to see whether anything has changed."""
    tables = (Account, Authenticator, BackupCode, Challenge)
    return [list(table.objects.order_by("pk").values()) for table in tables]


def log_in(person, **proof):
    return person.answer_challenge(person.challenge(), **proof)


def guess(person):
    """Try a wrong code with a challenge of its own."""
    challenge = generate_challenge_token(person.user)
    return person.answer_challenge(challenge, otp_code=person.wrong_code())


def test_of_many_guesses_five_are_looked_at(ada):
    answers = [guess(ada) for _ in range(MANY_GUESSES)]

    assert [answer.status for answer in answers] == [400] * 5 + [429] * (MANY_GUESSES - 5)


def test_of_many_guesses_in_an_hour_eleven_are_looked_at(ada, clock):
    statuses = []

    for _ in range(MANY_GUESSES):
        statuses.append(guess(ada).status)
        clock.advance(3600 // MANY_GUESSES)

    assert statuses.count(400) == 11


def test_the_right_code_is_not_looked_at_while_the_account_is_locked(ada):
    ada.fail(5)

    assert log_in(ada, otp_code=ada.code()).status == 429


def test_guesses_at_one_door_are_counted_at_the_other(owner):
    statuses = []

    for door in [NinjaDoor, DrfDoor] * 4:
        owner.door = door()
        statuses.append(log_in(owner, otp_code=owner.wrong_code()).status)

    assert statuses == [400] * 5 + [429] * 3


def test_guesses_are_counted_wherever_they_are_typed(client, ada, clock):
    credential = ada.log_in_with_code()
    wrong = {"otp_code": ada.wrong_code(), "input_code": ada.wrong_code()}
    paths = ["totp/verify/", "totp/disable/", "totp/rotate_backup_codes/", "totp/replace/"]

    statuses = [client.post(path, wrong, credential).status for path in paths * 2]

    assert statuses == [400] * 5 + [429] * 3


def test_guesses_at_a_pending_secret_are_counted_on_it_and_tell_nothing_of_the_factor(client, ada):
    credential = ada.log_in_with_code()
    client.post("totp/replace/", credential=credential)
    right = {"input_code": ada.code()}  # of the factor in use, which is not what is confirmed

    statuses = [client.post("totp/confirm/", right, credential).status for _ in range(8)]

    assert statuses == [400] * 5 + [429] * 3
    assert Account.objects.get().failures == 0
    assert log_in(ada, otp_code=ada.next_code()).status == 200


def test_each_pending_secret_costs_a_proof_of_the_factor_in_use(client, ada, clock):
    """Or a thief's session could have one enrolment after the other guessed at."""
    credential = ada.log_in_with_code()
    clock.advance(86_400)

    answers = [client.post("totp/replace/", credential=credential).status for _ in range(3)]

    assert set(answers) <= {401, 403}


def test_a_new_challenge_brings_no_new_guesses(ada):
    challenges = [ada.challenge() for _ in range(8)]

    statuses = [
        ada.answer_challenge(challenge, otp_code=ada.wrong_code()).status
        for challenge in challenges
    ]

    assert statuses == [400] * 5 + [429] * 3


@pytest.mark.parametrize("cache", ["dummy.DummyCache", "locmem.LocMemCache"])
def test_no_cache_is_needed_to_count(ada, settings, cache):
    settings.CACHES = {"default": {"BACKEND": f"django.core.cache.backends.{cache}"}}
    settings.TOTP_THROTTLE_RATE = "1000/minute"

    ada.fail(5)

    assert log_in(ada, otp_code=ada.code()).status == 429


class From:
    """A client at one address that claims to be at another."""

    def __init__(self, address):
        self.address = address

    def send(self, method, url, **extra):
        forged = {"REMOTE_ADDR": self.address, "HTTP_X_FORWARDED_FOR": f"1{self.address}"}
        return Client().generic(method, url, **forged, **extra)


def test_no_address_brings_new_guesses(client, ada):
    statuses = []

    for number in range(8):
        body = {"totp_challenge_token": ada.challenge(), "otp_code": ada.wrong_code()}
        answer = client.post("jwt/totp/verify/", body, From(f"10.0.0.{number}"))
        statuses.append(answer.status)

    assert statuses == [400] * 5 + [429] * 3


def test_another_spelling_of_the_name_brings_no_new_guesses(ada, settings):
    settings.AUTHENTICATION_BACKENDS = ["tests.attacks.backends.CaseInsensitiveBackend"]
    statuses = []

    for name in ["ada", "ADA", " Ada", "aDa "] * 2:
        ada.name = name
        statuses.append(log_in(ada, otp_code=ada.wrong_code()).status)

    assert statuses == [400] * 5 + [429] * 3


def test_the_owners_logins_bring_no_new_guesses(ada, clock):
    for _ in range(6):
        log_in(ada, otp_code=ada.wrong_code())
        log_in(ada, otp_code=ada.next_code())
        clock.advance(30)

    days_until_forgiven = (Account.objects.get().budget_full_epoch - clock.now()) / 86_400
    assert round(days_until_forgiven) == 6


def test_a_failure_is_counted_before_its_answer_leaves(ada):
    counted = []

    for _ in range(3):
        log_in(ada, otp_code=ada.wrong_code())
        counted.append(Account.objects.values_list("failures", flat=True).get())

    assert counted == [1, 2, 3]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("path", ["totp/verify/", "totp/disable/", "totp/rotate_backup_codes/"])
def test_a_failure_survives_requests_in_transactions(ada, monkeypatch, path):
    ada.door = DrfDoor()
    credential = ada.log_in_with_code()
    monkeypatch.setitem(connection.settings_dict, "ATOMIC_REQUESTS", True)

    wrong = {"otp_code": ada.wrong_code(), "input_code": ada.wrong_code()}
    answer = ada.door.post(path, wrong, credential)
    ada.fail(1)

    assert answer.outcome == INVALID_CODE
    assert Account.objects.get().failures == 2


@pytest.mark.django_db(transaction=True)
def test_requests_in_transactions_let_nobody_in_at_the_ninja_door(owner, monkeypatch):
    challenge = owner.challenge()
    monkeypatch.setitem(connection.settings_dict, "ATOMIC_REQUESTS", True)
    before = rows()

    with pytest.raises(RuntimeError, match="ATOMIC_REQUESTS"):
        owner.answer_challenge(challenge, otp_code=owner.code())

    assert rows() == before


def garbage(_):
    return [f"garbage {number}" for number in range(MANY)]


def signed_by_somebody_else(_):
    signer = Signer(key="another key", salt=SALT)
    return [signer.sign(f"id {number}") for number in range(MANY)]


def signed_for_something_else(_):
    return [Signer(salt="password reset").sign(f"id {number}") for number in range(MANY)]


def of_nobody(_):
    return [Signer(salt=SALT).sign(f"id {number}") for number in range(FEWER)]


def expired(challenge):
    Challenge.objects.update(expires_epoch=1)
    return [challenge] * FEWER


def used(challenge):
    Challenge.objects.update(consumed_at="2027-01-01T00:00Z")
    return [challenge] * FEWER


def of_another_generation(challenge):
    Challenge.objects.update(generation=1)
    return [challenge] * FEWER


@pytest.mark.parametrize(
    "forge",
    [
        garbage,
        signed_by_somebody_else,
        signed_for_something_else,
        of_nobody,
        expired,
        used,
        of_another_generation,
    ],
)
def test_without_a_valid_challenge_nobody_moves_a_counter(owner, forge):
    forged = forge(owner.challenge())
    before = rows()

    for token in forged:
        with pytest.raises(InvalidChallenge):
            complete_login(token, Proof(otp_code="000000"))

    assert rows() == before
    assert log_in(owner, otp_code=owner.code()).status == 200


def test_without_a_credential_nobody_moves_a_counter(client, ada):
    before = rows()
    body = {"otp_code": "000000", "input_code": "000000"}

    for path in ["totp/verify/", "totp/disable/", "totp/confirm/", "totp/replace/"]:
        for token in ["", "x", ada.secret, "eyJhbGciOiJub25lIn0.e30."]:
            assert client.post(path, body, Bearer(token)).status == 401

    assert rows() == before


def test_wrong_passwords_do_not_move_the_counters_of_the_codes(ada):
    before = rows()

    statuses = [ada.give_password(password="wrong").status for _ in range(WRONG_PASSWORDS)]

    assert statuses == [401] * WRONG_PASSWORDS
    assert rows() == before


def test_nobody_is_locked_by_guesses_on_somebody_else(ada, mallory):
    mallory.fail(5)

    assert log_in(ada, otp_code=ada.code()).status == 200
