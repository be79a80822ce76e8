"""A client of REST framework that is logged in with both factors, for tests of projects.

The rest (users with 2FA, codes, a clock) is in `ninja_totp.testing`.
"""

from django.contrib.auth.models import AbstractBaseUser
from rest_framework.test import APIClient

from ninja_totp.http.issuers import CredentialIssuer, SimpleJWT
from ninja_totp.testing import Enrolment, verified_client, verified_headers


def verified_api_client(
    whom: Enrolment | AbstractBaseUser,
    *,
    issuer: CredentialIssuer | None = None,
    session: bool = False,
) -> APIClient:
    """Return a client with a token, or with a `session`, that has verified the second factor.

    `issuer` creates the token, by default simplejwt. LookupError if the user has no 2FA.
    """
    client = APIClient()
    if session:
        verified_client(whom, client=client)
    else:
        header = verified_headers(whom, issuer=issuer or SimpleJWT())
        client.credentials(HTTP_AUTHORIZATION=header["Authorization"])
    return client
