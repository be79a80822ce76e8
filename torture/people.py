"""Users of the tortured site, made through the ORM, and what is found out about them there.

All have one secret, stored for each as the package stores it. Imports Django's models inside
functions, because the settings have to be known first.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import count
from time import time
from typing import Any

from benchmarks.stacks import SECRET

from ninja_totp.core.otp import OtpParameters, code_at_step

__all__ = ["PASSWORD", "Person", "code", "enrolled", "fresh", "step_now", "wrong_codes"]

PASSWORD = "correct horse battery staple"
_PARAMETERS = OtpParameters()
_numbers = count()


def step_now() -> int:
    """Return the present step of 30 seconds."""
    return int(time()) // _PARAMETERS.period_seconds


def code(step: int) -> str:
    """Return what everybody's phone shows in `step`."""
    return code_at_step(SECRET, step, _PARAMETERS)


def wrong_codes(number: int) -> list[str]:
    """Return `number` codes, one like the other, that are shown at no time near."""
    near = {code(step_now() + offset) for offset in range(-60, 61)}
    wrong = [
        digits for digits in (f"{each:06}" for each in range(number + 200)) if digits not in near
    ]
    return wrong[:number]


@dataclass(frozen=True)
class Person:
    """A user: the row, and the backup codes on paper."""

    user: Any
    backup_codes: list[str] = field(default_factory=list, repr=False)

    @property
    def name(self) -> str:
        """What is typed when logging in."""
        return str(self.user.get_username())

    @property
    def account(self) -> Any:
        """The row of the account as it is now; None where there is none."""
        from ninja_totp.models import Account

        return Account.objects.filter(user=self.user).first()

    @property
    def authenticator(self) -> Any:
        """The authenticator in use now, or None."""
        return self._authenticators().filter(confirmed_at__isnull=False).first()

    @property
    def pending(self) -> Any:
        """The authenticator that is still to be confirmed, or None."""
        return self._authenticators().filter(confirmed_at=None).first()

    def _authenticators(self) -> Any:
        from ninja_totp.models import Authenticator

        return Authenticator.objects.filter(account=self.user.pk)

    @property
    def codes_left(self) -> int:
        """How many backup codes are unused now."""
        from ninja_totp.models import BackupCode

        return BackupCode.objects.filter(user=self.user, used_at=None).count()

    def challenge(self) -> str:
        """Return a new open challenge of a login."""
        from ninja_totp.services import generate_challenge_token

        return generate_challenge_token(self.user)


def _users(number: int) -> list[Any]:
    from django.contrib.auth import get_user_model
    from django.contrib.auth.hashers import make_password

    model: Any = get_user_model()
    hashed, names = make_password(PASSWORD), [f"user{next(_numbers)}" for _ in range(number)]
    model.objects.bulk_create(
        [model(username=name, email=f"{name}@example.com", password=hashed) for name in names],
        batch_size=1000,
    )
    return list(model.objects.filter(username__in=names).order_by("pk"))


def fresh(number: int = 1) -> list[Person]:
    """Return new users who have a password alone."""
    return [Person(user) for user in _users(number)]


def enrolled(number: int = 1, *, backup_codes: int = 10) -> list[Person]:
    """Return new users who have a second factor and used no code of it yet."""
    from benchmarks.stacks.ninja_totp import store_factors

    from ninja_totp.core.backup_codes import new_codes
    from ninja_totp.models import BackupCode
    from ninja_totp.services.backup_codes import code_row

    people = [Person(user, new_codes(backup_codes)) for user in _users(number)]
    store_factors([person.user for person in people])
    rows = (code_row(person.user.pk, each) for person in people for each in person.backup_codes)
    BackupCode.objects.bulk_create(rows, batch_size=1000)
    return people


def with_pending(number: int = 1) -> list[Person]:
    """Return new users who have started to enrol and have still to confirm."""
    from benchmarks.stacks.ninja_totp import store_pending

    people = fresh(number)
    store_pending([person.user for person in people])
    return people


def half_enrolled(people: Iterable[Person], *, sheet: int = 10) -> list[str]:
    """Return who of `people` is neither enrolled with a full sheet of codes nor not at all.

    Who has redeemed a code is not asked about: a full sheet is one of unused codes.
    """
    return [
        person.name
        for person in people
        if (account := person.account) is not None
        and (person.authenticator is not None, account.is_enabled, person.codes_left)
        not in {(True, True, sheet), (False, False, 0)}
    ]
