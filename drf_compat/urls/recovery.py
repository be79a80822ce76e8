"""Recovery by e-mail and password: `path("api/", include("drf_compat.urls.recovery"))`."""

from typing import Any

from django.urls import path

from drf_compat.views import TotpRecoveryViewSet


def _path(action: str, name: str) -> Any:
    return path(f"totp/{action}/", TotpRecoveryViewSet.as_view({"post": action}), name=name)


urlpatterns = [
    _path("recovery", "totp-recovery-recovery"),
    _path("recovery_confirm", "totp-recovery-recovery-confirm"),
    _path("recovery_cancel", "totp-recovery-recovery-cancel"),
]
