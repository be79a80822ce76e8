"""The page for everybody: by keyboard alone, with a screen reader, in both colour schemes."""

import pytest
from selenium.webdriver.common.keys import Keys

from tests.browser.phone import scan
from tests.browser.visitor import PASSWORD, USERNAME, Visitor

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def test_every_step_is_labelled_readable_and_fits_a_narrow_screen(visitor: Visitor) -> None:
    flaws: list[str] = []

    def look(name: str) -> None:
        visitor.keeps(name)
        flaws.extend(f"{name}: {flaw}" for flaw in visitor.flaws())

    visitor.arrives_at("Sign in")
    look("sign-in")
    visitor.press("Sign in")
    visitor.reads("Enter your user name")
    look("sign-in-error")
    visitor.sign_in()
    visitor.reads("Set up two-step sign-in")
    look("account-off")
    visitor.press("Set up two-step sign-in")
    phone = scan(visitor.shows("QR code for your authenticator app"))
    look("enrol")
    visitor.press("Type the secret instead")
    visitor.enter_code(phone.wrong_code(), then="Confirm")
    visitor.reads("Wrong or used code")
    look("enrol-error")
    visitor.enter_code(phone.code(), then="Confirm")
    visitor.arrives_at("Save your backup codes")
    look("backup-codes")
    codes = visitor.save_codes()
    visitor.reads("On since")
    look("account-on")
    visitor.press("Switch off")
    visitor.arrives_at("Switch off two-step sign-in?")
    look("confirm-dialog")
    visitor.press("Cancel")
    visitor.press("Log out")
    visitor.sign_in()
    visitor.arrives_at("Second step")
    look("second-step")
    visitor.choose("Backup code")
    visitor.fill("Your backup code", codes[0])
    look("second-step-backup")

    assert flaws == []


def test_signing_in_and_enrolling_need_no_mouse(visitor: Visitor) -> None:
    visitor.type_keys(Keys.TAB)
    assert visitor.focus() == "User name"
    visitor.type_keys(USERNAME, Keys.TAB)
    assert visitor.focus() == "Password"
    visitor.type_keys(PASSWORD, Keys.ENTER)
    visitor.reads("Set up two-step sign-in")
    assert visitor.focus() == "Two-step sign-in"

    visitor.type_keys(Keys.TAB)
    assert visitor.focus() == "Set up two-step sign-in"
    visitor.type_keys(Keys.ENTER)
    phone = scan(visitor.shows("QR code for your authenticator app"))
    assert visitor.focus() == "Add your authenticator"
    passed = visitor.tabs_to("Code from the app")
    assert passed == [
        "Open on this device",
        "Type the secret instead",
        "No phone at hand?",
        "Code from the app",
    ]
    visitor.type_keys(phone.code(), Keys.ENTER)
    visitor.arrives_at("Save your backup codes")
    assert visitor.focus() == "Save your backup codes"
    passed = visitor.tabs_to("I saved them")
    assert passed == ["Copy", "Download .txt", "Print", "I saved them"]
    visitor.type_keys(Keys.TAB, Keys.ENTER)
    visitor.reads("Save the codes first")
    assert visitor.focus() == "I saved them"
    visitor.type_keys(Keys.SPACE, Keys.TAB, Keys.ENTER)

    visitor.reads("Two-step sign-in is on")
    assert visitor.focus() == "Two-step sign-in"


def test_the_second_step_and_its_dialogs_need_no_mouse(visitor: Visitor) -> None:
    _, codes = visitor.enrols()
    visitor.press("Log out")
    visitor.reads("You are logged out")
    assert visitor.focus() == "User name"

    visitor.type_keys(USERNAME, Keys.TAB, PASSWORD, Keys.ENTER)
    visitor.arrives_at("Second step")
    assert visitor.focus() == "Code from the app"
    visitor.tabs_back()
    assert visitor.focus() == "App code"
    visitor.type_keys(Keys.ARROW_DOWN)
    assert visitor.focus() == "Backup code"
    visitor.type_keys(Keys.TAB, codes[0], Keys.ENTER)
    visitor.reads(r"Backup codes left\s+9")
    visitor.tabs_to("Switch off")
    visitor.type_keys(Keys.ENTER)
    visitor.arrives_at("Switch off two-step sign-in?")
    assert visitor.focus() == "Cancel"
    visitor.type_keys(Keys.ESCAPE)

    assert visitor.focus() == "Switch off"
    visitor.reads("On since")


def test_code_fields_tell_phones_what_they_are_for(visitor: Visitor) -> None:
    visitor.sign_in()
    visitor.press("Set up two-step sign-in")

    field = visitor.field("Code from the app")

    assert field.get_attribute("autocomplete") == "one-time-code"
    assert field.get_attribute("inputmode") == "numeric"


def test_the_api_docs_come_from_this_server_too(visitor: Visitor) -> None:
    visitor.use_screen(1200, 900)
    visitor.open("/api/docs")

    visitor.reads("Two-factor authentication")

    assert "/api/totp/create/" in visitor.reads("/api/totp/create/")
