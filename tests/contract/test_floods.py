"""A stranger's many requests change no answer to an honest one (SECURITY, N7).

The stranger has an address, made-up secrets and the owner's name, and no password. `make torture`
does the same on real servers, with as many requests as one waits for.
"""

import pytest
from django.core import mail
from django.core.cache import cache
from django.core.signing import Signer
from django.test import Client

from tests.contract.test_recovery import ADDRESS, LINK
from tests.support.breadth import breadth
from tests.support.credentials import Browser
from tests.support.people import NEW_PASSWORD, PASSWORD, Person


class _Stranger:
    """Sends from one address, or each time from another."""

    headers = {}

    def __init__(self, *, moves):
        self._sent, self._moves = 0, moves

    def send(self, method, url, **extra):
        self._sent += self._moves
        address = f"203.0.{self._sent // 250}.{self._sent % 250 + 1}"
        return Client(REMOTE_ADDR=address).generic(method, url, **extra)


@pytest.fixture(autouse=True)
def _at_the_defaults(client, settings):
    settings.TOTP_THROTTLE_RATE = "10/minute"
    settings.TOTP_NUM_PROXIES = 0
    cache.clear()


@pytest.fixture
def people(client, clock):
    """Two who have a factor, an address, and a link of recovery in their mailboxes."""
    people = []
    for name in ("ada", "grace"):
        person = Person(client, clock, name)
        person.user.email = f"{name}-{ADDRESS}"
        person.user.save()
        person.enrol()
        client.post("totp/recovery/", {"email": person.user.email})
        uid, token = LINK.search(mail.outbox[-1].body).groups()
        person.link = {"uid": uid, "token": token}
        people.append(person)
    cache.clear()
    return people


def _made_up(person, number):
    """What is sent by somebody who knows the name and the address of a person, and no secret."""
    token = Signer(key="another key", salt="django-totp-token-salt").sign(f"id {number}")
    link = person.link | {"token": f"{number:048x}"}
    name = {"username": person.name, "password": f"wrong {number}"}
    return [
        ("jwt/create/", name),
        ("jwt/totp/verify/", {"totp_challenge_token": token, "otp_code": "000000"}),
        ("jwt/refresh/", {"refresh": token}),
        ("jwt/verify/", {"token": token}),
        ("totp/recovery/", {"email": person.user.email}),
        (
            "totp/recovery_confirm/",
            link | {"password": f"wrong {number}", "new_password": NEW_PASSWORD},
        ),
        ("totp/recovery_cancel/", link),
        ("totp/verify/", {"otp_code": "000000"}),
    ]


def _answers_to_honest_calls(client, people):
    ada, grace = people
    browser = Browser()
    first = ada.give_password()
    login = ada.answer_challenge(
        first.json.get("totp_challenge_token", ""), otp_code=ada.next_code()
    )
    refreshed = client.post("jwt/refresh/", {"refresh": login.json.get("refresh", "")})
    left = browser.send("POST", "/ninja/session/delete/", content_type="application/json")
    passwords = {"password": PASSWORD, "new_password": NEW_PASSWORD}
    recovered = client.post("totp/recovery_confirm/", ada.link | passwords)
    cancelled = client.post("totp/recovery_cancel/", grace.link)
    asked = client.post("totp/recovery/", {"email": grace.user.email})
    answers = [first, login, refreshed, recovered, cancelled, asked]
    return [*(answer.status for answer in answers), left.status_code]


@pytest.mark.parametrize("moves", [False, True], ids=["one address", "many addresses"])
# Enough for more calls of each kind than a caller has in a minute, and for more tries of a link.
@pytest.mark.parametrize("requests", [0, breadth(96, thorough=160)])
def test_no_honest_call_is_answered_otherwise(client, people, requests, moves):
    stranger = _Stranger(moves=moves)
    for number in range(requests // 16):
        for person in people:
            for path, body in _made_up(person, number):
                client.post(path, body, stranger)

    assert _answers_to_honest_calls(client, people) == [200, 200, 200, 204, 204, 200, 204]
