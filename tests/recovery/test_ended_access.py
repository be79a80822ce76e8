"""What a recovery ends: whoever was in the account is out, and the owner's password stays."""

import pytest
from django.conf import settings as django_settings
from django.contrib.auth.hashers import check_password
from django.test import Client

from ninja_totp.core.encryption import password_fingerprint
from ninja_totp.core.errors import InvalidChallenge, InvalidRecovery, InvalidRecoveryPassword
from ninja_totp.models import Account, BackupCode, Challenge, TrustedDevice
from ninja_totp.services import (
    confirm_recovery,
    disable_totp,
    generate_challenge_token,
    generate_recovery_link,
    get_user_from_challenge_token,
    is_totp_enabled,
)
from ninja_totp.services.recovery.recovery import set_password
from tests.support.cast import NEW_PASSWORD, PASSWORD

ENGINES = ["db", "cache", "cached_db", "file", "signed_cookies"]


@pytest.fixture
def recover(ada):
    """A function that recovers the account of Ada."""

    def by_link_and_password(password=PASSWORD, new_password=NEW_PASSWORD):
        link = generate_recovery_link(ada)
        confirm_recovery(link.uid, link.token, password, new_password=new_password)

    return by_link_and_password


@pytest.fixture
def browser():
    """A browser, and whether the site knows who sits before it."""

    class Browser(Client):
        def is_signed_in(self):
            return self.get("/ninja/totp/status/").status_code == 200

    return Browser()


@pytest.fixture(params=ENGINES)
def _engine(request, settings, tmp_path):
    settings.SESSION_ENGINE = f"django.contrib.sessions.backends.{request.param}"
    settings.SESSION_FILE_PATH = str(tmp_path)


@pytest.mark.usefixtures("_engine")
def test_sessions_end_whatever_keeps_them(ada, recover, browser):
    browser.force_login(ada)
    before = browser.is_signed_in()

    recover()

    assert (before, browser.is_signed_in()) == (True, False)


def test_sessions_of_others_do_not(bob, recover, browser):
    browser.force_login(bob)

    recover()

    assert browser.is_signed_in()


def test_the_password_is_the_new_one(ada, recover):
    recover()

    ada.refresh_from_db()
    assert check_password(NEW_PASSWORD, ada.password)
    assert not check_password(PASSWORD, ada.password)


def test_without_a_new_one_it_stays_the_same_under_another_salt(ada, recover, settings):
    settings.TOTP_RECOVERY_NEW_PASSWORD = False
    before = ada.password

    recover(new_password=None)

    ada.refresh_from_db()
    assert ada.password != before
    assert check_password(PASSWORD, ada.password)


def test_a_password_that_is_kept_elsewhere_is_not_brought_here(ada):
    ada.set_unusable_password()
    before = ada.password

    set_password(ada, "of the directory service", None)

    assert ada.password == before


def test_challenges_codes_and_devices_are_gone(ada, recover):
    challenge = generate_challenge_token(ada)
    TrustedDevice.objects.create(user=ada, name="laptop", digest="x", generation=1, expires_epoch=1)

    recover()

    with pytest.raises(InvalidChallenge):
        get_user_from_challenge_token(challenge)
    assert not BackupCode.objects.filter(user=ada.pk).exists()
    assert not TrustedDevice.objects.filter(user=ada.pk).exists()
    assert list(Challenge.objects.values_list("purpose", flat=True)) == ["recovery"]


def test_a_wrong_password_ends_nothing(ada, recover, browser):
    browser.force_login(ada)

    with pytest.raises(InvalidRecoveryPassword):
        recover("wrong")

    assert browser.is_signed_in()
    assert is_totp_enabled(ada)
    assert BackupCode.objects.filter(user=ada.pk).count() == 10


def test_the_failures_of_the_past_are_not_forgotten(ada, recover):
    Account.objects.filter(pk=ada.pk).update(
        budget_full_epoch=2_000_000_000, failures_password=password_fingerprint(ada.password)
    )

    recover()

    assert Account.objects.get(pk=ada.pk).budget_full_epoch == 2_000_000_000


def test_a_factor_that_was_switched_off_meanwhile_is_nothing_to_recover(ada, monkeypatch):
    link = generate_recovery_link(ada)
    check = type(ada).check_password

    def switched_off_meanwhile(user, password):
        if is_totp_enabled(user):
            disable_totp(user)
        return check(user, password)

    monkeypatch.setattr(type(ada), "check_password", switched_off_meanwhile)

    with pytest.raises(InvalidRecovery):
        confirm_recovery(link.uid, link.token, PASSWORD, new_password=NEW_PASSWORD)


def test_a_hasher_that_is_brought_up_to_date_does_no_harm(ada, settings):
    link = generate_recovery_link(ada)
    settings.PASSWORD_HASHERS = [
        "django.contrib.auth.hashers.ScryptPasswordHasher",
        *django_settings.PASSWORD_HASHERS,
    ]

    confirm_recovery(link.uid, link.token, PASSWORD, new_password=NEW_PASSWORD)

    ada.refresh_from_db()
    assert ada.password.startswith("scrypt$")
    assert not is_totp_enabled(ada)


class Renaming:
    """A validator of a project, during which the owner is given another name."""

    def validate(self, password, user=None):
        if user is not None:
            type(user).objects.filter(pk=user.pk).update(first_name="Augusta")


def test_what_else_is_written_of_the_user_meanwhile_stays(ada, recover, settings):
    settings.AUTH_PASSWORD_VALIDATORS = [{"NAME": f"{__name__}.Renaming"}]

    recover()

    ada.refresh_from_db()
    assert ada.check_password(NEW_PASSWORD)
    assert ada.first_name == "Augusta"
