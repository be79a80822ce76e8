"""The tables: the conditional writes, and that nothing they print is secret."""

from datetime import UTC, datetime
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import IntegrityError, transaction

from ninja_totp.core.encryption import password_fingerprint
from ninja_totp.models import (
    Account,
    Authenticator,
    BackupCode,
    Challenge,
    Event,
    TrustedDevice,
)
from ninja_totp.services import replace_totp, totp_status
from ninja_totp.transactions import ConcurrentUpdate

NOW = datetime(2027, 1, 15, tzinfo=UTC)
pytestmark = pytest.mark.django_db


def test_the_migrations_hold_what_the_models_say():
    call_command("makemigrations", "ninja_totp", check=True, dry_run=True, stdout=StringIO())


def test_a_write_shows_what_it_wrote(owner):
    account = owner.account

    account.write(failures=5)

    assert account.failures == 5
    assert (account.failures, account.version) == (owner.account.failures, owner.account.version)


def test_a_write_of_what_somebody_else_wrote_changes_nothing(owner):
    mine, theirs = owner.account, owner.account
    theirs.write(failures=5)

    with pytest.raises(ConcurrentUpdate):
        mine.write(failures=6)

    assert owner.account.failures == 5
    assert mine.failures != 6


def test_a_write_of_a_row_that_is_gone_changes_nothing(owner):
    account = owner.account
    owner.account.delete()

    with pytest.raises(ConcurrentUpdate):
        account.write(failures=5)


def test_an_account_that_is_new_can_be_written(ada):
    Account.new(ada).write(failures=5)

    assert Account.objects.get().failures == 5


def test_an_account_that_is_not_new_stays_as_it_is(owner):
    owner.account.write(failures=5)
    before = owner.rows

    with pytest.raises(ConcurrentUpdate), transaction.atomic():
        Account.new(owner.user)

    assert owner.rows == before


def test_one_attempt_is_charged_to_a_challenge_as_it_was_read(owner):
    owner.open_challenge()
    mine, theirs = Challenge.objects.get(), Challenge.objects.get()

    theirs.attempt()
    with pytest.raises(ConcurrentUpdate):
        mine.attempt()

    assert Challenge.objects.get().attempts == 1


def test_nothing_is_charged_to_a_challenge_that_is_used(owner):
    owner.open_challenge()
    Challenge.objects.update(consumed_at=NOW)
    challenge = Challenge.objects.get()

    with pytest.raises(ConcurrentUpdate):
        challenge.attempt()

    assert Challenge.objects.get().attempts == 0


def test_a_user_has_one_account(owner):
    with pytest.raises(IntegrityError):
        Account.objects.create(user=owner.user)


def test_everything_goes_with_the_user(owner):
    owner.open_challenge()
    TrustedDevice.objects.create(user=owner.user, digest="d", generation=1, expires_epoch=1)
    Event.objects.create(user=owner.user, type="totp_verified")

    owner.user.delete()

    tables = [Account, Authenticator, BackupCode, Challenge, TrustedDevice, Event]
    assert [table.objects.exists() for table in tables] == [False] * 6


def test_no_row_shows_a_secret_when_it_is_printed(owner):
    owner.open_challenge()
    replace_totp(owner.user)
    device = TrustedDevice(user=owner.user, name="laptop", digest="digest-of-a-token")
    secrets = [owner.totp.secret, owner.pending.secret]
    rows = [owner.account, owner.totp, owner.pending]
    rows += [BackupCode.objects.first(), Challenge.objects.first(), device]

    printed = "".join(f"{row} {row!r}" for row in rows)

    assert "digest" not in printed
    assert not [text for text in secrets if text in printed]
    assert str(BackupCode.objects.first().pk) not in printed


def test_an_event_says_what_happened_to_whom(owner):
    assert str(Event(user=owner.user, type="totp_locked")) == (
        f"totp_locked of user {owner.user.pk}"
    )


def test_the_fingerprint_of_a_password_changes_with_it(ada):
    before = password_fingerprint(ada.password)

    ada.set_password("another one")

    assert password_fingerprint(ada.password) != before
    assert len(before) == 32


def test_a_user_without_a_password_has_the_same_fingerprint_all_the_time(ada):
    """A directory or a single sign-on may make a new unusable password at each login."""
    with_one = password_fingerprint(ada.password)
    ada.set_unusable_password()
    before, first = password_fingerprint(ada.password), ada.password

    ada.set_unusable_password()

    assert ada.password != first
    assert password_fingerprint(ada.password) == before != with_one


def test_a_row_made_again_does_not_repeat_a_generation(owner, clock):
    before = owner.account.generation
    owner.account.delete()

    again = Account.objects.create(user=owner.user)

    assert again.generation > before
    assert again.generation == clock.now()


def test_the_counts_are_those_of_the_present_factor(owner, clock, settings):
    settings.TOTP_TRUSTED_DEVICE_MAX_AGE = 3600
    password = password_fingerprint(owner.user.password)
    trusted = (0, 10, password)
    for generation, expires, of_password in [
        trusted,
        (0, -10, password),
        (0, 3700, password),
        (-1, 10, password),
        (0, 10, "another"),
    ]:
        TrustedDevice.objects.create(
            user=owner.user,
            digest=f"{generation} {expires} {of_password}",
            generation=owner.account.generation + generation,
            password_fingerprint=of_password,
            expires_epoch=clock.now() + expires,
        )

    status = totp_status(owner.user)

    assert (status.backup_codes_remaining, status.trusted_devices) == (10, 1)
