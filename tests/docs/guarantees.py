"""What the page on guarantees says: each sentence, a test of it, and a change that makes it untrue.

A sentence is named by its beginning. The change is one text in one file for another; the test has
to fail with it, or it does not show what the sentence says.
"""

import re
from typing import NamedTuple

from tests.docs.pages import ROOT

__all__ = ["CHANGES", "NO_CLAIM", "Change", "sentences", "split"]


class Change(NamedTuple):
    """A change of `path` by which `test` fails, because the sentence is untrue then."""

    sentence: str
    test: str
    path: str
    old: str
    new: str


# Beginnings of sentences that introduce others, say what is measured elsewhere, or are opinions.
NO_CLAIM = (
    "This is at the default settings, and derived",
    "A test plays arbitrary histories against this bound",
    "All of this is tested under real conditions",
    "`make torture` attacks several workers",
    "[The results]",
    "[Each of these sentences has a test]",
    "### Secrets and backup codes at rest",
    "NIST SP 800-63B-4 (3.1.2.2) wants such codes hashed only",
)

_LOCKOUT, _VERIFY = "ninja_totp/core/lockout.py", "ninja_totp/services/verify.py"
_CONF, _LOGIN = "ninja_totp/conf/__init__.py", "ninja_totp/services/login.py"
_STEP_UP, _PAGE = "ninja_totp/services/step_up.py", "docs/explanation/guarantees.md"
_JWT, _RECOVERY = "ninja_totp/http/issuers/jwt.py", "ninja_totp/services/recovery/recovery.py"
_IS_PROVED = "if self.verified_at is None or self.generation != account.generation:"
_TABLE = "guarding/test_setting_up.py::test_the_answer_is_that_of_the_table"

