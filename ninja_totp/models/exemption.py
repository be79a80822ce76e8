"""Users who need no second factor for a while, though the site's rules want one of them."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class Exemption(models.Model):
    """Until when a user is exempted from TOTP_REQUIRED, and why."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        primary_key=True,
        related_name="ninja_totp_exemption",
        verbose_name=_("user"),
    )
    reason = models.CharField(_("reason"), max_length=200)
    expires_epoch = models.BigIntegerField()
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)

    objects: models.Manager["Exemption"] = models.Manager()

    class Meta:
        verbose_name = _("exemption")
        verbose_name_plural = _("exemptions")

    def __str__(self) -> str:
        return f"Exemption of user {self.pk}"
