"""django-otp 1.x: the TOTP devices of a user, and their static tokens.

Digits, step, tolerance and the last used step come along. django-otp also follows a drifting
clock; here the window is widened by the drift instead, as far as it may be.
"""

from base64 import b32encode
from binascii import unhexlify
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from django.apps import apps
from django.db.models import F, Model

from ninja_totp.importers.found import (
    LARGEST_WINDOW,
    Found,
    ImportedFactor,
    Refused,
    Unfinished,
    all_of,
)
from ninja_totp.importers.peers import Source, by, has_model, model_of, owners_of, rows

_TOTP = ("django_otp.plugins.otp_totp", "TOTPDevice")
_TOKEN = ("django_otp.plugins.otp_static", "StaticToken")
# Every kind of device extends it, whichever package it comes from.
_DEVICE = ("django_otp.models", "Device")


def owners() -> list[Any]:
    """Return who has a device of any kind."""
    return owners_of(*(rows(model) for model in (model_of(*_TOTP), *_other_kinds())))


def factors(owners: Sequence[Any]) -> Iterator[Found]:
    """Yield what each of `owners` has, in one query for each kind of device and one for tokens."""
    return devices_of(owners, is_preferred=lambda device: False)


def devices_of(owners: Sequence[Any], *, is_preferred: Callable[[Any], bool]) -> Iterator[Found]:
    """Yield what each of `owners` has; of several TOTP devices the preferred one comes first.

    Then the one that was used last; of those that never were, the newest.
    """
    totps = by("user_id", rows(model_of(*_TOTP)).filter(user_id__in=owners, confirmed=True))
    others = by("user_id", _others(owners))
    tokens = by("owner", _tokens(owners))
    for owner in owners:
        devices = sorted(
            totps[owner],
            key=lambda device: (is_preferred(device), device.last_t * device.step, device.pk),
            reverse=True,
        )
        yield _found(owner, devices, others[owner], [row.token for row in tokens[owner]])


def _other_kinds() -> list[type[Model]]:
    return [
        model
        for model in apps.get_models()
        if model is not model_of(*_TOTP)
        and any((base.__module__, base.__name__) == _DEVICE for base in model.__mro__)
    ]


def _others(owners: Sequence[Any]) -> Iterator[Any]:
    for model in _other_kinds():
        yield from rows(model).filter(user_id__in=owners, confirmed=True)


def _tokens(owners: Sequence[Any]) -> Sequence[Any]:
    if not has_model(*_TOKEN):
        return ()
    tokens = rows(model_of(*_TOKEN)).filter(device__user_id__in=owners, device__confirmed=True)
    # A list: django-stubs lose the type of an annotated queryset.
    return list(tokens.annotate(owner=F("device__user_id")).order_by("pk"))


def _found(owner: Any, devices: list[Any], others: list[Any], tokens: list[str]) -> Found:
    if not devices and not others:
        return Unfinished(owner)
    if not devices:
        return Refused(owner, f"no TOTPDevice, only {', '.join(map(_name, others))}")
    factor = all_of([(_name(device), _factor(device)) for device in devices])
    if isinstance(factor, Refused):
        return factor
    lost = [other for other in others if type(other).__name__ != "StaticDevice"]
    notes = tuple(f"{_name(other)}: no authenticator app" for other in lost)
    return replace(factor, backup_codes=tuple(tokens), notes=(*factor.notes, *notes))


def _name(device: Any) -> str:
    return f"{type(device).__name__} {device.pk}"


def _factor(device: Any) -> ImportedFactor | Refused:
    if device.t0:
        return Refused(device.user_id, "it counts from another moment than 1970 (t0)")
    try:
        key = unhexlify(device.key)
    except ValueError:
        return Refused(device.user_id, "its key is not hexadecimal")
    return ImportedFactor(
        device.user_id,
        b32encode(key).decode(),
        digits=device.digits,
        period_seconds=device.step,
        window=device.tolerance + abs(device.drift),
        last_step=max(device.last_t, 0),
        # What django-two-factor-auth calls each user's first one.
        name="" if device.name == "default" else device.name,
        confirmed_at=getattr(device, "created_at", None),
        last_used_at=getattr(device, "last_used_at", None),
        notes=tuple(_notes_on_clock(device)),
    )


def _notes_on_clock(device: Any) -> Iterator[str]:
    reach = device.tolerance + abs(device.drift)
    if reach > LARGEST_WINDOW:
        yield f"codes {reach} steps off (tolerance and drift); here {LARGEST_WINDOW} are the most"
    if abs(device.drift) > LARGEST_WINDOW:
        seconds, side = abs(device.drift) * device.step, "fast" if device.drift > 0 else "slow"
        yield f"a clock {seconds} seconds {side}: its codes are wrong until it is set"


SOURCE = Source("django_otp", "django-otp", owners, factors)
