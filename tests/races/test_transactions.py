"""Transactions that hold what the services want: deadlocks, and snapshots that are out of date.

SQLite lets one transaction write at a time, so that neither can happen there.
"""

import time
from functools import partial
from threading import Event

import pytest
from django.db import OperationalError, connection, transaction

from ninja_totp.models import Account, BackupCode
from ninja_totp.services import verify_backup_code
from tests.races.starting_gun import at_once
from tests.support.cast import new_user

pytestmark = pytest.mark.django_db(transaction=True)

on_both_servers = pytest.mark.parametrize(
    "server",
    [
        pytest.param("postgresql", marks=pytest.mark.postgres),
        pytest.param("mysql", marks=pytest.mark.mariadb),
    ],
)


def until_it_survives(change, victims):
    """Try again after a deadlock, as a project has to."""
    while True:
        try:
            return change()
        except OperationalError:
            victims.append("project")


@on_both_servers
def test_a_deadlock_with_the_project_costs_neither_of_them_anything(
    owner, django_user_model, server
):
    has_the_codes, victims = Event(), []  # whom the database chose to lose each deadlock

    def note_a_deadlock(execute, *statement):
        try:
            return execute(*statement)
        except OperationalError:
            victims.append("service")
            raise

    def lock_in_the_opposite_order():
        with transaction.atomic():
            for number in range(20):  # MySQL lets that one lose which has written less
                new_user(django_user_model, f"user {number}")
            list(BackupCode.objects.select_for_update().filter(user=owner.user))
            has_the_codes.set()
            time.sleep(0.4)
            Account.objects.filter(pk=owner.user.pk).update(last_used_at=None)

    def service():
        has_the_codes.wait(30)
        with connection.execute_wrapper(note_a_deadlock):
            return verify_backup_code(owner.user, owner.backup_codes[0])

    outcomes = at_once([partial(until_it_survives, lock_in_the_opposite_order, victims), service])

    assert outcomes == [None, True]
    assert victims != []
