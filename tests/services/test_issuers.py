"""Tokens that carry a standing, and what is read from a token that comes back.

The libraries' blacklists are tried in `with_blacklist.py`, in a process of its own.
"""

import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from django.contrib.auth import login, user_logged_in
from ninja_jwt.tokens import AccessToken, RefreshToken, UntypedToken
from rest_framework_simplejwt.tokens import RefreshToken as SimpleRefreshToken

from ninja_totp import clock
from ninja_totp.core.errors import TokenNotValid
from ninja_totp.http.issuers import (
    Automatic,
    CredentialIssuer,
    NinjaJWT,
    Session,
    SessionIssuer,
    SimpleJWT,
    TokenIssuer,
)
from ninja_totp.services import AuthContext
from ninja_totp.services.step_up import PASSWORD_ONLY

pytestmark = pytest.mark.django_db

BY_CODE = AuthContext(verified_at=1_800_000_000, generation=7, method="otp")
BY_BACKUP_CODE = AuthContext(verified_at=1_800_000_000, generation=7, method="backup_code")
both_libraries = pytest.mark.parametrize(
    "issuer", [NinjaJWT(), SimpleJWT()], ids=["ninja", "simple"]
)
every_standing = pytest.mark.parametrize("auth_context", [PASSWORD_ONLY, BY_CODE, BY_BACKUP_CODE])


@pytest.fixture
def bearing(rf):
    """Make a request that bears a token."""
    return lambda token, **headers: rf.post(
        "/", headers={"Authorization": f"Bearer {token}"} | headers
    )


@both_libraries
@every_standing
def test_a_token_brings_back_the_standing_it_was_issued_with(
    issuer, rf, bearing, ada, auth_context
):
    tokens = issuer.log_in(rf.post("/"), ada, auth_context)

    assert issuer.auth_context_of(bearing(tokens["access"]), ada) == auth_context


@both_libraries
@pytest.mark.parametrize(
    ("auth_context", "amr"),
    [
        (PASSWORD_ONLY, ["pwd"]),
        (BY_CODE, ["pwd", "otp", "mfa"]),
        (BY_BACKUP_CODE, ["pwd", "backup_code", "mfa"]),
    ],
)
def test_a_token_says_how_its_owner_logged_in(issuer, rf, ada, auth_context, amr):
    tokens = issuer.log_in(rf.post("/"), ada, auth_context)

    claims = UntypedToken(tokens["access"])
    assert claims["amr"] == amr
    assert claims["acr"] == ("aal2" if "mfa" in amr else "aal1")
    assert claims["totp_generation"] == auth_context.generation


@both_libraries
def test_a_token_says_when_its_owner_logged_in(issuer, rf, ada, clock):
    by_password = issuer.log_in(rf.post("/"), ada, PASSWORD_ONLY)
    by_code = issuer.log_in(rf.post("/"), ada, BY_CODE)

    assert UntypedToken(by_password["access"])["auth_time"] == clock.now()
    assert UntypedToken(by_code["access"])["auth_time"] == BY_CODE.verified_at


@both_libraries
@every_standing
def test_a_refreshed_token_is_of_the_same_standing(issuer, rf, bearing, ada, auth_context):
    tokens = issuer.log_in(rf.post("/"), ada, auth_context)

    refreshed = issuer.refresh(tokens["refresh"])

    assert set(refreshed) == {"access"}
    assert issuer.auth_context_of(bearing(refreshed["access"]), ada) == auth_context


@both_libraries
def test_a_refreshed_token_is_of_no_newer_standing(issuer, rf, ada, clock):
    tokens = issuer.log_in(rf.post("/"), ada, PASSWORD_ONLY)
    clock.advance(600)

    refreshed = issuer.refresh(tokens["refresh"])

    assert (
        AccessToken(refreshed["access"])["auth_time"] == AccessToken(tokens["access"])["auth_time"]
    )


