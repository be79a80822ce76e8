"""`totp_report`, `totp_keys`, `totp_prune`: commands about everybody."""

import re
from datetime import timedelta

import pytest
from cryptography.fernet import Fernet
from django.contrib.auth.models import Group
from django.utils import timezone

from ninja_totp.core.encryption import KeyRing
from ninja_totp.core.errors import Unavailable
from ninja_totp.management import operating
from ninja_totp.management.commands import totp_keys as keys_command
from ninja_totp.models import Authenticator, Event
from ninja_totp.models.event import EventQuerySet
from ninja_totp.services import (
    complete_login,
    create_totp_setup,
    replace_totp,
    rotate_backup_codes,
    trusted_devices,
    verify_totp_code,
)
from tests.commands.conftest import Terminal
from tests.support.cast import new_user

pytestmark = pytest.mark.django_db

NEW_KEY = Fernet.generate_key().decode()


@pytest.fixture
def roll_in(settings):
    """Put a new key in front."""
    return lambda: setattr(settings, "TOTP_ENCRYPTION_KEY", [NEW_KEY, settings.TOTP_ENCRYPTION_KEY])


@pytest.fixture
def company(owner, bob):
    """Ada, who is staff, has a second factor; Bob, of the group "support", has none."""
    owner.user.is_staff = True
    owner.user.save()
    bob.groups.add(Group.objects.create(name="support"))
    return owner, bob


def test_the_report_is_a_table(manage, company):
    assert manage("totp_report").output == (
        "                users   enrolled    missing\n"
        "superusers          0          0          0\n"
        "staff               1          1          0\n"
        "all                 2          1          1\n"
    )


@pytest.mark.parametrize(
    ("whom", "expected"),
    [
        ("--all", ("all", 2, 1, 1)),
        ("--staff", ("staff", 1, 1, 0)),
        ("--superusers", ("superusers", 0, 0, 0)),
        ("--group=support", ("group support", 1, 0, 1)),
    ],
)
def test_a_report_for_programs(manage, company, whom, expected):
    names = ("audience", "users", "enrolled", "not_enrolled")

    report = manage("totp_report", whom, "--json").json

    assert report == {"audiences": [dict(zip(names, expected, strict=True))]}


def test_users_are_named(manage, company):
    owner, bob = company

    assert manage("totp_report", "--missing").output == f"{bob.pk}\tbob\n"
    assert manage("totp_report", "--enrolled").output == f"{owner.user.pk}\tada\n"
    assert manage("totp_report", "--missing", "--staff").output == ""
    assert manage("totp_report", "--missing", "--json").json == {
        "audience": "all",
        "enrolled": False,
        "users": [{"user": str(bob.pk), "name": "bob"}],
    }


@pytest.mark.parametrize(("whom", "code"), [("--staff", 0), ("--all", 3), ("--group=support", 3)])
def test_the_exit_code_may_tell_whether_somebody_is_missing(manage, company, whom, code):
    assert manage("totp_report", whom, "--fail-if-missing").code == code
    assert manage("totp_report", whom).code == 0


@pytest.mark.parametrize("names", [(), ("--json",), ("--missing",), ("--enrolled",)])
def test_without_a_choice_anyone_missing_in_any_audience_counts(manage, company, names):
    outcome = manage("totp_report", "--fail-if-missing", *names)

    assert (outcome.code, outcome.said) == (3, "1 without 2FA.")


def test_without_a_choice_the_largest_number_is_told(manage, company, bob, django_user_model):
    django_user_model.objects.filter(pk=bob.pk).update(is_superuser=True)
    new_user(django_user_model, "cleo")

    assert manage("totp_report", "--fail-if-missing").said == "2 without 2FA."


def test_a_user_model_without_staff_has_no_staff_to_report_on(manage, company, monkeypatch):
    monkeypatch.setattr(
        "ninja_totp.services.policy.enforcement.has_field", lambda name: name == "is_active"
    )

    outcome = manage("totp_report", "--staff")

    assert (outcome.code, outcome.said) == (1, "Your user model has no staff.")
    assert manage("totp_report", "--group=x").said == "Your user model has no groups."
    said = manage("totp_report", "--if-required=staff").said
    assert said == "Your user model has no staff."
    assert [one["audience"] for one in manage("totp_report", "--json").json["audiences"]] == ["all"]


