"""SELECTs and DELETEs whose SQL is kept: they find what the ORM would, and are written once."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection
from django.db.models.sql.compiler import SQLCompiler, SQLDeleteCompiler

from ninja_totp.models import (
    BackupCode,
    Challenge,
    Totp,
    TrustedDevice,
    password_fingerprint,
)
from ninja_totp.prepared import Given, Prepared, PreparedDelete
from ninja_totp.services import totp_status
from ninja_totp.services.verify import factor_of

DATABASE = "default"
pytestmark = pytest.mark.django_db


def _factor():
    return Prepared(lambda: Totp.objects.filter(user=Given(Totp, "user")))


def _challenge():
    return Prepared(
        lambda: (
            Challenge.objects.select_related("user__ninja_totp")
            .with_codes_left()
            .filter(digest=Given(Challenge, "digest"), purpose="login")
        )
    )


def _columns(row):
    return {field.name: getattr(row, field.attname) for field in row._meta.concrete_fields}


@pytest.fixture
def writings(monkeypatch):
    """The SELECTs that the ORM writes from now on."""
    written, as_sql = [], SQLCompiler.as_sql

    def counted(compiler, *args, **kwargs):
        written.append(compiler.query)
        return as_sql(compiler, *args, **kwargs)

    monkeypatch.setattr(SQLCompiler, "as_sql", counted)
    return written


def test_a_row_is_as_the_orm_reads_it(owner):
    found = _factor().first(DATABASE, user=owner.user.pk)

    assert _columns(found) == _columns(Totp.objects.get(user=owner.user))
    assert (found._state.db, found._state.adding) == (DATABASE, False)


def test_the_rows_that_are_joined_are_as_the_orm_reads_them(owner, django_assert_num_queries):
    owner.open_challenge()
    theirs = Challenge.objects.select_related("user__ninja_totp").with_codes_left().get()

    with django_assert_num_queries(1):
        found = _challenge().first(DATABASE, digest=theirs.digest)
        joined = [found.user, found.user.ninja_totp]

    assert _columns(found) == _columns(theirs)
    assert [_columns(row) for row in joined] == [
        _columns(theirs.user),
        _columns(theirs.user.ninja_totp),
    ]
    assert found.codes_left == theirs.codes_left == 10


def test_each_time_its_own_values_count(owner, other):
    factor = _factor()

    found = [factor.first(DATABASE, user=user.pk).pk for user in (owner.user, other.user)]

    assert found == [owner.user.pk, other.user.pk]


def test_nothing_is_found_where_nothing_is(ada):
    assert _factor().first(DATABASE, user=ada.pk) is None


def test_a_value_that_was_forgotten_is_an_error(ada):
    with pytest.raises(KeyError, match="user"):
        _factor().first(DATABASE)


def test_a_value_of_another_kind_is_an_error_as_it_is_in_a_filter(ada):
    with pytest.raises(ValueError, match="no key"):
        _factor().first(DATABASE, user="no key")


def test_the_sql_is_written_once(owner, writings):
    factor = _factor()
    factor.first(DATABASE, user=owner.user.pk)
    factor.first(DATABASE, user=owner.user.pk)

    assert len(writings) == 1


@pytest.mark.parametrize("question", [factor_of, totp_status])
def test_a_question_that_was_asked_before_is_not_written_again(owner, writings, question):
    question(owner.user)
    writings.clear()

    question(owner.user)

    assert writings == []


def test_the_moment_is_not_kept_with_the_sql(owner, clock, settings):
    settings.TOTP_TRUSTED_DEVICE_MAX_AGE = 86_400
    TrustedDevice.objects.create(
        user=owner.user,
        generation=owner.totp.generation,
        password_fingerprint=password_fingerprint(owner.user),
        expires_epoch=clock() + 10,
    )
    before = totp_status(owner.user).trusted_devices
    clock.advance(11)

    assert (before, totp_status(owner.user).trusted_devices) == (1, 0)


@pytest.mark.django_db(transaction=True)
def test_each_thread_asks_through_its_own_connection(owner):
    factor, start = _factor(), threading.Barrier(4)

    def ask(_):
        start.wait()
        found = factor.first(DATABASE, user=owner.user.pk)
        mine = connection.connection
        connection.close()
        return found.pk, mine

    with ThreadPoolExecutor(4) as threads:
        found = list(threads.map(ask, range(4)))

    assert {pk for pk, _ in found} == {owner.user.pk}
    assert len({id(mine) for _, mine in found}) == 4


def test_a_delete_takes_the_rows_of_the_values_alone(owner, other):
    codes = BackupCode.objects.filter(user=Given(BackupCode, "user"))
    delete = PreparedDelete(lambda: codes.exclude(pk=Given(BackupCode, "fingerprint")))
    kept = BackupCode.objects.filter(user=owner.user).first()
    before = set(BackupCode.objects.filter(user=other.user))

    delete(DATABASE, user=owner.user.pk, fingerprint=kept.pk)

    assert set(BackupCode.objects.all()) == {kept, *before}


def test_a_delete_is_written_once(owner, other, monkeypatch):
    written, as_sql = [], SQLDeleteCompiler.as_sql
    monkeypatch.setattr(
        SQLDeleteCompiler, "as_sql", lambda compiler: written.append(1) or as_sql(compiler)
    )
    delete = PreparedDelete(lambda: BackupCode.objects.filter(user=Given(BackupCode, "user")))

    for each in (owner, other):
        delete(DATABASE, user=each.user.pk)

    assert len(written) == 1
    assert not BackupCode.objects.exists()
