"""Columns of our own. What is kept in them is decided in `models/`."""

import base64
from typing import Any

from django.db import models

__all__ = ["FernetTokenField"]


class FernetTokenField(models.TextField):  # type: ignore[type-arg]  # not subscriptable
    """A Fernet token: the usual text in Python, its bytes in the database, a quarter fewer.

    ValueError for a text that is no base64 (binascii.Error is one). Empty text stays empty.
    """

    def get_internal_type(self) -> str:
        """Return the field that has the same column."""
        return "BinaryField"

    def get_prep_value(self, value: Any) -> bytes:
        """Return the bytes of the token."""
        return base64.urlsafe_b64decode(super().get_prep_value(value))

    def from_db_value(self, value: Any, *_: object) -> str | None:
        """Return the token; None for a row that an outer join did not find."""
        return None if value is None else base64.urlsafe_b64encode(value).decode()
