"""django-otp 1.7.5. It has no HTTP interface: the login around it is ours, as short as can be."""

# The peers need not be installed where the types are checked.
# mypy: disable-error-code="import-not-found"

import json
from typing import Any, ClassVar

from benchmarks.stacks import SECRET, Call, current_code, post

__all__ = ["SALT", "stack"]

SALT = "benchmarks.django_otp"


class DjangoOtp:
    """Prepares calls of the login view in `django_otp_urls.py`."""

    applications: ClassVar = (
        "django_otp",
        "django_otp.plugins.otp_totp",
        "django_otp.plugins.otp_static",
    )
    middleware: ClassVar = ()
    settings: ClassVar[dict[str, Any]] = {}
    cases: ClassVar = ("verify", "backup_code")

    def seed(self, users: int) -> None:
        """Create enrolled users with ten static tokens each."""
        from django_otp.plugins.otp_static.models import StaticDevice, StaticToken

        from benchmarks.stacks import users as people

        people.create_users(users)
        owners = people.enrolled()
        _totp_devices().bulk_create(_device(owner) for owner in owners)
        devices = StaticDevice.objects.bulk_create(StaticDevice(user=owner) for owner in owners)
        StaticToken.objects.bulk_create(_tokens(devices))

    def prepare(self, case: str, count: int) -> list[Call]:
        """Return `count` calls of `case`."""
        from django.core import signing
        from django_otp.plugins.otp_static.models import StaticToken

        from benchmarks.stacks import users as people

        owners = people.enrolled(count)
        _totp_devices().update(last_t=-1, drift=0)
        _forget_failures()
        if case == "backup_code":
            from django_otp.plugins.otp_static.models import StaticDevice

            StaticToken.objects.all().delete()
            StaticToken.objects.bulk_create(_tokens(StaticDevice.objects.all()))
        code = current_code() if case == "verify" else "token5"
        challenges = [signing.dumps(owner.pk, salt=SALT) for owner in owners]
        return [
            post("/verify/", json.dumps({"challenge": challenge, "code": code}))
            for challenge in challenges
        ]


def _totp_devices() -> Any:
    from django_otp.plugins.otp_totp.models import TOTPDevice

    return TOTPDevice.objects


def _forget_failures() -> None:
    # `match_token` asks each device of a user in turn, and the one that the token does not belong
    # to counts a failure: it is throttled for twice as long each time, up to a refusal.
    from django_otp.plugins.otp_static.models import StaticDevice

    for devices in (_totp_devices(), StaticDevice.objects):
        devices.update(throttling_failure_count=0, throttling_failure_timestamp=None)


def _device(owner: Any) -> Any:
    import base64

    from django_otp.plugins.otp_totp.models import TOTPDevice

    return TOTPDevice(user=owner, key=base64.b32decode(SECRET).hex())


def _tokens(devices: Any) -> list[Any]:
    from django_otp.plugins.otp_static.models import StaticToken

    return [
        StaticToken(device=device, token=f"token{number}")
        for device in devices
        for number in range(10)
    ]


stack = DjangoOtp()
