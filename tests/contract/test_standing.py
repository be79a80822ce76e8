"""Who may change the factor: each kind of credential against each change."""

import pytest

from tests.contract.errors import SECOND_FACTOR_REQUIRED
from tests.support.credentials import Bearer

pytestmark = pytest.mark.parametrize(
    ("path", "status"),
    [("totp/disable/", 204), ("totp/rotate_backup_codes/", 200), ("totp/replace/", 201)],
    ids=["disable", "rotate", "replace"],
)


@pytest.fixture
def _no_code_required(settings):
    settings.TOTP_REQUIRE_CODE = False


def test_a_token_from_confirming(client, ada, path, status):
    credential = ada.enrol()

    assert client.post(path, credential=credential).status == status


def test_a_token_from_a_login_with_a_code(client, ada, path, status):
    ada.enrol()

    assert client.post(path, credential=ada.log_in_with_code()).status == status


def test_a_token_from_a_login_with_a_backup_code(client, ada, path, status):
    ada.enrol()
    answer = ada.answer_challenge(ada.challenge(), backup_code=ada.backup_codes[0])

    assert client.post(path, credential=Bearer(answer.json["access"])).status == status


def test_a_token_from_a_step_up(client, ada, path, status):
    credential = ada.enrol()
    ada.clock.advance(901)
    answer = client.post("totp/verify/", {"otp_code": ada.next_code()}, credential)

    assert client.post(path, credential=Bearer(answer.json["access"])).status == status


def test_a_token_from_before_enrolling(client, ada, path, status):
    credential = ada.log_in()
    ada.enrol()

    assert client.post(path, credential=credential).outcome == SECOND_FACTOR_REQUIRED


def test_a_password_only_token_of_a_factor_that_was_off_meanwhile(client, ada, path, status):
    client.post("totp/disable/", credential=ada.enrol())
    credential = ada.log_in()
    ada.enrol()

    assert client.post(path, credential=credential).outcome == SECOND_FACTOR_REQUIRED


def test_a_verified_token_of_an_older_factor(client, ada, path, status):
    credential = ada.enrol()
    client.post("totp/disable/", credential=credential)
    ada.enrol()

    assert client.post(path, credential=credential).outcome == SECOND_FACTOR_REQUIRED


def test_a_verified_token_on_its_last_second(client, ada, path, status):
    credential = ada.enrol()
    ada.clock.advance(900)

    assert client.post(path, credential=credential).status == status


def test_a_verified_token_that_is_stale(client, ada, path, status):
    credential = ada.enrol()
    ada.clock.advance(901)

    assert client.post(path, credential=credential).outcome == SECOND_FACTOR_REQUIRED


def test_the_setting_says_when_a_token_is_stale(client, ada, settings, path, status):
    settings.TOTP_STEP_UP_MAX_AGE = 60
    credential = ada.enrol()
    ada.clock.advance(61)

    answer = client.post(path, credential=credential)

    assert answer.outcome == (403, SECOND_FACTOR_REQUIRED[1] | {"max_age": 60})


def test_a_refreshed_token_is_as_old_as_its_login(client, ada, path, status):
    ada.enrol()
    login = ada.answer_challenge(ada.challenge(), otp_code=ada.next_code())
    ada.clock.advance(901)
    refreshed = client.post("jwt/refresh/", {"refresh": login.json["refresh"]})

    answer = client.post(path, credential=Bearer(refreshed.json["access"]))

    assert answer.outcome == SECOND_FACTOR_REQUIRED


def test_a_refreshed_token_is_as_strong_as_its_login(client, ada, path, status):
    ada.enrol()
    login = ada.answer_challenge(ada.challenge(), otp_code=ada.next_code())
    refreshed = client.post("jwt/refresh/", {"refresh": login.json["refresh"]})

    answer = client.post(path, credential=Bearer(refreshed.json["access"]))

    assert answer.status == status


def test_somebody_elses_verified_token(client, ada, grace, path, status):
    ada.enrol()
    grace.clock.advance(30)
    credential = grace.enrol()

    client.post(path, credential=credential)

    assert ada.give_password().json["is_totp_enabled"] is True


def test_a_session_that_confirmed(client, ada, path, status):
    browser = ada.open_browser()
    ada.start(browser)
    ada.confirm(browser)

    assert client.post(path, credential=browser).status == status


def test_an_unmarked_session(client, ada, path, status):
    browser = ada.open_browser()
    ada.enrol()

    assert client.post(path, credential=browser).outcome == SECOND_FACTOR_REQUIRED


def test_a_session_that_stepped_up(client, ada, path, status):
    browser = ada.open_browser()
    ada.enrol()
    client.post("totp/verify/", {"otp_code": ada.next_code()}, browser)

    assert client.post(path, credential=browser).status == status


def test_a_marked_session_that_is_stale(client, ada, path, status):
    browser = ada.open_browser()
    ada.start(browser)
    ada.confirm(browser)
    ada.clock.advance(901)

    assert client.post(path, credential=browser).outcome == SECOND_FACTOR_REQUIRED


def test_a_marked_session_of_an_older_factor(client, ada, path, status):
    browser = ada.open_browser()
    ada.start(browser)
    ada.confirm(browser)
    client.post("totp/disable/", credential=browser)
    ada.enrol()

    assert client.post(path, credential=browser).outcome == SECOND_FACTOR_REQUIRED


def test_the_mark_of_a_session_lends_nothing_to_a_token(client, ada, foreign_token, path, status):
    browser = ada.open_browser()
    password_only = ada.log_in()
    ada.start(browser)
    ada.confirm(browser)

    response = browser.send(
        "POST", client.prefix + path, headers={"Authorization": f"Bearer {password_only.token}"}
    )

    assert response.status_code == 403


def test_any_credential_with_a_code_in_the_body(client, ada, path, status):
    browser = ada.open_browser()
    ada.enrol()

    answer = client.post(path, {"input_code": ada.next_code()}, browser)

    assert answer.status == status


@pytest.mark.usefixtures("_no_code_required")
def test_a_token_of_the_projects_own_kind_where_no_code_is_required(
    client, ada, foreign_token, path, status
):
    ada.enrol()

    answer = client.post(path, credential=foreign_token(ada.user))

    assert answer.status == client.status_of_unknown_kind(status)


def test_a_token_of_the_projects_own_kind(client, ada, foreign_token, path, status):
    ada.enrol()

    answer = client.post(path, credential=foreign_token(ada.user))

    assert answer.outcome == SECOND_FACTOR_REQUIRED
