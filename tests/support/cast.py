"""Who takes part in the tests of services and races, and where rows are looked at.

The fixtures are handed to the tests by the conftest of each folder. What a code costs or brings
is the business of the tests.
"""

import uuid
from dataclasses import dataclass
from typing import Any

import pytest
from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction

from ninja_totp import models
from ninja_totp.core.otp import OtpParameters, code_at_step, step_at
from ninja_totp.models import Account, BackupCode, Challenge
from ninja_totp.services import (
    Proof,
    add_authenticator,
    begin_login,
    complete_login,
    confirm_totp_setup,
    create_totp_setup,
    generate_challenge_token,
)
from tests.support.clock import StoppedClock

__all__ = [
    "BACKEND",
    "NEW_PASSWORD",
    "PASSWORD",
    "Authenticator",
    "Owner",
    "Spare",
    "ada",
    "bob",
    "enrolled",
    "new_user",
    "other",
    "owner",
]

PASSWORD = "correct horse"
NEW_PASSWORD = "battery staple, by now"
BACKEND = "django.contrib.auth.backends.ModelBackend"
_USUAL = OtpParameters()


@dataclass(frozen=True)
class Authenticator:
    """An app on a phone whose clock is right."""

    secret: str
    clock: StoppedClock

    def code(self, steps: int = 0) -> str:
        """The code shown now, or that of some steps from now."""
        return code_at_step(self.secret, step_at(self.clock.now(), _USUAL) + steps, _USUAL)

    def pair(self) -> tuple[str, str]:
        """The code that has just gone and the present one."""
        return self.code(-1), self.code()

    def wrong_code(self) -> str:
        """Six digits that are nobody's code within an hour."""
        near = {self.code(steps) for steps in range(-120, 121)}
        return next(text for text in map("{:06}".format, range(10**6)) if text not in near)


@dataclass(frozen=True)
class Spare(Authenticator):
    """One more app, and the id of its row."""

    id: uuid.UUID

    @property
    def right(self) -> Proof:
        """The code of this moment."""
        return Proof(otp_code=self.code())


@dataclass(frozen=True)
class Owner:
    """A user with a confirmed authenticator and a sheet of backup codes."""

    user: Any
    authenticator: Authenticator
    backup_codes: list[str]

    @property
    def account(self) -> Account:
        """The row of the account as it is now."""
        return Account.objects.get(pk=self.user.pk)

    @property
    def totp(self) -> models.Authenticator:
        """The row of the confirmed authenticator as it is now."""
        return models.Authenticator.objects.get(account=self.user.pk, confirmed_at__isnull=False)

    @property
    def pending(self) -> models.Authenticator | None:
        """The row of one that waits for its confirmation."""
        return models.Authenticator.objects.filter(account=self.user.pk, confirmed_at=None).first()

    @property
    def columns(self) -> dict[str, Any]:
        """The account as it is now, column by column."""
        return Account.objects.values().get(pk=self.user.pk)

    @property
    def rows(self) -> list[dict[str, Any]]:
        """Every row of the owner's in full, to see whether anything has changed."""
        of_the_owner = [
            Account.objects.filter(pk=self.user.pk),
            models.Authenticator.objects.filter(account=self.user.pk).order_by("pk"),
            BackupCode.objects.filter(user=self.user.pk).order_by("pk"),
            Challenge.objects.filter(user=self.user.pk).order_by("pk"),
        ]
        return [row for rows in of_the_owner for row in rows.values()]

    def open_challenge(self) -> str:
        """Give the right password and return the challenge."""
        token = begin_login(None, username=self.user.get_username(), password=PASSWORD)
        assert token.challenge_token is not None
        return token.challenge_token

    def open_challenges(self, number: int) -> list[str]:
        """Return challenges of so many logins, whose password is not compared."""
        with transaction.atomic():
            return [generate_challenge_token(self.user) for _ in range(number)]

    def log_in(self, **typed: Any) -> Any:
        """Log in from the password on."""
        return complete_login(self.open_challenge(), Proof(**typed))

    @property
    def wrong(self) -> Proof:
        """A code that is wrong."""
        return Proof(otp_code=self.authenticator.wrong_code())

    @property
    def right(self) -> Proof:
        """The code of this moment."""
        return Proof(otp_code=self.authenticator.code())

    def with_another(self, name: str = "Tablet") -> "Spare":
        """Add and confirm one more authenticator; its code of this moment is used."""
        setup = add_authenticator(self.user, name)
        spare = Spare(setup.secret, self.authenticator.clock, setup.id)
        confirm_totp_setup(self.user, spare.code())
        return spare


WRONG_BACKUP_CODE = "0000-0000-0000-0000-0000-0000"


def new_user(users: Any, name: str) -> AbstractBaseUser:
    """Make a user who knows the password of them all."""
    return users.objects.create_user(name, f"{name}@example.org", PASSWORD)


def enrolled(user: AbstractBaseUser, clock: StoppedClock) -> Owner:
    """Take the user through the enrolment."""
    authenticator = Authenticator(create_totp_setup(user).secret, clock)
    confirmation = confirm_totp_setup(user, authenticator.code())
    return Owner(user, authenticator, confirmation.backup_codes)


@pytest.fixture
def ada(django_user_model):
    """A user without 2FA."""
    return new_user(django_user_model, "ada")


@pytest.fixture
def bob(django_user_model):
    """Another one."""
    return new_user(django_user_model, "bob")


@pytest.fixture
def owner(ada, clock):
    """Ada, an hour after her enrolment: no code near the present moment is used up."""
    ada_with_authenticator = enrolled(ada, clock)
    clock.advance(3600)
    return ada_with_authenticator


@pytest.fixture
def other(bob, clock):
    """Bob, likewise."""
    bob_with_authenticator = enrolled(bob, clock)
    clock.advance(3600)
    return bob_with_authenticator
