"""What an operator does to somebody's factor, and what is left of it afterwards."""

import logging

import pytest
from django.core import mail
from django.test import TestCase

from ninja_totp import signals
from ninja_totp.core.errors import InvalidChallenge, Locked, NotAuthenticated, NotEnrolled
from ninja_totp.models import Account, Authenticator, BackupCode, Challenge, Event, TrustedDevice
from ninja_totp.services import (
    Proof,
    begin_login,
    complete_login,
    confirm_totp_setup,
    create_totp_setup,
    disable_totp,
    inspect_totp,
    is_totp_enabled,
    replace_totp,
    reset_totp,
    rotate_backup_codes,
    step_up,
    unlock_totp,
    verify_backup_code,
    verify_totp_code,
)
from tests.support.cast import PASSWORD, WRONG_BACKUP_CODE, Authenticator as Phone, enrolled

pytestmark = pytest.mark.django_db

BY = {"actor": "admin 7", "reason": "lost the phone"}


def by_login(user, proof):
    """Log in by both factors."""
    step = begin_login(None, username=user.get_username(), password=PASSWORD)
    return complete_login(step.challenge_token, proof).auth_context


def lock(owner):
    """Five wrong codes and five wrong backup codes."""
    for _ in range(5):
        assert not verify_totp_code(owner.user, owner.authenticator.wrong_code())
        assert not verify_backup_code(owner.user, WRONG_BACKUP_CODE)


def test_after_a_reset_the_password_is_enough(owner):
    reset_totp(owner.user, **BY)

    assert begin_login(None, username="ada", password=PASSWORD).challenge_token is None
    assert not is_totp_enabled(owner.user)
    assert not BackupCode.objects.exists()


def test_after_a_reset_a_login_from_before_has_no_say_in_a_new_factor(owner, clock):
    """Who asks an operator may have lost the phone to a thief who is still signed in."""
    before = clock.now()
    clock.advance(1)
    reset_totp(owner.user, **BY)

    with pytest.raises(NotAuthenticated):
        create_totp_setup(owner.user, authenticated_at=before)
    with pytest.raises(NotAuthenticated):  # of the same second, which nobody can tell from before
        create_totp_setup(owner.user, authenticated_at=clock.now())
    create_totp_setup(owner.user, authenticated_at=clock.now() + 1)


def test_after_a_reset_nothing_secret_is_left(owner):
    replace_totp(owner.user)

    reset_totp(owner.user, **BY)

    assert not Authenticator.objects.exists()


def enrolled_again(owner, clock):
    phone = enrolled(owner.user, clock).authenticator
    clock.advance(60)
    return phone


def test_after_a_reset_the_user_can_enrol_even_if_every_budget_was_spent(owner, clock):
    Account.objects.update(failures=100, backup_failures=100, budget_full_epoch=clock.now() + 10**7)

    reset_totp(owner.user, **BY)

    assert verify_totp_code(owner.user, enrolled_again(owner, clock).code())


def test_a_reset_ends_what_the_old_factor_has_opened(owner, clock):
    challenge = owner.open_challenge()
    TrustedDevice.objects.create(
        user=owner.user,
        digest="d",
        generation=owner.account.generation,
        expires_epoch=clock.now() + 60,
    )

    reset_totp(owner.user, **BY)

    assert not Challenge.objects.exists()
    assert not TrustedDevice.objects.exists()
    with pytest.raises(InvalidChallenge):
        complete_login(challenge, owner.right)


def test_no_code_of_before_a_reset_works_after_it(owner, clock):
    code, generation = owner.authenticator.code(), owner.account.generation

    reset_totp(owner.user, **BY)
    with pytest.raises(NotEnrolled):
        verify_totp_code(owner.user, code)
    enrolled(owner.user, clock)

    assert not verify_totp_code(owner.user, code)
    assert owner.account.generation > generation


def test_a_reset_calls_off_an_enrolment_under_way(ada, clock):
    create_totp_setup(ada)

    reset_totp(ada, **BY)

    assert inspect_totp(ada).pending_until is None


