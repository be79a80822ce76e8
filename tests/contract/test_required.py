"""TOTP_REQUIRED: who has no factor and must have one is let in by setting one up, and not else."""

import jwt
import pytest
from django.contrib.auth.models import Group

from ninja_totp.services import (
    confirm_totp_setup,
    exempt_from_totp,
    is_totp_enabled,
    replace_totp,
    reset_totp,
)
from tests.contract.errors import (
    ENROLMENT_REQUIRED,
    INVALID_CHALLENGE,
    MUST_STAY_ON,
    NOT_ENROLLED,
)
from tests.support.credentials import Bearer
from tests.support.people import PASSWORD

DAY = 86_400
CREATE, CONFIRM = "jwt/totp/create/", "jwt/totp/confirm/"


def _claims(token):
    return jwt.decode(token, options={"verify_signature": False})


@pytest.fixture
def required(settings):
    """A site on which everybody must have a factor."""
    settings.TOTP_REQUIRED = "all"
    return settings


@pytest.fixture
def token(required, ada):
    """What the password of somebody who must enrol has earned."""
    return ada.give_password().json["totp_enrolment_token"]


def _confirming(ada):
    """A rule during which somebody else confirms: between a login's look and its answer."""

    def means(user):
        if not is_totp_enabled(user):
            confirm_totp_setup(user, ada.next_code())
        return True

    return means


def _confirm(ada, token, code=None):
    body = {"totp_enrolment_token": token, "input_code": code or ada.next_code()}
    return ada.door.post(CONFIRM, body)


def test_a_password_alone_gives_nothing_but_the_token(required, ada):
    answer = ada.give_password()

    assert answer.status == 200
    assert set(answer.json) == {"step", "is_totp_enabled", "totp_enrolment_token"}
    assert (answer.json["step"], answer.json["is_totp_enabled"]) == ("enrolment_required", False)
    assert "Set-Cookie" not in answer.headers


def test_enrolling_logs_in_with_both_factors(client, ada, token):
    ada.scan(CREATE, token)

    answer = _confirm(ada, token)

    assert answer.status == 200
    assert set(answer.json) == {"backup_codes", "access", "refresh"}
    assert _claims(answer.json["access"])["amr"] == ["pwd", "otp", "mfa"]
    status = client.get("totp/status/", Bearer(answer.json["access"])).json
    assert status["is_totp_enabled"] is True
    assert status["backup_codes_remaining"] == 10


def test_the_code_that_enrolled_logs_nobody_in_again(ada, token):
    ada.scan(CREATE, token)
    code = ada.next_code()
    _confirm(ada, token, code)

    answer = ada.answer_challenge(ada.challenge(), otp_code=code)

    assert answer.json["code"] == "invalid_code"


@pytest.mark.parametrize("path", [CREATE, CONFIRM])
def test_the_token_works_once(client, ada, token, path):
    ada.scan(CREATE, token)
    _confirm(ada, token)

    answer = client.post(path, {"totp_enrolment_token": token, "input_code": "123456"})

    assert answer.outcome == INVALID_CHALLENGE


def test_the_token_is_no_bearer_token(client, token):
    for path in ("totp/create/", "totp/disable/"):
        assert client.post(path, credential=Bearer(token)).status == 401
    assert client.get("totp/status/", Bearer(token)).status == 401


def test_the_token_is_no_challenge_of_a_login(ada, token):
    answer = ada.answer_challenge(token, otp_code="123456")

    assert answer.outcome == INVALID_CHALLENGE


def test_a_challenge_of_a_login_is_no_such_token(client, ada):
    ada.enrol()

    answer = client.post(CREATE, {"totp_enrolment_token": ada.challenge()})

    assert answer.outcome == INVALID_CHALLENGE


@pytest.mark.parametrize("forged", ["x", "x:y", "a" * 32 + ":" + "b" * 43])
def test_a_forged_token_is_refused(client, db, forged):
    answer = client.post(CREATE, {"totp_enrolment_token": forged})

    assert answer.outcome == INVALID_CHALLENGE


def test_the_token_ends_with_a_new_password(client, ada, token):
    ada.user.set_password("another password")
    ada.user.save()

    answer = client.post(CREATE, {"totp_enrolment_token": token})

    assert answer.outcome == INVALID_CHALLENGE


def test_the_token_ends_with_a_deactivation(client, ada, token):
    ada.user.is_active = False
    ada.user.save()

    answer = client.post(CREATE, {"totp_enrolment_token": token})

    assert answer.outcome == INVALID_CHALLENGE


def test_the_token_ends_with_its_time(client, ada, token, clock):
    clock.advance(600)

    answer = client.post(CREATE, {"totp_enrolment_token": token})

    assert answer.json["code"] == INVALID_CHALLENGE[1]["code"]


