"""What the reference says is what the code has: nothing missing, nothing made up."""

import ast
import inspect
import re
from dataclasses import fields
from importlib import import_module

import pytest
from django.core.exceptions import ImproperlyConfigured

from ninja_totp import services, signals
from ninja_totp.core import errors
from ninja_totp.models import Event
from tests.docs.pages import ROOT, codes, pages, table_under
from tests.support.settings import FIELDS, settings_with
from tests.urls import api

SETTINGS = {
    codes(row["setting"])[0]: row for row in table_under("docs/reference/settings.md", "Settings")
}
ERRORS = table_under("docs/reference/errors.md", "Codes")
SIGNALS = table_under("docs/reference/signals.md", "Signals")
CHECKS = table_under("docs/reference/checks.md", "System checks")
EVENTS = table_under("docs/reference/logging.md", "Events")
TROUBLE = table_under("docs/reference/logging.md", "Trouble")
CALLS = [
    row
    for heading in ("Managing the factor", "Logging in", "Recovering")
    for row in table_under("docs/reference/http-api.md", heading)
    if "call" in row
]
HISTORY = table_under("docs/reference/events.md", "Types")
EVERYWHERE = table_under("docs/reference/http-api.md", "Every call")
USE_CASES = [
    row
    for heading in (
        "Life of a factor",
        "Codes",
        "Logging in",
        "Requiring a factor",
        "Recovering",
        "Operating",
        "Trusted devices",
        "History",
    )
    for row in table_under("docs/reference/services.md", heading)
]
VALUES = table_under("docs/reference/services.md", "Values")

LEAVES = [
    one
    for one in vars(errors).values()
    if isinstance(one, type) and issubclass(one, errors.TotpError) and one is not errors.TotpError
]
SOURCES, DRF_SOURCES = (
    "".join(path.read_text() for path in (ROOT / package).rglob("*.py"))
    for package in ("ninja_totp", "drf_compat")
)
OPENAPI = api.get_openapi_schema()
OPERATIONS = {
    f"{method.upper()} {path.removeprefix('/ninja/')}": operation
    for path, operations in OPENAPI["paths"].items()
    for method, operation in operations.items()
}


def allowed_values(row):
    """The values that a row allows, and those next to them which it does not."""
    bounds = re.match(r"([0-9]+) to ([0-9]+)", row["allowed"])
    good = [ast.literal_eval(code) for code in codes(row["allowed"])]
    if bounds is None:
        return good, []
    lowest, highest = int(bounds[1]), int(bounds[2])
    return [*good, lowest, highest], [lowest - 1, highest + 1]


def schema_of(content):
    """The JSON schemas of a body, with references resolved and alternatives laid out."""
    return list(_laid_out(content.get("application/json", {}).get("schema", {})))


def _laid_out(schema):
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        yield from _laid_out(OPENAPI["components"]["schemas"][name])
    for part in schema.get("oneOf", schema.get("anyOf", [])):
        yield from _laid_out(part)
    if "properties" in schema:
        yield schema


def properties(content):
    return {name for schema in schema_of(content) for name in schema["properties"]}


def codes_of(operation, *, everywhere):
    """The error codes of an operation, without those that every such call can end with."""
    return {
        schema["properties"]["code"]["const"]
        for response in operation["responses"].values()
        for schema in schema_of(response.get("content", {}))
        if "code" in schema["properties"]
    } - everywhere


def everywhere(call):
    rows = EVERYWHERE if call.startswith(("POST", "PATCH")) else EVERYWHERE[:1]
    return {code for row in rows for code in codes(row["errors"])}


def bare_signature(thing):
    """The parameters of a function without annotations; nothing for a class or a signal."""
    if not inspect.isfunction(thing):
        return ""
    signature = inspect.signature(thing)
    bare = [
        parameter.replace(annotation=inspect.Parameter.empty)
        for parameter in signature.parameters.values()
    ]
    return str(inspect.Signature(bare))


def public_services():
    """What `from ninja_totp.services import ...` is for: each name that the package re-exports."""
    return {
        name
        for name, thing in vars(services).items()
        if not name.startswith("_") and not inspect.ismodule(thing)
    }


def test_every_setting_is_in_the_reference():
    assert SETTINGS.keys() == FIELDS.keys()


@pytest.mark.parametrize("setting", sorted(SETTINGS.keys() - {"TOTP_ENCRYPTION_KEY"}))
def test_the_default_of_a_setting_is_right(setting):
    shown = ast.literal_eval(codes(SETTINGS[setting]["default"])[0])

    assert shown == FIELDS[setting].default


@pytest.mark.parametrize("setting", SETTINGS)
def test_the_allowed_values_of_a_setting_are_right(setting):
    good, _ = allowed_values(SETTINGS[setting])

    for value in good:
        settings_with(setting, value)


@pytest.mark.parametrize("setting", SETTINGS)
def test_values_beyond_those_of_a_setting_are_refused(setting):
    _, bad = allowed_values(SETTINGS[setting])

    for value in [*bad, object()]:
        with pytest.raises(ImproperlyConfigured, match=setting):
            settings_with(setting, value)


@pytest.mark.parametrize("setting", SETTINGS)
def test_none_is_allowed_where_the_reference_says_so(setting):
    row = SETTINGS[setting]

    assert ("None" in codes(row["type"])) == (None in allowed_values(row)[0])


