"""The whole life of a second factor, as one person lives it on a phone-sized page."""

import re
from pathlib import Path

import pytest
from selenium.webdriver.common.keys import Keys

from tests.browser.phone import scan
from tests.browser.visitor import PASSWORD, Visitor

pytestmark = [pytest.mark.browser, pytest.mark.slow]

CODE = re.compile(r"^[0-9A-HJKMNP-TV-Z]{4}(-[0-9A-HJKMNP-TV-Z]{4}){5}$")


def test_a_second_authenticator_is_added_renamed_used_and_removed(visitor: Visitor) -> None:
    phone, codes = visitor.enrols()

    visitor.fill("Name of another authenticator", "Tablet")
    visitor.press("Add authenticator")
    tablet = scan(visitor.shows("QR code for your authenticator app"))
    assert "Step 1 of 2" not in visitor.reads("Add your authenticator")
    visitor.enter_code(tablet.code(), then="Confirm")
    visitor.reads("Your new authenticator works now")
    visitor.reads(rf"Backup codes left\s+{len(codes)}")
    assert visitor.flaws() == []

    visitor.press("Log out")
    visitor.sign_in()
    visitor.enter_code(tablet.code())
    visitor.reads("On since")
    visitor.fill("Name of Tablet", "Old tablet")
    visitor.type_keys(Keys.ENTER)
    visitor.reads("Renamed to Old tablet")
    visitor.press("Remove Old tablet")
    visitor.arrives_at("Remove Old tablet?")
    visitor.press("Remove")
    visitor.reads("Old tablet was removed")
    visitor.press("Log out")
    visitor.sign_in()
    visitor.enter_code(phone.code())
    visitor.reads("On since")


def test_a_second_factor_is_set_up_used_replaced_and_switched_off(
    visitor: Visitor, downloads: Path
) -> None:
    visitor.sign_in()
    visitor.reads("Off")
    tab = visitor.driver.current_window_handle
    older_tab = visitor.opens_tab()
    visitor.sign_in()
    visitor.reads("Off")
    visitor.turns_to(tab)

    visitor.press("Set up two-step sign-in")
    visitor.arrives_at("Add your authenticator")
    phone = scan(visitor.shows("QR code for your authenticator app"))
    assert phone.label == "ninja-totp demo: demo"
    visitor.enter_code(phone.code(), then="Confirm")
    visitor.arrives_at("Save your backup codes")
    visitor.press("Download .txt")
    visitor.reads("Downloaded")
    codes = visitor.save_codes()
    assert len(codes) == 10
    assert all(CODE.match(code) for code in codes)
    assert visitor.downloaded(downloads, "backup-codes-demo.txt").splitlines()[3:] == codes
    visitor.reads("Two-step sign-in is on")
    visitor.reads(r"Backup codes left\s+10")

    visitor.press("Log out")
    visitor.reads("You are logged out")
    visitor.sign_in()
    visitor.arrives_at("Second step")
    visitor.enter_code(phone.code())
    visitor.arrives_at("Two-step sign-in")
    visitor.reads("On since")

    visitor.turns_to(older_tab)
    visitor.driver.refresh()
    visitor.reads("Your session has ended. Sign in again.")
    visitor.turns_to(tab)
    visitor.waits(seconds=11)  # the danger zone needs a newer code than that
    visitor.press("Delete everything")
    visitor.arrives_at("Delete everything?")
    visitor.press("Delete everything")
    visitor.arrives_at("Confirm it's you")
    visitor.keeps("step-up")
    assert visitor.flaws() == []
    visitor.enter_code(phone.code())
    visitor.reads("Everything of demo would be deleted now")
    visitor.press("Replace authenticator")
    visitor.arrives_at("Add your authenticator")
    visitor.reads("Your old authenticator keeps working")
    new_phone = scan(visitor.shows("QR code for your authenticator app"))
    visitor.enter_code(new_phone.code(), then="Confirm")
    new_codes = visitor.save_codes()
    assert set(new_codes).isdisjoint(codes)

    visitor.press("Log out")
    visitor.sign_in()
    visitor.enter_backup_code(codes[0])
    visitor.reads("Wrong or used backup code")
    visitor.fill("Your backup code", new_codes[0].lower().replace("-", " "))
    visitor.press("Continue")
    visitor.reads(r"Backup codes left\s+9")

    visitor.press("Switch off")
    visitor.arrives_at("Switch off two-step sign-in?")
    visitor.press("Switch off")
    visitor.reads("Two-step sign-in is off")
    visitor.press("Log out")
    visitor.sign_in()
    visitor.reads("Set up two-step sign-in")


