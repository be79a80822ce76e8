"""Settings of a project that still has another package installed: TOTP_TEST_PEER says which.

The packages cannot all live in one project: three of them call their app "mfa".
"""

import os
from dataclasses import dataclass, field
from typing import Any

from tests.settings import *  # noqa: F403
from tests.settings import INSTALLED_APPS, MIDDLEWARE, PASSWORD_HASHERS


@dataclass
class _Peer:
    apps: list[str]
    middleware: list[str] = field(default_factory=list)
    settings: dict[str, Any] = field(default_factory=dict)


_OTP = [
    "django_otp",
    "django_otp.plugins.otp_totp",
    "django_otp.plugins.otp_static",
    "django_otp.plugins.otp_hotp",
    "django_otp.plugins.otp_email",
]
_PEERS = {
    "django_totp": _Peer(["django_totp"]),
    "django_otp": _Peer(_OTP),
    "two_factor": _Peer(
        [
            *_OTP,
            "django.contrib.sites",
            "phonenumber_field",
            "formtools",
            "two_factor",
            "two_factor.plugins.phonenumber",
        ],
        ["django_otp.middleware.OTPMiddleware"],
        settings={"LOGIN_URL": "two_factor:login", "SITE_ID": 1},
    ),
    "allauth_mfa": _Peer(
        ["allauth", "allauth.account", "allauth.mfa"],
        ["allauth.account.middleware.AccountMiddleware"],
    ),
    "drf_totp": _Peer(["drf_totp"]),
    "drf_jwt_2fa": _Peer(["drf_jwt_2fa"]),
    "django_mfa": _Peer(
        ["django_mfa"],
        settings={
            "ALLOWED_HOSTS": ["localhost"],
            "MFA_FIDO2_RP_ID": "localhost",
            "AUTHENTICATION_BACKENDS": [
                "django.contrib.auth.backends.ModelBackend",
                "django_mfa.backends.WebAuthnBackend",
            ],
        },
    ),
    "trench": _Peer(
        ["trench"],
        settings={
            "TRENCH_AUTH": {
                "MFA_METHODS": {
                    "app": {"HANDLER": "trench.backends.application.ApplicationMessageDispatcher"},
                    "email": {
                        "HANDLER": "trench.backends.basic_mail.SendMailMessageDispatcher",
                        "SOURCE_FIELD": "email",
                    },
                }
            }
        },
    ),
    "mfa2": _Peer(
        ["mfa"],
        settings={
            "TOKEN_ISSUER_NAME": "tests",
            "PASSWORD_HASHERS": [
                *PASSWORD_HASHERS,
                "django.contrib.auth.hashers.PBKDF2PasswordHasher",
                "mfa.recovery.Hash",
            ],
        },
    ),
    "mfa3": _Peer(["mfa"], settings={"MFA_DOMAIN": "localhost", "MFA_SITE_TITLE": "tests"}),
    "dj_rest_auth_mfa": _Peer(
        ["dj_rest_auth", "dj_rest_auth.mfa"], settings={"REST_AUTH": {"TOKEN_MODEL": None}}
    ),
}
_peer = _PEERS[os.environ["TOTP_TEST_PEER"]]

globals().update(_peer.settings)
INSTALLED_APPS = [*INSTALLED_APPS, *_peer.apps]
MIDDLEWARE = [*MIDDLEWARE, *_peer.middleware]
ROOT_URLCONF = "tests.importers.urls"
