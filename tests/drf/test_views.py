"""The views as a project of Django REST Framework uses them."""

import pytest
from django.db import OperationalError, connections
from django.urls import reverse
from rest_framework.test import APIClient

from drf_compat import views
from ninja_totp.models import Totp


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("totp-create", "/drf/totp/create/"),
        ("totp-confirm", "/drf/totp/confirm/"),
        ("totp-disable", "/drf/totp/disable/"),
        ("totp-rotate-backup-codes", "/drf/totp/rotate_backup_codes/"),
        ("jwt-create", "/drf/jwt/create/"),
        ("jwt-totp-verify", "/drf/jwt/totp/verify/"),
        ("jwt-refresh", "/drf/jwt/refresh/"),
        ("jwt-verify", "/drf/jwt/verify/"),
    ],
)
def test_the_documented_names_lead_to_the_documented_paths(name, path):
    assert reverse(name, urlconf="tests.drf.urls") == path


def test_the_life_cycle_works_with_force_authenticate_and_empty_bodies(client, code):
    created = client.post("/drf/totp/create/")
    secret = created.json()["secret"]
    confirmed = client.post("/drf/totp/confirm/", {"input_code": code(secret)})
    rotated = client.post("/drf/totp/rotate_backup_codes/")
    disabled = client.post("/drf/totp/disable/")

    assert [answer.status_code for answer in (created, confirmed, rotated, disabled)] == [
        201,
        200,
        200,
        204,
    ]
    assert len(rotated.json()["backup_codes"]) == 10


def test_a_form_is_taken_as_well_as_json(user, secret, code):
    form = "application/x-www-form-urlencoded"
    client = APIClient()
    opened = client.post(
        "/drf/jwt/create/", "username=ada&password=correct+horse", content_type=form
    )
    token = opened.json()["totp_challenge_token"]

    body = f"totp_challenge_token={token}&otp_code={code(secret)}"
    answer = client.post("/drf/jwt/totp/verify/", body, content_type=form)

    assert sorted(answer.json()) == ["access", "refresh"]


def test_a_setting_asks_everybody_for_a_code(client, secret, code, settings):
    settings.TOTP_REQUIRE_CODE = True

    refused = client.post("/drf/totp/disable/")
    accepted = client.post("/drf/totp/disable/", {"input_code": code(secret)})

    assert (refused.status_code, refused.json()["code"]) == (403, "second_factor_required")
    assert accepted.status_code == 204


@pytest.mark.parametrize(
    ("path", "body", "errors"),
    [
        ("totp/confirm/", {}, {"input_code": ["This field is required."]}),
        ("totp/confirm/", {"input_code": ""}, {"input_code": ["This field may not be blank."]}),
        (
            "totp/disable/",
            {"input_code": "123456", "backup_code": "x"},
            {"non_field_errors": ["Provide only one of input_code or backup_code, not both."]},
        ),
        (
            "totp/verify/",
            {},
            {"non_field_errors": ["Either otp_code or backup_code is required."]},
        ),
        (
            "jwt/totp/verify/",
            {"totp_challenge_token": "x"},
            {"non_field_errors": ["Either otp_code or backup_code is required."]},
        ),
        (
            "jwt/totp/verify/",
            {"totp_challenge_token": "x", "otp_code": "123456", "backup_code": "x"},
            {"non_field_errors": ["Provide only one of otp_code or backup_code, not both."]},
        ),
        (
            "jwt/create/",
            {},
            {"username": ["This field is required."], "password": ["This field is required."]},
        ),
    ],
)
def test_invalid_input_is_told_in_the_frameworks_shape(client, path, body, errors):
    answer = client.post(f"/drf/{path}", body, format="json")

    assert (answer.status_code, answer.json()) == (400, errors)


def test_the_frameworks_own_refusals_get_a_code(client):
    unread = client.post("/drf/totp/confirm/", "{", content_type="application/json")
    wrong_method = client.get("/drf/totp/create/")

    assert unread.json()["code"] == "malformed_request"
    assert wrong_method.json()["code"] == "method_not_allowed"
    assert unread["Cache-Control"] == wrong_method["Cache-Control"] == "no-store"


def test_the_projects_exception_handler_sees_our_errors(client, settings):
    settings.REST_FRAMEWORK = settings.REST_FRAMEWORK | {
        "EXCEPTION_HANDLER": "tests.drf.handlers.in_an_envelope_of_the_project"
    }

    answer = client.post("/drf/totp/disable/")

    assert answer.status_code == 400
    assert answer.json()["error"]["code"] == "not_enrolled"


def test_a_database_that_is_gone_is_told_as_such(client, monkeypatch):
    def gone(*args):
        raise OperationalError("the connection is closed")

    monkeypatch.setattr("ninja_totp.services.totp.factor_of", gone)

    answer = client.post("/drf/totp/create/")

    assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")


def test_the_browsable_api_draws_the_forms(client):
    page = client.get("/drf/totp/confirm/", headers={"Accept": "text/html"})

    assert page.status_code == 405
    assert 'name="input_code"' in page.content.decode()


@pytest.mark.parametrize("view", [views.JWTCreateView, views.JWTVerifyView])
def test_no_view_joins_the_transaction_of_a_request(view):
    exempt = view.as_view()._non_atomic_requests

    assert exempt == set(connections)


@pytest.mark.django_db(transaction=True)
def test_failures_are_counted_under_atomic_requests(client, secret, settings):
    connections["default"].settings_dict["ATOMIC_REQUESTS"] = True

    try:
        statuses = [
            client.post("/drf/totp/verify/", {"otp_code": "000000"}).status_code for _ in range(3)
        ]
    finally:
        connections["default"].settings_dict["ATOMIC_REQUESTS"] = False

    assert statuses == [400, 400, 400]
    assert Totp.objects.get().failures == 3
