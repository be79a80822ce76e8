"""Recovery by e-mail and password: `path("api/", include("drf_compat.urls.recovery"))`."""

from django.urls import path

from drf_compat.views import TotpRecoveryViewSet

_view = TotpRecoveryViewSet.as_view

urlpatterns = [
    path("totp/recovery/", _view({"post": "recovery"}), name="totp-recovery-recovery"),
    path(
        "totp/recovery_confirm/",
        _view({"post": "recovery_confirm"}),
        name="totp-recovery-recovery-confirm",
    ),
    path(
        "totp/recovery_cancel/",
        _view({"post": "recovery_cancel"}),
        name="totp-recovery-recovery-cancel",
    ),
]
