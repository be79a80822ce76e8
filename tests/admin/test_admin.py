"""Django's admin: for looking, and at nothing secret."""

import pytest

from ninja_totp.models import Account, BackupCode
from ninja_totp.services import verify_backup_code

LIST = "/admin/ninja_totp/account/"


def test_the_list_shows_who_has_an_authenticator_and_how_many_codes(staff, owner):
    verify_backup_code(owner.user, owner.backup_codes[0])

    page = staff.get(LIST).content.decode()

    assert "ada@example.org" in page
    assert "9/10" in page


@pytest.mark.parametrize("path", ["", "{pk}/change/"])
def test_no_page_shows_a_ciphertext_or_a_secret(staff, owner, path):
    page = staff.get(LIST + path.format(pk=owner.user.pk)).content.decode()

    code = BackupCode.objects.first()
    hidden = [owner.totp.secret, owner.authenticator.secret, code.ciphertext, str(code.pk)]
    assert "ada" in page
    assert [text for text in hidden if text in page] == []


def test_users_are_found_by_their_name(staff, owner):
    found = staff.get(LIST, {"q": "ada"}).content.decode()
    missed = staff.get(LIST, {"q": "grace"}).content.decode()

    assert "1 account" in found
    assert "0 accounts" in missed


@pytest.mark.parametrize("path", ["add/", "{pk}/delete/"])
def test_nothing_can_be_made_or_removed(staff, owner, path):
    answer = staff.get(LIST + path.format(pk=owner.user.pk))

    assert answer.status_code == 403


def test_nothing_can_be_changed(staff, owner):
    answer = staff.post(f"{LIST}{owner.user.pk}/change/", {"failures": 0})

    assert answer.status_code == 403


def test_the_list_offers_no_action_that_removes(staff, owner):
    staff.post(LIST, {"action": "delete_selected", "_selected_action": owner.user.pk, "post": "y"})

    assert Account.objects.filter(pk=owner.user.pk).exists()


def test_a_user_can_be_deleted_with_the_authenticator(staff, owner):
    answer = staff.post(f"/admin/auth/user/{owner.user.pk}/delete/", {"post": "yes"})

    assert answer.status_code == 302
    assert not Account.objects.filter(pk=owner.user.pk).exists()
