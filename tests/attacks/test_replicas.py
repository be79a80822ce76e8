"""A code that was just used, on a replica that has not heard of it yet."""

import pytest
from django.db.utils import ConnectionDoesNotExist

from ninja_totp.models import Account


@pytest.fixture
def stale_replica(ada, settings):
    """From now on, reads go to a database that does not even exist."""
    settings.DATABASE_ROUTERS = ["tests.attacks.replicas.StaleReplica"]


def test_a_read_that_is_left_to_the_router_would_be_seen(ada, stale_replica):
    with pytest.raises(ConnectionDoesNotExist):
        Account.objects.get()


def test_no_call_asks_a_replica(client, ada, stale_replica):
    statuses = [
        ada.answer_challenge(ada.challenge(), otp_code=ada.code()).status,
        ada.answer_challenge(ada.challenge(), otp_code=ada.code()).status,
        ada.answer_challenge(ada.challenge(), backup_code=ada.backup_codes[0]).status,
    ]
    credential = ada.log_in_with_code()
    statuses += [
        client.get("totp/status/", credential).status,
        client.post("totp/rotate_backup_codes/", credential=credential).status,
        client.post("totp/replace/", credential=credential).status,
        client.post("totp/verify/", {"otp_code": ada.next_code()}, credential).status,
        client.post("totp/disable/", credential=credential).status,
        client.post("totp/create/", credential=credential).status,
        client.post("totp/confirm/", {"input_code": "000000"}, credential).status,
    ]

    assert statuses == [200, 400, 200, 200, 200, 201, 200, 204, 201, 400]
