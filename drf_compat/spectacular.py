"""The schemas of both APIs in the OpenAPI document of drf-spectacular. Imported only with it.

The library takes Pydantic's JSON Schema as it is, which OpenAPI 3.0, its default, does not
understand: there is neither `const` nor the type `null`.
"""

from typing import Any

from drf_spectacular.extensions import OpenApiSerializerExtension
from drf_spectacular.settings import spectacular_settings
from pydantic import BaseModel

_OURS = ("ninja_totp.", "drf_compat.")
_NULL = {"type": "null"}


class TotpSchemas(OpenApiSerializerExtension):  # type: ignore[no-untyped-call]  # as it is there
    """Describes the Pydantic models of this package, and no others."""

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
        schema = _inlined(self.target.model_json_schema(mode="serialization"))
        version: str = spectacular_settings.OAS_VERSION
        return for_openapi_3_0(schema) if version.startswith("3.0") else schema


def _inlined(schema: dict[str, Any]) -> dict[str, Any]:
    """Return a JSON schema of Pydantic's with the models inside it in place of their names."""
    models = schema.pop("$defs", {})

    def inline(said: Any) -> Any:
        if isinstance(said, list):
            return [inline(one) for one in said]
        if not isinstance(said, dict):
            return said
        if "$ref" in said:
            return inline(models[said["$ref"].rpartition("/")[2]])
        return {name: inline(value) for name, value in said.items()}

    inlined: dict[str, Any] = inline(schema)
    return inlined


def for_openapi_3_0(schema: Any) -> Any:
    """Return a JSON schema of Pydantic's in the words of OpenAPI 3.0."""
    if isinstance(schema, list):
        return [for_openapi_3_0(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    said = {name: for_openapi_3_0(value) for name, value in schema.items()}
    if "const" in said:
        # Wrapped: the library would take the enums of all errors out and give each a made-up name.
        literal = {"type": said.pop("type"), "enum": [said.pop("const")]}
        said["allOf"] = [literal]
        said.pop("enum", None)  # which Pydantic before 2.10 writes beside the constant
    if isinstance(said.get("examples"), list):
        said["example"] = said.pop("examples")[0]
    return _nullable(said) if _NULL in said.get("anyOf", []) else said


def _nullable(said: dict[str, Any]) -> dict[str, Any]:
    kinds = [kind for kind in said.pop("anyOf") if kind != _NULL]
    kind = kinds[0] if len(kinds) == 1 else {"anyOf": kinds}
    return {**kind, **said, "nullable": True}
