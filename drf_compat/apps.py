"""The Django application. It has no tables: those are ninja_totp's."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class DrfCompatConfig(AppConfig):
    """The views at the paths that django-totp documents."""

    name = "drf_compat"
    verbose_name = _("Two-factor authentication (REST framework)")

    def ready(self) -> None:
        from drf_compat import checks  # noqa: F401, PLC0415 (needs the app registry)
