"""Swagger at the demo: what it suggests for a body, and calls of a session with a CSRF token."""

import json

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.wait import WebDriverWait

from tests.browser.visitor import PASSWORD, USERNAME, Visitor

pytestmark = pytest.mark.browser


class Swagger:
    """One call of the page, to be tried."""

    def __init__(self, visitor: Visitor, name: str) -> None:
        visitor.use_screen(1200, 900)
        visitor.open("/api/docs")
        self.driver, self.name = visitor.driver, name
        self.find(".opblock-summary-control").click()
        self.find(".try-out__btn").click()

    def find(self, selector: str) -> WebElement:
        """Wait for an element of the call."""
        within = f"[id$='-{self.name}'] {selector}"
        return WebDriverWait(self.driver, 15).until(
            lambda driver: next(iter(driver.find_elements(By.CSS_SELECTOR, within)), None)
        )

    @property
    def body(self) -> dict[str, object]:
        """What the page suggests."""
        return json.loads(self.find("textarea.body-param__text").get_attribute("value") or "")

    def send(self, body: dict[str, object] | None = None) -> str:
        """Execute, with `body` where one is typed, and return the status."""
        if body is not None:
            field = self.find("textarea.body-param__text")
            field.send_keys(Keys.CONTROL, "a")
            field.send_keys(json.dumps(body))
        self.find(".execute").click()
        return self.find(".live-responses-table tbody .response-col_status").text.split()[0]


def test_a_session_can_be_tried_from_the_page(visitor: Visitor) -> None:
    login = Swagger(visitor, "session_create")
    suggested = login.body

    logged_in = login.send({"username": USERNAME, "password": PASSWORD})
    enrolling = Swagger(visitor, "totp_create").send()

    assert suggested == {"username": "ada", "password": "correct horse battery"}
    assert (logged_in, enrolling) == ("200", "201")


def test_a_body_suggests_one_proof(visitor: Visitor) -> None:
    assert Swagger(visitor, "totp_verify").body == {"otp_code": "492039"}
