"""The throttle classes: what a project can change about them, and whom they count."""

import pytest
from django.core.cache import cache
from django.test import override_settings
from django.urls import path
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import Throttled
from rest_framework.response import Response
from rest_framework.views import APIView

from drf_compat.throttle import TotpAnonThrottle, TotpThrottle, TotpUserThrottle
from drf_compat.views import TotpViewSet
from tests.http.caches import TimedCache

PERIODS = {"2/s": 1, "2/minute": 60, "2/hour": 3600, "2/day": 86_400}


class OncePerHour(TotpUserThrottle):
    rate = "1/hour"


class Unlimited(TotpUserThrottle):
    def get_rate(self):
        return None


class OfOneTenant(TotpUserThrottle):
    rate = "1/hour"

    def get_cache_key(self, request, view):
        return request.headers.get("X-Tenant")


class StrictViewSet(TotpViewSet):
    throttle_classes = [OncePerHour]


class ViewOfTheProject(APIView):
    permission_classes = ()
    throttle_classes = [TotpUserThrottle, TotpAnonThrottle]

    def get(self, request):
        return Response()


class OtherView(ViewOfTheProject):
    def post(self, request):
        return Response()


class PhoneView(OtherView):
    account_field = "phone"


class TenantView(ViewOfTheProject):
    throttle_classes = [OfOneTenant]


class AnonymousView(ViewOfTheProject):
    throttle_classes = [TotpAnonThrottle]


class UnlimitedView(ViewOfTheProject):
    throttle_classes = [Unlimited]


urlpatterns = [
    path("strict", StrictViewSet.as_view({"get": "totp_status"})),
    path("strict/events", StrictViewSet.as_view({"get": "events"})),
    path("own", ViewOfTheProject.as_view()),
    path("other", OtherView.as_view()),
    path("phone", PhoneView.as_view()),
    path("tenant", TenantView.as_view()),
    path("anonymous", AnonymousView.as_view()),
    path("unlimited", UnlimitedView.as_view()),
]


@pytest.fixture(autouse=True)
def _two_a_minute(door, settings):
    settings.TOTP_THROTTLE_RATE = "2/minute"
    cache.clear()


@pytest.fixture
def here():
    """The URLs of this module."""
    with override_settings(ROOT_URLCONF=__name__):
        yield


def _statuses(api, url, times, **headers):
    return [api.get(url, headers=headers).status_code for _ in range(times)]


def test_a_subclass_has_a_rate_of_its_own(here, ada, api):
    api.force_authenticate(ada.user)

    assert _statuses(api, "/strict", 2) == [200, 429]


def test_a_subclass_can_lift_the_limit(here, api):
    assert set(_statuses(api, "/unlimited", 10)) == {200}


def test_a_subclass_can_count_by_something_else(here, api):
    assert _statuses(api, "/tenant", 2, **{"X-Tenant": "a"}) == [200, 429]
    assert _statuses(api, "/tenant", 2, **{"X-Tenant": "b"}) == [200, 429]
    assert _statuses(api, "/tenant", 2) == [200, 200]


def test_the_setting_limits_views_of_the_project_as_well(here, api):
    assert _statuses(api, "/own", 3) == [200, 200, 429]


def test_each_view_is_counted_alone(here, api):
    _statuses(api, "/own", 3)

    assert _statuses(api, "/other", 1) == [200]


def test_a_view_of_the_project_says_when_to_come_back(here, api, clock):
    _statuses(api, "/own", 2)

    answer = api.get("/own")

    assert answer["Retry-After"] == "50"
    assert answer.json() == {"detail": "Request was throttled. Expected available in 50 seconds."}


@pytest.fixture
def lifetimes(settings, monkeypatch):
    """How long each key in the cache lives, of a cache that has an idea of its own."""
    settings.CACHES = {"default": {"BACKEND": "tests.http.caches.TimedCache"}}
    monkeypatch.setattr(TimedCache, "lifetimes", kept := {})
    return kept


