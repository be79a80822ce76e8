"""ninja_totp at its Ninja door, and the floor endpoints in the same process."""

import json
from typing import Any, ClassVar

from benchmarks.stacks import SECRET, Call, bearer, current_code, post

__all__ = ["NinjaTotp", "stack"]

_FLOORS = ("floor", "floor_sql", "floor_sql_jwt", "floor_login", "floor_login_jwt")


class NinjaTotp:
    """How the calls of ninja_totp are prepared; the REST framework door has the same ones."""

    applications: ClassVar = ("ninja_totp",)
    middleware: ClassVar = ()
    settings: ClassVar[dict[str, Any]] = {}
    cases: ClassVar = (*_FLOORS, "verify", "backup_code", "create", "confirm", "status")

    def seed(self, users: int) -> None:
        """Create enrolled and fresh users."""
        from benchmarks.stacks import users as people  # noqa: PLC0415
        from ninja_totp.core.backup_codes import new_codes  # noqa: PLC0415
        from ninja_totp.models import BackupCode, Totp  # noqa: PLC0415
        from ninja_totp.services.backup_codes import code_row  # noqa: PLC0415

        people.create_users(users)
        owners = people.enrolled()
        Totp.objects.bulk_create(_factor(owner) for owner in owners)
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
            for _, token in _challenged(count)
        ]

    def _backup_code(self, count: int) -> list[Call]:
        import random  # noqa: PLC0415

        from ninja_totp.conf import get_settings  # noqa: PLC0415
        from ninja_totp.models import BackupCode  # noqa: PLC0415

        BackupCode.objects.exclude(used_at=None).update(used_at=None)
        calls = []
        for owner, token in _challenged(count):
            row = random.choice(list(BackupCode.objects.filter(user=owner)))  # noqa: S311
            plain = get_settings().key_ring.decrypt(row.ciphertext)
            body = {"totp_challenge_token": token, "backup_code": plain}
            calls.append(post("/jwt/totp/verify/", json.dumps(body)))
        return calls

    def _create(self, count: int) -> list[Call]:
        from benchmarks.stacks import users as people  # noqa: PLC0415

        _forget_fresh()
        tokens = [self.access_token(user) for user in people.fresh(count)]
        return [post("/totp/create/", "", expected=201, **bearer(token)) for token in tokens]

    def _confirm(self, count: int) -> list[Call]:
        from benchmarks.stacks import users as people  # noqa: PLC0415
        from ninja_totp.models import Totp  # noqa: PLC0415

        _forget_fresh()
        owners = people.fresh(count)
        Totp.objects.bulk_create(_pending(owner) for owner in owners)
        body = json.dumps({"input_code": current_code()})
        return [post("/totp/confirm/", body, **bearer(self.access_token(user))) for user in owners]

    def _status(self, count: int) -> list[Call]:
        from benchmarks.stacks import users as people  # noqa: PLC0415

        tokens = [self.access_token(user) for user in people.enrolled(count)]
        return [Call("/totp/status/", method="GET", headers=bearer(token)) for token in tokens]

    def access_token(self, user: Any) -> str:
        """Return a bearer token of the JWT library in use."""
        from ninja_jwt.tokens import AccessToken  # noqa: PLC0415

        return str(AccessToken.for_user(user))


def _factor(owner: Any) -> Any:
    from django.utils import timezone  # noqa: PLC0415

    from ninja_totp.conf import get_settings  # noqa: PLC0415
    from ninja_totp.models import Totp  # noqa: PLC0415

    ring = get_settings().key_ring
    return Totp(
        user=owner,
        secret=ring.seal(SECRET, owner=str(owner.pk)),
        key_id=ring.current_key_id,
        confirmed_at=timezone.now(),
    )


def _pending(owner: Any) -> Any:
    from ninja_totp import clock  # noqa: PLC0415
    from ninja_totp.conf import get_settings  # noqa: PLC0415
    from ninja_totp.models import Totp  # noqa: PLC0415

    sealed = get_settings().key_ring.seal(SECRET, owner=str(owner.pk))
    return Totp(user=owner, pending_secret=sealed, pending_expires_epoch=clock.now() + 600)


def _forget_fresh() -> None:
    from ninja_totp.models import BackupCode, Totp  # noqa: PLC0415

    Totp.objects.filter(user__username__startswith="fresh").delete()
    BackupCode.objects.filter(user__username__startswith="fresh").delete()


def _challenged(count: int) -> list[tuple[Any, str]]:
    """Return users whose codes are unused again, with an open challenge for each."""
    from benchmarks.stacks import users as people  # noqa: PLC0415
    from ninja_totp.models import Challenge, Totp  # noqa: PLC0415
    from ninja_totp.services import generate_challenge_token  # noqa: PLC0415

    Totp.objects.filter(last_step__gt=0).update(last_step=0)
    Challenge.objects.all().delete()
    return [(user, generate_challenge_token(user)) for user in people.enrolled(count)]


def _floor_calls(case: str, count: int) -> list[Call]:
    from benchmarks.stacks import users as people  # noqa: PLC0415

    return [post(f"/{case}/", json.dumps({"user": user.pk})) for user in people.enrolled(count)]


stack = NinjaTotp()
