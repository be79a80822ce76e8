"""Detect an upgraded password hash, and keep what is bound to the password valid.

Challenges, trusted devices, links and failures in a row end with the password under which they
began. They store a fingerprint of its hash, and Django changes the hash at a login if the hasher or
its iterations have changed. So the account stores the last hash that was seen here, encrypted. If
the password matches that hash too and Django would upgrade it, the hash was upgraded. This works
for a login through any view: the next first step here notices it.
"""

from django.contrib.auth.hashers import check_password
from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.views.decorators.debug import sensitive_variables

from ninja_totp.conf import get_settings
from ninja_totp.core.encryption import SealBroken, password_fingerprint
from ninja_totp.models import Account, Challenge, TrustedDevice
from ninja_totp.services.recovery.links import link_fingerprint
from ninja_totp.transactions import database, retry_on_conflict


@sensitive_variables()
def known(user: AbstractBaseUser) -> str:
    """Return the current hash as an account stores it."""
    return get_settings().key_ring.seal(user.password, owner=str(user.pk))


@sensitive_variables()
@retry_on_conflict
def keep_bound(user: AbstractBaseUser, password: str) -> Account | None:
    """Note the hash of `password`, which is correct, and return the user's account.

    Hashes one more password if the stored hash has changed since the last time.
    """
    account = Account.of(user)
    if account is None or not account.is_enabled:
        return account
    try:
        former = _former(account)
    except SealBroken:  # its key is gone, and with it the second factor: write nothing
        return account
    if password_fingerprint(former) == password_fingerprint(user.password):
        return account
    outdated: list[str] = []  # set for a correct password whose hash must be upgraded
    check_password(password, former, setter=outdated.append)
    with transaction.atomic(using=database()):
        if outdated:
            _rebind(account, user, former)
        elif account.version:
            account.write(known_password=known(user))
        else:  # imported: a password alone must not stop updates by the import
            untouched = Account.objects.using(database()).filter(pk=account.pk, version=0)
            untouched.update(known_password=known(user))
    return account


@sensitive_variables()
def _former(account: Account) -> str:
    if not account.known_password:  # an imported factor
        return ""
    return get_settings().key_ring.open(account.known_password, owner=str(account.pk))


@sensitive_variables()
def resealed(account: Account) -> str:
    """Return the stored hash, encrypted with the current key; "" if no key opens it."""
    try:
        former = _former(account)
    except SealBroken:
        return ""
    return former and get_settings().key_ring.seal(former, owner=str(account.pk))


def _rebind(account: Account, user: AbstractBaseUser, former: str) -> None:
    old, new = password_fingerprint(former), password_fingerprint(user.password)
    counted = account.failures_password
    account.write(known_password=known(user), failures_password=new if counted == old else counted)
    renamed = {old: new, link_fingerprint(former, user): link_fingerprint(user.password, user)}
    for before, after in renamed.items():
        bound = {"user_id": user.pk, "password_fingerprint": before}
        for rows in (Challenge.objects, TrustedDevice.objects):
            rows.using(database()).filter(**bound).update(password_fingerprint=after)
