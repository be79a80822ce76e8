"""Mail goes to a user of the request's tenant, though it is sent after the request (N15)."""

import json
import re

import pytest
from django.contrib.auth import get_user_model
from django.core import mail
from django.test import Client
from django_tenants.utils import schema_context

from ninja_totp import clock
from ninja_totp.emails import background
from ninja_totp.services import confirm_totp_setup, create_totp_setup
from tests.support.people import NEW_PASSWORD, PASSWORD, code_of
from tests.world.customers.models import Customer, Host

ADDRESS = "ada@example.org"
TENANTS = ("one", "two")

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.parametrize("api", ["ninja", "drf"]),
]


@pytest.fixture
def people(transactional_db):
    """Two users with the same key and address, each of a tenant."""
    people = {}
    for name in TENANTS:
        tenant, _ = Customer.objects.get_or_create(schema_name=name)
        Host.objects.get_or_create(domain=f"{name}.example.org", tenant=tenant)
        with schema_context(name):
            users = get_user_model().objects
            users.all().delete()
            user = users.create_user(f"ada of {name}", ADDRESS, PASSWORD, pk=1)
            secret = create_totp_setup(user).secret
            confirm_totp_setup(user, code_of(secret, clock.now()))
            people[name] = user
    mail.outbox.clear()
    return people


@pytest.fixture(autouse=True)
def worker(monkeypatch, settings):
    """A thread of its own that sends at once."""
    monkeypatch.setattr(background, "_head_start", lambda: 0)
    worker = background.Background()
    settings.TOTP_RECOVERY_DISPATCHER = lambda job, **values: worker.put(job, values)
    settings.TOTP_THROTTLE_RATE, settings.TOTP_NOTICES = None, ["locked"]
    settings.ALLOWED_HOSTS = ["*"]
    yield worker
    worker.finish(10)


@pytest.fixture
def post(people, worker):
    """A function that sends a request to the second tenant, and waits for its mail."""

    def send(path, body):
        answer = Client().post(
            path, json.dumps(body), "application/json", headers={"Host": "two.example.org"}
        )
        assert worker.finish(10)
        return answer

    return send


def _link():
    uid, token = re.search("/totp-recovery/([^/]+)/([0-9a-f]+)", mail.outbox[0].body).groups()
    return {"uid": uid, "token": token}


def test_a_link_and_a_notice_are_mailed_to_the_user_of_this_tenant(post, api):
    post(f"/{api}/totp/recovery/", {"email": ADDRESS})
    body = {**_link(), "password": PASSWORD, "new_password": NEW_PASSWORD}
    confirmed = post(f"/{api}/totp/recovery_confirm/", body)

    assert confirmed.status_code == 204
    assert ["ada of two" in message.body for message in mail.outbox] == [True, True]


def test_a_notice_of_wrong_codes_is_as_well(post, api):
    body = {"username": "ada of two", "password": PASSWORD}
    challenge = post(f"/{api}/jwt/create/", body).json()["totp_challenge_token"]
    for _ in range(5):
        wrong = {"totp_challenge_token": challenge, "otp_code": "000000"}
        post(f"/{api}/jwt/totp/verify/", wrong)

    (notice,) = mail.outbox
    assert "ada of two" in notice.body


def test_the_other_tenants_user_keeps_the_factor(post, people, api):
    post(f"/{api}/totp/recovery/", {"email": ADDRESS})
    body = {**_link(), "password": PASSWORD, "new_password": NEW_PASSWORD}
    post(f"/{api}/totp/recovery_confirm/", body)

    with schema_context("one"):
        assert people["one"].ninja_totp.is_enabled