def test_a_generated_key_is_a_key(manage):
    key = manage("totp_keys", "generate").output.strip()
    both = manage("totp_keys", "generate", "--json").json

    assert KeyRing([key])
    assert KeyRing([both["key"]]).current_key_id == both["key_id"]


def test_a_key_can_be_made_before_there_is_one(manage, settings):
    settings.TOTP_ENCRYPTION_KEY = None

    assert manage("totp_keys", "generate").code == 0
    assert manage("totp_keys", "status").said.startswith("TOTP_ENCRYPTION_KEY must be set")


def test_the_way_of_a_rotation(manage, owner, roll_in, settings):
    alone = manage("totp_keys", "check")
    roll_in()
    before = manage("totp_keys", "status")
    needed = manage("totp_keys", "check")
    moved = manage("totp_keys", "reencrypt")
    after = manage("totp_keys", "check")

    assert alone.code == before.code == moved.code == after.code == 0
    assert needed.code == 3
    assert "secrets: 1, pending: 0, backup codes: 10. Needed." in before.output
    assert moved.output == "Moved to the first key: secrets: 1, backup codes: 10.\n"
    assert re.search(r"key 2 \(\w{8}\): secrets: 0, .* Can be removed\.", after.output)
    settings.TOTP_ENCRYPTION_KEY = NEW_KEY
    assert verify_totp_code(owner.user, owner.authenticator.code())


def test_what_cannot_be_moved_is_told(manage, ada, owner, settings, roll_in):
    settings.TOTP_STORE_BACKUP_CODE_CIPHERTEXT = False
    rotate_backup_codes(owner.user)
    roll_in()
    moved = manage("totp_keys", "reencrypt")

    outcome = manage("totp_keys", "check")

    assert (moved.code, outcome.code) == (0, 3)
    assert "backup codes: 10 (10 of them cannot be moved). Needed." in outcome.output


def test_a_missing_key_is_told(manage, owner, settings):
    settings.TOTP_ENCRYPTION_KEY = NEW_KEY

    outcome = manage("totp_keys", "check")
    facts = manage("totp_keys", "status", "--json").json["keys"]

    assert outcome.code == 3
    assert f"MISSING key {owner.totp.key_id}: secrets: 1" in outcome.output
    assert [(one["position"], one["may_be_dropped"]) for one in facts] == [
        (1, False),
        (None, False),
    ]


def test_what_no_key_opens_is_named_and_left(manage, owner, roll_in):
    Authenticator.objects.update(secret="gAAAAA-no-sealed")
    roll_in()

    outcome = manage("totp_keys", "reencrypt")
    facts = manage("totp_keys", "reencrypt", "--json")

    assert outcome.code == facts.code == 3
    assert f"user {owner.user.pk}: cannot be decrypted\n" in outcome.output
    assert facts.json == {"secrets": 0, "codes": 0, "broken_users": [str(owner.user.pk)]}


@pytest.mark.parametrize("batch", ["0", "5001", "x"])
def test_a_batch_has_bounds(manage, owner, batch):
    assert manage("totp_keys", "reencrypt", "--batch", batch).code == 1


def test_an_interrupted_run_says_that_it_can_be_gone_on_with(manage, owner, roll_in, monkeypatch):
    def interrupt(**_):
        raise KeyboardInterrupt

    monkeypatch.setattr(keys_command, "reencrypt_totp", interrupt)

    outcome = manage("totp_keys", "reencrypt")

    assert (outcome.code, outcome.said) == (
        130,
        "Interrupted. Finished work stays. Run it again to continue.",
    )


def test_a_database_that_refuses_is_an_error(manage, owner, monkeypatch):
    def refuse(**_):
        raise Unavailable

    monkeypatch.setattr(keys_command, "reencrypt_totp", refuse)

    assert manage("totp_keys", "reencrypt").code == 1


