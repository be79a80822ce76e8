"""No code, secret, token, backup code or password outside the one answer that it belongs to.

Looked for in log records, in the report of a crash at the innermost point of each call, in what
objects say of themselves, and in pickles of errors.
"""

import logging

import pytest
from django.views.debug import ExceptionReporter

from tests.http.calls import CALLS
from tests.http.crashing import Crash, crash_here, lines_with

_CALLS = {str(call): call for call in CALLS}


class _Logs(logging.Handler):
    """Everything that anybody logs, with arguments and tracebacks."""

    def __init__(self):
        super().__init__(level=logging.DEBUG)
        self.lines = []

    def emit(self, record):
        self.lines.append(f"{self.format(record)} {record.args!r}")


@pytest.fixture
def logs():
    """Every record of every logger."""
    handler, root = _Logs(), logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield handler
    root.removeHandler(handler)
    root.setLevel(level)


class _Reports(logging.Handler):
    """The report that Django mails to a site's administrators when a request crashes."""

    def __init__(self):
        super().__init__(level=logging.ERROR)
        self.text = ""

    def emit(self, record):
        reporter = ExceptionReporter(record.request, *record.exc_info, is_email=True)
        self.text += reporter.get_traceback_html() + reporter.get_traceback_text()


@pytest.fixture
def reports():
    """Reports of crashed requests."""
    handler, logger = _Reports(), logging.getLogger("django.request")
    logger.addHandler(handler)
    yield handler
    logger.removeHandler(handler)


def _secrets_of(ada, request, answer):
    shown = answer.json if answer.headers.get("Content-Type") == "application/json" else {}
    from_answer = [
        value
        for name in ("secret", "secret_grouped", "access", "refresh", "totp_challenge_token")
        if (value := shown.get(name))
    ]
    return [ada.secret or "-" * 99, *ada.backup_codes, *request.secrets, *from_answer]


@pytest.mark.parametrize("call", CALLS, ids=str)
def test_no_log_record_tells_a_secret(logs, door, ada, call):
    request = call.prepare(ada)

    answer = call.send(ada, request)

    secrets = _secrets_of(ada, request, answer)
    assert lines_with(secrets, "\n".join(logs.lines)) == []


@pytest.mark.parametrize("call", [call for call in CALLS if call.name.startswith("POST")], ids=str)
def test_no_log_record_of_a_refused_request_tells_a_secret(logs, door, ada, call, settings):
    settings.TOTP_THROTTLE_RATE = "1000/minute"
    settings.CACHES = {"default": {"BACKEND": "tests.http.caches.DeadCache"}}
    request = call.prepare(ada)
    settings.TOTP_ENCRYPTION_KEY = "YW5vdGhlci1rZXktb2YtdGhlLXRlc3Qtc3VpdGUtISE="

    answers = [call.send(ada, request) for _ in range(3)]

    secrets = _secrets_of(ada, request, answers[0])
    assert lines_with(secrets, "\n".join(logs.lines)) == []


