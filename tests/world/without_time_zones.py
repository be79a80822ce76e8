"""USE_TZ is False: every datetime of Django's is naive, in the time of TIME_ZONE."""

from tests.settings import *  # noqa: F403 - as settings modules extend each other

USE_TZ = False
TIME_ZONE = "Europe/Zurich"
