"""The use cases and their asynchronous variants as a project calls them."""

from collections.abc import Coroutine
from typing import Any, assert_type

from django.contrib.auth.models import AbstractBaseUser, User

from ninja_totp.services import (
    Confirmation,
    TotpSetup,
    aconfirm_totp_setup,
    acreate_totp_setup,
    ais_totp_enabled,
    confirm_totp_setup,
    create_totp_setup,
    get_user_from_challenge_token,
    is_totp_enabled,
)


def called(user: User) -> None:
    assert_type(is_totp_enabled(user), bool)
    assert_type(create_totp_setup(user), TotpSetup)
    assert_type(confirm_totp_setup(user, "123456"), Confirmation)
    assert_type(confirm_totp_setup(user, "123456").backup_codes, list[str])
    assert_type(get_user_from_challenge_token("token"), AbstractBaseUser)


def a_variant_returns_a_coroutine(user: User) -> Coroutine[Any, Any, bool]:
    return assert_type(ais_totp_enabled(user), Coroutine[Any, Any, bool])


async def awaited(user: User) -> None:
    assert_type(await ais_totp_enabled(user), bool)
    assert_type(await acreate_totp_setup(user), TotpSetup)
    assert_type(await aconfirm_totp_setup(user, "123456"), Confirmation)


def refused(user: User) -> None:
    create_totp_setup("ada")  # type: ignore[arg-type]  # a user, not a name
    confirm_totp_setup(user)  # type: ignore[call-arg]  # the code is not optional


async def refused_when_awaited(user: User) -> None:
    await aconfirm_totp_setup(user)  # type: ignore[call-arg]  # nor is it here