# Of each call one of the innermost points, where the most plain text is in the local variables
# around; test_hidden_variables.py looks at every function.
_CRASHES = [
    ("POST totp/create/", "ninja_totp.services.enrolment.Account.new"),
    ("POST totp/create/", "segno.encoder.data_to_bytes"),
    ("POST totp/confirm/", "ninja_totp.core.otp.compare_digest"),
    ("POST totp/confirm/", "ninja_totp.http.issuers.jwt.NinjaJWT.renew"),
    ("POST totp/disable/", "ninja_totp.core.otp.compare_digest"),
    ("POST totp/rotate_backup_codes/", "ninja_totp.core.encryption._framed"),
    ("POST totp/replace/", "ninja_totp.http.issuers.jwt._JSONWebTokens._belongs_to"),
    ("POST totp/replace/", "segno.encoder.data_to_bytes"),
    ("GET totp/authenticators/", "ninja_totp.services.list_authenticators"),
    ("PATCH totp/authenticators/{authenticator_id}/", "ninja_totp.models.Account.write"),
    ("POST totp/authenticators/", "ninja_totp.core.otp.compare_digest"),
    ("POST totp/authenticators/", "segno.encoder.data_to_bytes"),
    ("DELETE totp/authenticators/{authenticator_id}/", "ninja_totp.core.otp.compare_digest"),
    ("GET totp/status/", "ninja_totp.services.authenticators.lock_state"),
    ("GET totp/trusted_devices/", "ninja_totp.models.Account.of"),
    ("DELETE totp/trusted_devices/{device_id}/", "ninja_totp.services.history.line"),
    ("GET totp/events/", "ninja_totp.services.history.EventPage"),
    ("POST totp/recovery_confirm/", "ninja_totp.services.history.line"),
    ("POST totp/verify/", "ninja_totp.core.otp.compare_digest"),
    ("POST totp/verify/", "ninja_totp.http.issuers.jwt.NinjaJWT.renew"),
    ("POST totp/recovery/", "ninja_totp.http.endpoint._count"),
    ("POST totp/recovery_confirm/", "ninja_totp.models.Challenge.attempt"),
    ("POST totp/recovery_cancel/", "ninja_totp.services.recovery.links._digest"),
    ("POST jwt/create/", "ninja_totp.http.endpoint._count"),
    ("POST jwt/totp/verify/", "ninja_totp.http.endpoint._count"),
    ("POST jwt/totp/verify/", "ninja_totp.core.otp.compare_digest"),
    ("POST jwt/totp/verify/", "ninja_totp.http.issuers.jwt.NinjaJWT.log_in"),
    ("POST jwt/totp/create/", "ninja_totp.services.login._digest"),
    ("POST jwt/totp/confirm/", "ninja_totp.core.otp.compare_digest"),
    ("POST jwt/totp/confirm/", "ninja_totp.models.second_step._assigned"),
    ("POST jwt/totp/confirm/", "ninja_totp.http.issuers.jwt.NinjaJWT.log_in"),
    ("POST session/totp/create/", "ninja_totp.core.provisioning.qr_svg"),
    ("POST session/totp/confirm/", "ninja_totp.models.second_step._assigned"),
    ("POST jwt/refresh/", "ninja_totp.http.endpoint._count"),
    ("POST jwt/refresh/", "ninja_totp.http.issuers.jwt._JSONWebTokens._active_user"),
    ("POST jwt/verify/", "ninja_totp.http.endpoint._count"),
    ("POST jwt/verify/", "ninja_jwt.tokens.UntypedToken.__init__"),
    ("POST session/create/", "ninja_totp.http.issuers.session.Session.remember_challenge"),
    ("POST session/totp/verify/", "ninja_totp.http.issuers.session.constant_time_compare"),
    ("POST session/totp/verify/", "ninja_totp.core.otp.compare_digest"),
    ("POST session/totp/verify/", "ninja_totp.http.issuers.session.login"),
    ("POST session/delete/", "ninja_totp.http.issuers.session.logout"),
]


def test_every_call_is_crashed():
    assert {name for name, _ in _CRASHES} == set(_CALLS)


@pytest.fixture(params=_CRASHES, ids=" at ".join)
def crash(request, settings):
    """A call, and where it will crash."""
    settings.TOTP_THROTTLE_RATE = "1000/minute"
    return request.param


def test_the_report_of_a_crash_tells_no_secret(reports, door, ada, monkeypatch, crash):
    name, where = crash
    request = _CALLS[name].prepare(ada)
    monkeypatch.setattr(where, crash_here)

    with pytest.raises(Crash):
        _CALLS[name].send(ada, request)

    secrets = [ada.secret or "-" * 99, *ada.backup_codes, *request.secrets]
    assert "crash_here" in reports.text
    assert lines_with(secrets, reports.text) == []
