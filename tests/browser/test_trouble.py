"""What a person sees when something is wrong: mistyped, locked, expired, offline."""

import pytest

from tests.browser.phone import scan
from tests.browser.visitor import Visitor

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def test_a_wrong_password_is_said_at_the_field_which_takes_the_focus(visitor: Visitor) -> None:
    visitor.sign_in("not the password")

    visitor.reads("User name and password do not match")

    assert visitor.focus() == "Password"
    assert visitor.field("Password").get_attribute("aria-invalid") == "true"


def test_an_empty_form_names_what_is_missing(visitor: Visitor) -> None:
    visitor.press("Sign in")

    text = visitor.reads("Enter your user name")

    assert "Enter your password" in text
    assert visitor.focus() == "User name"


def test_a_wrong_code_does_not_enrol(visitor: Visitor) -> None:
    visitor.sign_in()
    visitor.press("Set up two-step sign-in")
    phone = scan(visitor.shows("QR code for your authenticator app"))

    visitor.enter_code(phone.wrong_code(), then="Confirm")

    visitor.reads("Wrong or used code")
    assert visitor.focus() == "Code from the app"
    visitor.press("Cancel")
    visitor.reads("Off")


def test_a_lock_counts_down_and_two_codes_in_a_row_end_it(visitor: Visitor) -> None:
    phone, _ = visitor.enrols()
    visitor.press("Log out")
    visitor.sign_in()

    visitor.mistypes(phone, times=1)
    visitor.reads("You have 4 attempts left")
    visitor.mistypes(phone, times=4)
    visitor.reads("That was your last attempt for now")
    visitor.press("Start again with your password")
    visitor.sign_in()
    visitor.enter_code(phone.wrong_code())
    visitor.reads(r"Too many wrong codes[\s\S]+You can try again in 0:\d\d")
    visitor.choose("Two codes")
    visitor.keeps("locked")
    assert visitor.flaws() == []
    visitor.fill("First code", phone.code())
    visitor.fill("Next code", phone.code())
    visitor.press("Continue")

    visitor.arrives_at("Two-step sign-in")
    visitor.reads("On since")


def test_a_lock_is_shown_to_whoever_is_signed_in(visitor: Visitor) -> None:
    phone, _ = visitor.enrols()
    tab = visitor.driver.current_window_handle
    visitor.opens_tab()
    visitor.sign_in()
    visitor.mistypes(phone, times=5)

    visitor.turns_to(tab)
    visitor.driver.refresh()

    visitor.reads(r"Too many wrong codes[\s\S]+Unlocked in 0:\d\d")
    visitor.keeps("account-locked")
    assert visitor.flaws() == []


def test_a_server_out_of_reach_is_said_and_nothing_is_lost(visitor: Visitor) -> None:
    visitor.offline(True)
    visitor.sign_in()

    visitor.reads("The server cannot be reached")
    visitor.forgets_complaints()
    visitor.offline(False)
    visitor.press("Sign in")

    visitor.reads("Set up two-step sign-in")


def test_a_reload_keeps_the_session_and_another_tab_does_not_have_it(visitor: Visitor) -> None:
    visitor.sign_in()
    visitor.reads("Set up two-step sign-in")
    visitor.driver.refresh()

    visitor.reads("Set up two-step sign-in")

    visitor.opens_tab()
    visitor.arrives_at("Sign in")


def test_an_expired_access_token_is_renewed_unseen(visitor: Visitor) -> None:
    visitor.sign_in()
    visitor.reads("Set up two-step sign-in")
    visitor.spoils_next_access_token()

    visitor.press("Set up two-step sign-in")

    visitor.arrives_at("Add your authenticator")


def test_an_ended_session_leads_back_to_signing_in(visitor: Visitor) -> None:
    visitor.sign_in()
    visitor.reads("Set up two-step sign-in")
    visitor.spoils_refresh_token()
    visitor.driver.refresh()

    visitor.reads("Your session has ended. Sign in again.")

    assert visitor.focus() == "User name"


def test_a_phone_that_dropped_the_page_can_still_confirm(visitor: Visitor) -> None:
    visitor.sign_in()
    visitor.press("Set up two-step sign-in")
    phone = scan(visitor.shows("QR code for your authenticator app"))
    visitor.driver.refresh()

    visitor.press("Enter its code")
    visitor.enter_code(phone.code(), then="Confirm")

    visitor.arrives_at("Save your backup codes")
    visitor.save_codes()
    visitor.reads("On since")


def test_a_page_that_loads_shows_nothing_of_the_visit_before(visitor: Visitor) -> None:
    _, codes = visitor.enrols()
    visitor.reads("On since")
    visitor.press("Log out")
    visitor.sign_in()
    visitor.choose("Backup code")
    visitor.fill("Your backup code", codes[0])
    visitor.holds_answers()
    visitor.press("Continue")

    text = visitor.reads("Loading…")
    assert "On since" not in text
    assert "Authenticators" not in text
    visitor.press("Log out")
    visitor.releases_answers()
    visitor.sign_in("not the password")
    visitor.reads("User name and password do not match")

    assert codes[0] not in visitor.driver.page_source
    assert "On since" not in visitor.driver.page_source
