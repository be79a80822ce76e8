"""The actions of staff on a user's second factor: confirmed, with a reason, and logged.

What an action does is in `services/operators/`.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.widgets import AdminTextInputWidget
from django.contrib.auth.models import AbstractBaseUser
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext, gettext_lazy as _, ngettext

from ninja_totp.core.errors import NotEnrolled
from ninja_totp.models import Account
from ninja_totp.services import reset_totp, unlock_totp

# Staff must look at each of them; more at once are a mistake or an attack.
MOST_AT_ONCE = 100


@dataclass(frozen=True)
class Action:
    """A use case that is offered in the admin. `name` is that of the action in Django's admin."""

    name: str
    use_case: Callable[..., None]
    title: Any  # str, or the lazy translation of one
    warning: Any


RESET = Action(
    "reset_two_factor",
    reset_totp,
    _("Reset two-factor authentication"),
    _(
        "The password alone will be enough to log in until the user sets up two-factor "
        "authentication again. First make sure that you are talking to the owner: contact them "
        "yourself, on another channel."
    ),
)
UNLOCK = Action(
    "unlock",
    unlock_totp,
    _("Unlock"),
    _("This clears the failed attempts. Someone who is guessing codes can continue."),
)


class ReasonForm(forms.Form):
    """The reason for an action."""

    reason = forms.CharField(
        label=_("Reason"),
        max_length=200,
        widget=AdminTextInputWidget,
        help_text=_("Written to the log. Do not enter a code or a password."),
    )


def carry_out(
    model_admin: "admin.ModelAdmin[Account]",
    request: HttpRequest,
    rows: QuerySet[Account],
    action: Action,
) -> HttpResponse | None:
    """Ask for confirmation and a reason, then act. None redirects to the list."""
    chosen = list(rows.select_related("user")[: MOST_AT_ONCE + 1])
    if request.POST.get("select_across") == "1" or len(chosen) > MOST_AT_ONCE:
        text = gettext("Select at most %d users at once.") % MOST_AT_ONCE
        model_admin.message_user(request, text, messages.ERROR)
        return None
    form = ReasonForm(request.POST if "confirmed" in request.POST else None)
    if form.is_valid():
        reason = form.cleaned_data["reason"]
        done = 0
        for account in chosen:
            done += _do(model_admin, request, account, action, reason)
        for level, text in _summary(action, done, len(chosen) - done):
            model_admin.message_user(request, text, level)
        return None
    context = {
        **model_admin.admin_site.each_context(request),
        "title": action.title,
        "action": action,
        "chosen": [(account, _objection(request.user, account.user)) for account in chosen],
        "form": form,
        "media": model_admin.media,
        "opts": model_admin.opts,
        "checkbox": ACTION_CHECKBOX_NAME,
    }
    request.current_app = model_admin.admin_site.name
    return TemplateResponse(request, "admin/ninja_totp/account/question.html", context)


def _objection(actor: Any, owner: AbstractBaseUser) -> str | None:
    """Return why `actor` may not act on this user, or None if they may."""
    if actor.pk == owner.pk:
        # A stolen staff session without the phone must not remove the phone.
        return gettext("this is your own account: use the pages for users")
    if getattr(owner, "is_superuser", False) and not actor.is_superuser:
        return gettext("this is a superuser: only superusers may do this")
    return None


def _do(
    model_admin: Any, request: HttpRequest, account: Account, action: Action, reason: str
) -> bool:
    if _objection(request.user, account.user) is not None:
        return False
    try:
        action.use_case(account.user, actor=f"admin {request.user.pk}", reason=reason)
    except NotEnrolled:
        return False
    model_admin.log_change(request, account, f"{action.title}: {reason}")
    return True


def _summary(action: Action, done: int, left: int) -> Iterator[tuple[int, str]]:
    if done:
        text = ngettext("%(action)s: %(n)d user.", "%(action)s: %(n)d users.", done)
        yield messages.INFO, text % {"action": action.title, "n": done}
    if left:
        text = ngettext("%d user was skipped.", "%d users were skipped.", left)
        yield messages.WARNING, text % left