@both_libraries
def test_a_library_that_rotates_gets_a_new_refresh_token(issuer, rf, bearing, ada, monkeypatch):
    monkeypatch.setattr(issuer._settings, "ROTATE_REFRESH_TOKENS", True)
    first = issuer.log_in(rf.post("/"), ada, BY_CODE)

    second = issuer.refresh(first["refresh"])
    third = issuer.refresh(second["refresh"])

    assert len({first["refresh"], second["refresh"], third["refresh"]}) == 3
    assert issuer.auth_context_of(bearing(third["access"]), ada) == BY_CODE


@both_libraries
def test_a_rotated_refresh_token_lives_from_now_on(issuer, rf, ada, monkeypatch):
    monkeypatch.setattr(issuer._settings, "ROTATE_REFRESH_TOKENS", True)
    first = issuer._tokens.RefreshToken(issuer.log_in(rf.post("/"), ada, BY_CODE)["refresh"])
    for claim in ("iat", "exp"):
        first.payload[claim] -= 600

    second = UntypedToken(issuer.refresh(str(first))["refresh"])

    assert second["iat"] >= first["iat"] + 600
    assert second["exp"] >= first["exp"] + 600
    assert second["auth_time"] == first["auth_time"]


@both_libraries
def test_a_token_says_nothing_of_somebody_else(issuer, rf, bearing, ada, bob):
    tokens = issuer.log_in(rf.post("/"), ada, BY_CODE)

    assert issuer.auth_context_of(bearing(tokens["access"]), bob) is None


@both_libraries
@pytest.mark.parametrize("token", ["", "x", "a.b.c", "\u00e9", "null"])
def test_a_made_up_token_has_no_standing(issuer, bearing, ada, token):
    assert issuer.auth_context_of(bearing(token), ada) is None


@both_libraries
def test_a_request_without_a_token_has_no_standing(issuer, rf, ada):
    assert issuer.auth_context_of(rf.post("/"), ada) is None
    assert issuer.auth_context_of(rf.post("/", headers={"Authorization": "Basic x"}), ada) is None


@both_libraries
def test_a_refresh_token_is_no_access_token(issuer, rf, bearing, ada):
    tokens = issuer.log_in(rf.post("/"), ada, BY_CODE)

    assert issuer.auth_context_of(bearing(tokens["refresh"]), ada) is None
    with pytest.raises(TokenNotValid):
        issuer.refresh(tokens["access"])


@both_libraries
@pytest.mark.parametrize("claims", [{}, {"amr": ["mfa"]}, {"amr": "mfa"}, {"amr": None}])
def test_a_token_that_the_project_issues_itself_is_of_an_unknown_kind(issuer, bearing, ada, claims):
    token = AccessToken.for_user(ada)
    token.payload |= claims

    assert issuer.auth_context_of(bearing(token), ada) is None


@both_libraries
def test_an_expired_token_has_no_standing(issuer, rf, bearing, ada):
    token = AccessToken(issuer.log_in(rf.post("/"), ada, BY_CODE)["access"])
    token.set_exp(lifetime=-timedelta(minutes=1))

    assert issuer.auth_context_of(bearing(token), ada) is None


@both_libraries
def test_an_expired_refresh_token_is_refused(issuer, rf, ada):
    token = RefreshToken(issuer.log_in(rf.post("/"), ada, BY_CODE)["refresh"])
    token.set_exp(lifetime=-timedelta(minutes=1))

    with pytest.raises(TokenNotValid):
        issuer.refresh(str(token))
    with pytest.raises(TokenNotValid):
        issuer.verify(str(token))


@both_libraries
def test_a_deactivated_user_gets_no_new_token(issuer, rf, ada):
    tokens = issuer.log_in(rf.post("/"), ada, BY_CODE)
    ada.is_active = False
    ada.save()

    with pytest.raises(TokenNotValid):
        issuer.refresh(tokens["refresh"])


@both_libraries
def test_a_deleted_user_gets_no_new_token(issuer, rf, ada):
    tokens = issuer.log_in(rf.post("/"), ada, BY_CODE)
    ada.delete()

    with pytest.raises(TokenNotValid):
        issuer.refresh(tokens["refresh"])


