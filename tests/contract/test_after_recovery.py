"""What a thief can still do with credentials from before the owner recovered: nothing.

Recovery takes the factor away. Until the owner has enrolled again, whoever has a token could do it
in the owner's place.
"""

import pytest
from django.core import mail
from ninja_jwt.tokens import AccessToken, RefreshToken, SlidingToken

from ninja_totp.models import Account
from tests.contract.errors import TOKEN_NOT_VALID
from tests.contract.test_recovery import ADDRESS, LINK
from tests.support.credentials import Bearer
from tests.support.people import NEW_PASSWORD, PASSWORD, Person, code_of


@pytest.fixture
def clock(clock):
    """A clock in the past: the libraries keep the real time and take no `iat` that is to come."""
    clock.seconds = 1_700_000_010
    return clock


def _dated(token, moment):
    """Return a token of a project's own login view, as of `moment`."""
    token["iat"] = moment
    return token


@pytest.fixture
def ada(ada):
    """Ada, who has a second factor and an address, and whose tokens are in wrong hands."""
    ada.user.email = ADDRESS
    ada.user.save()
    ada.enrol()
    return ada


@pytest.fixture
def thief(client, clock, ada):
    """Somebody with a verified token of Ada's, a phone of their own, and no password."""
    thief = Person(client, clock, "thief")
    thief.credential = ada.log_in_with_code()
    return thief


@pytest.fixture
def recover(client, ada, clock):
    """A function by which Ada recovers, some seconds later."""

    def by_mail():
        clock.advance(5)
        client.post("totp/recovery/", {"email": ADDRESS})
        uid, token = LINK.search(mail.outbox[-1].body).groups()
        body = {"uid": uid, "token": token, "password": PASSWORD, "new_password": NEW_PASSWORD}
        assert client.post("totp/recovery_confirm/", body).status == 204
        ada.password = NEW_PASSWORD

    return by_mail


def test_no_authenticator_can_be_enrolled(client, ada, thief, recover):
    recover()

    answer = client.post("totp/create/", credential=thief.credential)

    assert client.takes_for_nobody(answer)
    assert ada.give_password().json["is_totp_enabled"] is False


def test_a_secret_from_before_cannot_be_confirmed(client, ada, thief, recover):
    secret = client.post("totp/replace/", credential=thief.credential).json["secret"]
    recover()

    body = {"input_code": code_of(secret, ada.clock.now())}
    answer = client.post("totp/confirm/", body, thief.credential)

    assert client.takes_for_nobody(answer)


def test_the_owners_new_secret_cannot_be_confirmed_for_a_verified_token(
    client, ada, thief, recover
):
    recover()
    ada.start(ada.log_in())

    answer = client.post("totp/confirm/", {"input_code": ada.next_code()}, thief.credential)

    assert client.takes_for_nobody(answer)


def test_the_owners_enrolment_cannot_be_called_off(client, ada, thief, recover):
    recover()
    owner = ada.log_in()
    ada.start(owner)

    answer = client.post("totp/disable/", credential=thief.credential)

    assert client.takes_for_nobody(answer)
    assert ada.confirm(owner).status == 200


@pytest.fixture(params=[True, False], ids=["at the defaults", "for old clients"])
def _switch(request, settings):
    settings.TOTP_REQUIRE_CODE = request.param


@pytest.mark.usefixtures("_switch")
@pytest.mark.parametrize("call", ["disable", "replace", "rotate_backup_codes"])
def test_a_token_of_an_unknown_kind_changes_no_new_factor(client, ada, recover, call):
    old = Bearer(str(AccessToken.for_user(ada.user)))
    recover()
    ada.enrol()

    answer = client.post(f"totp/{call}/", credential=old)

    assert (answer.status, answer.json["code"]) == (403, "second_factor_required")


def test_with_a_code_of_it_such_a_token_does(client, ada, recover):
    token = Bearer(str(AccessToken.for_user(ada.user)))
    recover()
    ada.enrol()

    answer = client.post("totp/disable/", {"input_code": ada.next_code()}, token)

    assert answer.status == 204


