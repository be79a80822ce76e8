"""What a page of somebody else's, or another browser, can do with a cookie or a challenge.

allauth 64.1.0, scheb/2fa #253, django-two-factor-auth CVE-2020-15105, Nextcloud CVE-2019-15612.
"""

import json

import pytest
from django.contrib.sessions.models import Session as SessionRow

from ninja_totp.models import Account, Authenticator
from tests.contract.errors import (
    CSRF_FAILED,
    INVALID_CHALLENGE,
    NOT_AUTHENTICATED,
    SECOND_FACTOR_REQUIRED,
)
from tests.support.credentials import Browser
from tests.support.people import PASSWORD

CHANGES = [
    "totp/create/",
    "totp/confirm/",
    "totp/disable/",
    "totp/rotate_backup_codes/",
    "totp/replace/",
    "totp/authenticators/",
    "totp/verify/",
]
CROSS_ORIGIN_TYPES = [
    "text/plain",
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=x",
    "text/plain; charset=application/json",
    "application/jsonp",
    "",
]


def first_step(person, browser):
    answer = person.give_password(path="session/create/", credential=browser)
    return answer.json["totp_challenge_token"]


def second_step(person, browser, challenge, **proof):
    body = {"totp_challenge_token": challenge} | (proof or {"otp_code": person.next_code()})
    return person.door.post("session/totp/verify/", body, browser)


def thief_of_the_cookie(browser):
    thief = Browser()
    thief._client.cookies["sessionid"] = browser.session_key
    return thief


@pytest.fixture
def browser():
    return Browser()


@pytest.fixture
def signed_in(owner):
    """A browser whose session went through both factors."""
    browser = Browser()
    second_step(owner, browser, first_step(owner, browser))
    return browser


def forged_body(owner):
    code = owner.next_code()
    return {"otp_code": code, "input_code": code, "name": "Tablet"}


@pytest.mark.parametrize("path", CHANGES)
def test_a_foreign_page_changes_nothing(owner, signed_in, path):
    before = Account.objects.values().get()

    answer = owner.door.post(path, forged_body(owner), signed_in.without_csrf_token())

    assert answer.outcome == CSRF_FAILED
    assert Account.objects.values().get() == before


def test_a_foreign_page_neither_renames_nor_removes_an_authenticator(owner, signed_in):
    before = list(Authenticator.objects.values())
    path, page = f"totp/authenticators/{before[0]['id']}/", signed_in.without_csrf_token()

    renamed = owner.door.patch(path, {"name": "The thief's"}, page)
    removed = owner.door.delete(path, page)

    assert (renamed.outcome, removed.outcome) == (CSRF_FAILED, CSRF_FAILED)
    assert list(Authenticator.objects.values()) == before


@pytest.mark.parametrize("path", CHANGES)
def test_a_foreign_page_changes_nothing_whatever_it_calls_its_json(owner, signed_in, path):
    before = Account.objects.values().get()
    body = json.dumps(forged_body(owner)).encode()
    pages = (signed_in, signed_in.without_csrf_token())

    statuses = {
        content_type: [owner.door.post_raw(path, body, content_type, page).status for page in pages]
        for content_type in CROSS_ORIGIN_TYPES
    }

    assert statuses == {content_type: [415, 415] for content_type in CROSS_ORIGIN_TYPES}
    assert Account.objects.values().get() == before


@pytest.mark.parametrize("path", ["session/create/", "session/totp/verify/", "session/delete/"])
def test_a_foreign_page_logs_nobody_in_or_out(owner, signed_in, path):
    body = {"username": "owner", "password": PASSWORD, "totp_challenge_token": "x", "otp_code": "1"}

    answer = owner.door.post(path, body, signed_in.without_csrf_token())

    assert answer.outcome == CSRF_FAILED
    assert owner.door.get("totp/status/", signed_in).status == 200


@pytest.mark.parametrize("path", ["session/create/", "jwt/create/"])
def test_a_foreign_page_takes_no_first_step(owner, browser, path):
    body = json.dumps({"username": "owner", "password": PASSWORD}).encode()

    statuses = {
        content_type: owner.door.post_raw(path, body, content_type, browser).status
        for content_type in CROSS_ORIGIN_TYPES
    }

    assert statuses == dict.fromkeys(CROSS_ORIGIN_TYPES, 415)


