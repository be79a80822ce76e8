"""What the use cases, their values and their errors tell whoever looks at them: no secret.

For projects that call the use cases from views of their own, or log what they get.
"""

import pickle
from datetime import UTC, datetime

import pytest
from django.views.debug import ExceptionReporter

from ninja_totp import models, services
from ninja_totp.conf import get_settings
from ninja_totp.core import errors
from ninja_totp.schemas import requests, responses
from tests.http.crashing import Crash, crash_here, lines_with
from tests.support.people import code_of

# The same for a project that calls the use cases from views of its own: what their frames hold.
_USE_CASES = [
    ("get_user_from_challenge_token", "ninja_totp.services.login._digest"),
    ("get_user_from_challenge_token", "ninja_totp.models.second_step._made"),
    ("confirm_totp_setup", "ninja_totp.core.otp.compare_digest"),
    ("confirm_totp_setup", "ninja_totp.models.second_step._assigned"),
    ("confirm_totp_setup", "ninja_totp.services.enrolment.replace_codes"),
    ("verify_totp_code", "ninja_totp.core.otp.compare_digest"),
    ("verify_totp_code", "ninja_totp.services.verify.write"),
    ("verify_backup_code", "ninja_totp.core.encryption._framed"),
    ("verify_backup_code", "ninja_totp.services.verify.write"),
    ("store_backup_codes", "ninja_totp.core.encryption._framed"),
    ("step_up", "ninja_totp.core.otp.compare_digest"),
    ("complete_login", "ninja_totp.core.otp.compare_digest"),
    ("complete_login", "ninja_totp.services.verify.write"),
    ("replace_totp", "ninja_totp.models.Account.write"),
    ("replace_totp", "ninja_totp.core.provisioning.otpauth_uri"),
    ("disable_totp", "ninja_totp.core.otp.compare_digest"),
    ("rotate_backup_codes", "ninja_totp.models.Account.write"),
]


class _Situation:
    """Ada with a factor in use and another one pending, and the arguments of every use case."""

    def __init__(self, ada):
        credential = ada.enrol()
        answer = ada.door.post("totp/replace/", credential=credential).json
        self.secrets = [ada.secret, answer["secret"], *ada.backup_codes]
        self._user, self._code = ada.user, ada.next_code()
        self._backup_code, self._challenge = ada.backup_codes[0], ada.challenge()
        self._pending_code = code_of(answer["secret"], ada.clock.now())
        self.secrets += [self._code, self._pending_code, self._challenge]

    def arguments_for(self, name):
        by_code = {"authority": services.Proof(otp_code=self._code)}
        arguments = {
            "get_user_from_challenge_token": ((self._challenge,), {}),
            "confirm_totp_setup": ((self._user, self._pending_code), {}),
            "verify_totp_code": ((self._user, self._code), {}),
            "verify_backup_code": ((self._user, self._backup_code), {}),
            "store_backup_codes": ((self._user, [self._backup_code]), {}),
            "step_up": ((self._user, services.Proof(otp_code=self._code)), {}),
            "complete_login": ((self._challenge, services.Proof(otp_code=self._code)), {}),
            "disable_totp": ((self._user,), by_code),
        }
        return arguments.get(name, ((self._user,), {}))


@pytest.mark.parametrize(("name", "where"), _USE_CASES)
def test_the_frames_of_a_use_case_show_no_secret(door, ada, monkeypatch, name, where):
    situation = _Situation(ada)
    arguments, options = situation.arguments_for(name)
    monkeypatch.setattr(where, crash_here)

    with pytest.raises(Crash) as raised:
        getattr(services, name)(*arguments, **options)

    ours = raised.tb.tb_next  # beneath the caller's own frame, which holds what it holds
    report = ExceptionReporter(None, raised.type, raised.value, ours, is_email=True)
    text = report.get_traceback_html()
    assert "crash_here" in text
    assert lines_with(situation.secrets, text) == []


