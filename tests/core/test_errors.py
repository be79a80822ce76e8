"""The errors: what they say to people and to machines, and that they survive a process border."""

import copy
import pickle

import pytest

from ninja_totp.core import errors

EVERY_ERROR = [
    (errors.AlreadyEnabled(), "already_enabled", 400),
    (errors.AlreadyConfirmed(), "already_enabled", 400),
    (errors.NotEnrolled(), "not_enrolled", 400),
    (errors.NotEnabled(), "not_enrolled", 400),
    (errors.InvalidCode(), "invalid_code", 400),
    (errors.InvalidEnrolmentCode(), "invalid_code", 400),
    (errors.InvalidEnrolmentCode(clock_skew_seconds=-90), "invalid_code", 400),
    (errors.InvalidChallenge(), "invalid_challenge", 400),
    (errors.ExpiredChallenge(), "invalid_challenge", 400),
    (errors.InvalidCredentials(), "invalid_credentials", 401),
    (errors.NotAuthenticated(), "not_authenticated", 401),
    (errors.TokenNotValid(), "token_not_valid", 401),
    (errors.EnrolmentRequired(), "enrolment_required", 403),
    (errors.CsrfFailed(), "csrf_failed", 403),
    (errors.OriginNotTrusted(), "origin_not_trusted", 403),
    (errors.TrustedDeviceNotFound(), "not_found", 404),
    (errors.AuthenticatorNotFound(), "not_found", 404),
    (errors.TooManyAuthenticators(), "too_many_authenticators", 400),
    (errors.LastAuthenticator(), "last_authenticator", 400),
    (errors.SecondFactorRequired(max_age=300), "second_factor_required", 403),
    (errors.InsufficientAuthentication(max_age=300), "second_factor_required", 401),
    (errors.InvalidRecovery(), "invalid_recovery", 400),
    (errors.InvalidRecoveryPassword(), "invalid_password", 400),
    (errors.InvalidNewPassword("Too short."), "invalid_new_password", 400),
    (errors.RecoveryNotYet(60), "recovery_not_yet", 400),
    (errors.RecoveryDisabled(), "recovery_disabled", 404),
    (errors.Locked(30), "locked", 429),
    (errors.Locked(retry_after=None), "locked", 429),
    (errors.BackupCodesLocked(30), "locked", 429),
    (errors.EnrolmentLocked(), "locked", 429),
    (errors.Throttled(retry_after=7), "throttled", 429),
    (errors.MalformedRequest(), "malformed_request", 400),
    (errors.PayloadTooLarge(), "payload_too_large", 413),
    (errors.UnsupportedMediaType(), "unsupported_media_type", 415),
    (errors.InvalidRequest(fields={"input_code": ["Required."]}), "invalid_request", 422),
    (errors.Unavailable(), "unavailable", 503),
]
DOCUMENTED_SENTENCES = {
    errors.AlreadyEnabled: (
        "TOTP is already enabled. Disable the old one before creating a new one."
    ),
    errors.AlreadyConfirmed: "Backup codes already exist for this user.",
    errors.NotEnrolled: "User does not have an associated TOTP secret.",
    errors.NotEnabled: "TOTP is not enabled for this user.",
    errors.InvalidCode: "Invalid 2FA code.",
    errors.InvalidEnrolmentCode: "Invalid TOTP code.",
    errors.InvalidChallenge: "Invalid or expired challenge token.",
    errors.InvalidCredentials: "Invalid credentials.",
    errors.InvalidRecovery: "The recovery link is invalid or has expired.",
    errors.InvalidRecoveryPassword: "The provided credentials is invalid.",
}
VALUE_ERRORS = [
    errors.AlreadyEnabled(),
    errors.NotEnrolled(),
    errors.InvalidCode(),
    errors.Locked(1),
    errors.EnrolmentLocked(),
]


@pytest.mark.parametrize(("error", "code", "status"), EVERY_ERROR)
def test_an_error_has_its_code_status_and_sentence_in_the_body(error, code, status):
    body = error.body()

    assert (error.code, error.status) == (code, status)
    assert (body["code"], body["detail"]) == (code, str(error))
    assert str(error).endswith(".")


def test_every_public_leaf_is_listed_here():
    listed = {type(error).__name__ for error, _, _ in EVERY_ERROR}

    leaves = [one for one in vars(errors).values() if isinstance(one, type)]
    public = {one.__name__ for one in leaves if issubclass(one, errors.TotpError)}
    assert listed == public - {"TotpError"}


@pytest.mark.parametrize(("leaf", "sentence"), DOCUMENTED_SENTENCES.items())
def test_the_documented_sentence_is_kept_word_for_word(leaf, sentence):
    assert leaf().detail == sentence


