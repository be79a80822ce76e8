"""What `manage.py check` finds."""

import sys

import pytest
from django.core.checks import run_checks
from django.core.management import call_command
from django.core.management.base import SystemCheckError
from django.db import connection

KEY = "dGVzdHMtb25seS1rbm93bi10by1ldmVyeWJvZHktISE="


def ids():
    return [message.id for message in run_checks() if message.id.startswith("ninja_totp")]


def test_a_site_that_is_set_up_well_hears_nothing():
    assert ids() == []


def test_a_site_without_a_key_does_not_start(settings):
    del settings.TOTP_ENCRYPTION_KEY

    with pytest.raises(SystemCheckError, match="TOTP_ENCRYPTION_KEY must be set"):
        call_command("check")


@pytest.mark.parametrize("keys", [KEY, KEY.encode(), [KEY], (KEY.encode(),)])
def test_the_secret_key_is_no_encryption_key(settings, keys):
    settings.SECRET_KEY = KEY
    settings.TOTP_ENCRYPTION_KEY = keys

    assert ids() == ["ninja_totp.E002"]


def test_an_old_key_that_is_the_secret_key_is_found_too(settings):
    settings.TOTP_ENCRYPTION_KEY = [settings.TOTP_ENCRYPTION_KEY, KEY]
    settings.SECRET_KEY = KEY

    assert ids() == ["ninja_totp.E002"]


def test_atomic_requests_are_found(monkeypatch):
    monkeypatch.setitem(connection.settings_dict, "ATOMIC_REQUESTS", True)

    assert ids() == ["ninja_totp.W001"]


def test_atomic_requests_are_no_matter_without_ninja(monkeypatch, settings):
    monkeypatch.setitem(connection.settings_dict, "ATOMIC_REQUESTS", True)
    monkeypatch.delitem(sys.modules, "ninja_totp.api")
    settings.ROOT_URLCONF = "drf_compat.urls"

    assert ids() == []


def test_a_site_without_urls_can_be_checked(monkeypatch, settings):
    monkeypatch.setitem(connection.settings_dict, "ATOMIC_REQUESTS", True)
    settings.ROOT_URLCONF = None

    assert ids() == ["ninja_totp.W001"]


def test_no_message_shows_a_key(settings):
    settings.SECRET_KEY = settings.TOTP_ENCRYPTION_KEY = KEY

    assert KEY not in str(run_checks())
