"""Logging in: a right password opens a challenge, a proof uses it up."""

from unittest.mock import Mock

import pytest
from django.contrib.auth import authenticate, get_user_model
from django.contrib.auth.backends import BaseBackend
from django.utils import timezone

from ninja_totp import models
from ninja_totp.conf import get_settings
from ninja_totp.core.errors import (
    EnrolmentRequired,
    InvalidChallenge,
    InvalidCode,
    InvalidCredentials,
    Locked,
    NotEnabled,
)
from ninja_totp.core.otp import new_secret
from ninja_totp.models import Challenge
from ninja_totp.services import (
    Proof,
    begin_login,
    begin_login_for,
    begin_required_enrolment,
    complete_login,
    complete_required_enrolment,
    confirm_totp_setup,
    create_totp_setup,
    disable_totp,
    generate_challenge_token,
    get_user_from_challenge_token,
    replace_totp,
    rotate_backup_codes,
    verify_totp_code,
)
from tests.support.cast import BACKEND, PASSWORD, Authenticator, new_user

pytestmark = pytest.mark.django_db

EVERYBODY = "django.contrib.auth.backends.AllowAllUsersModelBackend"


def dead(challenge, owner):
    """Whether not even the right code is looked at."""
    with pytest.raises(InvalidChallenge):
        complete_login(challenge, owner.right)
    return True


def test_a_password_is_enough_for_a_user_without_a_factor(ada):
    step = begin_login(None, username="ada", password=PASSWORD)

    assert (step.user, step.challenge_token) == (ada, None)


def test_a_password_is_enough_while_an_enrolment_is_pending(ada):
    create_totp_setup(ada)

    assert begin_login(None, username="ada", password=PASSWORD).challenge_token is None


def test_a_password_opens_a_challenge_for_the_owner_of_a_factor(owner):
    step = begin_login(None, username="ada", password=PASSWORD)

    assert get_user_from_challenge_token(step.challenge_token) == owner.user


def test_a_first_step_shows_no_challenge_when_it_is_printed(owner):
    step = begin_login(None, username="ada", password=PASSWORD)

    assert step.challenge_token not in repr(step)


@pytest.mark.parametrize(
    ("name", "password"), [("ada", "wrong"), ("nobody", PASSWORD), ("inactive", PASSWORD)]
)
def test_wrong_credentials_are_refused(ada, django_user_model, name, password):
    inactive = new_user(django_user_model, "inactive")
    inactive.is_active = False
    inactive.save()

    with pytest.raises(InvalidCredentials):
        begin_login(None, username=name, password=password)


def test_a_right_code_completes_the_login(owner, clock):
    login = complete_login(owner.open_challenge(), owner.right)

    assert login.user == owner.user
    assert login.user.backend == BACKEND
    assert (login.auth_context.verified_at, login.auth_context.method) == (clock.now(), "otp")
    assert login.auth_context.generation == owner.account.generation
    assert login.backup_codes_remaining is None


def test_a_backup_code_completes_the_login_and_tells_how_many_are_left(owner):
    login = owner.log_in(backup_code=owner.backup_codes[0])

    assert login.auth_context.method == "backup_code"
    assert login.backup_codes_remaining == 9


def test_a_challenge_works_once(owner, clock):
    challenge = owner.open_challenge()
    complete_login(challenge, owner.right)
    clock.advance(60)

    assert dead(challenge, owner)


def test_a_wrong_code_leaves_the_challenge_open(owner):
    challenge = owner.open_challenge()

    with pytest.raises(InvalidCode):
        complete_login(challenge, owner.wrong)

    assert complete_login(challenge, owner.right)


def test_five_wrong_codes_end_a_challenge(owner, clock):
    challenge = owner.open_challenge()
    for _ in range(5):
        with pytest.raises(InvalidCode):
            complete_login(challenge, owner.wrong)
    clock.advance(30)

    assert dead(challenge, owner)