_SECRET = "5ecr3t-for-nobody"
_NOW = datetime(2027, 1, 15, tzinfo=UTC)
_STANDING = services.AuthContext(1, 1, "otp")
_SETUP = dict.fromkeys(("uri", "secret"), _SECRET) | {"expires_at": _NOW}

_OBJECTS = [
    services.Proof(otp_code=_SECRET),
    services.Proof(otp_codes=(_SECRET, _SECRET)),
    services.Proof(backup_code=_SECRET),
    services.TotpSetup(**_SETUP),
    services.Confirmation([_SECRET], _STANDING),
    services.FirstStep(None, _SECRET),
    requests.TotpCode(input_code=_SECRET),
    requests.TotpOptionalProof(input_code=_SECRET),
    requests.TotpProof(backup_code=_SECRET),
    requests.TotpVerify(totp_challenge_token=_SECRET, otp_code=_SECRET),
    requests.TotpVerify(totp_challenge_token=_SECRET, otp_codes=[_SECRET, _SECRET]),
    requests.TotpRefresh(refresh=_SECRET),
    requests.TotpToken(token=_SECRET),
    requests.credentials_schema()(username="ada", password=_SECRET),
    responses.TotpSetup(svg=_SECRET, secret_grouped=_SECRET, **_SETUP),
    responses.TotpBackupCodes(backup_codes=[_SECRET]),
    responses.TotpConfirmation(backup_codes=[_SECRET], access=_SECRET, refresh=_SECRET),
    responses.TotpVerified(verified_at=_NOW, access=_SECRET, refresh=_SECRET),
    responses.TotpCodeRequired(
        step="code_required", is_totp_enabled=True, totp_challenge_token=_SECRET
    ),
    responses.TotpEnrolmentStep(
        step="enrolment_required", is_totp_enabled=False, totp_enrolment_token=_SECRET
    ),
    responses.TotpLoggedInByPassword(
        step="logged_in", is_totp_enabled=False, access=_SECRET, refresh=_SECRET
    ),
    responses.TotpLoggedIn(access=_SECRET, refresh=_SECRET),
    responses.TotpRefreshed(access=_SECRET, refresh=_SECRET),
    models.Account(failures_password=_SECRET),
    models.Authenticator(secret=_SECRET),
    models.BackupCode(ciphertext=_SECRET),
    models.Challenge(digest=_SECRET),
    models.TrustedDevice(digest=_SECRET),
]


@pytest.mark.parametrize("thing", _OBJECTS, ids=lambda thing: type(thing).__name__)
def test_no_object_says_its_secret(thing):
    assert _SECRET not in f"{thing!r} {thing!s} {[thing]} {thing:}"


def test_the_settings_do_not_say_their_keys(settings):
    assert settings.TOTP_ENCRYPTION_KEY not in repr(get_settings())


@pytest.mark.parametrize(
    ("refused", "arguments"),
    [
        ("verify_totp_code", {"input_code": "000000"}),
        ("confirm_totp_setup", {"input_code": "000000"}),
        ("store_backup_codes", {"codes": ["\N{SNOWMAN} 000000"]}),
    ],
)
def test_no_error_keeps_what_was_typed(door, ada, refused, arguments):
    ada.start(ada.log_in())

    with pytest.raises((errors.TotpError, ValueError)) as raised:
        getattr(services, refused)(ada.user, **arguments)

    error = raised.value
    assert b"000000" not in pickle.dumps(error)
    assert "000000" not in f"{error!r} {error.args} {error.__dict__} {error.__cause__!r}"
    assert "000000" not in repr(error.__context__)


def test_no_validation_error_is_sent_with_what_was_typed(door):
    too_long = _SECRET * 1000

    answer = door.post("jwt/totp/verify/", {"totp_challenge_token": too_long, "otp_code": too_long})

    assert answer.status == 422
    assert _SECRET not in answer.content.decode()
