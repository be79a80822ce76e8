"""The OpenAPI document of the routers as tests/urls.py mounts them, and how to walk through it."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from ninja import NinjaAPI

__all__ = ["Operation", "codes_of", "document_of", "operations_of", "resolved"]


@dataclass(frozen=True)
class Operation:
    """One call: its method, its path below the API's prefix, and what the document says of it."""

    method: str
    path: str
    described: dict[str, Any]

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


@cache
def document_of(api: NinjaAPI) -> dict[str, Any]:
    """Return the document as a client gets it: through JSON."""
    document: dict[str, Any] = json.loads(json.dumps(api.get_openapi_schema(path_prefix="/ninja/")))
    return document


def operations_of(document: dict[str, Any]) -> Iterator[Operation]:
    """Yield every call in the document."""
    for path, methods in document["paths"].items():
        for method, described in methods.items():
            yield Operation(method.upper(), path.removeprefix("/ninja/"), described)


def resolved(document: dict[str, Any], schema: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the alternatives that `schema` allows, without references."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return resolved(document, document["components"]["schemas"][name])
    parts = schema.get("oneOf", schema.get("anyOf"))
    if parts is not None:
        return [leaf for part in parts for leaf in resolved(document, part)]
    return [schema]


def codes_of(document: dict[str, Any], operation: Operation) -> set[tuple[int, str]]:
    """Return (status, code) of every error that `operation` declares."""
    return {
        (int(status), leaf["properties"]["code"]["const"])
        for status, response in operation.described["responses"].items()
        if int(status) >= 400
        for leaf in resolved(document, response["content"]["application/json"]["schema"])
    }
