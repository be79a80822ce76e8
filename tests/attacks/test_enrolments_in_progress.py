"""Wrong codes for a pending secret, sent by who did not begin the enrolment.

Who knows the password has a credential of one kind or another; the owner's enrolment goes on.
"""

import pytest
from ninja_jwt.tokens import AccessToken

from tests.contract.errors import ENROLMENT_LOCKED, INVALID_ENROLMENT_CODE
from tests.support.credentials import Bearer, Browser
from tests.support.people import Person, code_of

BEGINNINGS = {
    "totp/replace/": {},
    "totp/authenticators/": {"name": "Tablet"},
}


def _session(person):
    browser = Browser()
    browser.log_in_at_djangos_view(person.user, person.password)
    return browser


STRANGERS = {
    "stock JWT": lambda person: Bearer(str(AccessToken.for_user(person.user))),
    "session of a login view of Django's": _session,
    "stolen token of an earlier proof": lambda person: person.log_in_with_code(),
}


@pytest.fixture
def owner_begins(client, ada):
    """A function that begins an enrolment with a credential, and keeps the secret it returns."""

    def begin(path, credential, **proof):
        answer = client.post(path, BEGINNINGS[path] | proof, credential)
        ada.secret = answer.json["secret"]

    return begin


def _guess(client, person, credential, times=5):
    body = {"input_code": person.wrong_code()}
    return [client.post("totp/confirm/", body, credential) for _ in range(times)]


@pytest.mark.parametrize("path", BEGINNINGS)
@pytest.mark.parametrize("kind", STRANGERS)
def test_a_stranger_does_not_use_up_the_owners_attempts(client, ada, owner_begins, path, kind):
    stranger = STRANGERS[kind](ada)
    owner = ada.log_in_with_code()
    owner_begins(path, owner)

    refused = _guess(client, ada, stranger)
    slip = _guess(client, ada, owner, times=4)

    assert [one.attempts_left for one in refused] == [4, 3, 2, 1, 0]
    assert [one.attempts_left for one in slip] == [4, 3, 2, 1]
    assert ada.confirm(owner).status == 200


def test_nor_those_of_an_owner_whose_token_says_nothing(client, ada, owner_begins):
    owner, code = STRANGERS["stock JWT"](ada), ada.next_code()
    owner_begins("totp/replace/", owner, input_code=code)

    _guess(client, ada, _session(ada))

    assert ada.confirm(owner).status == 200


@pytest.mark.parametrize("kind", ["stock JWT", "session of a login view of Django's"])
def test_nor_those_of_a_first_enrolment(client, clock, kind):
    grace = Person(client, clock, "grace")
    owner, stranger = grace.log_in(), STRANGERS[kind](grace)
    grace.start(owner)

    _guess(client, grace, stranger)

    assert grace.confirm(owner).status == 200


def test_nor_those_of_a_required_enrolment(client, clock):
    grace = Person(client, clock, "grace")
    stranger, token = _session(grace), grace.enrolment_token()
    grace.scan("jwt/totp/create/", token)

    _guess(client, grace, stranger)

    body = {"totp_enrolment_token": token, "input_code": grace.next_code()}
    assert client.post("jwt/totp/confirm/", body).status == 200


def test_all_strangers_together_have_five_attempts(client, ada, owner_begins):
    owner_begins("totp/replace/", ada.log_in_with_code())
    strangers = [STRANGERS["stock JWT"](ada), _session(ada), _session(ada)]

    answers = [_guess(client, ada, one, times=2)[-1].outcome for one in strangers]
    right = {"input_code": code_of(ada.secret, ada.clock.now())}

    assert answers == [INVALID_ENROLMENT_CODE, INVALID_ENROLMENT_CODE, ENROLMENT_LOCKED]
    assert client.post("totp/confirm/", right, strangers[0]).outcome == ENROLMENT_LOCKED


def test_the_owner_may_confirm_with_another_credential(client, ada, owner_begins):
    owner_begins("totp/replace/", ada.log_in_with_code())

    assert ada.confirm(_session(ada)).status == 200
