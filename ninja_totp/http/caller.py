"""Who asks, and with what standing."""

from dataclasses import dataclass

from django.contrib.auth.models import AbstractBaseUser
from django.http import HttpRequest

from ninja_totp import schemas
from ninja_totp.http.issuers import CredentialIssuer
from ninja_totp.services.factor_change import Authority
from ninja_totp.services.step_up import PASSWORD_ONLY, AuthContext

__all__ = ["Caller"]


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks, and the issuer that reads and renews the credential they came with.

    `trusts_unknown` says whether a credential of an unknown kind may change the factor without a
    code: never at the Ninja door, as documented at the REST framework door.
    """

    request: HttpRequest
    user: AbstractBaseUser
    issuer: CredentialIssuer
    trusts_unknown: bool = False

    def authority(self, payload: schemas.TotpOptionalProof | None) -> Authority:
        """Return by what right the caller changes the factor: a proof, or their standing."""
        proof = payload.proof() if payload is not None else None
        return self.auth_context() if proof is None else proof

    def authenticated_at(self) -> int | None:
        """Return when the caller logged in, in seconds since the epoch; None if nobody can tell."""
        return self.issuer.authenticated_at(self.request, self.user)

    def auth_context(self) -> AuthContext | None:
        """Return the caller's standing; None for one of an unknown kind that is trusted."""
        auth_context = self.issuer.auth_context_of(self.request, self.user)
        return auth_context or (None if self.trusts_unknown else PASSWORD_ONLY)

    def renewed(self, auth_context: AuthContext) -> dict[str, str]:
        """Return new credentials of `auth_context`, if the caller came with one of the issuer's."""
        if self.issuer.auth_context_of(self.request, self.user) is None:
            return {}
        return dict(self.issuer.renew(self.request, self.user, auth_context))
