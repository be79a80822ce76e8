"""Who may only look at the admin's lists reads nothing out of columns that they do not show.

The attack: `?secret__startswith=a` answers one question about a hidden column, and enough of such
questions spell the column out.
"""

import json

import pytest
from django.contrib import admin
from django.core import serializers
from django.http import HttpResponse

from ninja_totp.models import Account, Authenticator, BackupCode
from ninja_totp.services import create_totp_setup

LIST = "/admin/ninja_totp/account/"
USERS = "/admin/auth/user/"
SHOWN = {"user", "confirmed_at"}
LOOKUPS = ["startswith", "regex", "contains", "gt", "in", "exact", "isnull", "length__gt"]


def hidden_columns(model):
    return sorted({field.name for field in model._meta.concrete_fields} - SHOWN)


def spelled_out(ask, column, known, alphabet):
    """What an attacker knows of a column after asking for each letter in turn."""
    for _ in range(4):
        found = [letter for letter in alphabet if ask({f"{column}__startswith": known + letter})]
        if len(found) != 1:
            return known
        known += found[0]
    return known


@pytest.mark.parametrize("is_pending", [False, True])
def test_a_viewer_cannot_spell_out_a_ciphertext(viewer, owner, bob, is_pending):
    create_totp_setup(bob)
    sealed = Authenticator.objects.get(confirmed_at__isnull=is_pending).secret
    letters = sorted(set(sealed))

    def ask(question):
        return b"1 account" in viewer.get(LIST, question).content

    assert spelled_out(ask, "authenticators__secret", sealed[:20], letters) == sealed[:20]


@pytest.mark.parametrize(
    "columns",
    [
        hidden_columns(Account),
        [f"authenticators__{field.name}" for field in Authenticator._meta.concrete_fields],
    ],
    ids=["of the account", "of its authenticators"],
)
def test_no_column_that_is_not_shown_can_be_asked_for(viewer, owner, columns):
    questions = [f"{column}__{lookup}" for column in columns for lookup in LOOKUPS]

    answers = {question: viewer.get(LIST, {question: "1"}) for question in questions}

    assert {name for name, answer in answers.items() if answer.status_code != 400} == set()


@pytest.mark.parametrize(
    "lookup",
    [
        "secret",
        "authenticators",
        "authenticators__secret",
        "user__password__startswith",
        "user__ninja_totp__authenticators__secret__startswith",
        "user__ninja_totp_backup_codes__ciphertext__startswith",
        "user__ninja_totp_backup_codes__fingerprint__gt",
        "user__ninja_totp_challenges__digest__startswith",
        "user__ninja_totp_trusted_devices__digest__startswith",
    ],
)
def test_neither_can_what_belongs_to_the_user(viewer, owner, lookup):
    answer = viewer.get(LIST, {lookup: "1"})

    assert answer.status_code == 400


@pytest.mark.parametrize("hidden", ["authenticators__secret", "secret", "key_id", "version"])
@pytest.mark.parametrize("path", ["", "{pk}/change/", "{value}/change/"])
def test_no_row_is_found_by_a_hidden_column(viewer, owner, path, hidden):
    value = getattr(owner.account if hidden == "version" else owner.totp, hidden.split("__")[-1])
    path = path.format(pk=owner.user.pk, value=value)

    answer = viewer.get(LIST + path, {"_to_field": hidden, "_popup": "1"})

    assert answer.status_code in (400, 404)


def test_the_search_does_not_look_into_hidden_columns(viewer, owner):
    hidden = [owner.totp.secret, owner.totp.key_id, owner.user.password]

    pages = [viewer.get(LIST, {"q": text[:40]}).content.decode() for text in hidden]

    assert [page for page in pages if "0 accounts" not in page] == []


def test_the_list_is_not_sorted_by_a_hidden_column(viewer, owner, other):
    Authenticator.objects.filter(account=owner.user.pk).update(secret="a")
    Authenticator.objects.filter(account=other.user.pk).update(secret="b")

    column = "authenticators__secret"
    pages = [viewer.get(LIST, {"o": o}).content.decode() for o in (column, f"-{column}", "99")]

    assert len({page.index("ada@") < page.index("bob@") for page in pages}) == 1


@pytest.mark.parametrize("popup", [{}, {"_popup": "1"}])
def test_an_export_that_the_site_offers_everywhere_is_not_offered_here(
    staff, owner, monkeypatch, popup
):
    def export(_, __, queryset):
        return HttpResponse(serializers.serialize("json", queryset))

    monkeypatch.setitem(admin.site._actions, "export", export)

    query = "?" + "&".join(f"{name}={value}" for name, value in popup.items())
    data = {"action": "export", "_selected_action": owner.user.pk}
    answer = staff.post(LIST + query, data)
    of_users = staff.post(USERS, data)

    assert json.loads(of_users.content)[0]["fields"]["username"] == "ada"
    assert owner.totp.secret not in answer.content.decode()


@pytest.mark.parametrize(
    "lookup",
    [
        "ninja_totp__authenticators__secret__startswith",
        "ninja_totp__authenticators__key_id",
        "ninja_totp__failures_password__startswith",
        "ninja_totp_backup_codes__ciphertext__startswith",
        "ninja_totp_trusted_devices__digest__startswith",
    ],
)
def test_the_admin_of_users_is_no_way_round(viewer, owner, lookup):
    answer = viewer.get(USERS, {lookup: "g"})

    assert answer.status_code == 400


def test_the_links_of_the_filters_work(viewer, owner, ada):
    page = viewer.get(LIST).content.decode()

    shown = viewer.get(LIST, {"confirmed_at__isnull": "False"}).content.decode()
    none = viewer.get(LIST, {"confirmed_at__isnull": "True"}).content.decode()
    long_ago = viewer.get(
        LIST,
        {
            "confirmed_at__gte": "2020-01-01 00:00:00+00:00",
            "confirmed_at__lt": "2020-01-02 00:00:00+00:00",
        },
    ).content.decode()

    assert "?confirmed_at__isnull=True" in page
    assert "1 account" in shown
    assert "0 accounts" in none
    assert "0 accounts" in long_ago


def test_the_page_of_a_user_who_is_to_be_deleted_names_no_code(staff, owner):
    page = staff.get(f"{USERS}{owner.user.pk}/delete/").content.decode()

    code = BackupCode.objects.filter(user=owner.user).first()
    hidden = [owner.totp.secret, code.ciphertext, str(code.pk)]
    assert "Backup code of user" in page
    assert [text for text in hidden if text in page] == []


def test_what_the_admin_of_users_does_tell_is_the_keys_of_rows_alone(viewer, owner):
    """As the page about the admin says: keyed fingerprints, and digests of random tokens."""
    owner.open_challenge()
    relations = [field for field in type(owner.user)._meta.related_objects if is_ours(field)]

    answers = {
        f"{relation.name}__{column.name}": viewer.get(
            USERS, {f"{relation.name}__{column.name}__startswith": "a"}
        ).status_code
        for relation in relations
        for column in relation.related_model._meta.concrete_fields
        if not column.is_relation
    }

    assert {name for name, status in answers.items() if status == 200} == {
        "ninja_totp_backup_codes__fingerprint",
        "ninja_totp_challenges__digest",
        "ninja_totp_events__id",
        "ninja_totp_trusted_devices__id",
    }


def is_ours(field):
    return field.related_model._meta.app_label == "ninja_totp"
