"""INSERTs whose SQL is kept: they store what the ORM would store, and are written once."""

import pytest
from django.db import IntegrityError, connection
from django.db.models.sql.compiler import SQLInsertCompiler
from django.test.utils import CaptureQueriesContext

from ninja_totp.models import BackupCode, Event, Totp
from ninja_totp.services import create_totp_setup, store_backup_codes
from ninja_totp.services.backup_codes import code_row
from ninja_totp.statements import insert

DATABASE = "default"
pytestmark = pytest.mark.django_db


def _columns(row):
    left_out = ("id", "created_at")
    names = [field.attname for field in row._meta.concrete_fields if field.name not in left_out]
    return {name: getattr(row, name) for name in names}


def test_a_row_is_as_the_orm_stores_it(ada):
    def line():
        return Event(user=ada, type="failed", method="otp", door="ninja", address="2001:db8::1")

    line().save()
    assert insert([line()], DATABASE) == 1

    theirs, ours = Event.objects.filter(user=ada).order_by("pk")
    assert _columns(ours) == _columns(theirs)
    assert ours.created_at >= theirs.created_at


def test_many_rows_are_all_stored(owner):
    codes = [f"code number {number}" for number in range(250)]

    store_backup_codes(owner.user, codes)

    stored = BackupCode.objects.filter(user=owner.user)
    assert {row.pk for row in stored} == {code_row(owner.user.pk, code).pk for code in codes}


def test_no_row_is_stored_where_there_is_none():
    assert insert([], DATABASE) == 0


@pytest.mark.django_db(transaction=True)
def test_a_key_that_is_taken_is_an_error(owner):
    with pytest.raises(IntegrityError):
        insert([Totp(user=owner.user)], DATABASE)


def test_a_key_that_is_taken_may_be_left_out(owner):
    assert insert([Totp(user=owner.user)], DATABASE, skip_present=True) == 0
    assert Totp.objects.get(user=owner.user).secret == owner.totp.secret


def test_the_orm_is_not_asked_to_write_it(ada, monkeypatch):
    monkeypatch.setattr(SQLInsertCompiler, "as_sql", None)

    create_totp_setup(ada)

    assert Totp.objects.filter(user=ada).exists()


@pytest.mark.django_db(transaction=True)
def test_an_enrolment_begins_without_a_transaction(ada):
    with CaptureQueriesContext(connection) as captured:
        create_totp_setup(ada)

    kinds = [query["sql"].split()[0] for query in captured.captured_queries]
    assert kinds == ["SELECT", "INSERT"]


@pytest.mark.django_db(transaction=True)
def test_a_swap_sends_what_is_new_alone(owner):
    totp = Totp.objects.get(user=owner.user)

    with CaptureQueriesContext(connection) as captured:
        assert totp.swap({"last_step": 7, "secret": totp.secret, "window": None}, using=DATABASE)

    (sql,) = [query["sql"] for query in captured.captured_queries]
    assert ("last_step" in sql, "version" in sql) == (True, True)
    assert ("secret" in sql, "window" in sql) == (False, False)
