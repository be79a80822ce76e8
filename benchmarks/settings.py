"""Settings of one contender's process: BENCH_STACK says which, BENCH_DATABASE where it stores.

Each stack gets the applications and the middleware that its job needs and nothing else. Limits on
the number of requests are raised out of the way but stay in force, so that their cost is measured.
"""

import os
import tempfile
from pathlib import Path
from typing import Any

from benchmarks.stacks import load_stack

STACK = os.environ.get("BENCH_STACK", "ninja_totp")
BACKEND = os.environ.get("BENCH_DATABASE", "postgres")
DATABASE_NAME = os.environ.get("BENCH_DATABASE_NAME", f"ninja_totp_bench_{STACK}")
_stack = load_stack(STACK)

SECRET_KEY = "for-benchmarks-only-and-known-to-everybody-who-reads-this"
# Known to everybody as well: it must never protect anything.
TOTP_ENCRYPTION_KEY = "dGVzdHMtb25seS1rbm93bi10by1ldmVyeWJvZHktISE="
TOTP_ISSUER = "Benchmark"
# No mail server is part of the question, and notices are for a task queue to write.
EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"
TOTP_RECOVERY_DISPATCHER = "benchmarks.task_queue.enqueue"
TOTP_THROTTLE_RATE = "1000000/minute"
# The client gives each request an address of its own in X-Forwarded-For, as a login storm would.
TOTP_NUM_PROXIES = 1

ALLOWED_HOSTS = ["*"]
USE_TZ = True
DEBUG = False
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
ROOT_URLCONF = f"benchmarks.stacks.{STACK}_urls"
# Seeding only: no contender hashes a password while it is measured.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}

INSTALLED_APPS = ["django.contrib.auth", "django.contrib.contenttypes", *_stack.applications]
MIDDLEWARE = list(_stack.middleware)
TEMPLATES = [
    {"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True, "OPTIONS": {}}
]
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["rest_framework_simplejwt.authentication.JWTAuthentication"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
}


def _postgres() -> dict[str, Any]:
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": DATABASE_NAME,
        "USER": os.environ.get("PGUSER", "root"),
        "PASSWORD": os.environ.get("PGPASSWORD", ""),
        "HOST": os.environ.get("PGHOST", "127.0.0.1"),
        "PORT": os.environ.get("PGPORT", "5432"),
        # Django's pool with its default of four connections: seven contenders run at once, and
        # PostgreSQL takes a hundred connections by default. A feeder needs a single one.
        "OPTIONS": {"pool": os.environ.get("BENCH_POOL", "1") == "1"},
    }


def _sqlite() -> dict[str, Any]:
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": str(Path(tempfile.gettempdir()) / f"{DATABASE_NAME}.sqlite3"),
        "OPTIONS": {
            "timeout": 20,
            "transaction_mode": "IMMEDIATE",
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
        },
    }


DATABASES = {"default": _postgres() if BACKEND == "postgres" else _sqlite()}
globals().update(_stack.settings)
