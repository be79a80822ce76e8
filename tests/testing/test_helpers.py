"""Enrolled users, their codes, a clock and clients, as the tests of a project use them."""

import time
from datetime import UTC, datetime
from uuid import UUID

import pytest
from asgiref.sync import async_to_sync
from django.contrib.auth import get_user_model
from django.http import HttpRequest
from ninja import Router
from ninja.testing import TestAsyncClient, TestClient
from ninja_jwt.authentication import AsyncJWTAuth, JWTAuth

from ninja_totp import clock
from ninja_totp.api import create_login_router, create_recovery_router, create_router
from ninja_totp.core.errors import AlreadyEnabled
from ninja_totp.http.issuers import NinjaJWT, SimpleJWT
from ninja_totp.models import Account, Authenticator
from ninja_totp.services import (
    confirm_totp_setup,
    create_totp_setup,
    is_totp_enabled,
    replace_totp,
    verify_backup_code,
    verify_totp_code,
)
from ninja_totp.testing import (
    Enrolment,
    acurrent_code,
    aenroll,
    averified_client,
    averified_headers,
    averified_ninja_client,
    current_code,
    enroll,
    frozen_clock,
    verified_client,
    verified_headers,
    verified_ninja_client,
)

pytestmark = pytest.mark.django_db

PASSWORD = "correct horse"


@pytest.fixture
def ada(django_user_model):
    return django_user_model.objects.create_user("ada", password=PASSWORD)


def test_an_enrolled_user_has_a_factor_and_codes(ada):
    enrolment = enroll(ada)

    assert is_totp_enabled(ada)
    assert verify_totp_code(ada, enrolment.code())
    assert len(enrolment.backup_codes) == 10
    assert verify_backup_code(ada, enrolment.backup_codes[0])


def test_a_code_works_once_and_the_next_one_after_a_step(ada, totp_clock):
    enrolment = enroll(ada)

    first, again = (verify_totp_code(ada, enrolment.code()) for _ in range(2))
    totp_clock.advance(30)

    assert (first, again) == (True, False)
    assert verify_totp_code(ada, enrolment.code())


def test_nobody_is_enrolled_twice(ada):
    enroll(ada)

    with pytest.raises(AlreadyEnabled):
        enroll(ada)


def test_a_wrong_code_is_wrong(ada):
    enrolment = enroll(ada)

    assert not verify_totp_code(ada, enrolment.wrong_code())


@pytest.mark.parametrize(("digits", "period", "algorithm"), [(8, 60, "SHA256"), (6, 15, "SHA512")])
def test_the_settings_of_the_site_are_followed(ada, settings, digits, period, algorithm):
    settings.TOTP_DIGITS = digits
    settings.TOTP_PERIOD = period
    settings.TOTP_ALGORITHM = algorithm

    enrolment = enroll(ada)

    assert len(enrolment.code()) == len(enrolment.wrong_code()) == digits
    assert verify_totp_code(ada, enrolment.code())


def test_the_code_of_an_enrolment_of_its_row_and_of_its_user_is_the_same(ada, totp_clock):
    enrolment = enroll(ada)

    codes = [current_code(one) for one in (enrolment, Account.objects.get(), ada)]

    assert set(codes) == {enrolment.code()}


def test_while_another_one_is_pending_the_code_is_of_the_confirmed_one(ada, totp_clock):
    enrolment = enroll(ada)
    replace_totp(ada)
    Authenticator.objects.filter(confirmed_at=None).update(id=UUID(int=0))

    code = current_code(ada)

    assert code == enrolment.code()


def test_the_code_of_another_moment(ada, totp_clock):
    enrolment = enroll(ada)
    later = totp_clock.now() + 3600

    moment = datetime.fromtimestamp(later, UTC)
    codes = {current_code(ada, at=at) for at in (later, later + 0.5, moment)}

    assert codes == {enrolment.code(at=later)}
    assert codes != {enrolment.code()}


def test_a_datetime_without_a_zone_names_no_moment(ada):
    enroll(ada)

    with pytest.raises(ValueError, match="time zone"):
        current_code(ada, at=datetime(2026, 1, 1))  # noqa: DTZ001 - what it is about


def test_the_code_that_confirms_an_enrolment(ada):
    create_totp_setup(ada)

    assert confirm_totp_setup(ada, current_code(ada))


def test_who_has_no_authenticator_has_no_code(ada):
    with pytest.raises(LookupError):
        current_code(ada)
    with pytest.raises(LookupError):
        current_code(Account(user=ada))


def test_what_is_secret_is_not_shown(ada):
    enrolment = enroll(ada)

    assert enrolment.secret not in repr(enrolment)
    assert enrolment.backup_codes[0] not in repr(enrolment)


def test_a_frozen_clock_stands_still_until_it_is_moved():
    with frozen_clock() as frozen:
        began = clock.now()
        frozen.advance(-5)
        assert clock.now() == began - 5
        assert began % 30 == 0
        assert 0 <= time.time() - began < 121

    assert abs(clock.now() - time.time()) < 2


def test_a_frozen_clock_may_begin_anywhere():
    with frozen_clock(1_800_000_000):
        assert clock.now() == 1_800_000_000


def test_a_verified_session_may_switch_the_factor_off(ada):
    client = verified_client(enroll(ada))

    answer = client.post("/ninja/totp/disable/", content_type="application/json")

    assert answer.status_code == 204
    assert not is_totp_enabled(ada)


