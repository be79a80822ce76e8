"""Codes and steps: the vectors of the RFCs, the edges of the window, odd input."""

import base64
import hmac

import pyotp
import pytest
from hypothesis import given, strategies as st

from ninja_totp.core.otp import (
    OtpParameters,
    canonical_code,
    clock_skew_seconds,
    code_at_step,
    matching_pair,
    matching_step,
    new_secret,
    step_at,
)

USUAL = OtpParameters()
NOW = 1_700_000_015
STEP = NOW // 30


def rfc_secret(length):
    """The ASCII seed of both RFCs, as long as the hash asks for (RFC 6238, errata 2866)."""
    return base64.b32encode((b"1234567890" * 7)[:length]).decode().rstrip("=")


SECRET = rfc_secret(20)
SEED_LENGTHS = {"SHA1": 20, "SHA256": 32, "SHA512": 64}
RFC_4226_VECTORS = [
    (0, "755224"),
    (1, "287082"),
    (2, "359152"),
    (3, "969429"),
    (4, "338314"),
    (5, "254676"),
    (6, "287922"),
    (7, "162583"),
    (8, "399871"),
    (9, "520489"),
]
RFC_6238_CODES = [
    (59, "94287082", "46119246", "90693936"),
    (1111111109, "07081804", "68084774", "25091201"),
    (1111111111, "14050471", "67062674", "99943326"),
    (1234567890, "89005924", "91819424", "93441116"),
    (2000000000, "69279037", "90698825", "38618901"),
    (20000000000, "65353130", "77737706", "47863826"),
]
RFC_6238_VECTORS = [
    (at, algorithm, code)
    for at, *codes in RFC_6238_CODES
    for algorithm, code in zip(SEED_LENGTHS, codes, strict=True)
]
# Step TWIN_STEP and the second after it have the same code under SECRET; found by search.
TWIN_STEP = 153_567

steps = st.integers(0, 2**40)
seeds = st.binary(min_size=14, max_size=64)


def in_base32(seed):
    return base64.b32encode(seed).decode().rstrip("=")


def code_by_hand(seed, step, digits, algorithm):
    """RFC 4226, 5.3, from the text of the RFC."""
    digest = hmac.digest(seed, step.to_bytes(8, "big"), algorithm)
    offset = digest[-1] & 15
    number = int.from_bytes(digest[offset : offset + 4], "big") & 0x7FFFFFFF
    return str(number % 10**digits).zfill(digits)


def match(code, *, at=NOW, window=1, secret=SECRET, parameters=USUAL):
    return matching_step(secret, code, at=at, window=window, parameters=parameters)


def pair(first, second, *, at=NOW, window=1):
    return matching_pair(SECRET, first, second, at=at, window=window, parameters=USUAL)


def skew(code, *, at=NOW, window=1, parameters=USUAL):
    return clock_skew_seconds(SECRET, code, at=at, window=window, parameters=parameters)


def code(step, parameters=USUAL):
    return code_at_step(SECRET, step, parameters)


@pytest.mark.parametrize(("counter", "expected"), RFC_4226_VECTORS)
def test_rfc_4226_appendix_d(counter, expected):
    assert code(counter) == expected


@pytest.mark.parametrize(("at", "algorithm", "expected"), RFC_6238_VECTORS)
def test_rfc_6238_appendix_b(at, algorithm, expected):
    parameters = OtpParameters(digits=8, algorithm=algorithm)
    secret = rfc_secret(SEED_LENGTHS[algorithm])

    assert code_at_step(secret, step_at(at, parameters), parameters) == expected
    assert match(expected, at=at, window=0, secret=secret, parameters=parameters) == at // 30


@given(
    seed=seeds,
    step=st.integers(0, 2**64 - 1),
    digits=st.sampled_from([6, 8]),
    algorithm=st.sampled_from(["SHA1", "SHA256", "SHA512"]),
)
def test_a_code_is_what_rfc_4226_says_up_to_the_last_counter(seed, step, digits, algorithm):
    parameters = OtpParameters(digits=digits, algorithm=algorithm)

    computed = code_at_step(in_base32(seed), step, parameters)

    assert computed == code_by_hand(seed, step, digits, algorithm)


@pytest.mark.parametrize("step", [-1, 2**64])
def test_a_step_that_does_not_fit_eight_bytes_is_refused(step):
    with pytest.raises(ValueError, match="counter"):
        code(step)


