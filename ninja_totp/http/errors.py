"""The error envelope: translated sentences, schemas, and a plain response.

Each leaf of `core/errors.py` has a schema in which `code` is a literal, so a client generated from
the OpenAPI document can narrow the errors of an endpoint by it. Exceptions of the frameworks are
mapped in `endpoint.py`, `api/errors.py` and `drf_compat/errors.py`.
"""

from collections.abc import Iterable, Mapping
from functools import cache, reduce
from operator import or_
from typing import Annotated, Any, Generic, Literal, TypeVar

from django.http import HttpResponse, JsonResponse
from django.utils.translation import gettext, gettext_noop, ngettext
from pydantic import BaseModel, ConfigDict, Field, RootModel, create_model

from ninja_totp.core import errors
from ninja_totp.schemas.examples import Answer, described
from ninja_totp.schemas.responses import Absent, absent

T = TypeVar("T")

# Pydantic's sentences by their types. It has them in English only.
_PYDANTIC = {
    "missing": gettext_noop("Field required"),
    "string_type": gettext_noop("Input should be a valid string"),
    "string_too_short": gettext_noop("String should have at least %(min_length)d characters"),
    "string_too_long": gettext_noop("String should have at most %(max_length)d characters"),
    "list_type": gettext_noop("Input should be a valid list"),
    "too_short": gettext_noop("List should have at least %(min_length)d items"),
    "too_long": gettext_noop("List should have at most %(max_length)d items"),
    "int_parsing": gettext_noop("Input should be a valid integer"),
    "greater_than_equal": gettext_noop("Input should be greater than or equal to %(ge)d"),
    "less_than_equal": gettext_noop("Input should be less than or equal to %(le)d"),
    "model_attributes_type": gettext_noop("Input should be a valid object"),
}

# For the only pattern (`schemas/requests.py`) Pydantic would show the regular expression, and for a
# text that cannot be encoded a message of its decoder.
_UNENCODABLE = {
    "string_pattern_mismatch": gettext_noop("Null characters are not allowed."),
    "string_unicode": gettext_noop("Surrogate characters are not allowed."),
}

_WAIT_SECONDS = 30  # in the examples


class _Error(Answer):
    # Deferred, because it only describes an error in the OpenAPI document.
    model_config = ConfigDict(defer_build=True)


class _Added(_Error):
    """What a leaf may add to the body: see its `further` and `optional`."""

    retry_after: int = described("Seconds to wait, also in the Retry-After header.", _WAIT_SECONDS)
    max_age: int = described("How many seconds ago the second factor may have been verified.", 300)
    fields: dict[str, list[str]] = described(
        "What is wrong, by field.", {"input_code": ["Field required"]}
    )
    attempts_left: Absent[int] = absent(
        "How many more wrong codes are checked before a lock or a new login. Absent if codes are "
        "locked and two consecutive codes were tried.",
        3,
    )
    clock_skew_seconds: Absent[int] = absent(
        "How many seconds the device's clock is off, if that is the reason; positive if it is "
        "ahead. Absent otherwise.",
        -120,
    )


_UNLOCKED = described("Seconds to wait; null if waiting does not end the lock.", _WAIT_SECONDS)
_REFUSED = described("What is wrong with it.", {"new_password": ["This password is too short."]})
_ADDED_BY: dict[type[errors.TotpError], dict[str, Any]] = {
    errors.Locked: {"retry_after": (int | None, _UNLOCKED)},
    errors.InvalidNewPassword: {"fields": (dict[str, list[str]], _REFUSED)},
}


