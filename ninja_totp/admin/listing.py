"""A list that costs the same for ten accounts and for a hundred thousand.

Rows are counted up to a limit, and backup codes in one query for a page. The columns are in
`accounts.py`.
"""

from collections.abc import Sequence
from functools import cached_property
from typing import Any

from django.contrib.admin.views.main import ChangeList
from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.http import HttpRequest

from ninja_totp.models import BackupCode

# A hundred pages of a hundred: nobody reads further, and counting all rows takes longer the larger
# the table is.
MOST_COUNTED = 10_000


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
        rows = list(self.result_list)
        count_codes(rows)
        self.result_list = rows


def count_codes(rows: Sequence[Any]) -> None:  # Any: they get two attributes more
    """Set `codes_left` and `codes_made` of each row, in one query for all of them."""
    codes = BackupCode.objects.filter(user__in=[row.pk for row in rows]).order_by()
    counted = codes.values("user_id").annotate(
        left=Count("pk", filter=Q(used_at=None)), made=Count("pk")
    )
    numbers = {one["user_id"]: (one["left"], one["made"]) for one in counted}
    for row in rows:
        row.codes_left, row.codes_made = numbers.get(row.pk, (0, 0))
