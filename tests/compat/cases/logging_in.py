"""Logging in: both steps, and the tokens of them."""

from tests.compat.cases.case import case, simple

VERIFY = "jwt/totp/verify"


def _first_step(a, **other):
    return "jwt/create/", a.credentials(**other)


def _inactive(a):
    a.user.is_active = False
    a.user.save()
    return a


def _kept(a, *names):
    answer = a.post("jwt/create/", a.credentials()).json()
    return {name: answer[name] for name in names}


def _access(a):
    return _kept(a, "access")["access"]


def _refreshed_when(a, change):
    kept = _kept(a, "refresh")
    change(a)
    return a.post("jwt/refresh/", kept)


simple("jwt/create", "no factor", lambda a: a.post("jwt/create/", a.credentials()))
simple("jwt/create", "with a factor", lambda a: a.enrolled().post("jwt/create/", a.credentials()))
simple(
    "jwt/create", "not confirmed yet", lambda a: a.pending().post("jwt/create/", a.credentials())
)
simple("jwt/create", "as a form", lambda a: a.post("jwt/create/", a.credentials(), "multipart"))
simple(
    "jwt/create",
    "wrong password",
    lambda a: a.post("jwt/create/", a.credentials(password="wrong")),
)
simple(
    "jwt/create",
    "unknown name",
    lambda a: a.post("jwt/create/", a.credentials(username="nobody")),
)
simple("jwt/create", "inactive account", lambda a: _inactive(a).post(*_first_step(a)))
simple("jwt/create", "nothing", lambda a: a.post("jwt/create/", {}))
simple("jwt/create", "an empty password", lambda a: a.post(*_first_step(a, password="")))
simple("jwt/create", "a null", lambda a: a.post(*_first_step(a, password=None)))
simple("jwt/create", "a list", lambda a: a.post(*_first_step(a, password=["x"])))
simple(
    "jwt/create",
    "a token that is none beside the password",
    lambda a: a.post(*_first_step(a), HTTP_AUTHORIZATION="Bearer x"),
)

simple(VERIFY, "right code", lambda a: a.enrolled().answer(otp_code=a.code()))
simple(VERIFY, "backup code", lambda a: a.enrolled().answer(backup_code=a.backup_codes[0]))
simple(
    VERIFY,
    "right code in a form",
    lambda a: a.enrolled().post(
        "jwt/totp/verify/",
        {"totp_challenge_token": a.challenge(), "otp_code": a.code()},
        "multipart",
    ),
)
simple(VERIFY, "blanks around the code", lambda a: a.enrolled().answer(otp_code=f" {a.code()} "))
simple(VERIFY, "wrong code", lambda a: a.enrolled().answer(otp_code="000000"))
simple(VERIFY, "wrong backup code", lambda a: a.enrolled().answer(backup_code="wrong"))
simple(VERIFY, "forged challenge", lambda a: a.enrolled().answer("x", otp_code=a.code()))
simple(VERIFY, "no challenge", lambda a: a.post("jwt/totp/verify/", {"otp_code": "123456"}))
simple(VERIFY, "no code", lambda a: a.enrolled().answer())
simple(VERIFY, "an empty code", lambda a: a.enrolled().answer(otp_code=""))
simple(
    VERIFY,
    "both kinds of code",
    lambda a: a.enrolled().answer(otp_code=a.code(), backup_code=a.backup_codes[0]),
)
simple(
    VERIFY,
    "digits of another alphabet",
    lambda a: a.enrolled().answer(otp_code="\uff11\uff12\uff13\uff14\uff15\uff16"),
)
simple(
    VERIFY, "a backup code that is not ASCII", lambda a: a.enrolled().answer(backup_code="\u00e4")
)


@case(VERIFY, "used backup code")
def _(a):
    a.enrolled().answer(backup_code=a.backup_codes[0])
    return a.answer(backup_code=a.backup_codes[0])


@case(VERIFY, "rotated backup code")
def _(a):
    a.enrolled().post("totp/rotate_backup_codes/")
    return a.answer(backup_code=a.backup_codes[0])


@case(VERIFY, "used code")
def _(a):
    a.enrolled().answer(otp_code=a.code())
    return a.answer(otp_code=a.code())


@case(VERIFY, "the code that confirmed")
def _(a):
    a.enrolled()
    return a.answer(otp_code=a.code(-1))


@case(VERIFY, "used challenge")
def _(a):
    challenge = a.enrolled().challenge()
    a.answer(challenge, otp_code=a.code())
    return a.answer(challenge, backup_code=a.backup_codes[0])


@case(VERIFY, "expired challenge")
def _(a):
    challenge = a.enrolled().challenge()
    a.expire()
    return a.answer(challenge, otp_code=a.code())


@case(VERIFY, "factor disabled meanwhile")
def _(a):
    challenge = a.enrolled().challenge()
    a.signed_in().post("totp/disable/")
    return a.answer(challenge, otp_code="123456")


@case(VERIFY, "password changed meanwhile")
def _(a):
    challenge = a.enrolled().challenge()
    a.user.set_password("another")
    a.user.save()
    return a.answer(challenge, otp_code=a.code())


@case(VERIFY, "account deactivated meanwhile")
def _(a):
    challenge = a.enrolled().challenge()
    _inactive(a)
    return a.answer(challenge, otp_code=a.code())


@case(VERIFY, "sixth code after five wrong ones")
def _(a):
    a.enrolled()
    for _ in range(5):
        a.answer(otp_code="000000")
    return a.answer(otp_code=a.code())


simple("jwt/refresh", "good token", lambda a: a.post("jwt/refresh/", _kept(a, "refresh")))
simple("jwt/refresh", "bad token", lambda a: a.post("jwt/refresh/", {"refresh": "x"}))
simple("jwt/refresh", "access token", lambda a: a.post("jwt/refresh/", {"refresh": _access(a)}))
simple("jwt/refresh", "nothing", lambda a: a.post("jwt/refresh/", {}))
simple("jwt/refresh", "account deactivated", lambda a: _refreshed_when(a, _inactive))
simple("jwt/refresh", "account deleted", lambda a: _refreshed_when(a, lambda a: a.user.delete()))
simple("jwt/verify", "good token", lambda a: a.post("jwt/verify/", {"token": _access(a)}))
simple("jwt/verify", "bad token", lambda a: a.post("jwt/verify/", {"token": "x"}))
simple("jwt/verify", "nothing", lambda a: a.post("jwt/verify/", {}))
