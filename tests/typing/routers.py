"""The routers as a project mounts them, with an issuer of its own beside ours."""

from collections.abc import Mapping

from django.contrib.auth.models import AbstractBaseUser
from django.http import HttpRequest
from ninja import NinjaAPI
from ninja_jwt.authentication import JWTAuth

from ninja_totp.api import (
    CredentialIssuer,
    NinjaJWT,
    Session,
    SimpleJWT,
    create_login_router,
    create_router,
    second_factor,
    step_up_responses,
    totp_router,
)
from ninja_totp.services import AuthContext


class ApiKeys:
    """Needs no base class: the methods are enough."""

    def log_in(
        self, request: HttpRequest, user: AbstractBaseUser, auth_context: AuthContext
    ) -> Mapping[str, str]:
        return {"api_key": "made up"}

    def renew(
        self, request: HttpRequest, user: AbstractBaseUser, auth_context: AuthContext
    ) -> Mapping[str, str]:
        return self.log_in(request, user, auth_context)

    def auth_context_of(self, request: HttpRequest, user: AbstractBaseUser) -> AuthContext | None:
        return None

    def authenticated_at(self, request: HttpRequest, user: AbstractBaseUser) -> int | None:
        return None


ISSUERS: list[CredentialIssuer] = [NinjaJWT(), SimpleJWT(), Session(), ApiKeys()]

api = NinjaAPI()
api.add_router("/totp/", totp_router)
api.add_router("/accounts/totp/", create_router(issuer=Session()))
api.add_router("/keys/", create_login_router(issuer=ApiKeys()))


@api.get("/export/", auth=second_factor(JWTAuth()), response={200: str, **step_up_responses})
def export(request: HttpRequest) -> str:
    return "everything"


create_login_router()  # type: ignore[call-arg]  # an issuer is not optional
create_login_router(issuer="jwt")  # type: ignore[arg-type]  # an issuer is not a name


def a_misspelt_name_is_found() -> None:
    from ninja_totp.api import totp_ruter  # type: ignore[attr-defined]  # noqa: F401
