"""The documented helpers: their names, what they return, and what they raise."""

import importlib
import inspect

import pytest
from cryptography.fernet import Fernet, InvalidToken
from django.core.exceptions import ImproperlyConfigured
from django.core.signing import BadSignature, SignatureExpired

from drf_compat.auth import (
    generate_challenge_token,
    get_user_from_challenge_token,
    is_totp_enabled,
    verify_challenge_token,
)
from drf_compat.backup_code_utils import (
    rotate_backup_codes,
    store_backup_codes,
    verify_backup_code,
)
from drf_compat.email_utils import decode_uid, encode_uid
from drf_compat.encryption import decrypt, encrypt, generate_fernet_key, resolve_fernet_key
from drf_compat.signals import totp_disabled
from drf_compat.totp import (
    confirm_totp_setup,
    create_totp_setup,
    disable_totp,
    generate_totp_secret,
    verify_totp_code,
)
from ninja_totp import services
from ninja_totp.core.encryption import KeyRing
from ninja_totp.core.errors import Locked, NotEnrolled, TotpError
from ninja_totp.models import Authenticator, BackupCode

DOCUMENTED = {
    "auth": [
        "is_totp_enabled(user)",
        "generate_challenge_token(user)",
        "verify_challenge_token(token)",
        "get_user_from_challenge_token(token)",
    ],
    "totp": [
        "generate_totp_secret()",
        "verify_totp_code(user, input_code)",
        "create_totp_setup(user)",
        "confirm_totp_setup(user, input_code)",
        "disable_totp(user)",
    ],
    "backup_code_utils": [
        "store_backup_codes(user, codes)",
        "verify_backup_code(user, input_code)",
        "rotate_backup_codes(user)",
    ],
    "encryption": [
        "generate_fernet_key()",
        "resolve_fernet_key(default=None)",
        "encrypt(value)",
        "decrypt(value)",
    ],
    "email_utils": ["encode_uid(pk)", "decode_uid(uid)"],
}
SIGNALS = [
    "totp_created",
    "totp_disabled",
    "backup_codes_rotated",
    "totp_login_succeeded",
    "non_totp_login_succeeded",
    "totp_recovery_succeeded",
]


@pytest.fixture
def user(ada):
    """Ada's account; her phone and her paper list are `ada`."""
    return ada.user


@pytest.fixture
def enrolled(ada):
    """Ada's account with a second factor."""
    ada.enrol()
    return ada.user


def _without_annotations(function):
    signature = inspect.signature(function)
    parameters = [
        parameter.replace(annotation=inspect.Parameter.empty)
        for parameter in signature.parameters.values()
    ]
    return f"{function.__name__}{inspect.Signature(parameters)}"


@pytest.mark.parametrize("name", DOCUMENTED)
def test_helpers_have_the_documented_names_and_parameters(name):
    module = importlib.import_module(f"drf_compat.{name}")

    functions = [getattr(module, shown.partition("(")[0]) for shown in DOCUMENTED[name]]

    assert [_without_annotations(function) for function in functions] == DOCUMENTED[name]


@pytest.mark.parametrize("name", SIGNALS)
def test_signals_have_the_documented_names(name):
    ours = importlib.import_module("drf_compat.signals")
    theirs = importlib.import_module("ninja_totp.signals")

    assert getattr(ours, name) is getattr(theirs, name)


def test_an_enrolment_by_helpers(user, ada, settings):
    svg = create_totp_setup(user)
    enabled_before = is_totp_enabled(user)
    sealed = Authenticator.objects.get(account=user.pk).secret
    ada.secret = KeyRing([settings.TOTP_ENCRYPTION_KEY]).open(sealed, owner=str(user.pk))
    codes = confirm_totp_setup(user, ada.code())

    assert svg.startswith("<svg")
    assert len(codes) == 10
    assert (enabled_before, is_totp_enabled(user)) == (False, True)


def test_a_generated_secret_has_160_bits():
    assert len(generate_totp_secret()) == 32


def test_a_right_code_is_right_once(enrolled, ada):
    code = ada.next_code()

    assert verify_totp_code(enrolled, code) is True
    assert verify_totp_code(enrolled, code) is False


@pytest.mark.parametrize(
    "typed", ["000000", "", "x", "\ud800", "\uff11\uff12\uff13\uff14\uff15\uff16", "9" * 1000]
)
def test_what_is_no_right_code_is_wrong(enrolled, typed):
    assert verify_totp_code(enrolled, typed) is False


@pytest.mark.parametrize("use", [verify_totp_code, verify_backup_code])
def test_a_code_of_somebody_without_a_factor_is_a_mistake(user, use):
    sentence = r"^User does not have an associated TOTP secret\.$"

    with pytest.raises(ValueError, match=sentence) as caught:
        use(user, "123456")

    assert isinstance(caught.value, NotEnrolled)


