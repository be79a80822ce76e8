"""Settings of a project with the blacklist of the JWT library that TOTP_TEST_BLACKLIST names."""

import os
from typing import Any

from tests.settings import *  # noqa: F403
from tests.settings import INSTALLED_APPS

_library = os.environ["TOTP_TEST_BLACKLIST"]

INSTALLED_APPS = [*INSTALLED_APPS, f"{_library}.token_blacklist"]
_ROTATION: dict[str, Any] = {"ROTATE_REFRESH_TOKENS": True, "BLACKLIST_AFTER_ROTATION": True}
NINJA_JWT = SIMPLE_JWT = _ROTATION
