"""What has happened to a factor, on the page of the authenticator."""

import re

import pytest

from ninja_totp.admin.accounts import MOST_EVENTS
from ninja_totp.models import Event
from ninja_totp.services import verify_backup_code

LIST = "/admin/ninja_totp/account/"
EVERY_TYPE = list(Event.Type)


def page_of(browser, owner):
    return browser.get(f"{LIST}{owner.user.pk}/change/").content.decode()


def rows_in(page):
    """The cells of each row of the history, the first row being the headings."""
    (table,) = re.findall(r'<table id="totp-history".*?</table>', page, flags=re.DOTALL)
    rows = re.findall(r"<tr>(.*?)</tr>", table, flags=re.DOTALL)
    return [re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row) for row in rows]


def write(user, number, **fields):
    Event.objects.bulk_create(Event(user=user, type="failed", **fields) for _ in range(number))


def test_the_newest_line_is_the_first_and_says_what_happened(staff, owner):
    verify_backup_code(owner.user, owner.backup_codes[0])

    headings, newest, *older = rows_in(page_of(staff, owner))

    assert headings == ["Time", "What happened", "Method", "API"]
    assert newest[1:] == ["backup code used", "backup code", ""]
    assert [row[1] for row in older] == ["two-factor authentication turned on: Authenticator app"]


def test_the_history_is_that_of_the_owner_alone(staff, owner, other):
    Event.objects.all().delete()
    write(other.user, 1)

    assert "No events yet." in page_of(staff, owner)


def test_addresses_are_shown_where_the_site_keeps_them(staff, owner):
    write(owner.user, 1, address="203.0.113.7", door="drf", method="otp")

    headings, newest, *_ = rows_in(page_of(staff, owner))

    assert headings[-1] == "IP address"
    assert newest[1:] == ["wrong code", "code", "drf", "203.0.113.7"]


@pytest.mark.parametrize("kind", EVERY_TYPE)
def test_every_type_is_put_into_words(staff, owner, kind):
    Event.objects.create(user=owner.user, type=kind)

    assert rows_in(page_of(staff, owner))[1][1] == kind.label


def test_the_page_takes_the_same_statements_for_few_lines_and_for_many(
    staff, owner, django_assert_num_queries
):
    page_of(staff, owner)  # the first page of a process looks up the type of its content, too
    # Session and user of the browser; account, authenticators, user, codes, history.
    with django_assert_num_queries(7):
        short = page_of(staff, owner)
    write(owner.user, 500)

    with django_assert_num_queries(7):
        long = page_of(staff, owner)

    assert "Only the latest events are shown." not in short
    assert "Only the latest events are shown." in long
    assert len(rows_in(long)) == 1 + MOST_EVENTS


@pytest.mark.parametrize(("number", "has_more"), [(MOST_EVENTS, False), (MOST_EVENTS + 1, True)])
def test_older_lines_are_told_of_where_there_are_some(staff, owner, number, has_more):
    Event.objects.all().delete()
    write(owner.user, number)

    page = page_of(staff, owner)

    assert len(rows_in(page)) == 1 + MOST_EVENTS
    assert ("Only the latest events are shown." in page) is has_more


def test_staff_see_it_by_a_permission_of_its_own(member_with, owner):
    blind = page_of(member_with("view_account"), owner)

    assert "ada" in blind
    assert "two-factor authentication turned on" not in blind


def test_staff_with_the_permission_see_it(member_with, owner):
    page = page_of(member_with("view_account", "view_event"), owner)

    assert "two-factor authentication turned on" in page


def test_the_permission_to_see_lines_opens_no_authenticator(member_with, owner):
    answer = member_with("view_event").get(f"{LIST}{owner.user.pk}/change/")

    assert answer.status_code == 403


def test_a_line_cannot_steer_the_page(staff, owner):
    write(owner.user, 1, door="<b>", method="<i>")

    assert rows_in(page_of(staff, owner))[1][2:] == ["&lt;i&gt;", "&lt;b&gt;"]
