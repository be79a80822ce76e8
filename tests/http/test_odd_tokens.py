"""Tokens that no login of ours issued: garbage, and what a project signs for its own ends."""

import pytest
from ninja_jwt.tokens import AccessToken, RefreshToken

from tests.contract.errors import NOT_AUTHENTICATED, SECOND_FACTOR_REQUIRED, TOKEN_NOT_VALID
from tests.support.credentials import Bearer

_NONE_ALGORITHM = "eyJhbGciOiJub25lIn0.eyJ1c2VyX2lkIjoxLCJ0b2tlbl90eXBlIjoiYWNjZXNzIn0."
_GARBAGE = [
    "x",
    "a.b.c",
    "....",
    "\N{LATIN SMALL LETTER E WITH ACUTE}.\N{SNOWMAN}.x",
    _NONE_ALGORITHM,
    "e30.e30.e30",
    "W10.W10.W10",
    "eyJhbGciOltdfQ.e30.e30",
    "eyJhbGciOiJIUzI1NiIsImtpZCI6MX0.e30.e30",
    "A" * 8192,
]
_HEADERS = [
    "",
    "Bearer",
    "Bearer ",
    "Bearer  x",
    "bearer x y z",
    "Basic YWRhOnBhc3N3b3Jk",
    "Token x",
    f"Bearer {_NONE_ALGORITHM}",
    "Bearer " + "A" * 60_000,
    "Bearer \xe9\xff",
]


class _Header:
    def __init__(self, value):
        self._value = value

    def send(self, method, url, **extra):
        return Bearer("").send(method, url, headers={"Authorization": self._value}, **extra)


def _signed(kind, user, **claims):
    token = kind.for_user(user)
    for name, value in claims.items():
        token[name] = value
    return str(token)


@pytest.mark.parametrize("header", _HEADERS, ids=lambda header: repr(header[:20]))
def test_an_odd_authorization_header_lets_nobody_in(door, header):
    assert door.post("totp/create/", credential=_Header(header)).outcome == NOT_AUTHENTICATED


@pytest.mark.parametrize("token", _GARBAGE, ids=lambda token: ascii(token[:20]))
@pytest.mark.parametrize(("path", "name"), [("jwt/refresh/", "refresh"), ("jwt/verify/", "token")])
def test_garbage_is_no_token(door, path, name, token):
    assert door.post(path, {name: token}).outcome == TOKEN_NOT_VALID


@pytest.mark.parametrize("claims", [{"amr": ["mfa"]}, {"amr": "mfa"}, {"amr": None}, {"amr": 1}])
def test_the_projects_own_amr_says_nothing_of_our_factor(door, ada, claims):
    ada.enrol()
    token = Bearer(_signed(AccessToken, ada.user, **claims))

    answer = door.post("totp/disable/", credential=token)

    assert answer.outcome == SECOND_FACTOR_REQUIRED


@pytest.mark.parametrize("identity", ["no number", "", None, [], {}, 2**70, -1, 0.5])
def test_a_refresh_token_of_nobody_refreshes_nothing(door, ada, identity):
    token = _signed(RefreshToken, ada.user, user_id=identity)

    assert door.post("jwt/refresh/", {"refresh": token}).outcome == TOKEN_NOT_VALID


def test_a_refresh_token_without_an_identity_refreshes_nothing(door, ada):
    token = RefreshToken.for_user(ada.user)
    del token["user_id"]

    assert door.post("jwt/refresh/", {"refresh": str(token)}).outcome == TOKEN_NOT_VALID
