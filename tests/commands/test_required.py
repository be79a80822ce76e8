"""`totp_exempt` and `totp_report --if-required`: a rule, before and after it holds."""

import pytest
from django.utils import timezone

from ninja_totp.models import Exemption

pytestmark = pytest.mark.django_db


def test_a_user_is_exempted_until_a_day(manage, ada, settings, clock):
    settings.TIME_ZONE = "UTC"

    outcome = manage("totp_exempt", "ada", "--until", "2035-12-31", "--reason", "x", "--json")

    assert outcome.code == 0
    assert outcome.json["exempted_until"] == "2035-12-31T00:00:00+00:00"
    assert Exemption.objects.get().user == ada


def test_a_day_begins_in_the_sites_time_zone(manage, ada, settings, clock):
    settings.TIME_ZONE = "Pacific/Apia"

    outcome = manage("totp_exempt", "ada", "--until", "2035-12-31", "--reason", "x", "--json")

    assert outcome.json["exempted_until"] == "2035-12-30T11:00:00+00:00"


def test_a_moment_may_name_its_zone(manage, ada, clock):
    manage("totp_exempt", "ada", "--until", "2035-12-31T12:00:00+02:00", "--reason", "x")

    moment = timezone.datetime.fromisoformat("2035-12-31T10:00:00+00:00")
    assert Exemption.objects.get().expires_epoch == int(moment.timestamp())


@pytest.mark.parametrize("when", ["tomorrow", "2035-02-30", "2035-13-01T00:00", "", "1999-12-31"])
def test_a_time_that_cannot_be_is_refused(manage, ada, clock, when):
    outcome = manage("totp_exempt", "ada", "--until", when, "--reason", "x")

    assert outcome.code == 1
    assert not Exemption.objects.exists()


def test_an_exemption_is_ended(manage, ada, clock):
    manage("totp_exempt", "ada", "--until", "2035-12-31", "--reason", "x")

    outcome = manage("totp_exempt", "ada", "--end", "--reason", "x")

    assert outcome.code == 0
    assert outcome.output == "ada is no longer exempted.\n"


def test_there_may_be_nothing_to_end(manage, ada):
    outcome = manage("totp_exempt", "ada", "--end", "--reason", "x")

    assert outcome.code == 3


def test_the_report_names_whom_a_rule_would_shut_out(manage, owner, bob):
    outcome = manage("totp_report", "--if-required", "all")

    assert outcome.output == f"{bob.pk}\tbob\n"


def test_the_report_can_be_read_by_machines(manage, owner, bob):
    outcome = manage("totp_report", "--if-required", "all", "--json", "--fail-if-missing")

    assert outcome.code == 3
    assert outcome.json["shut_out"] == [{"user": str(bob.pk), "name": "bob"}]


def test_nobody_may_be_shut_out(manage, owner):
    outcome = manage("totp_report", "--if-required", "all", "--fail-if-missing")

    assert (outcome.code, outcome.output.strip()) == (0, "")


def test_a_rule_that_is_none_is_refused(manage, db):
    outcome = manage("totp_report", "--if-required", "users")

    assert outcome.code == 1
    assert "--if-required must be" in outcome.said
