"""The documented helpers for user ids in links."""

from typing import Any

from django.utils.encoding import force_bytes, force_str
from django.utils.http import urlsafe_base64_decode, urlsafe_base64_encode

__all__ = ["decode_uid", "encode_uid"]


def encode_uid(pk: Any) -> str:
    """Return a primary key as URL-safe base64."""
    return urlsafe_base64_encode(force_bytes(pk))


def decode_uid(uid: str) -> str:
    """Return what `encode_uid` was given, as text. ValueError when it is no such thing."""
    return force_str(urlsafe_base64_decode(uid))
