"""The documented helpers for user ids in links."""

from ninja_totp.services.recovery.links import decode_uid, encode_uid

__all__ = ["decode_uid", "encode_uid"]
