"""Management of the second factor: `path("api/", include("drf_compat.urls"))`."""

from django.urls import path

from drf_compat.views import TotpViewSet

__all__ = ["urlpatterns"]


urlpatterns = [
    path("totp/create/", TotpViewSet.as_view({"post": "enrol"}), name="totp-create"),
    path("totp/confirm/", TotpViewSet.as_view({"post": "confirm"}), name="totp-confirm"),
    path("totp/disable/", TotpViewSet.as_view({"post": "disable"}), name="totp-disable"),
    path(
        "totp/rotate_backup_codes/",
        TotpViewSet.as_view({"post": "rotate_backup_codes"}),
        name="totp-rotate-backup-codes",
    ),
    path("totp/replace/", TotpViewSet.as_view({"post": "replace"}), name="totp-replace"),
    path("totp/status/", TotpViewSet.as_view({"get": "totp_status"}), name="totp-status"),
    path("totp/verify/", TotpViewSet.as_view({"post": "verify"}), name="totp-verify"),
    path("totp/qr.svg/", TotpViewSet.as_view({"get": "qr_svg"}), name="totp-qr-svg"),
    path("totp/qr.png/", TotpViewSet.as_view({"get": "qr_png"}), name="totp-qr-png"),
]