CHANGES = [
    Change(
        "**Someone who knows a user's password",
        "docs/test_numbers.py::test_the_guarantee_is_what_the_function_says",
        *(_PAGE, "less than 0.12 % in a year", "less than 0.11 % in a year"),
    ),
    Change(
        "**Someone who knows a user's password",
        "core/test_lockout.py::test_the_owner_logging_in_does_not_give_the_attacker_a_guess",
        *(_LOCKOUT, "budget_full_at=min(counters.budget_full_at, emptied)", "budget_full_at=now"),
    ),
    Change(
        "An account can have 20 failures outstanding",
        "core/test_lockout.py::test_twenty_outstanding_failures_lock_until_one_day_has_flowed_back",
        *(_LOCKOUT, "budget: int = 20", "budget: int = 21"),
    ),
    Change(
        "In a year that is at most 20 + 365 = 385",
        "guessing/test_simulation.py::"
        "test_an_owner_who_logs_in_daily_allows_exactly_the_guesses_of_the_bound",
        *(_CONF, "_DAY, ge=3600", "_DAY // 2, ge=3600"),
    ),
    Change(
        "The number of a user's authenticators does not matter",
        "core/test_lockout.py::test_a_failure_costs_one_of_the_failures_that_remain",
        *(_LOCKOUT, "+ cost * policy.refill_seconds", "+ policy.refill_seconds"),
    ),
    Change(
        "With three there is room for 6 failures",
        "core/test_lockout.py::test_so_many_failures_fit_the_budget_with_so_many_authenticators",
        *(_LOCKOUT, "max(0, policy.budget - cost)", "max(0, policy.budget - 1)"),
    ),
    Change(
        "An attacker who guesses for a simulated year at accounts",
        "guessing/test_simulation.py::"
        "test_against_several_authenticators_no_guess_more_is_compared_than_against_one",
        *(_VERIFY, 'return len(self.authenticators) if method == "otp" else 1', "return 1"),
    ),
    Change(
        "At any moment three codes of a million are correct",
        "guessing/test_simulation.py::test_as_many_accounts_are_taken_as_the_chance_says",
        *(_VERIFY, "window = get_settings().window if", "window = 40 if"),
    ),
    Change(
        "385 ",
        "docs/test_numbers.py::test_the_guarantee_is_what_the_function_says",
        *("ninja_totp/core/guessing.py", "2 * window + 1", "2 * window + 2"),
    ),
    Change(
        "Backup codes have a separate budget",
        "contract/test_lockout.py::test_codes_work_while_backup_codes_are_locked",
        *(_VERIFY, 'return "otp" if self.backup_code is None else "backup_code"', 'return "otp"'),
    ),
    Change(
        "Each has 120 random bits",
        "core/test_backup_codes.py::test_a_code_is_six_groups_of_four",
        *("ninja_totp/core/backup_codes.py", "length: int = 24", "length: int = 16"),
    ),
    Change(
        "Two consecutive codes at login end a lock",
        "services/test_unlocking.py::test_two_consecutive_codes_log_in_through_any_lock",
        *(_VERIFY, "if proof.otp_codes is None or not", "if True or not"),
    ),
    Change(
        "While an account is locked, a wrong pair",
        "contract/test_lockout.py::test_a_wrong_pair_is_charged_to_its_challenge_alone",
        *(_VERIFY, "    _charge_pair(attempt, match)", "    _charge(attempt, match)"),
    ),
    Change(
        "While an account is locked, a wrong pair",
        "guessing/test_pairs.py::test_the_first_wrong_pair_of_a_lock_is_told",
        *(_VERIFY, "lines.append(attempt.line(Event.Type.PAIR_FAILED))", "pass"),
    ),
    Change(
        "A pair is correct once in 3",
        "docs/test_numbers.py::test_what_pairs_add_is_what_the_function_says",
        *(_LOCKOUT, "PAIRS_A_DAY = 10_000", "PAIRS_A_DAY = 20_000"),
    ),
    Change(
        "Someone who knows the password and sends that many",
        "guessing/test_pairs.py::test_when_they_are_used_up_a_right_one_waits_for_the_next_day",
        *("ninja_totp/models/account.py", "| Q(pairs_day__lt=day)", ""),
    ),
    Change(
        "Someone who knows the password and sends that many",
        "guessing/test_pairs.py::test_a_backup_code_gets_in_all_the_same",
        *(
            _VERIFY,
            "counters[method], policy, now=now, cost=cost)",
            'counters["otp"], policy, now=now, cost=1)',
        ),
    ),
    Change(
        "`TOTP_TWO_CODE_UNLOCK = False` leaves",
        "services/test_unlocking.py::test_a_site_may_do_without_unlocking_by_pairs",
        *(_VERIFY, "or not get_settings().two_code_unlock", ""),
    ),
    Change(
        "| wrong codes in a row, by account | 5 are free",
        "core/test_lockout.py::test_from_the_fifth_failure_on_the_delay_doubles_up_to_an_hour",
        *(_LOCKOUT, "longest_delay_seconds: int = 3600", "longest_delay_seconds: int = 1800"),
    ),
    Change(
        "| wrong codes, by account, once for each",
        "contract/test_lockout.py::test_the_budget_outlives_a_success",
        *(_LOCKOUT, "budget_full_at=min(counters.budget_full_at, emptied)", "budget_full_at=now"),
    ),
    Change(
        "| wrong codes in a row, by account, once for each",
        "services/test_unlocking.py::test_no_time_ends_the_hard_cap",
        *(_LOCKOUT, 'Lock("cap", None)', 'Lock("cap", now + 86_400)'),
    ),
    Change(
        "| wrong codes in a row, by account, once for each",
        "services/test_unlocking.py::test_a_new_password_ends_a_run_of_failures",
        *(_VERIFY, "is_same = password == account.failures_password", "is_same = True"),
    ),
    Change(
        "| wrong codes, by challenge | 5 in 5 minutes",
        "contract/test_challenge.py::test_it_allows_five_attempts",
        *(_LOGIN, "challenge.attempts < get_settings().challenge_max_attempts", "True"),
    ),
    Change(
        "| wrong codes, by challenge | 5 in 5 minutes",
        "contract/test_challenge.py::test_it_lives_a_few_minutes",
        *(_LOGIN, "if now >= opened.challenge.expires_epoch", "if now < 0"),
    ),
    Change(
        "| requests, by credential or address and endpoint",
        "contract/test_throttle.py::test_requests_above_the_rate_are_refused_whatever_they_hold",
        *("ninja_totp/http/endpoint.py", "raise errors.Throttled(retry_after=wait)", "return"),
    ),
    Change(
        "All counters are in the database",
        "attacks/test_guessing.py::test_no_cache_is_needed_to_count",
        *(_VERIFY, "changes = [account_change(attempt.factor.account, columns)]", "changes = []"),
    ),
    Change(
        "They are written before the answer is sent",
        "races/test_interleaved.py::test_no_failure_is_lost",
        *(
            _VERIFY,
            'seen = {"user": account.pk, "version": account.version}',
            'seen = {"user": account.pk}',
        ),
    ),
    Change(
        "A new login, a new challenge, another address",
        "attacks/test_guessing.py::test_a_new_challenge_brings_no_new_guesses",
        *(_VERIFY, "changes = [account_change(attempt.factor.account, columns)]", "changes = []"),
    ),
    Change(
        "Wrong codes only count if they come",
        "attacks/test_guessing.py::test_without_a_valid_challenge_nobody_moves_a_counter",
        *(_LOGIN, "if now >= opened.challenge.expires_epoch", "if now < 0"),
    ),
    Change(
        "The numbers are [settings]",
        "services/test_settings.py::test_a_wrong_value_is_refused_by_name",
        *(_CONF, "20, ge=1, le=100", "20, ge=1, le=1000"),
    ),
    Change(
        "After a recovery by e-mail, the old password",
        "contract/test_recovery.py::test_the_new_password_works_and_the_old_one_does_not",
        *(_RECOVERY, "user.set_password(new_password)", "user.set_password(password)"),
    ),
    Change(
        "After a recovery by e-mail, the old password",
        _TABLE,
        *(_JWT, 'said = token.get("auth_time")', 'said = token.get("auth_time", token.get("iat"))'),
    ),
    Change(
        "After a recovery by e-mail, the old password",
        _TABLE,
        *("ninja_totp/http/caller.py", "or UNDATED", "or None"),
    ),
    Change(
        "If [`TOTP_RECOVERY_NEW_PASSWORD = False`]",
        "contract/test_recovery.py::test_a_site_with_old_clients_can_do_without",
        *(_RECOVERY, "if get_settings().recovery_new_password", "if True"),
    ),
    Change(
        "If [`TOTP_RECOVERY_NEW_PASSWORD = False`]",
        _TABLE,
        *(_STEP_UP, "if authenticated_at < account.reset_epoch", "if authenticated_at < 0"),
    ),
    Change(
        "Also guaranteed: a code works once",
        "attacks/test_replay.py::test_a_code_used_at_one_door_is_used_up_at_the_other",
        *(_VERIFY, "is_replay=oldest <= authenticator.last_step", "is_replay=False"),
    ),
    Change(
        "Also guaranteed: a code works once",
        "attacks/test_replay.py::test_the_code_of_the_step_before_is_used_up_too",
        *(
            _VERIFY,
            "is_replay=oldest <= authenticator.last_step",
            "is_replay=oldest == authenticator.last_step",
        ),
    ),
    Change(
        "Also guaranteed: a code works once",
        "contract/test_challenge.py::test_a_new_password_ends_it",
        *(_LOGIN, "and challenge.password_fingerprint == password", ""),
    ),
    Change(
        "Also guaranteed: a code works once",
        "services/test_login.py::test_a_changed_factor_ends_the_challenge",
        *(
            _LOGIN,
            "challenge.generation == (account.generation if account is not None else 0)",
            "True",
        ),
    ),
    Change(
        "Also guaranteed: a code works once",
        "services/test_login.py::test_a_deactivation_ends_the_challenge",
        *(_LOGIN, "and _is_still_known(user, challenge.backend)", ""),
    ),
    Change(
        "Also guaranteed: a code works once",
        "contract/test_standing.py::test_a_token_from_before_enrolling",
        *(
            _STEP_UP,
            _IS_PROVED,
            "if self.verified_at is None:\n            return True\n        if 0:",
        ),
    ),
    Change(
        "A [trusted device]",
        "services/test_settings.py::test_a_site_needs_no_setting_but_a_key",
        *(
            _CONF,
            "trusted_device_max_age: int | None = Field(None,",
            "trusted_device_max_age: int | None = Field(_DAY,",
        ),
    ),
    Change(
        "A [trusted device]",
        "contract/test_trusted_devices.py::test_such_a_login_has_the_standing_of_a_password",
        *(
            _STEP_UP,
            _IS_PROVED,
            "if self.verified_at is None:\n            return True\n        if 0:",
        ),
    ),
    Change(
        "A secret is encrypted with Fernet",
        "attacks/test_tables.py::test_the_secret_of_somebody_else_opens_for_nobody",
        *(
            "ninja_totp/core/encryption.py",
            "(version, sealed_for) == (_SEAL_VERSION, owner)",
            "version == _SEAL_VERSION",
        ),
    ),
    Change(
        "Backup codes are found by a keyed fingerprint",
        "core/test_encryption.py::test_a_fingerprint_is_an_hmac_under_a_key_derived_by_hkdf",
        *(
            "ninja_totp/core/encryption.py",
            "uuid.UUID(bytes=digest[:16], version=4)",
            "uuid.UUID(bytes=digest[16:], version=4)",
        ),
    ),
    Change(
        "Backup codes are found by a keyed fingerprint",
        "services/test_backup_codes.py::test_the_ciphertext_of_a_code_opens_with_the_key",
        *(
            "ninja_totp/services/backup_codes.py",
            "if settings.store_backup_code_ciphertext else",
            "if False else",
        ),
    ),
    Change(
        "`TOTP_STORE_BACKUP_CODE_CIPHERTEXT = False` stores",
        "services/test_backup_codes.py::test_a_strict_site_keeps_no_ciphertext",
        *(
            "ninja_totp/services/backup_codes.py",
            "if settings.store_backup_code_ciphertext else",
            "if True else",
        ),
    ),
]


def sentences() -> list[str]:
    """Return what stands under "What it guarantees"."""
    page = (ROOT / _PAGE).read_text(encoding="utf-8")
    return split(page.split("## What it guarantees\n")[1].split("\n## ")[0])


def split(section: str) -> list[str]:
    """Return the sentences of a section, and the rows of its tables."""
    found = list[str]()
    for line in map(str.strip, section.splitlines()):
        if line.startswith("|"):
            found += [line] * (not line.startswith(("| ---", "| what is counted")))
        elif line:
            text = line.removeprefix("- ")
            found += re.split(r"(?<=[.:])\*{0,2} (?=[A-Z`*\[0-9])", text)
    return found
