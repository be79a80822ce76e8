"""A list that costs the same for ten accounts and for a hundred thousand, and its filters.

Rows are counted up to a limit, and backup codes in one query for a page. The filters use only
columns that the list shows. The columns are in `accounts.py`.
"""

from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import Any

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.core.paginator import Paginator
from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from ninja_totp.conf import get_settings
from ninja_totp.models import Account, Authenticator, BackupCode

# A hundred pages of a hundred: nobody reads further, and counting all rows takes longer the larger
# the table is.
MOST_COUNTED = 10_000
_ELSEWHERE = "missing"


class BoundedPaginator(Paginator):  # type: ignore[type-arg]  # generic in the stubs alone
    """Count up to MOST_COUNTED rows and page through these. Search for others."""

    @cached_property
    def _counted(self) -> int:
        rows: Any = self.object_list  # Any: a queryset, which the stubs do not know here
        number: int = rows.order_by()[: MOST_COUNTED + 1].count()
        return number

    @cached_property
    def count(self) -> int:
        return min(self._counted, MOST_COUNTED)

    @property
    def is_bounded(self) -> bool:
        return self._counted > MOST_COUNTED


class AccountList(ChangeList):
    """The rows of a page, each with the number of backup codes."""

    def get_results(self, request: HttpRequest) -> None:
        """Read the page, and count its backup codes in one query."""
        super().get_results(request)
        self.result_list = list(self.result_list)
        count_codes(self.result_list)


def count_codes(rows: Sequence[Any]) -> None:  # Any: they get two attributes more
    """Set `codes_left` and `codes_made` of each row, in one query for all of them."""
    codes = BackupCode.objects.filter(user__in=[row.pk for row in rows]).order_by()
    counted = codes.values("user_id").annotate(
        left=Count("pk", filter=Q(used_at=None)), made=Count("pk")
    )
    numbers = {one["user_id"]: (one["left"], one["made"]) for one in counted}
    for row in rows:
        row.codes_left, row.codes_made = numbers.get(row.pk, (0, 0))


class _YesNoFilter(admin.SimpleListFilter):
    condition: Q

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterable[tuple[str, Any]]:
        return (("yes", _("Yes")), ("no", _("No")))

    def queryset(self, request: HttpRequest, queryset: QuerySet[Account]) -> QuerySet[Account]:
        if self.value() is None:
            return queryset
        return queryset.filter(self.condition if self.value() == "yes" else ~self.condition)


class InUseFilter(_YesNoFilter):
    """Whether two-factor authentication is on."""

    title = _("two-factor authentication")
    parameter_name = "in_use"
    condition = Q(confirmed_at__isnull=False)


class FailuresFilter(_YesNoFilter):
    """Whether there were wrong codes since the last right one. Locked users are among them."""

    title = _("failed attempts since the last success")
    parameter_name = "failed"
    condition = Q(failures__gt=0) | Q(backup_failures__gt=0)


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
        known, is_elsewhere = get_settings().key_ring.key_ids, self.value() == _ELSEWHERE
        under = ~Q(key_id__in=known) if is_elsewhere else Q(key_id=self.value())
        confirmed = Authenticator.objects.filter(account=OuterRef("pk"), confirmed_at__isnull=False)
        return queryset.filter(Exists(confirmed.filter(under)))
