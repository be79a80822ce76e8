"""Ending what still lets somebody into an account, for when it may be in wrong hands.

Sessions end with the password's hash: Django keeps a digest of it in each session, whichever
engine holds them, so that a new password, or the same one under a new salt, ends them at once.
What a JWT library issued is refused wherever this package looks at it (`is_ended`); a blacklist,
where one is installed, tells the rest of the project.
"""

from typing import Any

from django.apps import apps
from django.contrib.auth.hashers import check_password
from django.contrib.auth.models import AbstractBaseUser
from django.db.models import Q
from django.http import HttpRequest
from django.utils import timezone
from django.views.decorators.debug import sensitive_variables

from ninja_totp import clock
from ninja_totp.models import Account, Challenge, Event, TrustedDevice
from ninja_totp.services.history import record
from ninja_totp.transactions import database

_BLACKLISTS = ("rest_framework_simplejwt.token_blacklist", "ninja_jwt.token_blacklist")


@sensitive_variables()
def set_password(user: AbstractBaseUser, password: str, new_password: str | None) -> None:
    """Give `user` the new password; without one, the same under another salt. Nothing is saved.

    Not even that when the password is kept elsewhere (LDAP). As slow as the password hasher: to be
    run in no transaction.
    """
    if new_password is not None:
        user.set_password(new_password)
    elif check_password(password, user.password):
        user.set_password(password)


def end_access(
    user: AbstractBaseUser,
    *,
    keep: Challenge,
    request: HttpRequest | None,
    api: str,
) -> None:
    """End the user's sessions, tokens, devices and challenges but `keep`, the recovery.

    Sessions end by the password that `set_password` has given `user`. The caller holds a
    transaction.
    """
    record(user, Event.Type.RECOVERED, request=request, api=api)
    end_proofs(user, keep=keep)
    user.save(using=database(), update_fields=["password"])


def end_proofs(user: AbstractBaseUser, *, keep: Challenge | None = None) -> None:
    """End the user's devices, tokens, and challenges but `keep`; sessions stay.

    The caller holds a transaction, in which it has switched the factor off: that ends the codes.
    """
    mine = {"user_id": user.pk}
    TrustedDevice.objects.using(database()).filter(**mine).delete()
    challenges = Challenge.objects.using(database()).filter(**mine)
    (challenges if keep is None else challenges.exclude(pk=keep.pk)).delete()
    _blacklist_tokens(user)


def is_ended(authenticated_at: int, *, by_password: bool, **user: Any) -> bool:
    """Whether something of `user` (a look-up of one user) has ended this login since.

    A recovery ends every login. What was logged in `by_password` alone ends when a factor is
    confirmed, too: otherwise a stolen password would be good for as long as tokens are renewed.
    """
    mine = {f"user__{name}": value for name, value in user.items()}
    ended = Q(reset_epoch__gt=authenticated_at)
    if by_password:
        ended |= Q(confirmed_epoch__gte=max(1, authenticated_at))
    return Account.objects.using(database()).filter(ended, **mine).exists()


def reset_moment() -> int:
    """Return the moment of a recovery or a reset that happens now, in seconds since the epoch.

    The second after: what was logged in within this one was before it, and `after_reset` dates the
    logins that come later.
    """
    return clock.now() + 1


def _blacklist_tokens(user: AbstractBaseUser) -> None:
    """Tell the blacklist of the JWT library, where one is installed, of all the user's tokens."""
    if not any(map(apps.is_installed, _BLACKLISTS)):
        return
    # Any: models of whichever library is installed; the plugin of mypy sees neither.
    model: Any = apps.get_model
    outstanding, blacklisted = (
        model("token_blacklist", name) for name in ("OutstandingToken", "BlacklistedToken")
    )
    alive = outstanding.objects.filter(
        user_id=user.pk, blacklistedtoken=None, expires_at__gt=timezone.now()
    )
    blacklisted.objects.bulk_create(
        [blacklisted(token=token) for token in alive], ignore_conflicts=True
    )
