"""Changes to one factor that meet: each is whole, and in the end there is one of everything."""

from functools import partial

import pytest

from ninja_totp import models
from ninja_totp.conf import get_settings
from ninja_totp.core.backup_codes import new_codes
from ninja_totp.models import BackupCode, Challenge
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
    store_backup_codes,
)
from tests.races.starting_gun import accepted, at_once, refusals
from tests.support.cast import PASSWORD, Authenticator, enrolled, new_user

pytestmark = pytest.mark.django_db(transaction=True)

CROWD = 20


def secrets_of(user, **of):
    """The opened secrets of the user's authenticators."""
    rows, ring = models.Authenticator.objects.filter(account=user.pk, **of), get_settings().key_ring
    return [ring.open(row.secret, owner=str(user.pk)) for row in rows]


def fingerprints(user):
    return set(BackupCode.objects.filter(user=user).values_list("fingerprint", flat=True))


def fingerprints_of(user, codes):
    ring = get_settings().key_ring
    return {ring.fingerprint(code.replace("-", ""), owner=str(user.pk)) for code in codes}


def test_of_many_enrolments_at_once_one_can_be_confirmed(ada):
    setups = at_once([lambda: create_totp_setup(ada)] * CROWD)

    secrets = [setup.secret for setup in setups]
    (pending,) = secrets_of(ada)
    assert secrets.count(pending) == 1


@pytest.mark.parametrize("creations", [1, 3, 10])
def test_the_secret_that_is_confirmed_is_the_one_whose_code_was_typed(ada, clock, creations):
    phone = Authenticator(create_totp_setup(ada).secret, clock)
    code = phone.code()

    *_, confirmed = at_once(
        [lambda: create_totp_setup(ada)] * creations + [lambda: confirm_totp_setup(ada, code)]
    )

    in_use = secrets_of(ada, confirmed_at__isnull=False)
    assert (confirmed in accepted([confirmed]), in_use) in [(True, [phone.secret]), (False, [])]
    assert is_totp_enabled(ada) == (in_use != [])
    assert len(secrets_of(ada, confirmed_at=None)) <= 1


def test_an_enrolment_is_confirmed_once(ada, clock):
    code = Authenticator(create_totp_setup(ada).secret, clock).code()

    outcomes = at_once([lambda: confirm_totp_setup(ada, code)] * CROWD)

    (confirmation,) = accepted(outcomes)
    assert refusals(outcomes) == {"AlreadyConfirmed": CROWD - 1}
    assert fingerprints(ada) == fingerprints_of(ada, confirmation.backup_codes)


def test_many_rotations_leave_one_full_sheet(owner):
    auth_context = step_up(owner.user, owner.right)

    sheets = at_once([lambda: rotate_backup_codes(owner.user, authority=auth_context)] * CROWD)

    left = fingerprints(owner.user)
    assert [fingerprints_of(owner.user, sheet) for sheet in sheets].count(left) == 1
    assert len(left) == 10


def test_many_sheets_that_are_stored_leave_one(owner):
    sheets = [new_codes(5) for _ in range(CROWD)]

    at_once([partial(store_backup_codes, owner.user, sheet) for sheet in sheets])

    left = fingerprints(owner.user)
    assert [fingerprints_of(owner.user, sheet) for sheet in sheets].count(left) == 1


def test_a_code_redeemed_during_a_rotation_is_not_on_the_new_sheet(owner):
    old = Proof(backup_code=owner.backup_codes[0])

    *_, sheet = at_once(
        [lambda: step_up(owner.user, old)] * 5 + [lambda: rotate_backup_codes(owner.user)]
    )

    assert fingerprints(owner.user) == fingerprints_of(owner.user, sheet)
    assert not BackupCode.objects.exclude(used_at=None).exists()


def test_switching_off_during_logins_leaves_nothing_on(owner):
    challenges = owner.open_challenges(CROWD)
    right = owner.right

    *logins, switched_off = at_once(
        [partial(complete_login, challenge, right) for challenge in challenges]
        + [lambda: disable_totp(owner.user)]
    )

    assert switched_off is None
    assert len(accepted(logins)) <= 1
    assert set(refusals(logins)) <= {"InvalidCode", "Locked", "InvalidChallenge"}
    assert (secrets_of(owner.user), owner.account.confirmed_at) == ([], None)


def test_switching_off_during_rotations_leaves_no_code(owner):
    at_once([lambda: rotate_backup_codes(owner.user)] * 5 + [lambda: disable_totp(owner.user)] * 5)

    assert not is_totp_enabled(owner.user)
    assert not fingerprints(owner.user)


def test_a_factor_is_switched_off_once(owner):
    outcomes = at_once([lambda: disable_totp(owner.user)] * CROWD)

    assert accepted(outcomes) == [None]
    assert refusals(outcomes) == {"NotEnrolled": CROWD - 1}


def test_switching_off_and_confirming_a_replacement_do_not_mix(owner, clock):
    auth_context = step_up(owner.user, owner.right)
    phone = Authenticator(replace_totp(owner.user, authority=auth_context).secret, clock)
    code = phone.code()

    outcomes = at_once(
        [
            lambda: confirm_totp_setup(owner.user, code),
            lambda: disable_totp(owner.user, authority=auth_context),
        ]
    )

    assert len(accepted(outcomes)) == 1
    assert [
        secrets_of(owner.user),
        owner.account.is_enabled,
        len(fingerprints(owner.user)),
    ] in ([[phone.secret], True, 10], [[], False, 0])


def test_many_first_steps_open_as_many_challenges(owner):
    steps = at_once([lambda: begin_login(None, username="ada", password=PASSWORD)] * CROWD)

    assert len({step.challenge_token for step in steps}) == CROWD
    assert Challenge.objects.count() == CROWD


def test_users_who_enrol_at_the_same_time_do_not_disturb_each_other(django_user_model, clock):
    """MySQL locks gaps between rows: neighbours meet there although they share no row."""
    users = [new_user(django_user_model, f"user {number}") for number in range(CROWD)]

    def live(user):
        enrolled(user, clock)
        begin_login(None, username=user.username, password=PASSWORD)
        codes = rotate_backup_codes(user)
        disable_totp(user, authority=Proof(backup_code=codes[0]))
        return enrolled(user, clock)

    owners = at_once([partial(live, user) for user in users])

    assert [owner.user for owner in owners] == users
    assert BackupCode.objects.count() == 10 * CROWD
