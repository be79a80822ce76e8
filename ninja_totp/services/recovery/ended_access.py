"""End all access to an account that may be in the wrong hands.

Sessions end with the password's hash: Django keeps a digest of it in each session, with any
session engine, so a new password (or a new salt) ends them at once. Tokens of a JWT library are
refused wherever this package checks them (`is_ended`); if a blacklist is installed, they are added
to it for the rest of the project.
"""

from typing import Any

from django.apps import apps
from django.contrib.auth.hashers import check_password
from django.contrib.auth.models import AbstractBaseUser
from django.db.models import Q
from django.utils import timezone
from django.views.decorators.debug import sensitive_variables

from ninja_totp import clock
from ninja_totp.models import Account, Challenge, TrustedDevice
from ninja_totp.transactions import database

_BLACKLISTS = ("rest_framework_simplejwt.token_blacklist", "ninja_jwt.token_blacklist")


@sensitive_variables()
def set_password(user: AbstractBaseUser, password: str, new_password: str | None) -> None:
    """Set the new password of `user`, or the same one with a new salt. Saves nothing.

    Does nothing without a new password if it is stored elsewhere (LDAP). As slow as the password
    hasher: call it outside of transactions.
    """
    if new_password is not None:
        user.set_password(new_password)
    elif check_password(password, user.password):
        user.set_password(password)


def end_proofs(user: AbstractBaseUser, *, keep: Challenge | None = None) -> None:
    """End the user's devices, tokens, and challenges but `keep`; sessions stay.

    The caller holds a transaction in which it has removed the second factor with its codes.
    """
    mine = {"user_id": user.pk}
    TrustedDevice.objects.using(database()).filter(**mine).delete()
    challenges = Challenge.objects.using(database()).filter(**mine)
    (challenges if keep is None else challenges.exclude(pk=keep.pk)).delete()
    _blacklist_tokens(user)


def is_ended(authenticated_at: int, *, by_password: bool, **user: Any) -> bool:
    """Whether this login has ended since. `user` is a lookup of one user.

    A recovery ends every login. A login `by_password` alone also ends when 2FA is turned on:
    otherwise a stolen password would work for as long as tokens are refreshed.
    """
    mine = {f"user__{name}": value for name, value in user.items()}
    ended = Q(reset_epoch__gt=authenticated_at)
    if by_password:
        ended |= Q(confirmed_epoch__gte=max(1, authenticated_at))
    return Account.objects.using(database()).filter(ended, **mine).exists()


def reset_moment() -> int:
    """Return the time of a recovery or reset that happens now, in seconds since the epoch.

    It is the next second: logins in this second count as before it, and `after_reset` dates later
    logins.
    """
    return clock.now() + 1


def _blacklist_tokens(user: AbstractBaseUser) -> None:
    """Add all tokens of the user to the blacklist of the JWT library, if it is installed."""
    if not any(map(apps.is_installed, _BLACKLISTS)):
        return
    # Any: models of whichever library is installed; the plugin of mypy sees neither.
    model: Any = apps.get_model
    tokens = model("token_blacklist", "OutstandingToken").objects.filter(user_id=user.pk)
    blacklisted = model("token_blacklist", "BlacklistedToken")
    valid = tokens.filter(blacklistedtoken=None, expires_at__gt=timezone.now())
    rows = [blacklisted(token=token) for token in valid]
    blacklisted.objects.bulk_create(rows, ignore_conflicts=True)
