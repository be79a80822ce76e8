"""A site behind the middleware, and a visitor who has Ada's password and not her phone."""

import pytest
from django.test import AsyncClient, Client

from tests.guarding.conftest import ada, door

__all__ = ["MIDDLEWARE", "PAGE", "ada", "door"]

MIDDLEWARE = "ninja_totp.middleware.SecondFactorMiddleware"
PAGE = {"Accept": "text/html,application/xhtml+xml"}


@pytest.fixture(autouse=True)
def site(settings):
    """The settings of the site."""
    settings.ROOT_URLCONF = "tests.middleware.urls"
    settings.MIDDLEWARE = [*settings.MIDDLEWARE, MIDDLEWARE]
    settings.TOTP_VERIFY_URL = "verify"
    return settings


@pytest.fixture
def enrolled(ada):
    """Ada, who has a second factor."""
    ada.enrol()
    return ada


@pytest.fixture
def thief(enrolled):
    """A browser that Ada's password has logged in, and nothing else."""
    browser = Client(headers=PAGE)
    browser.force_login(enrolled.user)
    return browser


@pytest.fixture
def script(enrolled):
    """The same for a program."""
    program = Client()
    program.force_login(enrolled.user)
    return program


@pytest.fixture
def owner(enrolled):
    """A browser in which Ada has entered a code."""
    browser = Client(headers=PAGE)
    browser.force_login(enrolled.user)
    answer = browser.post("/verify/", {"code": enrolled.next_code()})
    assert answer.status_code == 302
    return browser


@pytest.fixture
def on_the_loop(enrolled):
    """A browser with the password alone, before the site as an ASGI server runs it."""
    browser = AsyncClient()
    browser.force_login(enrolled.user)
    return browser
