"""The whole life of a second factor, as one person lives it on a phone-sized page."""

import re
import time
from pathlib import Path

import pytest
from selenium.webdriver.common.keys import Keys

from tests.browser.phone import scan
from tests.browser.visitor import Visitor

pytestmark = [pytest.mark.browser, pytest.mark.slow]

CODE = re.compile(r"^[0-9A-HJKMNP-TV-Z]{4}(-[0-9A-HJKMNP-TV-Z]{4}){5}$")


def test_a_second_authenticator_is_added_renamed_used_and_removed(visitor: Visitor) -> None:
    visitor.sign_in()
    visitor.press("Set up two-step sign-in")
    phone = scan(visitor.shows("QR code for your authenticator app"))
    visitor.enter_code(phone.code(), then="Confirm")
    codes = visitor.save_codes()

    visitor.fill("Name of another authenticator", "Tablet")
    visitor.press("Add authenticator")
    tablet = scan(visitor.shows("QR code for your authenticator app"))
    visitor.enter_code(tablet.code(), then="Confirm")
    visitor.reads("One more authenticator is in use")
    visitor.reads(rf"Backup codes left\s+{len(codes)}")
    assert visitor.flaws() == []

    visitor.press("Log out")
    visitor.sign_in()
    visitor.enter_code(tablet.code())
    visitor.reads("On since")
    visitor.fill("Name of Tablet", "Old tablet")
    visitor.type_keys(Keys.ENTER)
    visitor.reads("It is called Old tablet now")
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
    time.sleep(61)  # the danger zone wants a code of the last minute
    visitor.press("Delete everything")
    visitor.arrives_at("Prove that it is you")
    visitor.keeps("step-up")
    assert visitor.flaws() == []
    visitor.enter_code(phone.code())
    visitor.reads("Everything of demo would be gone now")
    visitor.press("Replace authenticator")
    visitor.arrives_at("Add your authenticator")
    visitor.reads("Your old authenticator keeps working")
    new_phone = scan(visitor.shows("QR code for your authenticator app"))
    visitor.enter_code(new_phone.code(), then="Confirm")
    new_codes = visitor.save_codes()
    assert set(new_codes).isdisjoint(codes)

    visitor.press("Log out")
    visitor.sign_in()
    visitor.choose("Backup code")
    visitor.fill("Your backup code", codes[0])
    visitor.press("Continue")
    visitor.reads("That backup code is not right")
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
