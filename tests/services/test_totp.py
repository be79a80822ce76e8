"""The life of an authenticator: enrol, confirm, use, replace, switch off."""

import base64
from datetime import UTC, datetime
from urllib.parse import parse_qs, urlsplit

import pytest

from ninja_totp import models
from ninja_totp.core.errors import (
    AlreadyConfirmed,
    AlreadyEnabled,
    EnrolmentLocked,
    InvalidEnrolmentCode,
    NotEnabled,
    NotEnrolled,
)
from ninja_totp.models import BackupCode
from ninja_totp.services import (
    TotpStatus,
    confirm_totp_setup,
    create_totp_setup,
    disable_totp,
    enrolment,
    is_totp_enabled,
    replace_totp,
    totp_status,
    verify_backup_code,
    verify_totp_code,
)
from tests.support.cast import Authenticator, enrolled

pytestmark = pytest.mark.django_db


def test_a_setup_holds_the_secret_in_every_form(ada, clock):
    setup = create_totp_setup(ada)

    assert len(base64.b32decode(setup.secret)) == 20
    assert parse_qs(urlsplit(setup.uri).query)["secret"] == [setup.secret]
    assert setup.secret_grouped.replace(" ", "") == setup.secret
    assert setup.svg.startswith("<svg")
    assert setup.expires_at == datetime.fromtimestamp(clock.now() + 600, UTC)


def test_a_setup_shows_no_secret_when_it_is_printed(ada):
    setup = create_totp_setup(ada)

    assert setup.secret not in f"{setup!r} {setup}"


def test_the_secret_is_not_stored_as_it_is(ada):
    setup = create_totp_setup(ada)

    assert setup.secret not in str(list(models.Authenticator.objects.values()))


def test_an_enrolment_that_is_not_confirmed_enables_nothing(ada, clock):
    setup = create_totp_setup(ada)

    assert not is_totp_enabled(ada)
    with pytest.raises(NotEnabled):
        verify_totp_code(ada, Authenticator(setup.secret, clock).code())


def test_starting_again_makes_a_new_secret_and_forgets_the_old_one(ada, clock):
    forgotten, kept = create_totp_setup(ada), create_totp_setup(ada)

    with pytest.raises(InvalidEnrolmentCode):
        confirm_totp_setup(ada, Authenticator(forgotten.secret, clock).code())
    assert confirm_totp_setup(ada, Authenticator(kept.secret, clock).code()).backup_codes


def test_a_confirmed_enrolment_is_in_use(ada, clock):
    phone = Authenticator(create_totp_setup(ada).secret, clock)

    confirmation = confirm_totp_setup(ada, phone.code())

    assert is_totp_enabled(ada)
    assert len(set(confirmation.backup_codes)) == 10
    assert confirmation.auth_context.verified_at == clock.now()
    assert confirmation.auth_context.method == "otp"


def test_a_confirmed_secret_is_no_longer_pending(ada, clock):
    phone = Authenticator(create_totp_setup(ada).secret, clock)

    confirm_totp_setup(ada, phone.code())

    assert not totp_status(ada).pending
    with pytest.raises(AlreadyConfirmed):
        confirm_totp_setup(ada, phone.code(1))


def test_a_confirmation_shows_no_code_when_it_is_printed(ada, clock):
    phone = Authenticator(create_totp_setup(ada).secret, clock)

    confirmation = confirm_totp_setup(ada, phone.code())

    assert confirmation.backup_codes[0] not in repr(confirmation)


def test_the_code_that_confirmed_is_used_up(ada, clock):
    phone = Authenticator(create_totp_setup(ada).secret, clock)
    confirm_totp_setup(ada, phone.code())

    assert not verify_totp_code(ada, phone.code())


def test_a_pending_secret_lives_ten_minutes(ada, clock):
    phone = Authenticator(create_totp_setup(ada).secret, clock)

    clock.advance(599)
    pending = totp_status(ada).pending
    clock.advance(1)

    assert pending
    assert not totp_status(ada).pending

    with pytest.raises(NotEnrolled):
        confirm_totp_setup(ada, phone.code())


def test_confirming_twice_is_refused(owner):
    with pytest.raises(AlreadyConfirmed):
        confirm_totp_setup(owner.user, owner.authenticator.code())


def test_confirming_nothing_is_refused(ada):
    with pytest.raises(NotEnrolled):
        confirm_totp_setup(ada, "123456")


def test_a_wrong_clock_is_explained_and_not_accepted(ada, clock):
    phone = Authenticator(create_totp_setup(ada).secret, clock)

    with pytest.raises(InvalidEnrolmentCode) as refused:
        confirm_totp_setup(ada, phone.code(steps=4))

    assert refused.value.clock_skew_seconds == 120
    assert not is_totp_enabled(ada)


