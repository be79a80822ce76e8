"""The application of the user models. It has no migrations: its tables are made as they are."""

from django.apps import AppConfig

__all__ = ["AccountsConfig"]


class AccountsConfig(AppConfig):
    """User models of the tests."""

    name = "tests.custom_user.accounts"
    label = "accounts"
    default_auto_field = "django.db.models.BigAutoField"