def test_a_site_says_how_many_attempts_a_challenge_has(owner, settings):
    settings.TOTP_CHALLENGE_MAX_ATTEMPTS = 1
    challenge = owner.open_challenge()
    with pytest.raises(InvalidCode):
        complete_login(challenge, owner.wrong)

    assert dead(challenge, owner)


def test_codes_and_backup_codes_share_the_attempts_of_a_challenge(owner):
    challenge = owner.open_challenge()
    for proof in [owner.wrong, Proof(backup_code="0" * 24)] * 2 + [owner.wrong]:
        with pytest.raises(InvalidCode):
            complete_login(challenge, proof)

    assert dead(challenge, owner)


def test_a_challenge_lives_five_minutes(owner, clock):
    early, late = owner.open_challenge(), owner.open_challenge()

    clock.advance(299)
    assert complete_login(early, owner.right)
    clock.advance(1)
    assert dead(late, owner)


def test_a_site_says_how_long_a_challenge_lives(owner, clock, settings):
    settings.TOTP_TOKEN_MAX_AGE = 120
    challenge = generate_challenge_token(owner.user)

    clock.advance(120)

    assert dead(challenge, owner)


def test_a_login_view_says_how_long_a_challenge_lives(owner, clock):
    challenge = generate_challenge_token(owner.user, lifetime_seconds=60)

    clock.advance(60)

    assert dead(challenge, owner)


def test_a_new_password_ends_the_challenge(owner):
    challenge = owner.open_challenge()

    owner.user.set_password("another one")
    owner.user.save()

    assert dead(challenge, owner)


def test_a_deactivation_ends_the_challenge(owner):
    challenge = owner.open_challenge()

    owner.user.is_active = False
    owner.user.save()

    assert dead(challenge, owner)


class Directory(BaseBackend):
    """A backend that knows all users, and has no rule of its own for who may log in."""

    def get_user(self, user_id):
        return get_user_model().objects.get(pk=user_id)


def test_it_does_whatever_the_backend_knows_of_it(owner, settings):
    owner.user.backend = f"{__name__}.Directory"
    settings.AUTHENTICATION_BACKENDS = [owner.user.backend]
    challenge = begin_login_for(owner.user, None).challenge_token

    owner.user.is_active = False
    owner.user.save()

    assert dead(challenge, owner)


def test_a_deleted_account_ends_the_challenge(owner):
    challenge = owner.open_challenge()

    owner.user.delete()

    assert dead(challenge, owner)


@pytest.mark.parametrize("backend", ["some.other.Backend", EVERYBODY])
def test_a_backend_that_the_site_removed_ends_the_challenge(owner, backend):
    challenge = owner.open_challenge()
    Challenge.objects.update(backend=backend)

    assert dead(challenge, owner)


def test_the_backend_decides_whether_the_inactive_may_log_in(owner, settings):
    settings.AUTHENTICATION_BACKENDS = [EVERYBODY]
    owner.user.is_active = False
    owner.user.save()

    assert owner.log_in(otp_code=owner.authenticator.code()).user.backend == EVERYBODY


def test_without_a_backend_only_the_active_may_log_in(owner):
    challenge = generate_challenge_token(owner.user)
    owner.user.is_active = False
    owner.user.save()

    assert dead(challenge, owner)


def change_by_replacing(owner, clock):
    phone = Authenticator(replace_totp(owner.user).secret, clock)
    confirm_totp_setup(owner.user, phone.code())


def change_by_switching_off(owner, _):
    disable_totp(owner.user)


def change_by_switching_off_and_on(owner, clock):
    disable_totp(owner.user)
    phone = Authenticator(create_totp_setup(owner.user).secret, clock)
    confirm_totp_setup(owner.user, phone.code())


def change_by_deleting_the_row(owner, _):
    owner.account.delete()


@pytest.mark.parametrize(
    "change",
    [
        change_by_replacing,
        change_by_switching_off,
        change_by_switching_off_and_on,
        change_by_deleting_the_row,
    ],
)
def test_a_changed_factor_ends_the_challenge(owner, clock, change):
    challenge = owner.open_challenge()

    change(owner, clock)

    assert dead(challenge, owner)


