"""Removing what is over, and nothing else."""

import pytest

from ninja_totp.models import Authenticator, Challenge, TrustedDevice
from ninja_totp.services import (
    confirm_totp_setup,
    create_totp_setup,
    generate_recovery_link,
    prune_totp,
    replace_totp,
    totp_status,
    verify_totp_code,
)
from ninja_totp.services.operators import maintenance
from tests.support.cast import Authenticator as Phone, new_user

pytestmark = pytest.mark.django_db

DAY = 86_400


def trust(owner, *, until):
    TrustedDevice.objects.create(
        user=owner.user, digest=str(until), generation=owner.account.generation, expires_epoch=until
    )


def test_what_was_over_a_day_ago_goes(owner, other, ada, clock, django_user_model):
    owner.open_challenge()
    generate_recovery_link(owner.user)
    trust(owner, until=clock.now() + 60)
    create_totp_setup(new_user(django_user_model, "cleo"))
    clock.advance(DAY + 3700)

    pruned = prune_totp()

    assert (pruned.pending_secrets, pruned.challenges, pruned.trusted_devices) == (1, 2, 1)
    assert not Challenge.objects.exists()
    assert not TrustedDevice.objects.exists()
    assert not Authenticator.objects.filter(confirmed_at=None).exists()


def test_what_is_open_stays_and_works(owner, ada, clock):
    challenge = owner.open_challenge()
    trust(owner, until=clock.now() + 60)
    phone = Phone(replace_totp(owner.user).secret, clock)
    before = owner.rows

    pruned = prune_totp(older_than_seconds=0)

    assert (pruned.pending_secrets, pruned.challenges, pruned.trusted_devices) == (0, 0, 0)
    assert owner.rows == before
    assert challenge
    assert confirm_totp_setup(owner.user, phone.code())


def test_what_has_just_ended_stays_for_a_day(owner, clock):
    owner.open_challenge()
    clock.advance(DAY)

    assert prune_totp().challenges == 0
    assert prune_totp(older_than_seconds=3600).challenges == 1


def test_deleting_a_pending_secret_leaves_the_live_one(owner, clock):
    replace_totp(owner.user)
    clock.advance(2 * DAY)
    live = owner.totp

    assert prune_totp().pending_secrets == 1
    assert owner.pending is None
    assert (owner.totp, owner.totp.secret) == (live, live.secret)
    assert verify_totp_code(owner.user, owner.authenticator.code())


def test_the_memory_of_failures_and_used_codes_stays(owner, clock):
    verify_totp_code(owner.user, owner.authenticator.code())
    verify_totp_code(owner.user, owner.authenticator.wrong_code())
    replace_totp(owner.user)
    clock.advance(2 * DAY)
    before = [owner.columns, owner.totp.last_step]

    assert prune_totp().pending_secrets == 1

    assert [owner.columns, owner.totp.last_step] == before


def test_a_long_run_goes_in_batches_and_says_how_far_it_is(owner, clock):
    Challenge.objects.bulk_create(
        Challenge(digest=str(number), user=owner.user, expires_epoch=clock.now())
        for number in range(5)
    )
    clock.advance(2 * DAY)
    told = []

    prune_totp(batch=2, on_progress=lambda so_far: told.append(so_far.challenges))

    assert told == [2, 4, 5]


def test_an_enrolment_that_begins_anew_in_between_stays(ada, clock, monkeypatch):
    create_totp_setup(ada)
    clock.advance(2 * DAY)
    batches, began = maintenance._batches, iter([True])

    def before_a_beginning(rows, size):
        for keys in batches(rows, size):
            if next(began, False):
                create_totp_setup(ada)
            yield keys

    monkeypatch.setattr(maintenance, "_batches", before_a_beginning)
    prune_totp()

    assert totp_status(ada).pending
