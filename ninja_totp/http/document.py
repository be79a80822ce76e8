"""The OpenAPI description of a call at both APIs: one declaration beside its function.

The first line of the function's docstring is the summary, the rest is the description. Error
schemas are in `errors.py`.
"""

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar, get_args

from django.views.decorators.debug import sensitive_variables
from pydantic import BaseModel, ConfigDict, Field

from ninja_totp.core import errors
from ninja_totp.schemas.examples import answer_examples
from ninja_totp.schemas.responses import Absent, FirstStep, TotpLoginStep, absent

# What a call that takes a body can end with, whatever it does.
BODY_ERRORS = (errors.MalformedRequest, errors.PayloadTooLarge, errors.UnsupportedMediaType)

# By the beginning of the operation id.
_TAGS = {
    "totp_recovery": "Recovery",
    "totp": "Two-factor authentication",
    "jwt": "Login with tokens",
    "session": "Login with a session",
}


def tag_of(name: str) -> str:
    """Return the tag of an operation id."""
    return next(tag for prefix, tag in _TAGS.items() if name.startswith(prefix))


# Any: an OpenAPI parameter.
CSRF_PARAMETER: dict[str, Any] = {
    "name": "X-CSRFToken",
    "in": "header",
    "required": False,
    "description": "The value of the cookie `csrftoken`, if the credential is a cookie.",
    "schema": {"type": "string"},
}

F = TypeVar("F", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class Call:
    """A call: its texts, its response, and its own errors."""

    summary: str
    description: str
    status: int
    schema: Any
    errors: tuple[type[errors.TotpError], ...]


_CALLS: dict[Callable[..., Any], Call] = {}


def answers(status: int, schema: Any, *own: type[errors.TotpError]) -> Callable[[F], F]:
    """Declare the response of a call and its errors, besides those of every endpoint.

    A report of a crash does not show the variables of a call, which are codes, tokens and secrets.
    """

    def declare(run: F) -> F:
        summary, _, description = (inspect.getdoc(run) or "").partition("\n")
        hiding: F = sensitive_variables()(run)
        _CALLS[hiding] = Call(summary.rstrip("."), description.strip(), status, schema, own)
        return hiding

    return declare


def call_of(run: Callable[..., Any]) -> Call:
    """Return the declaration of `run`."""
    return _CALLS[run]


def examples_of_union(answers: Any) -> dict[str, dict[str, Any]]:
    """Return an example for each of several errors, or each first step; nothing for one answer."""
    if answers is TotpLoginStep:
        return answer_examples(get_args(FirstStep), "step")
    several = isinstance(answers, tuple) and len(answers) > 1
    return answer_examples(answers, "code") if several else {}


def _body(error: type[errors.TotpError]) -> dict[str, Any]:
    return {"detail": error.sentence, "code": error.code}


class TotpRefusal(BaseModel):
    """Why a guarded endpoint refused the caller: the error of the guard, or of your API.

    A bearer token gets 401 with the challenge of RFC 9470 in `WWW-Authenticate`.
    """

    # Not a union: errors of the project's API may have no `code`.
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                _body(errors.SecondFactorRequired) | {"max_age": 300},
                _body(errors.EnrolmentRequired),
                {"detail": "Unauthorized"},
            ]
        }
    )

    detail: str = Field(description="A sentence for people.")
    code: Absent[str] = absent(
        "`second_factor_required` (call `totp/verify/` and repeat) or `enrolment_required` (set up "
        "2FA). Other values come from your API."
    )
    max_age: Absent[int] = absent(
        "With `second_factor_required`: the maximum age of a proof, in seconds."
    )


step_up_responses: dict[int, type[BaseModel]] = {401: TotpRefusal, 403: TotpRefusal}
"""The responses of a guarded endpoint by status, for `response=` and `responses=`."""