def test_a_wrong_clock_is_not_explained_while_a_factor_is_in_use(owner, clock):
    phone = Authenticator(replace_totp(owner.user).secret, clock)

    with pytest.raises(InvalidEnrolmentCode) as refused:
        confirm_totp_setup(owner.user, phone.code(steps=4))

    assert refused.value.clock_skew_seconds is None


def test_a_code_of_no_time_is_not_explained(ada, clock):
    phone = Authenticator(create_totp_setup(ada).secret, clock)

    with pytest.raises(InvalidEnrolmentCode) as refused:
        confirm_totp_setup(ada, phone.wrong_code())

    assert refused.value.clock_skew_seconds is None


def fail_to_confirm(user, phone, times=5):
    for _ in range(times):
        with pytest.raises(InvalidEnrolmentCode):
            confirm_totp_setup(user, phone.wrong_code())


def test_five_wrong_codes_end_a_pending_secret(ada, clock):
    phone = Authenticator(create_totp_setup(ada).secret, clock)
    fail_to_confirm(ada, phone)

    with pytest.raises(EnrolmentLocked) as locked:
        confirm_totp_setup(ada, phone.code())

    assert locked.value.retry_after is None
    assert not is_totp_enabled(ada)


def test_four_wrong_codes_leave_a_pending_secret_as_it_is(ada, clock):
    phone = Authenticator(create_totp_setup(ada).secret, clock)
    fail_to_confirm(ada, phone, times=4)

    assert confirm_totp_setup(ada, phone.code())


def test_a_site_says_how_many_attempts_a_pending_secret_has(ada, clock, settings):
    settings.TOTP_CHALLENGE_MAX_ATTEMPTS = 1
    phone = Authenticator(create_totp_setup(ada).secret, clock)
    fail_to_confirm(ada, phone, times=1)

    with pytest.raises(EnrolmentLocked):
        confirm_totp_setup(ada, phone.code())


def test_a_new_secret_has_new_attempts(ada, clock):
    fail_to_confirm(ada, Authenticator(create_totp_setup(ada).secret, clock))
    phone = Authenticator(create_totp_setup(ada).secret, clock)

    fail_to_confirm(ada, phone, times=4)

    assert confirm_totp_setup(ada, phone.code())


def test_a_new_replacement_has_new_attempts(owner, clock):
    fail_to_confirm(owner.user, Authenticator(replace_totp(owner.user).secret, clock))

    phone = Authenticator(replace_totp(owner.user).secret, clock)

    assert confirm_totp_setup(owner.user, phone.code())


def test_of_many_guesses_at_once_no_more_than_five_are_looked_at(ada, clock, monkeypatch):
    """Five wrong codes are counted while a right one has been looked at and is not yet written."""
    phone = Authenticator(create_totp_setup(ada).secret, clock)
    fresh_codes, once = enrolment.fresh_codes, iter([True])

    def after_five_others():
        if next(once, False):
            fail_to_confirm(ada, phone)
        return fresh_codes()

    monkeypatch.setattr(enrolment, "fresh_codes", after_five_others)

    with pytest.raises(EnrolmentLocked):
        confirm_totp_setup(ada, phone.code())
    assert not is_totp_enabled(ada)


def test_wrong_codes_of_enrolments_never_lock_the_account(owner, clock):
    """Who has the password alone, or a borrowed session, must not be able to shut the owner out."""
    before = owner.columns
    for _ in range(30):
        fail_to_confirm(owner.user, Authenticator(replace_totp(owner.user).secret, clock))

    counted = {name: value for name, value in owner.columns.items() if name != "version"}
    assert counted.items() <= before.items()
    assert not totp_status(owner.user).is_locked
    assert verify_totp_code(owner.user, owner.authenticator.code())


def test_an_account_that_is_locked_can_confirm(owner, clock):
    """Its owner has proved the factor before the lock, by another way than a code."""
    phone = Authenticator(replace_totp(owner.user).secret, clock)
    for _ in range(5):
        verify_totp_code(owner.user, owner.authenticator.wrong_code())

    assert confirm_totp_setup(owner.user, phone.code())
    assert not totp_status(owner.user).is_locked


def test_enrolling_again_is_refused_while_a_factor_is_in_use(owner):
    before = owner.rows

    with pytest.raises(AlreadyEnabled):
        create_totp_setup(owner.user)

    assert owner.rows == before


@pytest.mark.parametrize("steps", [-1, 0, 1])
def test_a_code_of_the_present_step_or_its_neighbour_is_accepted_once(owner, steps):
    code = owner.authenticator.code(steps)

    assert verify_totp_code(owner.user, code)
    assert not verify_totp_code(owner.user, code)


