"""The tables: the conditional writes, and that nothing they print is secret."""

from contextlib import suppress
from datetime import UTC, datetime
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import IntegrityError, transaction
from django.db.transaction import TransactionManagementError

from ninja_totp.models import (
    BackupCode,
    Challenge,
    Event,
    Account,
    TrustedDevice,
    first_generation,
    password_fingerprint,
)
from ninja_totp.services import replace_totp
from ninja_totp.statements import _update, update

DATABASE = "default"
NOW = datetime(2027, 1, 15, tzinfo=UTC)
pytestmark = pytest.mark.django_db


def test_the_migrations_hold_what_the_models_say():
    call_command("makemigrations", "ninja_totp", check=True, dry_run=True, stdout=StringIO())


def test_a_swap_writes_and_shows_what_it_wrote(owner):
    totp = owner.totp

    assert totp.swap({"last_step": 5}, using=DATABASE)
    assert (totp.last_step, totp.version) == (owner.totp.last_step, owner.account.version)
    assert totp.last_step == 5


def test_a_swap_of_what_somebody_else_wrote_changes_nothing(owner):
    mine, theirs = owner.totp, owner.totp
    theirs.swap({"last_step": 5}, using=DATABASE)

    assert not mine.swap({"last_step": 6}, using=DATABASE)
    assert owner.totp.last_step == 5
    assert mine.last_step != 6


def test_a_swap_of_a_row_that_is_gone_changes_nothing(owner):
    totp = owner.totp
    owner.account.delete()

    assert not totp.swap({"last_step": 5}, using=DATABASE)


def test_the_sql_of_a_swap_is_written_once(owner, django_assert_num_queries):
    totp = owner.totp
    totp.swap({"last_step": 5}, using=DATABASE)
    written = _update.cache_info().misses

    with django_assert_num_queries(1):
        totp.swap({"last_step": 6}, using=DATABASE)

    assert _update.cache_info().misses == written


def test_a_failed_write_breaks_the_transaction_that_it_was_part_of(owner):
    totp = owner.totp
    with transaction.atomic(using=DATABASE):
        with suppress(IntegrityError):
            totp.swap({"digits": None}, using=DATABASE)
        with pytest.raises(TransactionManagementError):
            Account.objects.exists()


def test_a_code_is_claimed_once(owner):
    code = BackupCode.objects.filter(user=owner.user).first()

    claim = BackupCode.claimed(owner.user.pk, [code.pk], at=NOW)

    assert [update(claim, DATABASE) for _ in range(2)] == [1, 0]


def test_a_code_is_claimed_by_its_owner_only(owner, other):
    code = BackupCode.objects.filter(user=owner.user).first()

    assert update(BackupCode.claimed(other.user.pk, [code.pk], at=NOW), DATABASE) == 0


def test_one_attempt_is_charged_to_a_challenge_as_it_was_read(owner):
    owner.open_challenge()
    mine, theirs = Challenge.objects.get(), Challenge.objects.get()

    assert theirs.charge({}, using=DATABASE)
    assert not mine.charge({}, using=DATABASE)
    assert Challenge.objects.get().attempts == 1


def test_nothing_is_charged_to_a_challenge_that_is_used(owner):
    owner.open_challenge()
    Challenge.objects.update(consumed_at=NOW)
    challenge = Challenge.objects.get()

    assert not challenge.charge({}, using=DATABASE)


def test_a_user_has_one_authenticator(owner):
    with pytest.raises(IntegrityError):
        Account.objects.create(user=owner.user)


def test_everything_goes_with_the_user(owner):
    owner.open_challenge()
    TrustedDevice.objects.create(user=owner.user, digest="d", generation=1, expires_epoch=1)
    Event.objects.create(user=owner.user, type="totp_verified")

    owner.user.delete()

    tables = [Account, BackupCode, Challenge, TrustedDevice, Event]
    assert [table.objects.exists() for table in tables] == [False] * 5


def test_no_row_shows_a_secret_when_it_is_printed(owner):
    owner.open_challenge()
    replace_totp(owner.user)
    device = TrustedDevice(user=owner.user, name="laptop", digest="digest-of-a-token")
    rows = [owner.totp, BackupCode.objects.first(), Challenge.objects.first(), device]

    printed = "".join(f"{row} {row!r}" for row in rows)

    assert "digest" not in printed
    assert not [text for text in (owner.totp.secret, owner.totp.pending_secret) if text in printed]
    assert str(BackupCode.objects.first().pk) not in printed


def test_an_event_says_what_happened_to_whom(owner):
    assert str(Event(user=owner.user, type="totp_locked")) == (
        f"totp_locked of user {owner.user.pk}"
    )


def test_the_fingerprint_of_a_password_changes_with_it(ada):
    before = password_fingerprint(ada)

    ada.set_password("another one")

    assert password_fingerprint(ada) != before
    assert len(before) == 32


def test_the_fingerprint_of_a_password_shows_nothing_of_it(ada):
    assert ada.password not in password_fingerprint(ada)


def test_a_row_made_again_does_not_repeat_a_generation(owner, clock):
    before = owner.account.generation
    owner.account.delete()

    again = Account.objects.create(user=owner.user)

    assert again.generation > before
    assert first_generation() == clock()


def test_the_counts_are_those_of_the_present_factor(owner, clock):
    password = password_fingerprint(owner.user)
    trusted = (0, 10, password)
    for generation, expires, of_password in [
        trusted,
        (0, -10, password),
        (0, 100, password),
        (-1, 10, password),
        (0, 10, "another"),
    ]:
        TrustedDevice.objects.create(
            user=owner.user,
            digest=f"{generation} {expires} {of_password}",
            generation=owner.account.generation + generation,
            password_fingerprint=of_password,
            expires_epoch=clock() + expires,
        )

    counted = Account.objects.with_counts(password, now=clock(), latest=clock() + 50).get(
        pk=owner.user.pk
    )

    assert (counted.codes_left, counted.trusting_devices) == (10, 1)
