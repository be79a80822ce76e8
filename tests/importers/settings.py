"""Settings of a project that still has another package installed: TOTP_TEST_PEER says which.

The packages cannot all live in one project: three of them call their app "mfa".
"""

import os
from dataclasses import dataclass, field
from typing import Any

from tests.settings import *  # noqa: F403
from tests.settings import INSTALLED_APPS, MIDDLEWARE


@dataclass
class _Peer:
    apps: list[str]
    middleware: list[str] = field(default_factory=list)
    settings: dict[str, Any] = field(default_factory=dict)


_PEERS = {
    "django_totp": _Peer(["django_totp"]),
}
_peer = _PEERS[os.environ["TOTP_TEST_PEER"]]

globals().update(_peer.settings)
INSTALLED_APPS = [*INSTALLED_APPS, *_peer.apps]
MIDDLEWARE = [*MIDDLEWARE, *_peer.middleware]
ROOT_URLCONF = "tests.importers.urls"
