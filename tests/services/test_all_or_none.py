"""Several rows written as they were read, or none: whichever of them has changed meanwhile."""

from copy import deepcopy

import pytest
from django.db import connection, connections, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from ninja_totp.all_or_none import write_all
from ninja_totp.models import BackupCode, Challenge, Event, Totp
from ninja_totp.statements import OneOf, Swap

DATABASE = "default"
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def rows(owner):
    """A factor, a code and a challenge, as somebody has read them."""
    owner.open_challenge()
    code = BackupCode.objects.filter(user=owner.user).first()
    return Totp.objects.get(), code, Challenge.objects.get()


def swaps_of(rows):
    totp, code, challenge = rows
    return [
        totp.swapped({"last_step": 77}),
        BackupCode.claimed(totp.pk, [code.pk], at=timezone.now()),
        challenge.charged({"failures": 5}),
    ]


def line(owner):
    return Event(user=owner.user, type=Event.Type.FAILED, method="otp", door="ninja")


def written(rows):
    totp, code, challenge = rows
    for row in rows:
        row.refresh_from_db()
    return [
        totp.last_step == 77,
        code.used_at is not None,
        challenge.attempts == 1 and challenge.failures == 5,
        Event.objects.filter(type=Event.Type.FAILED).exists(),
    ]


def test_everything_is_written(owner, rows):
    assert write_all(swaps_of(rows), DATABASE, rows=[line(owner)]) == 3

    assert written(rows) == [True] * 4
    (stored,) = Event.objects.filter(type=Event.Type.FAILED)
    assert (stored.user, stored.method, stored.door) == (owner.user, "otp", "ninja")


@pytest.mark.parametrize("number", [0, 1, 2])
def test_nothing_is_written_when_one_row_has_changed(owner, rows, number):
    swaps = swaps_of(rows)
    changed = swaps[number]
    unlike = {0: {"version": -1}, 1: {"user": -1}, 2: {"attempts": 9}}[number]
    swaps[number] = Swap(changed.model, {**changed.seen, **unlike}, changed.changes)

    assert write_all(swaps, DATABASE, rows=[line(owner)]) == number

    assert written(rows) == [False] * 4


def test_one_of_several_values_is_enough(owner, rows):
    totp, code, _ = rows
    other = BackupCode.objects.exclude(pk=code.pk).first()
    claim = Swap(BackupCode, {"fingerprint": OneOf([other.pk])}, {"used_at": timezone.now()})

    assert write_all([totp.swapped({}), claim], DATABASE) == 2

    assert BackupCode.objects.exclude(used_at=None).get() == other


def test_what_follows_is_a_part_of_it(owner, rows):
    def fail():
        assert Totp.objects.get().last_step == 77
        raise RuntimeError

    with pytest.raises(RuntimeError):
        write_all(swaps_of(rows), DATABASE, then=fail)

    assert written(rows) == [False] * 4


def test_nothing_follows_when_nothing_was_written(rows):
    Totp.objects.update(version=99)
    followed = []

    assert write_all(swaps_of(rows), DATABASE, then=lambda: followed.append(True)) == 0

    assert not followed


def test_two_new_rows_are_stored_in_their_order(owner, rows):
    lines = [line(owner), Event(user=owner.user, type=Event.Type.LOCKED)]

    assert write_all(swaps_of(rows), DATABASE, rows=lines) == 3

    stored = Event.objects.order_by("-pk").values_list("type", flat=True)
    assert list(stored[:2]) == [Event.Type.LOCKED, Event.Type.FAILED]


def test_a_transaction_of_the_project_survives_that_nothing_was_written(owner, rows):
    totp, *_ = rows
    lost = Swap(Totp, {"user": totp.pk, "version": -1}, {"last_step": 1})
    with transaction.atomic():
        owner.user.first_name = "Ada"
        owner.user.save()
        assert write_all([lost, *swaps_of(rows)], DATABASE, rows=[line(owner)]) == 0

    owner.user.refresh_from_db()
    assert owner.user.first_name == "Ada"
    assert written(rows) == [False] * 4


@pytest.mark.postgres
def test_it_is_one_statement(owner, rows):
    with CaptureQueriesContext(connection) as captured:
        write_all(swaps_of(rows), DATABASE, rows=[line(owner)])

    assert len(captured) == 1


@pytest.mark.postgres
def test_values_may_be_bound_by_the_server(owner, rows):
    """With Django's option `server_side_binding` PostgreSQL has to find out the values' types."""
    binding = connection.copy()
    binding.settings_dict = deepcopy(connection.settings_dict)
    binding.settings_dict["OPTIONS"]["server_side_binding"] = True
    ours, connections[DATABASE] = connections[DATABASE], binding
    try:
        assert write_all(swaps_of(rows), DATABASE, rows=[line(owner)]) == 3
    finally:
        binding.close()
        connections[DATABASE] = ours

    assert written(rows) == [True] * 4
