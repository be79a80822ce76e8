"""How strongly and how recently a caller's credential proved the second factor.

Here stands who may change a factor (docs/explanation/design.md) and the renewal of a credential by
a fresh proof. Reading an authentication context from a token or a session is `http/issuers/`.
"""

from dataclasses import dataclass

from django.contrib.auth.models import AbstractBaseUser
from django.http import HttpRequest
from django.views.decorators.debug import sensitive_variables

from ninja_totp import clock
from ninja_totp.async_variants import awaitable
from ninja_totp.conf import get_settings
from ninja_totp.core.errors import (
    EnrolmentRequired,
    NotAuthenticated,
    NotEnabled,
    NotEnrolled,
    SecondFactorRequired,
)
from ninja_totp.models import Account
from ninja_totp.services.verify import Method, Proof, factor_of, verify
from ninja_totp.transactions import retry_on_conflict


@dataclass(frozen=True, slots=True)
class AuthContext:
    """What a credential says of the second factor (OpenID Connect: `auth_time`, `amr`).

    `verified_at` is the moment of the proof, in seconds since the epoch (None: known not to have
    been proved); `generation` is the factor's generation at that moment. `logged_in_at` is the
    moment of a login by password alone, where a new credential is to have another than now.
    """

    verified_at: int | None
    generation: int | None
    method: Method | None = None
    logged_in_at: int | None = None

    def is_fresh(self, account: Account, *, max_age: int | None) -> bool:
        """Whether the factor as it is now was proved within the last `max_age` seconds.

        With None, however long ago.
        """
        if self.verified_at is None or self.generation != account.generation:
            return False
        if max_age is None:
            return True
        # A time in the future means that the clock was set back since: it must not stay fresh
        # until the clock gets there again.
        return abs(clock.now() - self.verified_at) <= max_age


PASSWORD_ONLY = AuthContext(verified_at=None, generation=None)

# By what right a factor is changed: a proof typed now, the caller's authentication context, or
# None, when the calling code answers for it (an admin's action, a project's own view).
Authority = Proof | AuthContext | None


# The moment of a login that nobody can date: before any recovery, then.
UNDATED = 0


def after_reset(account: Account | None, now: int) -> int:
    """Return the moment of a login that succeeds now: later than a recovery of the same second.

    What else was logged in within that second was before it.
    """
    return now if account is None else max(now, account.reset_epoch)


def require_since_reset(account: Account | None, authenticated_at: int | None) -> None:
    """Raise NotAuthenticated for a credential from before the factor was last recovered or reset.

    It may be the thief's because of whom the owner recovered. `authenticated_at` is the moment of
    the login that it goes back to, in seconds since the epoch; None asks nothing. UNDATED is
    refused until the next factor is confirmed: from then on a code of that one decides.
    """
    if account is None or authenticated_at is None:
        return
    if authenticated_at == UNDATED and account.is_enabled:
        return
    if authenticated_at < account.reset_epoch:
        raise NotAuthenticated


def changeable_account(
    user: AbstractBaseUser,
    by: AuthContext | None,
    authenticated_at: int | None,
    *,
    may_be_old: bool = False,
) -> Account:
    """Return the account whose factor may be changed now by an authentication context.

    None allows it: the calling code answers for it. With `may_be_old` it does not matter how long
    ago the factor was proved. Raises NotEnrolled without a confirmed factor,
    SecondFactorRequired when the context is not fresh; NotAuthenticated as `require_since_reset`
    does, and first: a login that has ended is not told either whether there is a factor.
    """
    account = Account.of(user)
    require_since_reset(account, authenticated_at)
    if account is None or not account.is_enabled:
        raise NotEnrolled
    if by is None and authenticated_at == UNDATED and account.reset_epoch:
        by = PASSWORD_ONLY  # its kind is trusted (TOTP_REQUIRE_CODE), but it may be from before
    max_age = get_settings().step_up_max_age
    if by is not None and not by.is_fresh(account, max_age=None if may_be_old else max_age):
        raise SecondFactorRequired(max_age=max_age)
    return account


def require_fresh_factor(
    user: AbstractBaseUser, auth_context: AuthContext | None, *, max_age: int
) -> None:
    """Return if `auth_context` is of the user's present factor, and of the last `max_age` seconds.

    Raises EnrolmentRequired for a user without a factor, SecondFactorRequired otherwise.
    """
    account = Account.of(user)
    if account is None or not account.is_enabled:
        raise EnrolmentRequired
    if auth_context is None or not auth_context.is_fresh(account, max_age=max_age):
        raise SecondFactorRequired(max_age=max_age)


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
    """Return the authentication context that `proof` earns.

    Raises NotEnabled, InvalidCode, Locked; NotAuthenticated, and looks at nothing, when the
    caller's login was before a recovery (see `require_since_reset`).
    """
    now = clock.now()
    try:
        factor = factor_of(user)
    except NotEnabled:
        # A login that has ended is not told either whether there is a factor.
        require_since_reset(Account.of(user), authenticated_at)
        raise
    require_since_reset(factor.account, authenticated_at)
    verify(factor, proof, now=now, request=request, api=api)
    return AuthContext(after_reset(factor.account, now), factor.account.generation, proof.method)


@sensitive_variables()
def context_of_authority(
    user: AbstractBaseUser,
    authority: Authority,
    *,
    authenticated_at: int | None,
    request: HttpRequest | None,
    api: str,
) -> AuthContext | None:
    """Return the authentication context that `authority` stands for; a proof is used up.

    It decides nothing else: `changeable_account` does. Called outside of `retry_on_conflict`, so
    that a write that is tried again needs no second code. Raises NotEnrolled without a confirmed
    factor, and what `step_up` raises.
    """
    if not isinstance(authority, Proof):
        return authority
    try:
        return step_up(user, authority, authenticated_at=authenticated_at, request=request, api=api)
    except NotEnabled:
        raise NotEnrolled from None


astep_up = awaitable(step_up)
