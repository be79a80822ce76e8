"""Each kind of credential in each state that it can be in: functions that take a person there."""

import json

from ninja_jwt.tokens import AccessToken

from ninja_totp.services import confirm_recovery, generate_recovery_link, reset_totp
from tests.support.credentials import NOBODY, Bearer, Browser
from tests.support.people import NEW_PASSWORD, PASSWORD

__all__ = ["ARRANGEMENTS", "NEVER"]

NEVER = "never enrolled"
_SECOND = {"verified": 0, "verified 61 seconds ago": 61, "verified 901 seconds ago": 901}


def _token(ada):
    return ada.log_in()


def _session(ada):
    return ada.open_browser()


def _never(log_in):
    return log_in


def _unverified(log_in):
    def arranged(ada):
        credential = log_in(ada)
        ada.enrol()
        return credential

    return arranged


def _proved(log_in):
    def arranged(ada):
        credential = log_in(ada)
        ada.enrol()
        body = {"otp_code": ada.next_code()}
        renewed = ada.door.post("totp/verify/", body, credential).json.get("access")
        return credential if renewed is None else Bearer(renewed)

    return arranged


def _aged(log_in, seconds):
    def arranged(ada):
        credential = _proved(log_in)(ada)
        ada.clock.advance(seconds)
        return credential

    return arranged


def _earlier(log_in):
    def arranged(ada):
        credential = _proved(log_in)(ada)
        ada.door.post("totp/disable/", {"input_code": ada.next_code()}, credential)
        ada.enrol()
        return credential

    return arranged


def _before_reset(log_in):
    def arranged(ada):
        credential = _proved(log_in)(ada)
        ada.clock.advance(5)
        reset_totp(ada.user, actor="the tests", reason="lost the phone")
        ada.enrol()
        return credential

    return arranged


def _before_recovery(log_in):
    def arranged(ada):
        credential = _proved(log_in)(ada)
        ada.clock.advance(5)
        link = generate_recovery_link(ada.user)
        confirm_recovery(link.uid, link.token, ada.password, new_password=NEW_PASSWORD)
        ada.password = NEW_PASSWORD
        ada.enrol()
        return credential

    return arranged


def _trusted_token(ada):
    ada.enrol()
    proof = {"otp_code": ada.next_code(), "trust_device": "laptop"}
    device = ada.answer_challenge(ada.challenge(), **proof).json["trusted_device_token"]
    return Bearer(ada.give_password(trusted_device_token=device).json["access"])


def _trusted_session(ada):
    ada.enrol()
    browser = Browser()
    first = _send(browser, "create/", {"username": ada.name, "password": PASSWORD})
    body = {"totp_challenge_token": first["totp_challenge_token"], "trust_device": "laptop"}
    _send(browser, "totp/verify/", body | {"otp_code": ada.next_code()})
    _send(browser, "delete/", {})
    _send(browser, "create/", {"username": ada.name, "password": PASSWORD})
    return browser


def _send(browser, path, body):
    url, data = f"/ninja/session/{path}", json.dumps(body)
    answer = browser.send("POST", url, data=data, content_type="application/json")
    return json.loads(answer.content or "{}")


def _tokens(ada):
    ada.enrol()
    return ada.answer_challenge(ada.challenge(), otp_code=ada.next_code()).json


def _refreshed(seconds):
    def arranged(ada):
        refresh = _tokens(ada)["refresh"]
        ada.clock.advance(seconds)
        return Bearer(ada.door.post("jwt/refresh/", {"refresh": refresh}).json["access"])

    return arranged


def _challenge(ada):
    ada.enrol()
    return Bearer(ada.challenge())


def _recovery(ada):
    ada.enrol()
    return Bearer(generate_recovery_link(ada.user).token)


def _unknown(ada):
    ada.enrol()
    return Bearer(str(AccessToken.for_user(ada.user)))


def _states(log_in, trusted):
    return {
        NEVER: _never(log_in),
        "not verified": _unverified(log_in),
        "trusted device": trusted,
        **{state: _aged(log_in, seconds) for state, seconds in _SECOND.items()},
        "verified an earlier factor": _earlier(log_in),
        "from before a reset": _before_reset(log_in),
        "from before a recovery": _before_recovery(log_in),
    }


_KINDS = {
    "nothing": {"": lambda ada: NOBODY},
    "refresh token as a bearer": {"": lambda ada: Bearer(_tokens(ada)["refresh"])},
    "challenge as a bearer": {"": _challenge},
    "enrolment token as a bearer": {"": lambda ada: Bearer(ada.enrolment_token())},
    "token of a recovery link as a bearer": {"": _recovery},
    "access token": _states(_token, _trusted_token),
    "refreshed access token": {
        "verified": _refreshed(0),
        "verified 61 seconds ago": _refreshed(61),
    },
    "session": _states(_session, _trusted_session),
    "session without its CSRF token": {
        "verified": lambda ada: _proved(_session)(ada).without_csrf_token()
    },
    "access token of an unknown kind": {"not verified": _unknown},
}

ARRANGEMENTS = {
    (kind, state): arranged for kind, states in _KINDS.items() for state, arranged in states.items()
}
