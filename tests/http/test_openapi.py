"""The OpenAPI document: complete, unmistakable, and not changed by accident.

After a change that is meant, `UPDATE_OPENAPI=1 pytest tests/http/test_openapi.py` writes
openapi.json anew; its diff belongs into the review.
"""

import copy
import difflib
import json
import os
import re
from pathlib import Path

import pytest
from django.test import Client
from jsonschema import FormatChecker, validate
from ninja.security import django_auth
from ninja_jwt.authentication import AsyncJWTAuth

from ninja_totp.api import (
    NinjaJWT,
    Session,
    SimpleJWT,
    create_login_router,
    create_recovery_router,
    create_router,
)
from ninja_totp.models import Event
from tests.http.document import codes_of, document_of, operations_of, resolved
from tests.http.hosts import new_api
from tests.support.people import PASSWORD
from tests.urls import api

_SNAPSHOT = Path(__file__).with_name("openapi.json")
_DOCUMENT = document_of(api)
_OPERATIONS = list(operations_of(_DOCUMENT))

_ALWAYS = {(429, "throttled"), (503, "unavailable")}
_WITHOUT_BODY = _ALWAYS | {(413, "payload_too_large"), (415, "unsupported_media_type")}
_WITH_BODY = _WITHOUT_BODY | {(400, "malformed_request"), (422, "invalid_request")}
_CSRF = {(403, "csrf_failed")}
_READING = _ALWAYS | {(401, "not_authenticated")}
_SIGNED_IN = {(401, "not_authenticated")} | _CSRF
_LOCKED = {(429, "locked")}
_CHANGE = _WITH_BODY | _SIGNED_IN | _LOCKED
_CHANGE |= {
    (400, "not_enrolled"),
    (400, "invalid_code"),
    (403, "second_factor_required"),
}
_SECOND_STEP = _WITH_BODY | _LOCKED
_SECOND_STEP |= {(400, "invalid_challenge"), (400, "invalid_code"), (400, "not_enrolled")}

_RECOVERY = _WITH_BODY | {(404, "recovery_disabled")}

_DOCUMENTED = {
    "POST totp/create/": _WITHOUT_BODY | _SIGNED_IN | {(400, "already_enabled")},
    "POST totp/confirm/": _WITH_BODY
    | _SIGNED_IN
    | _LOCKED
    | {(400, "invalid_code"), (400, "not_enrolled"), (400, "already_enabled")},
    "POST totp/disable/": _CHANGE,
    "POST totp/rotate_backup_codes/": _CHANGE,
    "POST totp/replace/": _CHANGE,
    "GET totp/authenticators/": _READING,
    "POST totp/authenticators/": _CHANGE | {(400, "too_many_authenticators")},
    "PATCH totp/authenticators/{authenticator_id}/": _CHANGE | {(404, "not_found")},
    "DELETE totp/authenticators/{authenticator_id}/": _CHANGE
    | {(404, "not_found"), (400, "last_authenticator")},
    "GET totp/status/": _READING,
    "GET totp/trusted_devices/": _READING,
    "DELETE totp/trusted_devices/{device_id}/": _READING | _CSRF | {(404, "not_found")},
    "GET totp/events/": _READING | {(422, "invalid_request")},
    "POST totp/verify/": _WITH_BODY
    | _SIGNED_IN
    | _LOCKED
    | {(400, "invalid_code"), (400, "not_enrolled")},
    "POST totp/recovery/": _RECOVERY,
    "POST totp/recovery_confirm/": _RECOVERY
    | {(400, "invalid_recovery"), (400, "invalid_password"), (400, "recovery_not_yet")},
    "POST totp/recovery_cancel/": _RECOVERY | {(400, "invalid_recovery")},
    "POST jwt/create/": _WITH_BODY | {(401, "invalid_credentials")},
    "POST jwt/totp/verify/": _SECOND_STEP,
    "POST jwt/refresh/": _WITH_BODY | {(401, "token_not_valid")},
    "POST jwt/verify/": _WITH_BODY | {(401, "token_not_valid")},
    "POST session/create/": _WITH_BODY | _CSRF | {(401, "invalid_credentials")},
    "POST session/totp/verify/": _SECOND_STEP | _CSRF,
    "POST session/delete/": _WITHOUT_BODY | _CSRF,
}