def test_a_session_that_is_not_verified_may_not(ada, client):
    enroll(ada)
    client.force_login(ada)

    assert client.post("/ninja/totp/disable/", content_type="application/json").status_code == 403


def test_a_verified_session_is_one_of_the_user(ada, client):
    enroll(ada)
    ada.backend = "django.contrib.auth.backends.ModelBackend"

    assert verified_client(ada, client=client) is client
    assert client.session["_auth_user_id"] == str(ada.pk)


@pytest.mark.parametrize(
    "engine",
    ["django.contrib.sessions.backends.cache", "django.contrib.sessions.backends.signed_cookies"],
)
def test_sessions_may_be_kept_elsewhere(ada, settings, engine):
    settings.SESSION_ENGINE = engine

    assert (
        verified_client(enroll(ada))
        .post("/ninja/totp/disable/", content_type="application/json")
        .status_code
        == 204
    )


def test_the_middleware_lets_a_verified_session_in(ada, client, settings):
    settings.MIDDLEWARE = [*settings.MIDDLEWARE, "ninja_totp.middleware.SecondFactorMiddleware"]
    client.force_login(enroll(ada).user)

    assert client.get("/ninja/docs").status_code == 403
    assert verified_client(ada).get("/ninja/docs").status_code == 200


@pytest.mark.parametrize(("door", "issuer"), [("ninja", None), ("drf", SimpleJWT())])
def test_a_verified_bearer_may_switch_the_factor_off(ada, client, door, issuer):
    headers = verified_headers(enroll(ada), issuer=issuer)

    answer = client.post(f"/{door}/totp/disable/", content_type="application/json", headers=headers)

    assert answer.status_code == 204


def test_without_a_jwt_library_an_issuer_is_needed(ada, monkeypatch):
    enroll(ada)
    monkeypatch.setattr("ninja_totp.http.issuers.jwt.find_spec", lambda name: None)

    with pytest.raises(LookupError, match="issuer"):
        verified_headers(ada)


@pytest.mark.parametrize("verified", [verified_client, verified_headers])
def test_nobody_is_verified_without_a_factor(ada, verified):
    create_totp_setup(ada)

    with pytest.raises(LookupError, match="enroll"):
        verified(ada)
    with pytest.raises(LookupError, match="enroll"):
        verified(get_user_model().objects.create_user("bob"))


sync_router, async_router = Router(), Router()


@sync_router.get("/whoami/", auth=JWTAuth())
def whoami(request: HttpRequest) -> str:
    return request.auth.get_username()


@async_router.get("/whoami/", auth=AsyncJWTAuth())
async def awhoami(request: HttpRequest) -> str:
    return request.auth.get_username()


def test_a_client_of_ninjas_is_verified(ada):
    client = verified_ninja_client(sync_router, enroll(ada), client_class=TestClient)

    assert client.get("/whoami/").json() == "ada"


@pytest.mark.django_db(transaction=True)
def test_so_is_an_asynchronous_one(ada):
    client = verified_ninja_client(async_router, enroll(ada))

    async def ask():
        return await client.get("/whoami/")

    assert type(client).__name__ == "TestAsyncClient"
    assert async_to_sync(ask)().json() == "ada"


@pytest.mark.django_db(transaction=True)
async def test_our_routers_work_in_ninjas_client(ada):
    client = await averified_ninja_client(create_router(), await aenroll(ada))

    status = await client.get("/status/")
    wrong = await client.post("/verify/", json={"otp_code": "wrong"})
    verified = await client.post("/verify/", json={"otp_code": await acurrent_code(ada)})
    disabled = await client.post("/disable/", json={})

    assert status.json()["is_totp_enabled"] is True
    assert (wrong.status_code, wrong.json()["code"]) == (400, "invalid_code")
    assert set(verified.json()) == {"verified_at", "access", "refresh"}
    assert disabled.status_code == 204


@pytest.mark.django_db(transaction=True)
async def test_nobody_else_is_let_in_there(ada):
    client = await averified_ninja_client(create_router(), await aenroll(ada))
    client.headers = {}

    assert (await client.get("/status/")).status_code == 401
    assert await averified_headers(ada)
    assert (await averified_client(ada)).cookies


@pytest.mark.django_db(transaction=True)
async def test_a_login_works_in_ninjas_client(ada):
    enrolment = await aenroll(ada)
    client = TestAsyncClient(create_login_router(issuer=NinjaJWT()))

    first = await client.post("/create/", json={"username": "ada", "password": PASSWORD})
    body = {"totp_challenge_token": first.json()["totp_challenge_token"]}
    second = await client.post("/totp/verify/", json=body | {"otp_code": enrolment.code()})
    renewed = await client.post("/refresh/", json={"refresh": second.json()["refresh"]})

    assert second.status_code == 200
    assert set(renewed.json()) == {"access"}


@pytest.mark.django_db(transaction=True)
async def test_a_recovery_can_be_asked_for_in_ninjas_client(ada):
    client = TestAsyncClient(create_recovery_router())

    answer = await client.post("/recovery/", json={"email": "ada@example.org"})

    assert answer.status_code == 200


def test_an_enrolment_can_be_made_by_hand(ada):
    enrolment = enroll(ada)

    copy = Enrolment(ada, enrolment.secret, [], enrolment.parameters)

    assert copy.code(at=0) == enrolment.code(at=0)
