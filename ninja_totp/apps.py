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
        """Register the system checks."""
        from ninja_totp import checks  # noqa: F401, PLC0415 (checks need the app registry)
