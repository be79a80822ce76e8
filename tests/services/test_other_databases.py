"""Whatever a router says of reads, and whatever an object says of itself: one database decides.

The other one has no tables, so that any statement which is sent there fails.
"""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import OperationalError

from ninja_totp.importers.found import ImportedFactor
from ninja_totp.importers.writer import Result, write
from ninja_totp.models import Account
from ninja_totp.services import (
    Proof,
    add_authenticator,
    begin_login,
    begin_required_enrolment,
    cancel_recovery,
    complete_login,
    complete_required_enrolment,
    confirm_recovery,
    confirm_totp_setup,
    create_totp_setup,
    current_exemptions,
    disable_totp,
    end_totp_exemption,
    enrolment_due_at,
    exempt_from_totp,
    generate_recovery_link,
    inspect_totp,
    is_totp_enabled,
    list_authenticators,
    prune_events,
    prune_totp,
    reencrypt_totp,
    remove_authenticator,
    rename_authenticator,
    replace_totp,
    request_recovery,
    reset_totp,
    revoke_trusted_device,
    rotate_backup_codes,
    step_up,
    store_backup_codes,
    totp_events,
    totp_keys,
    totp_report,
    totp_status,
    trusted_devices,
    unlock_totp,
    verify_backup_code,
    verify_totp_code,
)
from ninja_totp.services.policy.enforcement import missing_groups, would_be_shut_out
from ninja_totp.transactions import on_database
from tests.support.cast import NEW_PASSWORD, PASSWORD, Authenticator
from tests.support.connections import database_without_tables

pytestmark = pytest.mark.django_db

BY = {"actor": "the tests", "reason": "a reason"}


def by_router(user, settings):
    """Reads of our tables go elsewhere."""
    settings.DATABASE_ROUTERS = ["tests.attacks.replicas.StaleReplica"]


def by_object(user, settings):
    """Without a router, what belongs to an object goes to where the object came from."""
    user._state.db = "stale"


@pytest.fixture
def stale():
    """A database of this name, without tables."""
    with database_without_tables("stale"):
        yield


@pytest.fixture(params=[by_router, by_object])
def user(request, owner, settings, stale):
    """Ada, of whom a statement that names no database would look elsewhere."""
    request.param(owner.user, settings)
    return owner.user


def confirm(user, setup, clock):
    phone = Authenticator(setup.secret, clock)
    confirm_totp_setup(user, phone.code())
    return phone


def test_a_statement_that_names_no_database_fails(user, owner):
    account = Account(pk=user.pk, user=user)
    account._state.db = user._state.db

    # Django's test case forbids other databases than those that a test names.
    with pytest.raises((AssertionError, OperationalError)):
        account.authenticators.exists()


def test_codes_and_changes_are_looked_up_where_it_is_decided(user, owner, clock):
    assert verify_totp_code(user, owner.authenticator.code())
    assert verify_backup_code(user, owner.backup_codes[0])
    added = add_authenticator(user, "Tablet")
    confirm(user, added, clock)
    rename_authenticator(user, added.id, "Spare")
    assert [one.name for one in list_authenticators(user)][1:] == ["Spare"]
    remove_authenticator(user, added.id)
    phone = confirm(user, replace_totp(user), clock)
    codes = rotate_backup_codes(user)
    assert store_backup_codes(user, codes) == codes
    clock.advance(60)
    step_up(user, Proof(otp_code=phone.code()))
    assert totp_status(user).backup_codes_remaining == 10
    assert len(totp_events(user).events) > 5
    disable_totp(user)
    assert not is_totp_enabled(user)


def test_logins_and_devices_are_as_well(user, owner, clock, settings, rf):
    settings.TOTP_TRUSTED_DEVICE_MAX_AGE = 3600
    login = complete_login(owner.open_challenge(), owner.right, trust_device="laptop")
    step = begin_login(
        rf.post("/"),
        username="ada",
        password=PASSWORD,
        trusted_device_token=login.trusted_device_token,
    )

    (device,) = trusted_devices(user)
    revoke_trusted_device(user, device.id)

    assert step.challenge_token is None
    assert trusted_devices(user) == []


def test_recoveries_are_as_well(user, owner):
    request_recovery(user.email)
    cancelled = generate_recovery_link(user)
    cancel_recovery(cancelled.uid, cancelled.token)
    link = generate_recovery_link(user)

    confirm_recovery(link.uid, link.token, PASSWORD, new_password=NEW_PASSWORD)

    assert not is_totp_enabled(user)
    assert begin_login(None, username="ada", password=NEW_PASSWORD).challenge_token is None


class Nowhere:
    """Sends everything to the database without tables."""

    def db_for_read(self, model, **_):
        return "stale"

    db_for_write = db_for_read


def test_a_new_password_goes_where_it_was_chosen_to_go(owner, settings, stale):
    link = generate_recovery_link(owner.user)
    settings.DATABASE_ROUTERS = [f"{__name__}.Nowhere"]

    with on_database("default"):
        confirm_recovery(link.uid, link.token, PASSWORD, new_password=NEW_PASSWORD)

    settings.DATABASE_ROUTERS = []
    owner.user.refresh_from_db()
    assert owner.user.check_password(NEW_PASSWORD)


def test_required_factors_are_as_well(user, owner, clock, settings):
    settings.TOTP_REQUIRED = ["all", "group:support"]
    reset_totp(user, **BY)
    until = datetime.fromtimestamp(clock.now(), UTC) + timedelta(days=1)
    exempt_from_totp(user, **BY, expires_at=until)
    assert [one.user_id for one in current_exemptions()] == [user.pk]
    assert (list(would_be_shut_out(("all",))), missing_groups()) == ([], ["support"])
    assert enrolment_due_at(user) == clock.now() + 86_400
    end_totp_exemption(user, **BY)
    step = begin_login(None, username="ada", password=PASSWORD, offers_enrolment=True)
    phone = Authenticator(begin_required_enrolment(step.enrolment_token).secret, clock)

    enrolled = complete_required_enrolment(step.enrolment_token, phone.code())

    assert enrolled.user == user
    assert is_totp_enabled(user)


def test_what_operators_do_is_as_well(user, owner, clock, roll_in):
    replace_totp(user)
    owner.open_challenge()
    roll_in()

    assert reencrypt_totp().secrets == 2
    assert [key.secrets for key in totp_keys()] == [1, 0]
    assert inspect_totp(user).is_enabled
    assert totp_report()[-1].enrolled == 1
    unlock_totp(user, **BY, forgive_clock=True)
    clock.advance(2 * 86_400)
    assert (prune_totp().pending_secrets, prune_events(before=datetime.now(UTC)) > 0) == (1, True)
    reset_totp(user, **BY)
    assert inspect_totp(user).disabled_at is not None


def test_imports_are_as_well(user, clock, bob):
    found = ImportedFactor(bob.pk, "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP", backup_codes=("one-code",))
    create_totp_setup(bob)

    assert [one.result for one in write([found])] == [Result.IMPORTED]
    assert [one.result for one in write([found])] == [Result.UNCHANGED]