def test_what_is_not_there_cannot_be_reset(ada, owner):
    reset_totp(owner.user, **BY)

    with pytest.raises(NotEnrolled):
        reset_totp(owner.user, **BY)
    with pytest.raises(NotEnrolled):
        unlock_totp(type(ada)(pk=12345), **BY)


def test_a_reset_touches_nobody_else(owner, other):
    before = other.rows

    reset_totp(owner.user, **BY)
    unlock_totp(owner.user, **BY)

    assert other.rows == before


@pytest.mark.parametrize(("is_enabled", "sent"), [(True, 1), (False, 0)])
def test_a_reset_tells_that_the_factor_is_off(owner, ada, clock, is_enabled, sent):
    heard = []

    def receiver(**told):
        heard.append(told["user"])

    if not is_enabled:
        disable_totp(owner.user)
        create_totp_setup(owner.user)
    signals.totp_disabled.connect(receiver)

    reset_totp(owner.user, **BY)

    signals.totp_disabled.disconnect(receiver)
    assert heard == [owner.user] * sent


def test_an_unlocked_user_gets_in_by_code_and_by_backup_code(owner):
    lock(owner)
    with pytest.raises(Locked):
        verify_totp_code(owner.user, owner.authenticator.code())

    unlock_totp(owner.user, **BY)

    assert inspect_totp(owner.user).lock is None
    assert verify_totp_code(owner.user, owner.authenticator.code())
    assert verify_backup_code(owner.user, owner.backup_codes[0])


def test_unlocking_makes_no_used_code_new(owner):
    code = owner.authenticator.code()
    assert verify_totp_code(owner.user, code)

    unlock_totp(owner.user, **BY)
    unlock_totp(owner.user, **BY, forgive_clock=True)

    assert not verify_totp_code(owner.user, code)


def test_after_a_clock_that_was_ahead_no_code_is_taken_until_it_is_forgiven(owner, clock):
    clock.advance(3600)
    assert verify_totp_code(owner.user, owner.authenticator.code())
    clock.advance(-3600)

    state = inspect_totp(owner.user)
    unlock_totp(owner.user, **BY)
    assert not verify_totp_code(owner.user, owner.authenticator.code())
    unlock_totp(owner.user, **BY, forgive_clock=True)

    assert state.clock_ahead_seconds == 3600 - 30
    assert inspect_totp(owner.user).clock_ahead_seconds == 0
    assert not verify_totp_code(owner.user, owner.authenticator.code())
    clock.advance(30)
    assert verify_totp_code(owner.user, owner.authenticator.code())


def test_both_are_in_the_history_of_the_user_who_is_mailed_of_the_reset(owner, settings, rf):
    settings.TOTP_EVENT_ADDRESSES = True
    owner.user.email = "ada@example.org"
    owner.user.save()
    lock(owner)
    Event.objects.all().delete()
    mail.outbox.clear()
    settings.TOTP_NOTICES = ["reset"]

    with TestCase.captureOnCommitCallbacks(execute=True):
        unlock_totp(owner.user, **BY)
        reset_totp(owner.user, **BY, request=rf.post("/"))

    # The request is the operator's, and so is its address.
    assert list(Event.objects.order_by("pk").values_list("type", "address", "door")) == [
        ("unlocked", None, ""),
        ("reset", None, ""),
    ]
    assert [(message.to, "was removed" in message.subject) for message in mail.outbox] == [
        (["ada@example.org"], True)
    ]


def test_both_are_recorded_with_who_did_it_and_why(owner, caplog):
    caplog.set_level(logging.INFO, "ninja_totp")

    unlock_totp(owner.user, actor="admin 7", reason="called\nCRITICAL ninja_totp: all is lost")
    reset_totp(owner.user, **BY)

    pk = owner.user.pk
    assert [record.getMessage() for record in caplog.records] == [
        f"totp_unlock user={pk} by='admin 7' reason='called\\nCRITICAL ninja_totp: all is lost'",
        f"totp_reset user={pk} by='admin 7' reason='lost the phone'",
        f"totp_disabled user={pk} ",
    ]


