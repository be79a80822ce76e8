"""The TOTP_* settings as the model names them, for tests that go through all of them."""

from django.test import override_settings

from ninja_totp.conf import PREFIX, TotpSettings, get_settings

FIELDS = {
    field.alias: field
    for field in TotpSettings.model_fields.values()
    if field.alias.startswith(PREFIX)
}


def settings_with(name, value):
    """The settings of a site that sets `name`. Raises ImproperlyConfigured."""
    with override_settings(**{name: value}):
        return get_settings()
