"""A code that confirms beside a factor in use is no proof of that factor."""

import pytest
from django.contrib.auth import login
from django.contrib.sessions.backends.db import SessionStore
from django.http import HttpResponse

from ninja_totp.http import factor
from ninja_totp.http.caller import Caller
from ninja_totp.http.issuers import Session
from ninja_totp.schemas import requests
from ninja_totp.services import add_authenticator, replace_totp
from ninja_totp.services.step_up import PASSWORD_ONLY
from tests.support.cast import BACKEND, Authenticator, ada, owner

__all__ = ["ada", "owner"]


@pytest.mark.django_db
@pytest.mark.parametrize("begin", [lambda user: add_authenticator(user, "Tablet"), replace_totp])
def test_a_session_of_a_password_earns_nothing_by_a_guess(owner, clock, rf, begin):
    request = rf.post("/")
    request._dont_enforce_csrf_checks, request.session = True, SessionStore()
    login(request, owner.user, backend=BACKEND)
    other = Caller(request, owner.user, Session(), api="ninja")
    code = Authenticator(begin(owner.user).secret, clock).code()

    factor.confirm(other, requests.TotpCode(input_code=code), HttpResponse())

    assert other.auth_context() == PASSWORD_ONLY