@pytest.mark.usefixtures("here")
@pytest.mark.parametrize("rate", PERIODS)
def test_a_counter_lives_exactly_as_long_as_its_rate_says(api, clock, lifetimes, settings, rate):
    settings.TOTP_THROTTLE_RATE = rate
    left = PERIODS[rate] - clock.now() % PERIODS[rate]

    _statuses(api, "/anonymous", 2)
    refused = api.get("/anonymous")

    assert list(lifetimes.values()) == [left]
    assert (refused.status_code, refused["Retry-After"]) == (429, str(left))


class _Impatient(TotpUserThrottle):
    """A throttle of a project's own that says when to come back, or does not."""

    seconds = None

    def allow_request(self, request, view):
        return False

    def wait(self):
        return self.seconds


@pytest.mark.parametrize(("seconds", "told"), [(None, "1"), (0.2, "1"), (7.0, "7"), (7.01, "8")])
def test_what_a_throttle_of_the_project_says_is_rounded_up(api, ada, monkeypatch, seconds, told):
    monkeypatch.setattr(_Impatient, "seconds", seconds)
    monkeypatch.setattr(TotpViewSet, "throttle_classes", [_Impatient])
    api.force_authenticate(ada.user)

    answer = api.get("/drf/totp/status/")

    assert (answer.status_code, answer["Retry-After"]) == (429, told)
    assert answer.json()["retry_after"] == int(told)


class _Busy(BaseAuthentication):
    """An authentication of a project's own with a limit of its own."""

    def authenticate(self, request):
        raise Throttled(wait=6.2)


def test_a_refusal_of_the_frameworks_own_says_when_to_come_back(api, monkeypatch, db):
    monkeypatch.setattr(TotpViewSet, "authentication_classes", [_Busy])

    answer = api.get("/drf/totp/status/")

    assert (answer.status_code, answer["Retry-After"]) == (429, "7")
    assert (answer.json()["code"], answer.json()["retry_after"]) == ("throttled", 7)


def test_each_action_of_a_viewset_is_counted_alone(here, ada, api):
    api.force_authenticate(ada.user)
    _statuses(api, "/strict", 2)

    assert _statuses(api, "/strict/events", 2) == [200, 429]


def test_addresses_are_counted_apart(here, api):
    _statuses(api, "/own", 3)

    answer = api.get("/own", REMOTE_ADDR="192.0.2.7")

    assert answer.status_code == 200


def test_a_made_up_forwarded_address_is_not_believed(here, api):
    statuses = [
        api.get("/own", headers={"X-Forwarded-For": f"192.0.2.{number}"}).status_code
        for number in range(3)
    ]

    assert statuses == [200, 200, 429]


def test_the_proxies_that_rest_framework_knows_of_are_believed(here, api, settings):
    settings.REST_FRAMEWORK = settings.REST_FRAMEWORK | {"NUM_PROXIES": 1}
    statuses = [
        api.get("/own", headers={"X-Forwarded-For": f"192.0.2.{number}"}).status_code
        for number in range(3)
    ]

    assert statuses == [200, 200, 200]


def test_our_own_setting_beats_that_of_rest_framework(here, api, settings):
    settings.REST_FRAMEWORK = settings.REST_FRAMEWORK | {"NUM_PROXIES": 1}
    settings.TOTP_NUM_PROXIES = 0
    statuses = [
        api.get("/own", headers={"X-Forwarded-For": f"192.0.2.{number}"}).status_code
        for number in range(3)
    ]

    assert statuses == [200, 200, 429]


@pytest.mark.parametrize(
    ("path_", "name"), [("jwt/create/", "username"), ("totp/recovery/", "email")]
)
def test_behind_an_unknown_proxy_the_account_is_counted(door, api, path_, name):
    def send(account):
        body = {name: account, "password": "x"}
        headers = {"X-Forwarded-For": "192.0.2.1"}
        return api.post(f"/drf/{path_}", body, headers=headers).status_code

    mine = [send("ada@example.org") for _ in range(3)]

    assert mine[0] != 429
    assert mine[2] == 429
    assert send("grace@example.org") != 429


