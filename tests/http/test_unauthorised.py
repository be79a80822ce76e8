"""A 401 names the scheme by which a client may try again (RFC 9110, 15.5.2)."""

import pytest

_CALLS = [
    ("totp/create/", None),
    ("jwt/create/", {"username": "ada", "password": "wrong"}),
    ("jwt/refresh/", {"refresh": "x"}),
    ("jwt/verify/", {"token": "x"}),
]


@pytest.mark.parametrize(("path", "body"), _CALLS)
def test_it_names_a_scheme(door, ada, path, body):
    answer = door.post(path, body)

    assert answer.status == 401
    assert answer.headers["WWW-Authenticate"] == "Bearer"
