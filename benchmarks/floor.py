"""What Django and Ninja cost by themselves: the endpoints that everything is compared with.

`floor` does nothing; `floor_sql` does one SELECT and one UPDATE in one thread hop; `floor_login`
does the statements that a login which uses up a challenge once cannot do without (one SELECT, two
UPDATEs in a transaction). `_jwt` adds the issuing of a pair of tokens.
"""

from typing import Any

from asgiref.sync import sync_to_async
from django.contrib.auth import get_user_model
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone
from ninja import Router
from ninja_jwt.tokens import RefreshToken
from pydantic import BaseModel

__all__ = ["router"]

router = Router()


class FloorIn(BaseModel):
    """Whose row to touch."""

    user: int


class FloorOut(BaseModel):
    """A pair of tokens, or two empty strings."""

    access: str = ""
    refresh: str = ""


def _pair(user: Any) -> FloorOut:
    refresh: Any = RefreshToken.for_user(user)  # type: ignore[misc]  # as the library annotates
    return FloorOut(access=str(refresh.access_token), refresh=str(refresh))


def _select_update(pk: int) -> Any:
    users = get_user_model().objects
    user = users.get(pk=pk)
    users.filter(pk=pk, last_name="").update(last_login=timezone.now())
    return user


def _select_two_updates(pk: int) -> Any:
    users = get_user_model().objects
    user = users.get(pk=pk)
    with transaction.atomic():
        users.filter(pk=pk, last_name="").update(last_login=timezone.now())
        users.filter(pk=pk, last_name="").update(first_name="")
    return user


@router.post("/floor/", response=FloorOut)
async def floor(request: HttpRequest, payload: FloorIn) -> FloorOut:
    """Parse a body, send a body."""
    return FloorOut()


@router.post("/floor_sql/", response=FloorOut)
async def floor_sql(request: HttpRequest, payload: FloorIn) -> FloorOut:
    """One SELECT and one UPDATE in one hop."""
    await sync_to_async(_select_update)(payload.user)
    return FloorOut()


@router.post("/floor_sql_jwt/", response=FloorOut)
async def floor_sql_jwt(request: HttpRequest, payload: FloorIn) -> FloorOut:
    """The same, and a pair of tokens."""
    return await sync_to_async(lambda: _pair(_select_update(payload.user)))()


@router.post("/floor_login/", response=FloorOut)
async def floor_login(request: HttpRequest, payload: FloorIn) -> FloorOut:
    """One SELECT and two UPDATEs in a transaction, in one hop."""
    await sync_to_async(_select_two_updates)(payload.user)
    return FloorOut()


@router.post("/floor_login_jwt/", response=FloorOut)
async def floor_login_jwt(request: HttpRequest, payload: FloorIn) -> FloorOut:
    """The same, and a pair of tokens."""
    return await sync_to_async(lambda: _pair(_select_two_updates(payload.user)))()
