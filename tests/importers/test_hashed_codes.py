"""Imported backup codes that are known by their hash alone."""

from threading import Barrier, Thread

import pytest
from django.contrib.auth.hashers import make_password
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext
from django.utils.crypto import salted_hmac

from ninja_totp.core.errors import Locked
from ninja_totp.core.otp import new_secret
from ninja_totp.importers.found import ImportedFactor
from ninja_totp.importers.writer import write
from ninja_totp.models import BackupCode
from ninja_totp.services import rotate_backup_codes, totp_status, verify_backup_code

CODES = ["aBcDeFgHiJkL", "12345-67890", "Zz-Yy-Xx"]


def drf_totp_hash(code, key):
    digest = salted_hmac("drf_totp.backup_code", code, secret=key, algorithm="sha256")
    return f"hmac_sha256${digest.hexdigest()}"


def carry_over(user, *, backup_codes=(), hashed_codes=()):
    write(
        [
            ImportedFactor(
                user.pk, new_secret(), backup_codes=backup_codes, hashed_codes=hashed_codes
            )
        ]
    )


@pytest.mark.django_db
def test_a_hashed_code_works_once_exactly_as_it_was_printed(ada):
    carry_over(ada, hashed_codes=tuple(map(make_password, CODES)))

    assert [verify_backup_code(ada, f" {code}\n") for code in CODES] == [True] * 3
    assert not verify_backup_code(ada, CODES[0])


@pytest.mark.django_db
def test_another_spelling_of_a_hashed_code_is_wrong(ada):
    carry_over(ada, hashed_codes=(make_password(CODES[0]),))

    assert not verify_backup_code(ada, CODES[0].lower())


@pytest.mark.django_db
def test_the_hash_itself_is_no_code(ada):
    hashed = make_password(CODES[0])
    carry_over(ada, hashed_codes=(hashed,))

    assert not verify_backup_code(ada, hashed)


@pytest.mark.django_db
def test_a_hashed_code_of_somebody_else_is_wrong(ada, bob):
    carry_over(ada, hashed_codes=(make_password(CODES[0]),))
    carry_over(bob, hashed_codes=(make_password(CODES[1]),))

    assert not verify_backup_code(bob, CODES[0])


@pytest.mark.django_db
def test_plain_and_hashed_codes_work_side_by_side(ada):
    carry_over(ada, backup_codes=(CODES[1],), hashed_codes=(make_password(CODES[0]),))

    assert totp_status(ada).backup_codes_remaining == 2
    assert verify_backup_code(ada, CODES[0])
    assert verify_backup_code(ada, CODES[1])
    assert totp_status(ada).backup_codes_remaining == 0


@pytest.mark.django_db
def test_wrong_codes_lock_as_they_do_for_everybody(ada):
    carry_over(ada, hashed_codes=(make_password(CODES[0]),))
    for guess in range(5):
        verify_backup_code(ada, f"guess-{guess}")

    with pytest.raises(Locked):
        verify_backup_code(ada, CODES[0])


@pytest.mark.django_db
def test_a_hash_that_no_hasher_of_the_site_knows_any_more_matches_nothing(ada, settings):
    carry_over(ada, hashed_codes=(make_password(CODES[0]),))
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]

    assert not verify_backup_code(ada, CODES[0])


@pytest.mark.django_db
@pytest.mark.parametrize("typed", ["ABCDE-FGHJK", "abcdefghjk", "abc de-fghjk"])
def test_a_drf_totp_code_is_forgiven_what_drf_totp_forgave(ada, settings, typed):
    carry_over(ada, hashed_codes=(drf_totp_hash("ABCDEFGHJK", settings.SECRET_KEY),))

    assert verify_backup_code(ada, typed)


@pytest.mark.django_db
def test_a_drf_totp_code_outlives_a_change_of_the_secret_key(ada, settings):
    carry_over(ada, hashed_codes=(drf_totp_hash("ABCDEFGHJK", settings.SECRET_KEY),))
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another-one-that-everybody-knows"

    assert verify_backup_code(ada, "ABCDE-FGHJK")


@pytest.mark.django_db
def test_hashing_happens_in_no_transaction(ada, settings):
    settings.PASSWORD_HASHERS = ["tests.importers.hashers.OutsideTransactions"]
    carry_over(ada, hashed_codes=(make_password(CODES[0]),))

    assert verify_backup_code(ada, CODES[0])


@pytest.mark.django_db
def test_no_more_than_sixteen_hashes_are_computed_for_one_wrong_code(ada, settings):
    settings.PASSWORD_HASHERS = ["tests.importers.hashers.Counted"]
    carry_over(ada, hashed_codes=tuple(make_password(f"code-{number}") for number in range(40)))
    from tests.importers.hashers import Counted

    Counted.verified = 0
    verify_backup_code(ada, "wrong-code")

    assert Counted.verified == 16


@pytest.mark.django_db
def test_who_has_no_hashed_code_is_asked_no_query_more(ada, bob):
    carry_over(ada, backup_codes=(CODES[0],))
    carry_over(bob, backup_codes=(CODES[0],), hashed_codes=(make_password(CODES[1]),))

    with CaptureQueriesContext(connection) as plain:
        verify_backup_code(ada, CODES[0])
    with CaptureQueriesContext(connection) as hashed:
        verify_backup_code(bob, CODES[0])

    assert len(hashed) == len(plain) + 1


@pytest.mark.django_db
def test_rotation_ends_hashed_codes(ada):
    carry_over(ada, hashed_codes=(make_password(CODES[0]),))

    new = rotate_backup_codes(ada)

    assert not verify_backup_code(ada, CODES[0])
    assert verify_backup_code(ada, new[0])
    assert not BackupCode.objects.exclude(legacy_hash="").exists()


@pytest.mark.django_db(transaction=True)
def test_one_of_many_that_use_the_same_hashed_code_at_once_gets_in(ada):
    carry_over(ada, hashed_codes=(make_password(CODES[0]),))
    barrier, answers = Barrier(4), []

    def use():
        barrier.wait()
        answers.append(verify_backup_code(ada, CODES[0]))
        connections.close_all()

    threads = [Thread(target=use) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(answers) == [False, False, False, True]
