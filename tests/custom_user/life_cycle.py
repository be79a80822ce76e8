"""The life cycle on the user model and the databases of one variant.

Not collected by itself: `test_custom_users.py` runs it under the settings of each variant.
"""

import io
import json
from urllib.parse import quote

import pytest
from django.contrib.admin import AdminSite
from django.contrib.auth.base_user import AbstractBaseUser
from django.core.management import CommandError, call_command
from django.db import router
from django.urls import get_resolver

from ninja_totp.admin import AccountAdmin
from ninja_totp.emails import disabled_message, notice_message, recovery_message
from ninja_totp.models import Account, BackupCode, Challenge
from tests.support.credentials import Bearer, Browser
from tests.support.doors import NinjaDoor
from tests.support.people import Person

pytestmark = pytest.mark.django_db(databases="__all__")


def test_from_enrolling_to_switching_off(door, ada):
    ada.enrol()
    verified = ada.log_in_with_code()
    rotated = door.post("totp/rotate_backup_codes/", credential=verified)
    by_backup_code = ada.answer_challenge(
        ada.challenge(), backup_code=rotated.json["backup_codes"][0]
    )
    ada.secret = door.post("totp/replace/", credential=verified).json["secret"]
    confirmed = Bearer(ada.confirm(verified).json["access"])
    stepped_up = door.post("totp/verify/", {"otp_code": ada.next_code()}, confirmed)
    disabled = door.post("totp/disable/", credential=Bearer(stepped_up.json["access"]))

    assert by_backup_code.json["backup_codes_remaining"] == 9
    assert disabled.status == 204
    assert ada.give_password().json["is_totp_enabled"] is False


def test_logging_in_by_session(clock, names):
    door, browser = NinjaDoor(), Browser()
    ada = Person(door, clock, names[0])
    ada.enrol()
    step = ada.give_password(path="session/create/", credential=browser).json

    body = {"totp_challenge_token": step["totp_challenge_token"], "otp_code": ada.next_code()}
    door.post("session/totp/verify/", body, browser)

    assert door.post("totp/disable/", credential=browser).status == 204


def test_the_authenticator_shows_the_name_that_the_user_signs_in_with(door, ada):
    answer = door.post("totp/create/", credential=ada.log_in())

    assert f":{quote(ada.name, safe='')}?" in answer.json["uri"]


def test_the_status_counts_what_is_the_users_own(door, ada, grace):
    verified = ada.enrol()
    grace.enrol()
    ada.answer_challenge(ada.challenge(), backup_code=ada.backup_codes[0])

    answer = door.get("totp/status/", verified)

    assert answer.json["backup_codes_remaining"] == 9


def test_nobody_uses_what_is_somebody_elses(door, ada, grace):
    ada.enrol()
    grace.enrol()

    by_code = ada.answer_challenge(ada.challenge(), otp_code=grace.next_code())
    by_backup_code = ada.answer_challenge(ada.challenge(), backup_code=grace.backup_codes[0])

    assert by_code.json["code"] == by_backup_code.json["code"] == "invalid_code"


def test_a_code_works_once(door, ada):
    ada.enrol()
    code = ada.next_code()

    first = ada.answer_challenge(ada.challenge(), otp_code=code)
    second = ada.answer_challenge(ada.challenge(), otp_code=code)

    assert first.status == 200
    assert second.json["code"] == "invalid_code"


def test_guessing_locks(door, ada):
    ada.enrol()
    for _ in range(5):
        ada.answer_challenge(ada.challenge(), otp_code=ada.wrong_code())

    answer = ada.answer_challenge(ada.challenge(), otp_code=ada.code(steps=1))

    assert answer.json["code"] == "locked"


def test_refreshing_finds_the_user(door, ada):
    ada.enrol()
    login = ada.answer_challenge(ada.challenge(), otp_code=ada.next_code())

    refreshed = door.post("jwt/refresh/", {"refresh": login.json["refresh"]})

    verified = Bearer(refreshed.json["access"])
    assert door.post("totp/disable/", credential=verified).status == 204


def test_an_unknown_name_is_refused_like_a_wrong_password(door, ada):
    field = type(ada.user).USERNAME_FIELD

    unknown = ada.give_password(**{field: "nobody@example.com"})
    wrong = ada.give_password(password="x")

    assert unknown.outcome == wrong.outcome


def test_a_name_may_come_as_its_column_has_it(door, ada):
    number = int(ada.name) if ada.name.isdigit() else ada.name

    answer = ada.give_password(**{type(ada.user).USERNAME_FIELD: number})

    assert answer.status == 200


def test_who_has_no_address_is_mailed_nothing(
    ada, settings, mailoutbox, django_capture_on_commit_callbacks
):
    settings.TOTP_NOTICES = ["enabled"]
    address = getattr(ada.user, "email", None)

    with django_capture_on_commit_callbacks(using=router.db_for_write(Account), execute=True):
        ada.enrol()

    assert [mail.to for mail in mailoutbox] == ([[address]] if address else [])


