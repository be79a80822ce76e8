"""Find and use what a page shows, as soon as it shows it. What a user does is in `visitor.py`."""

import re
from collections.abc import Callable
from typing import TypeVar

from selenium.common.exceptions import (
    ElementClickInterceptedException,
    ElementNotInteractableException,
    StaleElementReferenceException,
    TimeoutException,
)
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.wait import WebDriverWait

__all__ = ["Page"]

_PATIENCE_SECONDS = 15
# Behind an open dialog everything is inert: nobody can reach it, and nothing there has a name.
_SHOWN = """
const scope = document.querySelector("dialog[open]") ?? document.body;
return [...scope.querySelectorAll(arguments[0])].filter((element) => element.checkVisibility());
"""
# A page that is being drawn takes away what was found in it, or shows it before it can be used.
_NOT_YET = (
    StaleElementReferenceException,
    ElementNotInteractableException,
    ElementClickInterceptedException,
)
T = TypeVar("T")


class Page:
    """The page in view. Elements are found by selectors and by their accessible names."""

    def __init__(self, driver: Chrome) -> None:
        self.driver = driver

    def found(self, selector: str) -> list[WebElement]:
        return self.driver.find_elements(By.CSS_SELECTOR, selector)

    def first(self, selector: str) -> WebElement | None:
        return next(iter(self.found(selector)), None)

    def shown(self, selector: str) -> list[WebElement]:
        elements: list[WebElement] = self.driver.execute_script(_SHOWN, selector)
        return elements

    def labelled(self, selector: str, words: str) -> WebElement | None:
        for element in self.shown(selector):
            if element.accessible_name == words:
                return element
        return None

    def seen(self, sentence: str) -> str | None:
        text = self.driver.find_element(By.TAG_NAME, "body").text
        return text if re.search(sentence, text) else None

    def use(self, find: Callable[[], WebElement | None], use: Callable[[WebElement], None]) -> None:
        """Find an element and use it; again when the page was not ready for it."""

        def found_and_used() -> bool:
            element = find()
            if element is not None:
                use(element)
            return element is not None

        self.until(found_and_used)

    def until(self, condition: Callable[[], T | None]) -> T:
        waiting = WebDriverWait(
            self.driver, _PATIENCE_SECONDS, poll_frequency=0.1, ignored_exceptions=_NOT_YET
        )
        try:
            return waiting.until(lambda _: condition())  # type: ignore[return-value]
        except TimeoutException:
            text = self.driver.find_element(By.TAG_NAME, "body").text
            raise AssertionError(f"Waited in vain. In view is:\n{text}") from None
