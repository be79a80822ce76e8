"""What goes with the endpoints: throttles, signals, names of URLs."""

from django.urls import get_resolver
from rest_framework_simplejwt.tokens import RefreshToken

from tests.compat.cases.case import case, simple
from tests.compat.side import Side

_WRONG = {"username": "nobody", "password": "made up"}
SIGNALS = [
    "totp_created",
    "totp_disabled",
    "backup_codes_rotated",
    "totp_login_succeeded",
    "non_totp_login_succeeded",
    "totp_recovery_succeeded",
]


def _heard(a, action):
    heard = []
    signals = {name: a.helper("signals", name) for name in SIGNALS}

    def receive(signal, request, user, **_):
        name = next(name for name in SIGNALS if signals[name] is signal)
        heard.append((name, request is not None, user == a.user))

    for signal in signals.values():
        signal.connect(receive)
    action(a)
    for signal in signals.values():
        signal.disconnect(receive)
    return heard


@case("throttle", "above the rate")
def _(a):
    a.limit("2/minute")
    return [a.post("jwt/create/", _WRONG).status_code for _ in range(3)]


@case("throttle", "body above the rate")
def _(a):
    a.limit("1/minute")
    a.post("jwt/create/", _WRONG)
    return a.post("jwt/create/", _WRONG)


@case("throttle", "another endpoint meanwhile")
def _(a):
    a.limit("1/minute")
    a.post("jwt/create/", _WRONG)
    return a.post("totp/recovery/", {"email": "nobody@example.org"}).status_code


@case("throttle", "a field is missing")
def _(a):
    a.limit("1/minute")
    a.post("jwt/create/", {})
    return a.post("jwt/create/", {}).status_code


@case("throttle", "one challenge, twice")
def _(a):
    challenge = a.enrolled().challenge()
    a.limit("1/minute")
    return [a.answer(challenge, otp_code="0").status_code for _ in range(2)]


@case("throttle", "two challenges, from one address")
def _(a):
    challenges = [a.enrolled().challenge(), a.challenge()]
    a.limit("1/minute")
    return [a.answer(challenge, otp_code="0") for challenge in challenges][-1]


@case("throttle", "one refresh token, twice")
def _(a):
    body = {"refresh": str(RefreshToken.for_user(a.user))}
    a.limit("1/minute")
    return [a.post("jwt/refresh/", body) for _ in range(2)][-1]


simple("signals", "enrolling", lambda a: _heard(a, Side.enrolled))
simple("signals", "wrong code", lambda a: _heard(a.enrolled(), lambda a: a.answer(otp_code="0")))
simple("signals", "disabling", lambda a: _heard(a.enrolled(), lambda a: a.post("totp/disable/")))
simple(
    "signals",
    "rotating",
    lambda a: _heard(a.enrolled(), lambda a: a.post("totp/rotate_backup_codes/")),
)
simple(
    "signals",
    "login with a code",
    lambda a: _heard(a.enrolled(), lambda a: a.answer(otp_code=a.code())),
)
simple(
    "signals",
    "login without a factor",
    lambda a: _heard(a, lambda a: a.post("jwt/create/", a.credentials())),
)
simple("signals", "recovering", lambda a: _heard(a.enrolled(), Side.recover))


@case("URL names", "management, login, recovery")
def _(a):
    names = get_resolver().namespace_dict[a.package][1].reverse_dict
    return sorted({name for name in names if isinstance(name, str)})
