"""Who may change a factor: a proof typed now, a credential that proved it lately, or our caller."""

import pytest

from ninja_totp import signals
from ninja_totp.core.errors import InvalidCode, NotEnabled, SecondFactorRequired
from ninja_totp.models import Account
from ninja_totp.services import (
    AuthContext,
    Proof,
    begin_login,
    begin_required_enrolment,
    complete_login,
    complete_required_enrolment,
    confirm_totp_setup,
    create_totp_setup,
    disable_totp,
    is_totp_enabled,
    replace_totp,
    reset_totp,
    rotate_backup_codes,
    step_up,
    verify_backup_code,
    verify_totp_code,
)
from ninja_totp.services.step_up import PASSWORD_ONLY, UNDATED
from tests.support.cast import PASSWORD, WRONG_BACKUP_CODE, Authenticator, enrolled

pytestmark = pytest.mark.django_db

every_change = pytest.mark.parametrize(
    "change", [disable_totp, rotate_backup_codes, replace_totp], ids=lambda change: change.__name__
)


def changed(change, owner):
    """Whether `change` has been made."""
    return {
        disable_totp: lambda: not is_totp_enabled(owner.user),
        rotate_backup_codes: lambda: not verify_backup_code(owner.user, owner.backup_codes[1]),
        replace_totp: lambda: owner.pending is not None,
    }[change]()


@pytest.fixture
def fresh(owner):
    """The standing of a credential that proved the factor just now."""
    return step_up(owner.user, owner.right)


def test_a_step_up_says_when_and_how_the_factor_was_proved(owner, clock):
    by_code = step_up(owner.user, owner.right)
    by_backup_code = step_up(owner.user, Proof(backup_code=owner.backup_codes[0]))

    assert by_code == AuthContext(clock.now(), owner.account.generation, "otp")
    assert by_backup_code == AuthContext(clock.now(), owner.account.generation, "backup_code")


@every_change
def test_the_word_of_the_calling_code_counts_after_a_reset_as_before_it(owner, clock, change):
    reset_totp(owner.user, actor="x", reason="x")
    again = enrolled(owner.user, clock)
    clock.advance(60)

    change(again.user)
    assert changed(change, again)


@every_change
def test_what_nobody_can_date_changes_nothing_after_a_reset(owner, clock, change):
    reset_totp(owner.user, actor="x", reason="x")
    again = enrolled(owner.user, clock)

    with pytest.raises(SecondFactorRequired):
        change(again.user, authenticated_at=UNDATED)


def test_a_step_up_with_a_wrong_code_is_refused(owner):
    with pytest.raises(InvalidCode):
        step_up(owner.user, owner.wrong)


def test_a_step_up_without_a_factor_is_refused(ada):
    create_totp_setup(ada)

    with pytest.raises(NotEnabled):
        step_up(ada, Proof(otp_code="123456"))


@every_change
@pytest.mark.parametrize(
    "authority_of",
    [
        lambda owner: owner.right,
        lambda owner: Proof(backup_code=owner.backup_codes[0]),
        lambda owner: step_up(owner.user, owner.right),
        lambda owner: None,
    ],
    ids=["a code", "a backup code", "a fresh standing", "the word of the calling code"],
)
def test_a_change_is_allowed_by(owner, change, authority_of):
    before = owner.rows

    change(owner.user, authority=authority_of(owner))

    assert owner.rows != before
    assert changed(change, owner)


def test_the_code_that_allowed_a_change_is_used_up(owner):
    rotate_backup_codes(owner.user, authority=owner.right)

    assert not verify_totp_code(owner.user, owner.authenticator.code())


def test_the_code_stays_used_when_the_change_fails_afterwards(owner, monkeypatch):
    def fail(user, codes):
        raise RuntimeError

    monkeypatch.setattr("ninja_totp.services.backup_codes.replace_codes", fail)
    with pytest.raises(RuntimeError):
        rotate_backup_codes(owner.user, authority=owner.right)

    assert not verify_totp_code(owner.user, owner.authenticator.code())
    assert verify_backup_code(owner.user, owner.backup_codes[0])


@every_change
@pytest.mark.parametrize("typed", ["otp_code", "backup_code"])
def test_a_wrong_proof_changes_nothing_but_a_counter(owner, change, typed):
    before = owner.rows

    with pytest.raises(InvalidCode):
        change(owner.user, authority=Proof(**{typed: WRONG_BACKUP_CODE}))

    counted = {name for name, value in owner.columns.items() if value != before[0][name]}
    counters = {name for name in before[0] if name.endswith(("failures", "epoch"))}
    assert counted <= counters | {"version", "failures_password"}
    assert owner.rows[1:] == before[1:]


