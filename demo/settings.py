"""Settings of the demo: SQLite, no build step, no outside service, DEBUG off.

The TOTP_* block at the end is what a project adds for ninja_totp. The rest is ordinary Django.
"""

import os
from typing import Any

import django

from demo.local_state import data_directory, local_keys

_DATA = data_directory()
_KEYS = local_keys(_DATA)

SECRET_KEY = _KEYS.secret_key
# Off, as in production: an error page would print local variables, and a TOTP secret is one.
DEBUG = False
ALLOWED_HOSTS = ["127.0.0.1", "localhost", "[::1]"]

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "ninja",  # brings its own copy of Swagger UI, so that /api/docs asks no other host
    "rest_framework",
    "ninja_totp",
    "drf_compat",  # the same calls at /drf/, for Django REST Framework
    "demo",
]

REST_FRAMEWORK: dict[str, Any] = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "rest_framework_simplejwt.authentication.JWTAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
}

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "demo.security_headers.ContentSecurityPolicy",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "ninja_totp.middleware.SecondFactorMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

ROOT_URLCONF = "demo.urls"
ASGI_APPLICATION = "demo.asgi.application"

TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]

DATABASES: dict[str, dict[str, Any]] = {
    "default": {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": _DATA / "db.sqlite3",
        "OPTIONS": {
            # A transaction that starts as a reader cannot wait for the write lock in SQLite,
            # it fails at once. IMMEDIATE takes the lock first, so that `timeout` counts.
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
        },
    }
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]

LANGUAGE_CODE = "en-gb"
TIME_ZONE = "UTC"
USE_TZ = True
STATIC_URL = "/static/"
LOGIN_URL = "page"

SESSION_COOKIE_SAMESITE = "Lax"
# Mails appear at /outbox/.
_MAIL_BACKEND = "demo.outbox.FileBackend"
if django.VERSION >= (6, 1):
    MAILERS = {"default": {"BACKEND": _MAIL_BACKEND}}
else:
    EMAIL_BACKEND = _MAIL_BACKEND
DEFAULT_FROM_EMAIL = "demo@localhost"

TOTP_ENCRYPTION_KEY = _KEYS.encryption_key
TOTP_ISSUER = SITE_NAME = "ninja-totp demo"
# Each look at the account asks for four things, and a curious visitor looks often.
TOTP_THROTTLE_RATE = "30/minute"
# Who must use 2FA. A login without it leads through setting it up.
TOTP_REQUIRED = ["staff", "group:must-use-2fa"]
TOTP_TRUSTED_DEVICE_MAX_AGE = 30 * 86_400
# The mail with the recovery link leads to the page that takes the new password.
PROTOCOL, DOMAIN = "http", os.environ.get("DEMO_ADDRESS", "127.0.0.1:8000")
TOTP_RECOVERY_CONFIRM_URL = "/recover/{uid}/{token}/"
TOTP_RECOVERY_DISPATCHER = "demo.outbox.send_soon"
# A session that must enter a code is redirected to the page for it, and one that must set 2FA up
# to the page that logs in. Only these are open to it.
TOTP_VERIFY_URL = "verify"
TOTP_ENROL_URL = "page"
TOTP_EXEMPT_PATHS = ["/", "/outbox/", "/recover/*", "/favicon.ico"]
# Two minutes instead of the default fifteen, so that a visitor meets the step-up dialog.
TOTP_STEP_UP_MAX_AGE = 120