def test_the_token_lives_as_long_as_an_enrolment_may_take(client, required, ada, clock):
    required.TOTP_PENDING_MAX_AGE, required.TOTP_TOKEN_MAX_AGE = 900, 10
    token = ada.give_password().json["totp_enrolment_token"]
    clock.advance(899)
    last = client.post(CREATE, {"totp_enrolment_token": token})
    clock.advance(1)

    assert last.status == 201
    assert client.post(CREATE, {"totp_enrolment_token": token}).outcome == INVALID_CHALLENGE


def test_the_token_ends_when_somebody_else_enrols_first(client, ada, token):
    other = ada.give_password().json["totp_enrolment_token"]
    ada.scan(CREATE, other)
    _confirm(ada, other)

    answer = client.post(CREATE, {"totp_enrolment_token": token})

    assert answer.outcome == INVALID_CHALLENGE


def test_wrong_codes_use_the_token_up(ada, token):
    ada.scan(CREATE, token)
    for _ in range(5):
        assert _confirm(ada, token, ada.wrong_code()).json["code"] == "invalid_code"

    assert _confirm(ada, token).outcome == INVALID_CHALLENGE


def test_confirming_nothing_is_an_error_that_loses_nothing(ada, token):
    assert _confirm(ada, token, "123456").outcome == NOT_ENROLLED

    ada.scan(CREATE, token)
    assert _confirm(ada, token).status == 200


def test_a_required_factor_stays_on(client, required, ada):
    credential = ada.enrol_as_required()

    answer = client.post("totp/disable/", credential=credential)

    assert answer.outcome == MUST_STAY_ON
    assert client.get("totp/status/", credential).json["is_totp_enabled"] is True


def test_a_required_factor_can_be_replaced(client, required, ada):
    credential = ada.enrol_as_required()

    assert client.post("totp/replace/", credential=credential).status == 201


def test_an_exempted_user_may_give_the_factor_up(client, required, ada, clock):
    credential = ada.enrol_as_required()
    exempt_from_totp(ada.user, actor="x", reason="x", expires_at=clock.moment(+DAY))

    assert client.post("totp/disable/", credential=credential).status == 204


def test_who_was_exempted_until_now_keeps_the_factor(client, required, ada, clock):
    credential = ada.enrol_as_required()
    exempt_from_totp(ada.user, actor="x", reason="x", expires_at=clock.moment(+600))
    clock.advance(600)

    assert client.post("totp/disable/", credential=credential).outcome == MUST_STAY_ON


def test_before_its_day_a_rule_keeps_no_factor_on(client, required, ada, clock):
    required.TOTP_REQUIRED_FROM = clock.moment(+600)
    credential = ada.enrol()

    assert client.post("totp/disable/", credential=credential).status == 204


def test_in_the_grace_a_pending_enrolment_can_be_called_off(client, required, ada):
    required.TOTP_REQUIRED_GRACE = DAY
    credential = ada.log_in()
    ada.start(credential)

    assert client.post("totp/disable/", credential=credential).status == 204


def test_a_refresh_token_from_before_the_rule_lets_nobody_in(client, settings, ada):
    refresh = ada.give_password().json["refresh"]
    settings.TOTP_REQUIRED = "all"

    assert client.post("jwt/refresh/", {"refresh": refresh}).outcome == ENROLMENT_REQUIRED


def test_a_refresh_begins_the_grace(client, settings, ada, clock):
    refresh = ada.give_password().json["refresh"]
    settings.TOTP_REQUIRED, settings.TOTP_REQUIRED_GRACE = "all", 3 * DAY
    assert client.post("jwt/refresh/", {"refresh": refresh}).status == 200

    clock.advance(3 * DAY)

    assert client.post("jwt/refresh/", {"refresh": refresh}).outcome == ENROLMENT_REQUIRED


def test_an_access_token_from_before_the_rule_changes_nothing(client, settings, ada):
    old = ada.log_in()
    ada.start(old)
    settings.TOTP_REQUIRED = "all"

    for call in ("totp/create/", "totp/disable/"):
        assert client.post(call, credential=old).outcome == ENROLMENT_REQUIRED
    confirm = client.post("totp/confirm/", {"input_code": ada.next_code()}, old)
    assert confirm.outcome == ENROLMENT_REQUIRED


def test_a_factor_that_came_from_elsewhere_ends_the_token(client, settings, ada):
    ada.start(ada.log_in())
    settings.TOTP_REQUIRED = _confirming(ada)
    token = ada.give_password().json["totp_enrolment_token"]

    answers = [
        client.post(path, {"totp_enrolment_token": token, "input_code": "123456"})
        for path in (CREATE, CONFIRM)
    ]

    assert [answer.outcome for answer in answers] == [INVALID_CHALLENGE] * 2


