"""What has happened to an account, written down by who made it happen, and what follows from it.

Independent of the package: nothing here reads the database or calls a service. A moment is a
second of the virtual clock. Factors and passwords are numbered, so that whatever was bound to an
earlier one can be told from what is bound to the present one.
"""

from dataclasses import dataclass, field
from typing import Any

from tests.support.people import code_of

__all__ = [
    "DAY",
    "METHODS",
    "PERIOD",
    "Account",
    "Challenge",
    "Device",
    "Factor",
    "Key",
    "Link",
    "Typed",
    "none",
]

PERIOD, DAY = 30, 86_400
FREE_FAILURES, SHORTEST_LOCK, LONGEST_LOCK, BUDGET = 5, 30, 3600, 20
MOST_ATTEMPTS = 5
METHODS = ("otp", "backup_code")

Counts = dict[str, int]


def none() -> Counts:
    """Return counters of nothing, one for each method."""
    return dict.fromkeys(METHODS, 0)


@dataclass
class Factor:
    """A secret in somebody's phone. `used` are the steps whose codes were accepted.

    `wrong` is how many codes have failed to confirm it while it was pending, and `is_added` whether
    it then stands beside the others.
    """

    number: int
    secret: str
    used: set[int] = field(default_factory=set)
    wrong: int = 0
    is_added: bool = False

    def steps_of(self, code: str, now: int) -> list[int]:
        """Return the steps near `now` at which the phone shows `code`."""
        here = now // PERIOD
        near = (here - 1, here, here + 1)
        return [step for step in near if code_of(self.secret, step * PERIOD) == code]

    def accepts(self, steps: list[int]) -> bool:
        """Whether a code of one of these steps (the newest counts) may be accepted now."""
        return bool(steps) and all(max(steps) > used for used in self.used)


@dataclass
class Typed:
    """What somebody types: where it belongs in a request, and the step of a code if it has one."""

    body: dict[str, Any]
    method: str
    is_right: bool
    step: int = 0
    is_pair: bool = False
    accepted_by: Factor | None = None


@dataclass
class Account:
    """A user of the site, and everything that was done in their name.

    `others` are the authenticators beside `factor`, the oldest; they share its number.
    """

    person: Any
    password: str
    factor: Factor | None = None
    others: list[Factor] = field(default_factory=list)
    factors: int = 0
    former: list[Factor] = field(default_factory=list)
    passwords: int = 0
    pending: Factor | None = None
    pending_until: int = 0
    codes: set[str] = field(default_factory=set)
    used_codes: list[str] = field(default_factory=list)
    reset_at: int = 0
    confirmed_at: int = 0
    # By method: how many were wrong since the last right one, when the last of them was, and when
    # the budget will be whole again.
    in_a_row: Counts = field(default_factory=none)
    last_wrong_at: Counts = field(default_factory=none)
    whole_at: Counts = field(default_factory=none)

    @property
    def factor_number(self) -> int:
        """The number of the factor in use; 0 for none, which proves nothing."""
        return self.factor.number if self.factor is not None else 0

    @property
    def authenticators(self) -> list[Factor]:
        """All whose codes count, the oldest first."""
        return [*([] if self.factor is None else [self.factor]), *self.others]

    def cost(self, method: str) -> int:
        """What a failure costs: a code is tried at each authenticator."""
        return max(1, len(self.authenticators)) if method == "otp" else 1

    def is_locked(self, method: str, now: int) -> bool:
        """Whether nothing is to be looked at: five in a row, or no room among twenty days."""
        beyond = self.in_a_row[method] - FREE_FAILURES
        burst = min(SHORTEST_LOCK << max(beyond, 0), LONGEST_LOCK)
        burst_ends = self.last_wrong_at[method] + burst if beyond >= 0 else 0
        room = (BUDGET - self.cost(method)) * DAY
        return max(burst_ends, self.whole_at[method] - room) > now

    def was_wrong(self, method: str, now: int) -> None:
        """Write a failure down."""
        self.in_a_row[method] += 1
        self.last_wrong_at[method] = max(self.last_wrong_at[method], now)
        self.whole_at[method] = max(self.whole_at[method], now) + self.cost(method) * DAY

    def was_right(self, refund: Counts, now: int) -> None:
        """Write a success down: it ends the row, and gives the cost of its own login back."""
        for method, whole in self.whole_at.items():
            back = max(now, whole - refund[method] * DAY)
            self.whole_at[method] = min(whole, back)
        self.in_a_row = none()

    def is_forgiven(self) -> None:
        """Forget every failure, as an operator may."""
        self.in_a_row, self.last_wrong_at, self.whole_at = none(), none(), none()

    def comes_into_use(self, codes: list[str], step: int, now: int) -> None:
        """Put the pending secret into the place of the factor, its first code used."""
        assert self.pending is not None
        secret = self.pending.secret
        self.ends()
        self.factors += 1
        self.factor, self.codes = Factor(self.factors, secret, {step}), set(codes)
        self.confirmed_at = self.moment(now)

    def is_joined(self, step: int) -> None:
        """Put the pending secret beside the others, its first code used: nothing ends."""
        assert self.pending is not None
        self.others.append(Factor(self.factor_number, self.pending.secret, {step}))
        self.pending = None

    def loses(self, number: int) -> None:
        """Remove one of several authenticators: what was proved before has ended."""
        left = self.authenticators
        self.former.append(left.pop(number))
        self.pending = None
        self.factors += 1
        for one in left:
            one.number = self.factors
        self.factor, *self.others = left

    def ends(self) -> None:
        """Take the factor out of use."""
        self.former += self.authenticators
        self.factor, self.others, self.pending = None, [], None
        self.codes, self.used_codes = set(), [*self.codes, *self.used_codes]

    def gets_codes(self, codes: list[str]) -> None:
        """Put another list into the place of the present one."""
        self.used_codes, self.codes = [*self.codes, *self.used_codes], set(codes)

    def gets_new_password(self) -> None:
        """Sessions, challenges, devices and links end; a row of failures too (not the budget)."""
        self.passwords += 1
        self.in_a_row = none()

    def is_taken_away(self, now: int) -> None:
        """Without a proof of the factor: who was logged in has no say in the next one."""
        self.ends()
        # What else happens within this second was before it, but for logins that are made now.
        self.reset_at = now + 1

    def moment(self, now: int) -> int:
        """Return when something is that is proved now: not before the factor was taken away."""
        return max(now, self.reset_at)


