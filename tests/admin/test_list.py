"""The list: what it shows, how it is searched and narrowed down, and what it costs."""

import re
import uuid
from datetime import timedelta

import pytest
from django.contrib import admin
from django.contrib.auth.models import User
from django.db import connection
from django.db.models import UUIDField
from django.utils import timezone

from ninja_totp.admin import listing
from ninja_totp.core.encryption import KeyRing, new_key
from ninja_totp.models import Account, Authenticator, BackupCode
from ninja_totp.services import (
    disable_totp,
    replace_totp,
    verify_backup_code,
    verify_totp_code,
)
from tests.support.breadth import breadth

LIST = "/admin/ninja_totp/account/"
# Of the number of many users: ten thousand are counted, and then there are ten others.
PLACES = breadth(4, thorough=5)


def members(number, *, start=0):
    """Enrolled users with ten codes each, as fast as the database takes them."""
    users = User.objects.bulk_create(
        User(username=f"member-{n}", email=f"m{n}@example.com")
        for n in range(start, start + number)
    )
    accounts = Account.objects.bulk_create(Account(user=user) for user in users)
    Authenticator.objects.bulk_create(
        Authenticator(account=account, secret="sealed", key_id="0" * 8, confirmed_at=timezone.now())
        for account in accounts
    )
    BackupCode.objects.bulk_create(
        BackupCode(fingerprint=uuid.uuid4(), user=user) for user in users for _ in range(10)
    )


RANDOM_ID = {
    "sqlite": "lower(hex(randomblob(16)))",
    "postgresql": "gen_random_uuid()",
    "mysql": "UUID()",
}


def copied(model, key, value, source):
    """Copy rows within the database, `key` taken from `value` and the rest from the row `o`.

    Numbers that are keys are the database's, ids that are random are drawn by it.
    """
    quoted = connection.ops.quote_name
    table = model._meta.db_table
    kept = [one.column for one in model._meta.fields if one.column not in (key, "id")]
    if isinstance(model._meta.pk, UUIDField):
        key, value = f"{key}, id", f"{value}, {RANDOM_ID[connection.vendor]}"
    columns = ", ".join([key, *map(quoted, kept)])
    old = ", ".join(f"o.{quoted(column)}" for column in kept)
    rows = f"SELECT {value}, {old} FROM {table} AS o, {source}"  # noqa: S608 -- of this module alone
    with connection.cursor() as cursor:
        cursor.execute(f"INSERT INTO {table} ({columns}) {rows}")


def many_like(user):
    """Enrol more users than the list counts, without codes, in three statements."""
    digits = " UNION ALL ".join(f"SELECT {digit} AS d" for digit in range(10))
    tables = ", ".join(f"({digits}) AS t{place}" for place in range(PLACES))
    number = " + ".join(f"t{place}.d * {10**place}" for place in range(PLACES))
    copied(User, "username", number, f"{tables} WHERE o.id = {user.pk}")
    new = f"{User._meta.db_table} AS u WHERE u.email = '{user.email}' AND u.id <> {user.pk}"
    copied(Account, "user_id", "u.id", f"{new} AND o.user_id = {user.pk}")
    copied(Authenticator, "account_id", "u.id", f"{new} AND o.account_id = {user.pk}")


def names(browser, **query):
    page = browser.get(LIST, query).content.decode()
    return [name for name in ("ada", "bob") if f">{name}<" in page]


def test_a_locked_user_is_shown_with_the_end_of_the_lock(staff, owner):
    for _ in range(5):
        verify_totp_code(owner.user, owner.authenticator.wrong_code())

    burst = staff.get(LIST).content.decode()
    Account.objects.update(failures=100)
    for_good = staff.get(LIST).content.decode()

    assert "Jan. 15, 2027, 9 a.m." in burst  # 30 seconds after nine
    assert "staff unlock it" in for_good
    assert "staff unlock it" not in burst


