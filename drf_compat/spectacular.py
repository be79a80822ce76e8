"""The schemas of both APIs in the OpenAPI document of drf-spectacular. Imported only with it.

`step_up_responses` is what `SecondFactor` and `TotpEnrolled` answer in views of a project.

The library takes Pydantic's JSON Schema as it is, which OpenAPI 3.0, its default, does not
understand: there is neither `const` nor the type `null`.
"""

from typing import Any

from drf_spectacular.extensions import OpenApiSerializerExtension
from drf_spectacular.plumbing import ResolvedComponent
from drf_spectacular.settings import spectacular_settings
from drf_spectacular.utils import OpenApiExample, extend_schema_serializer
from pydantic import BaseModel
from rest_framework.serializers import Serializer

from drf_compat import serializers
from ninja_totp.http.document import step_up_responses
from ninja_totp.schemas import requests, responses
from ninja_totp.schemas.examples import request_examples

__all__ = ["examples_of", "step_up_responses"]

_OURS = ("ninja_totp.", "drf_compat.")
_NULL = {"type": "null"}
_SCHEMAS = "#/components/schemas"


class TotpSchemas(OpenApiSerializerExtension):  # type: ignore[no-untyped-call]  # as it is there
    """Describe the Pydantic models of this package only."""

    target_class = BaseModel
    match_subclasses = True
    priority = 1

    @classmethod
    def _matches(cls, target: Any) -> bool:
        module = getattr(target, "__module__", "")
        return module.startswith(_OURS) and super()._matches(target)

    def get_name(self, auto_schema: Any, direction: Any) -> str:
        name: str = self.target.__name__
        return name

    def map_serializer(self, auto_schema: Any, direction: Any) -> dict[str, Any]:
        # A body that comes in is never null in a field that has to be there; what goes out may be.
        mode: Any = "validation" if direction == "request" else "serialization"
        schema: dict[str, Any] = self.target.model_json_schema(
            mode=mode, ref_template=f"{_SCHEMAS}/{{model}}"
        )
        if spectacular_settings.OAS_VERSION.startswith("3.0"):
            schema = for_openapi_3_0(schema)
        enums = _named_enums(self.target.__name__, schema)
        found = {name: (enum, name) for name, enum in enums.items()}
        for name, inner in schema.pop("$defs", {}).items():
            enums = _named_enums(name, inner)
            found |= {named: (enum, named) for named, enum in enums.items()}
            found[name] = (_with_enums_in_place(inner), getattr(responses, name))
        for name, (said, kind) in found.items():
            component = ResolvedComponent(  # type: ignore[no-untyped-call]  # as it is there
                name, ResolvedComponent.SCHEMA, said, object=kind
            )
            auto_schema.registry.register_on_missing(component)
        schema = _with_enums_in_place(schema)
        # PATCH has a copy of its own, and generators name what they make by the title.
        schema.pop("title", None)
        return schema


def _named_enums(model: str, schema: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Give the enum of each field a component, and let the field refer to it.

    In place, the library would name it by itself, and openapi-python-client reads no other form.
    """
    found = {}
    for field, said in schema.get("properties", {}).items():
        if isinstance(said.get("enum"), list):
            name = model + field.title().replace("_", "")
            found[name] = {"type": said.pop("type"), "enum": said.pop("enum")}
            said["allOf"] = [{"$ref": f"{_SCHEMAS}/{name}"}]
    return found


def for_openapi_3_0(schema: Any) -> Any:
    """Return a JSON schema of Pydantic in the vocabulary of OpenAPI 3.0."""
    if isinstance(schema, list):
        return [for_openapi_3_0(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    said = {name: for_openapi_3_0(value) for name, value in schema.items()}
    if "const" in said:
        said["enum"] = [said.pop("const")]
    if isinstance(said.get("examples"), list):
        said["example"] = said.pop("examples")[0]
    return _nullable(said) if _NULL in said.get("anyOf", []) else said


def _with_enums_in_place(schema: Any) -> Any:
    # Wrapped, or the library would take them out and give each a made-up name.
    if isinstance(schema, list):
        return [_with_enums_in_place(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    said = {name: _with_enums_in_place(value) for name, value in schema.items()}
    if isinstance(said.get("enum"), list):
        said["allOf"] = [{"type": said.pop("type"), "enum": said.pop("enum")}]
    return said


def _nullable(said: dict[str, Any]) -> dict[str, Any]:
    kinds = [kind for kind in said.pop("anyOf") if kind != _NULL]
    kind = kinds[0] if len(kinds) == 1 else {"anyOf": kinds}
    return {**kind, **said, "nullable": True}


def examples_of(schema: type[BaseModel]) -> list[OpenApiExample]:
    """Return the examples of a request body."""
    return [
        OpenApiExample(name, said["value"], summary=said.get("summary", ""), request_only=True)
        for name, said in request_examples(schema).items()
    ]


# What comes in has the names and the examples of the schemas, and the limits of the serializers.
_BODIES: dict[type[Serializer[Any]], type[BaseModel]] = {
    serializers.TotpConfirmRequestSerializer: requests.TotpCode,
    serializers.TotpProofSerializer: requests.TotpOptionalProof,
    serializers.TotpAuthenticatorNameSerializer: requests.TotpAuthenticatorName,
    serializers.TotpStepUpSerializer: requests.TotpProof,
    serializers.JWT2FAVerifySerializer: requests.TotpVerify,
    serializers.RequiredEnrolmentSerializer: requests.TotpRequiredEnrolment,
    serializers.RequiredEnrolmentCodeSerializer: requests.TotpRequiredEnrolmentCode,
    serializers.CookieRefreshSerializer: requests.TotpCookieRefresh,
    serializers.JWTCreateSerializer: requests.credentials_schema(),
    serializers.TotpRecoveryRequestSerializer: requests.TotpRecoveryRequest,
    serializers.TotpRecoveryCancelSerializer: requests.TotpRecoveryCancel,
    serializers.TotpRecoveryConfirmSerializer: requests.TotpRecoveryConfirm,
}
for _serializer, _schema in _BODIES.items():
    extend_schema_serializer(component_name=_schema.__name__, examples=examples_of(_schema))(
        _serializer
    )
