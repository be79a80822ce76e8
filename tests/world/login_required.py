"""LoginRequiredMiddleware is on, and the API is opened as docs/how-to/mount-the-api.md says."""

from tests.settings import *  # noqa: F403 - as settings modules extend each other
from tests.settings import MIDDLEWARE

ROOT_URLCONF = "tests.world.login_required_urls"
MIDDLEWARE = [*MIDDLEWARE, "django.contrib.auth.middleware.LoginRequiredMiddleware"]