@both_libraries
def test_both_kinds_of_token_can_be_verified(issuer, rf, ada):
    tokens = issuer.log_in(rf.post("/"), ada, BY_CODE)

    for token in tokens.values():
        issuer.verify(token)


@both_libraries
@pytest.mark.parametrize("token", ["", "x", "a.b.c", "eyJhbGciOiJub25lIn0.e30."])
def test_a_made_up_token_is_not_valid(issuer, token):
    with pytest.raises(TokenNotValid):
        issuer.verify(token)
    with pytest.raises(TokenNotValid):
        issuer.refresh(token)


@both_libraries
def test_a_login_is_dated_by_its_password_or_its_proof(issuer, rf, bearing, ada, monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: 1_800_000_000)
    by_password = issuer.log_in(rf.post("/"), ada, PASSWORD_ONLY)["access"]
    by_code = issuer.log_in(rf.post("/"), ada, BY_CODE)["access"]

    assert issuer.authenticated_at(bearing(by_password), ada) == 1_800_000_000
    assert issuer.authenticated_at(bearing(by_code), ada) == BY_CODE.verified_at


@both_libraries
def test_a_token_without_our_claims_is_not_dated(issuer, bearing, ada):
    """It has `iat`, which a refresh view of the library makes new."""
    token = issuer._tokens.AccessToken.for_user(ada)

    assert issuer.authenticated_at(bearing(token), ada) == 0


@both_libraries
def test_another_users_token_says_nothing_of_a_login(issuer, rf, bearing, ada, bob):
    token = issuer.log_in(rf.post("/"), ada, BY_CODE)["access"]

    assert issuer.authenticated_at(bearing(token), bob) is None
    assert issuer.authenticated_at(rf.post("/"), ada) is None


@both_libraries
@pytest.mark.parametrize("key", ["x", None, [], 10**30])
def test_a_token_of_nobody_is_not_ended_by_a_recovery(issuer, ada, key):
    token = issuer._tokens.AccessToken.for_user(ada)
    token["user_id"] = key

    issuer.verify(str(token))


def test_a_session_is_dated_by_its_login(request_with_session, ada, bob, monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: 1_800_000_000)
    login(request_with_session, ada)
    monkeypatch.setattr(clock, "now", lambda: 1_800_000_060)
    Session().renew(request_with_session, ada, BY_CODE)

    assert Session().authenticated_at(request_with_session, ada) == 1_800_000_000
    assert Automatic().authenticated_at(request_with_session, ada) == 1_800_000_000
    assert Session().authenticated_at(request_with_session, bob) is None


def test_a_login_without_a_session_of_its_own_dates_none(request_with_session, ada, bob, rf):
    """Some packages send the signal for a login by token."""
    user_logged_in.send(type(ada), request=rf.post("/"), user=ada)
    user_logged_in.send(type(ada), request=request_with_session, user=ada)

    assert list(request_with_session.session.keys()) == []


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
def test_the_scheme_is_read_whatever_its_case(rf, ada, scheme):
    token = NinjaJWT().log_in(rf.post("/"), ada, BY_CODE)["access"]
    request = rf.post("/", headers={"Authorization": f"{scheme} {token}"})

    assert NinjaJWT().auth_context_of(request, ada) == BY_CODE


def test_our_issuers_have_the_shapes_that_they_are_used_by():
    tokens: list[CredentialIssuer] = [NinjaJWT(), SimpleJWT()]

    assert all(isinstance(issuer, TokenIssuer) for issuer in tokens)
    assert not any(isinstance(issuer, SessionIssuer) for issuer in tokens)
    assert isinstance(Session(), SessionIssuer)
    assert not isinstance(Session(), TokenIssuer)


