"""What every answer of the door owes, and what stays the project's."""

import json
import sys

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.signals import got_request_exception
from django.db import OperationalError
from django.test import override_settings
from django.urls import include, path
from django.views.debug import ExceptionReporter
from django.views.decorators.debug import sensitive_variables
from rest_framework.response import Response
from rest_framework.test import APIRequestFactory
from rest_framework.versioning import URLPathVersioning
from rest_framework.views import exception_handler as usual_handler

from drf_compat.views import JWTCreateView, TotpViewSet
from ninja_totp import services
from tests.support.credentials import Bearer
from tests.support.people import PASSWORD


class VersionedView(JWTCreateView):
    versioning_class = URLPathVersioning


urlpatterns = [
    path("drf/", include("drf_compat.urls")),
    path("drf/", include("drf_compat.urls.jwt")),
    path("<version>/jwt/create/", VersionedView.as_view()),
    path("<anything>/totp/create/", TotpViewSet.as_view({"post": "enrol"})),
]
here = override_settings(ROOT_URLCONF=__name__)


def _errors_of_the_framework(api):
    headers = {"HTTP_ACCEPT": "application/json"}
    return [
        api.get("/drf/totp/create/", **headers),
        api.delete("/drf/jwt/create/", **headers),
        api.post("/drf/totp/create/", **headers),
        api.post("/drf/jwt/create/", "{", content_type="application/json", **headers),
        api.post("/drf/jwt/create/", "x", content_type="text/plain", **headers),
        api.post("/drf/jwt/create/", {}, HTTP_ACCEPT="image/webp"),
        api.post("/drf/jwt/refresh/", "{", content_type="application/json", **headers),
        api.post("/drf/jwt/verify/", {}, **headers),
    ]


def test_no_cache_keeps_an_error_of_the_framework(door, api):
    answers = _errors_of_the_framework(api)

    assert {answer.status_code for answer in answers} == {400, 401, 405, 406, 415}
    assert {answer["Cache-Control"] for answer in answers} == {"no-store"}


def test_errors_of_the_framework_have_a_code(door, api):
    *answers, _ = _errors_of_the_framework(api)

    assert [answer.json()["code"] for answer in answers] == [
        "not_authenticated",
        "method_not_allowed",
        "not_authenticated",
        "malformed_request",
        "unsupported_media_type",
        "not_acceptable",
        "malformed_request",
    ]
    assert all(
        answer.json()["detail"].endswith(".") or "JSON" in answer.json()["detail"]
        for answer in answers
    )


def test_a_cookie_without_its_csrf_token_has_a_code(door, ada):
    browser = ada.open_browser()

    answer = browser.without_csrf_token().send("POST", "/drf/totp/create/")

    assert answer.status_code == 403
    assert json.loads(answer.content)["code"] == "csrf_failed"


def test_a_body_above_the_limit_of_the_site_is_not_read(door, settings):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 100

    answer = door.post("jwt/create/", {"username": "ada", "password": "x" * 100})

    assert answer.outcome == (
        413,
        {"detail": "The request body is too large.", "code": "payload_too_large"},
    )


@pytest.mark.parametrize("format_", ["json", "multipart"])
def test_nothing_of_it_is_read_whatever_the_parser(door, settings, format_):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 100
    body = {"username": "ada", "password": "x" * 100}
    request = APIRequestFactory().post("/", body, format=format_)

    answer = JWTCreateView.as_view()(request)

    assert answer.status_code == 413
    assert not request._read_started


@pytest.mark.parametrize("path", ["jwt/create/", "totp/recovery/", "jwt/refresh/"])
@pytest.mark.parametrize("body", ["[" * 60_000, '{"username":' * 5_000])
def test_a_body_that_is_nested_too_deeply_cannot_be_read(door, api, path, body):
    answer = api.post(f"/drf/{path}", body, content_type="application/json")

    assert answer.status_code == 400
    assert answer.json()["code"] == "malformed_request"


def test_a_site_may_have_no_limit(door, ada, settings):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = None

    assert ada.give_password().status == 200


def test_a_database_that_is_gone_lets_nobody_in(door, ada, monkeypatch):
    credential = ada.log_in()

    def gone(user):
        raise OperationalError("gone")

    monkeypatch.setattr(services, "totp_status", gone)

    assert door.get("totp/status/", credential).outcome == (
        503,
        {
            "detail": "Codes cannot be checked right now. Try again later.",
            "code": "unavailable",
        },
    )


