"""The documented calls as a client of REST framework makes them: forms, no bodies, forced users."""

import pytest
from django.urls import reverse

from tests.support.people import PASSWORD, code_of


@pytest.fixture
def signed_in(api, ada, settings):
    """A client that is forced to be Ada, without any credential, as clients of django-totp."""
    settings.TOTP_REQUIRE_CODE = False
    api.force_authenticate(ada.user)
    return api


def _enrol(api, ada):
    ada.secret = api.post("/drf/totp/create/").json()["secret"]
    return api.post("/drf/totp/confirm/", {"input_code": ada.code()}).json()["backup_codes"]


def test_a_forced_user_goes_through_the_whole_life_with_the_documented_bodies(signed_in, ada):
    created = signed_in.post("/drf/totp/create/")
    ada.secret = created.json()["secret"]
    confirmed = signed_in.post("/drf/totp/confirm/", {"input_code": ada.code()})
    rotated = signed_in.post("/drf/totp/rotate_backup_codes/")
    disabled = signed_in.post("/drf/totp/disable/")

    assert [answer.status_code for answer in (created, confirmed, rotated, disabled)] == [
        201,
        200,
        200,
        204,
    ]
    assert set(confirmed.json()) == {"backup_codes"}
    assert len(rotated.json()["backup_codes"]) == 10


@pytest.mark.parametrize("format_", ["json", "multipart", None])
def test_every_parser_of_the_project_is_taken(signed_in, ada, format_):
    _enrol(signed_in, ada)
    body = {"username": "ada", "password": PASSWORD}
    challenge = signed_in.post("/drf/jwt/create/", body, format=format_).json()

    answer = signed_in.post(
        "/drf/jwt/totp/verify/",
        {
            "totp_challenge_token": challenge["totp_challenge_token"],
            "otp_code": code_of(ada.secret, ada.clock.now() + 30),
        },
        format=format_,
    )

    assert answer.status_code == 200
    assert set(answer.json()) == {"access", "refresh"}


def test_two_codes_can_be_sent_as_a_form(signed_in, ada):
    _enrol(signed_in, ada)
    ada.clock.advance(90)
    challenge = ada.challenge()
    codes = [ada.code(), ada.code(steps=1)]

    answer = signed_in.post(
        "/drf/jwt/totp/verify/",
        {"totp_challenge_token": challenge, "otp_codes": codes},
        format="multipart",
    )

    assert answer.status_code == 200


@pytest.mark.parametrize("path", ["disable", "rotate_backup_codes", "replace"])
@pytest.mark.parametrize("body", [b"", b"null", b"{}"])
def test_no_body_is_no_body_however_it_is_announced(signed_in, ada, path, body):
    _enrol(signed_in, ada)

    answer = signed_in.post(f"/drf/totp/{path}/", body, content_type="application/json")

    assert answer.status_code in (200, 201, 204)


def test_a_form_with_empty_fields_is_no_body(signed_in, ada):
    _enrol(signed_in, ada)

    answer = signed_in.post(
        "/drf/totp/disable/", {"input_code": "", "backup_code": ""}, format="multipart"
    )

    assert answer.status_code == 204


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("totp-create", "/drf/totp/create/"),
        ("totp-confirm", "/drf/totp/confirm/"),
        ("totp-disable", "/drf/totp/disable/"),
        ("totp-rotate-backup-codes", "/drf/totp/rotate_backup_codes/"),
        ("totp-recovery-recovery", "/drf/totp/recovery/"),
        ("totp-recovery-recovery-confirm", "/drf/totp/recovery_confirm/"),
        ("jwt-create", "/drf/jwt/create/"),
        ("jwt-totp-verify", "/drf/jwt/totp/verify/"),
        ("jwt-refresh", "/drf/jwt/refresh/"),
        ("jwt-verify", "/drf/jwt/verify/"),
    ],
)
def test_the_documented_names_lead_to_the_documented_paths(name, path):
    assert reverse(name) == path


def test_a_code_may_come_as_a_number(signed_in, ada):
    _enrol(signed_in, ada)
    ada.clock.advance(30)
    while ada.code().startswith("0"):
        ada.clock.advance(30)

    answer = signed_in.post("/drf/totp/disable/", {"input_code": int(ada.code())}, format="json")

    assert answer.status_code == 204


@pytest.mark.parametrize(
    ("path", "body", "errors"),
    [
        ("totp/confirm/", {}, {"input_code": ["This field is required."]}),
        ("totp/confirm/", {"input_code": ""}, {"input_code": ["This field may not be blank."]}),
        (
            "totp/confirm/",
            {"input_code": "1" * 13},
            {"input_code": ["Ensure this field has no more than 12 characters."]},
        ),
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
        ("totp/recovery/", {"email": "x"}, {"email": ["Enter a valid email address."]}),
        (
            "totp/recovery_confirm/",
            {"uid": "x"},
            {"token": ["This field is required."], "password": ["This field is required."]},
        ),
    ],
)
def test_invalid_input_is_told_in_the_shape_of_the_framework(signed_in, path, body, errors):
    answer = signed_in.post(f"/drf/{path}", body, format="json")

    assert (answer.status_code, answer.json()) == (400, errors)


def test_a_password_is_taken_as_it_was_typed(api, ada):
    ada.user.set_password(" with blanks ")
    ada.user.save()

    answers = [
        api.post("/drf/jwt/create/", {"username": "ada", "password": password})
        for password in (" with blanks ", "with blanks")
    ]

    assert [answer.status_code for answer in answers] == [200, 401]


def test_everybody_is_asked_for_a_code_by_default(signed_in, ada, settings):
    del settings.TOTP_REQUIRE_CODE
    _enrol(signed_in, ada)

    refused = signed_in.post("/drf/totp/disable/")
    accepted = signed_in.post("/drf/totp/disable/", {"input_code": ada.next_code()})

    assert (refused.status_code, refused.json()["code"]) == (403, "second_factor_required")
    assert accepted.status_code == 204