def test_the_page_of_one_says_all_that_an_operator_may_know(staff, owner, clock):
    verify_backup_code(owner.user, owner.backup_codes[0])
    Account.objects.update(backup_failures=100)
    Authenticator.objects.update(last_step=clock.now() // 30 + 11)

    page = staff.get(f"{LIST}{owner.user.pk}/change/").content.decode()

    assert "9/10" in page
    assert "staff unlock it" in page
    assert f"1: {owner.totp.key_id}" in page
    assert "A code from 300 seconds in the future was used" in page


def test_the_authenticators_of_one_are_shown_by_name(staff, owner, clock):
    owner.with_another("Ada's <b>tablet</b>")

    page = staff.get(f"{LIST}{owner.user.pk}/change/").content.decode()

    assert "Authenticator app, Ada&#x27;s &lt;b&gt;tablet&lt;/b&gt;" in page
    assert "<b>tablet" not in page


@pytest.mark.parametrize("first", ["Authenticator app", "Tablet"])
def test_the_oldest_authenticator_is_named_first(staff, owner, clock, first):
    owner.with_another()
    rows = Authenticator.objects.filter(account=owner.user.pk)
    rows.filter(name=first).update(confirmed_at=timezone.now() - timedelta(days=1))

    page = staff.get(f"{LIST}{owner.user.pk}/change/").content.decode()

    second = "Tablet" if first == "Authenticator app" else "Authenticator app"
    assert f"{first}, {second}" in page


def test_a_right_clock_needs_no_remark(staff, owner):
    page = staff.get(f"{LIST}{owner.user.pk}/change/").content.decode()

    assert "in the future" not in page
    assert ">None<" not in page


def test_a_key_that_is_missing_is_pointed_out(staff, owner, settings):
    settings.TOTP_ENCRYPTION_KEY = "YW5vdGhlci1rZXktb2YtdGhlLXRlc3Qtc3VpdGUtISE="

    assert f"{owner.totp.key_id} (not in the settings)" in staff.get(LIST).content.decode()


def test_users_are_found_by_name_by_address_and_by_key(staff, owner, other):
    assert names(staff, q="ad") == ["ada"]
    assert names(staff, q="bob@example") == ["bob"]
    assert names(staff, q=str(other.user.pk)) == ["bob"]
    assert names(staff, q="nobody") == names(staff, q="9" * 30) == []


def test_a_wrong_backup_code_is_a_failure_too(staff, owner, other):
    verify_backup_code(owner.user, "0000-0000-0000-0000-0000-0000")

    assert (names(staff, failed="yes"), names(staff, failed="no")) == (["ada"], ["bob"])


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"in_use": "yes"}, ["ada"]),
        ({"in_use": "no"}, ["bob"]),
        ({"failed": "yes"}, ["ada"]),
        ({"failed": "no"}, ["bob"]),
        ({"key": "missing"}, []),
        ({"key": "0" * 8}, []),
        ({"in_use": "yes", "failed": "no"}, []),
        ({}, ["ada", "bob"]),
    ],
)
def test_the_list_can_be_narrowed_down(staff, owner, other, query, expected):
    verify_totp_code(owner.user, owner.authenticator.wrong_code())
    disable_totp(other.user)

    assert names(staff, **query) == expected


def test_the_key_filter_looks_at_what_is_in_use(staff, owner, other, settings):
    old, new = owner.totp.key_id, new_key()
    settings.TOTP_ENCRYPTION_KEY = [new, settings.TOTP_ENCRYPTION_KEY]
    replace_totp(owner.user)

    assert names(staff, key=old) == ["ada", "bob"]
    assert names(staff, key=KeyRing([new]).current_key_id) == []
    settings.TOTP_ENCRYPTION_KEY = settings.TOTP_ENCRYPTION_KEY[1]
    assert names(staff, key="missing") == []


