"""The Django application. System checks are registered here and nowhere else."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class NinjaTotpConfig(AppConfig):
    """Two-factor authentication by time-based one-time passwords."""

    name = "ninja_totp"
    label = "ninja_totp"
    verbose_name = _("Two-factor authentication")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Register the system checks, and store the time of each login in its session."""
        from django.contrib.auth.signals import user_logged_in  # noqa: PLC0415 (as below)

        from ninja_totp import checks  # noqa: F401, PLC0415 (checks need the app registry)
        from ninja_totp.http.issuers.session import date_session  # noqa: PLC0415

        user_logged_in.connect(date_session, dispatch_uid="ninja_totp")
