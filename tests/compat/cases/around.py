"""What goes with the endpoints: throttles, signals, names of URLs."""

from django.urls import get_resolver

from tests.compat.cases.case import case, simple
from tests.compat.side import Side

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
    return [a.post("jwt/create/", {}).status_code for _ in range(3)]


@case("throttle", "body above the rate")
def _(a):
    a.limit("1/minute")
    a.post("jwt/create/", {})
    return a.post("jwt/create/", {})


@case("throttle", "another endpoint meanwhile")
def _(a):
    a.limit("1/minute")
    a.post("jwt/create/", {})
    return a.post("totp/recovery/", {}).status_code


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