def test_the_mails_say_the_name_as_it_is_typed(ada, settings):
    settings.USE_THOUSAND_SEPARATOR = True

    mails = [
        notice_message("enabled", ada.user, "ada@example.com"),
        disabled_message(ada.user, "ada@example.com"),
        recovery_message(ada.user, "ada@example.com", "uid", "token"),
    ]

    assert [ada.name in mail.body for mail in mails] == [True] * 3


def test_a_deleted_user_gets_nowhere(door, ada):
    verified = ada.enrol()
    login = ada.answer_challenge(ada.challenge(), otp_code=ada.next_code()).json
    challenge = ada.challenge()

    ada.user.delete()

    second_step = ada.answer_challenge(challenge, otp_code=ada.next_code())
    refreshed = door.post("jwt/refresh/", {"refresh": login["refresh"]})
    assert ada.give_password().json["code"] == "invalid_credentials"
    assert second_step.json["code"] == "invalid_challenge"
    assert (refreshed.status, door.get("totp/status/", verified).status) == (401, 401)


def test_everything_goes_with_the_user(door, ada, grace):
    ada.enrol()
    grace.enrol()
    ada.challenge()

    super(AbstractBaseUser, ada.user).delete()

    primary = router.db_for_write(Account)
    for table in (Account, BackupCode, Challenge):
        left = table.objects.using(primary).values_list("user", flat=True)
        assert set(left) <= {grace.user.pk}


def test_no_other_database_is_written_to(door, ada, databases):
    ada.enrol()
    ada.challenge()

    with_rows = [
        alias
        for alias in databases
        if router.allow_migrate_model(alias, Account) and Account.objects.using(alias).exists()
    ]

    assert with_rows == [router.db_for_write(Account)]


def test_an_operator_finds_a_user_by_name_and_by_key(door, ada, grace):
    ada.enrol()

    assert [said(whom) for whom in ({"name": ada.name}, {"key": str(ada.user.pk)})] == [
        (ada.name, True)
    ] * 2
    assert said({"name": grace.name}) == (grace.name, False)


def said(whom):
    output = io.StringIO()
    words = [whom["name"]] if "name" in whom else [f"--key={whom['key']}"]
    call_command("totp_status", *words, json=True, stdout=output)
    status = json.loads(output.getvalue())
    return status["name"], status["is_enabled"]


@pytest.mark.parametrize("whom", ["nobody@example.com", "--key=nobody@example.com", "--key=\0"])
def test_an_operator_is_told_of_a_user_who_does_not_exist(door, ada, whom):
    with pytest.raises(CommandError, match="There is no user"):
        call_command("totp_status", whom)


def test_an_operator_resets_and_unlocks(door, ada):
    ada.enrol()
    ada.fail(5)
    call_command("totp_unlock", ada.name, reason="called", stdout=io.StringIO())
    unlocked = ada.answer_challenge(ada.challenge(), otp_code=ada.next_code())

    call_command("totp_reset", ada.name, reason="lost", interactive=False, stdout=io.StringIO())

    assert unlocked.status == 200
    assert ada.give_password().json["is_totp_enabled"] is False


def test_an_operator_counts_who_is_enrolled(door, ada, grace):
    ada.enrol()
    output = io.StringIO()

    call_command("totp_report", json=True, stdout=output)

    assert json.loads(output.getvalue())["audiences"][-1] == {
        "audience": "all",
        "users": 2,
        "enrolled": 1,
        "not_enrolled": 1,
    }


def test_an_operator_may_name_the_database(door, ada, databases):
    primary = router.db_for_write(Account)
    with_users = [alias for alias in databases if router.allow_migrate_model(alias, type(ada.user))]

    call_command("totp_status", ada.name, database=primary, stdout=io.StringIO())
    for alias in {*with_users} - {primary}:
        with pytest.raises(CommandError, match="There is no user"):
            call_command("totp_status", ada.name, database=alias)


def test_staff_find_a_user_by_name_and_by_key(door, ada, grace, rf):
    ada.enrol()
    grace.enrol()
    page, rows = (
        AccountAdmin(Account, AdminSite()),
        Account.objects.using(router.db_for_write(Account)),
    )

    found = [
        list(page.get_search_results(rf.get("/"), rows, text)[0].values_list("pk", flat=True))
        for text in (ada.name.upper()[:-1], str(grace.user.pk), "nobody", "")
    ]

    assert found[:3] == [[ada.user.pk], [grace.user.pk], []]
    assert len(found[3]) == 2


def test_the_migrations_fit_the_user_model():
    call_command("makemigrations", "ninja_totp", check=True, dry_run=True, verbosity=0)


def test_the_system_checks_find_nothing(databases):
    call_command("check", databases=databases, fail_level="WARNING")


def test_no_view_of_rest_framework_runs_in_a_transaction_of_its_request(databases):
    views = [
        pattern.callback
        for urls in get_resolver().url_patterns[1:]
        for pattern in urls.url_patterns
    ]

    assert views
    assert all(view._non_atomic_requests >= set(databases) for view in views)