def test_a_locked_account_is_a_value_error_that_says_for_how_long(enrolled, ada):
    ada.fail(5)

    with pytest.raises(ValueError, match="wrong codes") as caught:
        verify_totp_code(enrolled, ada.code(steps=1))

    assert isinstance(caught.value, Locked)
    assert caught.value.retry_after == 30


def test_a_secret_that_no_key_opens_lets_nobody_in(enrolled, ada, settings, caplog):
    settings.TOTP_ENCRYPTION_KEY = Fernet.generate_key().decode()

    assert verify_totp_code(enrolled, ada.next_code()) is False
    assert "No key of TOTP_ENCRYPTION_KEY" in caplog.text


def test_enrolling_twice_is_a_value_error(enrolled):
    sentence = "TOTP is already enabled. Disable the old one before creating a new one."

    with pytest.raises(ValueError, match=sentence):
        create_totp_setup(enrolled)


@pytest.mark.parametrize("use", [disable_totp, rotate_backup_codes])
def test_changing_what_is_not_there_is_a_value_error(user, use):
    with pytest.raises(ValueError, match=r"User does not have an associated TOTP secret\."):
        use(user)


def test_storing_codes_of_somebody_without_a_factor_is_a_value_error(user):
    with pytest.raises(ValueError, match=r"User does not have an associated TOTP secret\."):
        store_backup_codes(user, ["a"])


def test_confirming_nothing_is_a_value_error(user):
    with pytest.raises(ValueError, match=r"User does not have an associated TOTP secret\."):
        confirm_totp_setup(user, "123456")


def test_confirming_by_a_wrong_code_is_a_value_error(user):
    create_totp_setup(user)

    with pytest.raises(ValueError, match=r"Invalid TOTP code\."):
        confirm_totp_setup(user, "x")


def test_confirming_again_is_a_value_error(enrolled):
    with pytest.raises(ValueError, match=r"Backup codes already exist for this user\."):
        confirm_totp_setup(enrolled, "123456")


def test_disabling_leaves_nothing(enrolled):
    disable_totp(enrolled)

    assert is_totp_enabled(enrolled) is False
    assert not Authenticator.objects.filter(account=enrolled.pk).exists()
    assert not BackupCode.objects.filter(user=enrolled).exists()


def test_a_pending_enrolment_is_called_off_by_disabling(user):
    create_totp_setup(user)

    disable_totp(user)

    with pytest.raises(NotEnrolled):
        confirm_totp_setup(user, "123456")


def test_a_backup_code_is_right_once(enrolled, ada):
    assert verify_backup_code(enrolled, ada.backup_codes[0]) is True
    assert verify_backup_code(enrolled, ada.backup_codes[0]) is False


@pytest.mark.parametrize("typed", ["", "é", "\ud800", "x" * 1000])
def test_what_is_no_backup_code_is_wrong(enrolled, typed):
    assert verify_backup_code(enrolled, typed) is False


def test_rotated_codes_replace_the_older_ones(enrolled, ada):
    newer = rotate_backup_codes(enrolled)

    assert verify_backup_code(enrolled, ada.backup_codes[0]) is False
    assert verify_backup_code(enrolled, newer[0]) is True


def test_codes_of_the_project_can_be_stored(enrolled):
    stored = store_backup_codes(enrolled, ["first-code_1", "second"])

    assert stored == ["first-code_1", "second"]
    assert verify_backup_code(enrolled, "first-code_1") is True


def test_a_challenge_names_its_user_until_it_is_used(enrolled):
    token = generate_challenge_token(enrolled)

    assert verify_challenge_token(token) == enrolled.pk
    assert get_user_from_challenge_token(token) == enrolled


def test_a_challenge_can_be_one_of_somebody_without_a_factor(user):
    assert verify_challenge_token(generate_challenge_token(user)) == user.pk


def test_a_challenge_of_the_helper_is_one_for_the_views(enrolled, ada):
    token = generate_challenge_token(enrolled)

    assert ada.answer_challenge(token, otp_code=ada.next_code()).status == 200


def test_a_challenge_that_was_used_is_a_bad_signature(enrolled, ada):
    token = generate_challenge_token(enrolled)
    ada.answer_challenge(token, otp_code=ada.next_code())

    with pytest.raises(BadSignature, match=r"Invalid or tampered TOTP token\."):
        verify_challenge_token(token)


