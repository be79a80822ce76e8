"""The Django application; it has no tables of its own."""

from django.apps import AppConfig

__all__ = ["DrfCompatConfig"]


class DrfCompatConfig(AppConfig):
    """Views for Django REST Framework."""

    name = "drf_compat"
    label = "drf_compat"
    verbose_name = "Two-factor authentication for Django REST Framework"
