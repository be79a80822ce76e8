"""Backup codes: made at random, recognised however people type them."""

import re

import pytest
from hypothesis import given, strategies as st

from ninja_totp.core.backup_codes import new_codes, stored_forms

CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
CODE = "0123456789ABCDEFGHJKMNPQ"
# A code of another package: URL-safe base64, where case matters.
IMPORTED = "aB3-x_Y9Qw"

codes = st.text(CROCKFORD, min_size=24, max_size=24)


def canonical(typed):
    """The characters of a code of ours, None for any other text."""
    ours = re.compile(f"[{CROCKFORD}]{{16}}|[{CROCKFORD}]{{24}}")
    return next((form for form in stored_forms(typed) if ours.fullmatch(form)), None)


def test_as_many_codes_are_made_as_are_asked_for():
    assert [len(new_codes(count)) for count in (0, 1, 10)] == [0, 1, 10]


def test_a_code_is_six_groups_of_four():
    (code,) = new_codes(1)

    assert re.fullmatch(f"([{CROCKFORD}]{{4}}-){{5}}[{CROCKFORD}]{{4}}", code)


def test_a_short_code_is_four_groups_of_four():
    (code,) = new_codes(1, length=16)

    assert re.fullmatch(f"([{CROCKFORD}]{{4}}-){{3}}[{CROCKFORD}]{{4}}", code)
    assert canonical(code.lower().replace("-", " ")) == code.replace("-", "")
    assert stored_forms(code)[0] == canonical(code)


def test_codes_do_not_repeat():
    assert len(set(new_codes(2000))) == 2000


def test_every_character_turns_up_in_every_place():
    seen = [set(column) for column in zip(*map(canonical, new_codes(2000)), strict=True)]

    assert seen == [set(CROCKFORD)] * 24


def test_a_fresh_code_is_stored_in_its_canonical_form():
    (code,) = new_codes(1)

    assert canonical(code) == code.replace("-", "")
    assert stored_forms(code)[0] == canonical(code)


@pytest.mark.parametrize(
    "typed",
    [
        CODE,
        CODE.lower(),
        "0123-4567-89AB-CDEF-GHJK-MNPQ",
        " 0123 4567 89ab cdef ghjk mnpq\r\n",
        "O123456789ABCDEFGHJKMNPQ",
        "oI23456789ABCDEFGHJKMNPQ",
        "0i23456789ABCDEFGHJKMNPQ",
        "0L23456789ABCDEFGHJKMNPQ",
        "ol23456789ABCDEFGHJKMNPQ",
        "--" + CODE + "--",
        "0123\u00a04567\u202f89AB\u2011CDEF\u2013GHJK\u2212MNPQ",
        "\u2022\t0123-4567-\u200b89AB-CDEF-GHJK-MNPQ.",
        "\u00b7 \uff10123-4567-89AB-CDEF-GHJK-MNPQ\u2026",
        "* 0123-4567-89AB-CDEF-GHJK-MNPQ",
    ],
)
def test_case_blanks_hyphens_and_look_alikes_are_forgiven(typed):
    assert canonical(typed) == CODE


@pytest.mark.parametrize(
    "typed",
    [
        "",
        CODE[:-1],
        CODE + "0",
        "U" + CODE[1:],
        "_" + CODE[1:],
        "\u0131" + CODE[1:],
        "\u0661" + CODE[1:],
        CODE + "\x00",
        " " * 105 + CODE,
        "0" * 3_000_000,
    ],
)
def test_text_that_is_no_code_of_ours_has_no_canonical_form(typed):
    assert canonical(typed) is None


@given(code=codes)
def test_the_canonical_form_is_its_own_canonical_form(code):
    assert canonical(code) == code
    assert canonical(code.lower()) == code


@given(typed=st.text())
def test_whatever_is_typed_is_either_a_code_or_nothing(typed):
    assert re.fullmatch(f"[{CROCKFORD}]{{24}}", canonical(typed) or CODE)


def test_an_imported_code_keeps_its_case_and_its_signs():
    assert stored_forms(f" {IMPORTED}\n") == (IMPORTED,)


@pytest.mark.parametrize("typed", ["3a52-1A1C", "3A52-1A1C", "3a521a1c", " 3A52 1a1c\n"])
def test_of_eight_hexadecimal_digits_case_blanks_and_hyphens_do_not_matter(typed):
    assert stored_forms(typed) == ("3A521A1C",)


@pytest.mark.parametrize("typed", ["3a52-1a1", "3a52-1a1c-0", "3a52-1a1g", "3a52_1a1c"])
def test_what_is_not_eight_hexadecimal_digits_is_stored_as_it_is_typed(typed):
    assert stored_forms(typed) == (typed,)


def test_a_code_typed_in_groups_may_be_ours_or_imported():
    grouped = "0123-4567-89ab-cdef-ghjk-mnpq"

    assert stored_forms(grouped) == (CODE, grouped)


def test_no_form_is_looked_up_twice():
    assert stored_forms(CODE) == (CODE,)


@pytest.mark.parametrize(
    "typed",
    ["", " \t\n", "abc\x00def", "abc\ndef", "g\u00fcltig", "\u0661\u0662", "...", "a" * 129],
)
def test_text_that_nobody_issues_has_no_stored_form(typed):
    assert stored_forms(typed) == ()


def test_the_longest_text_that_is_looked_up_has_128_characters():
    assert stored_forms("a" * 128) == ("a" * 128,)


def test_as_many_characters_as_are_read_may_hold_a_code():
    (code,) = new_codes(1)

    assert canonical(code.rjust(128)) == canonical(code)
    assert canonical(code.rjust(129)) is None


@pytest.mark.parametrize("around", ["\x1c", "\x1f", "\x85"])
def test_control_characters_are_not_trimmed(around):
    assert stored_forms(f"{around}imported") == ()


@pytest.mark.parametrize("around", ["\u2022 {}", "{}.", "\ufeff{}", "{}\u00a0", "\u2066{}\u2069"])
def test_an_imported_code_is_found_as_it_is_pasted(around):
    assert stored_forms(around.format(IMPORTED)) == (IMPORTED,)
    assert stored_forms(around.format(IMPORTED.replace("-", "\u2011"))) == (IMPORTED,)
