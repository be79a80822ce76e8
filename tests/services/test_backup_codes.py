"""Backup codes: made, kept, redeemed once, replaced."""

import uuid

import pytest

from ninja_totp.conf import get_settings
from ninja_totp.core.errors import NotEnrolled
from ninja_totp.models import BackupCode
from ninja_totp.services import (
    create_totp_setup,
    rotate_backup_codes,
    store_backup_codes,
    totp_status,
    verify_backup_code,
)
from tests.support.cast import WRONG_BACKUP_CODE

pytestmark = pytest.mark.django_db

OWN_CODES = ["first of all", "second-to-none", "4K7W-0RTZ-M3XV-9DPQ-J2HB-6YNE"]


def test_a_backup_code_works_once(owner):
    code = owner.backup_codes[0]

    assert verify_backup_code(owner.user, code)
    assert not verify_backup_code(owner.user, code)


def test_every_backup_code_of_the_sheet_works(owner):
    assert all(verify_backup_code(owner.user, code) for code in owner.backup_codes)


@pytest.mark.parametrize(
    "respelled",
    [
        str.lower,
        lambda code: code.replace("-", ""),
        lambda code: code.replace("-", " "),
        lambda code: f"\t {code}\r\n",
        lambda code: code.replace("0", "O").replace("1", "l"),
    ],
    ids=["lower case", "no hyphens", "spaces", "margins", "look-alikes"],
)
def test_a_backup_code_is_one_code_however_it_is_spelled(owner, respelled):
    code = owner.backup_codes[0]

    assert verify_backup_code(owner.user, respelled(code))
    assert not verify_backup_code(owner.user, code)


def test_a_wrong_backup_code_is_wrong(owner):
    assert not verify_backup_code(owner.user, WRONG_BACKUP_CODE)


def test_the_codes_are_not_stored_as_they_are(owner):
    rows = str(list(BackupCode.objects.values()))

    assert not [code for code in owner.backup_codes if code in rows]
    assert not [code for code in owner.backup_codes if code.replace("-", "") in rows]


def test_the_ciphertext_of_a_code_opens_with_the_key(owner):
    row = BackupCode.objects.filter(user=owner.user).first()

    text = get_settings().key_ring.decrypt(row.ciphertext)

    assert text in [code.replace("-", "") for code in owner.backup_codes]


def test_a_strict_site_keeps_no_ciphertext(owner, settings):
    settings.TOTP_STORE_BACKUP_CODE_CIPHERTEXT = False

    codes = rotate_backup_codes(owner.user)

    assert set(BackupCode.objects.values_list("ciphertext", flat=True)) == {""}
    assert verify_backup_code(owner.user, codes[0])


def test_a_site_says_how_many_codes_there_are(owner, settings):
    settings.TOTP_MAX_BACKUP_CODES = 3

    assert len(rotate_backup_codes(owner.user)) == 3
    assert totp_status(owner.user).backup_codes_remaining == 3


def test_codes_of_either_length_work_when_the_length_changes(owner, settings):
    (long,) = _only(settings, owner, 24)
    settings.TOTP_BACKUP_CODE_LENGTH = 16

    assert verify_backup_code(owner.user, long) is True
    (short,) = _only(settings, owner, 16)
    settings.TOTP_BACKUP_CODE_LENGTH = 24
    assert verify_backup_code(owner.user, short.lower().replace("-", "")) is True


def _only(settings, owner, length):
    settings.TOTP_MAX_BACKUP_CODES, settings.TOTP_BACKUP_CODE_LENGTH = 1, length
    codes = rotate_backup_codes(owner.user)
    assert [len(code.replace("-", "")) for code in codes] == [length]
    return codes


def test_a_rotation_makes_new_codes_and_ends_the_old_ones(owner):
    verify_backup_code(owner.user, owner.backup_codes[0])

    codes = rotate_backup_codes(owner.user)

    assert not verify_backup_code(owner.user, owner.backup_codes[1])
    assert verify_backup_code(owner.user, codes[0])
    assert BackupCode.objects.filter(user=owner.user).count() == 10


def test_rotating_the_codes_of_nobody_is_refused(ada):
    create_totp_setup(ada)

    with pytest.raises(NotEnrolled):
        rotate_backup_codes(ada)


def test_codes_of_the_project_replace_ours(owner):
    assert store_backup_codes(owner.user, OWN_CODES) == OWN_CODES

    assert not verify_backup_code(owner.user, owner.backup_codes[0])
    assert all(verify_backup_code(owner.user, code) for code in OWN_CODES)


def test_codes_may_be_stored_before_the_confirmation(ada):
    create_totp_setup(ada)

    assert store_backup_codes(ada, OWN_CODES) == OWN_CODES


def test_codes_of_a_user_without_an_authenticator_are_not_stored(ada):
    with pytest.raises(NotEnrolled):
        store_backup_codes(ada, OWN_CODES)


@pytest.mark.parametrize(
    "codes",
    [
        [""],
        ["  "],
        ["caf\u00e9"],
        ["x" * 129],
        ["bell\a"],
        ["twice", "twice"],
        ["4k7w" * 6, "4K7W" * 6],
    ],
    ids=["empty", "blank", "not ASCII", "long", "not printable", "equal", "equal but for case"],
)
def test_codes_that_could_not_be_redeemed_are_refused_and_the_old_ones_stay(owner, codes):
    with pytest.raises(ValueError, match=r"^(A backup code must|Two of the backup codes)"):
        store_backup_codes(owner.user, codes)

    assert verify_backup_code(owner.user, owner.backup_codes[0])


def test_the_fingerprint_covers_the_owner(owner, other):
    rows = BackupCode.objects.filter(user=owner.user)
    rows.update(user=other.user)

    assert not verify_backup_code(other.user, owner.backup_codes[0])
    assert not verify_backup_code(owner.user, owner.backup_codes[0])


def test_a_fingerprint_is_no_plain_digest(owner):
    code = owner.backup_codes[0].replace("-", "")

    stored = set(BackupCode.objects.values_list("fingerprint", flat=True))

    assert uuid.uuid5(uuid.NAMESPACE_OID, code) not in stored
    assert get_settings().key_ring.fingerprint(code, owner=str(owner.user.pk)) in stored
