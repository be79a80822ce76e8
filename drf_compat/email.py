"""The documented mails, for a project that sends them itself or changes their text.

    TotpRecoveryEmail(request, {"user": user}).send([user.email])

They are sent immediately, unlike those of the views.
"""

from collections.abc import Sequence
from typing import Any

from django.core.mail import EmailMultiAlternatives

from ninja_totp.conf import get_settings
from ninja_totp.emails import fill_in, recovery_values, site_values
from ninja_totp.services import generate_recovery_link

__all__ = ["TotpDisabledEmail", "TotpRecoveryEmail"]

# Any below: a request of Django or REST framework, the values of a template, and the arguments of
# EmailMultiAlternatives.


class _TotpEmail(EmailMultiAlternatives):
    """`template_name` is the template; by default, the one that the setting names."""

    template_name: str | None = None
    _setting: str

    def __init__(
        self, request: Any = None, context: dict[str, Any] | None = None, *args: Any, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.request = request
        self.context = context or {}

    def get_context_data(self) -> dict[str, Any]:
        user = self.context.get("user") or self.request.user
        return {**self.context, **site_values(), "user": user}

    def render(self) -> None:
        template = self.template_name or getattr(get_settings(), self._setting)
        fill_in(self, template, self.get_context_data(), request=self.request)

    def send(  # type: ignore[override]  # the documented signature names the addresses first
        self,
        to: Sequence[str],
        fail_silently: bool = False,  # noqa: FBT001, FBT002 - documented so
        **options: Any,
    ) -> int:
        """Render and send. Options: `from_email` (DEFAULT_FROM_EMAIL), `reply_to`."""
        self.render()
        self.to = list(to)
        self.reply_to = list(options.pop("reply_to", []))
        self.from_email = options.pop("from_email", self.from_email)
        return super().send(fail_silently=fail_silently)


class TotpRecoveryEmail(_TotpEmail):
    """The mail with a recovery link. Each one creates a link and ends the earlier ones.

    Raises NotEnabled, a ValueError, for a user without a confirmed authenticator.
    """

    _setting = "recovery_email_template"

    def get_context_data(self) -> dict[str, Any]:
        values = super().get_context_data()
        link = generate_recovery_link(values["user"])
        return {**values, **recovery_values(link.uid, link.token)}


class TotpDisabledEmail(_TotpEmail):
    """The mail that says that 2FA is off."""

    _setting = "disabled_email_template"
