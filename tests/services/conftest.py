"""The cast, and a request."""

import pytest
from django.contrib.sessions.backends.db import SessionStore

from tests.services.keys import drop_old, old_key, roll_in
from tests.support.cast import ada, bob, other, owner

__all__ = [
    "ada",
    "bob",
    "drop_old",
    "old_key",
    "other",
    "owner",
    "request_with_session",
    "roll_in",
]


@pytest.fixture
def request_with_session(rf, db):
    """A request of a browser that has a session, made by a page of the site."""
    request = rf.post("/")
    request._dont_enforce_csrf_checks = True  # as Django's own test client says it
    request.session = SessionStore()
    return request