def test_new_backup_codes_leave_the_challenge_open(owner):
    challenge = owner.open_challenge()
    codes = rotate_backup_codes(owner.user)

    assert complete_login(challenge, Proof(backup_code=codes[0]))


def test_a_challenge_of_before_the_enrolment_ends_with_it(ada, clock):
    challenge = generate_challenge_token(ada)
    phone = Authenticator(create_totp_setup(ada).secret, clock)
    confirm_totp_setup(ada, phone.code())
    clock.advance(60)

    with pytest.raises(InvalidChallenge):
        complete_login(challenge, Proof(otp_code=phone.code()))


def test_a_challenge_of_a_user_without_a_factor_completes_nothing(ada):
    with pytest.raises(NotEnabled):
        complete_login(generate_challenge_token(ada), Proof(otp_code="123456"))


def test_a_challenge_for_one_purpose_is_none_for_another(owner):
    browser = Challenge.Purpose.BROWSER_LOGIN
    step = begin_login(None, username="ada", password=PASSWORD, purpose=browser)

    assert dead(step.challenge_token, owner)
    assert complete_login(step.challenge_token, owner.right, purpose=browser)


def test_a_challenge_can_be_looked_at_without_using_it(owner):
    challenge = owner.open_challenge()

    assert get_user_from_challenge_token(challenge) == owner.user
    assert complete_login(challenge, owner.right)


def test_a_used_challenge_names_nobody(owner):
    challenge = owner.open_challenge()
    complete_login(challenge, owner.right)

    with pytest.raises(InvalidChallenge):
        get_user_from_challenge_token(challenge)


@pytest.mark.parametrize("forged", ["", ":", "a:b", "a" * 10_000, "\ud800:x", "\0", "x:\u00e9"])
def test_a_forged_challenge_costs_no_query(owner, django_assert_num_queries, forged):
    with django_assert_num_queries(0), pytest.raises(InvalidChallenge):
        complete_login(forged, owner.right)


def test_only_a_digest_of_a_challenge_is_stored(owner):
    challenge_id = owner.open_challenge().split(":")[0]

    assert challenge_id not in str(list(Challenge.objects.values()))


def test_a_first_step_clears_away_what_has_expired(owner, clock):
    owner.open_challenge()
    clock.advance(301)

    owner.open_challenge()

    assert Challenge.objects.count() == 1


def test_a_helper_opens_a_challenge_for_a_login_view_of_the_project(owner):
    user = authenticate(None, username="ada", password=PASSWORD)

    login = complete_login(generate_challenge_token(user), owner.right)

    assert login.user.backend == BACKEND


def test_a_user_whom_the_project_has_checked_needs_no_more_without_a_factor(ada):
    step = begin_login_for(ada, None)

    assert (step.user, step.challenge_token, step.enrolment_token) == (ada, None, None)


def test_a_user_whom_the_project_has_checked_is_asked_for_a_code(owner):
    """By a passkey, a directory or a link in a mail: no password is known here."""
    owner.user.set_unusable_password()
    owner.user.save()

    step = begin_login_for(owner.user, None)

    assert complete_login(step.challenge_token, owner.right).user == owner.user


def test_a_user_whom_a_directory_knows_keeps_the_challenge(owner):
    """It may store a new unusable password in each login, and so in a second one meanwhile."""
    owner.user.set_unusable_password()
    owner.user.save()
    step = begin_login_for(owner.user, None)

    owner.user.set_unusable_password()
    owner.user.save()

    assert complete_login(step.challenge_token, owner.right).user == owner.user


def test_the_challenge_of_a_checked_user_is_what_the_project_says(owner, clock):
    browser = Challenge.Purpose.BROWSER_LOGIN
    early, late = (
        begin_login_for(owner.user, None, purpose=browser, lifetime_seconds=60) for _ in range(2)
    )

    assert dead(early.challenge_token, owner)
    clock.advance(59)
    assert complete_login(early.challenge_token, owner.right, purpose=browser)
    clock.advance(1)
    with pytest.raises(InvalidChallenge):
        complete_login(late.challenge_token, owner.right, purpose=browser)


