"""A new key of encryption, rolled in before the old one, which is dropped later."""

import pytest
from cryptography.fernet import Fernet

__all__ = ["NEW_KEY", "drop_old", "old_key", "roll_in"]

NEW_KEY = Fernet.generate_key().decode()


@pytest.fixture
def old_key(settings):
    return settings.TOTP_ENCRYPTION_KEY


@pytest.fixture
def roll_in(settings, old_key):
    """Put a new key in front."""
    return lambda: setattr(settings, "TOTP_ENCRYPTION_KEY", [NEW_KEY, old_key])


@pytest.fixture
def drop_old(settings):
    """Take the old key away."""
    return lambda: setattr(settings, "TOTP_ENCRYPTION_KEY", [NEW_KEY])
