"""The examples of the OpenAPI documents: one value for each name, used in every body.

The example at a field itself comes first. Username and password are those of the user that the
README creates.
"""

from collections.abc import Iterable
from typing import Any, Literal, get_args, get_origin

from pydantic import BaseModel, ConfigDict, Field
from pydantic.fields import FieldInfo

_MOMENT = "2026-11-30T09:41:00Z"
_BASE32 = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
_SIGNED = "bWFkZS11cA:1vOyX2:Zm9yLXRoaXMtZG9jdW1lbnQ"
_JWT = "eyJhbGciOiJIUzI1NiJ9.eyJ1c2VyX2lkIjoiMSJ9.Zm9yLXRoaXMtZG9jdW1lbnQ"

# Any: of whatever type the field is.
_VALUES: dict[str, Any] = {
    "password": "correct horse battery",
    "new_password": "another horse, no battery",
    "uid": "MQ",
    "totp_challenge_token": _SIGNED,
    "totp_enrolment_token": _SIGNED,
    **dict.fromkeys(("access", "refresh", "token"), _JWT),
    "id": "3f0c7a52-6b1e-4f0a-9a57-0d8f1c2b4e69",
    "svg": '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 45 45"></svg>',
    "uri": f"otpauth://totp/MyApp:ada?secret={_BASE32}&issuer=MyApp",
    "secret": _BASE32,
    "secret_grouped": " ".join(_BASE32[at : at + 4] for at in range(0, 32, 4)),
    **dict.fromkeys(("created_at", "confirmed_at", "last_used_at", "verified_at"), _MOMENT),
    "expires_at": "2026-11-30T09:51:00Z",
    "locked_until": None,
    "details": "If an account with that email exists and has TOTP enabled, a recovery email has "
    "been sent.",
    "is_totp_enabled": True,
    **dict.fromkeys(("backup_codes_low", "pending", "is_locked"), False),
}

# The kinds of code: a body has one of them, or none if a recent proof is enough.
_PROOFS = {
    "input_code": "Code from the authenticator app",
    "otp_code": "Code from the authenticator app",
    "backup_code": "Backup code",
    "otp_codes": "Two consecutive codes, which also end a lock",
}


def described(description: str, *examples: object, **options: Any) -> Any:  # Any: as Field()
    """Describe a field of a schema, with examples in place of those above."""
    return Field(description=description, examples=list(examples) or None, **options)


def _value(name: str, field: FieldInfo) -> Any:
    """Return the example of one field; Ellipsis where there is none."""
    if field.examples:
        return field.examples[0]
    kinds = get_args(field.annotation)
    if get_origin(field.annotation) is Literal:
        return kinds[0]
    if kinds and hasattr(kinds[0], "model_fields"):
        return [_example(kinds[0])]
    return _VALUES.get(name, ...)


def _example(schema: type[BaseModel]) -> dict[str, Any]:
    values = {name: _value(name, field) for name, field in schema.model_fields.items()}
    return {name: value for name, value in values.items() if value is not ...}


class Answer(BaseModel):
    """A response, made from what a use case returned. Its JSON schema has an example."""

    model_config = ConfigDict(
        from_attributes=True,
        json_schema_extra=lambda said, schema: said.update(examples=[_example(schema)]),
    )


def answer_examples(schemas: Iterable[type[BaseModel]], key: str) -> dict[str, dict[str, Any]]:
    """Return one example of each of several answers, by the value of `key`, as OpenAPI has them."""
    return {one[key]: {"value": one} for one in map(_example, schemas)}


def request_examples(schema: type[BaseModel]) -> dict[str, dict[str, Any]]:
    """Return the examples of a body by name, as OpenAPI has them: one for each proof it takes."""
    values = _example(schema)
    rest = {name: value for name, value in values.items() if name not in _PROOFS}
    bodies = {
        name: {"summary": said, "value": rest | {name: values[name]}}
        for name, said in _PROOFS.items()
        if name in values
    }
    if {"input_code", "backup_code"} <= values.keys():
        bodies["recent_proof"] = {"summary": "No code, after a recent proof", "value": rest}
    return bodies or {"body": {"value": rest}}
