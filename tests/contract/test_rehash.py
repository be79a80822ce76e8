"""A new hash of the same password ends nothing (SECURITY, N14).

Django brings the stored hash up to date at a login: each of its versions has more iterations.
"""

import pytest
from django.contrib.auth.hashers import PBKDF2PasswordHasher, ScryptPasswordHasher
from django.core import mail
from django.test import Client

from tests.contract.errors import INVALID_CHALLENGE
from tests.contract.test_recovery import ADDRESS, LINK
from tests.support.people import NEW_PASSWORD, PASSWORD

HASHERS = ["django.contrib.auth.hashers.PBKDF2PasswordHasher"]
SCRYPT = "django.contrib.auth.hashers.ScryptPasswordHasher"

# Older pytest does not see by itself that the fixtures below ask for it.
pytestmark = pytest.mark.usefixtures("client")


@pytest.fixture(autouse=True)
def _few_iterations(settings, monkeypatch):
    settings.PASSWORD_HASHERS = HASHERS
    monkeypatch.setattr(PBKDF2PasswordHasher, "iterations", 10)
    monkeypatch.setattr(ScryptPasswordHasher, "work_factor", 2)
    settings.TOTP_TRUSTED_DEVICE_MAX_AGE = 30 * 86_400


@pytest.fixture
def ada(ada):
    """Ada, who has a factor and an address."""
    ada.user.email = ADDRESS
    ada.user.save()
    ada.enrol()
    return ada


@pytest.fixture(params=["more iterations", "another hasher"])
def upgrade(request, ada, settings, monkeypatch):
    """A function: from now on the next login makes the hash anew."""

    def of_django():
        if request.param == "another hasher":
            settings.PASSWORD_HASHERS = [SCRYPT, *HASHERS]
        else:
            monkeypatch.setattr(PBKDF2PasswordHasher, "iterations", 11)

    return of_django


@pytest.fixture(params=["at our own first step", "at a view of Django's"])
def log_in(request, ada):
    """A function that logs Ada in, by the password alone, and sees the hash change."""

    def by_password():
        before = _hash_of(ada)
        if request.param == "at a view of Django's":
            assert Client().login(username=ada.name, password=ada.password)
        else:
            assert ada.give_password().status == 200
        assert _hash_of(ada) != before

    return by_password


def _hash_of(ada):
    return type(ada.user).objects.get(pk=ada.user.pk).password


def _trusted_device(ada):
    proof = {"otp_code": ada.next_code(), "trust_device": "laptop"}
    return ada.answer_challenge(ada.challenge(), **proof).json["trusted_device_token"]


def test_a_device_stays_trusted(ada, upgrade, log_in):
    token = _trusted_device(ada)
    upgrade()
    log_in()

    assert "access" in ada.give_password(trusted_device_token=token).json


def test_it_does_when_its_own_login_makes_the_hash_anew(ada, upgrade):
    token = _trusted_device(ada)
    upgrade()

    assert "access" in ada.give_password(trusted_device_token=token).json


def test_it_does_through_two_upgrades(ada, upgrade, log_in, settings):
    token = _trusted_device(ada)
    upgrade()
    log_in()
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.PBKDF2SHA1PasswordHasher", *HASHERS]
    settings.PASSWORD_HASHERS.append(SCRYPT)
    log_in()

    assert "access" in ada.give_password(trusted_device_token=token).json


def test_a_new_password_ends_the_trust_whatever_the_hasher(ada, upgrade):
    token = _trusted_device(ada)
    upgrade()
    ada.user.set_password(NEW_PASSWORD)
    ada.user.save()
    ada.password = NEW_PASSWORD

    assert "totp_challenge_token" in ada.give_password(trusted_device_token=token).json


def test_the_same_password_that_was_set_once_more_does_as_well(ada):
    token = _trusted_device(ada)
    ada.user.set_password(PASSWORD)
    ada.user.save()

    assert "totp_challenge_token" in ada.give_password(trusted_device_token=token).json


def test_a_password_that_comes_back_does_not_bring_the_trust_back(ada, upgrade):
    token = _trusted_device(ada)
    for password in (NEW_PASSWORD, PASSWORD):
        ada.user.set_password(password)
        ada.user.save()
        ada.password = password
        ada.give_password()
    upgrade()

    assert "totp_challenge_token" in ada.give_password(trusted_device_token=token).json


def test_an_open_challenge_stays_open(ada, upgrade):
    challenge = ada.challenge()
    upgrade()
    ada.give_password()

    assert ada.answer_challenge(challenge, otp_code=ada.next_code()).status == 200


def test_one_that_a_view_of_djangos_came_between_is_begun_again(ada, upgrade):
    """The one thing that an upgrade ends: nobody shows the password after it."""
    challenge = ada.challenge()
    upgrade()
    Client().login(username=ada.name, password=PASSWORD)

    answer = ada.answer_challenge(challenge, otp_code=ada.next_code())

    assert answer.outcome == INVALID_CHALLENGE
    assert ada.answer_challenge(ada.challenge(), otp_code=ada.code()).status == 200


def test_a_lock_stays(ada, upgrade, log_in):
    challenge = ada.challenge()
    for _ in range(5):
        ada.answer_challenge(challenge, otp_code=ada.wrong_code())
    upgrade()
    log_in()

    answer = ada.answer_challenge(ada.challenge(), otp_code=ada.code(steps=1))

    assert (answer.status, answer.json["code"]) == (429, "locked")


def test_a_link_of_recovery_goes_on(client, ada, upgrade, log_in):
    client.post("totp/recovery/", {"email": ADDRESS})
    uid, token = LINK.search(mail.outbox[-1].body).groups()
    upgrade()
    log_in()
    ada.give_password()

    body = {"uid": uid, "token": token, "password": PASSWORD, "new_password": NEW_PASSWORD}
    assert client.post("totp/recovery_confirm/", body).status == 204
