"""The documented helpers for user ids in links."""

from typing import Any

from ninja_totp.services.recovery.links import decoded_uid, encoded_uid

__all__ = ["decode_uid", "encode_uid"]


def encode_uid(pk: Any) -> str:
    """Return a primary key as URL-safe base64."""
    return encoded_uid(pk)


def decode_uid(uid: str) -> str:
    """Return the argument of `encode_uid` as text. Raises ValueError."""
    return decoded_uid(uid)
