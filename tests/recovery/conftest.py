"""Recovery behind the doors: who gets mail, what ends, and what happens outside of the request."""

import re

import pytest
from django.core import mail

from ninja_totp.services import request_recovery
from tests.support.cast import PASSWORD, bob, enrolled, new_user

__all__ = ["PASSWORD", "ada", "bob", "link_of"]

_LINK = re.compile("/totp-recovery/([^/]+)/([0-9a-f]+)")


@pytest.fixture
def ada(db, clock, django_user_model):
    """A user with a second factor and an address."""
    user = new_user(django_user_model, "ada")
    enrolled(user, clock)
    mail.outbox.clear()
    return user


@pytest.fixture
def link_of(ada):
    """A function that asks for a link for Ada and returns its two parts."""

    def ask():
        request_recovery(ada.email)
        return _LINK.search(mail.outbox[-1].body).groups()

    return ask