@dataclass
class Key:
    """A token or a browser. `proved_at` is None when only the password was given."""

    account: Account
    credential: Any
    is_session: bool
    password_number: int
    login_at: int
    proved_at: int | None = None
    factor_number: int = 0
    refresh: str = ""
    # A token of a login view of the project's own does not say when its login was.
    is_dated: bool = True

    def has_ended(self) -> bool:
        """Whether nobody is signed in by it any more, or nobody who may have a say."""
        if not self.is_dated:
            return self.account.reset_at > 0 and self.account.factor is None
        if self.is_session and self.password_number != self.account.passwords:
            return True
        return self.login_at < self.account.reset_at

    def is_outdated(self) -> bool:
        """Whether it goes back to a password alone, from before the factor in use."""
        is_older = self.login_at <= self.account.confirmed_at
        return self.proved_at is None and self.account.factor is not None and is_older

    def is_justified(self, now: int, seconds: int) -> bool:
        """Whether it proved the factor in use, by a code, within the last `seconds`."""
        if self.is_session and self.has_ended():
            return False
        return self.has_proved_factor() and abs(now - (self.proved_at or 0)) <= seconds

    def has_proved_factor(self) -> bool:
        """Whether it proved the factor in use, however long ago."""
        if self.proved_at is None or self.account.factor is None:
            return False
        return self.factor_number == self.account.factor.number


@dataclass
class Challenge:
    """A right password, waiting for a code."""

    account: Account
    token: str
    factor_number: int
    password_number: int
    until: int
    attempts: int = 0
    wrong: Counts = field(default_factory=none)
    is_used: bool = False

    def is_open(self, now: int) -> bool:
        """Whether a code may still be given."""
        return (
            not self.is_used
            and self.attempts < MOST_ATTEMPTS
            and self.account.factor is not None
            and self.factor_number == self.account.factor.number
            and self.password_number == self.account.passwords
            and now < self.until
        )


@dataclass
class Device:
    """A device that is asked for no code; the last of `tokens` is the one that works."""

    account: Account
    name: str
    tokens: list[str]
    factor_number: int
    password_number: int
    until: int
    max_age: int
    is_revoked: bool = False

    def is_trusted(self, now: int) -> bool:
        """Whether its token lets in without a code."""
        return (
            not self.is_revoked
            and self.factor_number == self.account.factor_number
            and self.password_number == self.account.passwords
            and now < self.until <= now + self.max_age
        )


@dataclass
class Link:
    """A link of recovery."""

    account: Account
    body: dict[str, str]
    factor_number: int
    password_number: int
    until: int
    max_age: int
    attempts: int = 0
    is_used: bool = False

    def is_open(self, now: int) -> bool:
        """Whether it may be tried: not before it was sent, where the clock was set back."""
        return (
            not self.is_used
            and self.attempts < MOST_ATTEMPTS
            and self.account.factor is not None
            and self.factor_number == self.account.factor.number
            and self.password_number == self.account.passwords
            and self.until - self.max_age <= now < self.until
        )
