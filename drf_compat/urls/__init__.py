"""Management of the second factor: `path("api/", include("drf_compat.urls"))`."""

from typing import Any

from django.urls import path

from drf_compat.views import TotpViewSet


def _path(route: str, name: str, **actions: str) -> Any:
    return path(f"totp/{route}/", TotpViewSet.as_view(actions), name=f"totp-{name}")


urlpatterns = [
    _path("create", "create", post="enrol"),
    _path("confirm", "confirm", post="confirm"),
    _path("disable", "disable", post="disable"),
    _path("rotate_backup_codes", "rotate-backup-codes", post="rotate_backup_codes"),
    _path("replace", "replace", post="replace"),
    _path("authenticators", "authenticators", get="authenticators", post="add_authenticator"),
    _path(
        "authenticators/<str:authenticator_id>",
        "authenticator",
        patch="rename_authenticator",
        delete="remove_authenticator",
    ),
    _path("status", "status", get="totp_status"),
    _path("events", "events", get="events"),
    _path("trusted_devices", "trusted-devices", get="trusted_devices"),
    _path(
        "trusted_devices/<str:device_id>", "revoke-trusted-device", delete="revoke_trusted_device"
    ),
    _path("verify", "verify", post="verify"),
]
