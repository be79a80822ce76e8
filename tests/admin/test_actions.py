"""Reset and unlock in the admin: asked for, reasoned, recorded, and only by those who may."""

import logging
import re

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission

from ninja_totp.admin import actions
from ninja_totp.core.errors import Locked
from ninja_totp.models import Account
from ninja_totp.services import is_totp_enabled, reset_totp, verify_totp_code
from tests.support.cast import new_user

LIST = "/admin/ninja_totp/account/"
REASON = "lost the phone, called back"


def ask(browser, action, *users, **more):
    """Choose `users` in the list and pick an action."""
    data = {"action": action, "_selected_action": [user.pk for user in users]}
    return browser.post(LIST, data | more)


def confirm(browser, action, *users, reason=REASON, follow=True):
    """Answer the question with a reason, as its page would."""
    data = {
        "action": action,
        "_selected_action": [user.pk for user in users],
        "confirmed": "yes",
        "reason": reason,
    }
    return browser.post(LIST, data, follow=follow)


def offered(browser):
    """The actions that the list offers."""
    page = browser.get(LIST).content.decode()
    return set(re.findall(r'<option value="(\w+)">', page)) - {""}


@pytest.fixture
def locked(owner):
    """Ada, after five wrong codes."""
    for _ in range(5):
        verify_totp_code(owner.user, owner.authenticator.wrong_code())
    return owner


@pytest.mark.parametrize(
    ("permissions", "actions"),
    [
        (["view_account"], set()),
        (["view_account", "change_account", "delete_account"], set()),
        (["view_account", "unlock_totp"], {"unlock"}),
        (["view_account", "reset_totp"], {"reset_two_factor"}),
    ],
)
def test_an_action_is_offered_to_those_who_may(member_with, owner, permissions, actions):
    assert offered(member_with(*permissions)) == actions


@pytest.mark.parametrize("action", ["reset_two_factor", "unlock"])
@pytest.mark.parametrize("permissions", [["view_account"], ["view_account", "change_account"]])
def test_who_may_not_cannot_by_hand_either(member_with, locked, permissions, action):
    confirm(member_with(*permissions), action, locked.user)

    assert is_totp_enabled(locked.user)
    assert Account.objects.get().failures == 5
    assert not LogEntry.objects.exists()


@pytest.mark.parametrize("action", ["reset_two_factor", "unlock"])
def test_who_may_not_look_cannot_act(member_with, locked, action):
    answer = confirm(member_with("reset_totp", "unlock_totp"), action, locked.user)

    assert answer.status_code == 403
    assert Account.objects.get().failures == 5


@pytest.mark.parametrize("action", ["reset_two_factor", "unlock"])
def test_a_question_comes_first(staff, locked, action):
    answer = ask(staff, action, locked.user)

    page = answer.content.decode()
    assert 'name="reason"' in page
    assert "<li>ada" in page
    assert Account.objects.get().failures == 5
    assert is_totp_enabled(locked.user)


@pytest.mark.parametrize("reason", ["", "   ", "x" * 201])
def test_without_a_reason_nothing_is_done(staff, owner, reason):
    answer = confirm(staff, "reset_two_factor", owner.user, reason=reason)

    assert "errorlist" in answer.content.decode()
    assert is_totp_enabled(owner.user)
    assert not LogEntry.objects.exists()


def test_a_reset_takes_the_factor_off(staff, owner, other):
    answer = confirm(staff, "reset_two_factor", owner.user)

    assert "Reset two-factor authentication: 1 user." in answer.content.decode()
    assert not is_totp_enabled(owner.user)
    assert is_totp_enabled(other.user)


def test_an_unlocked_user_gets_in(staff, locked):
    with pytest.raises(Locked):
        verify_totp_code(locked.user, locked.authenticator.code())

    confirm(staff, "unlock", locked.user)

    assert verify_totp_code(locked.user, locked.authenticator.code())


@pytest.mark.parametrize(
    ("action", "title"),
    [("reset_two_factor", "Reset two-factor authentication"), ("unlock", "Unlock")],
)
def test_the_admin_records_it_for_each_user(staff, owner, other, action, title):
    confirm(staff, action, owner.user, other.user)

    entries = LogEntry.objects.values_list("user__username", "object_id", "change_message")
    users = {str(one.user.pk) for one in (owner, other)}
    assert set(entries) == {("admin", pk, f"{title}: {REASON}") for pk in users}


