"""Something that is a secret in one place, given as a secret in another.

Nextcloud CVE-2018-3775, CVE-2019-15617, CVE-2026-45690 and CVE-2026-45691, Better Auth
GHSA-xg6x-h9c9-2m83, Zitadel CVE-2025-64103, wagtail-2fa CVE-2019-16766, Gogs CVE-2025-64175,
scheb/2fa #143, SimpleLogin PR 2132.
"""

import base64
import hashlib
import json

import pytest
from cryptography.fernet import Fernet
from django.core.signing import Signer, TimestampSigner
from ninja_jwt.tokens import RefreshToken, SlidingToken

from ninja_totp.models import Authenticator, BackupCode, Challenge
from ninja_totp.services import verify_backup_code, verify_totp_code
from tests.contract.errors import INVALID_CHALLENGE, INVALID_CODE, TOKEN_NOT_VALID
from tests.support.credentials import Bearer

GUARDED = [
    ("POST", "totp/create/"),
    ("POST", "totp/confirm/"),
    ("POST", "totp/disable/"),
    ("POST", "totp/rotate_backup_codes/"),
    ("POST", "totp/replace/"),
    ("POST", "totp/verify/"),
    ("GET", "totp/status/"),
]
SALT = "django-totp-token-salt"


def log_in(person, **proof):
    return person.answer_challenge(person.challenge(), **proof)


def call(client, method, path, person, token):
    body = {"otp_code": person.code(), "input_code": person.code()}
    calls = {
        "POST": lambda: client.post(path, body, Bearer(token)),
        "GET": lambda: client.get(path, Bearer(token)),
    }
    return calls[method]()


@pytest.mark.parametrize(("method", "path"), GUARDED)
def test_a_challenge_is_nobodys_credential(client, ada, method, path):
    challenge = ada.challenge()

    answers = [
        call(client, method, path, ada, token) for token in (challenge, challenge.split(":")[0])
    ]

    assert [answer.status for answer in answers] == [401, 401]


@pytest.mark.parametrize(("method", "path"), GUARDED)
def test_a_refresh_token_is_nobodys_credential(client, ada, method, path):
    refresh = log_in(ada, otp_code=ada.code()).json["refresh"]

    assert call(client, method, path, ada, refresh).status == 401


@pytest.mark.parametrize(("method", "path"), GUARDED)
def test_a_token_that_nobody_signed_is_nobodys_credential(client, ada, method, path):
    access = log_in(ada, otp_code=ada.code()).json["access"]
    header, payload, signature = access.split(".")
    unsigned = base64.urlsafe_b64encode(b'{"alg":"none","typ":"JWT"}').rstrip(b"=").decode()
    claims = json.loads(base64.urlsafe_b64decode(payload + "=="))
    claims["auth_time"] += 10**6
    stronger = base64.urlsafe_b64encode(json.dumps(claims).encode()).rstrip(b"=").decode()
    forged = [
        f"{unsigned}.{payload}.",
        f"{unsigned}.{payload}.{signature}",
        f"{header}.{stronger}.{signature}",
    ]

    assert [call(client, method, path, ada, token).status for token in forged] == [401] * 3


def test_no_other_token_is_a_refresh_token(client, ada):
    tokens = [
        ada.challenge(),
        log_in(ada, otp_code=ada.code()).json["access"],
        str(SlidingToken.for_user(ada.user)),
    ]

    outcomes = [client.post("jwt/refresh/", {"refresh": token}) for token in tokens]

    assert [answer.status for answer in outcomes] == [401] * 3


def test_no_other_token_is_a_challenge(client, ada):
    tokens = log_in(ada, otp_code=ada.code()).json
    forged = [
        tokens["access"],
        tokens["refresh"],
        str(RefreshToken.for_user(ada.user)),
        Signer(salt=SALT).sign(str(ada.user.pk)),
        TimestampSigner(salt=SALT).sign(str(ada.user.pk)),
        Signer(salt=SALT).sign(ada.name),
    ]

    outcomes = [ada.answer_challenge(token, otp_code=ada.next_code()).outcome for token in forged]

    assert outcomes == [INVALID_CHALLENGE] * 6


