"""The demo's addresses on a live server, a user with a second factor, and four clients."""

import os
import shutil

import pytest
import requests
from django.contrib.auth import get_user_model

from ninja_totp.testing import enroll
from tests.demo.clients import CurlClient, SessionClient, TokenClient
from tests.support.people import PASSWORD


@pytest.fixture
def origin(settings, transactional_db, live_server):
    """The address of the demo, without a slash at the end and without a limit on the rate."""
    settings.TOTP_THROTTLE_RATE = None
    settings.ROOT_URLCONF = "demo.urls"
    settings.INSTALLED_APPS = [*settings.INSTALLED_APPS, "demo"]
    return live_server.url


@pytest.fixture
def phone(transactional_db, clock):
    """The phone of Ada, who has had a second factor for long."""
    return enroll(get_user_model().objects.create_user("ada", password=PASSWORD))


@pytest.fixture
def jwt_client(origin):
    """A program with a token, at the Ninja API."""
    return TokenClient(origin, "api")


@pytest.fixture
def drf_client(origin):
    """A program with a token, at the REST framework API."""
    return TokenClient(origin, "drf")


@pytest.fixture
def session_client(origin):
    """A browser, at the Ninja API."""
    with requests.Session() as jar:
        yield SessionClient(origin, jar)


@pytest.fixture(scope="session")
def _curl_program():
    if shutil.which("curl") is not None:
        return
    reason = "curl must be on PATH to show that it gets into the danger zone"
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture
def curl_client(origin, _curl_program):
    """A terminal with curl, at the Ninja API."""
    return CurlClient(origin, "api")


@pytest.fixture
def caller(request, origin, phone, clock):
    """The client that a test names. Ada has logged in with both factors just now."""
    caller = request.getfixturevalue(request.param)
    caller.log_in("ada", PASSWORD, phone.code())
    return caller
