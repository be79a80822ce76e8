"""How large a body may be, and what it must be called, whatever it says of itself."""

import asyncio

import pytest
from django.core.handlers.asgi import ASGIHandler
from django.test import Client

from tests.http.odd import FOREIGN_TYPES

_LIMIT = 64 * 1024
_URL = "/ninja/jwt/create/"
_FORM = "application/x-www-form-urlencoded"


def _body_of(size):
    start, end = b'{"username": "ada", "password": "x", "other": "', b'"}'
    return start + b"1" * (size - len(start) - len(end)) + end


async def _send_in_chunks(url, body, content_type=b"application/json"):
    """Return status and body of the answer to a request that does not say how long it is."""
    half = len(body) // 2
    incoming = [(body[:half], True), (body[half:], False)]
    sent = []

    async def receive():
        if not incoming:
            await asyncio.sleep(60)  # the client stays
        part, more = incoming.pop(0)
        return {"type": "http.request", "body": part, "more_body": more}

    async def send(message):
        sent.append(message)

    scope = {
        "type": "http",
        "method": "POST",
        "path": url,
        "query_string": b"",
        "headers": [(b"content-type", content_type), (b"host", b"testserver")],
    }
    await ASGIHandler()(scope, receive, send)
    return sent[0]["status"], sent[1]["body"]


@pytest.mark.parametrize("prefix", ["/ninja/", "/drf/"])
@pytest.mark.parametrize(("size", "status"), [(_LIMIT, 401), (_LIMIT + 1, 413)])
def test_the_limit_is_64_kilobytes(door, ada, prefix, size, status):
    answer = Client().post(prefix + "jwt/create/", _body_of(size), "application/json")

    assert answer.status_code == status


@pytest.mark.parametrize("prefix", ["/ninja/", "/drf/"])
def test_a_large_body_is_not_parsed(door, ada, monkeypatch, prefix):
    monkeypatch.setattr("json.loads", None)
    monkeypatch.setattr("rest_framework.utils.json.load", None)

    answer = Client().post(prefix + "jwt/create/", _body_of(_LIMIT + 1), "application/json")

    assert b"payload_too_large" in answer.content


def test_a_large_body_without_a_length_is_refused(door, ada):
    status, body = asyncio.run(_send_in_chunks(_URL, _body_of(_LIMIT + 1)))

    assert status == 413
    assert b"payload_too_large" in body


@pytest.mark.parametrize("content_type", [_FORM.encode(), b"text/plain"])
def test_so_is_another_type_without_a_length(door, ada, content_type):
    """A page of another site sends these without a preflight."""
    credentials = b'{"username": "ada", "password": "x"}'

    status, body = asyncio.run(_send_in_chunks(_URL, credentials, content_type))

    assert status == 415
    assert b"unsupported_media_type" in body


def test_an_empty_body_has_no_type(door, ada):
    credential = ada.log_in()

    answer = door.post_raw("totp/create/", b"", _FORM, credential)

    assert answer.status == 201


def test_a_form_is_refused(door, ada):
    answer = door.post_raw("totp/create/", b"a=b", _FORM, ada.log_in())

    assert (answer.status, answer.json["code"]) == (415, "unsupported_media_type")


@pytest.mark.parametrize("prefix", ["/ninja/", "/drf/"])
@pytest.mark.parametrize("content_type", FOREIGN_TYPES)
@pytest.mark.parametrize(
    ("path", "status"), [("totp/create/", 400), ("totp/disable/", 204), ("totp/replace/", 201)]
)
def test_an_empty_body_is_of_whatever_type(ada, prefix, content_type, path, status):
    announced = {"CONTENT_TYPE": content_type, "CONTENT_LENGTH": "0"}

    answer = Client().generic("POST", prefix + path, headers=ada.enrol().headers, **announced)

    assert answer.status_code == status
