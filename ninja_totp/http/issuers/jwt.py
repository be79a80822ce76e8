"""JSON Web Tokens of django-ninja-jwt or djangorestframework-simplejwt.

The library does signing, lifetimes, rotation and the blacklist. We add the claims `amr` (RFC 8176),
`acr` and `auth_time` (OpenID Connect) and `totp_generation`. The blacklist uses the database, so an
issuer is only called in a thread.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from importlib import import_module
from importlib.util import find_spec
from typing import Any, cast

from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractBaseUser, update_last_login
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.module_loading import import_string

from ninja_totp import clock
from ninja_totp.conf import get_settings
from ninja_totp.core.errors import TokenNotValid
from ninja_totp.http.cookies import CSRF_ERRORS, cookie_of
from ninja_totp.services.policy.enforcement import require_enrolled_in_time
from ninja_totp.services.step_up import PASSWORD_ONLY, UNDATED, AuthContext, is_ended
from ninja_totp.services.verify import Method

# RFC 8176 has no value for a backup code; "mfa" means that there was a second factor.
_AMR: Mapping[str | None, list[str]] = {
    None: ["pwd"],
    "otp": ["pwd", "otp", "mfa"],
    "backup_code": ["pwd", "backup_code", "mfa"],
}
# Errors of a lookup with a value that is no key of the user model.
_NO_SUCH_KEY = (TypeError, ValueError, ValidationError)


def _has_second_factor(token: Any) -> bool:
    # Another service may sign with the same key: a claim in another format proves nothing, and
    # "mfa" is also in the text "no mfa".
    amr = token.get("amr")
    return isinstance(amr, list) and "mfa" in amr


def bearer_token(request: HttpRequest) -> str | None:
    """Return the bearer token of the Authorization header, or None (RFC 6750, 2.1)."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() or None if scheme.lower() == "bearer" else None