def _errors_of(operation):
    return [
        leaf
        for status, response in operation.described["responses"].items()
        if int(status) >= 400
        for leaf in resolved(_DOCUMENT, response["content"]["application/json"]["schema"])
    ]


every_operation = pytest.mark.parametrize("operation", _OPERATIONS, ids=str)


def test_the_document_is_the_one_that_was_reviewed():
    present = json.dumps(_reviewable(_DOCUMENT), indent=1, sort_keys=True) + "\n"
    _update_if_told(present)

    reviewed = _SNAPSHOT.read_text()

    changes = "\n".join(
        difflib.unified_diff(
            reviewed.splitlines(), present.splitlines(), "reviewed", "present", lineterm="", n=2
        )
    )
    assert not changes, f"The OpenAPI document has changed:\n{changes}"


def _reviewable(document):
    """Leave out what depends on versions and says nothing.

    The names of statuses changed in Python 3.13 (RFC 9110); older Pydantic writes an `enum` of one
    value beside `const`.
    """
    reviewable = copy.deepcopy(document)
    for schema in reviewable["components"]["schemas"].values():
        for name in ("code", "step", "is_totp_enabled"):
            schema.get("properties", {}).get(name, {}).pop("enum", None)
    for operation in operations_of(reviewable):
        for response in operation.described["responses"].values():
            del response["description"]
    return reviewable


def _update_if_told(present):
    if os.environ.get("UPDATE_OPENAPI"):
        _SNAPSHOT.write_text(present)


def test_every_documented_call_is_there():
    assert {str(operation) for operation in _OPERATIONS} >= set(_DOCUMENTED)


@every_operation
def test_every_error_of_a_call_is_declared(operation):
    assert codes_of(_DOCUMENT, operation) >= _DOCUMENTED.get(str(operation), set())


@every_operation
def test_a_client_can_narrow_on_the_code(operation):
    codes = [leaf["properties"]["code"]["const"] for leaf in _errors_of(operation)]

    assert len(codes) == len(set(codes))


@every_operation
def test_every_field_and_every_call_is_described(operation):
    described = operation.described
    schemas = [
        content["schema"]
        for part in (described.get("requestBody", {}), *described["responses"].values())
        for content in part.get("content", {}).values()
    ]

    undescribed = [
        name
        for schema in schemas
        for leaf in resolved(_DOCUMENT, schema)
        for name, field in leaf.get("properties", {}).items()
        if "description" not in field
    ]

    assert described["summary"]
    assert undescribed == []


@every_operation
def test_every_body_has_examples_that_its_schema_allows(operation):
    contents = operation.described.get("requestBody", {"content": {}})["content"]

    for content in contents.values():
        assert content["examples"]
        for example in content["examples"].values():
            validate(example["value"], _complete(content["schema"]))


@every_operation
def test_every_answer_has_an_example_that_its_schema_allows(operation):
    answers = [one for one in operation.described["responses"].values() if "content" in one]

    for answer in answers:
        schema = answer["content"]["application/json"]["schema"]
        for leaf in resolved(_DOCUMENT, schema):
            assert leaf["examples"]
            for example in leaf["examples"]:
                validate(example, _complete(schema), format_checker=FormatChecker())


@every_operation
def test_a_union_of_answers_has_an_example_of_each(operation):
    answers = [one for one in operation.described["responses"].values() if "content" in one]

    for answer in answers:
        content = answer["content"]["application/json"]
        leaves = resolved(_DOCUMENT, content["schema"])
        shown = [one["value"] for one in content.get("examples", {}).values()]
        assert shown == ([leaf["examples"][0] for leaf in leaves] if len(leaves) > 1 else [])


def _complete(schema):
    return schema | {"components": _DOCUMENT["components"]}


def test_nothing_is_suggested_that_nobody_would_type():
    text = json.dumps(_DOCUMENT)
    names = _DOCUMENT["components"]["schemas"]["TotpCredentials"]["properties"]

    assert "****" not in text
    assert "format" not in names["username"]


