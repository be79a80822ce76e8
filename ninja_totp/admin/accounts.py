"""The page of accounts: read-only, and without any column that holds a ciphertext.

A second factor is changed by its owner, by recovery, by a command or by the two actions of this
page. All of them are logged.
"""

from datetime import datetime
from operator import attrgetter
from typing import Any

from django.contrib import admin
from django.contrib.auth import get_user_model
from django.db.models import Prefetch, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext, gettext_lazy as _

from ninja_totp.admin import listing
from ninja_totp.admin.actions import RESET, UNLOCK, carry_out
from ninja_totp.conf import get_settings
from ninja_totp.models import Account, Authenticator, Event
from ninja_totp.models.users import has_field, key_written, text_fields
from ninja_totp.services import totp_events
from ninja_totp.services.authenticators import lock_state
from ninja_totp.services.operators.accounts import seconds_ahead
from ninja_totp.services.verify import Method

MOST_EVENTS = 20
_METHODS = {"otp": _("code"), "backup_code": _("backup code")}


@admin.register(Account)
class AccountAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # generic in the stubs alone
    """Which users have an authenticator, and in which state. Two actions: reset and unlock."""

    list_display = (
        "user",
        "email",
        "is_in_use",
        "confirmed_at",
        "last_used_at",
        "locked_until",
        "backup_codes",
        "encryption_key",
    )
    list_filter = (listing.InUseFilter, listing.FailuresFilter, listing.KeyFilter, "confirmed_at")
    list_select_related = ("user",)
    list_max_show_all = 100
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    paginator = listing.BoundedPaginator
    # What the address of the list may filter by: the links of `list_filter`, and nothing else.
    allowed_lookups = frozenset(
        {"confirmed_at__gte", "confirmed_at__lt", "confirmed_at__isnull", "in_use", "failed", "key"}
    )
    ordering = ("-confirmed_at",)
    actions = ("reset_two_factor", "unlock")
    fields = (
        "user",
        "email",
        "is_in_use",
        "authenticators",
        "confirmed_at",
        "last_used_at",
        "disabled_at",
        "created_at",
        "failures",
        "locked_until",
        "backup_codes",
        "backup_failures",
        "backup_codes_locked_until",
        "clock",
        "encryption_key",
    )
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> QuerySet[Account]:
        """Read the authenticators of a page at once, without the secrets."""
        confirmed = Authenticator.objects.filter(confirmed_at__isnull=False).defer("secret")
        rows = super().get_queryset(request)
        return rows.prefetch_related(Prefetch("authenticators", confirmed, to_attr="confirmed"))

    def get_list_display(self, request: HttpRequest) -> Any:  # Any: as in the stubs, more or less
        return tuple(name for name in self.list_display if name != "email" or _have_address())

    def get_fields(self, request: HttpRequest, obj: Account | None = None) -> Any:
        return tuple(name for name in self.fields if name != "email" or _have_address())

    def get_changelist(self, request: HttpRequest, **_: Any) -> type[listing.AccountList]:
        return listing.AccountList

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Say so if there are more rows than the list can page through."""
        answer = super().changelist_view(request, extra_context)
        context = getattr(answer, "context_data", None) or {}  # of a page, not of a redirect
        if "cl" in context and context["cl"].paginator.is_bounded:
            text = gettext("Only the first %d are shown. Search or filter to find others.")
            context["subtitle"] = text % listing.MOST_COUNTED
        return answer

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """Add the latest events for users with permission to view them."""
        account = context.get("original")
        if isinstance(account, Account) and _may(request, "ninja_totp.view_event"):
            context["history"] = _history_of(account)
        return super().render_change_form(request, context, *args, **kwargs)

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest | None = None) -> bool:
        """Only what is in `allowed_lookups`.

        Django lets anyone who may view the list filter by every column of the table, for example
        by `?secret__startswith=`, which reads out the column letter by letter.
        """
        return lookup in self.allowed_lookups

    def get_actions(self, request: HttpRequest, action_location: Any = None) -> dict[str, Any]:
        """Only our own: an action of the whole site (an export) could show every column."""
        # Django 6.1 asks for a place; older ones know of none.
        place = {} if action_location is None else {"action_location": action_location}
        offered = super().get_actions(request, **place)
        return {name: offered[name] for name in offered if name in self.actions}

    def get_search_fields(self, request: HttpRequest) -> tuple[str, ...]:
        return tuple(f"user__{name}" for name in text_fields())

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Account], search_term: str
    ) -> tuple[QuerySet[Account], bool]:
        """Find by login name and email, and by the full primary key."""
        if not search_term:
            return queryset, False
        found, may_have_duplicates = queryset.none(), False
        if self.get_search_fields(request):
            found, may_have_duplicates = super().get_search_results(request, queryset, search_term)
        key = key_written(search_term)
        return found if key is None else found | queryset.filter(pk=key), may_have_duplicates

    @admin.action(description=RESET.title, permissions=["reset"])
    def reset_two_factor(
        self, request: HttpRequest, queryset: QuerySet[Account]
    ) -> HttpResponse | None:
        return carry_out(self, request, queryset, RESET)

    @admin.action(description=UNLOCK.title, permissions=["unlock"])
    def unlock(self, request: HttpRequest, queryset: QuerySet[Account]) -> HttpResponse | None:
        return carry_out(self, request, queryset, UNLOCK)

    def has_reset_permission(self, request: HttpRequest) -> bool:
        return _may(request, "ninja_totp.reset_totp")

    def has_unlock_permission(self, request: HttpRequest) -> bool:
        return _may(request, "ninja_totp.unlock_totp")

    @admin.display(description=_("email"))
    def email(self, account: Account) -> str:
        return str(getattr(account.user, account.user.get_email_field_name(), ""))

    @admin.display(description=_("two-factor authentication"), boolean=True)
    def is_in_use(self, account: Account) -> bool:
        return account.is_enabled

    @admin.display(description=_("authenticators"))
    def authenticators(self, account: Any) -> str:
        oldest_first = sorted(account.confirmed, key=attrgetter("confirmed_at"))
        return ", ".join(one.name for one in oldest_first)

    @admin.display(description=_("backup codes"))
    def backup_codes(self, account: Any) -> str:  # Any: with two attributes more
        """Return unused and all codes, as "9/10"."""
        if not hasattr(account, "codes_left"):
            listing.count_codes([account])
        return f"{account.codes_left}/{account.codes_made}"

    @admin.display(description=_("encryption key"))
    def encryption_key(self, account: Any) -> str:
        """Return the position of the key in the setting, and its id."""
        ids = get_settings().key_ring.key_ids
        return ", ".join(
            f"{ids.index(one.key_id) + 1}: {one.key_id}"
            if one.key_id in ids
            else f"{one.key_id} ({gettext('not in the settings')})"
            for one in account.confirmed
        )

    @admin.display(description=_("codes locked until"))
    def locked_until(self, account: Any) -> datetime | str:
        return self._end_of(account, "otp")

    @admin.display(description=_("backup codes locked until"))
    def backup_codes_locked_until(self, account: Any) -> datetime | str:
        return self._end_of(account, "backup_code")

    def _end_of(self, account: Any, method: Method) -> datetime | str:
        lock = lock_state(account, account.user, method, authenticators=len(account.confirmed))
        # A page of one writes "None" where a method of ours returns it, a list does not.
        if lock is None:
            return str(self.get_empty_value_display())
        return lock.until or gettext("staff unlock it")

    @admin.display(description=_("clock"))
    def clock(self, account: Any) -> str:
        """Say that no code is accepted because a server's clock was ahead."""
        seconds = seconds_ahead(account.confirmed)
        if not seconds:
            return str(self.get_empty_value_display())
        text = gettext("A code from %d seconds in the future was used. A server's clock was wrong.")
        return text % seconds

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Nobody: only the owner may see a new secret."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Account | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Account | None = None) -> bool:
        """Only together with the user: the row stores failures and used codes."""
        match = request.resolver_match
        is_own_page = match is not None and (match.url_name or "").startswith("ninja_totp_account")
        return not is_own_page and super().has_delete_permission(request, obj)


def _history_of(account: Account) -> dict[str, Any]:
    """Return the latest events, newest first, in one query. An operator's reason is not in them."""
    page = totp_events(account.user, limit=MOST_EVENTS)
    rows = [
        (event, Event(type=event.type).get_type_display(), _METHODS.get(event.method, event.method))
        for event in page.events
    ]
    has_addresses = any(event.address for event in page.events)
    return {"rows": rows, "has_addresses": has_addresses, "has_more": page.next_before is not None}


def _have_address() -> bool:
    return has_field(get_user_model().get_email_field_name())


def _may(request: HttpRequest, permission: str) -> bool:
    user: Any = request.user  # Any: permissions are no part of AbstractBaseUser
    return bool(user.has_perm(permission))
