"""Management of the second factor: `path("api/", include("drf_compat.urls"))`."""

from django.urls import path

from drf_compat.views import TotpViewSet

_view = TotpViewSet.as_view

urlpatterns = [
    path("totp/create/", _view({"post": "enrol"}), name="totp-create"),
    path("totp/confirm/", _view({"post": "confirm"}), name="totp-confirm"),
    path("totp/disable/", _view({"post": "disable"}), name="totp-disable"),
    path(
        "totp/rotate_backup_codes/",
        _view({"post": "rotate_backup_codes"}),
        name="totp-rotate-backup-codes",
    ),
    path("totp/replace/", _view({"post": "replace"}), name="totp-replace"),
    path(
        "totp/authenticators/",
        _view({"get": "authenticators", "post": "add_authenticator"}),
        name="totp-authenticators",
    ),
    path(
        "totp/authenticators/<str:authenticator_id>/",
        _view({"patch": "rename_authenticator", "delete": "remove_authenticator"}),
        name="totp-authenticator",
    ),
    path("totp/status/", _view({"get": "totp_status"}), name="totp-status"),
    path("totp/events/", _view({"get": "events"}), name="totp-events"),
    path("totp/trusted_devices/", _view({"get": "trusted_devices"}), name="totp-trusted-devices"),
    path(
        "totp/trusted_devices/<str:device_id>/",
        _view({"delete": "revoke_trusted_device"}),
        name="totp-revoke-trusted-device",
    ),
    path("totp/verify/", _view({"post": "verify"}), name="totp-verify"),
]
