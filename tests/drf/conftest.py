"""A user of a project on Django REST Framework, and a clock that stands still."""

import pytest
from rest_framework.test import APIClient

from ninja_totp.core.otp import OtpParameters, code_at_step, step_at
from ninja_totp.services import confirm_totp_setup, create_totp_setup
from tests.support.clock import StoppedClock


@pytest.fixture
def clock(monkeypatch):
    """The clock of the package."""
    return StoppedClock().install(monkeypatch)


@pytest.fixture
def user(db, clock, settings, django_user_model):
    """Somebody without a second factor, on a site without a limit on the rate of requests."""
    settings.TOTP_THROTTLE_RATE = None
    return django_user_model.objects.create_user("ada", "ada@example.com", "correct horse")


@pytest.fixture
def code(clock):
    """A function that shows the code of `secret`, `steps` steps from now."""

    def code_of(secret, steps=0):
        step = step_at(clock.now(), OtpParameters()) + steps
        return code_at_step(secret, step, OtpParameters())

    return code_of


@pytest.fixture
def secret(user, code):
    """The secret of the user's second factor, which is switched on."""
    secret = create_totp_setup(user).secret
    confirm_totp_setup(user, code(secret, -1))
    return secret


@pytest.fixture
def client(user):
    """A client of the project's tests that is let in without a credential."""
    client = APIClient()
    client.force_authenticate(user)
    return client