@pytest.mark.parametrize("steps", [-2, 2])
def test_a_code_of_another_step_is_not_accepted(owner, steps):
    assert not verify_totp_code(owner.user, owner.authenticator.code(steps))


@pytest.mark.parametrize(
    "odd",
    [
        "",
        " ",
        "12345",
        "1234567",
        "\uff11\uff12\uff13\uff14\uff15\uff16",
        "\u0661\u0662\u0663\u0664\u0665\u0666",
        "12_456",
        "+12345",
        "\ud800",
        "9" * 10**6,
    ],
)
def test_odd_text_is_a_wrong_code(owner, odd):
    assert not verify_totp_code(owner.user, odd)
    assert not verify_backup_code(owner.user, odd)


def test_a_user_without_a_factor_has_no_codes(ada):
    with pytest.raises(NotEnabled):
        verify_totp_code(ada, "123456")
    with pytest.raises(NotEnabled):
        verify_backup_code(ada, "0000-0000-0000-0000-0000-0000")


def test_the_old_authenticator_works_until_the_new_one_is_confirmed(owner, clock):
    setup = replace_totp(owner.user)

    assert verify_totp_code(owner.user, owner.authenticator.code())
    assert not verify_totp_code(owner.user, Authenticator(setup.secret, clock).code())


def test_once_confirmed_only_the_new_authenticator_works(owner, clock):
    phone = Authenticator(replace_totp(owner.user).secret, clock)

    confirmation = confirm_totp_setup(owner.user, phone.code())
    clock.advance(60)

    assert verify_totp_code(owner.user, phone.code())
    assert not verify_totp_code(owner.user, owner.authenticator.code(1))
    assert not verify_backup_code(owner.user, owner.backup_codes[0])
    assert verify_backup_code(owner.user, confirmation.backup_codes[0])


def test_replacing_nothing_is_refused(ada):
    create_totp_setup(ada)

    with pytest.raises(NotEnrolled):
        replace_totp(ada)


def test_a_new_authenticator_takes_the_parameters_that_the_site_has_by_then(owner, clock, settings):
    settings.TOTP_DIGITS = 8

    assert verify_totp_code(owner.user, owner.authenticator.code())
    assert "digits=8" in replace_totp(owner.user).uri


def test_an_enrolment_is_confirmed_as_it_was_begun(ada, clock, settings):
    phone = Authenticator(create_totp_setup(ada).secret, clock)
    settings.TOTP_DIGITS, settings.TOTP_PERIOD, settings.TOTP_ALGORITHM = 8, 60, "SHA256"
    clock.advance(30)

    confirm_totp_setup(ada, phone.code())
    clock.advance(30)

    assert verify_totp_code(ada, phone.code())


def test_switching_off_deletes_secrets_and_codes(owner):
    replace_totp(owner.user)

    disable_totp(owner.user)

    assert not is_totp_enabled(owner.user)
    assert not models.Authenticator.objects.exists()
    assert not BackupCode.objects.filter(user=owner.user).exists()


def test_switching_off_calls_off_a_replacement(owner, clock):
    phone = Authenticator(replace_totp(owner.user).secret, clock)

    disable_totp(owner.user)

    with pytest.raises(NotEnrolled):
        confirm_totp_setup(owner.user, phone.code())


def test_switching_off_calls_off_an_enrolment(ada):
    create_totp_setup(ada)

    disable_totp(ada)

    assert not totp_status(ada).pending
    assert not models.Authenticator.objects.exists()


def test_switching_off_nothing_is_refused(ada):
    with pytest.raises(NotEnrolled):
        disable_totp(ada)


def test_enrolling_again_makes_another_secret(owner, clock):
    disable_totp(owner.user)

    again = enrolled(owner.user, clock)

    assert again.authenticator.secret != owner.authenticator.secret
    assert not verify_totp_code(owner.user, owner.authenticator.code(1))


def test_the_status_of_a_stranger_is_blank(ada):
    status = totp_status(ada)

    assert status == TotpStatus()
    assert not status.backup_codes_low


def test_the_status_tells_what_the_owner_may_know(owner):
    verify_backup_code(owner.user, owner.backup_codes[0])
    replace_totp(owner.user)

    status = totp_status(owner.user)

    assert (status.is_totp_enabled, status.pending) == (True, True)
    assert status.backup_codes_remaining == 9
    assert status.confirmed_at <= status.last_used_at
    assert (status.is_locked, status.locked_until) == (False, None)


def test_two_codes_left_are_few(owner):
    for code in owner.backup_codes[:7]:
        verify_backup_code(owner.user, code)
    assert not totp_status(owner.user).backup_codes_low

    verify_backup_code(owner.user, owner.backup_codes[7])

    assert totp_status(owner.user).backup_codes_low
