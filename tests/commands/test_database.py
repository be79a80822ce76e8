"""`--database` decides, whatever the router would say: there is no request for it to go by."""

from datetime import timedelta

import pytest
from django.utils import timezone

from ninja_totp import models
from ninja_totp.core.encryption import new_key
from ninja_totp.models.event import EventQuerySet
from ninja_totp.services import create_totp_setup, verify_totp_code
from tests.support.connections import database_without_tables

pytestmark = pytest.mark.django_db


class Nowhere:
    """Sends everything to a database without tables."""

    def db_for_read(self, model, **_):
        return "nowhere"

    db_for_write = db_for_read

    def allow_relation(self, *_, **__):
        return True


@pytest.fixture
def site(owner, bob, clock, settings):
    """Ada, who is locked, and Bob, who has begun: at a site whose router leads nowhere."""
    for _ in range(5):
        verify_totp_code(owner.user, owner.authenticator.wrong_code())
    owner.open_challenge()
    create_totp_setup(bob)
    settings.TOTP_ENCRYPTION_KEY = [new_key(), settings.TOTP_ENCRYPTION_KEY]
    clock.advance(10 * 86_400)
    old = models.Event.objects.filter(user=owner.user, type="enabled")
    super(EventQuerySet, old).update(created_at=timezone.now() - timedelta(days=40))
    with database_without_tables("nowhere"):
        settings.DATABASE_ROUTERS = [f"{__name__}.Nowhere"]
        yield owner
        settings.DATABASE_ROUTERS = []


def test_without_it_the_router_is_asked(manage, site):
    # Django's test case forbids other databases than those that a test names.
    with pytest.raises(AssertionError, match="nowhere"):
        manage("totp_report")


@pytest.mark.parametrize(
    "words",
    [
        ("totp_status", "ada"),
        ("totp_unlock", "ada", "--reason=x", "--forgive-clock"),
        ("totp_reset", "ada", "--reason=x", "--no-input"),
        ("totp_exempt", "ada", "--until=2030-12-31", "--reason=x"),
        ("totp_report",),
        ("totp_report", "--group=support", "--missing"),
        ("totp_report", "--if-required=all"),
        ("totp_keys", "status"),
        ("totp_keys", "reencrypt"),
        ("totp_prune", "--history-days=30"),
    ],
    ids=" ".join,
)
def test_with_it_no_other_database_is_asked(manage, site, words):
    assert manage(*words, "--database=default").said == ""


def test_what_was_done_is_done_there(manage, site, settings):
    outcomes = [
        manage("totp_unlock", "ada", "--reason=x", "--database=default"),
        manage("totp_prune", "--history-days=30", "--json", "--database=default"),
        manage("totp_reset", "bob", "--reason=x", "--no-input", "--database=default"),
    ]

    settings.DATABASE_ROUTERS = []
    assert [one.code for one in outcomes] == [0, 0, 3]
    assert outcomes[1].json["events"] == 1
    assert site.account.failures == 0
    assert not models.Authenticator.objects.filter(confirmed_at=None).exists()
