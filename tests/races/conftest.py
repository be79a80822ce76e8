"""The cast. Every test here commits, since its threads have connections of their own."""

import pytest

from tests.support.cast import ada, bob, other, owner

__all__ = ["ada", "bob", "other", "owner"]


@pytest.fixture(autouse=True)
def unthrottled(settings):
    """The policy has to hold without the throttle's help."""
    settings.TOTP_THROTTLE_RATE = None