@cache  # or OpenAPI would see two components of the same name
def _schema_of(error: type[errors.TotpError]) -> type[BaseModel]:
    sentence = error.sentence.replace("%(wait)s", errors.waiting_time(_WAIT_SECONDS))
    # Any: what create_model takes as the definition of a field.
    added: dict[str, Any] = {
        "message": (list[str], described("The sentence in a list.", [sentence]))
    }
    added |= {name: (field.annotation, field) for name, field in _Added.model_fields.items()}
    added |= _ADDED_BY.get(error, {})
    literal: Any = Literal[error.code]
    return create_model(
        f"Totp{error.__name__}Error",
        __doc__=(error.__doc__ or "").split("\n")[0],
        __base__=_Error,
        detail=(str, described("A sentence for people.", sentence)),
        code=(literal, described("Stable, for machines.")),
        **{name: added[name] for name in (*error.further, *error.optional)},
    )


# The headers of an error response, by status (RFC 9110, 10.2.3 and 11.6.1).
ERROR_HEADERS: dict[int, dict[str, Any]] = {  # Any: an OpenAPI header
    401: {
        "WWW-Authenticate": {
            "description": "How to authenticate; RFC 9470's challenge where a proof is too old.",
            "schema": {"type": "string"},
        }
    },
    429: {
        "Retry-After": {
            "description": "Seconds to wait. Absent when no waiting helps.",
            "schema": {"type": "integer"},
        }
    },
}


def translated_body(error: errors.TotpError) -> dict[str, object]:
    """Return the body of `error` with its sentence in the active language.

    Other values, such as `code`, are the same in every language.
    """
    sentence = error.translated(gettext, ngettext)
    said: dict[str, object] = {"detail": sentence, "message": [sentence]}
    return {name: said.get(name, value) for name, value in error.body().items()}


def field_sentence(error: Mapping[str, Any]) -> str:
    """Return what is wrong with a field, in the active language.

    `error` is one of Pydantic's. Its own sentence where there is no translation; those of our
    own validators are translated as they are raised.
    """
    if error["type"] in _UNENCODABLE:
        return gettext(_UNENCODABLE[error["type"]])
    template = _PYDANTIC.get(error["type"], "")
    translation = gettext(template)
    own: str = error["msg"]
    return own if translation == template else translation % error.get("ctx", {})


class _OneOf(RootModel[T], Generic[T]):
    model_config = ConfigDict(defer_build=True)


def error_name(operation_id: str, status: int) -> str:
    """Return the name of the union of an endpoint's errors: `TotpDisable400Error`."""
    return f"Totp{operation_id.removeprefix('totp_').title().replace('_', '')}{status}Error"


@cache
def error_union(
    operation_id: str, status: int, schemas: tuple[type[BaseModel], ...]
) -> type[BaseModel]:
    """Return the schema of one of several errors, which `code` tells apart."""
    if len(schemas) == 1:
        return schemas[0]
    name = error_name(operation_id, status)
    one_of: Any = Annotated[reduce(or_, schemas), Field(discriminator="code")]
    return create_model(name, __base__=_OneOf[one_of], __doc__="One error, which `code` tells.")


def error_schemas(
    leaves: Iterable[type[errors.TotpError]],
) -> dict[int, tuple[type[BaseModel], ...]]:
    """Return {status: schemas} for what an endpoint can end with.

    Every endpoint can end with Throttled and Unavailable besides.
    """
    by_status: dict[int, list[type[BaseModel]]] = {}
    every: set[type[errors.TotpError]] = {*leaves, errors.Throttled, errors.Unavailable}
    # In one order, whatever the endpoint's: then endpoints with the same errors share a model.
    for error in sorted(every, key=lambda leaf: leaf.__name__):
        schema = _schema_of(error)  # type: ignore[arg-type]  # a class can be hashed
        by_status.setdefault(error.status, []).append(schema)
    return {status: tuple(schemas) for status, schemas in sorted(by_status.items())}


def error_response(error: errors.TotpError) -> HttpResponse:
    """Return the envelope of `error` with its status and headers."""
    response = JsonResponse(translated_body(error), status=error.status)
    if error.retry_after is not None:
        response["Retry-After"] = str(error.retry_after)
    if error.status == 401:
        response["WWW-Authenticate"] = error.challenge
    return response
