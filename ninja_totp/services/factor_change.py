"""One change to a live factor, by whoever may make it.

What the change is stands in the use cases (disable, replace, rotate); here stand the check of
the caller's authority and the swap that makes the check and the write one.
"""

from collections.abc import Callable
from functools import partial
from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.http import HttpRequest

from ninja_totp.all_or_none import write_all
from ninja_totp.core.errors import NotEnrolled
from ninja_totp.services.proof import Ground, Proof
from ninja_totp.services.step_up import AuthContext, require_fresh, require_since_reset
from ninja_totp.services.swapping import LostSwap, database, until_swapped
from ninja_totp.services.verify import attempt, factor_of

__all__ = ["Authority", "change_factor"]

# By what right a factor is changed: a proof typed now, the standing of the caller's credential,
# or None, when the calling code answers for it (an admin's action, a project's own view).
Authority = Proof | AuthContext | None

Changes = Callable[[Ground], dict[str, Any]]


def change_factor(
    user: AbstractBaseUser,
    authority: Authority,
    *,
    changes: Changes = lambda ground: {},
    alongside: Callable[[Ground], object] | None = None,
    authenticated_at: int | None = None,
    request: HttpRequest | None = None,
) -> None:
    """Write `changes` to the user's confirmed factor and run `alongside`, both or neither.

    Raises NotEnrolled without a confirmed factor; SecondFactorRequired when a standing is not
    fresh; InvalidCode or Locked when a proof does not hold; NotAuthenticated when
    `authenticated_at` was before a recovery (see `require_since_reset`).
    """

    def read() -> Ground:
        totp = factor_of(user)
        require_since_reset(totp, authenticated_at)
        if totp is None or not totp.is_enabled:
            raise NotEnrolled
        return Ground(totp, user)

    if isinstance(authority, Proof):
        attempt(read, authority, changes=changes, alongside=alongside, request=request)
    else:
        until_swapped(lambda: _change(read(), authority, changes, alongside))


def _change(
    ground: Ground,
    auth_context: AuthContext | None,
    changes: Changes,
    alongside: Callable[[Ground], object] | None,
) -> None:
    if auth_context is not None:
        require_fresh(ground.totp, auth_context)
    swap = ground.totp.swapped(changes(ground))
    then = None if alongside is None else partial(alongside, ground)
    if write_all([swap], database(), then=then) != 1:
        raise LostSwap
    ground.totp.show(swap)