def test_a_secret_is_twenty_random_bytes_in_base32():
    decoded = {base64.b32decode(new_secret()) for _ in range(1000)}

    assert len(decoded) == 1000
    assert {len(secret) for secret in decoded} == {20}


@pytest.mark.parametrize(
    "secret",
    ["", SECRET.lower(), SECRET[:-1] + "1", SECRET + "====", " " + SECRET, "Ä" + SECRET, "A" * 16],
)
def test_a_malformed_or_short_secret_is_refused_and_not_shown(secret):
    with pytest.raises(ValueError, match=r"[Ss]ecret") as caught:
        match("123456", secret=secret)

    assert SECRET[:8] not in str(caught.value)


@pytest.mark.parametrize(
    "wrong",
    [
        {"digits": 5},
        {"digits": 7},
        {"digits": 10},
        {"period_seconds": 14},
        {"period_seconds": 121},
        {"period_seconds": 0},
        {"algorithm": "MD5"},
        {"algorithm": "sha1"},
    ],
)
def test_parameters_out_of_bounds_are_refused(wrong):
    with pytest.raises(ValueError, match=next(iter(wrong))):
        OtpParameters(**wrong)


@pytest.mark.parametrize("period_seconds", [15, 30, 120])
def test_a_step_lasts_one_period(period_seconds):
    parameters = OtpParameters(period_seconds=period_seconds)
    seconds = [period_seconds - 1, period_seconds, 2 * period_seconds - 1, 2 * period_seconds]

    assert [step_at(second, parameters) for second in seconds] == [0, 1, 1, 2]


@pytest.mark.parametrize(
    "typed",
    [
        *(
            "012345",
            " 012345",
            "012345\n",
            "012 345",
            "012-345",
            "0 1-2\t3\r4\x0b5\x0c",
            "-012345-",
        ),
        *("\uff10\uff11\uff12\uff13\uff14\uff15", "01234\u2075", "\u2022 012345."),
        # No-break, narrow, ideographic; zero-width, soft hyphen, direction marks, byte order mark.
        *("012\u00a0345", "012\u202f345", "012\u3000345", "012\u2028345"),
        *("0\u200b12345", "012\u00ad345", "\u202e\u2066012345\u2069", "\ufeff012345"),
        *(f"012{dash}345" for dash in "\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe58\uff0d"),
    ],
)
def test_blanks_and_hyphens_do_not_matter(typed):
    assert canonical_code(typed, digits=6) == "012345"


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "12345",
        "1234567",
        "12345a",
        "12_3456",
        "+12345",
        "1e5000",
        "12.345",
        "\u0661\u0662\u0663\u0664\u0665\u0666",
        "123456\x00",
        "\ud800123456",
        " " * 59 + "123456",
        "1" * 3_000_000,
    ],
)
def test_anything_but_ascii_digits_is_no_code(typed):
    assert canonical_code(typed, digits=6) is None
    assert match(typed) is None
    assert pair(typed, code(STEP)) is None
    assert pair(code(STEP), typed) is None
    assert skew(typed) is None


@given(typed=st.text(max_size=80), digits=st.sampled_from([6, 8]))
def test_the_canonical_form_is_its_own_canonical_form(typed, digits):
    found = canonical_code(typed, digits=digits) or "0" * digits

    assert canonical_code(found, digits=digits) == found


@pytest.mark.parametrize("window", [0, 1, 2])
@pytest.mark.parametrize("offset", range(-4, 5))
def test_a_code_matches_inside_the_window_only(window, offset):
    expected = {True: STEP + offset, False: None}[abs(offset) <= window]

    assert match(code(STEP + offset), window=window) == expected


@pytest.mark.parametrize(("second", "expected"), [(-31, None), (-30, 7), (59, 7), (60, None)])
def test_the_window_opens_and_closes_on_the_second(second, expected):
    assert match(code(7), at=7 * 30 + second) == expected


def test_the_code_is_read_in_any_spelling():
    typed = code(STEP)

    assert match(f" {typed[:3]}-{typed[3:]}\n") == STEP


@given(seed=seeds, step=steps, guess=st.integers(0, 999_999))
def test_a_guess_matches_only_when_it_is_a_code_of_the_window(seed, step, guess):
    secret = in_base32(seed)
    right = {code_by_hand(seed, max(0, step + offset), 6, "sha1") for offset in (-1, 0, 1)}

    found = match(f"{guess:06}", at=step * 30, secret=secret)

    assert (found is not None) == (f"{guess:06}" in right)


