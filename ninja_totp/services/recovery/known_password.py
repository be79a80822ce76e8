"""Whose hash was made anew: what is bound to the password goes on under the new hash.

Challenges, trusted devices, links and a row of failures end with the password they began under.
They know it by a fingerprint of its hash, and Django makes that anew at a login when it has another
hasher or more iterations by now. So the account keeps the last hash that was seen here, sealed. If
the password opens that one too, and Django would bring it up to date, it was brought up to date.
Whichever view a login goes through, the next first step here sees it.
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
    """Return the present hash as an account keeps it."""
    return get_settings().key_ring.seal(user.password, owner=str(user.pk))


@sensitive_variables()
@retry_on_conflict
def keep_bound(user: AbstractBaseUser, password: str) -> Account | None:
    """Return the user's account, after `password`, which was right, has been seen.

    One more password is hashed when the stored hash is another one than the last time.
    """
    account = Account.of(user)
    if account is None or not account.is_enabled:
        return account
    try:
        former = _former(account)
    except SealBroken:  # its key is gone, and with it the factor: nothing is written then
        return account
    if password_fingerprint(former) == password_fingerprint(user.password):
        return account
    outdated: list[str] = []  # called with a right password whose hash is to be made anew
    check_password(password, former, setter=outdated.append)
    with transaction.atomic(using=database()):
        if outdated:
            _bind_anew(account, user, former)
        elif account.version:
            account.write(known_password=known(user))
        else:  # imported: a password alone must not end that the row follows its source
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
    """Return what the account keeps, sealed by the current key; "" if no key opens it."""
    try:
        former = _former(account)
    except SealBroken:
        return ""
    return former and get_settings().key_ring.seal(former, owner=str(account.pk))


@sensitive_variables()
def _bind_anew(account: Account, user: AbstractBaseUser, former: str) -> None:
    old, new = password_fingerprint(former), password_fingerprint(user.password)
    counted = account.failures_password
    account.write(known_password=known(user), failures_password=new if counted == old else counted)
    renamed = {old: new, link_fingerprint(former, user): link_fingerprint(user.password, user)}
    for before, after in renamed.items():
        bound = {"user_id": user.pk, "password_fingerprint": before}
        for rows in (Challenge.objects, TrustedDevice.objects):
            rows.using(database()).filter(**bound).update(password_fingerprint=after)
