"""Pytest fixtures for projects, found through the entry point `pytest11`.

Nothing of Django is imported before a fixture is used, because pytest loads plugins before the
settings are known. The fixtures use `ninja_totp/testing/`.
"""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from ninja_totp.testing import Enrolment, FrozenClock, LogWatch


@pytest.fixture
def totp_clock() -> "Iterator[FrozenClock]":
    """A frozen clock for the second factor: `totp_clock.advance(30)`."""
    from ninja_totp.testing import frozen_clock  # noqa: PLC0415

    with frozen_clock() as frozen:
        yield frozen


@pytest.fixture
def totp_enroll(request: pytest.FixtureRequest) -> "Callable[[Any], Enrolment]":
    """`ninja_totp.testing.enroll`, with the database of pytest-django."""
    from ninja_totp.testing import enroll  # noqa: PLC0415

    request.getfixturevalue("db")
    return enroll


@pytest.fixture
def totp_verified_client(request: pytest.FixtureRequest) -> Callable[..., Any]:
    """`ninja_totp.testing.verified_client`, with the database of pytest-django."""
    from ninja_totp.testing import verified_client  # noqa: PLC0415

    request.getfixturevalue("db")
    return verified_client


@pytest.fixture
def no_totp_secrets_logged() -> "Iterator[LogWatch]":
    """Fail the test if a secret, code or backup code of an enrolled user is logged."""
    from ninja_totp.testing import assert_no_secrets_logged  # noqa: PLC0415

    with assert_no_secrets_logged() as watch:
        yield watch