@pytest.mark.parametrize(
    ("path_", "name"), [("jwt/create/", "username"), ("totp/recovery/", "email")]
)
def test_behind_a_proxy_that_rest_framework_knows_of_the_address_is(
    door, api, settings, path_, name
):
    settings.REST_FRAMEWORK = settings.REST_FRAMEWORK | {"NUM_PROXIES": 1}

    def send(address):
        body = {name: "ada@example.org", "password": "x"}
        headers = {"X-Forwarded-For": address}
        return api.post(f"/drf/{path_}", body, headers=headers).status_code

    statuses = [send(f"192.0.2.{number}") for number in (1, 2, 3, 3, 3)]

    assert [status == 429 for status in statuses] == [False] * 4 + [True]


CALLS = {
    "jwt/create/": "username",
    "jwt/totp/verify/": "totp_challenge_token",
    "jwt/refresh/": "refresh",
    "jwt/verify/": "token",
    "totp/recovery/": "email",
    "totp/recovery_confirm/": "token",
    "totp/recovery_cancel/": "token",
}


@pytest.mark.parametrize(("path_", "name"), CALLS.items())
def test_a_made_up_field_brings_no_count_of_its_own(door, api, path_, name):
    made_up = {"username", "totp_challenge_token", "refresh", "token", "email", "uid"} - {name}

    def send(account, number):
        body = dict.fromkeys(made_up, f"made up {number}") | {"password": "x", "otp_code": "1"}
        body |= {name: account}
        headers = {"X-Forwarded-For": f"192.0.2.{number}"}
        return api.post(f"/drf/{path_}", body, format="json", headers=headers).status_code

    statuses = [send("ada@example.org", number) for number in range(3)]

    assert [status == 429 for status in statuses] == [False, False, True]
    assert send("grace@example.org", 3) != 429


def test_a_view_of_the_project_names_its_field(here, api):
    def send(url, **body):
        headers = {"X-Forwarded-For": "192.0.2.1"}
        return api.post(url, body, format="json", headers=headers).status_code

    by_phone = [send("/phone", phone="1", username=f"x{number}") for number in range(3)]
    by_name = [send("/other", phone=f"{number}", username="ada") for number in range(3)]

    by_number = [send("/phone", phone=4711) for _ in range(3)]

    assert by_phone == by_name == by_number == [200, 200, 429]
    assert send("/phone", phone=815) == 200
    assert send("/phone", phone="2") == send("/other", username="grace") == 200


@pytest.mark.parametrize("body", [b"[]", b"null", b'"x"', b'{"username": ["x"]}'])
def test_a_body_that_names_no_account_is_refused_before_it_is_counted(door, api, body):
    headers = {"X-Forwarded-For": "192.0.2.1"}
    statuses = [
        api.post(
            "/drf/jwt/create/", body, content_type="application/json", headers=headers
        ).status_code
        for _ in range(3)
    ]

    assert statuses == [400, 400, 400]


def test_half_a_surrogate_pair_is_refused(door, api):
    body = b'{"username": "\\ud800", "password": "x"}'
    headers = {"X-Forwarded-For": "192.0.2.1"}

    answer = api.post("/drf/jwt/create/", body, content_type="application/json", headers=headers)

    assert answer.status_code == 400


def test_the_throttle_for_anybody_leaves_users_alone(here, ada, api):
    api.force_authenticate(ada.user)

    assert _statuses(api, "/anonymous", 5) == [200] * 5


def test_the_older_name_still_works_and_is_deprecated():
    with pytest.warns(DeprecationWarning, match="TotpUserThrottle"):
        throttle = TotpThrottle()

    assert isinstance(throttle, TotpUserThrottle)
    assert throttle.rate == "2/minute"


@pytest.mark.parametrize("rate", ["7/second", "7/minute", "7/hour", "7/day", None])
def test_the_rate_is_the_setting_as_it_is_now(settings, rate):
    settings.TOTP_THROTTLE_RATE = rate

    assert TotpUserThrottle().rate == rate
