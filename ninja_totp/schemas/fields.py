"""The kinds of values in a body: codes, tokens, passwords, names, moments."""

import re
from datetime import datetime
from typing import Annotated, Any, TypeAlias

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext
from pydantic import (
    AfterValidator,
    BaseModel,
    Field,
    SecretStr,
    StringConstraints,
)
from pydantic_core import PydanticCustomError

__all__ = [
    "BACKUP_CODE",
    "OTP_CODE",
    "BackupCode",
    "DeviceName",
    "Email",
    "Moment",
    "OtpCode",
    "Password",
    "Secret",
    "Token",
    "encodable",
    "one_of",
    "only_one",
    "plain",
]

_SURROGATE = re.compile("[\ud800-\udfff]")


def encodable(secret: SecretStr) -> SecretStr:
    # No honest client sends either. What comes after would answer with errors that would be ours
    # (500): PostgreSQL's driver for NUL, whatever encodes for half of a surrogate pair.
    text = secret.get_secret_value()
    if "\x00" in text:
        raise PydanticCustomError("null_characters", gettext("Null characters are not allowed."))
    if _SURROGATE.search(text):
        raise PydanticCustomError(
            "surrogate_characters", gettext("Surrogate characters are not allowed.")
        )
    return secret


def _address(text: str) -> str:
    try:
        validate_email(text)
    except ValidationError:
        raise PydanticCustomError("email", gettext("Enter a valid email address.")) from None
    return text


Secret: TypeAlias = Annotated[SecretStr, AfterValidator(encodable)]


OtpCode: TypeAlias = Annotated[Secret, Field(min_length=1, max_length=32)]


BackupCode: TypeAlias = Annotated[Secret, Field(min_length=1, max_length=128)]


# In whole seconds, so that both doors' encoders write the same.
Moment: TypeAlias = Annotated[datetime, AfterValidator(lambda at: at.replace(microsecond=0))]


Token: TypeAlias = Annotated[Secret, Field(min_length=1, max_length=8192)]


Password: TypeAlias = Annotated[Secret, Field(min_length=1, max_length=4096)]


Email: TypeAlias = Annotated[str, Field(max_length=320), AfterValidator(_address)]


def _name(text: str) -> str:
    return encodable(SecretStr(text)).get_secret_value()


DeviceName: TypeAlias = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=100),
    AfterValidator(_name),
]


# Any: a FieldInfo that pydantic copies for every field it stands at.
OTP_CODE: Any = Field(
    None, description="The code that the authenticator shows now.", examples=["492039"]
)


BACKUP_CODE: Any = Field(
    None,
    description="One of the single-use backup codes.",
    examples=["4K7W-0RTZ-M3XV-9DPQ-J2HB-6YNE"],
)


def only_one(values: BaseModel, *names: str) -> None:
    if sum(getattr(values, name) is not None for name in names) > 1:
        raise PydanticCustomError(
            "too_many_codes", gettext("Provide only one of {names}."), {"names": ", ".join(names)}
        )


def one_of(values: BaseModel, *names: str) -> None:
    only_one(values, *names)
    if all(getattr(values, name) is None for name in names):
        raise PydanticCustomError(
            "code_required", gettext("One of {names} is required."), {"names": ", ".join(names)}
        )


def plain(secret: SecretStr | None) -> str | None:
    return secret.get_secret_value() if secret is not None else None
