"""ninja_totp at its Ninja door, and the floor endpoints in the same process."""

import json
import random
from collections.abc import Sequence
from typing import Any, ClassVar

from benchmarks.stacks import SECRET, Call, bearer, current_code, post

__all__ = [
    "NinjaTotp",
    "challenged",
    "forget_fresh",
    "load",
    "plain_codes",
    "sealed",
    "stack",
    "store_factors",
    "store_pending",
]

_FLOORS = ("floor", "floor_sql", "floor_sql_jwt", "floor_login", "floor_login_jwt")
_CASES = ("verify", "backup_code", "create", "confirm", "status")


class NinjaTotp:
    """How the calls of ninja_totp are prepared; the REST framework door has the same ones."""

    applications: ClassVar[Sequence[str]] = ("ninja_totp",)
    middleware: ClassVar = ()
    settings: ClassVar[dict[str, Any]] = {}
    cases: ClassVar[Sequence[str]] = (
        *_FLOORS,
        "verify",
        "backup_code",
        "create",
        "confirm",
        "status",
    )

    def seed(self, users: int) -> None:
        """Create enrolled and fresh users."""
        from benchmarks.stacks import users as people
        from ninja_totp.core.backup_codes import new_codes
        from ninja_totp.models import BackupCode
        from ninja_totp.services.backup_codes import code_row

        people.create_users(users)
        owners = people.enrolled()
        store_factors(owners)
        BackupCode.objects.bulk_create(
            code_row(owner.pk, code) for owner in owners for code in new_codes(10)
        )

    def prepare(self, case: str, count: int) -> list[Call]:
        """Return `count` calls of `case`."""
        if case in _FLOORS:
            return _floor_calls(case, count)
        calls: list[Call] = getattr(self, f"_{case}")(count)
        return calls

    def _verify(self, count: int) -> list[Call]:
        code = current_code()
        return [
            post("/jwt/totp/verify/", json.dumps({"totp_challenge_token": token, "otp_code": code}))
            for _, token in challenged(count)
        ]

    def _backup_code(self, count: int) -> list[Call]:
        owners_tokens = challenged(count)
        codes = plain_codes([owner for owner, _ in owners_tokens])
        bodies = [
            {"totp_challenge_token": token, "backup_code": code}
            for (_, token), (_, code) in zip(owners_tokens, codes, strict=True)
        ]
        return [post("/jwt/totp/verify/", json.dumps(body)) for body in bodies]

    def _first_step(self, count: int) -> list[Call]:
        from benchmarks.stacks import users as people

        return [
            post(
                "/jwt/create/",
                json.dumps({"username": user.get_username(), "password": people.PASSWORD}),
            )
            for user in people.enrolled(count)
        ]

    def _create(self, count: int) -> list[Call]:
        from benchmarks.stacks import users as people

        forget_fresh()
        tokens = [self.access_token(user) for user in people.fresh(count)]
        return [post("/totp/create/", "", bearer(token), expected=201) for token in tokens]

    def _confirm(self, count: int) -> list[Call]:
        from benchmarks.stacks import users as people

        forget_fresh()
        owners = people.fresh(count)
        store_pending(owners)
        body = json.dumps({"input_code": current_code()})
        return [post("/totp/confirm/", body, bearer(self.access_token(user))) for user in owners]

    def _status(self, count: int) -> list[Call]:
        from benchmarks.stacks import users as people

        tokens = [self.access_token(user) for user in people.enrolled(count)]
        return [Call("/totp/status/", method="GET", headers=bearer(token)) for token in tokens]

    def access_token(self, user: Any) -> str:
        """Return a bearer token of the JWT library in use."""
        from ninja_jwt.tokens import AccessToken

        token: Any = AccessToken.for_user(user)  # type: ignore[misc]  # as the library annotates
        return str(token)


def plain_codes(owners: Sequence[Any]) -> list[tuple[Any, str]]:
    """Return each owner with one of the codes, any one; all codes are unused again."""
    from ninja_totp.conf import get_settings
    from ninja_totp.models import BackupCode

    BackupCode.objects.exclude(used_at=None).update(used_at=None)
    ring, found = get_settings().key_ring, []
    for owner in owners:
        rows = list(BackupCode.objects.filter(user=owner))
        found.append((owner, ring.decrypt(random.choice(rows).ciphertext)))  # noqa: S311
    return found


def store_factors(owners: Sequence[Any]) -> None:
    """Give each owner an authenticator in use, whose secret is SECRET."""
    from django.utils import timezone

    _store(owners, confirmed_at=timezone.now())


def store_pending(owners: Sequence[Any]) -> None:
    """Have each owner start to enrol with SECRET, and confirm nothing yet."""
    from ninja_totp import clock

    _store(owners, confirmed_at=None, expires_epoch=clock.now() + 600)


def _store(owners: Sequence[Any], *, confirmed_at: Any, **columns: Any) -> None:
    from ninja_totp.models import Account, Authenticator

    accounts = [Account(user=owner, confirmed_at=confirmed_at) for owner in owners]
    Account.objects.bulk_create(accounts, batch_size=1000)
    Authenticator.objects.bulk_create(
        (
            Authenticator(
                account=account, confirmed_at=confirmed_at, **sealed(account.pk), **columns
            )
            for account in accounts
        ),
        batch_size=1000,
    )


def sealed(owner: Any) -> dict[str, str]:
    """Return the columns that hold SECRET for the user whose key is `owner`."""
    from ninja_totp.conf import get_settings

    ring = get_settings().key_ring
    return {"secret": ring.seal(SECRET, owner=str(owner)), "key_id": ring.current_key_id}


def forget_fresh() -> None:
    """Undo what the fresh users have enrolled."""
    from ninja_totp.models import Account, BackupCode

    Account.objects.filter(user__username__startswith="fresh").delete()
    BackupCode.objects.filter(user__username__startswith="fresh").delete()


def challenged(count: int) -> list[tuple[Any, str]]:
    """Return users whose codes are unused again, with an open challenge for each."""
    from benchmarks.stacks import users as people
    from ninja_totp.models import Authenticator, Challenge
    from ninja_totp.services import generate_challenge_token

    Authenticator.objects.filter(last_step__gt=0).update(last_step=0)
    Challenge.objects.all().delete()
    return [(user, generate_challenge_token(user)) for user in people.enrolled(count)]


def _floor_calls(case: str, count: int) -> list[Call]:
    from benchmarks.stacks import users as people

    return [post(f"/{case}/", json.dumps({"user": user.pk})) for user in people.enrolled(count)]


def load() -> "NinjaTotp":
    """Return the stack, typed."""
    return stack


stack = NinjaTotp()
