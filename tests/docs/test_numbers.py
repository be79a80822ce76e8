"""The chances that the pages state follow from the numbers beside them, and from the code."""

import math
import re

import pytest
from django.core.exceptions import ImproperlyConfigured

from ninja_totp.core.guessing import guess_probability
from ninja_totp.core.lockout import PAIRS_A_DAY, LockoutPolicy
from ninja_totp.services.policy.guessing import site_guess_probability
from tests.docs.pages import ROOT, table_under
from tests.support.settings import FIELDS, settings_with

YEAR = 365 * 86_400
FORMULA = table_under("docs/explanation/security.md", "The formula")
OTHERS = table_under("docs/explanation/comparison.md", "Where the chances come from")
GUARANTEES = (ROOT / "docs/explanation/guarantees.md").read_text()
SECURITY = (ROOT / "docs/explanation/security.md").read_text()
SHOWN = {
    row[""].split(" (")[0]: row["chance in a year"]
    for row in table_under("docs/explanation/comparison.md", "At a glance")
}


def chance_by(settings):
    """The bound that the formula gives for the defaults and `settings`."""
    value = {name: field.default for name, field in FIELDS.items()} | settings
    policy = LockoutPolicy(
        budget=value["TOTP_LOCKOUT_BUDGET"], refill_seconds=value["TOTP_LOCKOUT_REFILL"]
    )
    chance = guess_probability(
        policy, YEAR, digits=value["TOTP_DIGITS"], window=value["TOTP_WINDOW"]
    )
    return chance.codes


def settings_in(row):
    found = re.findall(r"(TOTP_[A-Z_]+) = ([0-9]+)", row["settings"])
    return {name: int(value) for name, value in found}


def number(text):
    """A number as the pages write it: 5 256 000."""
    return int(text.replace(" ", ""))


@pytest.mark.parametrize("row", FORMULA, ids=lambda row: row["settings"])
def test_the_chance_for_other_settings_is_right(row):
    shown = float(row["chance in a year"].removesuffix(" %")) / 100

    assert shown == pytest.approx(chance_by(settings_in(row)), rel=0.001)


def test_the_loosest_settings_are_the_loosest_that_are_allowed():
    (row,) = (row for row in FORMULA if "loosest" in row["settings"])

    for name, value in settings_in(row).items():
        looser = value - 1 if name == "TOTP_LOCKOUT_REFILL" else value + 1
        with pytest.raises(ImproperlyConfigured, match=f"^{name} must "):
            settings_with(name, looser)


def test_the_guarantee_is_what_the_function_says():
    chance = site_guess_probability()
    percent = math.ceil(chance.total * 10_000) / 100

    assert SHOWN["ninja-totp"] == f"{percent} %"
    assert (
        "**Someone who knows a user's password and guesses day and night, from however many "
        f"addresses, gets in with a chance of less than {percent} % in a year, however often "
        "the real user logs in.**"
    ) in GUARANTEES
    assert f"`TOTP_TWO_CODE_UNLOCK = False` leaves {100 * chance.codes:.3f} %" in GUARANTEES
    assert f"at most 20 + 365 = {chance.guesses} wrong codes" in GUARANTEES


def test_what_pairs_add_is_what_the_function_says():
    added = site_guess_probability().pairs

    assert added == pytest.approx(366 * PAIRS_A_DAY * 3e-12, rel=0.001)
    assert f"{PAIRS_A_DAY:,} may be tried in a day: that adds {100 * added:.3f} %" in GUARANTEES
    assert f"| {100 * added:.4f} % |" in SECURITY


@pytest.mark.parametrize("row", OTHERS, ids=lambda row: row["package"])
def test_the_chance_follows_from_the_guesses(row):
    guesses = number(row["guesses in a year"].replace("unlimited", "1000000000"))
    right = int(row["p"].partition(" ")[0]) / 10**6
    percent = 100 * -math.expm1(-guesses * right)

    assert float(SHOWN[row["package"]].partition(" %")[0]) == pytest.approx(percent, rel=0.03)


def test_every_package_is_explained():
    assert SHOWN.keys() - {"ninja-totp"} == {row["package"] for row in OTHERS}
