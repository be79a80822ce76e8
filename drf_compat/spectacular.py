"""Our calls in the OpenAPI document of drf-spectacular. Imported only with it.

Answers and errors are the schemas that the Ninja API shows in its own document.
`step_up_responses` is what `SecondFactor` and `TotpEnrolled` answer in views of a project.

The library takes Pydantic's JSON Schema as it is, which OpenAPI 3.0, its default, does not
understand: there is neither `const` nor the type `null`.
"""

from collections.abc import Callable
from typing import Any, get_args

from drf_spectacular import utils
from drf_spectacular.extensions import OpenApiSerializerExtension
from drf_spectacular.plumbing import ResolvedComponent
from drf_spectacular.settings import spectacular_settings
from pydantic import BaseModel, ConfigDict
from rest_framework.serializers import ListField

from drf_compat import serializers
from drf_compat.serializers import BodySerializer
from ninja_totp.core import errors
from ninja_totp.http import document
from ninja_totp.http.cookies import CSRF_ERRORS
from ninja_totp.http.document import step_up_responses
from ninja_totp.http.errors import ERROR_HEADERS, error_name, error_schemas
from ninja_totp.schemas import responses
from ninja_totp.schemas.examples import request_examples

__all__ = ["describe", "step_up_responses"]

_OURS = ("ninja_totp.", "drf_compat.")
_NULL = {"type": "null"}
_SCHEMAS = "#/components/schemas"
_BODIES = [
    one
    for one in vars(serializers).values()
    if isinstance(one, type) and issubclass(one, BodySerializer) and one is not BodySerializer
]
_SENTENCES: Any = {"type": "array", "items": {"type": "string"}}
_BY_NUMBER: Any = {"anyOf": [_SENTENCES, {"type": "object", "additionalProperties": _SENTENCES}]}
# By name, since generators make no class of a mere map. Of a list, each item has its errors.
_FIELDS = {
    name: _BY_NUMBER if isinstance(field, ListField) else _SENTENCES
    for one in _BODIES
    for name, field in one().fields.items()
}


class TotpFieldErrors(BaseModel):
    """Errors by field, in the format of REST framework."""

    model_config = ConfigDict(
        json_schema_extra={
            "properties": {"non_field_errors": _SENTENCES, **_FIELDS},
            "additionalProperties": _SENTENCES,
            "examples": [{"input_code": ["This field is required."]}],
        }
    )


def describe(
    name: str,
    run: Callable[..., Any],
    *,
    body: type[BodySerializer] | None = None,
    reads: bool = False,
    shown: type[BaseModel] | None = None,
) -> Callable[[Any], Any]:
    """Return a decorator that describes a view method by the function that it calls.

    `name` is the operation id. Of a method that only `reads`, `body` is the query. `shown` is
    described in place of the serializer, if the library would misread that.
    """
    call = document.call_of(run)
    takes_body = not reads and (body or shown) is not None
    leaves = [*call.errors, *(document.BODY_ERRORS if takes_body else ())]
    if errors.NotAuthenticated in leaves:  # what the authentication of the project may say as well
        leaves += [errors.TokenNotValid, *(() if reads else CSRF_ERRORS)]
    described = _responses(name, call, leaves, has_fields=takes_body or body is not None)
    headers = [
        _header(header, said, response=[status])
        for status in described
        for header, said in ERROR_HEADERS.get(status, {}).items()
    ]
    if errors.CsrfFailed in leaves:
        said = document.CSRF_PARAMETER
        headers.append(_header(said["name"], said, response=False))
    options: dict[str, Any] = {} if takes_body else {"request": None}
    if shown is not None:
        options = {"request": shown, "examples": _request_examples(shown)}
    return utils.extend_schema(
        operation_id=name,
        summary=call.summary,
        # Without one, the library takes the docstring of the view.
        description=call.description or call.summary,
        tags=[document.tag_of(name)],
        responses=described,
        parameters=[*headers, *([body] if reads and body is not None else ())],
        **options,
    )


def _header(name: str, said: dict[str, Any], *, response: Any) -> utils.OpenApiParameter:
    schema, text = said["schema"], said["description"]
    return utils.OpenApiParameter(name, schema, "header", description=text, response=response)


def _responses(
    name: str, call: document.Call, leaves: list[type[errors.TotpError]], *, has_fields: bool
) -> dict[int, Any]:
    answer = call.schema
    if answer is responses.TotpLoginStep:
        answer = _union(answer.__name__, "step", get_args(responses.FirstStep), answer)
    described = {call.status: answer}
    # What is wrong with fields is said in the shape of REST framework, which has no code.
    by_status = error_schemas(one for one in leaves if not issubclass(one, errors.InvalidRequest))
    for status, coded in by_status.items():
        described[status] = _union(error_name(name, status), "code", coded, coded)
    if has_fields:
        coded = by_status.get(400, ())
        described[400] = _union(error_name(name, 400), None, (*coded, TotpFieldErrors), coded)
    return described


def _union(name: str, key: str | None, schemas: tuple[Any, ...], shown: Any) -> Any:
    """Return a response with one of `schemas`, told by `key`, and with the examples of `shown`."""
    if len(schemas) == 1:
        return schemas[0]
    kinds: Any = list(schemas)
    if key is not None:
        kinds = {get_args(one.model_fields[key].annotation)[0]: one for one in kinds}
    examples = [
        utils.OpenApiExample(title, one["value"])
        for title, one in document.examples_of_union(shown).items()
    ]
    union = utils.PolymorphicProxySerializer(name, kinds, key)
    return utils.OpenApiResponse(union, examples=examples)


def _request_examples(schema: type[BaseModel]) -> list[utils.OpenApiExample]:
    return [
        utils.OpenApiExample(name, request_only=True, **said)
        for name, said in request_examples(schema).items()
    ]


# What comes in has the names and the examples of the schemas, and the limits of the serializers.
for _body in _BODIES:
    _name, _examples = _body.schema.__name__, _request_examples(_body.schema)
    utils.extend_schema_serializer(component_name=_name, examples=_examples)(_body)


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
        inner = schema.pop("$defs", {})
        found: dict[str, tuple[Any, Any]] = {}
        for name, said in {**inner, self.target.__name__: schema}.items():
            enums = _named_enums(name, said)
            found |= {named: (enum, named) for named, enum in enums.items()}
        found |= {name: (said, getattr(responses, name)) for name, said in inner.items()}
        for name, (said, kind) in found.items():
            component = ResolvedComponent(  # type: ignore[no-untyped-call]  # as it is there
                name, ResolvedComponent.SCHEMA, said, object=kind
            )
            auto_schema.registry.register_on_missing(component)
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
    if _NULL in said.get("anyOf", []):
        kinds = [kind for kind in said.pop("anyOf") if kind != _NULL]
        kind = kinds[0] if len(kinds) == 1 else {"anyOf": kinds}
        said = {**kind, **said, "nullable": True}
    return said
