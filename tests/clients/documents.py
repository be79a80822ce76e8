"""The OpenAPI documents of both APIs, and each answer that they promise. No test stands here."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from tests.http.document import document_of
from tests.urls import api

__all__ = ["APIS", "Promise", "document", "promises", "schema_name", "undiscriminated", "unions"]

APIS = ("ninja", "drf")
_SPECTACULAR = ("-m", "django", "spectacular", "--format", "openapi-json")
Json = dict[str, Any]


@dataclass(frozen=True, order=True)
class Promise:
    """One answer of one call: `arm` is its `code`, its `step`, "fields", or empty."""

    operation: str
    status: int
    arm: str

    def __str__(self) -> str:
        return f"{self.operation} {self.status} {self.arm}".strip()


@cache
def document(name: str) -> Json:
    """Return the document of the test project's API."""
    if name == "ninja":
        return document_of(api)
    settings = {"DJANGO_SETTINGS_MODULE": "tests.drf.spectacular_settings"}
    made = subprocess.run(
        [sys.executable, *_SPECTACULAR], env=os.environ | settings, capture_output=True, check=True
    )
    found: Json = json.loads(made.stdout)
    # What the settings have for another test: an endpoint of the project's own.
    prefix = "/drf/"
    found["paths"] = {path: one for path, one in found["paths"].items() if path.startswith(prefix)}
    return found


def promises(name: str) -> set[Promise]:
    """Return every answer in the document of an API."""
    return {
        Promise(operation["operationId"], int(status), arm)
        for calls in document(name)["paths"].values()
        for operation in calls.values()
        for status, response in operation["responses"].items()
        for arm in _arms(name, response)
    }


def _arms(name: str, response: Json) -> list[str]:
    content = response.get("content", {}).get("application/json")
    return [arm for arm, _ in _leaves(name, content["schema"])] if content else [""]


def _leaves(name: str, schema: Json) -> Iterator[tuple[str, str]]:
    """Yield each alternative of a schema: its arm, and its name."""
    named = schema.get("$ref", "").rpartition("/")[2]
    if named:
        schema = document(name)["components"]["schemas"][named]
    for one in schema.get("oneOf", ()):
        yield from _leaves(name, one)
    if "oneOf" not in schema:
        yield _arm_of(name, schema), named


def _arm_of(name: str, schema: Json) -> str:
    properties = schema.get("properties", {})
    for discriminator in ("code", "step"):
        said = properties.get(discriminator, {})
        said = said.get("allOf", [said])[0]
        if "$ref" in said:
            said = document(name)["components"]["schemas"][said["$ref"].rpartition("/")[2]]
        if "const" in said or len(said.get("enum", ())) == 1:
            return str(said.get("const") or said["enum"][0])
    is_fields = schema.get("additionalProperties", {}).get("type") == "array"
    return "fields" if is_fields else ""


def unions(name: str) -> dict[str, dict[str, str]]:
    """Return the unions of an API by their names: {value of the discriminator: schema}."""
    return {
        union: {
            value: target.rpartition("/")[2]
            for value, target in schema["discriminator"]["mapping"].items()
        }
        for union, schema in document(name)["components"]["schemas"].items()
        if "discriminator" in schema
    }


def undiscriminated(name: str) -> set[str]:
    """Return the unions with an arm in the shape of REST framework, which has no code."""
    schemas = document(name)["components"]["schemas"].items()
    return {union for union, said in schemas if "oneOf" in said and "discriminator" not in said}


def schema_name(name: str, promise: Promise) -> str | None:
    """Return the schema of an answer, None where it has no body or one without a name."""
    (operation,) = [
        operation
        for calls in document(name)["paths"].values()
        for operation in calls.values()
        if operation["operationId"] == promise.operation
    ]
    content = operation["responses"][str(promise.status)].get("content", {})
    schema: Json = content.get("application/json", {}).get("schema", {})
    return schema.get("$ref", "").rpartition("/")[2] or None
