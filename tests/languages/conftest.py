"""Both doors on a site that answers in the language of the request."""

import pytest
from django.conf import settings as django_settings
from django.utils import translation

from tests.support.doors import DrfDoor, NinjaDoor
from tests.support.people import Person


@pytest.fixture(autouse=True)
def _english():
    """The language of the tests that come after: a request leaves its own in the thread."""
    with translation.override("en"):
        yield


@pytest.fixture(params=[NinjaDoor, DrfDoor], ids=["ninja", "drf"])
def client(request, db, clock, settings):
    """A client of each door; what it asks is answered in its language."""
    settings.TOTP_THROTTLE_RATE = None
    settings.MIDDLEWARE = [
        *django_settings.MIDDLEWARE,
        "django.middleware.locale.LocaleMiddleware",
    ]
    return request.param()


@pytest.fixture
def ada(client, clock):
    """Somebody who has no second factor yet."""
    return Person(client, clock, "ada")