class _JSONWebTokens:
    """The common part of both libraries. `library` is the name of the package.

    `claims` is a function of a user that returns additional claims. With `access_cookie` (and
    `refresh_cookie`), tokens are sent in HttpOnly cookies with these names and are in no body. A
    token in the header takes precedence over the cookie. Requests with the cookie need the CSRF
    token.
    """

    library: str

    def __init__(
        self,
        *,
        claims: Callable[[Any], Mapping[str, Any]] | None = None,
        access_cookie: str | None = None,
        refresh_cookie: str | None = None,
    ) -> None:
        # Any: both libraries are optional, and only one of them is typed.
        self._tokens: Any = import_module(f"{self.library}.tokens")
        self._settings: Any = import_module(f"{self.library}.settings").api_settings
        self._error: Any = import_module(f"{self.library}.exceptions").TokenError
        self._claims = claims
        named = {"access": access_cookie, "refresh": refresh_cookie}
        self.cookies = {kind: name for kind, name in named.items() if name}

    def may_log_in(self, user: AbstractBaseUser) -> bool:
        """Apply the library's USER_AUTHENTICATION_RULE, as its own views do."""
        return bool(self._settings.USER_AUTHENTICATION_RULE(user))

    def log_in(
        self, request: HttpRequest, user: AbstractBaseUser, auth_context: AuthContext
    ) -> Mapping[str, str]:
        """Return `access` and `refresh` tokens that carry `auth_context`."""
        if self._settings.UPDATE_LAST_LOGIN:
            update_last_login(cast("Any", type(user)), cast("Any", user))
        return self.renew(request, user, auth_context)

    def renew(
        self, request: HttpRequest, user: AbstractBaseUser, auth_context: AuthContext
    ) -> Mapping[str, str]:
        """Return new tokens for a caller who is logged in."""
        refresh, access_alone = self._new_tokens(user)
        refresh.payload = {**(self._claims(user) if self._claims else {}), **refresh.payload}
        method = auth_context.method if auth_context.verified_at is not None else None
        refresh["amr"] = _AMR[method]
        refresh["acr"] = "aal1" if method is None else "aal2"  # NIST SP 800-63B-4: 1 or 2 factors
        refresh["auth_time"] = auth_context.verified_at or auth_context.logged_in_at or clock.now()
        refresh["totp_generation"] = auth_context.generation
        access = refresh.access_token
        access.payload = {**access_alone, **access.payload}
        access["exp"] = min(access["exp"], access_alone.get("exp", access["exp"]))
        return {"access": str(access), "refresh": str(refresh)}

    def _new_tokens(self, user: AbstractBaseUser) -> tuple[Any, Mapping[str, Any]]:
        """Return a refresh token, and the claims that only the access token has."""
        return self._tokens.RefreshToken.for_user(user), {}

    def auth_context_of(self, request: HttpRequest, user: AbstractBaseUser) -> AuthContext | None:
        """Return the context in the caller's token, if it is one of ours for `user`."""
        try:
            token = self._token_of(request, self._tokens.AccessToken)
        except CSRF_ERRORS:  # another site must not use the claims
            return None
        return None if token is None else self.auth_context_in(token, user)

    def auth_context_in(self, token: Any, user: AbstractBaseUser) -> AuthContext | None:
        """Return the context in a token of the library that is already verified."""
        # A project may put another `amr` into its tokens; only ours name a generation.
        if not self._belongs_to(token, user) or "totp_generation" not in token:
            return None
        auth_time = token.get("auth_time")
        if not _has_second_factor(token) or not isinstance(auth_time, int):
            return PASSWORD_ONLY
        method: Method = "backup_code" if "backup_code" in token["amr"] else "otp"
        return AuthContext(auth_time, token["totp_generation"], method)

    def authenticated_at(self, request: HttpRequest, user: AbstractBaseUser) -> int | None:
        """Return the login time of the caller's token for `user`; UNDATED without `auth_time`."""
        for kind in (self._tokens.AccessToken, self._tokens.SlidingToken):
            token = self._token_of(request, kind)
            if token is not None and self._belongs_to(token, user):
                # Not `iat`, which a refresh view of the library renews: old logins would look new.
                said = token.get("auth_time")
                return said if isinstance(said, int) else UNDATED
        return None

    def require_not_revoked(self, token: Any) -> None:
        """Raise TokenNotValid for a token of a login from before a recovery of its user.

        Also for a refresh token of a login with the password alone from before 2FA was turned on.
        """
        owner = {self._settings.USER_ID_FIELD: token.get(self._settings.USER_ID_CLAIM)}
        is_refresh = token.get(self._settings.TOKEN_TYPE_CLAIM) == "refresh"
        by_password = is_refresh and not _has_second_factor(token)
        try:
            # Without our claims, its age is at least that of `iat`.
            moment = token.get("auth_time", token.get("iat"))
            moment = moment if isinstance(moment, int) else UNDATED
            ended = is_ended(moment, by_password=by_password, **owner)
        except _NO_SUCH_KEY:
            return  # not for a user of this site: no second factor applies
        if ended:
            raise TokenNotValid

    def lifetime_seconds(self, kind: str) -> int:
        """Return the lifetime of an "access" or "refresh" token."""
        return int(getattr(self._settings, f"{kind.upper()}_TOKEN_LIFETIME").total_seconds())

    def _token_of(self, request: HttpRequest, kind: Any) -> Any | None:
        raw = bearer_token(request) or cookie_of(request, self.cookies.get("access"))
        if raw is None:
            return None
        try:
            return kind(raw)
        except self._error:
            return None

    def _belongs_to(self, token: Any, user: AbstractBaseUser) -> bool:
        identity = token.get(self._settings.USER_ID_CLAIM)
        return str(identity) == str(getattr(user, self._settings.USER_ID_FIELD))

    def refresh(self, token: str) -> Mapping[str, str]:
        """Return a new `access` (and `refresh`, where the library is set to rotate).

        The claims are copied: a refresh makes no authentication newer or stronger (RFC 9470, 6.1).
        Raises TokenNotValid, also if the user is deleted or inactive, and EnrolmentRequired for a
        user who must have 2FA and has none.
        """
        try:
            refresh = self._tokens.RefreshToken(token)
        except self._error:
            raise TokenNotValid from None
        user = self._active_user(refresh)
        self.require_not_revoked(refresh)
        require_enrolled_in_time(user)
        tokens = {"access": str(refresh.access_token)}
        if self._settings.ROTATE_REFRESH_TOKENS:
            tokens["refresh"] = self._rotated(refresh)
        return tokens

    def _active_user(self, refresh: Any) -> AbstractBaseUser:
        identity = {self._settings.USER_ID_FIELD: refresh.get(self._settings.USER_ID_CLAIM)}
        users = get_user_model()._default_manager  # noqa: SLF001 - Django's documented name
        user: AbstractBaseUser | None = None
        # Signed by this site, but perhaps before the user model changed its type of key.
        with suppress(*_NO_SUCH_KEY):
            user = users.filter(**identity).first()
        if user is None or not self._settings.USER_AUTHENTICATION_RULE(user):
            raise TokenNotValid
        return user

    def require_enrolled_in_time(self, token: Any) -> None:
        """Raise EnrolmentRequired if the user of a verified token must set up 2FA first."""
        if get_settings().required is not None:
            require_enrolled_in_time(self._active_user(token))

    def _rotated(self, refresh: Any) -> str:
        # Both methods exist only if the library's blacklist application is installed.
        if self._settings.BLACKLIST_AFTER_ROTATION and hasattr(refresh, "blacklist"):
            _, is_first = refresh.blacklist()
            if not is_first:  # two requests at once: a refresh token works once
                raise TokenNotValid
        refresh.set_jti()
        refresh.set_exp()
        refresh.set_iat()
        if hasattr(refresh, "outstand"):
            refresh.outstand()
        return str(refresh)

    def verify(self, token: str) -> None:
        """Raise TokenNotValid unless `token` is signed, unexpired and not blacklisted."""
        try:
            parsed = self._tokens.UntypedToken(token)
            if parsed.get(self._settings.TOKEN_TYPE_CLAIM) == "refresh":
                self._tokens.RefreshToken(token)  # looks into the blacklist
        except self._error:
            raise TokenNotValid from None
        self.require_not_revoked(parsed)


