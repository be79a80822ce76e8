"""Generated requests: whatever comes in, what goes out is as the OpenAPI document says.

schemathesis makes requests from the document, good ones and bad ones, and sends them to the WSGI
application in this process. The examples are the same in every run; `--hypothesis-profile=default`
looks for others.
"""

from contextlib import suppress

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.http.calls import CALLS
from tests.http.document import document_of
from tests.support.breadth import breadth
from tests.support.conformance import bound
from tests.support.connections import connection_left_open
from tests.urls import api

_CHECKS = [
    not_a_server_error,
    status_code_conformance,
    response_schema_conformance,
    content_type_conformance,
]
_DOCUMENT = document_of(api)


def _described(call):
    method, _, path = call.name.partition(" ")
    return _DOCUMENT["paths"][f"/ninja/{path}"][method.lower()]


def _requests(turn):
    """Return each call with good and with bad requests; in `make test` with one kind of them.

    Where that is the good ones, it is the bad ones in the other turn.
    """
    turns = breadth(2, thorough=1)
    return [
        pytest.param(call, mode, id=f"{call} {mode.value}")
        for number, call in enumerate(CALLS, start=turn)
        for other, mode in enumerate((GenerationMode.POSITIVE, GenerationMode.NEGATIVE))
        # Where nothing is taken, nothing can be wrong.
        if mode is GenerationMode.POSITIVE or "requestBody" in _described(call)
        if (number + other) % turns == 0
    ]


@pytest.fixture(scope="module")
def bound_document():
    """The document, bound to the application."""
    return bound(_DOCUMENT)


@pytest.fixture
def schema(bound_document, settings):
    """The document, for requests to whatever host they say."""
    settings.ALLOWED_HOSTS = ["*"]
    return bound_document


def _send_many(schema, call, mode, headers):
    method, _, path = call.name.partition(" ")
    operation = schema[f"/ninja/{path}"][method]

    @settings(
        max_examples=max(2, settings.default.max_examples // 10),
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def conforms(case):
        case.call_and_validate(checks=_CHECKS, headers=headers)

    # Where any text is a right one, older versions find no wrong request.
    with connection_left_open(), suppress(Unsatisfiable):
        conforms()


@pytest.mark.parametrize(("call", "mode"), _requests(turn=0))
def test_requests_of_nobody(door, schema, call, mode):
    _send_many(schema, call, mode, {})


@pytest.mark.parametrize(("call", "mode"), _requests(turn=1))
def test_requests_of_somebody_in_the_middle_of_it(door, ada, schema, call, mode):
    request = call.prepare(ada)

    _send_many(schema, call, mode, dict(request.credential.headers))