def test_every_error_is_in_the_reference():
    shown = {(codes(row["class"])[0], codes(row["code"])[0], int(row["status"])) for row in ERRORS}

    assert shown == {(leaf.__name__, leaf.code, leaf.status) for leaf in LEAVES}


def test_every_call_is_in_the_reference():
    assert {codes(row["call"])[0] for row in CALLS} == OPERATIONS.keys()


@pytest.mark.parametrize("row", CALLS, ids=lambda row: codes(row["call"])[0])
def test_the_errors_of_a_call_are_right(row):
    call = codes(row["call"])[0]

    assert set(codes(row["errors"])) == codes_of(OPERATIONS[call], everywhere=everywhere(call))


@pytest.mark.parametrize("row", EVERYWHERE, ids=lambda row: row["calls"])
def test_what_every_call_can_end_with_is_right(row):
    method = "".join(re.findall("POST", row["calls"]))
    documented = [
        codes_of(operation, everywhere=set())
        for call, operation in OPERATIONS.items()
        if call.startswith(method)
    ]
    bodies = [found for found in documented if "malformed_request" in found or not method]

    assert bodies
    assert all(set(codes(row["errors"])) <= found for found in bodies)


@pytest.mark.parametrize("row", CALLS, ids=lambda row: codes(row["call"])[0])
def test_the_request_of_a_call_is_right(row):
    operation = OPERATIONS[codes(row["call"])[0]]
    body = operation.get("requestBody", {"content": {}})
    parameters = operation.get("parameters", [])
    named = {parameter["name"] for parameter in parameters if parameter["in"] != "header"}

    assert set(codes(row["request"])) == properties(body["content"]) | named


@pytest.mark.parametrize("row", CALLS, ids=lambda row: codes(row["call"])[0])
def test_the_success_of_a_call_is_right(row):
    status = row["success"].split(" ")[0].rstrip(",")
    response = OPERATIONS[codes(row["call"])[0]]["responses"][int(status)]

    assert set(codes(row["success"])) - {"{}"} == properties(response.get("content", {}))


def test_every_signal_is_in_the_reference():
    assert {codes(row["signal"])[0] for row in SIGNALS} == set(signals.NAMES.values())


def test_every_type_of_the_history_is_in_the_reference():
    assert [codes(row["type"])[0] for row in HISTORY] == list(Event.Type.values)


def test_every_event_is_in_the_reference_with_its_level():
    shown = {codes(row["message begins with"])[0]: row["level"] for row in EVENTS}

    assert shown == {
        name: "WARNING" if signal in signals._SUSPICIOUS else "INFO"
        for signal, name in signals.NAMES.items()
    }


def test_every_message_of_trouble_is_in_the_reference():
    begins = (
        r"(?:logger\.(?:error|exception|warning)\(\s*|\bline = |signals\.log\(logging\.ERROR, )"
    )
    written = re.findall(begins + r'"([^"]+)"', SOURCES)

    assert {codes(row["message"])[0] for row in TROUBLE} == set(written)


def test_every_check_is_in_the_reference():
    written = set(re.findall(r'"((?:ninja_totp|drf_compat)\.[EWI]\d{3})"', SOURCES + DRF_SOURCES))

    assert {codes(row["id"])[0] for row in CHECKS} == written


def test_every_service_is_in_the_reference():
    functions = {codes(row["function"])[0].partition("(")[0] for row in USE_CASES}
    variants = {codes(row["async variant"])[0] for row in USE_CASES}
    values = {codes(row["class"])[0] for row in VALUES}

    assert functions | variants | values == public_services()
    assert variants == {f"a{name}" for name in functions}


@pytest.mark.parametrize("row", USE_CASES, ids=lambda row: codes(row["function"])[0])
def test_the_signature_of_a_service_is_right(row):
    name, opening, parameters = codes(row["function"])[0].partition("(")

    assert opening + parameters == bare_signature(getattr(services, name))


@pytest.mark.parametrize("row", VALUES, ids=lambda row: codes(row["class"])[0])
def test_the_fields_of_a_value_are_right(row):
    value = getattr(services, codes(row["class"])[0])
    own, _, computed = row["fields"].partition("also")

    assert set(codes(own)) - {"None"} == {field.name for field in fields(value)}
    assert all(hasattr(value, name) for name in codes(computed))


@pytest.mark.parametrize("page", pages(), ids=lambda page: page.path)
def test_no_page_speaks_of_a_setting_that_does_not_exist(page):
    mentioned = set(re.findall(r"\bTOTP_[A-Z_]+\b", (ROOT / page.path).read_text()))

    assert mentioned <= SETTINGS.keys()


def test_every_helper_is_in_the_reference_with_its_signature():
    shown = {
        (row["module"].strip("`"), name)
        for row in table_under("docs/reference/drf-helpers.md", "Helpers for Django REST Framework")
        for name in codes(row["name"])
    }
    modules = {name: import_module(f"drf_compat.{name}") for name, _ in shown}

    assert shown == {
        (module, f"{name}{bare_signature(getattr(helpers, name))}")
        for module, helpers in modules.items()
        for name in helpers.__all__
    }
