"""What a project can name in REST_FRAMEWORK, which reads it while it imports its own views."""

import os
import subprocess
import sys

import pytest

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


@pytest.mark.parametrize("kind", NAMES)
def test_our_classes_can_be_the_defaults(kind):
    code = READ % {"kind": kind, "names": NAMES[kind], "attribute": f"{kind.lower()}_classes"}
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "tests.settings"}

    run = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False
    )

    assert run.stdout.split() == NAMES[kind], run.stderr
