"""Rows of packages that are not installed here, for the sources that read JSON."""

from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from types import SimpleNamespace
from unittest import mock

from django.contrib.auth.hashers import make_password
from django.core.signing import Signer

from ninja_totp.importers.sources import allauth_mfa, dj_rest_auth_mfa, django_mfa, mfa2

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
SIGNED = Signer(salt="dj-rest-auth-mfa-totp-secret").sign(SECRET)
HASHED = make_password("good-code")
AT = datetime(2026, 1, 1, tzinfo=UTC)

# What each package keeps of a user: the document of the authenticator, and that of the codes. Of
# allauth, what its own method makes of the latter.
GOOD = {
    allauth_mfa: ({"secret": SECRET}, ["good-code"]),
    dj_rest_auth_mfa: ({"secret": SIGNED}, {"seed": "5e" * 32, "used_mask": 0b1111111110}),
    django_mfa: ({"secret": SECRET}, {"codes": [HASHED], "used": []}),
    mfa2: ({"secret_key": SECRET}, {"secret_keys": [HASHED]}),
}

# What comes of the codes: the one that is carried over, or the sentence on the one that is not.
KEPT = {
    allauth_mfa: "good-code",
    dj_rest_auth_mfa: "7210-d08a",
    django_mfa: "1 backup code stored as a hash alone",
    mfa2: "1 backup code stored as a hash alone",
}


class _Table(list):
    """Rows under a query set's methods that a source uses."""

    def filter(self, **_):
        return self

    def order_by(self, *_):
        return self


def _row(user_pk, kind, document):
    return SimpleNamespace(
        pk=user_pk,
        user_id=user_pk,
        username=f"user {user_pk}",
        type=kind,
        key_type={"totp": "TOTP", "recovery_codes": "RECOVERY"}[kind],
        data=document,
        properties=document,
        wrap=lambda: SimpleNamespace(get_unused_codes=lambda: document),
        created_at=AT,
        added_on=AT,
        last_used_at=None,
        last_used=None,
    )


def rows_of(user_pk, *authenticators, codes):
    """Return the rows of one user; each of `authenticators`, and `codes`, is a document."""
    kept = [_row(user_pk, "totp", document) for document in authenticators]
    return [*kept, _row(user_pk, "recovery_codes", codes)]


def owner_of(source, user_pk):
    """Return what `source` calls a user."""
    return f"user {user_pk}" if source is mfa2 else user_pk


@contextmanager
def holding(source, rows):
    """Let `source` find `rows`, as if its package were installed and did not encrypt."""
    with ExitStack() as patches:
        if source is mfa2:
            pks = {row.username: row.user_id for row in rows}
            patches.enter_context(mock.patch.object(mfa2, "_keys", return_value=_Table(rows)))
            patches.enter_context(mock.patch.object(mfa2, "_user_pks", return_value=pks))
        else:
            table = mock.patch.object(source, "_authenticators", return_value=_Table(rows))
            decrypt = mock.Mock(return_value=lambda stored: stored)
            patches.enter_context(table)
            patches.enter_context(mock.patch.object(source, "import_string", decrypt, create=True))
        yield
