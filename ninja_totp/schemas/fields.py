"""The kinds of values in a body: codes, tokens, passwords, names, moments."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, TypeAlias

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext
from pydantic import (
    AfterValidator,
    Field,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    SecretStr,
    StringConstraints,
    WithJsonSchema,
)
from pydantic_core import CoreSchema, PydanticCustomError
from pydantic_core.core_schema import chain_schema, str_schema

# No honest client sends either. What comes after would answer with errors that would be ours (500):
# PostgreSQL's driver for NUL, whatever encodes for half of a surrogate pair, which no text of
# Pydantic's has in it.
_ENCODABLE = r"^[^\x00]*$"


@dataclass(frozen=True, slots=True)
class _Secret:
    """A SecretStr of some text that can be stored and encoded, without a function of ours."""

    max_length: int

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        text = str_schema(min_length=1, max_length=self.max_length, pattern=_ENCODABLE)
        return chain_schema([text, handler(source)])

    def __get_pydantic_json_schema__(
        self, _: CoreSchema, __: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        lengths = {"minLength": 1, "maxLength": self.max_length}
        return {"type": "string", "format": "password", "writeOnly": True} | lengths


def _address(text: str) -> str:
    try:
        validate_email(text)
    except ValidationError:
        raise PydanticCustomError("email", gettext("Enter a valid email address.")) from None
    return text


OtpCode: TypeAlias = Annotated[SecretStr, _Secret(32)]
BackupCode: TypeAlias = Annotated[SecretStr, _Secret(128)]
Token: TypeAlias = Annotated[SecretStr, _Secret(8192)]
UserName: TypeAlias = Annotated[SecretStr, _Secret(254)]
Password: TypeAlias = Annotated[SecretStr, _Secret(4096)]

# In whole seconds, so that both APIs' encoders write the same.
Moment: TypeAlias = Annotated[datetime, AfterValidator(lambda at: at.replace(microsecond=0))]


Email: TypeAlias = Annotated[str, Field(max_length=320), AfterValidator(_address)]


DeviceName: TypeAlias = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=100, pattern=_ENCODABLE),
    WithJsonSchema({"type": "string", "minLength": 1, "maxLength": 100}),
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