class NinjaJWT(_JSONWebTokens):
    """Tokens of django-ninja-jwt (`pip install ninja-totp[jwt]`).

    With the claims that `get_token` of TOKEN_OBTAIN_PAIR_INPUT_SCHEMA adds.
    """

    library = "ninja_jwt"

    def _new_tokens(self, user: AbstractBaseUser) -> tuple[Any, Mapping[str, Any]]:
        name = self._settings.TOKEN_OBTAIN_PAIR_INPUT_SCHEMA
        if name == "ninja_jwt.schema.TokenObtainPairInputSchema":  # adds nothing
            return super()._new_tokens(user)
        made = import_string(name).get_token(user)
        access = self._tokens.AccessToken(made["access"])
        return self._tokens.RefreshToken(made["refresh"]), access.payload


class SimpleJWT(_JSONWebTokens):
    """Tokens of djangorestframework-simplejwt (`pip install ninja-totp[simplejwt]`).

    With the claims that `get_token` of TOKEN_OBTAIN_SERIALIZER adds.
    """

    library = "rest_framework_simplejwt"

    def _new_tokens(self, user: AbstractBaseUser) -> tuple[Any, Mapping[str, Any]]:
        token = import_string(self._settings.TOKEN_OBTAIN_SERIALIZER).get_token(user)
        return token, {}


def installed(*kinds: type[NinjaJWT | SimpleJWT]) -> Iterator[NinjaJWT | SimpleJWT]:
    """Yield an issuer of each kind whose library is installed."""
    return (kind() for kind in kinds if find_spec(kind.library) is not None)
