"""The documented helpers, called as a project's own views call them."""

import pytest
from cryptography.fernet import Fernet, InvalidToken
from django.core.exceptions import ImproperlyConfigured
from django.core.signing import BadSignature, SignatureExpired

from drf_compat import auth, backup_code_utils, email_utils, encryption, signals, totp
from ninja_totp.core.encryption import new_key
from ninja_totp.models import Totp


def test_a_secret_is_32_characters_of_base32():
    secret = totp.generate_totp_secret()

    assert len(secret) == 32
    assert secret != totp.generate_totp_secret()


def test_a_setup_is_an_svg_and_needs_a_code(user):
    svg = totp.create_totp_setup(user)

    assert svg.startswith("<svg")
    assert not auth.is_totp_enabled(user)


def test_confirming_returns_backup_codes_that_work_once(user, secret):
    codes = backup_code_utils.rotate_backup_codes(user)

    assert auth.is_totp_enabled(user)
    assert backup_code_utils.verify_backup_code(user, codes[0])
    assert not backup_code_utils.verify_backup_code(user, codes[0])


def test_a_wrong_code_confirms_nothing(user):
    totp.create_totp_setup(user)

    with pytest.raises(ValueError, match=r"^Invalid TOTP code\.$"):
        totp.confirm_totp_setup(user, "000000")


def test_codes_of_the_projects_own_can_be_stored(user, secret):
    stored = backup_code_utils.store_backup_codes(user, ["one-of-ours"])

    assert stored == ["one-of-ours"]
    assert backup_code_utils.verify_backup_code(user, "one-of-ours")


def test_a_code_is_verified_once(user, secret, code):
    assert totp.verify_totp_code(user, code(secret))
    assert not totp.verify_totp_code(user, code(secret))


@pytest.mark.parametrize(
    "helper",
    [
        totp.disable_totp,
        backup_code_utils.rotate_backup_codes,
        lambda user: totp.confirm_totp_setup(user, "000000"),
        lambda user: backup_code_utils.store_backup_codes(user, []),
    ],
)
def test_without_a_factor_the_helpers_raise_what_is_documented(user, helper):
    with pytest.raises(ValueError, match=r"^User does not have an associated TOTP secret\.$"):
        helper(user)


def test_disabling_asks_nobody(user, secret):
    totp.disable_totp(user)

    assert not auth.is_totp_enabled(user)


def test_a_challenge_token_leads_to_its_user(user, secret):
    token = auth.generate_challenge_token(user)

    assert auth.verify_challenge_token(token) == user.pk
    assert auth.get_user_from_challenge_token(token) == user


def test_a_challenge_token_works_for_a_user_without_a_factor(user):
    assert auth.verify_challenge_token(auth.generate_challenge_token(user)) == user.pk


@pytest.mark.parametrize("token", ["", "made-up", "a:b"])
def test_a_token_that_is_none_is_a_bad_signature(db, token):
    with pytest.raises(BadSignature, match="Invalid or tampered TOTP token"):
        auth.verify_challenge_token(token)


def test_a_token_lives_for_two_minutes(user, clock):
    token = auth.generate_challenge_token(user)
    clock.advance(120)

    with pytest.raises(SignatureExpired, match="TOTP token has expired"):
        auth.verify_challenge_token(token)


def test_another_salt_ends_the_tokens_in_flight(user, settings):
    token = auth.generate_challenge_token(user)
    settings.TOTP_TOKEN_SALT = "another"

    with pytest.raises(BadSignature):
        auth.verify_challenge_token(token)


def test_encrypted_text_is_a_fernet_token_of_the_sites_key(settings):
    settings.TOTP_ENCRYPTION_KEY = encryption.generate_fernet_key()

    token = encryption.encrypt("text")

    assert Fernet(settings.TOTP_ENCRYPTION_KEY).decrypt(token) == b"text"
    assert encryption.decrypt(token) == "text"


def test_a_foreign_token_does_not_decrypt():
    with pytest.raises(InvalidToken):
        encryption.decrypt(Fernet(new_key()).encrypt(b"text").decode())


def test_the_key_that_encrypts_is_the_first(settings):
    settings.TOTP_ENCRYPTION_KEY = [new_key(), new_key()]

    assert encryption.resolve_fernet_key() == settings.TOTP_ENCRYPTION_KEY[0].encode()


def test_the_default_stands_in_for_a_key_that_is_not_set(settings):
    settings.TOTP_ENCRYPTION_KEY = None
    default = new_key().encode()

    assert encryption.resolve_fernet_key(default) == default


@pytest.mark.parametrize(("key", "sentence"), [(None, "must be set"), ("short", "must be a valid")])
def test_without_a_key_nothing_is_encrypted(settings, key, sentence):
    settings.TOTP_ENCRYPTION_KEY = key

    with pytest.raises(ImproperlyConfigured, match=sentence):
        encryption.resolve_fernet_key()


@pytest.mark.parametrize("pk", [1, "a7f0", "\u00e4"])
def test_a_user_id_survives_the_way_through_a_link(pk):
    assert email_utils.decode_uid(email_utils.encode_uid(pk)) == str(pk)


@pytest.mark.django_db(transaction=True)
def test_a_receiver_hears_with_request_and_user(client, secret):
    heard = []

    def receive(sender, request, user, **kwargs):
        heard.append((request.path, user.pk))

    signals.totp_disabled.connect(receive)
    client.post("/drf/totp/disable/")
    signals.totp_disabled.disconnect(receive)

    assert heard == [("/drf/totp/disable/", Totp.objects.get().pk)]