@pytest.mark.parametrize("token", ["", "x", "a:b", "é:x", "\ud800"])
def test_a_forged_challenge_is_a_bad_signature(enrolled, token):
    with pytest.raises(BadSignature, match=r"Invalid or tampered TOTP token\.") as caught:
        verify_challenge_token(token)

    assert not isinstance(caught.value, SignatureExpired)
    assert isinstance(caught.value, TotpError)


@pytest.mark.parametrize(("setting", "seconds"), [(None, 120), (60, 60)])
def test_a_challenge_expires(enrolled, clock, settings, setting, seconds):
    settings.TOTP_TOKEN_MAX_AGE = setting
    token = generate_challenge_token(enrolled)
    clock.advance(seconds - 1)
    verify_challenge_token(token)
    clock.advance(1)

    with pytest.raises(SignatureExpired, match=r"TOTP token has expired\.") as caught:
        verify_challenge_token(token)

    assert isinstance(caught.value, TotpError)


def test_another_salt_ends_open_challenges(enrolled, settings):
    token = generate_challenge_token(enrolled)
    settings.TOTP_TOKEN_SALT = "another"

    with pytest.raises(BadSignature):
        verify_challenge_token(token)


def test_a_generated_key_is_a_fernet_key():
    Fernet(generate_fernet_key())


def test_the_key_is_that_of_the_settings(settings):
    assert resolve_fernet_key() == settings.TOTP_ENCRYPTION_KEY.encode()
    assert resolve_fernet_key("ignored") == settings.TOTP_ENCRYPTION_KEY.encode()


@pytest.mark.parametrize("kind", [list, tuple])
def test_of_several_keys_it_is_the_first(settings, kind):
    first, second = generate_fernet_key(), generate_fernet_key()
    settings.TOTP_ENCRYPTION_KEY = kind([first, second])

    assert resolve_fernet_key() == first.encode()


@pytest.mark.parametrize("as_bytes", [False, True])
def test_without_one_it_is_the_default(settings, as_bytes):
    del settings.TOTP_ENCRYPTION_KEY
    default = generate_fernet_key()

    key = resolve_fernet_key(default.encode() if as_bytes else default)

    assert key == default.encode()


def test_without_any_the_site_is_not_configured(settings):
    del settings.TOTP_ENCRYPTION_KEY

    with pytest.raises(ImproperlyConfigured, match="must be set to a valid Fernet key"):
        resolve_fernet_key()


def test_a_key_that_is_none_is_no_configuration(settings):
    settings.TOTP_ENCRYPTION_KEY = "x"

    with pytest.raises(ImproperlyConfigured, match="must be a valid Fernet key"):
        resolve_fernet_key()


def test_what_was_encrypted_is_decrypted():
    assert decrypt(encrypt("a secret, é")) == "a secret, é"


def test_what_is_encrypted_is_a_fernet_token(settings):
    token = encrypt("text")

    assert Fernet(settings.TOTP_ENCRYPTION_KEY).decrypt(token) == b"text"


def test_what_another_key_encrypted_is_not_decrypted():
    foreign = Fernet(Fernet.generate_key()).encrypt(b"text").decode()

    with pytest.raises(InvalidToken):
        decrypt(foreign)


@pytest.mark.parametrize("pk", [1, "\u00e4da", "0b8f3b0e-98a5-4d9c-8b4e-000000000000"])
def test_a_primary_key_goes_through_a_link_and_back(pk):
    assert decode_uid(encode_uid(pk)) == str(pk)


@pytest.mark.parametrize("uid", ["x", "_w"])
def test_what_is_no_key_is_a_value_error(uid):
    with pytest.raises(ValueError, match=r"."):
        decode_uid(uid)


def test_the_helpers_share_the_counters_of_the_views(enrolled, ada):
    for _ in range(5):
        verify_totp_code(enrolled, ada.wrong_code())

    answer = ada.answer_challenge(ada.challenge(), otp_code=ada.code(steps=1))

    assert answer.status == 429


def test_the_services_have_each_of_them_and_a_twin():
    shared = set(importlib.import_module("drf_compat.totp").__all__) - {"generate_totp_secret"}

    assert shared <= set(vars(services))
    assert {f"a{name}" for name in shared} <= set(vars(services))


@pytest.mark.django_db(transaction=True)
def test_a_receiver_hears_of_the_request_and_the_user(enrolled, api, settings):
    settings.TOTP_REQUIRE_CODE = False
    heard = []

    def receive(sender, request, user, **kwargs):
        heard.append((request.path, request.user.pk, user.pk))

    api.force_authenticate(enrolled)
    totp_disabled.connect(receive)
    api.post("/drf/totp/disable/")
    totp_disabled.disconnect(receive)

    assert heard == [("/drf/totp/disable/", enrolled.pk, enrolled.pk)]
