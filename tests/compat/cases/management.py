"""Managing the factor: create, confirm, disable, rotate."""

import base64

from tests.compat.cases.case import simple
from tests.compat.side import PASSWORD

__all__ = ["path_of"]


def path_of(a, name):
    """The path of one of these calls."""
    return f"/{a.package}/totp/{name}/"


def _suffixed(a):
    return a.signed_in().client.post(f"/{a.package}/totp/create.json")


def _confirm(a, *args, **kwargs):
    return a.post("totp/confirm/", *args, **kwargs)


def _with_a_code_that_is_a_number(a):
    while a.pending().code().startswith("0"):
        pass
    return a


def _with_token(a, answer):
    a.client.credentials(HTTP_AUTHORIZATION=f"Bearer {answer.json()['access']}")
    return a


def _with_password_in_the_header(a):
    pair = base64.b64encode(f"{a.user.username}:{PASSWORD}".encode()).decode()
    a.enrolled().client.credentials(HTTP_AUTHORIZATION=f"Basic {pair}")
    return a


def _with_older_token(a):
    before = a.post("jwt/create/", a.credentials())
    return _with_token(a.enrolled(), before)


def _with_newer_token(a):
    return _with_token(a, a.enrolled().answer(otp_code=a.code()))


simple("totp/create", "first", lambda a: a.signed_in().post("totp/create/"))
simple("totp/create", "again before confirming", lambda a: a.pending().post("totp/create/"))
simple("totp/create", "in use already", lambda a: a.enrolled().post("totp/create/"))
simple("totp/create", "nobody signed in", lambda a: a.post("totp/create/"))
simple(
    "totp/create",
    "a token that is none",
    lambda a: a.post("totp/create/", HTTP_AUTHORIZATION="Bearer x"),
)
simple("totp/create", "wrong method", lambda a: a.signed_in().client.get(path_of(a, "create")))
simple(
    "totp/create",
    "as a form",
    lambda a: a.signed_in().post("totp/create/", {"x": "y"}, "multipart"),
)
simple("totp/create", "with a suffix for the format", _suffixed)

simple(
    "totp/confirm",
    "right code",
    lambda a: a.pending().post("totp/confirm/", {"input_code": a.code()}),
)
simple(
    "totp/confirm",
    "right code in a form",
    lambda a: _confirm(a.pending(), {"input_code": a.code()}, "multipart"),
)
simple(
    "totp/confirm",
    "right code as a number",
    lambda a: _confirm(_with_a_code_that_is_a_number(a), {"input_code": int(a.code())}),
)
simple("totp/confirm", "wrong code", lambda a: _confirm(a.pending(), {"input_code": "000000"}))
simple(
    "totp/confirm",
    "digits of another alphabet",
    lambda a: _confirm(a.pending(), {"input_code": "\uff11\uff12\uff13\uff14\uff15\uff16"}),
)
simple(
    "totp/confirm",
    "nothing to confirm",
    lambda a: _confirm(a.signed_in(), {"input_code": "123456"}),
)
simple("totp/confirm", "in use already", lambda a: _confirm(a.enrolled(), {"input_code": a.code()}))
simple("totp/confirm", "no code", lambda a: _confirm(a.pending(), {}))
simple("totp/confirm", "an empty code", lambda a: _confirm(a.pending(), {"input_code": ""}))
simple("totp/confirm", "a null", lambda a: _confirm(a.pending(), {"input_code": None}))
simple("totp/confirm", "a list", lambda a: _confirm(a.pending(), {"input_code": ["123456"]}))
simple("totp/confirm", "a long text", lambda a: _confirm(a.pending(), {"input_code": "1" * 13}))
simple("totp/confirm", "nobody signed in", lambda a: _confirm(a, {"input_code": "123456"}))
simple(
    "totp/confirm",
    "broken JSON",
    lambda a: a.pending().client.post(
        path_of(a, "confirm"), b'{"input_code"', content_type="application/json"
    ),
)
simple(
    "totp/confirm",
    "a text",
    lambda a: a.pending().client.post(path_of(a, "confirm"), "123456", content_type="text/plain"),
)

simple("totp/disable", "in use", lambda a: a.enrolled().post("totp/disable/"))
simple("totp/disable", "not confirmed yet", lambda a: a.pending().post("totp/disable/"))
simple("totp/disable", "nothing there", lambda a: a.signed_in().post("totp/disable/"))
simple("totp/disable", "nobody signed in", lambda a: a.post("totp/disable/"))
simple(
    "totp/disable",
    "by a token of jwt/create from before enrolling",
    lambda a: _with_older_token(a).post("totp/disable/"),
)
simple(
    "totp/disable",
    "by Basic authentication",
    lambda a: _with_password_in_the_header(a).post("totp/disable/"),
)
simple(
    "totp/disable",
    "by a token of jwt/totp/verify",
    lambda a: _with_newer_token(a).post("totp/disable/"),
)
simple(
    "totp/rotate_backup_codes",
    "in use",
    lambda a: a.enrolled().post("totp/rotate_backup_codes/"),
)
simple(
    "totp/rotate_backup_codes",
    "not confirmed yet",
    lambda a: a.pending().post("totp/rotate_backup_codes/"),
)
simple(
    "totp/rotate_backup_codes",
    "nothing there",
    lambda a: a.signed_in().post("totp/rotate_backup_codes/"),
)
simple(
    "totp/rotate_backup_codes",
    "nobody signed in",
    lambda a: a.post("totp/rotate_backup_codes/"),
)
simple(
    "totp/rotate_backup_codes",
    "by a token of jwt/create from before enrolling",
    lambda a: _with_older_token(a).post("totp/rotate_backup_codes/"),
)
