"""Backup codes are shown once, so the page does what it can to have them saved."""

import pytest

from tests.browser.phone import scan
from tests.browser.visitor import Visitor

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture
def shown(visitor: Visitor) -> list[str]:
    """The backup codes in view, right after enrolling."""
    visitor.sign_in()
    visitor.press("Set up two-step sign-in")
    phone = scan(visitor.shows("QR code for your authenticator app"))
    visitor.enter_code(phone.code(), then="Confirm")
    visitor.arrives_at("Save your backup codes")
    return visitor.codes()


def test_they_are_copied_as_text(visitor: Visitor, shown: list[str]) -> None:
    visitor.allows_copying()

    visitor.press("Copy")

    visitor.reads("Copied")
    assert visitor.clipboard().splitlines()[3:] == shown


def test_they_are_printed_without_the_rest_of_the_page(visitor: Visitor, shown: list[str]) -> None:
    paper = visitor.on_paper()

    assert all(code in paper for code in shown)
    assert paper.startswith("Backup codes of demo, ninja-totp demo")
    assert "Log out" not in paper
    assert "Download" not in paper


def test_going_on_waits_until_they_are_saved(visitor: Visitor, shown: list[str]) -> None:
    visitor.press("Go on")

    visitor.reads("Save the codes first, then tick this box")
    assert visitor.codes() == shown


def test_new_ones_replace_them(visitor: Visitor, shown: list[str]) -> None:
    visitor.save_codes()
    visitor.press("New backup codes")
    visitor.arrives_at("Make new backup codes?")
    visitor.press("Make new codes")

    new = visitor.save_codes()

    visitor.reads("Your new backup codes work now")
    assert set(new).isdisjoint(shown)


def test_they_leave_the_page_with_their_step(visitor: Visitor, shown: list[str]) -> None:
    visitor.save_codes()
    visitor.reads("On since")

    html = visitor.driver.page_source

    assert not any(code in html for code in shown)
