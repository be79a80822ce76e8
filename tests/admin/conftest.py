"""Staff of several kinds, in front of the admin."""

import pytest
from django.contrib.auth.models import Permission
from django.test import Client

from tests.support.cast import ada, bob, other, owner

__all__ = ["ada", "bob", "other", "owner"]


@pytest.fixture
def staff(admin_client, settings):
    """A browser in which a superuser is signed in."""
    settings.ROOT_URLCONF = "tests.admin.urls"
    return admin_client


@pytest.fixture
def member_with(settings, django_user_model):
    """A function that signs a member of staff in, who has nothing but the permissions named."""
    settings.ROOT_URLCONF = "tests.admin.urls"

    def sign_in(*codenames):
        user = django_user_model.objects.create_user("vera", is_staff=True)
        permissions = Permission.objects.filter(codename__in=codenames)
        assert permissions.count() == len(codenames)
        user.user_permissions.set(permissions)
        client = Client()
        client.force_login(user)
        return client

    return sign_in


@pytest.fixture
def viewer(member_with):
    """A browser of somebody who may look at authenticators and users, and do nothing."""
    return member_with("view_account", "view_user")