def test_the_encryption_key_makes_no_challenge(ada, settings):
    fernet = Fernet(settings.TOTP_ENCRYPTION_KEY)
    challenge_id = ada.challenge().split(":")[0]
    forged = [
        fernet.encrypt(challenge_id.encode()).decode(),
        Signer(key=settings.TOTP_ENCRYPTION_KEY, salt=SALT).sign(challenge_id),
    ]

    outcomes = [ada.answer_challenge(token, otp_code=ada.code()).outcome for token in forged]

    assert outcomes == [INVALID_CHALLENGE] * 2


def test_an_altered_challenge_is_none(ada):
    challenge = ada.challenge()
    altered = [
        f"{challenge}=",
        f"{challenge}:{challenge}",
        challenge.swapcase(),
        challenge[:-1],
        challenge.replace(":", ""),
    ]

    outcomes = [ada.answer_challenge(token, otp_code=ada.code()).outcome for token in altered]

    assert outcomes == [INVALID_CHALLENGE] * 5


def test_a_challenge_for_a_recovery_logs_nobody_in(ada):
    challenge = ada.challenge()
    Challenge.objects.update(purpose=Challenge.Purpose.RECOVERY)

    assert ada.answer_challenge(challenge, otp_code=ada.code()).outcome == INVALID_CHALLENGE


def test_a_challenge_of_a_browser_gives_no_token(owner):
    browser = owner.open_browser()
    challenge = owner.give_password(path="session/create/", credential=browser).json

    answer = owner.answer_challenge(challenge["totp_challenge_token"], otp_code=owner.code())

    assert answer.outcome == INVALID_CHALLENGE


def test_what_is_stored_of_a_challenge_is_none(ada):
    ada.challenge()
    stored = Challenge.objects.get()
    forged = [
        stored.digest,
        stored.password_fingerprint,
        Signer(salt=SALT).sign(stored.digest),
        f"{stored.digest}:{stored.password_fingerprint}",
    ]

    outcomes = [ada.answer_challenge(token, otp_code=ada.code()).outcome for token in forged]

    assert outcomes == [INVALID_CHALLENGE] * 4


def test_what_is_stored_of_a_backup_code_is_none(owner, settings):
    settings.TOTP_LOCKOUT_FREE_FAILURES = 10
    stored = BackupCode.objects.first()
    forged = [
        str(stored.pk),
        stored.pk.hex,
        stored.pk.hex.upper(),
        base64.b32encode(stored.pk.bytes[:15]).decode(),
        stored.ciphertext,
        hashlib.sha256(stored.ciphertext.encode()).hexdigest(),
        stored.key_id,
    ]

    assert not [text for text in forged if verify_backup_code(owner.user, text)]


def test_what_is_stored_of_an_authenticator_is_no_code(owner, settings):
    settings.TOTP_LOCKOUT_FREE_FAILURES = 10
    stored = Authenticator.objects.get()
    forged = [
        owner.secret,
        stored.secret,
        stored.key_id,
        str(stored.pk),
        str(stored.last_step),
        str(stored.account.generation),
        str(stored.account.version),
    ]

    assert not [text for text in forged if verify_totp_code(owner.user, text)]
    assert not [text for text in forged if verify_backup_code(owner.user, text)]


def test_a_code_is_no_backup_code_and_a_backup_code_no_code(owner):
    assert not verify_backup_code(owner.user, owner.code())
    assert not verify_totp_code(owner.user, owner.backup_codes[0])


def test_codes_of_somebody_else_are_none(ada, mallory):
    assert log_in(ada, otp_code=mallory.code()).outcome == INVALID_CODE
    assert log_in(ada, backup_code=mallory.backup_codes[0]).outcome == INVALID_CODE
    assert log_in(mallory, backup_code=mallory.backup_codes[0]).status == 200


def test_after_the_first_step_nothing_is_open(client, ada):
    answer = ada.give_password()

    assert set(answer.json) == {"step", "is_totp_enabled", "totp_challenge_token"}
    assert "Set-Cookie" not in answer.headers


def test_an_access_token_is_no_challenge_for_itself(client, ada):
    access = log_in(ada, otp_code=ada.code()).json["access"]

    assert client.post("jwt/refresh/", {"refresh": access}).outcome[0] == TOKEN_NOT_VALID[0]
