"""The OpenAPI description of the views with drf-spectacular, if it is installed.

Answers and errors are the schemas that the Ninja API shows in its own OpenAPI document.
"""

from collections.abc import Callable, Container, Iterable
from importlib.util import find_spec
from typing import Any, TypeVar, get_args

from django.contrib.auth import get_user_model
from pydantic import BaseModel, ConfigDict
from rest_framework.serializers import Serializer
from rest_framework.settings import api_settings

from ninja_totp.core.errors import (
    CsrfFailed,
    InvalidRequest,
    NotAuthenticated,
    TokenNotValid,
    TotpError,
)
from ninja_totp.http.cookies import CSRF_ERRORS
from ninja_totp.http.document import (
    BODY_ERRORS,
    CSRF_PARAMETER,
    call_of,
    examples_of_union,
    tag_of,
)
from ninja_totp.http.errors import ERROR_HEADERS, error_name, error_schemas
from ninja_totp.schemas.responses import FirstStep, TotpLoginStep

V = TypeVar("V", bound=Callable[..., Any])


_SENTENCES = {"type": "array", "items": {"type": "string"}}
# With the fields by name, since generators make no class of a mere map.
_FIELDS = (
    *("non_field_errors", "input_code", "otp_code", "otp_codes", "backup_code", "name", "email"),
    *("password", "new_password", "uid", "token", "refresh", "before", "limit"),
    *("totp_challenge_token", "totp_enrolment_token", "trust_device", "trusted_device_token"),
)


def _with_fields(schema: dict[str, Any]) -> None:
    names = (*_FIELDS, get_user_model().USERNAME_FIELD)
    schema |= {
        "properties": dict.fromkeys(names, _SENTENCES),
        "additionalProperties": _SENTENCES,
        "examples": [{"input_code": ["This field is required."]}],
    }


class TotpFieldErrors(BaseModel):
    """Errors by field, in the format of REST framework."""

    model_config = ConfigDict(json_schema_extra=_with_fields)


def _describes() -> bool:
    """Whether the project uses drf-spectacular."""
    if find_spec("drf_spectacular") is None:
        return False
    from drf_spectacular.openapi import AutoSchema  # noqa: PLC0415 (an optional library)

    schema_class: Any = api_settings.DEFAULT_SCHEMA_CLASS  # the class by now, not its name
    return issubclass(schema_class, AutoSchema)


def described(
    name: str,
    run: Callable[..., Any],
    *,
    body: type[BaseModel] | None = None,
    takes_body: bool = True,
    reads: bool = False,
    query: type[Serializer[Any]] | None = None,
) -> Callable[[V], V]:
    """Describe a view method with the operation id `name` by the function that it calls.

    The body is that of the serializer, or `body` if the library would misread it. A method with
    `reads` has no body, but may have a `query`.
    """
    if not _describes():
        return lambda view: view
    from drf_spectacular.utils import extend_schema  # noqa: PLC0415 (an optional library)

    from drf_compat import spectacular  # noqa: PLC0415 (needs the library, and registers itself)

    call, takes_body = call_of(run), takes_body and not reads
    answers = {call.status: _one_step(call.schema)}
    errors = [*call.errors, *(BODY_ERRORS if takes_body else ())]
    if NotAuthenticated in errors:  # what the authentication of the project may say as well
        errors += [TokenNotValid, *(() if reads else CSRF_ERRORS)]
    has_fields = takes_body or query is not None
    responses: dict[Any, Any] = answers | _errors(name, errors, has_fields=has_fields)
    options: dict[str, Any] = {} if takes_body else {"request": None}
    if body is not None:
        options = {"request": body, "examples": spectacular.examples_of(body)}
    return extend_schema(
        operation_id=name,
        summary=call.summary,
        # Without one, the library takes the docstring of the view.
        description=call.description or call.summary,
        tags=[tag_of(name)],
        responses=responses,
        parameters=[*_headers(responses, errors), *([query] if query is not None else ())],
        **options,
    )


def _headers(responses: Container[int], errors: Container[object]) -> list[Any]:
    from drf_spectacular.utils import OpenApiParameter  # noqa: PLC0415 (optional)

    answered: list[tuple[str, Any, Any]] = [
        (name, said, [status])
        for status, headers in ERROR_HEADERS.items()
        if status in responses
        for name, said in headers.items()
    ]
    sent = [(CSRF_PARAMETER["name"], CSRF_PARAMETER, False)] if CsrfFailed in errors else []
    return [
        OpenApiParameter(
            name,
            said["schema"],
            OpenApiParameter.HEADER,
            description=said["description"],
            response=response,
        )
        for name, said, response in (*answered, *sent)
    ]


def _one_step(schema: type[BaseModel] | None) -> Any:
    """Return an answer unchanged, but the answers of the first step as a union by `step`."""
    from drf_spectacular.utils import PolymorphicProxySerializer  # noqa: PLC0415 (optional)

    if schema is not TotpLoginStep:
        return schema
    steps = _by_literal("step", get_args(FirstStep))
    union = PolymorphicProxySerializer(schema.__name__, steps, "step")
    return _with_examples(union, examples_of_union(schema))


def _errors(name: str, errors: Iterable[type[TotpError]], *, has_fields: bool) -> dict[Any, Any]:
    # What is wrong with fields is said in the shape of REST framework.
    by_status = error_schemas(one for one in errors if not issubclass(one, InvalidRequest))
    if has_fields:
        by_status[400] = (*by_status.get(400, ()), TotpFieldErrors)
    return {status: _one_of(error_name(name, status), found) for status, found in by_status.items()}


# Any: the library knows Pydantic, its types do not.
def _one_of(name: str, schemas: tuple[Any, ...]) -> Any:
    from drf_spectacular.utils import PolymorphicProxySerializer  # noqa: PLC0415 (optional)

    if len(schemas) == 1:
        return schemas[0]
    coded = tuple(schema for schema in schemas if schema is not TotpFieldErrors)
    if coded == schemas:
        union = PolymorphicProxySerializer(name, _by_literal("code", schemas), "code")
    else:  # in the shape of REST framework, which has no code
        union = PolymorphicProxySerializer(name, list(schemas), None)
    return _with_examples(union, examples_of_union(coded))


def _with_examples(union: Any, examples: dict[str, dict[str, Any]]) -> Any:
    from drf_spectacular.utils import OpenApiExample, OpenApiResponse  # noqa: PLC0415 (optional)

    shown = [OpenApiExample(name, one["value"]) for name, one in examples.items()]
    return OpenApiResponse(union, examples=shown)


def _by_literal(key: str, schemas: Iterable[Any]) -> dict[str, Any]:
    return {get_args(schema.model_fields[key].annotation)[0]: schema for schema in schemas}
