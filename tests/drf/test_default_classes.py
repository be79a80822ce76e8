"""What a project can name in REST_FRAMEWORK, which reads it while it imports its own views."""

import os
import sys

import pytest

from tests.support.other_process import run_there

READ = """
import django
from django.conf import settings
settings.REST_FRAMEWORK = {"DEFAULT_%(kind)s_CLASSES": %(names)r}
django.setup()
from rest_framework.views import APIView
print(*(f"{one.__module__}.{one.__name__}" for one in APIView.%(attribute)s))
"""
NAMES = {
    "AUTHENTICATION": ["drf_compat.authentication.TotpJWTAuthentication"],
    "PERMISSION": ["drf_compat.permissions.SecondFactor", "drf_compat.permissions.TotpEnrolled"],
    "THROTTLE": ["drf_compat.throttle.TotpAnonThrottle", "drf_compat.throttle.TotpUserThrottle"],
}
MODELS = """
from django.contrib.auth.models import AbstractUser
from rest_framework.views import APIView  # and with it the default classes

class Person(AbstractUser):
    pass
"""
SET_UP = """
import django
from django.conf import settings
settings.REST_FRAMEWORK = {"DEFAULT_PERMISSION_CLASSES": ["drf_compat.permissions.SecondFactor"]}
settings.INSTALLED_APPS = [*settings.INSTALLED_APPS, "people"]
settings.AUTH_USER_MODEL = "people.Person"
django.setup()
"""


@pytest.mark.parametrize("kind", NAMES)
def test_our_classes_can_be_the_defaults(kind):
    code = READ % {"kind": kind, "names": NAMES[kind], "attribute": f"{kind.lower()}_classes"}

    run = run_there("tests.settings", "-c", code)

    assert run.stdout.split() == NAMES[kind], run.stderr


def test_a_module_of_user_models_may_import_them(tmp_path):
    (tmp_path / "people").mkdir()
    (tmp_path / "people" / "models.py").write_text(MODELS)
    paths = os.pathsep.join([str(tmp_path), *sys.path])

    run = run_there("tests.settings", "-c", SET_UP, PYTHONPATH=paths)

    assert run.returncode == 0, run.stderr
