"""TOTP_REQUIRED where no door shows it: the services, the check, the report, exemptions."""

from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.auth.models import AnonymousUser, Group
from django.db import connection
from django.test.utils import CaptureQueriesContext

from ninja_totp.checks.configuration import check_required_audiences, check_required_groups
from ninja_totp.core.errors import EnrolmentRequired
from ninja_totp.models import Account, Event, Exemption
from ninja_totp.services import (
    begin_login,
    current_exemptions,
    disable_totp,
    end_totp_exemption,
    enrolment_due_at,
    exempt_from_totp,
    require_enrolled_in_time,
)
from ninja_totp.services.policy.enforcement import would_be_shut_out
from tests.support.cast import PASSWORD

pytestmark = pytest.mark.django_db


def log_in(rf, user, **options):
    return begin_login(rf.post("/"), username=user.get_username(), password=PASSWORD, **options)


def later(clock, **time):
    return datetime.fromtimestamp(clock.now(), UTC) + timedelta(**time)


def test_a_login_view_that_knows_of_no_rule_lets_nobody_past_it(rf, ada, settings):
    settings.TOTP_REQUIRED = "all"

    with pytest.raises(EnrolmentRequired):
        log_in(rf, ada)


def test_a_login_view_that_offers_to_enrol_is_given_a_token(rf, ada, settings):
    settings.TOTP_REQUIRED = "all"

    step = log_in(rf, ada, offers_enrolment=True)

    assert step.challenge_token is None
    assert step.enrolment_token
    assert step.enrolment_token not in repr(step)


def test_a_site_without_a_rule_is_asked_nothing_more(rf, ada, settings):
    settings.TOTP_REQUIRED = None

    with CaptureQueriesContext(connection) as queries:
        log_in(rf, ada)

    assert not [one for one in queries.captured_queries if "exemption" in one["sql"]]
    assert not Account.objects.exists()


def test_looking_begins_no_grace(ada, clock, settings):
    settings.TOTP_REQUIRED, settings.TOTP_REQUIRED_GRACE = "all", 3600

    assert enrolment_due_at(ada) == clock.now() + 3600
    assert not Account.objects.exists()


def test_nothing_is_due_for_who_has_a_factor(owner, settings):
    settings.TOTP_REQUIRED = "all"

    assert enrolment_due_at(owner.user) is None
    require_enrolled_in_time(owner.user)


def test_a_grace_that_began_at_another_process_is_not_begun_again(rf, ada, clock, settings):
    settings.TOTP_REQUIRED, settings.TOTP_REQUIRED_GRACE = "all", 3600
    begun = clock.now() - 600
    Account.objects.create(user=ada, required_epoch=begun)

    assert log_in(rf, ada).enrolment_due_at == begun + 3600


def test_nobody_is_overdue(settings):
    settings.TOTP_REQUIRED = "all"

    require_enrolled_in_time(AnonymousUser())


def test_a_rule_is_asked_once_for_a_login(rf, ada, settings):
    asked = []
    settings.TOTP_REQUIRED = lambda user: asked.append(user) or True

    log_in(rf, ada, offers_enrolment=True)

    assert asked == [ada]


def test_before_migrate_no_group_is_missing(settings, monkeypatch):
    settings.TOTP_REQUIRED = "group:autors"
    monkeypatch.setattr(connection.introspection, "table_names", list)

    assert check_required_groups(databases=["default"]) == []


@pytest.mark.parametrize("check", [check_required_groups, check_required_audiences])
def test_a_setting_that_cannot_be_used_is_left_to_its_own_check(settings, check):
    settings.TOTP_REQUIRED = "users"

    assert check(databases=["default"]) == []


def test_an_audience_that_the_user_model_does_not_know_is_found(settings, monkeypatch):
    settings.TOTP_REQUIRED = ["staff", "group:editors"]
    monkeypatch.setattr("ninja_totp.services.policy.enforcement.has_field", lambda name: False)

    assert [one.id for one in check_required_audiences()] == ["ninja_totp.E003"] * 2


def test_a_user_model_without_groups_is_in_none(ada, settings):
    settings.TOTP_REQUIRED = "group:editors"

    assert enrolment_due_at(ada) is None


def test_an_exemption_is_kept_with_its_reason_and_told(ada, clock):
    exempt_from_totp(ada, actor="root", reason="phone ordered", expires_at=later(clock, days=1))

    assert [one.reason for one in current_exemptions()] == ["phone ordered"]
    assert Event.objects.get().type == "exempted"
    assert "phone ordered" not in str(Exemption.objects.get())


def test_a_second_exemption_takes_the_place_of_the_first(ada, clock):
    for days in (2, 1):
        exempt_from_totp(ada, actor="x", reason="x", expires_at=later(clock, days=days))

    assert Exemption.objects.get().expires_epoch == clock.now() + 86_400


