"""Mail goes to a user of the request's database, though it is sent after the request (N15)."""

import json
import re

import pytest
from django.core import mail
from django.test import Client

from ninja_totp import clock
from ninja_totp.core.errors import InvalidEnrolmentCode
from ninja_totp.emails import background
from ninja_totp.models import Authenticator
from ninja_totp.services import confirm_totp_setup, create_totp_setup
from ninja_totp.transactions import on_database
from tests.support.people import NEW_PASSWORD, PASSWORD, code_of, wrong_code_of

ADDRESS = "ada@example.org"


@pytest.fixture
def people(transactional_db, django_user_model):
    """Two users with the same key and address, each in a database."""
    people = {}
    for alias in ("default", "second"):
        user = django_user_model(pk=1, username=f"ada of {alias}", email=ADDRESS)
        user.set_password(PASSWORD)
        user.save(using=alias)
        people[alias] = user
    return people


@pytest.fixture(autouse=True)
def worker(monkeypatch, settings):
    """A thread of its own that sends at once."""
    monkeypatch.setattr(background, "_head_start", lambda: 0)
    worker = background.Background()
    settings.TOTP_RECOVERY_DISPATCHER = lambda job, **values: worker.put(job, values)
    settings.TOTP_THROTTLE_RATE = None
    settings.TOTP_NOTICES = ["locked"]
    yield worker
    worker.finish(10)


@pytest.fixture(params=["thread", "context"])
def post(request, people, worker, enrolled):
    """A function that sends a request to the second site, and waits for its mail."""

    def send(path, body):
        answer = Client().post(
            path,
            json.dumps(body),
            content_type="application/json",
            headers={"X-Site": f"second {request.param}", "Accept-Language": "de"},
        )
        assert worker.finish(10)
        return answer

    return send


@pytest.fixture
def enrolled(people):
    """Both have a factor."""
    for alias, user in people.items():
        with on_database(alias):
            secret = create_totp_setup(user).secret
            with pytest.raises(InvalidEnrolmentCode) as refused:
                confirm_totp_setup(user, wrong_code_of(secret, clock.now()))
            assert refused.value.attempts_left == 4
            assert Authenticator.objects.using(alias).get().failures == 1
            confirm_totp_setup(user, code_of(secret, clock.now()))
    mail.outbox.clear()


pytestmark = [
    pytest.mark.django_db(transaction=True, databases=["default", "second"]),
    pytest.mark.parametrize("api", ["/ninja/", "/drf/"]),
]


def _link():
    uid, token = re.search("/totp-recovery/([^/]+)/([0-9a-f]+)", mail.outbox[0].body).groups()
    return {"uid": uid, "token": token}


def test_a_link_is_mailed_to_the_user_of_this_site(post, api):
    post(f"{api}totp/recovery/", {"email": ADDRESS})

    assert ["ada of second" in message.body for message in mail.outbox] == [True]


def test_the_link_is_one_of_this_site(post, api):
    post(f"{api}totp/recovery/", {"email": ADDRESS})

    body = {**_link(), "password": PASSWORD, "new_password": NEW_PASSWORD}
    assert post(f"{api}totp/recovery_confirm/", body).status_code == 204


def test_a_notice_is_mailed_to_the_user_of_this_site(post, api):
    post(f"{api}totp/recovery/", {"email": ADDRESS})
    body = {**_link(), "password": PASSWORD, "new_password": NEW_PASSWORD}
    post(f"{api}totp/recovery_confirm/", body)

    assert len(mail.outbox) == 2
    assert "ada of second" in mail.outbox[1].body


def test_a_notice_of_wrong_codes_is_as_well(post, api):
    body = {"username": "ada of second", "password": PASSWORD}
    challenge = post(f"{api}jwt/create/", body).json()["totp_challenge_token"]
    for _ in range(5):
        post(f"{api}jwt/totp/verify/", {"totp_challenge_token": challenge, "otp_code": "000000"})

    (notice,) = mail.outbox
    assert "ada of second" in notice.body
    assert "falsche Codes" in notice.subject  # in the language of the request
