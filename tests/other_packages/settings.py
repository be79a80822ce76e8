"""A project with everything that opens a session."""

from pathlib import Path

from tests.settings import *  # noqa: F403 - as settings modules extend each other
from tests.settings import INSTALLED_APPS, MIDDLEWARE, TEMPLATES

ROOT_URLCONF = "tests.other_packages.urls"
SITE_ID = 1
LOGIN_REDIRECT_URL = "/members/"
TOTP_VERIFY_URL = "verify"

INSTALLED_APPS = [
    *INSTALLED_APPS,
    "django.contrib.admindocs",
    "django.contrib.flatpages",
    "django.contrib.sites",
    "allauth",
    "allauth.account",
    "allauth.headless",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.dummy",
    "hijack",
    "knox",
    "rest_framework.authtoken",
    "social_django",
]
MIDDLEWARE = [
    *MIDDLEWARE,
    "allauth.account.middleware.AccountMiddleware",
    "hijack.middleware.HijackUserMiddleware",
    "ninja_totp.middleware.SecondFactorMiddleware",
    "django.contrib.flatpages.middleware.FlatpageFallbackMiddleware",
]
TEMPLATES = [{**TEMPLATES[0], "DIRS": [Path(__file__).with_name("templates")]}]
AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
    # Asks no other host, and takes any name.
    "social_core.backends.username.UsernameAuth",
]

ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGIN_ON_PASSWORD_RESET = True
ACCOUNT_RATE_LIMITS = False
HIJACK_PERMISSION_CHECK = "hijack.permissions.superusers_and_staff"
SOCIAL_AUTH_USERNAME_FORM_URL = "/members/"
