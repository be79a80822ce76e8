"""The documented helpers for Fernet: plain tokens under TOTP_ENCRYPTION_KEY.

They do not write the secrets in the tables, which are encrypted together with their owner.
"""

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from ninja_totp.conf import get_settings
from ninja_totp.core.encryption import InvalidKey, KeyRing, new_key

__all__ = ["decrypt", "encrypt", "generate_fernet_key", "resolve_fernet_key"]


def generate_fernet_key() -> str:
    """Return a new Fernet key."""
    return new_key()


def resolve_fernet_key(default: str | bytes | None = None) -> bytes:
    """Return the encryption key: the first of TOTP_ENCRYPTION_KEY, or `default`.

    ImproperlyConfigured if there is neither, or if it is no Fernet key.
    """
    configured = getattr(settings, "TOTP_ENCRYPTION_KEY", None) or default
    key = configured[0] if isinstance(configured, list | tuple) else configured
    if not isinstance(key, str | bytes):
        raise ImproperlyConfigured("TOTP_ENCRYPTION_KEY must be set to a valid Fernet key.")
    try:
        KeyRing([key])
    except InvalidKey:
        raise ImproperlyConfigured("TOTP_ENCRYPTION_KEY must be a valid Fernet key.") from None
    return key.encode() if isinstance(key, str) else key


def encrypt(value: str) -> str:
    """Return `value` as a Fernet token. ImproperlyConfigured without a valid key."""
    return get_settings().key_ring.encrypt(value)


def decrypt(value: str) -> str:
    """Return the text of a Fernet token. Raises cryptography's InvalidToken for any other."""
    return get_settings().key_ring.decrypt(value)
