"""Settings of a project in which both packages are installed, as while a site moves over."""

from datetime import timedelta

from tests.settings import *  # noqa: F403
from tests.settings import INSTALLED_APPS

INSTALLED_APPS = [*INSTALLED_APPS, "django_totp"]
ROOT_URLCONF = "tests.compat.urls"
# The two switches for clients of django-totp, which send neither a code nor a new password along.
TOTP_REQUIRE_CODE = False
TOTP_RECOVERY_NEW_PASSWORD = False
# django-totp sends none.
TOTP_NOTICES: list[str] = []
# django-totp reads it once; the case of the throttle sets its own.
TOTP_THROTTLE_RATE = "100000/minute"
# Basic authentication too, as REST framework has it unless a project says otherwise.
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "rest_framework_simplejwt.authentication.JWTAuthentication",
        "rest_framework.authentication.SessionAuthentication",
        "rest_framework.authentication.BasicAuthentication",
    ]
}
SIMPLE_JWT = {"ACCESS_TOKEN_LIFETIME": timedelta(minutes=20), "ROTATE_REFRESH_TOKENS": True}
