"""System checks of the REST framework API. `ninja_totp.checks` has those of the settings."""

from typing import Any

from django.apps import apps
from django.conf import settings
from django.core import checks
from django.core.checks import CheckMessage, Tags, register
from rest_framework.authentication import BasicAuthentication
from rest_framework.settings import api_settings


@register(Tags.compatibility)
def check_ninja_totp(**_: Any) -> list[CheckMessage]:
    """E001: the tables are not there."""
    error = checks.Error(
        "drf_compat needs ninja_totp, which has the tables.",
        hint='Add "ninja_totp" to INSTALLED_APPS and run migrate.',
        id="drf_compat.E001",
    )
    return [] if apps.is_installed("ninja_totp") else [error]


@register(Tags.security, deploy=True)
def check_code_requirement(**_: Any) -> list[CheckMessage]:
    """W001: a credential of an unknown kind switches the factor off."""
    warning = checks.Warning(
        "TOTP_REQUIRE_CODE is off: with a credential of a kind that says nothing about the "
        "second factor, its owner or its thief can disable, replace and rotate without a code.",
        hint="Take it out as soon as your clients send a code along.",
        id="drf_compat.W001",
    )
    return [] if getattr(settings, "TOTP_REQUIRE_CODE", True) else [warning]


@register(Tags.security)
def check_basic_authentication(**_: Any) -> list[CheckMessage]:
    """W002: a password in each request goes around the second factor."""
    warning = checks.Warning(
        "REST framework lets callers in by a password in each request (BasicAuthentication, "
        "one of its defaults): the password alone is enough there, without a code.",
        hint='Set DEFAULT_AUTHENTICATION_CLASSES in REST_FRAMEWORK, without "Basic".',
        id="drf_compat.W002",
    )
    # Any: the classes that the names in the settings were resolved to.
    classes: Any = api_settings.DEFAULT_AUTHENTICATION_CLASSES
    return [warning] if any(issubclass(kind, BasicAuthentication) for kind in classes) else []
