"""Settings of the test suite. The environment picks the database and the cache.

TOTP_TEST_DATABASE is sqlite (default), postgres or mariadb; TOTP_TEST_CACHE is locmem (default)
or redis. Addresses of the services can be set as well; nothing but SQLite is needed by default.
Settings for one test belong into that test, through the `settings` fixture.
"""

import os
import tempfile
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import django

_environment = os.environ.get

SECRET_KEY = "for-the-test-suite-only-and-known-to-everybody"
# A Fernet key that everybody can read: it must never protect anything outside this suite.
TOTP_ENCRYPTION_KEY = "dGVzdHMtb25seS1rbm93bi10by1ldmVyeWJvZHktISE="
TOTP_ISSUER = "ninja-totp tests"

USE_TZ = True
TIME_ZONE = "UTC"
LANGUAGE_CODE = "en"
ROOT_URLCONF = "tests.urls"
STATIC_URL = "/static/"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
# Real hashers cost half a second a login; their strength is Django's to test.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "ninja_totp",
    *(app for app in ("rest_framework", "drf_compat") if find_spec(app)),
]

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "rest_framework_simplejwt.authentication.JWTAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ]
}

MIDDLEWARE = [
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
]

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

if django.VERSION >= (6, 1):
    # Without it, Django 6.1 warns at each mail. Its test runner puts its own backend here.
    MAILERS = {"default": {"BACKEND": "django.core.mail.backends.locmem.EmailBackend"}}

_database_name = _environment("TOTP_TEST_DATABASE_NAME", "ninja_totp")
# A file, since threads that race need connections of their own; named by process, so that two
# runs of the suite at the same time do not meet.
_sqlite_file = Path(tempfile.gettempdir(), f"{_database_name}-{os.getpid()}.sqlite3")

_DATABASES: dict[str, dict[str, Any]] = {
    "sqlite": {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": _sqlite_file,
        "TEST": {"NAME": str(_sqlite_file)},
        "OPTIONS": {
            # A transaction that begins as a reader cannot wait for SQLite's write lock.
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=OFF;",
        },
    },
    "postgres": {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": _database_name,
        "HOST": _environment("TOTP_TEST_POSTGRES_HOST", "127.0.0.1"),
        "PORT": _environment("TOTP_TEST_POSTGRES_PORT", "5432"),
        "USER": _environment("TOTP_TEST_POSTGRES_USER", "root"),
        "PASSWORD": _environment("TOTP_TEST_POSTGRES_PASSWORD", ""),
        # Nothing has to outlive the machine, and a commit need not wait for its disk.
        "OPTIONS": {"options": "-c synchronous_commit=off"},
    },
    "mariadb": {
        "ENGINE": "django.db.backends.mysql",
        "NAME": _database_name,
        "HOST": _environment("TOTP_TEST_MARIADB_HOST", "127.0.0.1"),
        "PORT": _environment("TOTP_TEST_MARIADB_PORT", "3306"),
        "USER": _environment("TOTP_TEST_MARIADB_USER", "root"),
        "PASSWORD": _environment("TOTP_TEST_MARIADB_PASSWORD", ""),
        "OPTIONS": {"charset": "utf8mb4"},
        "TEST": {"CHARSET": "utf8mb4"},
    },
}
DATABASES = {"default": _DATABASES[_environment("TOTP_TEST_DATABASE", "sqlite")]}

_CACHES: dict[str, dict[str, Any]] = {
    "locmem": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"},
    "redis": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        # A database of Redis for each worker, from the last of the usual sixteen down: `clear()`
        # empties a whole one, whatever the prefix of the keys, with the counters of a worker that
        # runs side by side.
        "LOCATION": "redis://{}:{}/{}".format(
            _environment("TOTP_TEST_REDIS_HOST", "127.0.0.1"),
            _environment("TOTP_TEST_REDIS_PORT", "6379"),
            15 - int(_environment("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")) % 16,
        ),
    },
}
CACHES = {"default": _CACHES[_environment("TOTP_TEST_CACHE", "locmem")]}