def test_the_key_filter_offers_the_keys_of_the_settings(staff, owner, other, settings):
    old = owner.totp.key_id
    settings.TOTP_ENCRYPTION_KEY = [
        "YW5vdGhlci1rZXktb2YtdGhlLXRlc3Qtc3VpdGUtISE=",
        settings.TOTP_ENCRYPTION_KEY,
    ]

    page = staff.get(LIST).content.decode()

    assert f"?key={old}" in page
    assert names(staff, key=old) == ["ada", "bob"]
    settings.TOTP_ENCRYPTION_KEY = settings.TOTP_ENCRYPTION_KEY[0]
    assert names(staff, key="missing") == ["ada", "bob"]


@pytest.mark.parametrize("query", [{}, {"q": "member"}, {"in_use": "no"}, {"key": "missing"}])
def test_the_list_takes_the_same_statements_for_ten_and_for_many(
    staff, db, query, django_assert_num_queries
):
    members(10)
    # Session and user of the browser; count, page, and the authenticators and codes of the page.
    with django_assert_num_queries(6):
        staff.get(LIST, query)
    members(300, start=10)

    with django_assert_num_queries(6):
        staff.get(LIST, query | {"p": "2"})


def test_more_than_are_counted_take_the_same_statements_as_ten(
    staff, owner, django_assert_num_queries
):
    members(9)
    with django_assert_num_queries(6) as few:
        staff.get(LIST)
    many_like(owner.user)

    with django_assert_num_queries(6) as many:
        page = staff.get(LIST).content.decode()

    shapes = [[re.sub(r"[0-9]+", "N", one["sql"])[:200] for one in seen] for seen in (few, many)]
    assert shapes[0] == shapes[1]
    assert Account.objects.count() == 10**PLACES + 10
    assert "Only the first 10000 are shown." in page


def test_no_row_is_counted_beyond_the_bound(staff, db, monkeypatch, django_assert_num_queries):
    monkeypatch.setattr(listing, "MOST_COUNTED", 150)
    members(160)

    with django_assert_num_queries(6) as statements:
        page = staff.get(LIST, {"p": "2"}).content.decode()

    (counting,) = [one["sql"] for one in statements if "COUNT(*)" in one["sql"]]
    assert "LIMIT 151" in counting
    assert "auth_user" not in counting
    assert "150 accounts" in page
    assert "are shown. Search or filter" in page


def test_where_every_row_was_counted_nothing_is_said_of_more(staff, owner):
    assert "are shown" not in staff.get(LIST).content.decode()


def test_the_list_loads_no_ciphertext(staff, owner, django_assert_num_queries):
    with django_assert_num_queries(6) as statements:
        staff.get(LIST)

    assert [
        one for one in statements if '"secret"' in one["sql"] or "ciphertext" in one["sql"]
    ] == []


def test_a_user_without_an_address_is_shown_all_the_same(staff, owner, monkeypatch):
    monkeypatch.setattr(User, "EMAIL_FIELD", "fax")

    page = staff.get(LIST).content.decode()
    detail = staff.get(f"{LIST}{owner.user.pk}/change/").content.decode()

    assert ">ada<" in page
    assert "column-email" not in page
    assert "field-email" not in detail
    assert names(staff, q="ada") == ["ada"]


def test_a_number_finds_a_key_and_what_contains_it(staff, owner, other):
    other.user.email = f"bob{owner.user.pk}@example.org"
    other.user.save()

    assert names(staff, q=str(owner.user.pk)) == ["ada", "bob"]


def test_users_without_a_name_in_letters_are_found_by_key(staff, owner, other, monkeypatch):
    monkeypatch.setattr("ninja_totp.admin.accounts.text_fields", lambda: ())

    request = staff.get(LIST, {"q": str(other.user.pk)}).wsgi_request
    page, rows = admin.site._registry[Account], Account.objects.all()

    assert list(page.get_search_results(request, rows, str(other.user.pk))[0]) == [other.account]
    assert list(page.get_search_results(request, rows, "ada")[0]) == []
    assert len(page.get_search_results(request, rows, "")[0]) == 2