def test_a_sentence_can_be_replaced():
    error = errors.NotAuthenticated("Sign in first.")

    assert error.body() == {"detail": "Sign in first.", "code": "not_authenticated"}


@pytest.mark.parametrize("error", VALUE_ERRORS)
def test_life_cycle_mistakes_are_value_errors_as_documented(error):
    assert isinstance(error, ValueError)


def _through_pickle(error):
    return pickle.loads(pickle.dumps(error))  # noqa: S301 - our own bytes


@pytest.mark.parametrize("twin", [copy.copy, _through_pickle])
@pytest.mark.parametrize(("error", "code", "status"), EVERY_ERROR)
def test_an_error_survives_copying_and_pickling(error, code, status, twin):
    again = twin(error)

    assert type(again) is type(error)
    assert again.body() == error.body()
    assert repr(again) == repr(error)
    assert again.retry_after == error.retry_after


@pytest.mark.parametrize(
    ("lock", "sentence"),
    [
        (
            errors.Locked(30),
            "Too many wrong codes. Try again in 30 seconds or use a backup code.",
        ),
        (errors.Locked(None), "Too many wrong codes. Use a backup code or contact support."),
        (
            errors.BackupCodesLocked(30),
            "Too many wrong backup codes. Try again in 30 seconds or use your authenticator app.",
        ),
        (
            errors.BackupCodesLocked(None),
            "Too many wrong backup codes. Use your authenticator app or contact support.",
        ),
    ],
)
def test_a_lock_says_when_to_come_back_and_what_to_use_instead(lock, sentence):
    body = lock.body()

    assert (body["retry_after"], body["detail"]) == (lock.retry_after, sentence)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (1, "1 second"),
        (120, "120 seconds"),
        (121, "3 minutes"),
        (7200, "120 minutes"),
        (7201, "3 hours"),
        (172_800, "48 hours"),
        (172_801, "3 days"),
    ],
)
def test_a_waiting_time_is_said_in_a_unit_that_people_read(seconds, text):
    assert errors.waiting_time(seconds) == text


@pytest.mark.parametrize("error", [errors.InvalidCode, errors.InvalidEnrolmentCode])
def test_a_wrong_code_says_how_many_attempts_are_left(error):
    assert error(attempts_left=0).body()["attempts_left"] == 0
    assert "attempts_left" not in error().body()


def test_a_throttle_says_when_to_come_back():
    assert errors.Throttled(7).body()["retry_after"] == 7


def test_other_errors_do_not_ask_to_come_back():
    error = errors.InvalidCode()

    assert error.retry_after is None
    assert "retry_after" not in error.body()


def test_an_enrolment_error_reports_the_clock_of_the_device():
    error = errors.InvalidEnrolmentCode(clock_skew_seconds=120)

    assert error.body() == {
        "detail": "Invalid TOTP code.",
        "code": "invalid_code",
        "clock_skew_seconds": 120,
    }


def test_an_enrolment_error_without_a_known_skew_looks_like_any_wrong_code():
    assert set(errors.InvalidEnrolmentCode().body()) == {"detail", "code"}


def test_an_invalid_request_names_its_fields():
    error = errors.InvalidRequest(fields={"otp_code": ["Too long."]})

    assert error.body()["fields"] == {"otp_code": ["Too long."]}


@pytest.mark.parametrize("error", [errors.InvalidRecovery(), errors.InvalidRecoveryPassword()])
def test_a_recovery_that_fails_says_so_in_the_documented_list_as_well(error):
    assert error.body()["message"] == [error.detail]


def test_a_recovery_that_has_to_wait_says_for_how_long():
    assert errors.RecoveryNotYet(60).body()["retry_after"] == 60


def test_a_step_up_says_how_old_a_proof_may_be():
    assert errors.SecondFactorRequired(max_age=300).body()["max_age"] == 300


@pytest.mark.parametrize(
    "make",
    [
        lambda sentence: errors.InvalidRequest(sentence, fields={}),
        errors.InvalidEnrolmentCode,
        lambda sentence: errors.SecondFactorRequired(sentence, max_age=300),
        lambda sentence: errors.InsufficientAuthentication(sentence, max_age=300),
    ],
)
def test_a_sentence_of_ones_own_is_said(make):
    assert make("In other words.").detail == "In other words."


def test_a_bearer_is_told_how_recent_the_second_factor_must_be():
    refused = errors.InsufficientAuthentication(max_age=300)

    assert refused.body()["max_age"] == refused.max_age == 300
    assert refused.challenge == (
        'Bearer error="insufficient_user_authentication", '
        'error_description="A more recent second factor is required", max_age="300"'
    )
