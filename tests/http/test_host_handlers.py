"""Errors of ours on a host with handlers of its own: neither gets in the other's way."""

from io import BytesIO

import pytest
from django.db import OperationalError, connection
from django.test import Client
from ninja import Schema
from ninja.errors import HttpError
from ninja.throttling import AnonRateThrottle
from ninja_jwt.authentication import AsyncJWTAuth

from ninja_totp.api import handle_totp_errors
from ninja_totp.core.errors import TotpError
from tests.http.hosts import JWT, TOTP, HandlingHost, RefusingAuth, new_api
from tests.support.credentials import Bearer
from tests.support.people import PASSWORD

_JSON = "application/json"
_THREE_MEGABYTES = b'{"input_code": "' + b"1" * 3_000_000 + b'"}'


@pytest.fixture(params=[False, True], ids=["production", "debug"])
def host(request, mount, settings):
    """A host with our routers on it. Under DEBUG Ninja answers unhandled errors itself."""
    settings.DEBUG = request.param
    host = HandlingHost().with_our_routers()
    handle_totp_errors(host.api)
    mount(host.api)
    return host


def _refusal(answer):
    return answer.status, answer.json["code"], answer.headers["Content-Type"]


class _CutOff(BytesIO):
    """A request body whose sender has hung up."""

    def read(self, *_):
        raise OSError("cut off")


class _BrokenOff(Bearer):
    def send(self, method, url, **extra):
        return super().send(method, url, **extra | {"wsgi.input": _CutOff()})


def _break_database(execute, sql, params, many, context):
    raise OperationalError("the database is gone")


def test_an_unreadable_body_is_ours(door, ada, host):
    answer = door.post_raw("totp/confirm/", b"{", _JSON, ada.log_in())

    assert _refusal(answer) == (400, "malformed_request", _JSON)
    assert host.seen == []


def test_a_body_that_breaks_off_is_ours(door, ada, host):
    credential = _BrokenOff(ada.log_in().token)

    answer = door.post_raw("totp/confirm/", b"{}", _JSON, credential)

    assert _refusal(answer) == (400, "malformed_request", _JSON)
    assert host.seen == []


def test_a_missing_credential_is_ours(door, host):
    answer = door.post("totp/create/")

    assert _refusal(answer) == (401, "not_authenticated", _JSON)
    assert host.seen == []


def test_a_bad_token_is_ours(door, host):
    answer = door.post("totp/create/", credential=Bearer("garbage"))

    assert _refusal(answer) == (401, "not_authenticated", _JSON)
    assert host.seen == []


def test_wrong_credentials_are_ours(door, ada, host):
    answer = ada.give_password(password="x")

    assert _refusal(answer) == (401, "invalid_credentials", _JSON)
    assert host.seen == []


def test_a_missing_csrf_token_is_ours(door, ada, host):
    browser = ada.open_browser()

    changing = door.post("totp/create/", credential=browser.without_csrf_token())
    leaving = door.post("session/delete/", credential=browser.without_csrf_token())

    assert _refusal(changing) == _refusal(leaving) == (403, "csrf_failed", _JSON)
    assert host.seen == []


def test_a_missing_second_factor_is_ours(door, ada, host):
    password_only = ada.log_in()
    ada.enrol()

    answer = door.post("totp/disable/", credential=password_only)

    assert _refusal(answer) == (403, "second_factor_required", _JSON)
    assert host.seen == []


@pytest.mark.parametrize("content_type", [_JSON, ""])
def test_a_large_body_is_ours(door, ada, host, content_type):
    answer = door.post_raw("totp/confirm/", _THREE_MEGABYTES, content_type, ada.log_in())

    assert _refusal(answer) == (413, "payload_too_large", _JSON)
    assert host.seen == []


def test_a_foreign_content_type_is_ours(door, ada, host):
    answer = door.post_raw("totp/confirm/", b"{}", "text/plain", ada.log_in())

    assert _refusal(answer) == (415, "unsupported_media_type", _JSON)
    assert host.seen == []


def test_a_missing_field_is_ours(door, ada, host):
    answer = door.post("totp/confirm/", {}, ada.log_in())

    assert answer.outcome == door.missing("input_code")
    assert host.seen == []


def test_a_lock_is_ours(door, ada, host):
    ada.enrol()
    ada.fail(5)

    answer = ada.answer_challenge(ada.challenge(), otp_code="000000")

    assert _refusal(answer) == (429, "locked", _JSON)
    assert host.seen == []


def test_the_throttle_is_ours(door, ada, host, settings):
    settings.TOTP_THROTTLE_RATE = "1/day"
    ada.give_password()

    answer = ada.give_password()

    assert _refusal(answer) == (429, "throttled", _JSON)
    assert host.seen == []


def test_a_database_that_is_gone_is_ours(door, ada, host):
    credential = ada.log_in()

    with connection.execute_wrapper(_break_database):
        answer = door.post("totp/create/", credential=credential)

    assert _refusal(answer) == (503, "unavailable", _JSON)
    assert host.seen == []


def test_a_key_that_is_gone_is_ours(door, ada, host, settings):
    ada.enrol()
    challenge = ada.challenge()
    settings.TOTP_ENCRYPTION_KEY = "YW5vdGhlci1rZXktb2YtdGhlLXRlc3Qtc3VpdGUtISE="

    answer = ada.answer_challenge(challenge, otp_code=ada.next_code())

    assert _refusal(answer) == (503, "unavailable", _JSON)
    assert host.seen == []


