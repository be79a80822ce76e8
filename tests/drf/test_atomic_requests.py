"""ATOMIC_REQUESTS: an error undoes the transaction of a request, but never a counted failure."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, connections
from django.test import Client
from django.urls import path

from drf_compat import token_views, views
from ninja_totp.models import Account, Authenticator, Challenge
from tests.support.connections import database_without_tables
from tests.support.people import PASSWORD

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _atomic_requests(monkeypatch):
    monkeypatch.setitem(connection.settings_dict, "ATOMIC_REQUESTS", True)


@pytest.fixture
def ada(transactional_db, ada):
    """Ada, with a second factor."""
    ada.enrol()
    return ada


def _elsewhere(read):
    """What `read` returns in another thread, and thus through another connection."""

    def read_and_close():
        try:
            return read()
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        return pool.submit(read_and_close).result()


def _failures(user):
    return _elsewhere(lambda: Account.objects.get(user=user.pk).failures)


def test_a_wrong_code_at_login_stays_counted(ada):
    challenge = ada.challenge()

    answer = ada.answer_challenge(challenge, otp_code=ada.wrong_code())

    assert answer.status == 400
    assert _failures(ada.user) == 1
    assert _elsewhere(lambda: Challenge.objects.get(consumed_at=None).attempts) == 1


@pytest.mark.parametrize("path", ["disable", "rotate_backup_codes", "replace"])
def test_a_wrong_code_for_a_change_stays_counted(ada, door, path):
    credential = ada.log_in_with_code()

    answer = door.post(f"totp/{path}/", {"input_code": ada.wrong_code()}, credential)

    assert answer.status == 400
    assert _failures(ada.user) == 1


def test_a_wrong_code_for_a_step_up_stays_counted(ada, door):
    credential = ada.log_in_with_code()

    answer = door.post("totp/verify/", {"otp_code": ada.wrong_code()}, credential)

    assert answer.status == 400
    assert _failures(ada.user) == 1


def test_a_wrong_code_for_a_confirmation_stays_counted(ada, door):
    credential = ada.log_in_with_code()
    door.post("totp/disable/", credential=credential)
    ada.start(credential)

    answer = door.post("totp/confirm/", {"input_code": ada.wrong_code()}, credential)

    assert answer.status == 400
    assert _elsewhere(lambda: Authenticator.objects.get(account=ada.user.pk).failures) == 1
    assert _failures(ada.user) == 0


def test_a_wrong_password_behind_a_recovery_link_stays_counted(ada, door, mailoutbox):
    ada.user.email = "ada@example.org"
    ada.user.save()
    door.post("totp/recovery/", {"email": "ada@example.org"})
    uid, token = mailoutbox[0].body.split("/totp-recovery/")[1].split()[0].split("/")
    body = {"uid": uid, "token": token, "password": "wrong", "new_password": "another"}

    answer = door.post("totp/recovery_confirm/", body)

    links = Challenge.objects.filter(purpose=Challenge.Purpose.RECOVERY)
    assert answer.status == 400
    assert _elsewhere(lambda: links.get().attempts) == 1


def test_an_account_locks_as_it_does_without(ada):
    for _ in range(5):
        ada.answer_challenge(ada.challenge(), otp_code=ada.wrong_code())

    answer = ada.answer_challenge(ada.challenge(), otp_code=ada.code(steps=1))

    assert answer.status == 429


@pytest.mark.parametrize(
    "view",
    [
        views.TotpViewSet.as_view({"post": "verify"}),
        views.TotpRecoveryViewSet.as_view({"post": "recovery"}),
        views.JWTCreateView.as_view(),
        views.JWTTOTP2FAVerifyView.as_view(),
        token_views.JWTRefreshView.as_view(),
        token_views.JWTVerifyView.as_view(),
    ],
)
def test_no_view_is_part_of_a_transaction_of_any_database(view):
    assert view._non_atomic_requests == set(connections)


def test_no_request_of_ours_is_atomic_at_any_database(settings, django_user_model):
    """Users, and the failures that are counted, may live in another than the default one."""
    seen = []

    def means(user):
        seen.append(connections["other"].in_atomic_block)
        return False

    django_user_model.objects.create_user("ada", password=PASSWORD)
    settings.TOTP_REQUIRED = means
    with database_without_tables("other", ATOMIC_REQUESTS=True):
        settings.ROOT_URLCONF = (path("ours/", views.JWTCreateView.as_view()),)
        body = {"username": "ada", "password": PASSWORD}
        answer = Client().post("/ours/", body, content_type="application/json")

    assert (answer.status_code, seen) == (200, [False])
