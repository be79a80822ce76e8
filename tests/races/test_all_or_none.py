"""Rows that somebody else writes while `write_all` waits for their locks."""

import time
from threading import Event, Thread

import pytest
from django.db import connection, transaction
from django.utils import timezone

from ninja_totp.all_or_none import write_all
from ninja_totp.models import BackupCode, Challenge, Totp

pytestmark = [
    pytest.mark.django_db(transaction=True),
    # SQLite lets nobody write meanwhile, whatever the row.
    pytest.mark.parametrize(
        "server",
        [
            pytest.param("postgresql", marks=pytest.mark.postgres),
            pytest.param("mysql", marks=pytest.mark.mariadb),
        ],
    ),
]


def while_somebody_holds(change, work):
    """Return what `work` returns, called while `change` is written and not yet committed."""
    is_written = Event()

    def hold():
        try:
            with transaction.atomic():
                change()
                is_written.set()
                time.sleep(0.4)
        finally:
            connection.close()

    holder = Thread(target=hold)
    holder.start()
    assert is_written.wait(10)
    started = time.monotonic()
    answer = work()
    assert time.monotonic() - started > 0.2, "nobody waited"
    holder.join()
    return answer


@pytest.fixture
def swaps(owner):
    owner.open_challenge()
    totp, challenge = Totp.objects.get(), Challenge.objects.get()
    code = BackupCode.objects.filter(user=owner.user).first()
    return [
        totp.swapped({"last_step": 77}),
        BackupCode.claimed(totp.pk, [code.pk], at=timezone.now()),
        challenge.charged({"consumed_at": timezone.now()}),
    ]


def written():
    return [
        Totp.objects.get().last_step == 77,
        BackupCode.objects.exclude(used_at=None).exists(),
        Challenge.objects.get().attempts == 1,
    ]


UNSEEN = {
    "factor": lambda: Totp.objects.update(required_epoch=5),
    "code": lambda: BackupCode.objects.update(legacy_hash="another"),
    "challenge": lambda: Challenge.objects.update(backend="another"),
}
SEEN = {
    "factor": (0, lambda: Totp.objects.update(version=99)),
    "code": (1, lambda: BackupCode.objects.update(used_at=timezone.now())),
    "challenge": (2, lambda: Challenge.objects.update(attempts=3)),
}


@pytest.mark.parametrize("row", UNSEEN)
def test_a_change_of_what_nobody_looked_at_loses_nothing(swaps, row, server):
    assert connection.vendor == server

    assert while_somebody_holds(UNSEEN[row], lambda: write_all(swaps, "default")) == 3

    assert written() == [True] * 3


@pytest.mark.parametrize("row", SEEN)
def test_a_change_of_what_was_seen_has_nothing_written(swaps, row, server):
    found, change = SEEN[row]

    assert while_somebody_holds(change, lambda: write_all(swaps, "default")) == found

    assert written()[0] is False
    assert Challenge.objects.get().consumed_at is None
    assert Totp.objects.get().last_step != 77


@pytest.mark.parametrize("row", SEEN)
def test_a_change_that_is_taken_back_loses_nothing(swaps, row, server):
    _, change = SEEN[row]

    def change_and_take_back():
        change()
        transaction.set_rollback(True)

    assert while_somebody_holds(change_and_take_back, lambda: write_all(swaps, "default")) == 3

    assert written() == [True] * 3


def test_a_row_that_is_deleted_meanwhile_has_nothing_written(swaps, server):
    def delete():
        Challenge.objects.all().delete()

    assert while_somebody_holds(delete, lambda: write_all(swaps, "default")) == 2

    assert Totp.objects.get().last_step != 77
    assert not BackupCode.objects.exclude(used_at=None).exists()
