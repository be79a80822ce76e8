"""Swagger at the demo: what it suggests for a body, and calls of a session with a CSRF token."""

import json
from collections.abc import Callable

import pytest
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webelement import WebElement

from tests.browser.page import Page
from tests.browser.visitor import PASSWORD, USERNAME, Visitor

pytestmark = pytest.mark.browser


class Swagger:
    """One call of the page, to be tried."""

    def __init__(self, visitor: Visitor, name: str) -> None:
        visitor.use_screen(1200, 900)
        visitor.open("/api/docs")
        self.page, self.name = Page(visitor.driver), name
        self.use(".opblock-summary-control", WebElement.click)
        self.use(".try-out__btn", WebElement.click)

    def find(self, selector: str) -> WebElement | None:
        return self.page.first(f"[id$='-{self.name}'] {selector}")

    def use(self, selector: str, use: Callable[[WebElement], None]) -> None:
        """Wait for an element of the call, and use it."""
        self.page.use(lambda: self.find(selector), use)

    @property
    def body(self) -> dict[str, object]:
        """What the page suggests."""
        field = self.page.until(lambda: self.find("textarea.body-param__text"))
        suggested: dict[str, object] = json.loads(field.get_attribute("value") or "")
        return suggested

    def send(self, body: dict[str, object] | None = None) -> str:
        """Execute, with `body` where one is typed, and return the status."""
        if body is not None:
            text = json.dumps(body)
            self.use("textarea.body-param__text", lambda field: field.send_keys(Keys.CONTROL, "a"))
            self.use("textarea.body-param__text", lambda field: field.send_keys(text))
        self.use(".execute", WebElement.click)
        return self.page.until(self._status)

    def _status(self) -> str | None:
        shown = self.find(".live-responses-table tbody .response-col_status")
        return next(iter(shown.text.split()), None) if shown else None


def test_a_session_can_be_tried_from_the_page(visitor: Visitor) -> None:
    login = Swagger(visitor, "session_create")
    suggested = login.body

    logged_in = login.send({"username": USERNAME, "password": PASSWORD})
    enrolling = Swagger(visitor, "totp_create").send()

    assert suggested == {"username": "ada", "password": "correct horse battery"}
    assert (logged_in, enrolling) == ("200", "201")


def test_a_body_suggests_one_proof(visitor: Visitor) -> None:
    assert Swagger(visitor, "totp_verify").body == {"otp_code": "492039"}
