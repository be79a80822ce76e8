"""drf-totp 0.2.0. It validates a code for a caller who has a token already and issues none."""

# The peers need not be installed where the types are checked.
# mypy: disable-error-code="import-not-found"

import json
from typing import Any, ClassVar

from benchmarks.stacks import SECRET, Call, bearer, current_code, post

__all__ = ["stack"]


class DrfTotp:
    """Prepares calls of `otp/validate/`."""

    applications: ClassVar = ("rest_framework", "drf_totp")
    middleware: ClassVar = ()
    settings: ClassVar[dict[str, Any]] = {}
    cases: ClassVar = ("verify",)

    def seed(self, users: int) -> None:
        """Create enrolled users."""
        from drf_totp.models import TOTPAuth

        from benchmarks.stacks import users as people

        people.create_users(users)
        TOTPAuth.objects.bulk_create(
            TOTPAuth(user=owner, otp_base32=SECRET, otp_verified=True, otp_enabled=True)
            for owner in people.enrolled()
        )

    def prepare(self, case: str, count: int) -> list[Call]:
        """Return `count` calls of `case`."""
        from drf_totp.models import TOTPAuth
        from rest_framework_simplejwt.tokens import AccessToken

        from benchmarks.stacks import users as people

        TOTPAuth.objects.exclude(last_used_step=None).update(last_used_step=None)
        body = json.dumps({"token": current_code()})
        tokens = [str(AccessToken.for_user(user)) for user in people.enrolled(count)]
        return [post("/otp/validate/", body, bearer(token)) for token in tokens]


stack = DrfTotp()