@given(seed=seeds, step=st.integers(2, 2**40), offset=st.integers(-2, 2))
def test_a_match_is_a_step_that_really_has_the_code(seed, step, offset):
    typed = code_by_hand(seed, step + offset, 6, "sha1")

    found = match(typed, at=step * 30 + 29, window=2, secret=in_base32(seed))

    assert step + offset <= found <= step + 2
    assert code_by_hand(seed, found, 6, "sha1") == typed


def test_of_two_steps_with_the_same_code_the_newest_counts():
    assert code(TWIN_STEP) == code(TWIN_STEP + 2)

    assert match(code(TWIN_STEP), at=(TWIN_STEP + 1) * 30) == TWIN_STEP + 2


def test_every_step_of_the_window_is_computed_whichever_matches(monkeypatch):
    asked = []
    real = pyotp.HOTP.at

    def recorded(generator, count):
        asked.append(count)
        return real(generator, count)

    typed = [code(STEP + offset) for offset in (-1, 0, 1, 5)]
    monkeypatch.setattr(pyotp.HOTP, "at", recorded)

    for one in typed:
        match(one)

    assert asked == [STEP - 1, STEP, STEP + 1] * 4


def test_the_first_second_of_all_has_no_step_before_it():
    assert match(code(0), at=0) == 0
    assert pair(code(0), code(1), at=0) == 1
    assert match(code(0), at=-31) is None


@pytest.mark.parametrize("offset", [-1, 0, 1])
def test_two_consecutive_codes_match_when_the_second_lies_in_the_window(offset):
    assert pair(code(STEP + offset - 1), code(STEP + offset)) == STEP + offset


@pytest.mark.parametrize(
    ("first", "second"),
    [(-3, -2), (1, 2), (0, 0), (1, 0), (-1, 1), (5, 0), (-1, 5)],
)
def test_other_pairs_do_not_match(first, second):
    assert pair(code(STEP + first), code(STEP + second)) is None


def test_a_pair_is_read_in_any_spelling():
    older, newer = code(STEP - 1), code(STEP)

    assert pair(f"{older[:3]} {older[3:]}", f"{newer}\n") == STEP


@pytest.mark.parametrize("offset", [-20, -2, 2, 20])
def test_a_device_whose_clock_is_off_is_told_by_how_much(offset):
    assert skew(code(STEP + offset)) == offset * 30


@pytest.mark.parametrize("offset", [-21, -1, 0, 1, 21])
def test_a_code_in_the_window_or_out_of_reach_has_no_skew(offset):
    assert skew(code(STEP + offset)) is None


def test_the_reach_is_in_seconds_whatever_the_period():
    slow = OtpParameters(period_seconds=120)
    here = step_at(NOW, slow)

    assert skew(code(here - 5, slow), parameters=slow) == -600
    assert skew(code(here - 6, slow), parameters=slow) is None


def test_of_two_steps_with_one_code_the_nearer_explains_the_clock():
    # Found by trying: this secret shows one code 19 steps before step 1020 and 14 after it.
    secret = "UPIKXMNQNUILLYS5OICJ33LTC5MOML7P"
    code = code_at_step(secret, 1001, USUAL)

    skew = clock_skew_seconds(secret, code, at=1020 * 30, window=1, parameters=USUAL)

    assert code == code_at_step(secret, 1034, USUAL) == "489000"
    assert skew == 14 * 30


def test_a_code_of_no_step_near_is_explained_by_no_clock():
    nobodys = code_at_step(SECRET, 10_000, USUAL)

    assert clock_skew_seconds(SECRET, nobodys, at=59, window=0, parameters=USUAL) is None


def test_as_many_characters_as_are_read_may_hold_a_code():
    assert canonical_code("123456".rjust(64), digits=6) == "123456"
    assert canonical_code("123456".rjust(65), digits=6) is None


@pytest.mark.parametrize(
    ("call", "sentence"),
    [
        (lambda: OtpParameters(digits=7), "digits must be 6 or 8"),
        (lambda: OtpParameters(period_seconds=14), "period_seconds must be from 15 to 120"),
        (lambda: OtpParameters(algorithm="MD5"), "algorithm must be SHA1, SHA256 or SHA512"),
        (lambda: code_at_step("?", 1, USUAL), "The secret is not base32."),
        (lambda: code_at_step(SECRET, 2**64, USUAL), "The step does not fit the counter."),
    ],
)
def test_what_is_wrong_is_said_in_full(call, sentence):
    with pytest.raises(ValueError, match=r"\A[A-Za-z]") as refused:
        call()

    assert str(refused.value) == sentence
