"""The API is a NinjaExtraAPI, with controllers beside our routers."""

from tests.settings import *  # noqa: F403 - as settings modules extend each other
from tests.settings import INSTALLED_APPS

INSTALLED_APPS = [*INSTALLED_APPS, "ninja_extra"]
ROOT_URLCONF = "tests.world.controllers_urls"
