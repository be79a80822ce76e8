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
    """E001: the tables are missing."""
    error = checks.Error(
        "drf_compat needs the tables of ninja_totp.",
        hint='Add "ninja_totp" to INSTALLED_APPS and run migrate.',
        id="drf_compat.E001",
    )
    return [] if apps.is_installed("ninja_totp") else [error]


@register(Tags.security, deploy=True)
def check_code_requirement(**_: Any) -> list[CheckMessage]:
    """W001: a credential of an unknown kind can turn off 2FA without a code."""
    warning = checks.Warning(
        "TOTP_REQUIRE_CODE is False. A token that carries no information about the second factor "
        "is enough to disable 2FA, replace the authenticator and rotate backup codes.",
        hint="Remove the setting as soon as your clients send a code.",
        id="drf_compat.W001",
    )
    return [] if getattr(settings, "TOTP_REQUIRE_CODE", True) else [warning]


@register(Tags.security)
def check_basic_authentication(**_: Any) -> list[CheckMessage]:
    """W002: Basic authentication bypasses the second factor."""
    warning = checks.Warning(
        "BasicAuthentication is one of REST framework's default authentication classes. With it, "
        "the password alone is enough for your views.",
        hint="Set DEFAULT_AUTHENTICATION_CLASSES in REST_FRAMEWORK without BasicAuthentication.",
        id="drf_compat.W002",
    )
    # Any: the classes that the settings name.
    classes: Any = api_settings.DEFAULT_AUTHENTICATION_CLASSES
    return [warning] if any(issubclass(kind, BasicAuthentication) for kind in classes) else []
