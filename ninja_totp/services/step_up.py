"""How strongly and how recently a caller's credential proved the second factor.

Here stands who may change a factor (DESIGN: "Who may change the factor") and the renewal of a
credential by a fresh proof. Reading a standing from a token or a session is `issuers/`.
"""

from dataclasses import dataclass

from django.contrib.auth.models import AbstractBaseUser
from django.http import HttpRequest

from ninja_totp import clock
from ninja_totp.async_variants import awaitable
from ninja_totp.conf import get_settings
from ninja_totp.core.errors import NotAuthenticated, NotEnabled, SecondFactorRequired
from ninja_totp.models import Totp
from ninja_totp.services.proof import Ground, Method, Proof
from ninja_totp.services.verify import attempt, factor_of

__all__ = [
    "PASSWORD_ONLY",
    "AuthContext",
    "astep_up",
    "has_fresh_factor",
    "owes_factor",
    "require_fresh",
    "require_since_reset",
    "step_up",
]


@dataclass(frozen=True, slots=True)
class AuthContext:
    """What a credential says of the second factor.

    `verified_at` is the moment of the proof, in seconds since the epoch (None: known not to have
    been proved); `generation` is the factor's generation at that moment.
    """

    verified_at: int | None
    generation: int | None
    method: Method | None = None

    def is_fresh(self, totp: Totp, *, max_age: int | None) -> bool:
        """Whether the factor as it is now was proved within the last `max_age` seconds.

        With None, however long ago.
        """
        if self.verified_at is None or self.generation != totp.generation:
            return False
        if max_age is None:
            return True
        # A moment to come is that of a clock which was set back since: it must not stay fresh
        # until the clock gets there again.
        return abs(clock.now() - self.verified_at) <= max_age


PASSWORD_ONLY = AuthContext(verified_at=None, generation=None)


def require_fresh(totp: Totp, auth_context: AuthContext) -> None:
    """Raise SecondFactorRequired unless `auth_context` allows a change of the factor now."""
    if not auth_context.is_fresh(totp, max_age=get_settings().step_up_max_age):
        raise SecondFactorRequired


def require_since_reset(totp: Totp | None, authenticated_at: int | None) -> None:
    """Raise NotAuthenticated for a credential from before the factor was last recovered.

    It may be the thief's because of whom the owner recovered. `authenticated_at` is the moment of
    the login that it goes back to, in seconds since the epoch; None for a session (recovery ends
    those) and for a kind that nobody can date.
    """
    if totp is not None and authenticated_at is not None and authenticated_at < totp.reset_epoch:
        raise NotAuthenticated


def has_fresh_factor(
    user: AbstractBaseUser, auth_context: AuthContext, *, max_age: int | None
) -> bool:
    """Whether `auth_context` is of the user's present factor, and of the last `max_age` seconds."""
    if auth_context.verified_at is None:
        return False
    totp = factor_of(user)
    return totp is not None and totp.is_enabled and auth_context.is_fresh(totp, max_age=max_age)


def owes_factor(user: AbstractBaseUser, auth_context: AuthContext, *, max_age: int | None) -> bool:
    """Whether the user has a factor that `auth_context` does not prove.

    Not the contrary of `has_fresh_factor`: who has no factor owes none.
    """
    totp = factor_of(user)
    return totp is not None and totp.is_enabled and not auth_context.is_fresh(totp, max_age=max_age)


def step_up(
    user: AbstractBaseUser,
    proof: Proof,
    *,
    authenticated_at: int | None = None,
    request: HttpRequest | None = None,
) -> AuthContext:
    """Return the standing that `proof` earns.

    Raises NotEnabled, InvalidCode, Locked; NotAuthenticated, and looks at nothing, when the
    caller's login was before a recovery (see `require_since_reset`).
    """

    def read() -> Ground:
        # First: who has ended is not told either whether there is a factor.
        totp = factor_of(user)
        require_since_reset(totp, authenticated_at)
        if totp is None or not totp.is_enabled:
            raise NotEnabled
        return Ground(totp, user)

    # Before the code is looked at: a recovery may come between, and what was proved is older.
    proved_at = clock.now()
    ground = attempt(read, proof, request=request)
    return AuthContext(proved_at, ground.totp.generation, proof.method)


astep_up = awaitable(step_up)
