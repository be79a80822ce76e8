"""The shortest login over django-otp: a signed challenge, `match_token`, a pair of tokens."""

# The peers need not be installed where the types are checked.
# mypy: disable-error-code="import-not-found"

from typing import Any

from django.contrib.auth import get_user_model
from django.core import signing
from django.http import HttpRequest
from django.urls import path
from django_otp import match_token
from ninja import NinjaAPI
from ninja.errors import HttpError
from ninja_jwt.tokens import RefreshToken
from pydantic import BaseModel

from benchmarks.stacks.django_otp import SALT

__all__ = ["urlpatterns"]

api = NinjaAPI()


class VerifyIn(BaseModel):
    """The second step of a login."""

    challenge: str
    code: str


@api.post("/verify/")
def verify(request: HttpRequest, payload: VerifyIn) -> dict[str, Any]:
    """Check the code and issue tokens. Synchronous: `match_token` holds a transaction."""
    pk = signing.loads(payload.challenge, salt=SALT, max_age=300)
    user = get_user_model().objects.get(pk=pk)
    if match_token(user, payload.code) is None:
        raise HttpError(400, "Invalid code.")
    refresh: Any = RefreshToken.for_user(user)  # type: ignore[misc]  # as the library annotates
    return {"access": str(refresh.access_token), "refresh": str(refresh)}


urlpatterns = [path("", api.urls)]
