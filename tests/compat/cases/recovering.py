"""Recovering: asking for a link, and confirming by it."""

from django.contrib.auth.tokens import default_token_generator
from django.core import mail

from tests.compat.cases.case import case, simple
from tests.compat.cases.management import path_of

ASK, CONFIRM = "totp/recovery", "totp/recovery_confirm"


def _asked(a):
    return "totp/recovery/", {"email": a.user.email}


def _asked_twice(a):
    a.enrolled().post(*_asked(a))
    return a.post(*_asked(a))


def _receivers(a, _answer):
    return [to.replace(a.package, "ada") for message in mail.outbox for to in message.to]


def _reset(a):
    uid = a.helper("email_utils", "encode_uid")(a.user.pk)
    return {"uid": uid, "token": default_token_generator.make_token(a.user)}


simple(ASK, "known address", lambda a: a.enrolled().post(*_asked(a)))
simple(ASK, "known address in a form", lambda a: a.enrolled().post(*_asked(a), "multipart"))
simple(ASK, "known address without a factor", lambda a: a.post(*_asked(a)))
simple(ASK, "unknown address", lambda a: a.post("totp/recovery/", {"email": "nobody@example.org"}))
simple(ASK, "nothing", lambda a: a.post("totp/recovery/", {}))
simple(ASK, "no address", lambda a: a.post("totp/recovery/", {"email": "x"}))
simple(ASK, "receivers of mail", lambda a: _receivers(a, a.enrolled().post(*_asked(a))))
simple(ASK, "receivers of mail when asked twice", lambda a: _receivers(a, _asked_twice(a)))
simple(CONFIRM, "link and password", lambda a: a.enrolled().recover())
simple(CONFIRM, "wrong password", lambda a: a.enrolled().recover(password="wrong"))
simple(CONFIRM, "wrong token", lambda a: a.enrolled().recover(token="x-y"))
simple(CONFIRM, "unknown user", lambda a: a.enrolled().recover(uid="OTk5OTk5"))
simple(CONFIRM, "broken user", lambda a: a.enrolled().recover(uid="!"))
simple(CONFIRM, "nothing", lambda a: a.post("totp/recovery_confirm/", {}))
simple(CONFIRM, "an empty password", lambda a: a.enrolled().recover(password=""))
simple(CONFIRM, "token of a password reset", lambda a: a.enrolled().recover(**_reset(a)))
simple(CONFIRM, "receivers of the notice", lambda a: _receivers(a, a.enrolled().recover()))


@case(CONFIRM, "used link")
def _(a):
    link = a.enrolled().link()
    a.recover(**link)
    return a.recover(**link)


@case(CONFIRM, "sessions of the account")
def _(a):
    link = a.enrolled().link()
    browser = type(a.client)()
    browser.force_login(a.user)
    a.recover(**link)
    return browser.get(path_of(a, "create")).status_code


@case(CONFIRM, "login afterwards")
def _(a):
    a.enrolled().recover()
    return a.post("jwt/create/", a.credentials())
