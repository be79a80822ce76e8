"""Which database decides, the retries of a change, and a change in the caller's transaction."""

from contextlib import contextmanager, suppress

import pytest
from django.db import OperationalError, connection, transaction

from ninja_totp.core.errors import Unavailable
from ninja_totp.models import Account
from ninja_totp.services import (
    rotate_backup_codes,
    step_up,
    verify_backup_code,
)
from ninja_totp.transactions import (
    CalledInTransaction,
    ConcurrentUpdate,
    database,
    on_database,
    retry_on_conflict,
)

pytestmark = pytest.mark.django_db(transaction=True)


class PostgresError(Exception):
    """As psycopg tells what went wrong."""

    def __init__(self, sqlstate):
        super().__init__()
        self.sqlstate = sqlstate


def raised_by_postgres(sqlstate):
    error = OperationalError("a sentence in any language")
    error.__cause__ = PostgresError(sqlstate)
    return error


TRY_AGAIN = [
    ConcurrentUpdate(),
    raised_by_postgres("40P01"),
    raised_by_postgres("40001"),
    OperationalError(1213, "Deadlock found"),
    OperationalError(1020, "Record has changed since last read"),
]
GIVE_UP = [
    raised_by_postgres("57P01"),
    OperationalError(2006, "Server has gone away"),
    OperationalError("database is locked"),
    OperationalError(),
]


class Failing:
    """Fails some times with an error, and then works."""

    def __init__(self, error, times):
        self.error, self.left, self.calls = error, times, 0

    def __call__(self):
        self.calls += 1
        if self.calls <= self.left:
            raise self.error
        return "done"


class Router:
    """Writes to another database than it reads from."""

    def db_for_read(self, model, **hints):
        return "replica"

    def db_for_write(self, model, **hints):
        return "primary"


@pytest.fixture
def routed(settings):
    settings.DATABASE_ROUTERS = [Router()]


def test_the_database_that_decides_is_the_one_that_is_written_to(routed):
    assert database() == "primary"


def test_a_command_may_name_the_database_that_decides(routed):
    with on_database("archive"):
        named = database()
    with on_database(None):
        left_to_the_router = database()

    assert (named, left_to_the_router) == ("archive", "primary")


def test_the_router_decides_again_after_a_command_that_failed(routed):
    with suppress(RuntimeError), on_database("archive"):
        raise RuntimeError

    assert database() == "primary"


def test_a_change_keeps_its_name_its_arguments_and_its_answer():
    @retry_on_conflict
    def change(user, *, at):
        """Change something."""
        return user, at

    assert change("ada", at=5) == ("ada", 5)
    assert (change.__name__, change.__doc__) == ("change", "Change something.")


@pytest.mark.parametrize("error", TRY_AGAIN, ids=repr)
def test_a_change_that_came_second_is_tried_again(error):
    change = Failing(error, times=3)

    assert retry_on_conflict(change)() == "done"
    assert change.calls == 4


@pytest.mark.parametrize("error", GIVE_UP, ids=repr)
def test_a_failing_database_is_not_asked_again(error):
    change = Failing(error, times=1)

    with pytest.raises(OperationalError):
        retry_on_conflict(change)()
    assert change.calls == 1


def test_a_change_that_always_comes_second_gives_up():
    change = Failing(ConcurrentUpdate(), times=1000)

    with pytest.raises(Unavailable):
        retry_on_conflict(change)()
    assert change.calls == 100


@pytest.mark.parametrize("error", TRY_AGAIN[1:], ids=repr)
def test_what_a_database_undid_of_the_callers_is_the_callers(error):
    change = Failing(error, times=1)

    with transaction.atomic(), pytest.raises(OperationalError):
        retry_on_conflict(change)()

    assert change.calls == 1


@contextmanager
def at_each_write(change):
    """Call `change` before each UPDATE of an account."""

    def wrapper(execute, sql, params, many, context):
        if "UPDATE" in sql and Account._meta.db_table in sql:
            change()
        return execute(sql, params, many, context)

    with connection.execute_wrapper(wrapper):
        yield


@pytest.mark.parametrize("error", TRY_AGAIN, ids=repr)
def test_a_login_that_came_second_is_tried_again(owner, error):
    change = Failing(error, times=3)

    with at_each_write(change):
        assert owner.log_in(otp_code=owner.authenticator.code()).user == owner.user

    assert change.calls == 4


def test_a_login_that_always_comes_second_gives_up(owner):
    change = Failing(ConcurrentUpdate(), times=1000)

    with at_each_write(change), pytest.raises(Unavailable):
        owner.log_in(otp_code=owner.authenticator.code())

    assert change.calls == 100


def test_a_transaction_of_the_callers_goes_on_after_a_refusal(owner):
    with transaction.atomic():
        with pytest.raises(CalledInTransaction):
            step_up(owner.user, owner.wrong)
        owner.user.first_name = "Ada"
        owner.user.save()

    owner.user.refresh_from_db()
    assert owner.user.first_name == "Ada"


def test_a_transaction_that_the_caller_rolls_back_undoes_all_of_a_change(owner):
    auth_context = step_up(owner.user, owner.right)
    before = owner.rows

    with suppress(RuntimeError), transaction.atomic():
        rotate_backup_codes(owner.user, authority=auth_context)
        raise RuntimeError

    assert owner.rows == before
    assert all(verify_backup_code(owner.user, code) for code in owner.backup_codes)


@pytest.mark.postgres
@pytest.mark.parametrize("sqlstate", ["40001", "40P01"])
def test_what_the_driver_says_postgres_undid_is_tried_again(sqlstate):
    calls = []

    @retry_on_conflict
    def use_case():
        calls.append(None)
        if len(calls) < 3:
            with connection.cursor() as cursor:
                cursor.execute(f"DO $$ BEGIN RAISE SQLSTATE '{sqlstate}'; END $$")

    use_case()

    assert len(calls) == 3