def test_what_is_over_is_removed(manage, owner, bob, clock):
    owner.open_challenge()
    create_totp_setup(bob)
    clock.advance(86_400 + 601)
    young = manage("totp_prune", "--days=2", "--json").json

    outcome = manage("totp_prune")

    nothing = {"pending_secrets": 0, "challenges": 0, "trusted_devices": 0, "events": None}
    assert young == nothing
    assert outcome.output == (
        "Deleted: pending secrets: 1, challenges: 1, trusted devices: 0.\nKept the history.\n"
    )


def test_devices_that_are_over_are_removed_and_those_that_hold_stay(manage, owner, clock, settings):
    settings.TOTP_TRUSTED_DEVICE_MAX_AGE = 3600
    for name in ("over", "holds"):
        complete_login(owner.open_challenge(), owner.right, trust_device=name)
        clock.advance(1800)
    clock.advance(1)

    outcome = manage("totp_prune", "--days=0", "--json")

    assert (outcome.code, outcome.json["trusted_devices"]) == (0, 1)
    assert [one.name for one in trusted_devices(owner.user)] == ["holds"]


def test_pruning_is_no_change_to_an_account(manage, owner, clock):
    replace_totp(owner.user)
    owner.open_challenge()
    clock.advance(3 * 86_400)
    before = owner.columns

    manage("totp_prune", "--history-days=1")

    assert owner.columns == before


@pytest.fixture
def lines(owner):
    """Four lines of history beside the one of the enrolment, of 400, 399, 30 and 29 days ago."""
    for days in (400, 399, 30, 29):
        line = Event.objects.create(user=owner.user, type=Event.Type.FAILED)
        then = timezone.now() - timedelta(days=days, minutes=1)
        super(EventQuerySet, Event.objects.filter(pk=line.pk)).update(created_at=then)
    return Event.objects.order_by("pk")


def test_the_history_stays_unless_it_is_said_for_how_long(manage, lines):
    manage("totp_prune", "--days=0")

    assert lines.count() == 5


def test_what_happened_longer_ago_than_asked_for_is_removed(manage, lines):
    facts = manage("totp_prune", "--history-days=399", "--json").json
    outcome = manage("totp_prune", "--history-days=30")

    assert facts["events"] == 2
    assert outcome.output.endswith("Deleted: history: 1.\n")
    assert lines.count() == 2


def test_pruning_the_history_tells_how_far_it_is(manage, lines, monkeypatch):
    monkeypatch.setattr(operating.time, "monotonic", iter(range(1000)).__next__)

    shown = manage("totp_prune", "--history-days=1", "--batch=4", errors=Terminal()).errors

    assert "\rDeleted: history: 3." in shown
    assert "\rDeleted: history: 4." in shown
    assert shown.endswith(" \r")


@pytest.mark.parametrize(
    "option", ["--days=-1", "--days=4000", "--batch=0", "--history-days=0", "--history-days=40000"]
)
def test_prune_has_bounds(manage, option):
    assert manage("totp_prune", option).code == 1


def test_progress_is_shown_on_a_terminal_and_wiped_at_the_end(manage, owner, roll_in, monkeypatch):
    monkeypatch.setattr(operating.time, "monotonic", iter(range(1000)).__next__)
    roll_in()

    shown = manage("totp_keys", "reencrypt", "--batch=4", errors=Terminal()).errors

    assert "\rsecrets: 1, backup codes: 0\rsecrets: 1, backup codes: 4" in shown
    assert shown.endswith("\r" + " " * len("secrets: 1, backup codes: 10") + "\r")


def test_progress_is_not_shown_too_often_nor_in_a_log_nor_when_told_to_be_quiet(
    manage, owner, bob, roll_in, monkeypatch
):
    monkeypatch.setattr(operating.time, "monotonic", lambda: 7.0)
    roll_in()

    log = manage("totp_report", "--missing", "--json").errors
    often = manage("totp_keys", "reencrypt", "--batch=4", errors=Terminal()).errors
    report = manage("totp_report", "--missing", "--json", errors=Terminal()).errors
    quiet = manage("totp_prune", "--verbosity=0", errors=Terminal()).errors

    assert often.count("\r") == 3
    assert report.startswith("\r1 users")
    assert quiet == log == ""