@both_libraries
def test_the_automatic_issuer_reads_and_renews_a_bearer_token(issuer, rf, bearing, ada):
    request = bearing(issuer.log_in(rf.post("/"), ada, PASSWORD_ONLY)["access"])

    renewed = Automatic().renew(request, ada, BY_CODE)

    assert Automatic().auth_context_of(request, ada) == PASSWORD_ONLY
    assert Automatic().auth_context_of(bearing(renewed["access"]), ada) == BY_CODE


def test_the_automatic_issuer_reads_and_renews_a_session(request_with_session, ada):
    Session().log_in(request_with_session, ada, PASSWORD_ONLY)
    assert Automatic().auth_context_of(request_with_session, ada) == PASSWORD_ONLY

    assert Automatic().renew(request_with_session, ada, BY_CODE) == {}

    assert Automatic().auth_context_of(request_with_session, ada) == BY_CODE


def test_a_cookie_beside_a_token_says_nothing_of_the_token(request_with_session, ada):
    Session().log_in(request_with_session, ada, BY_CODE)
    request_with_session.META["HTTP_AUTHORIZATION"] = f"Bearer {AccessToken.for_user(ada)}"

    assert Automatic().auth_context_of(request_with_session, ada) is None
    assert Session().auth_context_of(request_with_session, ada) is None


def test_without_a_jwt_library_a_bearer_token_is_of_an_unknown_kind(bearing, ada, monkeypatch):
    monkeypatch.setattr("ninja_totp.http.issuers.jwt.find_spec", lambda name: None)

    assert Automatic().auth_context_of(bearing("x"), ada) is None
    assert Automatic().renew(bearing("x"), ada, BY_CODE) == {}
    assert Automatic().authenticated_at(bearing("x"), ada) is None


def test_with_simplejwt_alone_the_automatic_issuer_uses_it(rf, bearing, ada, monkeypatch):
    monkeypatch.setattr(
        "ninja_totp.http.issuers.jwt.find_spec", lambda name: name != "ninja_jwt" or None
    )
    token = SimpleJWT().log_in(rf.post("/"), ada, BY_CODE)["access"]

    assert Automatic().auth_context_of(bearing(token), ada) == BY_CODE


def test_the_automatic_issuer_logs_nobody_in(rf, ada):
    with pytest.raises(TypeError, match="needs an issuer"):
        Automatic().log_in(rf.post("/"), ada, PASSWORD_ONLY)


@pytest.mark.slow
@pytest.mark.parametrize("library", ["ninja_jwt", "rest_framework_simplejwt"])
def test_it_goes_together_with_the_blacklist_of(library):
    """Both blacklists have the same application label, so each needs a project of its own."""
    here = Path(__file__).parent
    environment = os.environ | {
        "TOTP_TEST_BLACKLIST": library,
        "TOTP_TEST_DATABASE": "sqlite",
        "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
    }
    plugins = [
        "-p",
        "no:cacheprovider",
        "-p",
        "pytest_django.plugin",
        "-p",
        "pytest_asyncio.plugin",
    ]
    options = ["-q", "--no-migrations", "--ds=tests.services.blacklisting"]

    run = subprocess.run(
        [sys.executable, "-m", "pytest", *plugins, *options, str(here / "with_blacklist.py")],
        cwd=here.parent.parent,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )

    assert run.returncode == 0, run.stdout + run.stderr


class Claiming:
    """A serializer, or a schema, of a project that adds a claim."""

    @classmethod
    def get_token(cls, user):
        refresh = SimpleRefreshToken.for_user(user)
        refresh["plan"], refresh["amr"] = "pro", ["forged"]
        return refresh


class ClaimingSchema:
    @classmethod
    def get_token(cls, user):
        refresh = RefreshToken.for_user(user)
        refresh["plan"], access = "pro", refresh.access_token
        access["short"] = "lived"
        return {"refresh": str(refresh), "access": str(access), "user": "ada"}


def issuer_with(kind, **settings):
    """An issuer whose library has these settings."""
    issuer = kind()
    issuer._settings = ChainedSettings(settings, issuer._settings)
    return issuer


