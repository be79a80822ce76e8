"""Whoever comes in numbers: networks, bodies, requests, credentials of one user."""

import os
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import count, islice
from json import dumps

from benchmarks.stacks import Call, bearer
from django.core.signing import Signer

from torture import people
from torture.attacks.guessing import LIMIT, WRONG_BACKUP_CODE
from torture.bench import Attack, Bench, json_of
from torture.people import PASSWORD, code, step_now, wrong_codes
from torture.verdicts import Answer, Finding, Range, judged

__all__ = ["ATTACKS"]

_LARGE = 2_000_000
_ROUNDS = 6
_networks = count()


def _flood(bench: Bench) -> int:
    """Return how many requests a stranger sends; TORTURE_FLOOD=1000000 takes a night."""
    return int(os.environ.get("TORTURE_FLOOD", bench.crowd * 20))


def _of_another_network(call: Call) -> Call:
    """Return `call` from one of 65,536 networks (/48) in turn."""
    address = f"2001:db8:{next(_networks) % 65_536:x}::1"
    return replace(call, headers={**call.headers, "X-Forwarded-For": address})


def _groups(calls: Sequence[Call], size: int) -> list[Sequence[Call]]:
    return [calls[start : start + size] for start in range(0, len(calls), size)]


def _sent(bench: Bench, calls: Sequence[Call]) -> list[Answer]:
    groups = _groups(calls, bench.crowd)
    return [answer for group in groups for answer in bench.at_once(group)]


def second_credential(bench: Bench) -> Finding:
    """A second password-only login acts while the owner enrols: it learns and changes nothing."""
    (owner,) = people.fresh()
    mine, theirs = bench.with_password(owner), json_of(bench.send(bench.first_step(owner)))
    secret = json_of(bench.send(bench.call("totp/create/", token=mine)))["secret"]
    reads = [
        Call(f"/{bench.door}/totp/{path}/", method="GET", headers=bearer(theirs["access"]))
        for path in ("status", "events", "trusted_devices", "authenticators")
    ]
    tries = [
        bench.call(f"totp/{path}/", body, token=theirs["access"])
        for path in ("confirm", "verify", "replace", "rotate_backup_codes")
        for body in ({"input_code": "000000", "otp_code": "000000"},)
    ]
    seen = bench.at_once([*reads, *tries])
    from ninja_totp.core.otp import OtpParameters, code_at_step

    right = {"input_code": code_at_step(secret, step_now(), OtpParameters())}
    confirmed = bench.send(bench.call("totp/confirm/", right, token=mine))
    later = bench.at_once(
        [
            bench.call("totp/disable/", token=theirs["access"]),
            bench.call("totp/replace/", token=theirs["access"]),
            bench.call("jwt/refresh/", {"refresh": theirs["refresh"]}),
        ]
    )
    claims = {
        "an answer holds the owner's secret": all(secret.encode() not in one.body for one in seen),
        "the owner is kept from enrolling": confirmed.use_proof,
        "the second credential goes on": not any(answer.use_proof for answer in later),
    }
    return judged([*seen, confirmed, *later], accepted=len(reads) + 1, claims=claims)


def pairs_from_networks(bench: Bench) -> Finding:
    """Pairs of codes from 65,536 networks: the account's row alone counts, and its day ends."""
    from ninja_totp.core.lockout import PAIRS_A_DAY
    from ninja_totp.models import Account

    owner, wrong = bench.owner(), wrong_codes(2)
    codes = wrong_codes(LIMIT)
    bench.at_once([bench.second_step(owner.challenge(), otp_code=each) for each in codes])
    rows = Account.objects.filter(user=owner.user)
    bench.send(bench.second_step(owner.challenge(), otp_codes=wrong))
    left = bench.crowd // 2
    rows.update(pairs=PAIRS_A_DAY - left)
    calls = [
        _of_another_network(bench.second_step(owner.challenge(), otp_codes=wrong))
        for _ in range(bench.crowd * 4)
    ]
    answers = _sent(bench, calls)
    looked_at = sum(answer.code == "invalid_code" for answer in answers)
    claims = {
        f"{looked_at} pairs were looked at, not {left}": looked_at == left,
        "pairs count as failures of the account": owner.account.failures == LIMIT,
    }
    return judged(answers, accepted=0, claims=claims)


def hidden_backup_codes(bench: Bench) -> Finding:
    """One right backup code among wrong ones, all at once: how many were looked at, by its luck.

    The right one is let in where it is among the first that are looked at. If more were looked at
    than were answered, it would be let in nearly always.
    """
    answers, let_in = list[Answer](), 0
    for _ in range(_ROUNDS):
        owner = bench.owner()
        wrong = [WRONG_BACKUP_CODE] * (bench.crowd * 2)
        typed = [*wrong, owner.backup_codes[0], *wrong]
        calls = [bench.second_step(owner.challenge(), backup_code=each) for each in typed]
        found = bench.at_once(calls)
        is_in = any(answer.use_proof for answer in found)
        looked_at = sum(answer.code == "invalid_code" for answer in found)
        # A success gives a row of failures back, once.
        if looked_at > LIMIT * (1 + is_in):
            return judged(found, claims={f"{looked_at} wrong ones were looked at": False})
        let_in += is_in
        answers += found
    claims = {f"the right one was let in {let_in} times of {_ROUNDS}": let_in < _ROUNDS - 1}
    return judged(answers, accepted=Range(0, _ROUNDS), claims=claims)