@every_change
def test_a_password_alone_allows_no_change(owner, change):
    before = owner.rows

    with pytest.raises(SecondFactorRequired):
        change(owner.user, authority=PASSWORD_ONLY)

    assert owner.rows == before


def test_a_standing_is_fresh_for_a_quarter_of_an_hour(owner, clock, fresh):
    clock.advance(900)
    rotate_backup_codes(owner.user, authority=fresh)

    clock.advance(1)
    with pytest.raises(SecondFactorRequired):
        rotate_backup_codes(owner.user, authority=fresh)


def test_a_site_says_how_long_a_standing_is_fresh(owner, clock, fresh, settings):
    settings.TOTP_STEP_UP_MAX_AGE = 60
    clock.advance(61)

    with pytest.raises(SecondFactorRequired):
        rotate_backup_codes(owner.user, authority=fresh)


def test_a_standing_from_a_clock_that_went_ahead_does_not_stay_fresh(owner, clock, fresh):
    clock.advance(-901)

    with pytest.raises(SecondFactorRequired):
        rotate_backup_codes(owner.user, authority=fresh)


def test_a_changed_factor_ends_a_standing(owner, clock, fresh):
    phone = Authenticator(replace_totp(owner.user, authority=fresh).secret, clock)
    confirm_totp_setup(owner.user, phone.code())

    with pytest.raises(SecondFactorRequired):
        disable_totp(owner.user, authority=fresh)


def test_the_standing_of_a_confirmation_is_that_of_the_new_factor(owner, clock, fresh):
    phone = Authenticator(replace_totp(owner.user, authority=fresh).secret, clock)

    confirmation = confirm_totp_setup(owner.user, phone.code())

    assert rotate_backup_codes(owner.user, authority=confirmation.auth_context)


def test_switching_off_and_on_ends_a_standing(owner, clock, fresh):
    disable_totp(owner.user, authority=fresh)
    phone = Authenticator(create_totp_setup(owner.user).secret, clock)
    confirm_totp_setup(owner.user, phone.code())

    with pytest.raises(SecondFactorRequired):
        disable_totp(owner.user, authority=fresh)


def test_an_enrolment_is_called_off_whatever_the_standing(ada):
    create_totp_setup(ada)

    disable_totp(ada, authority=PASSWORD_ONLY)

    assert not ada.ninja_totp.authenticators.exists()


def by_step_up(owner, clock, settings):
    return step_up(owner.user, owner.right)


def by_login(owner, clock, settings):
    return complete_login(owner.open_challenge(), owner.right).auth_context


def by_confirmation(owner, clock, settings):
    phone = Authenticator(replace_totp(owner.user).secret, clock)
    return confirm_totp_setup(owner.user, phone.code()).auth_context


def by_required_enrolment(owner, clock, settings):
    disable_totp(owner.user)
    settings.TOTP_REQUIRED = "all"
    step = begin_login(None, username="ada", password=PASSWORD, offers_enrolment=True)
    phone = Authenticator(begin_required_enrolment(step.enrolment_token).secret, clock)
    return complete_required_enrolment(step.enrolment_token, phone.code()).auth_context


@pytest.mark.parametrize("prove", [by_step_up, by_login, by_confirmation, by_required_enrolment])
def test_what_was_proved_is_as_old_as_the_question(owner, clock, settings, prove):
    """A recovery may come while a receiver of the project's takes its time."""
    before = clock.now()

    def slow(**_):
        clock.advance(30)

    signals.totp_verified.connect(slow)
    try:
        auth_context = prove(owner, clock, settings)
    finally:
        signals.totp_verified.disconnect(slow)

    assert auth_context.verified_at == before
    assert clock.now() > before


def test_a_login_by_password_is_as_old_as_the_question(ada, clock):
    before = clock.now()

    def slow(**_):
        clock.advance(30)

    signals.non_totp_login_succeeded.connect(slow)
    try:
        auth_context = begin_login(None, username="ada", password=PASSWORD).auth_context
    finally:
        signals.non_totp_login_succeeded.disconnect(slow)

    assert (auth_context.verified_at, auth_context.logged_in_at) == (None, before)
    assert clock.now() > before


def test_an_authenticator_of_an_account_that_is_off_proves_nothing(owner):
    Account.objects.filter(pk=owner.user.pk).update(confirmed_at=None)

    with pytest.raises(NotEnabled):
        step_up(owner.user, owner.right)