def test_a_trusted_device_needs_no_code_until_it_is_revoked(visitor: Visitor) -> None:
    phone, codes = visitor.enrols()
    visitor.press("Log out")
    visitor.sign_in()
    visitor.choose("Don't ask for a code on this device for 30 days")
    visitor.enter_backup_code(codes[0])
    visitor.reads("On since")

    for _ in range(2):  # each use of the trust brings a new token
        visitor.press("Log out")
        visitor.sign_in()
        text = visitor.reads("Trusted devices")
    device = re.search(r"^(.+), needs no code until", text, re.MULTILINE)
    assert device is not None
    visitor.keeps("account-trusted-device")
    assert visitor.flaws() == []
    visitor.press("New backup codes")  # which a device alone does not prove
    visitor.press("Make new codes")
    visitor.arrives_at("Confirm it's you")
    visitor.press("Cancel")
    visitor.press(f"Revoke {device[1]}")
    visitor.press("Revoke")
    text = visitor.reads("needs a code again")
    assert "Trusted devices" not in text
    visitor.press("Log out")
    visitor.sign_in()
    visitor.arrives_at("Second step")
    visitor.enter_code(phone.wrong_code())
    visitor.reads("Wrong or used code")
    visitor.enter_backup_code(codes[1])

    history = visitor.reads("Show older events")
    assert "A device was revoked" in history
    assert "Two-step sign-in was turned on" not in history
    visitor.press("Show older events")
    visitor.reads("Two-step sign-in was turned on")


def test_a_lost_phone_is_recovered_from_by_a_mail(visitor: Visitor) -> None:
    visitor.enrols()
    visitor.press("Log out")
    visitor.sign_in()
    visitor.press("Lost your phone?")
    visitor.keeps("recovery")
    assert visitor.flaws() == []
    visitor.fill("E-mail address", "demo@example.com")
    visitor.press("Send me a link")
    visitor.press("Open the mailbox of the demo")

    visitor.finds_in_mailbox("Lost your authenticator for ninja-totp demo")
    visitor.keeps("mailbox")
    assert visitor.flaws() == []
    visitor.follows("/recover/")
    link = visitor.driver.current_url
    visitor.fill("Current password", "not the password")
    visitor.fill("New password", "a horse of another colour")
    visitor.press("Turn off and set the new password")
    visitor.reads("This is not your current password")
    visitor.fill("Current password", PASSWORD)
    visitor.fill("New password", "12345678")
    visitor.press("Turn off and set the new password")
    visitor.reads("too common")
    assert visitor.focus() == "New password"
    visitor.keeps("recover")
    assert visitor.flaws() == []
    visitor.fill("New password", "a horse of another colour")
    visitor.press("Turn off and set the new password")
    visitor.reads("Two-step sign-in is off. Sign in with your new password")
    assert visitor.driver.current_url == f"{visitor.origin}/"
    visitor.sign_in("a horse of another colour")
    visitor.reads("turned off by a link in a mail")

    visitor.driver.get(link)
    visitor.fill("Current password", "a horse of another colour")
    visitor.fill("New password", "one more horse")
    visitor.press("Turn off and set the new password")
    visitor.reads("This link does not work any more")


def test_the_admin_opens_once_a_required_factor_is_set_up_and_used(visitor: Visitor) -> None:
    def log_in() -> None:
        visitor.fill("Username:", "admin")
        visitor.fill("Password:", PASSWORD)
        visitor.choose("Log in")

    visitor.press("Admin")
    log_in()
    visitor.reads("To open the admin, set up two-step sign-in here first")
    visitor.sign_in(name="admin")
    visitor.reads("This account must use two-step sign-in")
    phone = scan(visitor.shows("QR code for your authenticator app"))
    assert phone.label == "ninja-totp demo: admin"
    visitor.enter_code(phone.wrong_code(), then="Confirm")
    visitor.reads("Wrong or used code")
    visitor.press("Cancel")
    visitor.arrives_at("Sign in")
    visitor.sign_in(name="admin")
    phone = scan(visitor.shows("QR code for your authenticator app"))
    visitor.keeps("enrol-required")
    assert visitor.flaws() == []
    visitor.enter_code(phone.code(), then="Confirm")
    codes = visitor.save_codes()
    visitor.reads("On since")

    visitor.press("Switch off")
    visitor.arrives_at("Switch off two-step sign-in?")
    visitor.press("Switch off")
    visitor.reads("Your account must use two-step sign-in")
    visitor.press("Admin")
    visitor.fill("Code from your authenticator app, or a backup code:", codes[0])
    visitor.choose("Verify")
    visitor.reads("Site administration")
    visitor.open("/admin/ninja_totp/account/")
    visitor.reads("9/10")