def test_a_challenge_opens_the_browser_that_asked_for_it_and_no_other(owner, browser):
    challenge, thief = first_step(owner, browser), Browser()
    first_step(owner, thief)

    stolen = second_step(owner, thief, challenge)
    own = second_step(owner, browser, challenge)

    assert (stolen.outcome, own.status) == (INVALID_CHALLENGE, 200)


def test_a_stolen_challenge_costs_the_owner_nothing(owner, browser):
    challenge = first_step(owner, browser)
    before = Account.objects.values().get()

    for _ in range(10):
        second_step(owner, Browser(), challenge, otp_code="000000")

    assert Account.objects.values().get() == before


def test_nobody_is_logged_in_as_somebody_else_by_a_planted_challenge(owner, browser):
    planted = first_step(owner, Browser())

    assert second_step(owner, browser, planted).outcome == INVALID_CHALLENGE
    assert owner.door.get("totp/status/", browser).outcome == NOT_AUTHENTICATED


def test_logging_out_ends_the_challenge_at_every_door(owner, browser):
    challenge = first_step(owner, browser)
    owner.door.post("session/delete/", credential=browser)

    assert second_step(owner, browser, challenge).outcome == INVALID_CHALLENGE
    assert owner.answer_challenge(challenge, otp_code=owner.code()).outcome == INVALID_CHALLENGE


def test_the_first_step_leaves_nothing_secret_in_the_session(owner, browser):
    challenge = first_step(owner, browser)

    (session,) = [row.get_decoded() for row in SessionRow.objects.all()]

    assert list(session) == ["ninja_totp_challenge"]
    assert challenge.split(":")[0] not in str(session)
    assert PASSWORD not in str(session)


def test_both_steps_leave_nothing_secret_in_the_session(owner, signed_in):
    (session,) = [row.get_decoded() for row in SessionRow.objects.all()]

    mark = session.pop("ninja_totp_auth_context")
    assert set(mark) == {"user", "verified_at", "generation", "method"}
    assert isinstance(session.pop("ninja_totp_logged_in"), int)
    assert all(key.startswith("_auth_user") for key in session)


def test_a_session_that_was_fixed_beforehand_is_not_logged_in(owner, browser):
    first_step(owner, browser)
    thief = thief_of_the_cookie(browser)

    second_step(owner, browser, first_step(owner, browser))

    assert owner.door.get("totp/status/", thief).outcome == NOT_AUTHENTICATED
    assert owner.door.get("totp/status/", browser).status == 200


def test_a_session_stolen_before_the_step_up_gains_nothing_by_it(owner):
    browser = Browser()
    second_step(owner, browser, first_step(owner, browser))
    owner.clock.advance(3600)
    thief = thief_of_the_cookie(browser)

    owner.door.post("totp/verify/", {"otp_code": owner.code()}, browser)

    assert owner.door.post("totp/disable/", credential=thief).outcome == NOT_AUTHENTICATED
    assert owner.door.post("totp/disable/", credential=browser).status == 204


@pytest.mark.parametrize(
    "mark", [{"user": "0"}, {"generation": 1}, {"generation": None}, {"verified_at": 1}]
)
def test_a_mark_of_somebody_else_of_another_factor_or_of_long_ago_is_none(owner, signed_in, mark):
    row = SessionRow.objects.get()
    session = row.get_decoded()
    session["ninja_totp_auth_context"] |= mark
    row.session_data = SessionRow.objects.encode(session)
    row.save()

    answer = owner.door.post("totp/disable/", credential=signed_in)

    assert answer.outcome == SECOND_FACTOR_REQUIRED


def test_a_new_password_ends_the_challenge_of_a_browser(owner, browser):
    challenge = first_step(owner, browser)
    owner.user.set_password("changed because somebody else knew it")
    owner.user.save()

    assert second_step(owner, browser, challenge).outcome == INVALID_CHALLENGE


def test_a_password_alone_shows_nobody_the_secret_that_is_to_come(client, token_of_before):
    grace, stolen = token_of_before
    started = client.post("totp/replace/", credential=grace.log_in_with_code()).json

    answers = [client.get(f"totp/{path}/", stolen) for path in ("status", "events")]

    assert all(started["secret"] not in answer.content.decode() for answer in answers)


@pytest.mark.parametrize("name", ["qr.svg", "qr.png"])
def test_a_secret_is_drawn_in_the_answer_that_made_it_and_nowhere_else(client, owner, name):
    client.post("totp/replace/", credential=owner.log_in_with_code())

    answer = owner.log_in_with_code().send("GET", f"{client.prefix}totp/{name}/")

    assert answer.status_code == 404