@pytest.mark.parametrize("action", ["reset_two_factor", "unlock"])
def test_so_does_the_log(staff, admin_user, owner, caplog, action):
    caplog.set_level(logging.INFO, "ninja_totp")

    confirm(staff, action, owner.user)

    lines = [line for line in caplog.messages if f"user={owner.user.pk} by=" in line]
    assert len(lines) == 1
    assert lines[0].endswith(f"by='admin {admin_user.pk}' reason={REASON!r}")


def test_the_history_of_an_authenticator_shows_it(staff, owner):
    confirm(staff, "unlock", owner.user)

    page = staff.get(f"{LIST}{owner.user.pk}/history/").content.decode()

    assert f"Unlock: {REASON}" in page


def test_what_cannot_be_reset_is_left_and_told(staff, owner, other):
    reset_totp(owner.user, actor="somebody else", reason="a moment ago")

    answer = confirm(staff, "reset_two_factor", owner.user, other.user)

    page = answer.content.decode()
    assert "Reset two-factor authentication: 1 user." in page
    assert "1 user was skipped." in page
    assert list(LogEntry.objects.values_list("object_id", flat=True)) == [str(other.user.pk)]


@pytest.mark.parametrize("action", ["reset_two_factor", "unlock"])
def test_a_stolen_session_does_not_rid_its_owner_of_the_phone(member_with, locked, action):
    """Staff whose session is in somebody else's hands, and who may reset others."""
    browser = member_with("view_account")
    locked.user.is_staff = True
    locked.user.save()
    locked.user.user_permissions.set(
        Permission.objects.filter(content_type__app_label="ninja_totp")
    )
    browser.force_login(locked.user)

    question = ask(browser, action, locked.user).content.decode()
    answer = confirm(browser, action, locked.user)

    assert "will be skipped" in question
    assert "1 user was skipped." in answer.content.decode()
    assert is_totp_enabled(locked.user)
    assert Account.objects.get().failures == 5


@pytest.mark.parametrize("action", ["reset_two_factor", "unlock"])
def test_only_a_superuser_acts_on_a_superuser(member_with, staff, locked, action):
    locked.user.is_superuser = True
    locked.user.save()

    confirm(member_with("view_account", "reset_totp", "unlock_totp"), action, locked.user)
    refused = Account.objects.get().version
    confirm(staff, action, locked.user)

    assert is_totp_enabled(locked.user) == (action == "unlock")
    assert Account.objects.get().version == refused + 1


@pytest.mark.parametrize("confirmed", [{}, {"confirmed": "yes", "reason": REASON}])
def test_nobody_resets_the_whole_table(staff, owner, other, confirmed):
    answer = ask(staff, "reset_two_factor", owner.user, select_across="1", **confirmed)

    assert answer.status_code == 302
    assert is_totp_enabled(owner.user)
    assert is_totp_enabled(other.user)
    assert "at most 100" in staff.get(LIST).content.decode()


def test_the_question_takes_as_many_statements_for_ten_as_for_one(
    staff, owner, django_user_model, django_assert_num_queries
):
    users = [new_user(django_user_model, f"user-{number}") for number in range(10)]
    Account.objects.bulk_create(Account(user=user) for user in users)

    # Session and user of the browser; the list's count, page, authenticators and codes; who was
    # chosen, and their authenticators.
    for chosen in ([owner.user], users):
        with django_assert_num_queries(8):
            ask(staff, "unlock", *chosen)


def test_as_many_as_are_allowed_at_once_are_not_too_many(
    staff, owner, django_user_model, monkeypatch
):
    monkeypatch.setattr(actions, "MOST_AT_ONCE", 3)
    users = [new_user(django_user_model, f"user-{number}") for number in range(2)]
    Account.objects.bulk_create(Account(user=user, failures=7) for user in users)

    confirm(staff, "unlock", owner.user, *users)

    assert LogEntry.objects.count() == 3
    assert not Account.objects.filter(failures__gt=0).exists()


def test_nor_a_hundred_and_one_by_hand(staff, owner, django_user_model):
    users = [new_user(django_user_model, f"user-{number}") for number in range(100)]
    Account.objects.bulk_create(Account(user=user) for user in users)

    confirm(staff, "unlock", owner.user, *users)

    assert not LogEntry.objects.exists()


def test_the_question_is_answered_on_the_site_alone(staff, owner):
    """A page elsewhere makes the browser post the answer: without the token it is refused."""
    staff.handler.enforce_csrf_checks = True

    answer = confirm(staff, "reset_two_factor", owner.user)

    assert answer.status_code == 403
    assert is_totp_enabled(owner.user)
