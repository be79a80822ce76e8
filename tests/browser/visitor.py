"""A user of a browser: finds fields by their labels and buttons by their words, as people do.

What the visitor notices (requests to other hosts, errors in the console, accessibility) is
collected here as well. Tests say what is done and seen.
"""

import json
import os
import re
import time
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from selenium.webdriver import ActionChains, Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webelement import WebElement

from tests.browser.page import Page
from tests.browser.phone import Phone, scan

__all__ = ["PASSWORD", "USERNAME", "Visitor"]

USERNAME = "demo"
PASSWORD = "demo-password-2fa"

_AUDIT = Path(__file__).with_name("audit.js").read_text(encoding="utf-8")
_AXE = Path(__file__).parent / "node_modules/axe-core/axe.min.js"  # `make test-browser` installs it
_LOOKS = ((1200, "dark"), (1200, "light"), (360, "dark"), (360, "light"))
_NETWORK = ("http", "https", "ws", "wss")
_SPOIL_ONCE = """
const send = window.fetch;
window.fetch = (input, options) => {
  const request = new Request(input, options);
  if (request.headers.has("Authorization")) {
    window.fetch = send;
    request.headers.set("Authorization", "Bearer spoiled");
  }
  return send(request);
};
"""
_HOLD = """
const send = window.fetch;
const released = new Promise((resolve) => { window.releaseAnswers = resolve; });
window.fetch = async (url, options) => {
  const answer = await send(url, options);
  if (options.headers.Authorization) await released;
  return answer;
};
"""


