"""Where a host may put the routers, and whose authentication lets callers in."""

import pytest
from django.contrib.auth import get_user_model
from django.core.cache import cache
from django.core.exceptions import ImproperlyConfigured
from django.test import Client
from django.urls import reverse
from ninja import NinjaAPI, Router
from ninja.security import APIKeyHeader, HttpBearer, django_auth
from ninja_jwt.authentication import AsyncJWTAuth, JWTAuth

from ninja_totp.api import (
    NinjaJWT,
    Session,
    SimpleJWT,
    create_login_router,
    create_router,
    totp_router,
)
from tests.contract.errors import NOT_AUTHENTICATED, SECOND_FACTOR_REQUIRED
from tests.http.hosts import JWT, TOTP, mounted, new_api
from tests.support.credentials import Bearer
from tests.support.people import PASSWORD, Person

# Ninja's own answer: an error of the framework has the shape of the host's API.
_UNAUTHORIZED = (401, {"detail": "Unauthorized"})

_TOTP_CALLS = [
    ("GET", "totp/status/"),
    ("POST", "totp/create/"),
    ("POST", "totp/confirm/"),
    ("POST", "totp/verify/"),
    ("POST", "totp/disable/"),
    ("POST", "totp/rotate_backup_codes/"),
    ("POST", "totp/replace/"),
]


class _HostKey(APIKeyHeader):
    """The only user is whoever has the key."""

    param_name = "X-Key"

    def authenticate(self, request, key):
        return get_user_model().objects.first() if key == "right" else None


class _NameAsKey(_HostKey):
    """Each user has a key of their own."""

    def authenticate(self, request, key):
        return get_user_model().objects.filter(username=key).first()


class _Key:
    def __init__(self, key):
        self._key = key

    def send(self, method, url, **extra):
        return Client().generic(method, url, headers={"X-Key": self._key}, **extra)


class _Answering(HttpBearer):
    """An authentication whose result is whatever it was made with."""

    def __init__(self, result):
        super().__init__()
        self._result = result

    def authenticate(self, request, token):
        return self._result


@pytest.mark.parametrize(("method", "path"), _TOTP_CALLS)
def test_a_host_that_forgets_its_authentication_lets_nobody_in(door, mount, method, path):
    api = new_api()
    api.add_router("/totp/", TOTP)
    mount(api)
    body = b'{"input_code": "123456", "otp_code": "123456"}'

    response = Bearer("x").send(
        method, door.prefix + path, data=body, content_type="application/json"
    )

    assert (response.status_code, response.json()) == NOT_AUTHENTICATED


def test_a_signed_in_cookie_is_no_substitute_for_authentication(door, ada, mount):
    browser = ada.open_browser()
    api = new_api()
    api.add_router("/totp/", TOTP)
    mount(api)

    assert door.get("totp/status/", browser).outcome == NOT_AUTHENTICATED


def test_the_authentication_of_the_api_applies(door, ada, mount):
    api = new_api(auth=_HostKey())
    api.add_router("/totp/", TOTP)
    mount(api)

    assert door.get("totp/status/", _Key("right")).status == 200
    assert door.get("totp/status/", _Key("wrong")).outcome == _UNAUTHORIZED


def test_the_authentication_of_a_parent_router_applies(door, ada, mount):
    parent, api = Router(auth=_HostKey()), new_api()
    parent.add_router("/totp/", TOTP)
    api.add_router("/", parent)
    mount(api)

    assert door.get("totp/status/", _Key("right")).status == 200
    assert door.get("totp/status/", _Key("wrong")).outcome == _UNAUTHORIZED


def test_users_with_keys_of_the_host_are_counted_apart(door, clock, ada, mount, settings):
    api = new_api(auth=_NameAsKey())
    api.add_router("/totp/", TOTP)
    mount(api)
    Person(door, clock, "grace")
    settings.TOTP_THROTTLE_RATE = "1/minute"
    cache.clear()

    asked = [door.post("totp/create/", credential=_Key(name)) for name in ("ada", "ada", "grace")]

    assert [answer.status for answer in asked] == [201, 429, 201]


def test_logging_in_needs_no_credential_on_an_api_that_asks_for_one(door, ada, mount):
    api = new_api(auth=_HostKey())
    api.add_router("/jwt/", JWT)
    mount(api)

    assert ada.give_password().status == 200


@pytest.mark.parametrize("auth", [AsyncJWTAuth(), JWTAuth()], ids=["async", "sync"])
def test_asynchronous_and_synchronous_authentication_work(door, ada, mount, auth):
    api = new_api(auth=auth)
    api.add_router("/totp/", TOTP)
    api.add_router("/jwt/", JWT)
    mount(api)

    assert door.post("totp/disable/", credential=ada.enrol()).status == 204


def test_an_authentication_that_is_a_coroutine_works(door, ada, mount):
    async def everybody(request):
        return ada.user

    api = new_api()
    api.add_router("/totp/", TOTP, auth=everybody)
    mount(api)

    assert door.post("totp/create/").status == 201