def test_no_code_of_the_new_factor_is_looked_at(client, ada, thief, recover):
    """It would be guessed at, and the owner locked out, by a token that has ended."""
    recover()
    ada.enrol()

    for code in (ada.wrong_code(), ada.next_code()):
        answer = client.post("totp/verify/", {"otp_code": code}, thief.credential)
        assert client.takes_for_nobody(answer)
    assert Account.objects.get(user=ada.user).failures == 0


def test_nor_is_it_told_whether_there_is_a_factor(client, ada, thief, recover):
    recover()

    answer = client.post("totp/verify/", {"otp_code": "123456"}, thief.credential)

    assert client.takes_for_nobody(answer)


def test_a_sliding_token_is_dated_as_well(client, ada, recover):
    old = Bearer(str(_dated(SlidingToken.for_user(ada.user), ada.clock.now())))
    recover()

    assert client.takes_for_nobody(client.post("totp/create/", credential=old))


def test_nor_does_one_that_does_not_say_when_it_was_issued(client, ada, thief, recover):
    undated = AccessToken.for_user(ada.user)
    del undated.payload["iat"]
    recover()

    answer = client.post("totp/create/", credential=Bearer(str(undated)))

    assert client.takes_for_nobody(answer)


def test_one_that_says_it_is_of_a_login_after_it_does(client, ada, recover):
    recover()
    ada.clock.advance(1)
    new = AccessToken.for_user(ada.user)
    new["auth_time"] = ada.clock.now()

    assert client.post("totp/create/", credential=Bearer(str(new))).status == 201


def test_one_that_does_not_say_so_is_refused_as_a_refresh_makes_any_token_young(
    client, ada, recover
):
    recover()
    young = AccessToken.for_user(ada.user)

    assert client.takes_for_nobody(client.post("totp/create/", credential=Bearer(str(young))))


@pytest.mark.parametrize("claim", [{}, {"auth_time": "early"}, {"auth_time": None}])
def test_a_refresh_token_is_good_for_nothing(client, ada, recover, claim):
    old = _dated(RefreshToken.for_user(ada.user), ada.clock.now())
    old.payload |= claim
    refresh = {"refresh": str(old)}
    recover()

    assert client.post("jwt/refresh/", refresh).outcome == TOKEN_NOT_VALID


def test_a_refreshed_access_token_is_as_old_as_its_login(client, ada, thief, recover):
    tokens = ada.answer_challenge(ada.challenge(), otp_code=ada.next_code()).json
    ada.clock.advance(100)
    refreshed = client.post("jwt/refresh/", {"refresh": tokens["refresh"]}).json["access"]
    recover()

    assert client.takes_for_nobody(client.post("totp/create/", credential=Bearer(refreshed)))


@pytest.mark.parametrize("kind", ["access", "refresh"])
def test_a_token_from_before_is_not_taken_for_a_valid_one(client, ada, recover, kind):
    token = {"token": ada.answer_challenge(ada.challenge(), otp_code=ada.next_code()).json[kind]}
    before = client.post("jwt/verify/", token)
    recover()

    assert before.status == 200
    assert client.post("jwt/verify/", token).outcome == TOKEN_NOT_VALID


def test_the_owner_logs_in_and_enrols_in_the_second_of_the_recovery(client, ada, recover):
    recover()
    tokens = ada.give_password().json
    owner = Bearer(tokens["access"])
    ada.start(owner)

    confirmed = ada.confirm(owner)

    assert confirmed.status == 200
    assert client.post("jwt/refresh/", {"refresh": confirmed.json["refresh"]}).status == 200


def test_so_does_the_owner_in_a_browser(client, ada, recover):
    recover()

    assert client.post("totp/create/", credential=ada.open_browser()).status == 201


def test_another_users_tokens_are_as_good_as_before(client, ada, grace, recover):
    hers = grace.log_in()
    recover()

    assert client.post("totp/create/", credential=hers).status == 201


def test_a_factor_that_is_set_up_in_the_second_of_the_recovery_counts(client, ada, recover):
    recover()
    credential = ada.log_in()
    ada.start(credential)
    confirmed = client.post("totp/confirm/", {"input_code": ada.code()}, credential)

    rotated = client.post("totp/rotate_backup_codes/", credential=Bearer(confirmed.json["access"]))

    assert rotated.status == 200
