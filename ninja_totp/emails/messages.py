"""The two mails about recovery, ready to be sent.

Links in them use the settings, never the Host header, which an attacker can choose.
"""

from collections.abc import Mapping
from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.core.mail import EmailMultiAlternatives
from django.views.decorators.debug import sensitive_variables

from ninja_totp.conf import get_settings
from ninja_totp.emails.rendering import fill_in


def site_values() -> dict[str, Any]:
    """Return the variables of every template: `site_name`, `protocol`, `domain`."""
    return get_settings().model_dump(include={"site_name", "protocol", "domain"})


@sensitive_variables()
def recovery_values(uid: str, token: str) -> dict[str, Any]:
    """Return the additional variables of the recovery mail: the paths, and the times in minutes."""
    settings = get_settings()
    return {
        "uid": uid,
        "token": token,
        "url": settings.recovery_confirm_url.format(uid=uid, token=token),
        "cancel_url": settings.recovery_cancel_url.format(uid=uid, token=token),
        "valid_minutes": settings.recovery_max_age // 60,
        "delay_minutes": -(-settings.recovery_delay // 60),
    }


@sensitive_variables()
def message(
    template: str, user: AbstractBaseUser, to: str, values: Mapping[str, Any]
) -> EmailMultiAlternatives:
    """Return the message to one address, from DEFAULT_FROM_EMAIL."""
    mail = EmailMultiAlternatives(to=[to])
    fill_in(mail, template, {**site_values(), "user": user, **values})
    return mail


@sensitive_variables()
def recovery_message(
    user: AbstractBaseUser, to: str, uid: str, token: str
) -> EmailMultiAlternatives:
    """Return the mail with the recovery link for `user`."""
    return message(get_settings().recovery_email_template, user, to, recovery_values(uid, token))


def disabled_message(user: AbstractBaseUser, to: str) -> EmailMultiAlternatives:
    return message(get_settings().disabled_email_template, user, to, {})