@pytest.mark.parametrize(
    ("reason", "seconds"), [("", 60), ("x" * 201, 60), ("x", 0), ("x", -60), ("x", 4 * 10**8)]
)
def test_an_exemption_needs_a_reason_and_an_end_to_come(ada, clock, reason, seconds):
    with pytest.raises(ValueError, match="An exemption needs"):
        exempt_from_totp(ada, actor="x", reason=reason, expires_at=later(clock, seconds=seconds))

    assert not Exemption.objects.exists()


def test_an_exemption_can_be_ended_once(ada, clock):
    exempt_from_totp(ada, actor="x", reason="x", expires_at=later(clock, days=1))

    assert end_totp_exemption(ada, actor="x", reason="x") is True
    assert end_totp_exemption(ada, actor="x", reason="x") is False
    assert current_exemptions() == []


def test_the_report_names_who_would_be_shut_out(owner, bob, django_user_model, clock):
    exempted = django_user_model.objects.create_user("carol")
    exempt_from_totp(exempted, actor="x", reason="x", expires_at=later(clock, days=1))

    assert list(would_be_shut_out(("all",))) == [bob]


def test_an_exemption_that_has_ended_counts_for_nothing(rf, owner, bob, clock, settings):
    settings.TOTP_REQUIRED = "all"
    for user in (owner.user, bob):
        exempt_from_totp(user, actor="x", reason="x", expires_at=later(clock, hours=1))
    clock.advance(3600)

    assert current_exemptions() == []
    assert list(would_be_shut_out(("all",))) == [bob]
    assert enrolment_due_at(bob) <= clock.now()
    with pytest.raises(EnrolmentRequired):
        log_in(rf, bob)
    with pytest.raises(EnrolmentRequired):
        disable_totp(owner.user)


def test_exemptions_are_told_the_first_to_end_first(ada, bob, clock):
    for user, hours in ((ada, 2), (bob, 1)):
        exempt_from_totp(user, actor="x", reason="x", expires_at=later(clock, hours=hours))

    assert [one.user for one in current_exemptions()] == [bob, ada]


def test_an_exemption_holds_to_its_last_second(rf, owner, bob, clock, settings):
    settings.TOTP_REQUIRED = "all"
    for user in (bob, owner.user):
        exempt_from_totp(user, actor="x", reason="x", expires_at=later(clock, hours=1))
    clock.advance(3599)

    assert [one.user for one in current_exemptions()] == sorted(
        [bob, owner.user], key=lambda u: u.pk
    )
    assert list(would_be_shut_out(("all",))) == []
    assert log_in(rf, bob).enrolment_due_at == clock.now() + 1
    disable_totp(owner.user)


def test_before_its_day_a_rule_shuts_nobody_out_and_keeps_no_factor_on(
    rf, owner, bob, clock, settings
):
    settings.TOTP_REQUIRED, settings.TOTP_REQUIRED_GRACE = "all", 60
    settings.TOTP_REQUIRED_FROM = later(clock, seconds=100)

    require_enrolled_in_time(bob)
    assert enrolment_due_at(bob) == log_in(rf, bob).enrolment_due_at == clock.now() + 160
    clock.advance(99)
    disable_totp(owner.user)
    clock.advance(60)
    require_enrolled_in_time(bob)
    clock.advance(1)
    with pytest.raises(EnrolmentRequired):
        require_enrolled_in_time(bob)


def test_from_its_day_on_a_rule_keeps_factors_on(owner, clock, settings):
    settings.TOTP_REQUIRED = "all"
    settings.TOTP_REQUIRED_FROM = later(clock, seconds=100)
    clock.advance(100)

    with pytest.raises(EnrolmentRequired):
        disable_totp(owner.user)


def test_the_report_names_a_member_of_two_groups_once(ada):
    for name in ("editors", "authors"):
        ada.groups.add(Group.objects.create(name=name))

    assert list(would_be_shut_out(("group:editors", "group:authors", "staff"))) == [ada]


def test_the_report_asks_a_function_about_each_user(ada, bob):
    assert list(would_be_shut_out(lambda user: user == bob)) == [bob]


def test_a_rule_about_a_group_that_does_not_exist_is_found(settings):
    Group.objects.create(name="editors")
    settings.TOTP_REQUIRED = ["staff", "group:editors", "group:autors"]

    (warning,) = check_required_groups(databases=["default"])

    assert warning.id == "ninja_totp.W009"
    assert "'autors'" in warning.msg


@pytest.mark.parametrize("whom", [None, "staff", bool])
def test_a_rule_without_groups_has_none_that_is_missing(settings, whom):
    settings.TOTP_REQUIRED = whom

    assert check_required_groups(databases=["default"]) == []


def test_no_database_is_asked_that_the_command_does_not_check(settings):
    settings.TOTP_REQUIRED = "group:autors"

    assert check_required_groups(databases=None) == []
