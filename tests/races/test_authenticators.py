"""Several authenticators of one user, added, used and removed at the same moment."""

from functools import partial

import pytest

from ninja_totp.models import Authenticator, BackupCode, Event
from ninja_totp.services import (
    Proof,
    add_authenticator,
    complete_login,
    confirm_totp_setup,
    disable_totp,
    is_totp_enabled,
    remove_authenticator,
    rename_authenticator,
    step_up,
)
from tests.races.starting_gun import accepted, at_once, refusals
from tests.support.cast import Authenticator as Phone

pytestmark = pytest.mark.django_db(transaction=True)

CROWD = 20


def confirmed(owner):
    return Authenticator.objects.filter(account=owner.user.pk, confirmed_at__isnull=False)


@pytest.fixture
def spare(owner, clock):
    """Ada's second authenticator; no code near the present moment is used up."""
    added = owner.with_another()
    clock.advance(3600)
    return added


def test_one_more_is_confirmed_once(owner, clock):
    code = Phone(add_authenticator(owner.user, "Tablet").secret, clock).code()

    outcomes = at_once([lambda: confirm_totp_setup(owner.user, code)] * CROWD)

    (confirmation,) = accepted(outcomes)
    assert confirmation.backup_codes == []
    assert refusals(outcomes) == {"AlreadyConfirmed": CROWD - 1}
    assert confirmed(owner).count() == 2
    assert BackupCode.objects.filter(used_at=None).count() == 10


def test_of_many_that_are_begun_at_once_one_can_be_confirmed(owner, clock):
    setups = at_once([lambda: add_authenticator(owner.user, "Tablet")] * CROWD)

    codes = [Phone(setup.secret, clock).code() for setup in setups]
    outcomes = at_once([partial(confirm_totp_setup, owner.user, code) for code in codes[:5]])
    assert Authenticator.objects.filter(confirmed_at=None).count() <= 1
    assert confirmed(owner).count() == 1 + len(accepted(outcomes)) <= 2


def test_no_moment_lets_more_in_than_the_site_allows(owner, spare, clock, settings):
    settings.TOTP_MAX_AUTHENTICATORS = 3
    phone = Phone(add_authenticator(owner.user, "Third").secret, clock)

    at_once(
        [lambda: confirm_totp_setup(owner.user, phone.code())]
        + [lambda: add_authenticator(owner.user, "Fourth")] * 5
    )

    assert confirmed(owner).count() <= 3
    # If the third was confirmed, the fourth was refused; if it was replaced, it was not confirmed.
    assert Authenticator.objects.filter(account=owner.user.pk).count() <= 3


@pytest.mark.parametrize("by", ["the calling code", "a fresh context", "a code of each"])
def test_of_the_last_two_that_are_removed_at_once_one_stays(owner, spare, by):
    context = step_up(owner.user, Proof(backup_code=owner.backup_codes[0]))
    authorities = {
        "the calling code": (None, None),
        "a fresh context": (context, context),
        "a code of each": (owner.right, spare.right),
    }[by]
    first, second = confirmed(owner).order_by("confirmed_at").values_list("pk", flat=True)

    outcomes = at_once(
        [
            partial(remove_authenticator, owner.user, first, authority=authorities[0]),
            partial(remove_authenticator, owner.user, second, authority=authorities[1]),
        ]
    )

    assert len(accepted(outcomes)) == 1
    assert set(refusals(outcomes)) <= {"LastAuthenticator", "SecondFactorRequired", "InvalidCode"}
    assert (confirmed(owner).count(), is_totp_enabled(owner.user)) == (1, True)


def test_one_is_removed_once(owner, spare):
    outcomes = at_once([lambda: remove_authenticator(owner.user, spare.id)] * CROWD)

    assert accepted(outcomes) == [None]
    assert refusals(outcomes) == {"AuthenticatorNotFound": CROWD - 1}
    assert Event.objects.filter(type="authenticator_removed").count() == 1


def test_a_code_is_not_accepted_after_the_removal_of_its_authenticator(owner, spare):
    right, challenges = spare.right, owner.open_challenges(10)

    *logins, removed = at_once(
        [partial(complete_login, challenge, right) for challenge in challenges]
        + [lambda: remove_authenticator(owner.user, spare.id)]
    )

    assert removed is None
    assert len(accepted(logins)) <= 1
    assert set(refusals(logins)) <= {"InvalidCode", "InvalidChallenge", "Locked"}
    # Who got in did so before it: what was proved has ended by it.
    for login in accepted(logins):
        assert login.auth_context.generation == owner.account.generation - 1
    assert confirmed(owner).count() == 1


def test_the_codes_of_two_get_in_side_by_side(owner, spare):
    proofs = [owner.right, spare.right]

    outcomes = at_once(
        [partial(complete_login, owner.open_challenge(), proof) for proof in proofs * 2]
    )

    assert len(accepted(outcomes)) == 2


def test_of_guesses_at_once_no_more_are_looked_at_than_of_one(owner, spare, clock):
    wrong, whole = owner.wrong, clock.now()

    at_once([partial(complete_login, one, wrong) for one in owner.open_challenges(40)])

    account = owner.account
    assert account.failures == 5
    assert account.budget_full_epoch - whole == 5 * 2 * 86_400


def test_switching_off_and_adding_do_not_mix(owner, spare, clock):
    phone = Phone(add_authenticator(owner.user, "Third").secret, clock)

    at_once(
        [lambda: confirm_totp_setup(owner.user, phone.code()), lambda: disable_totp(owner.user)]
    )

    left = (owner.account.is_enabled, confirmed(owner).count())
    assert left == (False, 0)
    assert not Authenticator.objects.filter(account=owner.user.pk).exists()


def test_renaming_and_removing_leave_one_name(owner, spare):
    at_once(
        [partial(rename_authenticator, owner.user, spare.id, f"Name {n}") for n in range(10)]
        + [lambda: remove_authenticator(owner.user, spare.id)]
    )

    assert [one.name for one in confirmed(owner)] == ["Authenticator app"]
