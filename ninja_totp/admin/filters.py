"""The filters of the list of accounts. They use only columns that the list shows."""

from collections.abc import Iterable
from typing import Any

from django.contrib import admin
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from ninja_totp.conf import get_settings
from ninja_totp.models import Account, Authenticator

_ELSEWHERE = "missing"


class InUseFilter(admin.SimpleListFilter):
    """Whether two-factor authentication is on."""

    title = _("two-factor authentication")
    parameter_name = "in_use"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterable[tuple[str, Any]]:
        return (("yes", _("Yes")), ("no", _("No")))

    def queryset(self, request: HttpRequest, queryset: QuerySet[Account]) -> QuerySet[Account]:
        if self.value() is None:
            return queryset
        return queryset.filter(confirmed_at__isnull=self.value() != "yes")


class FailuresFilter(admin.SimpleListFilter):
    """Whether there were wrong codes since the last right one. Locked users are among them."""

    title = _("failed attempts since the last success")
    parameter_name = "failed"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterable[tuple[str, Any]]:
        return (("yes", _("Yes")), ("no", _("No")))

    def queryset(self, request: HttpRequest, queryset: QuerySet[Account]) -> QuerySet[Account]:
        failed = Q(failures__gt=0) | Q(backup_failures__gt=0)
        if self.value() is None:
            return queryset
        return queryset.filter(failed if self.value() == "yes" else ~failed)


class KeyFilter(admin.SimpleListFilter):
    """Which key encrypts the secret. The choices come from the settings, without a query."""

    title = _("encryption key")
    parameter_name = "key"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterable[tuple[str, Any]]:
        ids = get_settings().key_ring.key_ids
        known = ((key_id, f"{number}: {key_id}") for number, key_id in enumerate(ids, start=1))
        return (*known, (_ELSEWHERE, _("not in the settings")))

    def queryset(self, request: HttpRequest, queryset: QuerySet[Account]) -> QuerySet[Account]:
        if self.value() is None:
            return queryset
        confirmed = Authenticator.objects.filter(account=OuterRef("pk"), confirmed_at__isnull=False)
        if self.value() == _ELSEWHERE:
            under = confirmed.exclude(key_id__in=get_settings().key_ring.key_ids)
        else:
            under = confirmed.filter(key_id=self.value())
        return queryset.filter(Exists(under))