def test_a_defect_of_the_project_stays_one(door, ada, monkeypatch):
    credential = ada.log_in()

    def broken(user):
        raise ImproperlyConfigured("broken")

    monkeypatch.setattr(services, "totp_status", broken)

    with pytest.raises(ImproperlyConfigured):
        door.get("totp/status/", credential)


def _in_an_envelope_of_its_own(error, context):
    response = usual_handler(error, context)
    return Response(
        {"problem": error.get_full_details(), "codes": error.get_codes()},
        status=response.status_code,
    )


def _with_the_status(error, context):
    response = usual_handler(error, context)
    response.data["status"] = response.status_code
    return response


def _handled_by(settings, handler):
    settings.REST_FRAMEWORK = settings.REST_FRAMEWORK | {"EXCEPTION_HANDLER": handler}


def test_the_projects_exception_handler_has_the_last_word(door, ada, settings):
    _handled_by(settings, f"{__name__}._in_an_envelope_of_its_own")

    answer = ada.give_password(password="wrong")

    assert answer.outcome == (
        401,
        {
            "problem": {"message": "Invalid credentials.", "code": "invalid_credentials"},
            "codes": "invalid_credentials",
        },
    )


def test_a_handler_that_adds_something_adds_it_to_the_envelope(door, ada, settings):
    _handled_by(settings, f"{__name__}._with_the_status")

    answer = ada.give_password(password="wrong")

    assert answer.json == {
        "detail": "Invalid credentials.",
        "code": "invalid_credentials",
        "status": 401,
    }


@here
def test_a_version_in_the_path_does_no_harm(door, ada, api):
    body = {"username": "ada", "password": PASSWORD}

    assert api.post("/v1/jwt/create/", body).status_code == 200


@here
def test_nor_does_any_other_part_of_the_path(door, ada, api):
    api.force_authenticate(ada.user)

    assert api.post("/acme/totp/create/").status_code == 201


def test_the_browsable_api_shows_a_form_for_each_call(door, ada, api):
    api.credentials(HTTP_AUTHORIZATION=f"Bearer {ada.log_in().token}")

    page = api.get("/drf/totp/confirm/", HTTP_ACCEPT="text/html")

    assert page.status_code == 405
    assert b'name="input_code"' in page.content


@pytest.mark.parametrize("name", ["username", "password"])
def test_the_browsable_api_shows_a_form_for_logging_in(door, api, name):
    page = api.get("/drf/jwt/create/", HTTP_ACCEPT="text/html")

    assert f'name="{name}"'.encode() in page.content


@pytest.mark.parametrize("path", ["totp/status/", "totp/create/", "totp/recovery/"])
def test_options_describe_a_call(door, ada, api, path):
    api.credentials(HTTP_AUTHORIZATION=f"Bearer {ada.log_in().token}")

    answer = api.options(f"/drf/{path}")

    assert answer.status_code == 200
    assert answer["Cache-Control"] == "no-store"


@pytest.fixture
def reports():
    """The error reports that the site's admins are mailed."""
    mailed = []

    def report(request, **_):
        mailed.append(ExceptionReporter(request, *sys.exc_info()).get_traceback_html())

    got_request_exception.connect(report)
    yield mailed
    got_request_exception.disconnect(report)


@pytest.fixture
def _broken_login(monkeypatch):
    @sensitive_variables()
    def broken(*args, **kwargs):
        raise RuntimeError("broken")

    monkeypatch.setattr(services, "complete_login", broken)


@pytest.mark.usefixtures("_broken_login")
@pytest.mark.parametrize("format_", ["json", "multipart"])
def test_an_error_report_shows_nothing_of_a_login(ada, api, reports, format_):
    api.raise_request_exception = False
    ada.enrol()
    challenge, code = ada.challenge(), ada.next_code()
    body = {"totp_challenge_token": challenge, "otp_code": code}
    api.post("/drf/jwt/totp/verify/", body, format=format_)

    assert "RuntimeError" in reports[0]
    assert code not in reports[0]
    assert challenge not in reports[0]


def test_a_token_in_an_old_header_does_not_matter_for_recovering(door):
    body = {"email": "nobody@example.org"}

    assert door.post("totp/recovery/", body, Bearer("stale")).status == 200
