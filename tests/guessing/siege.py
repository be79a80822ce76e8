"""An account under siege: the real services, an owner, an attacker, and a clock that runs ahead.

Nothing here models the lock-out policy. The attacker learns when a lock ends from the refusal, as
anybody at the door would, and guesses in the very second in which it does.
"""

import math
import random
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any
from unittest import mock

from django.contrib.auth import get_user_model
from django.test import override_settings
from pydantic import Field, create_model

from ninja_totp import conf
from ninja_totp.core import otp
from ninja_totp.core.errors import InvalidChallenge, InvalidCode, Locked
from ninja_totp.core.otp import OtpParameters, code_at_step, step_at
from ninja_totp.services import (
    Proof,
    add_authenticator,
    begin_login_for,
    complete_login,
    confirm_totp_setup,
    create_totp_setup,
)
from ninja_totp.testing import FrozenClock
from tests.support.cast import PASSWORD

__all__ = [
    "DAY",
    "YEAR",
    "Account",
    "Outcome",
    "a_wrong_code",
    "besiege",
    "few_digits",
    "new_account",
    "repeatable",
    "wilson",
]

DAY = 86_400
YEAR = 365 * DAY
_BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"


@dataclass(frozen=True)
class Outcome:
    """How a siege went. `compared` is how often the services compared a guess with real codes.

    With several authenticators, that is once for each.
    """

    guesses: int
    compared: int
    is_taken: bool
    owner_logins: int


@dataclass(frozen=True)
class Account:
    """A user with a second factor, the phone that it is on, and the secrets of others."""

    user: Any
    secret: str
    parameters: OtpParameters
    clock: FrozenClock
    others: Sequence[str] = ()

    def challenge(self) -> str:
        """Take the first step, whose password owner and attacker know alike: it is not compared."""
        step = begin_login_for(self.user, None)
        assert step.challenge_token is not None
        return step.challenge_token

    def code(self, steps: int = 0, *, secret: str = "") -> str:
        """Return what the phone shows, or showed or will show some steps from now.

        With `secret`, what that authenticator does.
        """
        step = step_at(self.clock.now(), self.parameters) + steps
        return code_at_step(secret or self.secret, step, self.parameters)

    def with_another(self) -> "Account":
        """Add one more authenticator."""
        secret = add_authenticator(self.user, "spare").secret
        confirm_totp_setup(self.user, self.code(secret=secret))
        return replace(self, others=(*self.others, secret))

    def log_in(self) -> None:
        """Let the owner in: by a code, or by two while the account is locked."""
        try:
            complete_login(self.challenge(), Proof(otp_code=self.code()))
        except Locked:
            complete_login(self.challenge(), Proof(otp_codes=(self.code(-1), self.code())))


class _Attacker:
    def __init__(self, account: Account, guess: Callable[[Account], str]) -> None:
        self._account, self._guess = account, guess
        self._challenge = account.challenge()
        self.guesses, self.compared, self.has_broken_in = 0, 0, False

    def strike(self) -> float:
        """Guess until a lock holds; return when it ends, infinity when no time ends it."""
        while not self.has_broken_in:
            try:
                self._try_one()
            except InvalidCode:
                self.guesses += 1
            except InvalidChallenge:
                self._challenge = self._account.challenge()
            except Locked as lock:
                wait = lock.retry_after
                return math.inf if wait is None else self._account.clock.now() + wait
        return math.inf

    def _try_one(self) -> None:
        with mock.patch.object(otp, "matching_step", self._compare):
            complete_login(self._challenge, Proof(otp_code=self._guess(self._account)))
        self.guesses += 1
        self.has_broken_in = True

    def _compare(self, *args: Any, **kwargs: Any) -> int | None:
        self.compared += 1
        return _matching_step(*args, **kwargs)


_matching_step = otp.matching_step


def besiege(
    account: Account,
    *,
    seconds: int,
    owner_every: int | None = None,
    guess: Callable[[Account], str],
) -> Outcome:
    """Let the attacker guess for `seconds`, both ends included; he stops when he is in.

    The owner logs in each `owner_every` seconds, first after half of that.
    """
    clock, attacker, logins = account.clock, _Attacker(account, guess), 0
    end = clock.now() + seconds
    next_login = math.inf if owner_every is None else clock.now() + owner_every // 2
    opens = attacker.strike()
    while not attacker.has_broken_in and min(opens, next_login) <= end:
        clock.seconds = int(min(opens, next_login))
        if clock.now() == next_login:
            account.log_in()
            logins, next_login = logins + 1, next_login + (owner_every or 0)
        opens = attacker.strike()
    return Outcome(attacker.guesses, attacker.compared, attacker.has_broken_in, logins)


def new_account(name: str, clock: FrozenClock, *, authenticators: int = 1) -> Account:
    """Make a user and enrol them; no code near the present moment is used up."""
    user = get_user_model().objects.create_user(name, password=PASSWORD)
    secret = create_totp_setup(user).secret
    account = Account(user, secret, conf.get_settings().parameters, clock)
    confirm_totp_setup(user, account.code())
    for _ in range(authenticators - 1):
        account = account.with_another()
    clock.advance(3600)
    return account


def a_wrong_code(account: Account) -> str:
    """Guess wrong for certain, for counting guesses rather than luck."""
    secrets = (account.secret, *account.others)
    right = {account.code(steps, secret=one) for one in secrets for steps in range(-2, 3)}
    return next(code for code in map("{:06}".format, range(100)) if code not in right)


class _UnboundedGenerator(otp._Generator):
    """pyotp's generator without its bounds on the number of digits."""

    def __init__(self, secret: str, *, digits: int, digest: Any) -> None:
        super().__init__(secret, digest=digest)
        self.digits = digits


@contextmanager
def few_digits(digits: int) -> Iterator[None]:
    """Lift the bounds of six digits, so that guessing succeeds often enough to be counted.

    Everything else of the package is as it is.
    """
    bounds = (int, Field(6, ge=1, le=8))
    model = create_model("FewDigits", __base__=conf.TotpSettings, digits=bounds)
    with (
        mock.patch.object(OtpParameters, "__post_init__", return_value=None),
        mock.patch.object(otp, "_Generator", _UnboundedGenerator),
        mock.patch.object(conf, "TotpSettings", model),
        override_settings(TOTP_DIGITS=digits),
    ):
        yield


@contextmanager
def repeatable(seed: int) -> Iterator[random.Random]:
    """Draw secrets from a source that is the same in every run, and give it for guesses."""
    source = random.Random(seed)

    def secret() -> str:
        return "".join(source.choices(_BASE32, k=32))

    with mock.patch("ninja_totp.core.otp.new_secret", secret):
        yield source


def wilson(successes: int, trials: int, *, z: float = 3.29) -> tuple[float, float]:
    """Return the interval that holds the true frequency, with 99.9 % at the default `z`."""
    share, spread = successes / trials, z * z / trials
    middle = (share + spread / 2) / (1 + spread)
    half = z * math.sqrt(share * (1 - share) / trials + spread / trials / 4) / (1 + spread)
    return middle - half, middle + half
