"""The users that the demo makes when it starts."""

import pytest
from django.contrib.auth import authenticate, get_user_model

from demo.users import PASSWORD, USERS, ensure_users

pytestmark = pytest.mark.django_db


def test_each_has_the_printed_password_again_after_a_recovery():
    ensure_users()
    user = get_user_model().objects.get(username="demo")
    user.set_password("a horse of another colour")
    user.save()

    ensure_users()

    assert all(authenticate(username=one.name, password=PASSWORD) for one in USERS)
