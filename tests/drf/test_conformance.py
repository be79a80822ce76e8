"""Generated requests to the views: what goes out is as drf-spectacular's document says.

The Ninja door's twin is tests/http/test_conformance.py.
"""

from importlib.util import find_spec

import pytest
from hypothesis import HealthCheck, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.support.breadth import share
from tests.support.clock import StoppedClock
from tests.support.conformance import bound
from tests.support.connections import connection_left_open
from tests.support.doors import DrfDoor
from tests.support.people import Person

pytestmark = [
    pytest.mark.slow,
    pytest.mark.django_db,
    pytest.mark.skipif(
        find_spec("drf_spectacular") is None, reason="drf-spectacular IS NOT INSTALLED"
    ),
]
_MODES = [GenerationMode.POSITIVE, GenerationMode.NEGATIVE]
_CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]


@pytest.fixture
def ada(monkeypatch, settings):
    """Somebody with a second factor, who may ask as often as she likes."""
    settings.TOTP_THROTTLE_RATE = None
    settings.ALLOWED_HOSTS = ["*"]
    return Person(DrfDoor(), StoppedClock().install(monkeypatch), "ada")


@pytest.fixture(scope="module")
def schema(document):
    """The document, bound to the application."""
    return bound(document)


def _send_many(schema, mode, headers, *, turn):
    """Send requests to every operation; in `make test` to every second one, the others in turn."""
    operations = [
        found.ok() for found in schema.get_all_operations() if found.ok().path.startswith("/drf/")
    ]
    for operation in share(operations, turn, of=2):

        @settings(max_examples=2, suppress_health_check=list(HealthCheck))
        @given(case=operation.as_strategy(generation_mode=mode))
        def conforms(case):
            case.call_and_validate(checks=_CHECKS, headers=headers)

        with connection_left_open():
            conforms()
    return len(operations)


@pytest.mark.parametrize("mode", _MODES, ids=str)
def test_requests_of_nobody(ada, schema, mode):
    assert _send_many(schema, mode, {}, turn=_MODES.index(mode)) >= 15


@pytest.mark.parametrize("mode", _MODES, ids=str)
def test_requests_of_somebody_with_a_second_factor(ada, schema, mode):
    headers = dict(ada.enrol().headers)

    assert _send_many(schema, mode, headers, turn=_MODES.index(mode) + 1) >= 15


def test_the_errors_of_each_of_two_codes_are_described(ada, schema):
    headers = dict(ada.enrol().headers)
    call = schema["/drf/totp/verify/"]["POST"]
    case = call.Case(body={"otp_codes": [{}, []]}, media_type="application/json")

    with connection_left_open():
        answer = case.call_and_validate(checks=_CHECKS, headers=headers)

    assert answer.status_code == 400
    assert list(answer.json()["otp_codes"]) == ["0", "1"]