def callers_transaction(bench: Bench) -> Finding:
    """Guesses at a project's own view that judges codes in a transaction: none is looked at."""
    owner = bench.owner()
    before, typed = owner.account.failures, [*wrong_codes(bench.crowd), code(step_now())]
    calls = [
        bench.call("own-login/", {"totp_challenge_token": owner.challenge(), "otp_code": each})
        for each in typed
    ]
    answers = bench.at_once(calls)
    refused = sum(answer.code == "called_in_transaction" for answer in answers)
    login = bench.send(bench.second_step(owner.challenge(), otp_code=code(step_now() + 1)))
    claims = {
        f"{refused} of {len(typed)} were refused": refused == len(typed),
        "a counter moved": owner.account.failures == before == 0,
        "the owner is kept out": login.use_proof,
    }
    return judged([*answers, login], accepted=1, claims=claims)


def large_bodies(bench: Bench) -> Finding:
    """Bodies of 2 MB at every public endpoint: refused unread, and an honest login is answered."""
    owner = bench.owner()
    filling = "x" * _LARGE
    paths = [
        *("jwt/create/", "jwt/totp/verify/", "jwt/refresh/", "jwt/verify/"),
        *("totp/recovery/", "totp/recovery_confirm/", "totp/recovery_cancel/"),
    ]
    calls = [bench.call(path, {"filling": filling}) for path in paths]
    login = bench.second_step(owner.challenge(), otp_code=code(step_now()))
    *answers, honest = bench.at_once([*calls, *calls, login])
    # A server may close the connection on what it does not read.
    refused = sum(answer.status == 413 or answer.is_lost for answer in answers)
    claims = {
        f"{refused} of {len(answers)} were refused": refused == len(answers),
        "an honest login was not answered": honest.use_proof,
    }
    return judged([*answers, honest], accepted=1, may_lose=True, claims=claims)


def _made_up(bench: Bench, owner: people.Person) -> Iterator[Call]:
    """Yield what somebody sends who has no secret of the owner's, and no credential."""
    signer, name = Signer(key="another key", salt="django-totp-token-salt"), owner.name
    for number in count():
        token = signer.sign(f"id {number}")
        link = {"uid": "MQ", "token": f"{number:048x}"}
        yield bench.second_step(token, otp_code="000000")
        yield bench.call("jwt/create/", {"username": name, "password": f"wrong {number}"})
        yield bench.call("jwt/refresh/", {"refresh": token})
        yield bench.call("totp/recovery/", {"email": owner.user.email})
        passwords = {"password": f"wrong {number}", "new_password": "another horse"}
        yield bench.call("totp/recovery_confirm/", link | passwords)
        yield bench.call("totp/recovery_cancel/", link)
        yield bench.call("totp/verify/", {"otp_code": "000000"}, token=token)


def under_a_flood(bench: Bench) -> Finding:
    """A stranger's flood changes no answer to a login, refresh, recovery or cancelling."""
    from ninja_totp.services import generate_recovery_link

    owner, other = people.enrolled(2)
    links = [generate_recovery_link(one.user) for one in (owner, other)]
    # Not from the owner's network: who sits there is counted with whoever floods from it.
    made_up = map(_of_another_network, _made_up(bench, owner))
    strangers = list(islice(made_up, _flood(bench)))
    half = len(strangers) // 2
    _sent(bench, strangers[:half])
    honest = list[Answer]()
    first = bench.send(bench.first_step(owner))
    challenge = json_of(first)["totp_challenge_token"]
    second = bench.second_step(challenge, otp_code=code(step_now()))
    *_, login = bench.at_once([*strangers[half : half + bench.crowd], second])
    honest += [first, login]
    refresh = {"refresh": json_of(login)["refresh"]}
    recovery = {"uid": links[0].uid, "token": links[0].token}
    passwords = {"password": PASSWORD, "new_password": "a horse of another colour"}
    cancel = {"uid": links[1].uid, "token": links[1].token}
    wanted = [
        bench.call("jwt/refresh/", refresh),
        bench.call("totp/recovery_cancel/", cancel),
        bench.call("totp/recovery_confirm/", recovery | passwords),
    ]
    rest = strangers[half + bench.crowd :]
    for group, call in zip(_groups(rest, len(rest) // 3), wanted, strict=False):
        _sent(bench, group[bench.crowd :])
        *_, answer = bench.at_once([*group[: bench.crowd], call])
        honest.append(answer)
    said = dumps([answer.status for answer in honest])
    claims = {f"honest calls were answered {said}": said == "[200, 200, 200, 204, 204]"}
    return judged(honest, accepted=5, claims=claims)


ATTACKS: dict[str, Attack] = {
    "crowd: a second credential while the owner enrols": second_credential,
    "crowd: pairs from 65,536 networks": pairs_from_networks,
    "crowd: a right backup code among wrong ones": hidden_backup_codes,
    "crowd: a caller's transaction": callers_transaction,
    "crowd: large bodies": large_bodies,
    "crowd: honest calls in a stranger's flood": under_a_flood,
}
