"""Step-up authentication: how recently a credential proved the second factor, and how.

Also who may change the second factor (docs/explanation/design.md), which logins a change has ended,
and new proofs of a credential. Reading the authentication context of a token or a session is in
`http/issuers/`.
"""

from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.db.models import Q
from django.http import HttpRequest
from django.views.decorators.debug import sensitive_variables

from ninja_totp import clock
from ninja_totp.conf import get_settings
from ninja_totp.core import errors
from ninja_totp.models import Account
from ninja_totp.services.verify import Method, Proof, factor_of, verify
from ninja_totp.transactions import database, retry_on_conflict


@dataclass(frozen=True, slots=True)
class AuthContext:
    """The authentication context of a credential (OpenID Connect: `auth_time`, `amr`).

    `verified_at` is when the second factor was proved, in seconds since the epoch (None: it was
    not); `generation` is the factor's generation at that time. `logged_in_at` is the time of a
    login with the password alone, if a new credential must not be dated now.
    """

    verified_at: int | None
    generation: int | None
    method: Method | None = None
    logged_in_at: int | None = None

    def is_fresh(self, account: Account, *, max_age: int | None) -> bool:
        """Whether the current second factor was proved in the last `max_age` seconds.

        None means at any time.
        """
        if self.verified_at is None or self.generation != account.generation:
            return False
        if max_age is None:
            return True
        # A time in the future means that the clock was set back. The proof must not stay fresh
        # until that time.
        return abs(clock.now() - self.verified_at) <= max_age


PASSWORD_ONLY = AuthContext(verified_at=None, generation=None)

# What allows a change of the second factor: a proof in this call, the caller's authentication
# context, or None if the calling code is responsible (an admin action, a view of the project).
Authority = Proof | AuthContext | None

# The time of a login with an unknown date: before any recovery.
UNDATED = 0


def after_reset(account: Account | None, now: int) -> int:
    """Return the time of a login that succeeds now: later than a recovery in the same second.

    Any other login in that second counts as before the recovery.
    """
    return now if account is None else max(now, account.reset_epoch)


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


def require_since_reset(account: Account | None, authenticated_at: int | None) -> None:
    """Raise NotAuthenticated for a credential from before the last recovery or reset.

    An attacker may have it. `authenticated_at` is the time of its login in seconds since the epoch;
    None checks nothing. UNDATED is refused until 2FA is set up again: then a code is required.
    """
    if account is None or authenticated_at is None:
        return
    if authenticated_at == UNDATED and account.is_enabled:
        return
    if authenticated_at < account.reset_epoch:
        raise errors.NotAuthenticated


def changeable_account(
    user: AbstractBaseUser,
    by: AuthContext | None,
    authenticated_at: int | None,
    *,
    may_be_old: bool = False,
) -> Account:
    """Return the account if `by` may change its second factor now.

    `by` None allows it: the calling code is responsible. With `may_be_old`, a proof may have any
    age. Raises NotAuthenticated like `require_since_reset`, and first, so that an old login cannot
    learn whether 2FA is on; NotEnrolled without a confirmed authenticator; SecondFactorRequired if
    the context is too old.
    """
    account = Account.of(user)
    require_since_reset(account, authenticated_at)
    if account is None or not account.is_enabled:
        raise errors.NotEnrolled
    if by is None and authenticated_at == UNDATED and account.reset_epoch:
        by = PASSWORD_ONLY  # trusted by TOTP_REQUIRE_CODE, but it may be from before the reset
    max_age = get_settings().step_up_max_age
    if by is not None and not by.is_fresh(account, max_age=None if may_be_old else max_age):
        raise errors.SecondFactorRequired(max_age=max_age)
    return account


def require_fresh_factor(
    user: AbstractBaseUser, auth_context: AuthContext | None, *, max_age: int
) -> None:
    """Return if the user's current second factor was proved in the last `max_age` seconds.

    Raises EnrolmentRequired for a user without 2FA, otherwise SecondFactorRequired.
    """
    account = Account.of(user)
    if account is None or not account.is_enabled:
        raise errors.EnrolmentRequired
    if auth_context is None or not auth_context.is_fresh(account, max_age=max_age):
        raise errors.SecondFactorRequired(max_age=max_age)


@sensitive_variables()
@retry_on_conflict
def step_up(
    user: AbstractBaseUser,
    proof: Proof,
    *,
    authenticated_at: int | None = None,
    request: HttpRequest | None = None,
    api: str = "",
) -> AuthContext:
    """Check `proof` and return the new authentication context.

    Raises NotEnabled, InvalidCode, Locked; NotAuthenticated, without checking anything, if the
    caller's login was before a recovery (see `require_since_reset`).
    """
    now = clock.now()
    try:
        factor = factor_of(user)
    except errors.NotEnabled:
        # An old login must not learn whether 2FA is on.
        require_since_reset(Account.of(user), authenticated_at)
        raise
    require_since_reset(factor.account, authenticated_at)
    verify(factor, proof, now=now, request=request, api=api)
    return AuthContext(after_reset(factor.account, now), factor.account.generation, proof.method)


def context_of_authority(
    user: AbstractBaseUser,
    authority: Authority,
    authenticated_at: int | None,
    request: HttpRequest | None,
    api: str,
) -> AuthContext | None:
    """Return the authentication context of `authority`; a proof is used up.

    `changeable_account` decides if it is enough. Call this outside of `retry_on_conflict`, so that
    a retry needs no second code. Raises NotEnrolled without a confirmed authenticator, and what
    `step_up` raises.
    """
    if not isinstance(authority, Proof):
        return authority
    try:
        return step_up(user, authority, authenticated_at=authenticated_at, request=request, api=api)
    except errors.NotEnabled:
        raise errors.NotEnrolled from None
