"""A Fernet token is text in Python and bytes in the database."""

import pytest
from django.contrib.auth import get_user_model
from django.core import serializers
from django.db import connection

from ninja_totp.conf import get_settings
from ninja_totp.models import BackupCode

pytestmark = pytest.mark.django_db


def test_a_token_comes_back_as_it_was(owner):
    tokens = [get_settings().key_ring.encrypt("x" * length) for length in range(40)]
    row = BackupCode.objects.filter(user=owner.user).first()

    for token in tokens:
        BackupCode.objects.filter(pk=row.pk).update(ciphertext=token)
        row.refresh_from_db()

        assert row.ciphertext == token


def test_the_database_holds_the_bytes_of_the_token(owner):
    with connection.cursor() as cursor:
        cursor.execute("SELECT ciphertext FROM ninja_totp_backupcode")
        stored = [bytes(value) for (value,) in cursor.fetchall()]

    # Version, time, initialisation vector, two blocks, HMAC.
    assert {len(value) for value in stored} == {1 + 8 + 16 + 32 + 32}
    assert {value[0] for value in stored} == {0x80}


def test_rows_are_found_by_their_token(owner):
    row = BackupCode.objects.filter(user=owner.user).first()

    assert BackupCode.objects.get(ciphertext=row.ciphertext) == row
    assert BackupCode.objects.exclude(ciphertext="").count() == 10


def test_a_row_is_dumped_and_loaded_with_its_token(owner):
    row = BackupCode.objects.filter(user=owner.user).first()

    (loaded,) = serializers.deserialize("json", serializers.serialize("json", [row]))

    assert loaded.object.ciphertext == row.ciphertext


def test_what_is_no_token_is_not_stored(owner):
    row = BackupCode.objects.filter(user=owner.user).first()
    row.ciphertext = "no token"

    with pytest.raises(ValueError, match="padding"):
        row.save()


def test_a_row_that_is_not_there_has_no_token(ada):
    user = get_user_model().objects.filter(pk=ada.pk).values_list("ninja_totp__secret").get()

    assert user == (None,)
