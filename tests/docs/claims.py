"""Changes that make claims of the pages on standards and threats untrue: a sample of them.

A claim is named by the beginning of its row. Most are of the core, whose tests take no time; the
claims on the guarantee have theirs in `guarantees.py`.
"""

from tests.docs.guarantees import Change

__all__ = ["UNTRUE"]

_OTP, _CODES = "ninja_totp/core/otp.py", "ninja_totp/core/backup_codes.py"
_LOCKOUT, _SEALS = "ninja_totp/core/lockout.py", "ninja_totp/core/encryption.py"
_NAMES, _LOGIN = "ninja_totp/core/provisioning.py", "ninja_totp/services/login.py"
_VERIFY = "ninja_totp/services/verify.py"

UNTRUE = [
    Change(
        "4 R6: the secret has at least 128 bits",
        "core/test_otp.py::test_a_secret_is_twenty_random_bytes_in_base32",
        *(_OTP, "secrets.token_bytes(20)", "secrets.token_bytes(16)"),
    ),
    Change(
        "5.3: at least six digits",
        "core/test_otp.py::test_parameters_out_of_bounds_are_refused",
        *(_OTP, "self.digits not in (6, 8)", "self.digits not in (6, 7, 8)"),
    ),
    Change(
        "5.3 and appendix D: the codes themselves",
        "core/test_otp.py::test_a_step_that_does_not_fit_eight_bytes_is_refused",
        *(_OTP, "all(0 <= step < 2**64", "all(0 <= step <= 2**64"),
    ),
    Change(
        "7.4: several consecutive codes",
        "contract/test_two_codes.py::test_two_right_codes_that_are_not_consecutive_are_refused",
        *(_OTP, "compare_digest(codes[step - 1], older) & ", "(older in codes.values()) & "),
    ),
    Change(
        "4.2: a time beyond 32 bits",
        "core/test_otp.py::test_rfc_6238_appendix_b",
        *(_OTP, "generator.at(step)", "generator.at(step % 2**29)"),
    ),
    Change(
        "5.2: a period of 30 seconds",
        "core/test_otp.py::test_a_step_lasts_one_period",
        *(_OTP, "return at // parameters.period_seconds", "return at // 30"),
    ),
    Change(
        "5.2: at most one step for the delay",
        "core/test_otp.py::test_a_code_matches_inside_the_window_only",
        *(_OTP, "here + window + 1)", "here + window + 2)"),
    ),
    Change(
        "6: a limit for how far clocks may be apart",
        "contract/test_enrolment.py::test_confirm_does_not_look_further_than_ten_minutes",
        *(_OTP, "_SKEW_REACH_SECONDS = 600", "_SKEW_REACH_SECONDS = 660"),
    ),
    Change(
        "3.1.2.1: look-up secrets from an approved",
        "core/test_backup_codes.py::test_every_character_turns_up_in_every_place",
        *(_CODES, "secrets.token_bytes(size)", 'secrets.token_bytes(size - 1) + b"0"'),
    ),
    Change(
        "3.1.4.2: keys are strongly protected",
        "core/test_encryption.py::test_a_seal_that_was_moved_to_another_owner_does_not_open",
        *(_SEALS, "== (_SEAL_VERSION, owner)", "== (_SEAL_VERSION, sealed_for)"),
    ),
    Change(
        "3.1.4.2: throttling where the output",
        "core/test_lockout.py::test_a_policy_out_of_bounds_is_refused",
        *(_LOCKOUT, "if not 1 <= self.hard_cap <= 100", "if not 1 <= self.hard_cap <= 1000"),
    ),
    Change(
        "3.2.2: at most 100 consecutive failures",
        "core/test_lockout.py::test_a_hundred_failures_in_a_row_are_ended_by_no_time",
        *(_LOCKOUT, "+ 1) * cost > policy.hard_cap", "+ 0) * cost > policy.hard_cap"),
    ),
    Change(
        "6.5.5: a time-based code is valid",
        "core/test_otp.py::test_the_window_opens_and_closes_on_the_second",
        *(_OTP, "return at // parameters.period_seconds", "return (at + 1) // 30"),
    ),
    Change(
        "7.2.3: reference tokens of at least 128 bits",
        "services/test_login.py::test_only_a_digest_of_a_challenge_is_stored",
        *(
            _LOGIN,
            "return hashlib.sha256(challenge_id.encode()).hexdigest()",
            "return challenge_id",
        ),
    ),
    Change(
        "11.2.4: no early exit in comparisons",
        "core/test_otp.py::test_every_step_of_the_window_is_computed_whichever_matches",
        *(
            _OTP,
            "codes = _codes(secret, _steps_around(at, window, parameters), parameters)\n    #",
            "codes = _codes(secret, [step_at(at, parameters)], parameters)\n    #",
        ),
    ),
    Change(
        "Key URI format: label and issuer",
        "core/test_provisioning.py::test_padding_is_left_out",
        *(_NAMES, 'secret.rstrip("=")', "secret"),
    ),
    Change(
        "has seen a code",
        "attacks/test_replay.py::test_a_code_does_not_log_in_again_in_the_next_step",
        *(_VERIFY, "is_replay=oldest <= authenticator.last_step", "is_replay=False"),
    ),
    Change(
        "has a copy of the database",
        "attacks/test_token_confusion.py::test_what_is_stored_of_a_challenge_is_none",
        *(
            _LOGIN,
            "    try:\n        return _digest(",
            "    try:\n        return token or _digest(",
        ),
    ),
]
