"""The views in the OpenAPI document of drf-spectacular."""

from importlib.util import find_spec

import pytest

from tests.http.document import document_of, operations_of
from tests.support.other_process import run_there
from tests.urls import api

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        find_spec("drf_spectacular") is None, reason="drf-spectacular IS NOT INSTALLED"
    ),
]


@pytest.fixture(scope="module")
def operations(document):
    """The operations of the door, by method and path."""
    return {
        f"{method.upper()} {path.removeprefix('/drf/')}": operation
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
        if path.startswith("/drf/")
    }


def _codes(document, schema):
    if "$ref" in schema:
        return _codes(document, document["components"]["schemas"][schema["$ref"].split("/")[-1]])
    if "oneOf" in schema:
        return {code for one in schema["oneOf"] for code in _codes(document, one)}
    if "code" not in schema["properties"]:
        return {"(fields)"}
    (code,) = schema["properties"]["code"]["allOf"]
    return set(document["components"]["schemas"][code["$ref"].rpartition("/")[2]]["enum"])


def test_every_call_is_described(operations):
    assert operations.keys() == {
        "POST totp/create/",
        "POST totp/confirm/",
        "POST totp/disable/",
        "POST totp/rotate_backup_codes/",
        "POST totp/replace/",
        "POST totp/verify/",
        "GET totp/authenticators/",
        "POST totp/authenticators/",
        "PATCH totp/authenticators/{authenticator_id}/",
        "DELETE totp/authenticators/{authenticator_id}/",
        "GET totp/status/",
        "GET totp/events/",
        "GET totp/trusted_devices/",
        "DELETE totp/trusted_devices/{device_id}/",
        "POST totp/recovery/",
        "POST totp/recovery_confirm/",
        "POST totp/recovery_cancel/",
        "POST jwt/create/",
        "POST jwt/totp/verify/",
        "POST jwt/totp/create/",
        "POST jwt/totp/confirm/",
        "POST jwt/refresh/",
        "POST jwt/verify/",
    }


def test_operation_ids_are_ours_and_unmistakable(operations):
    ids = [operation["operationId"] for operation in operations.values()]

    assert len(set(ids)) == len(ids)
    assert {"totp_create", "jwt_totp_verify", "totp_recovery_confirm"} <= set(ids)


@pytest.mark.parametrize("key", ["operationId", "summary", "description", "tags"])
def test_a_call_is_described_as_at_the_other_api(operations, key):
    others = {str(one): one.described for one in operations_of(document_of(api))}
    # The library takes the docstring of the view in place of an empty description.
    expected = {call: others[call].get(key, others[call]["summary"]) for call in operations}

    assert {call: operation[key] for call, operation in operations.items()} == expected


def test_a_body_has_the_name_and_the_examples_of_the_other_api(operations):
    others = {str(one): one.described for one in operations_of(document_of(api))}
    bodies = {
        call: operation["requestBody"]["content"]["application/json"]
        for call, operation in operations.items()
        if "requestBody" in operation
    }

    assert len(bodies) == 16
    for call, body in bodies.items():
        other = others[call]["requestBody"]["content"]["application/json"]
        assert _name(body).removeprefix("Patched") in str(other["schema"])
        assert [one["value"] for one in body["examples"].values()] == [
            one["value"] for one in other["examples"].values()
        ]


def test_an_answer_has_the_example_of_the_other_api(document):
    others = document_of(api)["components"]["schemas"]
    answers = {
        name: schema["example"]
        for name, schema in document["components"]["schemas"].items()
        if name in others and "example" in schema
    }

    assert len(answers) >= 39
    assert answers == {name: others[name]["examples"][0] for name in answers}


