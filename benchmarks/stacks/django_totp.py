"""django-totp 1.1.7, the peer whose HTTP contract drf_compat keeps."""

# The peers need not be installed where the types are checked.
# mypy: disable-error-code="import-not-found"

import json
import random
from typing import Any, ClassVar

from benchmarks.stacks import SECRET, Call, bearer, current_code, post

__all__ = ["stack"]


class DjangoTotp:
    """Prepares django-totp's documented calls."""

    applications: ClassVar = ("rest_framework", "django_totp")
    middleware: ClassVar = ()
    settings: ClassVar[dict[str, Any]] = {}
    cases: ClassVar = ("verify", "backup_code", "create", "confirm")

    def seed(self, users: int) -> None:
        """Create enrolled and fresh users."""
        from django_totp.backup_code import generate_backup_codes
        from django_totp.encryption import encrypt
        from django_totp.models import BackupCode, Totp

        from benchmarks.stacks import users as people

        people.create_users(users)
        sealed = encrypt(SECRET)
        rows = Totp.objects.bulk_create(
            Totp(user=owner, secret_key=sealed) for owner in people.enrolled()
        )
        BackupCode.objects.bulk_create(
            BackupCode(totp=row, code=encrypt(code))
            for row in rows
            for code in generate_backup_codes()
        )

    def prepare(self, case: str, count: int) -> list[Call]:
        """Return `count` calls of `case`."""
        calls: list[Call] = getattr(self, f"_{case}")(count)
        return calls

    def _verify(self, count: int) -> list[Call]:
        code = current_code()
        return [_second_step(user, otp_code=code) for user in _enrolled(count)]

    def _backup_code(self, count: int) -> list[Call]:
        from django_totp.encryption import decrypt
        from django_totp.models import BackupCode

        BackupCode.objects.filter(is_used=True).update(is_used=False)
        calls = []
        for user in _enrolled(count):
            row = random.choice(list(BackupCode.objects.filter(totp__user=user)))  # noqa: S311
            calls.append(_second_step(user, backup_code=decrypt(row.code)))
        return calls

    def _create(self, count: int) -> list[Call]:
        _forget_fresh()
        return [post("/totp/create/", "", _bearer(user), expected=201) for user in _fresh(count)]

    def _confirm(self, count: int) -> list[Call]:
        from django_totp.encryption import encrypt
        from django_totp.models import Totp

        _forget_fresh()
        owners, sealed = _fresh(count), encrypt(SECRET)
        Totp.objects.bulk_create(Totp(user=owner, secret_key=sealed) for owner in owners)
        body = json.dumps({"input_code": current_code()})
        return [post("/totp/confirm/", body, _bearer(user)) for user in owners]


def _enrolled(count: int) -> list[Any]:
    from benchmarks.stacks import users as people

    return people.enrolled(count)


def _fresh(count: int) -> list[Any]:
    from benchmarks.stacks import users as people

    return people.fresh(count)


def _forget_fresh() -> None:
    from django_totp.models import Totp

    Totp.objects.filter(user__username__startswith="fresh").delete()


def _bearer(user: Any) -> dict[str, str]:
    from rest_framework_simplejwt.tokens import AccessToken

    return bearer(str(AccessToken.for_user(user)))


def _second_step(user: Any, **proof: str) -> Call:
    from django_totp.auth import generate_challenge_token

    body = {"totp_challenge_token": generate_challenge_token(user), **proof}
    return post("/jwt/totp/verify/", json.dumps(body))


stack = DjangoTotp()