class ChainedSettings:
    def __init__(self, own, others):
        self._own, self._others = own, others

    def __getattr__(self, name):
        return self._own[name] if name in self._own else getattr(self._others, name)


@pytest.mark.parametrize(
    "issuer",
    [
        issuer_with(NinjaJWT, TOKEN_OBTAIN_PAIR_INPUT_SCHEMA=f"{__name__}.ClaimingSchema"),
        issuer_with(SimpleJWT, TOKEN_OBTAIN_SERIALIZER=f"{__name__}.Claiming"),
    ],
    ids=["ninja", "simple"],
)
@every_standing
def test_claims_of_the_librarys_own_hook_are_kept(issuer, rf, bearing, ada, auth_context):
    tokens = issuer.renew(rf.post("/"), ada, auth_context)

    access, refresh = (UntypedToken(tokens[token]) for token in ("access", "refresh"))
    assert access["plan"] == refresh["plan"] == "pro"
    assert access.get("short") == ("lived" if isinstance(issuer, NinjaJWT) else None)
    assert issuer.auth_context_of(bearing(tokens["access"]), ada) == auth_context
    assert UntypedToken(issuer.refresh(tokens["refresh"])["access"])["plan"] == "pro"


class ShortLivedSchema:
    """A schema of a project whose access tokens live for a minute."""

    @classmethod
    def get_token(cls, user):
        refresh = RefreshToken.for_user(user)
        access = refresh.access_token
        access.set_exp(lifetime=timedelta(minutes=1))
        return {"refresh": str(refresh), "access": str(access)}


class LongLivedSchema(ShortLivedSchema):
    """One that asks for more than the site allows."""

    @classmethod
    def get_token(cls, user):
        tokens = super().get_token(user)
        access = AccessToken(tokens["access"])
        access.set_exp(lifetime=timedelta(days=365))
        return tokens | {"access": str(access)}


@pytest.mark.parametrize(
    ("schema", "seconds"), [("ShortLivedSchema", 60), ("LongLivedSchema", None)]
)
def test_an_access_token_lives_no_longer_than_either_says(rf, ada, schema, seconds):
    issuer = issuer_with(NinjaJWT, TOKEN_OBTAIN_PAIR_INPUT_SCHEMA=f"{__name__}.{schema}")

    access = UntypedToken(issuer.log_in(rf.post("/"), ada, BY_CODE)["access"])

    assert access["exp"] - access["iat"] == (seconds or issuer.lifetime_seconds("access"))


@pytest.mark.parametrize("kind", [NinjaJWT, SimpleJWT])
def test_claims_of_ones_own_do_not_replace_ours(rf, bearing, ada, kind):
    issuer = kind(claims=lambda user: {"name": user.get_username(), "user_id": "0", "amr": ["mfa"]})

    tokens = issuer.log_in(rf.post("/"), ada, PASSWORD_ONLY)

    assert UntypedToken(tokens["access"])["name"] == "ada"
    assert UntypedToken(tokens["refresh"])["name"] == "ada"
    assert issuer.auth_context_of(bearing(tokens["access"]), ada) == PASSWORD_ONLY


@pytest.mark.parametrize("kind", [NinjaJWT, SimpleJWT])
def test_a_login_is_remembered_where_the_library_is_set_to(rf, ada, kind):
    issuer = issuer_with(kind, UPDATE_LAST_LOGIN=True)

    issuer.renew(rf.post("/"), ada, BY_CODE)
    renewed_at = ada.last_login
    issuer.log_in(rf.post("/"), ada, BY_CODE)

    ada.refresh_from_db()
    assert renewed_at is None
    assert ada.last_login is not None


@pytest.mark.parametrize("kind", [NinjaJWT, SimpleJWT])
def test_the_librarys_rule_says_who_may_log_in(ada, kind):
    issuer = issuer_with(kind, USER_AUTHENTICATION_RULE=lambda user: bool(user.email))
    ada.email = ""
    before = issuer.may_log_in(ada)

    ada.email = "ada@example.org"

    assert (before, issuer.may_log_in(ada)) == (False, True)