def test_an_event_names_the_values_that_are_known():
    event = _DOCUMENT["components"]["schemas"]["TotpEvent"]["properties"]

    assert event["type"]["enum"] == Event.Type.values
    assert event["method"]["enum"] == ["otp", "backup_code", ""]


@every_operation
def test_a_call_that_checks_the_csrf_token_names_its_header(operation):
    named = {one["name"] for one in operation.described["parameters"] if one["in"] == "header"}
    checked = (403, "csrf_failed") in codes_of(_DOCUMENT, operation)

    assert named == ({"X-CSRFToken"} if checked else set())


def test_tags_tell_the_logins_apart():
    tags = {str(one): one.described["tags"] for one in _OPERATIONS}

    assert tags["POST jwt/create/"] == ["Login with tokens"]
    assert tags["POST session/create/"] == ["Login with a session"]


@every_operation
def test_every_error_has_an_example_of_itself(operation):
    for leaf in _errors_of(operation):
        (example,) = leaf["examples"]
        assert example["code"] == leaf["properties"]["code"]["const"]
        assert set(leaf["required"]) <= set(example) <= set(leaf["properties"])


@every_operation
def test_an_error_says_which_headers_it_has(operation):
    described = operation.described["responses"]
    headers = {int(status): set(one.get("headers", {})) for status, one in described.items()}

    assert headers == {
        status: {401: {"WWW-Authenticate"}, 429: {"Retry-After"}}.get(status, set())
        for status in headers
    }


@every_operation
def test_a_call_before_the_login_is_public_and_no_other_is(operation):
    is_public = operation.path.startswith(("jwt/", "session/", "totp/recovery"))

    assert (operation.described["security"] == []) is is_public


def test_no_component_can_replace_one_of_the_host():
    names = set(_DOCUMENT["components"]["schemas"])

    assert {name for name in names if not name.startswith("Totp")} == set()


def test_no_two_calls_share_an_id():
    ids = [operation.described["operationId"] for operation in _OPERATIONS]

    assert len(ids) == len(set(ids)) == len(_OPERATIONS)


def test_the_document_is_made_without_a_warning(capsys):
    every = new_api()
    every.add_router("/totp/", create_router(), auth=[AsyncJWTAuth(), django_auth])
    every.add_router("/jwt/", create_login_router(issuer=NinjaJWT()))
    every.add_router("/session/", create_login_router(issuer=Session()))

    document_of(every)

    assert capsys.readouterr().out == ""


def test_two_apis_have_one_document():
    again = new_api(title="ninja-totp tests")
    again.add_router("/totp/", create_router(), auth=[AsyncJWTAuth(), django_auth])
    again.add_router("/totp/", create_recovery_router())
    again.add_router("/jwt/", create_login_router(issuer=SimpleJWT()))
    again.add_router("/session/", create_login_router(issuer=Session()))

    assert document_of(again) == _DOCUMENT


def test_the_document_and_its_page_are_served(door):
    served = Client().get("/ninja/openapi.json")
    page = Client().get("/ninja/docs")

    assert served.json()["paths"].keys() == _DOCUMENT["paths"].keys()
    assert page.status_code == 200


def test_a_session_can_be_tried_on_the_page(ada, mount):
    host = new_api(auth=django_auth)
    host.add_router("/session/", create_login_router(issuer=Session()))
    host.add_router("/totp/", create_router())
    mount(host)
    browser = Client(enforce_csrf_checks=True)

    logged_in = _try_on_page(browser, "session/create/", {"username": "ada", "password": PASSWORD})
    enrolling = _try_on_page(browser, "totp/create/", {})

    assert (logged_in.status_code, enrolling.status_code) == (200, 201)


def _try_on_page(browser, path, body):
    """Send what Swagger sends from the page, freshly loaded."""
    page = browser.get("/ninja/docs").content.decode()
    (token,) = re.findall(r"\['X-CSRFToken'\] = \"(\w+)\"", page)
    headers = {"X-CSRFToken": token}
    url = f"/ninja/{path}"
    return browser.post(url, body, content_type="application/json", headers=headers)
