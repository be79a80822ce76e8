"""The use cases and their twins as a project calls them: same arguments, awaited result."""

from typing import assert_type

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


async def awaited(user: User) -> None:
    assert_type(await ais_totp_enabled(user), bool)
    assert_type(await acreate_totp_setup(user), TotpSetup)
    assert_type(await aconfirm_totp_setup(user, "123456"), Confirmation)


def refused(user: User) -> None:
    create_totp_setup("ada")  # type: ignore[arg-type]  # a user, not a name
    confirm_totp_setup(user)  # type: ignore[call-arg]  # the code is not optional