class TestWithoutOurHandler:
    """A host that does not call `handle_totp_errors`: the framework's errors are its own."""

    @pytest.fixture
    def host(self, request, mount, settings):
        """A host with our routers on it, and a handler for everything but our errors."""
        host = HandlingHost().with_our_routers()
        mount(host.api)
        return host

    @pytest.mark.parametrize("debug", [False, True])
    def test_our_errors_are_ours(self, door, ada, host, settings, debug):
        settings.DEBUG = debug
        password_only, browser = ada.log_in(), ada.open_browser()
        ada.enrol()

        answers = [
            ada.give_password(password="x"),
            door.post("totp/disable/", credential=password_only),
            door.post("session/delete/", credential=browser.without_csrf_token()),
            door.post_raw("totp/confirm/", b"{}", "text/plain", password_only),
            door.post_raw("totp/confirm/", _THREE_MEGABYTES, _JSON, password_only),
        ]

        assert [answer.json["code"] for answer in answers] == [
            "invalid_credentials",
            "second_factor_required",
            "csrf_failed",
            "unsupported_media_type",
            "payload_too_large",
        ]
        assert host.seen == []

    def test_errors_of_the_framework_are_the_hosts(self, door, ada, host):
        token, browser = ada.log_in(), ada.open_browser()

        answers = [
            door.post("totp/create/"),
            door.post("totp/confirm/", {}, token),
            door.post_raw("totp/confirm/", b"{", _JSON, token),
            door.post("totp/create/", credential=browser.without_csrf_token()),
        ]

        assert {answer.status for answer in answers} == {599}
        assert host.seen == ["AuthenticationError", "ValidationError", "HttpError", "HttpError"]

    def test_a_bad_token_is_the_hosts(self, door, host):
        answer = door.post("totp/create/", credential=Bearer("garbage"))

        assert answer.status == 599
        assert host.seen == ["InvalidToken"]

    def test_a_database_that_is_gone_is_ours(self, door, ada, host):
        with connection.execute_wrapper(_break_database):
            answer = ada.give_password()

        assert _refusal(answer) == (503, "unavailable", _JSON)
        assert host.seen == []


def test_a_bad_token_is_refused_in_the_words_of_an_api_without_handlers(door, mount):
    api = new_api()
    api.add_router("/totp/", TOTP, auth=AsyncJWTAuth())
    mount(api)

    answer = door.post("totp/create/", credential=Bearer("garbage"))

    assert answer.status == 401
    assert answer.json.keys() == {"detail"}


@pytest.mark.parametrize("comes", ["before", "after", "alone"])
def test_a_host_may_answer_our_errors_itself(door, ada, mount, comes):
    host = HandlingHost().with_our_routers()
    if comes == "after":
        handle_totp_errors(host.api)
    host.handle(TotpError)
    if comes == "before":
        handle_totp_errors(host.api)
    mount(host.api)

    wrong = ada.give_password(password="x")
    large = door.post_raw("jwt/create/", _THREE_MEGABYTES, _JSON)

    assert (wrong.status, large.status) == (599, 599)
    assert host.seen == ["InvalidCredentials", "PayloadTooLarge"]


class TestTheHostsOwn:
    @pytest.fixture
    def host(self):
        host = HandlingHost()
        handle_totp_errors(host.api)
        return host

    @pytest.mark.parametrize("status", [400, 403, 418, 429, 500])
    def test_what_its_authentication_raises_stays_its_own(self, door, host, mount, status):
        auth = RefusingAuth(HttpError(status, "the host's sentence"))
        host.api.add_router("/totp/", TOTP, auth=auth)
        mount(host.api)

        answer = door.post("totp/create/", credential=Bearer("x"))

        assert answer.outcome == (599, {"host": "handled"})
        assert host.seen == ["HttpError"]

    def test_its_403_for_a_token_is_no_missing_csrf_token(self, host, mount):
        host.api.add_router("/totp/", TOTP, auth=RefusingAuth(HttpError(403, "no")))
        mount(host.api)
        browser = Client(enforce_csrf_checks=True)

        answer = browser.post(
            "/ninja/totp/create/", {}, _JSON, headers={"Authorization": "Bearer x"}
        )

        assert (answer.status_code, host.seen) == (599, ["HttpError"])

    def test_an_error_in_its_authentication_stays_its_own(self, door, host, mount):
        auth = RefusingAuth(RuntimeError("a mistake"))
        host.api.add_router("/totp/", TOTP, auth=auth)
        mount(host.api)

        answer = door.post("totp/create/", credential=Bearer("x"))

        assert answer.status == 599
        assert host.seen == ["RuntimeError"]

    def test_its_throttle_stays_its_own(self, door, host, mount):
        host.api.add_router("/jwt/", JWT, throttle=AnonRateThrottle("1/d"))
        mount(host.api)
        body = {"username": "ada", "password": PASSWORD}
        door.post("jwt/create/", body)

        answer = door.post("jwt/create/", body)

        assert answer.status == 599
        assert host.seen == ["Throttled"]

    def test_its_other_endpoints_keep_its_handlers(self, door, host, mount):
        class Form(Schema):
            number: int

        @host.api.post("/form/")
        def form(request, payload: Form):
            raise HttpError(418, "a teapot")

        mount(host.with_our_routers().api)
        invalid = Client().post("/ninja/form/", {}, content_type=_JSON)
        raised = Client().post("/ninja/form/", {"number": 1}, content_type=_JSON)

        assert (invalid.status_code, raised.status_code) == (599, 599)
        assert host.seen == ["ValidationError", "HttpError"]
        assert "Cache-Control" not in raised.headers

    def test_a_mistake_of_ours_would_reach_it(self, door, ada, host, mount, monkeypatch):
        mount(host.with_our_routers().api)
        monkeypatch.setattr("ninja_totp.services.totp_status", lambda user: 1 / 0)

        answer = door.get("totp/status/", ada.log_in())

        assert answer.status == 599
        assert host.seen == ["ZeroDivisionError"]