def test_a_union_has_an_example_of_each_code(operations):
    responses = operations["POST totp/disable/"]["responses"]
    shown = {
        status: {one["value"]["code"] for one in content["examples"].values()}
        for status, response in responses.items()
        for content in response.get("content", {}).values()
        if "examples" in content
    }

    assert shown == {
        "400": {"not_enrolled", "invalid_code", "malformed_request"},
        "401": {"not_authenticated", "token_not_valid"},
        "403": {
            "second_factor_required",
            "enrolment_required",
            "csrf_failed",
            "origin_not_trusted",
        },
        "429": {"locked", "throttled"},
    }


def _name(content):
    return content["schema"]["$ref"].rpartition("/")[2]


def test_errors_are_told_apart_by_literals(document, operations):
    responses = operations["POST totp/disable/"]["responses"]
    codes = {
        status: _codes(document, response["content"]["application/json"]["schema"])
        for status, response in responses.items()
        if status != "204"
    }

    assert codes == {
        "400": {"not_enrolled", "invalid_code", "malformed_request", "(fields)"},
        "401": {"not_authenticated", "token_not_valid"},
        "403": {
            "second_factor_required",
            "enrolment_required",
            "csrf_failed",
            "origin_not_trusted",
        },
        "413": {"payload_too_large"},
        "415": {"unsupported_media_type"},
        "429": {"locked", "throttled"},
        "503": {"unavailable"},
    }


def test_an_error_says_which_headers_it_has(operations):
    responses = operations["POST totp/disable/"]["responses"]

    assert {status: list(one.get("headers", {})) for status, one in responses.items()} == {
        "204": [],
        "400": [],
        "401": ["WWW-Authenticate"],
        "403": [],
        "413": [],
        "415": [],
        "429": ["Retry-After"],
        "503": [],
    }


def test_a_public_call_needs_no_credential(operations):
    public = [call for call, one in operations.items() if one.get("security", [{}]) in ([], [{}])]

    assert {call.split()[1].split("/")[0] for call in public} == {"jwt", "totp"}
    assert sorted(call for call in public if call.startswith("POST totp/")) == [
        "POST totp/recovery/",
        "POST totp/recovery_cancel/",
        "POST totp/recovery_confirm/",
    ]


def test_a_view_of_the_project_says_how_it_refuses(document):
    responses = document["paths"]["/transfers/"]["post"]["responses"]
    contents = {status: one["content"]["application/json"] for status, one in responses.items()}
    names = {status: one["schema"].get("$ref", "")[21:] for status, one in contents.items()}

    assert names == {"200": "", "401": "TotpRefusal", "403": "TotpRefusal"}


def test_answers_are_the_schemas_of_both_doors(document, operations):
    content = operations["POST totp/create/"]["responses"]["201"]["content"]
    name = content["application/json"]["schema"]["$ref"].split("/")[-1]

    assert name == "TotpSetup"
    assert set(document["components"]["schemas"][name]["properties"]) == {
        "svg",
        "uri",
        "secret",
        "secret_grouped",
        "expires_at",
    }


def test_the_name_field_is_that_of_the_user_model(document, operations):
    content = operations["POST jwt/create/"]["requestBody"]["content"]["application/json"]
    name = content["schema"]["$ref"].split("/")[-1]

    assert set(document["components"]["schemas"][name]["properties"]) == {
        "username",
        "password",
        "trusted_device_token",
    }


def test_a_call_without_a_body_asks_for_none(operations):
    assert "requestBody" not in operations["POST totp/create/"]


def test_the_query_of_a_call_is_described(operations):
    operation = operations["GET totp/events/"]

    assert [one["name"] for one in operation["parameters"]] == ["before", "limit"]
    assert "requestBody" not in operation
    assert "400" in operation["responses"]


def test_the_door_opens_without_the_library():
    program = (
        "import sys, django\n"
        "sys.modules['drf_spectacular'] = None\n"
        "django.setup()\n"
        "import drf_compat.urls, drf_compat.urls.jwt, drf_compat.urls.recovery\n"
    )

    process = run_there("tests.settings", "-c", program)

    assert process.returncode == 0, process.stderr
