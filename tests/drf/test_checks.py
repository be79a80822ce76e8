"""System checks of the REST framework door."""

import pytest
from django.core import checks
from django.test import modify_settings
from rest_framework.authentication import BasicAuthentication

from drf_compat.checks import (
    check_basic_authentication,
    check_code_requirement,
    check_ninja_totp,
)


class TheirBasic(BasicAuthentication):
    """As projects make it, for a realm of their own."""


def _ids(messages):
    return [message.id for message in messages]


def test_the_tables_have_to_be_there():
    with modify_settings(INSTALLED_APPS={"remove": ["ninja_totp"]}):
        assert _ids(check_ninja_totp()) == ["drf_compat.E001"]


def test_nothing_is_wrong_when_they_are():
    assert check_ninja_totp() == []


@pytest.mark.parametrize(("required", "found"), [(False, ["drf_compat.W001"]), (True, [])])
def test_a_deployment_is_told_when_no_code_is_required(settings, required, found):
    settings.TOTP_REQUIRE_CODE = required

    assert _ids(check_code_requirement()) == found


@pytest.mark.parametrize(
    ("classes", "found"),
    [
        (None, ["drf_compat.W002"]),  # the framework's default
        (["rest_framework.authentication.SessionAuthentication"], []),
        ([f"{__name__}.TheirBasic"], ["drf_compat.W002"]),
        ([], []),
    ],
)
def test_everybody_is_told_of_passwords_in_each_request(settings, classes, found):
    settings.REST_FRAMEWORK = {} if classes is None else {"DEFAULT_AUTHENTICATION_CLASSES": classes}

    assert _ids(check_basic_authentication()) == found


def test_developers_are_not_told():
    run = checks.run_checks(app_configs=None, include_deployment_checks=False)

    assert not any((message.id or "").startswith("drf_compat") for message in run)
