"""How many statements a use case may send to the database. Issuing tokens comes on top.

A right code of the authenticator leaves no line in the history; what does costs one more. On
PostgreSQL an attempt is written in one statement, whatever it writes.
"""

from contextlib import suppress

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from ninja_totp.core.errors import InvalidCode, InvalidEnrolmentCode
from ninja_totp.services import (
    Proof,
    begin_login,
    complete_login,
    confirm_totp_setup,
    create_totp_setup,
    disable_totp,
    is_totp_enabled,
    replace_totp,
    rotate_backup_codes,
    step_up,
    totp_status,
    verify_backup_code,
    verify_totp_code,
)
from tests.support.cast import PASSWORD, WRONG_BACKUP_CODE, Authenticator

# Not in a transaction of the test's: there, each of ours is a savepoint of two statements.
pytestmark = pytest.mark.django_db(transaction=True)


class Statements(CaptureQueriesContext):
    """Counts what is sent, but for the beginning and the end of transactions."""

    def __init__(self):
        super().__init__(connection)

    @property
    def count(self):
        return len([query for query in self.captured_queries if not _frames(query["sql"])])


def _frames(sql):
    return sql.startswith(("BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE", "SET SESSION"))


def attempt(reading=1, *, writing):
    """How many statements it takes to read what an attempt is judged on, and to write it."""
    return reading + (1 if connection.vendor == "postgresql" else writing)


@pytest.fixture
def statements(settings):
    # A notice reads its user after the commit, and is sent elsewhere on a busy site.
    settings.TOTP_NOTICES = []
    return Statements()


def test_a_code(owner, statements):
    with statements:
        assert verify_totp_code(owner.user, owner.authenticator.code())

    assert statements.count == attempt(writing=2)


def test_a_wrong_code(owner, statements):
    with statements:
        assert not verify_totp_code(owner.user, owner.authenticator.wrong_code())

    assert statements.count == attempt(writing=2)


def test_a_backup_code(owner, statements):
    with statements:
        assert verify_backup_code(owner.user, owner.backup_codes[0])

    assert statements.count == attempt(2, writing=3)


def test_a_wrong_backup_code(owner, statements):
    with statements:
        assert not verify_backup_code(owner.user, WRONG_BACKUP_CODE)

    # No more than it takes a right one: it is told from it before anything is written.
    assert statements.count == attempt(2, writing=2)


def test_the_first_step_of_a_login(owner, statements):
    with statements:
        begin_login(None, username="ada", password=PASSWORD)

    assert statements.count == 4


def test_the_second_step_of_a_login(owner, statements):
    challenge = owner.open_challenge()

    with statements:
        complete_login(challenge, owner.right)

    assert statements.count == attempt(2, writing=3)


@pytest.mark.parametrize("authenticators", [1, 3, 5])
def test_the_number_of_authenticators_costs_no_statement(
    owner, clock, statements, settings, authenticators
):
    settings.TOTP_MAX_AUTHENTICATORS = 5
    for _ in range(authenticators - 1):
        owner.with_another()
    clock.advance(60)
    right, wrong = owner.open_challenge(), owner.open_challenge()

    with statements:
        with suppress(InvalidCode):
            complete_login(wrong, owner.wrong)
        complete_login(right, owner.right)

    # A line of the failure on top.
    assert statements.count == attempt(2, writing=3) + attempt(2, writing=3)


def test_the_second_step_of_a_login_by_backup_code(owner, statements):
    challenge = owner.open_challenge()

    with statements:
        complete_login(challenge, Proof(backup_code=owner.backup_codes[0]))

    assert statements.count == attempt(3, writing=4)


def test_a_login_of_a_trusted_device(owner, statements, settings):
    settings.TOTP_TRUSTED_DEVICE_MAX_AGE = 3600
    login = complete_login(owner.open_challenge(), owner.right, trust_device="laptop")
    token = login.trusted_device_token

    with statements:
        begin_login(None, username="ada", password=PASSWORD, trusted_device_token=token)

    assert statements.count == 3


def test_an_enrolment(ada, statements):
    with statements:
        create_totp_setup(ada)

    # The account is read and made, the pending secret stored.
    assert statements.count == 3


def test_a_confirmation(ada, clock, statements):
    phone = Authenticator(create_totp_setup(ada).secret, clock)

    with statements:
        confirm_totp_setup(ada, phone.code())

    # The account, its authenticator and a line of history; and the codes, old ones deleted, new
    # ones stored.
    assert statements.count == attempt(writing=3) + 2


def test_a_wrong_confirmation(ada, clock, statements):
    create_totp_setup(ada)

    with statements, suppress(InvalidEnrolmentCode):
        confirm_totp_setup(ada, "000000")

    assert statements.count == attempt(writing=1)


def test_a_confirmed_replacement(owner, clock, statements):
    phone = Authenticator(replace_totp(owner.user).secret, clock)

    with statements:
        confirm_totp_setup(owner.user, phone.code())

    # The old authenticator is deleted as well.
    assert statements.count == attempt(writing=3) + 3


@pytest.mark.parametrize(
    ("change", "expected"), [(disable_totp, 5), (rotate_backup_codes, 5), (replace_totp, 4)]
)
def test_a_change_by_standing(owner, clock, statements, change, expected):
    auth_context = step_up(owner.user, owner.right)

    with statements:
        change(owner.user, authority=auth_context)

    assert statements.count == expected


@pytest.mark.parametrize(
    ("change", "expected"), [(disable_totp, 5), (rotate_backup_codes, 5), (replace_totp, 4)]
)
def test_a_change_by_code(owner, statements, change, expected):
    with statements:
        change(owner.user, authority=owner.right)

    # The code, which is used up for itself; then the change as above.
    assert statements.count == attempt(writing=2) + expected


# The status reads the account, asks whether something is pending, and counts the codes.
@pytest.mark.parametrize(("question", "expected"), [(is_totp_enabled, 1), (totp_status, 3)])
def test_a_question(owner, statements, question, expected):
    with statements:
        question(owner.user)

    assert statements.count == expected


def test_the_status_where_devices_are_trusted(owner, statements, settings):
    settings.TOTP_TRUSTED_DEVICE_MAX_AGE = 3600

    with statements:
        totp_status(owner.user)

    assert statements.count == 4
