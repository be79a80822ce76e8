"""Django's admin: who has an authenticator, and in which state. Nothing secret, nothing to edit.

A factor is removed by its owner, by recovery or by a command, which leave a trace; the pages here
are for looking.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.contrib.auth import get_user_model
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from ninja_totp.models import Totp

__all__ = ["TotpAdmin"]

if TYPE_CHECKING:
    _ModelAdmin = admin.ModelAdmin[Totp]
else:  # generic in the stubs alone
    _ModelAdmin = admin.ModelAdmin

_CODES = "user__ninja_totp_backup_codes"


@admin.register(Totp)
class TotpAdmin(_ModelAdmin):
    """Read-only, and without a column that holds a ciphertext."""

    list_display = ("user", "email", "is_in_use", "backup_codes", "confirmed_at", "last_used_at")
    list_filter = ("confirmed_at",)
    list_select_related = ("user",)
    show_facets = admin.ShowFacets.NEVER
    # What the address of the list may filter by: the links of `list_filter`, and nothing else.
    allowed_lookups = frozenset(f"confirmed_at__{name}" for name in ("gte", "lt", "isnull"))
    ordering = ("-confirmed_at",)
    fields = (
        "user",
        "email",
        "is_in_use",
        "backup_codes",
        "failures",
        "backup_failures",
        "created_at",
        "confirmed_at",
        "last_used_at",
        "disabled_at",
    )
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> QuerySet[Totp]:
        """Count the backup codes along."""
        codes = Count(_CODES, distinct=True)
        unused = Count(_CODES, filter=Q(**{f"{_CODES}__used_at": None}), distinct=True)
        return super().get_queryset(request).annotate(codes_made=codes, codes_unused=unused)

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest | None = None) -> bool:
        """Only what is in `allowed_lookups`.

        Django lets whoever may look at the list filter by every column of the table, also by
        `?secret__startswith=`: answer by answer that reads the column out, letter by letter.
        """
        return lookup in self.allowed_lookups

    def get_actions(self, request: HttpRequest) -> dict[str, tuple[Callable[..., Any], str, str]]:
        """Only our own: those of the whole site may write out every column (an export, say)."""
        offered = super().get_actions(request)
        return {name: offered[name] for name in offered if name in (self.actions or ())}

    def get_search_fields(self, request: HttpRequest) -> tuple[str, ...]:
        """Search by the name that the user model has."""
        return (f"user__{get_user_model().USERNAME_FIELD}",)

    @admin.display(description=_("e-mail"))
    def email(self, totp: Totp) -> str:
        """Return the address of the user, if the users of the project have one."""
        return str(getattr(totp.user, totp.user.get_email_field_name(), ""))

    @admin.display(description=_("in use"), boolean=True)
    def is_in_use(self, totp: Totp) -> bool:
        """Whether logging in needs this authenticator."""
        return totp.is_enabled

    @admin.display(description=_("backup codes"))
    def backup_codes(self, totp: Any) -> str:  # Any: annotated as above
        """Return unused and all codes, as "9/10"."""
        return f"{totp.codes_unused}/{totp.codes_made}"

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Nobody: a secret is made for its owner alone."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Totp | None = None) -> bool:
        """Nobody."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Totp | None = None) -> bool:
        """Only together with the user: the row remembers failures and used codes."""
        match = request.resolver_match
        is_own_page = match is not None and (match.url_name or "").startswith("ninja_totp_totp")
        return not is_own_page and super().has_delete_permission(request, obj)
