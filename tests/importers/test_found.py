"""What of a factor can be kept, and which of several devices is taken."""

import pytest

from ninja_totp import clock
from ninja_totp.core.otp import new_secret
from ninja_totp.importers.found import ImportedFactor, Refused, all_of, checked, newest_step

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


@pytest.mark.parametrize("spelling", [SECRET.lower(), f"{SECRET[:4]} {SECRET[4:]}", SECRET + "=="])
def test_a_secret_is_kept_in_one_spelling(spelling):
    assert checked(ImportedFactor(1, spelling)) == ImportedFactor(1, SECRET)


@pytest.mark.parametrize(
    ("secret", "bits"), [("", 0), ("JBSWY3DPEHPK3PXP", 80), ("?" * 32, 160), (SECRET[:22], 104)]
)
def test_a_secret_that_ninja_totp_cannot_use_is_refused_and_not_quoted(secret, bits):
    refused = checked(ImportedFactor(1, secret))

    assert refused == Refused(
        1, f"its secret is no base32 of at least 112 bits (it has {bits} bits)"
    )


@pytest.mark.parametrize(
    ("parameters", "reason"),
    [
        ({"digits": 7}, "digits must be 6 or 8"),
        ({"period_seconds": 300}, "period_seconds must be from 15 to 120"),
        ({"algorithm": "MD5"}, "algorithm must be SHA1, SHA256 or SHA512"),
    ],
)
def test_other_codes_than_ours_are_refused(parameters, reason):
    refused = checked(ImportedFactor(1, SECRET, **parameters))

    assert refused == Refused(1, f"codes that ninja_totp does not make: {reason}")


@pytest.mark.parametrize("step", [True, "7", -1, 2**40])
def test_a_last_step_that_would_be_the_last_for_ever_is_refused(step):
    refused = checked(ImportedFactor(1, SECRET, last_step=step))

    assert refused == Refused(1, "the step of its last code is none, or in the future")


@pytest.mark.parametrize("period", [30, 60])
def test_a_clock_of_the_source_may_be_ten_minutes_ahead(monkeypatch, period):
    monkeypatch.setattr(clock, "now", lambda: 1_800_000_000)
    latest = 1_800_000_600 // period

    kept = checked(ImportedFactor(1, SECRET, period_seconds=period, last_step=latest))
    refused = checked(ImportedFactor(1, SECRET, period_seconds=period, last_step=latest + 1))

    assert kept.last_step == latest
    assert refused == Refused(1, "the step of its last code is none, or in the future")


def test_codes_that_cannot_be_typed_or_are_guessed_are_counted():
    codes = ("abcdef", "short", "", "g\u00fcltig1", "x" * 129)

    kept = checked(ImportedFactor(1, SECRET, backup_codes=codes))

    assert kept.backup_codes == ("abcdef",)
    assert kept.lost_codes == ("4 backup codes shorter than 6 or not typeable",)


def test_codes_that_the_source_lost_are_told_beside_those_that_cannot_be_typed():
    kept = checked(ImportedFactor(1, SECRET, backup_codes=("tiny",), lost_codes=("one of paper",)))

    assert kept.lost_codes == ("one of paper", "1 backup code shorter than 6 or not typeable")


def test_the_devices_that_can_be_kept_are_taken_and_the_others_told():
    another = new_secret()
    devices = [
        ("A", Refused(1, "reasons")),
        ("B", ImportedFactor(1, "short")),
        ("C", ImportedFactor(1, SECRET)),
        ("D", ImportedFactor(1, another, notes=("a slow clock",))),
        ("E", ImportedFactor(1, SECRET.lower())),
    ]

    taken = all_of(devices)

    assert [one.secret for one in taken.authenticators] == [SECRET, another]
    assert taken.notes == (
        "a slow clock",
        "A: reasons",
        "B: its secret is no base32 of at least 112 bits (it has 24 bits)",
        "E: the same secret as another one",
    )


def test_no_more_devices_are_taken_than_a_user_can_have(settings):
    settings.TOTP_MAX_AUTHENTICATORS = 2
    devices = [(name, ImportedFactor(1, new_secret())) for name in "ABCD"]

    taken = all_of(devices)

    assert taken.authenticators == (taken, devices[1][1])
    assert taken.notes == (
        "C: a user can have 2 here (TOTP_MAX_AUTHENTICATORS)",
        "D: a user can have 2 here (TOTP_MAX_AUTHENTICATORS)",
    )


def test_the_likeliest_device_tells_why_none_can_be_kept():
    refused = all_of([("A", Refused(1, "first")), ("B", Refused(1, "second"))])

    assert refused == Refused(1, "first")


def test_a_source_that_was_never_used_has_no_newest_step():
    assert newest_step(None, window=1, period_seconds=30) == 0


def test_a_factor_shows_neither_secret_nor_codes():
    factor = ImportedFactor(1, SECRET, backup_codes=("abcdef",))

    assert not any(text in repr(factor) for text in (SECRET, "abcdef"))


def test_a_code_that_is_there_twice_is_kept_once():
    kept = checked(ImportedFactor(1, SECRET, backup_codes=("abcdef", "ghijkl", "abcdef")))

    assert kept.backup_codes == ("abcdef", "ghijkl")
