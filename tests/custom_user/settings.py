"""Settings of one variant; CUSTOM_USER_VARIANT in the environment says which."""

import copy
import os

from tests.custom_user.variants import VARIANTS
from tests.settings import *  # noqa: F403 - as settings modules extend each other
from tests.settings import DATABASES, INSTALLED_APPS

AUTH_USER_MODEL, _router = VARIANTS[os.environ["CUSTOM_USER_VARIANT"]]
DATABASE_ROUTERS = [f"tests.custom_user.routers.{_router}"] if _router else []

INSTALLED_APPS = [
    # Without its pages: they ask more of a user model than ninja_totp does.
    *(app for app in INSTALLED_APPS if app != "django.contrib.admin"),
    "django.contrib.admin.apps.SimpleAdminConfig",
    "tests.custom_user.accounts.apps.AccountsConfig",
]

NINJA_JWT = SIMPLE_JWT = {"USER_ID_FIELD": "pk", "USER_ID_CLAIM": "user_id"}

_others = {"AccountsElsewhere": "accounts", "StaleReplica": "replica"}
if _router:
    _other = copy.deepcopy(DATABASES["default"])
    _other["NAME"] = f"{_other['NAME']}_other"
    if "NAME" in _other.get("TEST", {}):
        _other["TEST"]["NAME"] += "_other"
    DATABASES = {**DATABASES, _others[_router]: _other}
