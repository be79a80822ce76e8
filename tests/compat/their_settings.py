"""Settings under which django-totp's own tests run against `drf_compat`."""

from tests.compat.settings import *  # noqa: F403
from tests.settings import INSTALLED_APPS

INSTALLED_APPS = [*INSTALLED_APPS]  # without django-totp
ROOT_URLCONF = "tests.compat.their_urls"