class Visitor:
    """Drives one Chromium at the demo's address."""

    def __init__(self, driver: Chrome, origin: str) -> None:
        self.driver = driver
        self._page = Page(driver)
        self.origin = origin
        self.use_screen(360, 740)

    def use_screen(self, width: int, height: int) -> None:
        self.driver.execute_cdp_cmd(
            "Emulation.setDeviceMetricsOverride",
            {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600},
        )

    def prefer(self, scheme: str) -> None:
        """Set the system's colour scheme: light or dark."""
        self.driver.execute_cdp_cmd(
            "Emulation.setEmulatedMedia",
            {"features": [{"name": "prefers-color-scheme", "value": scheme}]},
        )

    def open(self, path: str = "/") -> None:
        self.driver.get(self.origin + path)

    def is_nobody_yet(self) -> None:
        """Forget what the browser keeps for the demo: cookies and what its page stored."""
        what = {"origin": self.origin, "storageTypes": "all"}
        self.driver.execute_cdp_cmd("Storage.clearDataForOrigin", what)

    # What the visitor does

    def fill(self, label: str, text: str) -> None:
        def use(field: WebElement) -> None:
            field.clear()
            field.send_keys(text)

        self._page.use(lambda: self._page.labelled("input", label), use)

    def press(self, words: str) -> None:
        self._page.use(lambda: self._page.labelled("button, a, summary", words), WebElement.click)

    def choose(self, label: str) -> None:
        self._page.use(lambda: self._page.labelled("input", label), WebElement.click)

    def ticks(self, value: str) -> None:
        """Tick the box that stands for `value`, in a table."""
        self._page.use(
            lambda: self._page.first(f"input[type=checkbox][value='{value}']"), WebElement.click
        )

    def runs(self, action: str) -> None:
        """Have an action of the admin done to what is ticked."""
        self._page.use(
            lambda: next((one for one in self._page.found("option") if one.text == action), None),
            WebElement.click,
        )
        # Its words depend on Django's version.
        self._page.use(lambda: self._page.first("button[name=index]"), WebElement.click)

    def type_keys(self, *keys: str) -> None:
        """Press keys, wherever the focus is."""
        ActionChains(self.driver).send_keys(*keys).perform()

    def tabs_back(self) -> None:
        chain = ActionChains(self.driver)
        chain.key_down(Keys.SHIFT).send_keys(Keys.TAB).key_up(Keys.SHIFT).perform()

    def sign_in(self, password: str = PASSWORD, *, name: str = USERNAME) -> None:
        self.fill("User name", name)
        self.fill("Password", password)
        self.press("Sign in")

    def enrols(self) -> tuple[Phone, list[str]]:
        """Sign in, set up two-step sign-in, and save the backup codes; returns phone and codes."""
        self.sign_in()
        self.press("Set up two-step sign-in")
        phone = scan(self.shows("QR code for your authenticator app"))
        self.enter_code(phone.code(), then="Confirm")
        return phone, self.save_codes()

    def enter_code(self, code: str, *, then: str = "Continue") -> None:
        self.fill("Code from the app", code)
        self.press(then)

    def enter_backup_code(self, code: str) -> None:
        self.choose("Backup code")
        self.fill("Your backup code", code)
        self.press("Continue")

    def finds_in_mailbox(self, sentence: str) -> str:
        """Look into the demo's mailbox until a mail is there; returns all that is in view."""

        def look() -> str | None:
            self.open("/outbox/")
            return self._page.seen(sentence)

        return self._page.until(look)

    def follows(self, path: str) -> None:
        """Click on the first link to something below `path`."""
        self._page.use(lambda: self._page.first(f"a[href*='{path}']"), WebElement.click)

    def mistypes(self, phone: Phone, *, times: int) -> None:
        """Enter wrong codes, each after the answer to the one before."""
        for _ in range(times):
            self.enter_code(phone.wrong_code())
            self.waits_for_the_answer()

    def waits_for_the_answer(self) -> None:
        self._page.until(lambda: not self._page.found("[aria-busy=true]"))

    def waits(self, *, seconds: int) -> None:
        time.sleep(seconds)

    def save_codes(self) -> list[str]:
        """Read the backup codes, say that they are saved and go on."""
        self.arrives_at("Save your backup codes")
        codes = self.codes()
        self.choose("I saved them")
        self.press("Go on")
        return codes

    def opens_tab(self) -> str:
        """Open the page in another tab, which shares nothing with this one; returns its handle."""
        self.driver.switch_to.new_window("tab")
        self.use_screen(360, 740)
        self.open()
        return self.driver.current_window_handle

    def turns_to(self, tab: str) -> None:
        self.driver.switch_to.window(tab)

    def allows_copying(self) -> None:
        self.driver.execute_cdp_cmd(
            "Browser.grantPermissions",
            {
                "origin": self.origin,
                "permissions": ["clipboardReadWrite", "clipboardSanitizedWrite"],
            },
        )

    def clipboard(self) -> str:
        text: str = self.driver.execute_script("return navigator.clipboard.readText()")
        return text

    def on_paper(self) -> str:
        """The text that would be printed."""
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
        text = self.driver.find_element(By.TAG_NAME, "body").text
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})
        return text

    def offline(self, is_offline: bool) -> None:
        if is_offline:
            self.driver.set_network_conditions(offline=True, latency=0, throughput=0)
        else:
            self.driver.delete_network_conditions()

    def spoils_next_access_token(self) -> None:
        """Send a token with the next call that the server refuses, as one that has expired."""
        self.driver.execute_script(_SPOIL_ONCE)

    def holds_answers(self) -> None:
        """Keep back the answers to the calls that a signed-in user makes from now on."""
        self.driver.execute_script(_HOLD)

    def releases_answers(self) -> None:
        """Let the page have what was kept back."""
        self.driver.execute_script("window.releaseAnswers()")

    def spoils_refresh_token(self) -> None:
        self.driver.execute_script(
            "for (const key of Object.keys(sessionStorage)) {"
            " if (key.endsWith('refresh')) sessionStorage.setItem(key, 'spoiled'); }"
        )

    # What the visitor sees

    def field(self, label: str) -> WebElement:
        return self._page.until(lambda: self._page.labelled("input", label))

    def codes(self) -> list[str]:
        """The backup codes in view."""
        return [item.text for item in self._page.found("#codes code")]

    def arrives_at(self, heading: str) -> None:
        """Wait until the heading of a step or a dialog is in view."""
        self._page.until(lambda: any(title.text == heading for title in self._page.shown("h2")))

    def reads(self, sentence: str) -> str:
        """Wait for a text in view that matches; returns all that is in view."""
        return self._page.until(lambda: self._page.seen(sentence))

    def shows(self, name: str) -> bytes:
        """Scroll to the picture of this name; returns a screenshot of what is in view."""
        picture = self._page.until(lambda: self._page.labelled("svg, img", name))
        self.driver.execute_script("arguments[0].scrollIntoView({block: 'center'})", picture)
        return self.screenshot()

    def tabs_to(self, name: str) -> list[str]:
        """Press Tab until `name` has the focus; returns everything that had it on the way."""
        passed: list[str] = []
        while name not in passed:
            assert len(passed) < 20, f"Tab does not reach {name!r}, but {passed}."
            self.type_keys(Keys.TAB)
            passed.append(self.focus())
        return passed

    def downloaded(self, folder: Path, name: str) -> str:
        """Wait for a download to be complete and return its text."""
        file = folder / name
        self._page.until(lambda: file.exists() and file.stat().st_size > 0)
        return file.read_text(encoding="utf-8")

    def focus(self) -> str:
        """The accessible name of what has the focus."""
        return self.driver.switch_to.active_element.accessible_name

    def screenshot(self) -> bytes:
        picture: bytes = self.driver.get_screenshot_as_png()
        return picture

    def whole_page(self) -> bytes:
        """A picture of all of the page, also of what lies below the screen."""
        height = self.driver.execute_script("return document.documentElement.scrollHeight")
        width = self.driver.execute_script("return window.innerWidth")
        self.use_screen(width, max(740, height))
        picture = self.screenshot()
        self.use_screen(width, 740)
        return picture

    # What the visitor notices

    def flaws(self) -> list[str]:
        """What is wrong with the step in view, on a phone and a desktop, light and dark."""
        flaws: list[str] = []
        if not self.driver.execute_script("return 'axe' in window"):
            self.driver.execute_script(_AXE.read_text(encoding="utf-8"))
        for width, scheme in _LOOKS:
            self.use_screen(width, 740)
            self.prefer(scheme)
            found: dict[str, Any] = self.driver.execute_async_script(_AUDIT)
            assert found["rules"] > 5, "The audit looked at next to nothing."
            flaws += [f"{width} pixels, {scheme}: {problem}" for problem in found["problems"]]
        return flaws

    def keeps(self, name: str) -> None:
        """Save pictures of the step, where TOTP_SCREENSHOTS names a folder for them."""
        folder = os.environ.get("TOTP_SCREENSHOTS")
        if not folder:
            return
        Path(folder).mkdir(parents=True, exist_ok=True)
        for width, scheme in _LOOKS:
            self.prefer(scheme)
            self.use_screen(width, 740)
            picture = self.whole_page()
            Path(folder, f"{name}-{width}-{scheme}.png").write_bytes(picture)

    def strangers(self) -> set[str]:
        """Addresses outside the demo that were asked for anything since the last call."""
        asked = [url for url in self._requests() if urlsplit(url).scheme in _NETWORK]
        assert asked, "Not even the page itself was asked for."
        return {url for url in asked if not url.startswith(self.origin + "/")}

    def complaints(self) -> list[str]:
        """Errors and warnings in the console, but for the API's own refusals (4xx)."""
        refusal = re.compile(re.escape(self.origin) + r"/api/\S+ .* status of 4\d\d")
        messages = [entry["message"] for entry in self._log("browser")]
        return [message for message in messages if not refusal.match(message)]

    def forgets_complaints(self) -> None:
        """Drop what the console holds so far, where an error was what the test wanted."""
        self._log("browser")

    def _requests(self) -> list[str]:
        messages = (json.loads(entry["message"]) for entry in self._log("performance"))
        return [
            message["message"]["params"]["request"]["url"]
            for message in messages
            if message["message"]["method"] == "Network.requestWillBeSent"
        ]

    def _log(self, kind: str) -> list[dict[str, Any]]:
        entries: list[dict[str, Any]] = self.driver.get_log(kind)  # type: ignore[no-untyped-call]
        return entries