def test_the_ready_router_can_be_mounted_on_two_apis(door, ada, mount):
    first, second = new_api(auth=AsyncJWTAuth()), new_api(auth=_HostKey())
    first.add_router("/totp/", totp_router)
    second.add_router("/totp/", totp_router)
    token = ada.log_in()
    mount(first, second)

    by_token = door.get("totp/status/", token)
    by_key = _Key("right").send("GET", "/other-1/totp/status/")
    by_key_at_the_first = door.get("totp/status/", _Key("right"))

    assert (by_token.status, by_key.status_code) == (200, 200)
    assert by_key_at_the_first.outcome == _UNAUTHORIZED


def test_a_router_can_be_mounted_twice_on_one_api(door, ada, mount):
    router, api = create_router(), new_api()
    api.add_router("/totp/", router, auth=AsyncJWTAuth())
    api.add_router("/v2/totp/", router, auth=_HostKey(), url_name_prefix="v2")
    token = ada.log_in()
    mount(api)

    assert door.get("totp/status/", token).status == 200
    assert door.get("v2/totp/status/", token).outcome == _UNAUTHORIZED
    assert door.get("v2/totp/status/", _Key("right")).status == 200


def test_two_apis_share_one_set_of_counters(door, ada, mount):
    first, second = new_api(auth=AsyncJWTAuth()), new_api(auth=AsyncJWTAuth())
    for api in (first, second):
        api.add_router("/totp/", TOTP)
        api.add_router("/jwt/", JWT)
    mount(first, second)
    credential = ada.enrol()
    ada.fail(5)

    door.prefix = "/other-1/"

    answer = door.post("totp/verify/", {"otp_code": ada.code(steps=1)}, credential)
    assert answer.json["code"] == "locked"


def test_a_host_may_send_its_own_kind_of_user_from_the_session(door, ada, mount):
    browser = ada.open_browser()
    api = new_api()
    api.add_router("/totp/", create_router(issuer=Session()), auth=django_auth)
    mount(api)

    assert door.post("totp/create/", credential=browser).status == 201


@pytest.mark.parametrize(
    "result", ["ada", 1, {"user": 1}, object()], ids=["name", "number", "mapping", "object"]
)
def test_an_authentication_that_yields_no_user_is_a_mistake_of_the_host(door, mount, result):
    api = new_api()
    api.add_router("/totp/", TOTP, auth=_Answering(result))
    mount(api)

    with pytest.raises(ImproperlyConfigured, match=r"request\.auth") as raised:
        door.get("totp/status/", Bearer("x"))

    assert type(result).__name__ in str(raised.value)


def test_the_tokens_of_simplejwt_work_as_well(door, ada, mount):
    api = new_api(auth=AsyncJWTAuth())
    api.add_router("/totp/", create_router(issuer=SimpleJWT()))
    api.add_router("/jwt/", create_login_router(issuer=SimpleJWT()))
    mount(api)
    credential = ada.enrol()

    assert door.post("totp/rotate_backup_codes/", credential=credential).status == 200
    assert ada.log_in_with_code()


class _OwnIssuer:
    """A project's own tokens: the name and the standing, in plain."""

    def __init__(self):
        self.standings = {}

    def log_in(self, request, user, auth_context):
        token = f"{user.get_username()}-{len(self.standings)}"
        self.standings[token] = auth_context
        return {"access": token}

    renew = log_in

    def auth_context_of(self, request, user):
        return self.standings.get(request.headers.get("Authorization", "")[len("Bearer ") :])

    def authenticated_at(self, request, user):
        return None


def test_an_issuer_of_the_projects_own_needs_no_base_class(door, ada, mount):
    issuer, api = _OwnIssuer(), new_api()
    api.add_router("/totp/", create_router(issuer=issuer), auth=_Answering(ada.user))
    api.add_router("/jwt/", create_login_router(issuer=issuer))
    mount(api)
    password_only = Bearer(ada.give_password().json["access"])
    verified = ada.enrol_by_calls()

    refused = door.post("totp/disable/", credential=password_only)
    allowed = door.post("totp/disable/", credential=verified)

    assert refused.outcome == SECOND_FACTOR_REQUIRED
    assert allowed.status == 204


def test_an_issuer_without_refresh_tokens_has_no_calls_for_them(door, mount):
    api = new_api()
    api.add_router("/jwt/", create_login_router(issuer=_OwnIssuer()))
    mount(api)

    response = Client().post("/ninja/jwt/refresh/", {}, content_type="application/json")

    assert response.status_code == 404


def test_two_people_on_one_api_do_not_meet(door, clock, ada):
    grace = Person(door, clock, "grace")
    hers = grace.enrol()
    ada.enrol()

    door.post("totp/disable/", credential=hers)

    assert ada.give_password().json["is_totp_enabled"] is True
    assert grace.give_password(password=PASSWORD).json["is_totp_enabled"] is False


def test_the_calls_have_names_to_be_reversed():
    api = NinjaAPI(urls_namespace="reversed")
    api.add_router("/totp/", TOTP)

    assert reverse("reversed:totp-rotate-backup-codes", urlconf=mounted(api)) == (
        "/ninja/totp/rotate_backup_codes/"
    )


@pytest.mark.parametrize("create", [create_router, create_login_router])
def test_the_class_of_an_issuer_is_no_issuer(create):
    with pytest.raises(TypeError, match=r"NinjaJWT\(\), not the class NinjaJWT\."):
        create(issuer=NinjaJWT)
