"""What a recovery must end although it happens at the same time, and what a link alone tells."""

import pytest
from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.hashers import PBKDF2PasswordHasher
from django.core.exceptions import ValidationError
from ninja_jwt.tokens import AccessToken

from ninja_totp.models import Challenge, Event
from tests.contract.test_recovery import ADDRESS, _confirm, _link
from tests.support.credentials import Bearer
from tests.support.people import NEW_PASSWORD, PASSWORD

_meanwhile = []


class SlowBackend(ModelBackend):
    """Something happens between the reading of the hash and the end of its comparison."""

    def authenticate(self, request, **credentials):
        user = super().authenticate(request, **credentials)
        while _meanwhile:
            _meanwhile.pop()()
        return user


class NotUsedBefore:
    """As packages of password histories do: the present password counts as used."""

    def validate(self, password, user=None):
        if user is not None and user.check_password(password):
            raise ValidationError("You have used this password before.", code="used")

    def get_help_text(self):
        return ""


@pytest.fixture
def ada(ada):
    ada.user.email = ADDRESS
    ada.user.save()
    ada.enrol()
    return ada


def test_a_login_that_a_recovery_overtook_logs_nobody_in(client, ada, settings):
    settings.AUTHENTICATION_BACKENDS = [f"{__name__}.SlowBackend"]
    link = _link(client)
    _meanwhile.append(lambda: _confirm(client, link))

    thief = ada.give_password()  # the old password, which a recovery ends while it is hashed

    assert not _meanwhile
    assert (thief.status, "access" in thief.json) == (401, False)


def test_a_login_that_a_new_hash_of_its_password_overtook_logs_in(client, ada, settings):
    settings.AUTHENTICATION_BACKENDS = [f"{__name__}.SlowBackend"]
    _confirm(client, _link(client))
    ada.password = NEW_PASSWORD

    def another_login():
        ada.user.set_password(NEW_PASSWORD)  # as Django does where the hasher has changed
        ada.user.save()

    _meanwhile.append(another_login)

    answer = ada.give_password()

    assert not _meanwhile
    assert (answer.status, "access" in answer.json) == (200, True)


def test_a_login_of_the_second_of_the_recovery_is_before_it(client, ada, settings):
    settings.TOTP_TRUSTED_DEVICE_MAX_AGE = 30 * 86_400
    proof = {"otp_code": ada.next_code(), "trust_device": "laptop"}
    device = ada.answer_challenge(ada.challenge(), **proof).json["trusted_device_token"]
    link = _link(client)
    ada.clock.advance(5)
    thief = ada.give_password(trusted_device_token=device).json
    assert _confirm(client, link).status == 204
    ada.clock.advance(1)

    refreshed = client.post("jwt/refresh/", {"refresh": thief["refresh"]})
    created = client.post("totp/create/", credential=Bearer(thief["access"]))

    assert (refreshed.status, created.status) == (401, 401)


def test_a_link_alone_does_not_find_the_password_out(client, ada, settings):
    validation = "django.contrib.auth.password_validation"
    settings.AUTH_PASSWORD_VALIDATORS = [
        {"NAME": f"{validation}.CommonPasswordValidator"},
        {"NAME": f"{__name__}.NotUsedBefore"},
    ]
    ada.user.set_password("iloveyou")
    ada.user.save()
    link = _link(client)

    guesses = ["123456789", "princess", "sunshine", "football", "superman", "iloveyou"]
    told = [_confirm(client, link, "?", new_password=one).content for one in guesses]

    assert b"used this password" not in told[-1], Challenge.objects.get(purpose="recovery").attempts


def test_a_link_alone_tells_nothing_of_its_owner(client, ada, settings):
    name = "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"
    settings.AUTH_PASSWORD_VALIDATORS = [{"NAME": name}]
    ada.user.last_name = "Lovelace"
    ada.user.save()

    answer = _confirm(client, _link(client), "?", new_password="lovelace12")

    assert b"last name" not in answer.content


def test_a_refused_new_password_does_not_use_the_link_up(client, ada, settings, monkeypatch):
    hashers = "django.contrib.auth.hashers"
    settings.PASSWORD_HASHERS = [f"{hashers}.PBKDF2PasswordHasher", f"{hashers}.MD5PasswordHasher"]
    monkeypatch.setattr(PBKDF2PasswordHasher, "iterations", 10)
    link = _link(client)
    assert _confirm(client, link, new_password=PASSWORD).status == 400  # must differ

    assert _confirm(client, link, new_password=NEW_PASSWORD).status == 204


def test_a_made_up_token_is_no_copy(client, ada, settings):
    settings.TOTP_TRUSTED_DEVICE_MAX_AGE = 30 * 86_400
    proof = {"otp_code": ada.next_code(), "trust_device": "laptop"}
    ada.answer_challenge(ada.challenge(), **proof)
    thief = Bearer(str(AccessToken.for_user(ada.user)))
    (device,) = client.get("totp/trusted_devices/", thief).json["trusted_devices"]

    ada.give_password(trusted_device_token=f"{device['id']}.made-up")

    assert not Event.objects.filter(type=Event.Type.DEVICE_REUSED).exists()
