"""How many of whom are enrolled."""

import pytest
from django.contrib.auth.models import Group

from ninja_totp.services import Audience, create_totp_setup, disable_totp, totp_report
from ninja_totp.services.policy.enforcement import people
from tests.support.cast import new_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def company(owner, other, django_user_model):
    """Ada (staff, enrolled), Bob (enrolled), Cleo (superuser), Dora (inactive), Elle (begun)."""
    staff = Group.objects.create(name="support")
    cleo, dora, elle = (new_user(django_user_model, name) for name in ("cleo", "dora", "elle"))
    owner.user.is_staff = cleo.is_staff = cleo.is_superuser = True
    dora.is_active = False
    create_totp_setup(elle)
    for user in (owner.user, cleo, dora):
        user.save()
    staff.user_set.set([owner.user, elle, dora])
    return owner, other, elle


def numbers(*audiences):
    return {one.audience: (one.users, one.enrolled) for one in totp_report(*audiences)}


def test_the_usual_report_tells_superusers_staff_and_all_apart(company):
    assert numbers() == {"superusers": (1, 0), "staff": (2, 1), "all": (4, 2)}


def test_a_group_can_be_asked_for(company):
    assert numbers(Audience(group="support")) == {"group support": (2, 1)}
    assert numbers(Audience(group="nobody")) == {"group nobody": (0, 0)}


def test_who_switched_off_or_has_not_confirmed_is_not_enrolled(company):
    owner, *_ = company
    disable_totp(owner.user)

    (report,) = totp_report(Audience("staff"))

    assert (report.users, report.enrolled, report.not_enrolled) == (2, 0, 2)


@pytest.mark.parametrize(
    ("enrolled", "expected"), [(True, ["ada", "bob"]), (False, ["cleo", "elle"])]
)
def test_people_are_named(company, enrolled, expected):
    assert [name for _, name in people(Audience(), enrolled=enrolled)] == expected


def test_an_audience_takes_one_query(company, django_assert_num_queries):
    with django_assert_num_queries(3):
        totp_report()


def test_where_users_cannot_be_inactive_all_of_them_count(company, monkeypatch):
    monkeypatch.setattr("ninja_totp.services.policy.enforcement.has_field", lambda name: False)

    assert numbers() == {"all": (5, 2)}