def test_the_token_confirms_no_replacement(client, settings, ada):
    ada.start(ada.log_in())
    settings.TOTP_REQUIRED = _confirming(ada)
    token = ada.give_password().json["totp_enrolment_token"]
    replace_totp(ada.user)

    answer = client.post(CONFIRM, {"totp_enrolment_token": token, "input_code": "123456"})

    assert answer.outcome == INVALID_CHALLENGE


def test_a_refresh_token_of_who_has_a_factor_works_on(client, required, ada):
    ada.enrol_as_required()
    refresh = ada.answer_challenge(ada.challenge(), otp_code=ada.next_code()).json["refresh"]

    assert client.post("jwt/refresh/", {"refresh": refresh}).status == 200


def test_in_the_grace_a_login_says_when_it_ends(client, required, ada, clock):
    required.TOTP_REQUIRED_GRACE = 3 * DAY

    answer = ada.give_password()

    assert set(answer.json) == {"step", "is_totp_enabled", "access", "refresh", "enrolment_due_at"}
    assert answer.json["enrolment_due_at"] == clock.moment(3 * DAY).strftime("%Y-%m-%dT%H:%M:%SZ")
    assert client.post("jwt/refresh/", {"refresh": answer.json["refresh"]}).status == 200


def test_the_grace_is_given_once(required, ada, clock):
    required.TOTP_REQUIRED_GRACE = 3 * DAY
    ada.give_password()
    clock.advance(2 * DAY)
    ada.give_password()
    clock.advance(DAY)

    assert "totp_enrolment_token" in ada.give_password().json


def test_who_lost_a_factor_has_no_grace(required, ada):
    required.TOTP_REQUIRED_GRACE = 3 * DAY
    ada.enrol()
    reset_totp(ada.user, actor="x", reason="x")

    assert "totp_enrolment_token" in ada.give_password().json


def test_before_its_day_a_rule_announces_itself(required, ada, clock):
    required.TOTP_REQUIRED_FROM = clock.moment(+DAY)

    answer = ada.give_password()
    clock.advance(DAY)

    assert "access" in answer.json
    assert answer.json["enrolment_due_at"] == clock.moment(0).strftime("%Y-%m-%dT%H:%M:%SZ")
    assert "totp_enrolment_token" in ada.give_password().json


def test_the_grace_follows_the_day_of_the_rule(required, ada, clock):
    required.TOTP_REQUIRED_FROM, required.TOTP_REQUIRED_GRACE = clock.moment(+DAY), 3 * DAY

    answer = ada.give_password()
    clock.advance(4 * DAY - 1)
    last = ada.give_password()
    clock.advance(1)

    assert answer.json["enrolment_due_at"] == clock.moment(0).strftime("%Y-%m-%dT%H:%M:%SZ")
    assert "access" in last.json
    assert "totp_enrolment_token" in ada.give_password().json


def test_an_exemption_holds_until_it_ends(required, ada, clock):
    exempt_from_totp(ada.user, actor="x", reason="x", expires_at=clock.moment(+DAY))

    answer = ada.give_password()
    clock.advance(DAY)

    assert "access" in answer.json
    assert "totp_enrolment_token" in ada.give_password().json


def test_whom_the_rule_does_not_mean_logs_in_as_ever(settings, ada):
    settings.TOTP_REQUIRED = ["staff", "superusers", "group:editors"]

    assert set(ada.give_password().json) == {"step", "is_totp_enabled", "access", "refresh"}


@pytest.mark.parametrize("flag", ["is_staff", "is_superuser"])
def test_a_rule_may_mean_who_has_a_flag(settings, ada, flag):
    settings.TOTP_REQUIRED = ["staff", "superusers"]
    setattr(ada.user, flag, True)
    ada.user.save()

    assert "totp_enrolment_token" in ada.give_password().json


def test_a_rule_may_mean_a_group(settings, ada):
    settings.TOTP_REQUIRED = "group:editors"
    ada.user.groups.add(Group.objects.create(name="editors"))

    assert "totp_enrolment_token" in ada.give_password().json


def test_a_rule_may_be_a_function(settings, ada, grace):
    settings.TOTP_REQUIRED = lambda user: user.get_username() == "ada"

    assert "totp_enrolment_token" in ada.give_password().json
    assert "access" in grace.give_password().json


def test_a_wrong_password_tells_nothing_of_the_rule(required, ada):
    assert ada.give_password(password=PASSWORD + "x").json["code"] == "invalid_credentials"
