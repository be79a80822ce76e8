"""Settings of the tortured site. TORTURE_* in the environment say what it stands on.

The rules that are tortured have their default values, but for the first lock: an hour, so that no
verdict depends on how fast the machine is.
"""

import os
from pathlib import Path
from typing import Any

import django

_environment = os.environ.get

SECRET_KEY = "for-torture-only-and-known-to-everybody-who-reads-this"
# One key a line, the newest first. Read when a process starts, as from a secret store.
TOTP_ENCRYPTION_KEY = Path(_environment("TORTURE_KEYS", os.devnull)).read_text().split()
TOTP_ISSUER = "Torture"
TOTP_LOCKOUT_FIRST_DELAY = 3600
TOTP_THROTTLE_RATE = "60/minute"
TOTP_NUM_PROXIES = 1  # each client says from which network it comes
TOTP_TRUSTED_DEVICE_MAX_AGE = 30 * 86_400
TOTP_RECOVERY_MAX_AGE = 86_400  # outlives a flood of a million requests
TOTP_NOTICES: list[str] = []

ALLOWED_HOSTS = ["*"]
USE_TZ = True
DEBUG = False
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
ROOT_URLCONF = "torture.urls"
# Hashing takes half a second on purpose; its strength is Django's.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "rest_framework",
    "ninja_totp",
    "drf_compat",
]
MIDDLEWARE = ["torture.worker_header.worker_header"]
TEMPLATES = [
    {"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True, "OPTIONS": {}}
]
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["rest_framework_simplejwt.authentication.JWTAuthentication"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
}

CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": f"redis://127.0.0.1:{_environment('TORTURE_REDIS_PORT', '0')}/0",
    }
}

_MAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
_MAIL_PORT = int(_environment("TORTURE_MAIL_PORT", "0"))
if django.VERSION >= (6, 1):
    _MAIL_SERVER = {"host": "127.0.0.1", "port": _MAIL_PORT, "timeout": 30}
    MAILERS = {"default": {"BACKEND": _MAIL_BACKEND, "OPTIONS": _MAIL_SERVER}}
else:
    EMAIL_BACKEND = _MAIL_BACKEND
    EMAIL_HOST, EMAIL_PORT, EMAIL_TIMEOUT = "127.0.0.1", _MAIL_PORT, 30

_PORT = _environment("TORTURE_DATABASE_PORT", "0")
_FILE = _environment("TORTURE_DATABASE_FILE", "")
_PAGES = _environment("TORTURE_SQLITE_PAGES", "")

_DATABASES: dict[str, dict[str, Any]] = {
    "postgres": {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": "postgres",
        "USER": "torture",
        "HOST": "127.0.0.1",
        "PORT": _PORT,
        # A pool as a site would have. The process that attacks has to close its connection.
        "OPTIONS": {
            "pool": {"min_size": 1, "max_size": 8, "timeout": 5}
            if _environment("TORTURE_POOL") == "1"
            else False
        },
    },
    "mariadb": {
        "ENGINE": "django.db.backends.mysql",
        "NAME": "torture",
        "USER": "root",
        "HOST": "127.0.0.1",
        "PORT": _PORT,
        "OPTIONS": {"charset": "utf8mb4"},
    },
    "sqlite": {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": _FILE,
        "OPTIONS": {
            "timeout": float(_environment("TORTURE_SQLITE_TIMEOUT", "20")),
            "transaction_mode": "IMMEDIATE",
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;"
            + (f" PRAGMA max_page_count={_PAGES};" if _PAGES else ""),
        },
    },
}
DATABASES = {
    "default": _DATABASES[_environment("TORTURE_DATABASE", "sqlite")]
    | {"ATOMIC_REQUESTS": _environment("TORTURE_ATOMIC") == "1"}
}

# What goes wrong on purpose would fill the screen; Django's own server errors are of interest.
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {
        "file": {
            "class": "logging.FileHandler",
            "filename": _environment("TORTURE_LOG", os.devnull),
        }
    },
    "root": {"handlers": ["file"], "level": "WARNING"},
    "loggers": {"django": {"handlers": ["file"], "propagate": False}},
}
