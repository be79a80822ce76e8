"""The types of values in a body: codes, tokens, passwords, names, times."""

from datetime import datetime
from typing import Annotated, Any, TypeAlias, TypeVar, Union

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext
from pydantic import AfterValidator, Field, Secret, StringConstraints, WithJsonSchema
from pydantic.json_schema import SkipJsonSchema
from pydantic_core import PydanticCustomError

from ninja_totp import clock
from ninja_totp.models.authenticator import NAME_LENGTH

T = TypeVar("T")

# No valid client sends either. Later code would fail with a 500: PostgreSQL's driver for NUL, any
# encoder for half of a surrogate pair, which Pydantic's text type refuses anyway.
_ENCODABLE = r"^[^\x00]*$"


def _text(longest: int) -> StringConstraints:
    return StringConstraints(min_length=1, max_length=longest, pattern=_ENCODABLE)


def _password(longest: int) -> WithJsonSchema:
    kind = {"type": "string", "format": "password", "writeOnly": True}
    return WithJsonSchema(kind | {"minLength": 1, "maxLength": longest})


def _address(text: str) -> str:
    try:
        validate_email(text)
    except ValidationError:
        raise PydanticCustomError("email", gettext("Enter a valid email address.")) from None
    return text


OtpCode: TypeAlias = Annotated[Secret[Annotated[str, _text(32)]], _password(32)]
BackupCode: TypeAlias = Annotated[Secret[Annotated[str, _text(128)]], _password(128)]
Token: TypeAlias = Annotated[Secret[Annotated[str, _text(8192)]], _password(8192)]
# A name may be a number, and come as one.
_Name = Annotated[str, Field(coerce_numbers_to_str=True), _text(254)]
UserName: TypeAlias = Annotated[
    Secret[_Name], WithJsonSchema({"type": "string", "minLength": 1, "maxLength": 254})
]
Password: TypeAlias = Annotated[Secret[Annotated[str, _text(4096)]], _password(4096)]

# In whole seconds, so that both APIs' encoders write the same.
Moment: TypeAlias = Annotated[
    datetime, AfterValidator(lambda at: clock.in_utc(at).replace(microsecond=0))
]

Email: TypeAlias = Annotated[str, Field(max_length=320), AfterValidator(_address)]

DeviceName: TypeAlias = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=100, pattern=_ENCODABLE),
    WithJsonSchema({"type": "string", "minLength": 1, "maxLength": 100}),
]

AuthenticatorName: TypeAlias = Annotated[
    str,
    StringConstraints(
        strip_whitespace=True, min_length=1, max_length=NAME_LENGTH, pattern=_ENCODABLE
    ),
    WithJsonSchema({"type": "string", "minLength": 1, "maxLength": NAME_LENGTH}),
]

# Any: a FieldInfo that pydantic copies for every field it stands at.
OTP_CODE: Any = Field(
    None, description="The current code of the authenticator.", examples=["492039"]
)
BACKUP_CODE: Any = Field(
    None,
    description="One of the backup codes. Each works once.",
    examples=["4K7W-0RTZ-M3XV-9DPQ-J2HB-6YNE"],
)


def known(*values: str) -> WithJsonSchema:
    """List the known values in the OpenAPI document. Answers are not validated against them."""
    return WithJsonSchema({"type": "string", "enum": list(values)})


# A key that may be absent from an answer, and that is never null.
Absent: TypeAlias = Union[T, SkipJsonSchema[None]]  # noqa: UP007 - a generic alias


def absent(description: str, **options: Any) -> Any:  # Any: a FieldInfo, as Field() returns it
    """Describe a key of the type `Absent[...]`."""

    def without_default(schema: dict[str, Any]) -> None:
        schema.pop("default", None)

    return Field(None, description=description, json_schema_extra=without_default, **options)