@pytest.mark.parametrize("act", [reset_totp, unlock_totp])
def test_somebody_who_writes_first_is_waited_for(owner, act, monkeypatch):
    write, lost = Account.write, iter([True])

    def after_somebody_elses(account, **changes):
        if next(lost, False):
            write(owner.account)
        write(account, **changes)

    monkeypatch.setattr(Account, "write", after_somebody_elses)
    act(owner.user, **BY)

    assert next(lost, None) is None
    assert (act is unlock_totp) == is_totp_enabled(owner.user)


def test_a_pending_secret_survives_unlocking(owner, clock):
    phone = Phone(replace_totp(owner.user).secret, clock)

    unlock_totp(owner.user, **BY)
    unlock_totp(owner.user, **BY, forgive_clock=True)

    assert confirm_totp_setup(owner.user, phone.code())


def test_the_state_names_the_lock_and_what_is_left(owner, clock):
    lock(owner)
    state = inspect_totp(owner.user)
    Account.objects.update(failures=100)
    for_good = inspect_totp(owner.user)

    assert (state.lock.reason, state.backup_lock.reason) == ("burst", "burst")
    assert state.lock.until.timestamp() == clock.now() + 30
    assert (for_good.lock.reason, for_good.lock.until) == ("cap", None)
    assert (state.failures, state.backup_failures) == (5, 5)


def test_the_state_counts_codes_and_knows_the_key(owner, settings):
    assert verify_backup_code(owner.user, owner.backup_codes[0])
    known = inspect_totp(owner.user)
    settings.TOTP_ENCRYPTION_KEY = "YW5vdGhlci1rZXktb2YtdGhlLXRlc3Qtc3VpdGUtISE="

    assert (known.codes_left, known.codes_used) == (9, 1)
    assert known.key_is_known
    assert not inspect_totp(owner.user).key_is_known


def test_the_state_of_an_imported_factor_looks_at_its_own_window(owner, clock):
    Authenticator.objects.update(last_step=clock.now() // 30 + 4, window=4)
    within = inspect_totp(owner.user).clock_ahead_seconds
    Authenticator.objects.update(window=None)

    assert (within, inspect_totp(owner.user).clock_ahead_seconds) == (0, 90)


def test_who_never_began_has_a_state_too(ada, clock):
    nothing = inspect_totp(ada)
    create_totp_setup(ada)

    assert not nothing.is_enabled
    assert nothing.pending_until is None
    assert inspect_totp(ada).pending_until.timestamp() == clock.now() + 600


def test_the_state_of_a_factor_in_use_shows_no_enrolment_and_no_end(owner, clock):
    disable_totp(owner.user)
    off = inspect_totp(owner.user)
    again = enrolled(owner.user, clock)

    on = inspect_totp(again.user)

    assert (off.confirmed_at, on.disabled_at, on.pending_until) == (None, None, None)
    assert off.disabled_at is not None
    assert on.confirmed_at is not None


@pytest.mark.parametrize("prove", [step_up, by_login])
def test_a_proof_of_the_second_of_a_reset_is_later_than_it(owner, clock, prove):
    """What else was logged in within that second was before it."""
    reset_totp(owner.user, **BY)
    again = enrolled(owner.user, clock)

    auth_context = prove(again.user, Proof(backup_code=again.backup_codes[0]))

    assert auth_context.verified_at == again.account.reset_epoch == clock.now() + 1
    rotate_backup_codes(again.user, authority=auth_context, authenticated_at=clock.now() + 1)


def test_a_wrong_guess_after_a_reset_and_a_new_enrolment_counts_from_one(owner, clock):
    lock(owner)
    reset_totp(owner.user, **BY)
    enrolled_again(owner, clock)

    verify_totp_code(owner.user, "000000")

    assert owner.account.failures == 1