def test_a_checked_user_may_come_with_a_trusted_device(owner, settings):
    settings.TOTP_TRUSTED_DEVICE_MAX_AGE = 3600
    first = begin_login_for(owner.user, None).challenge_token
    token = complete_login(first, owner.right, trust_device="laptop").trusted_device_token

    trusted = begin_login_for(owner.user, None, trusted_device_token=token)
    copied = begin_login_for(owner.user, None, trusted_device_token=token)

    assert trusted.challenge_token is None
    assert trusted.trusted_device_token not in (None, token)
    assert (copied.challenge_token is None, copied.trusted_device_token) == (False, None)


def test_a_checked_user_must_have_a_factor_where_the_site_wants_one(ada, settings):
    settings.TOTP_REQUIRED = "all"

    with pytest.raises(EnrolmentRequired):
        begin_login_for(ada, None)


def test_a_checked_user_may_be_offered_to_enrol(ada, clock, settings):
    settings.TOTP_REQUIRED = "all"
    token = begin_login_for(ada, None, offers_enrolment=True).enrolment_token

    phone = Authenticator(begin_required_enrolment(token).secret, clock)

    assert complete_required_enrolment(token, phone.code()).user == ada


def test_a_checked_user_is_told_until_when_there_is_time(ada, clock, settings):
    settings.TOTP_REQUIRED, settings.TOTP_REQUIRED_GRACE = "all", 3600

    step = begin_login_for(ada, None)

    assert (step.enrolment_due_at, step.enrolment_token) == (clock.now() + 3600, None)


@pytest.fixture
def two_phones(owner, clock):
    """Two authenticators that are both confirmed, each with a secret of its own."""
    phones = owner.authenticator, Authenticator(new_secret(), clock)
    ring = get_settings().key_ring
    models.Authenticator.objects.create(
        account=owner.account,
        secret=ring.seal(phones[1].secret, owner=str(owner.user.pk)),
        key_id=ring.current_key_id,
        confirmed_at=timezone.now(),
    )
    return phones


@pytest.mark.parametrize("number", [0, 1])
def test_a_code_of_either_of_two_authenticators_logs_in(owner, two_phones, number):
    login = owner.log_in(otp_code=two_phones[number].code())

    assert (login.user, login.auth_context.method) == (owner.user, "otp")


@pytest.mark.parametrize("number", [0, 1])
def test_a_code_is_used_up_for_its_own_authenticator_alone(owner, two_phones, number):
    used, other = two_phones[number], two_phones[1 - number]
    owner.log_in(otp_code=used.code())

    with pytest.raises(InvalidCode):
        owner.log_in(otp_code=used.code())
    assert owner.log_in(otp_code=other.code()).user == owner.user
    assert not verify_totp_code(owner.user, other.code())


@pytest.mark.parametrize("number", [0, 1])
def test_two_consecutive_codes_come_from_one_of_two_authenticators(owner, two_phones, number):
    mine, other = two_phones[number], two_phones[1 - number]

    with pytest.raises(InvalidCode):
        owner.log_in(otp_codes=(mine.code(-1), other.code()))
    assert owner.log_in(otp_codes=mine.pair()).user == owner.user


def test_two_authenticators_share_the_attempts_of_the_account(owner, two_phones):
    for _ in range(5):
        with pytest.raises(InvalidCode):
            owner.log_in(otp_code=owner.authenticator.wrong_code())

    for phone in two_phones:
        with pytest.raises(Locked):
            owner.log_in(otp_code=phone.code())
    assert owner.account.failures == 5


def test_an_error_of_a_backend_of_the_project_is_not_hidden(owner, rf, monkeypatch):
    error = ValueError("of the project")
    monkeypatch.setattr(
        "django.contrib.auth.backends.ModelBackend.authenticate", Mock(side_effect=error)
    )

    with pytest.raises(ValueError, match="of the project"):
        begin_login(rf.post("/"), username="ada", password="x")
