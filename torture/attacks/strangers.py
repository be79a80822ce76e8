"""Somebody who has no password, and wants the owner out or just wants to see what happens."""

from benchmarks.stacks import Call, bearer
from django.core.signing import Signer

from torture import people
from torture.bench import Attack, Bench
from torture.people import code, step_now, wrong_codes
from torture.verdicts import Finding, judged

__all__ = ["ATTACKS"]

_COUNTERS = ("failures", "budget_full_epoch", "backup_failures", "version")


def _challenges(bench: Bench) -> list[str]:
    """Return challenges that are none: garbage, forged, signed for nobody."""
    forged = Signer(key="another key", salt="django-totp-token-salt")
    nobody = Signer(salt="django-totp-token-salt")
    return [
        *(f"garbage {number}" for number in range(bench.crowd)),
        *(forged.sign(f"id {number}") for number in range(bench.crowd)),
        *(nobody.sign(f"id {number}") for number in range(bench.crowd)),
    ]


def lock_out(bench: Bench) -> Finding:
    """Wrong codes on challenges that are none, and without a credential: no counter moves."""
    owner = bench.owner()
    before = [getattr(owner.account, name) for name in _COUNTERS]
    (wrong,) = wrong_codes(1)
    calls = [bench.second_step(each, otp_code=wrong) for each in _challenges(bench)]
    calls += [
        bench.call(f"totp/{name}/", {"input_code": wrong, "otp_code": wrong}, token=token)
        for name in ("verify", "disable", "rotate_backup_codes", "replace", "confirm")
        for token in ("", "garbage")
    ]
    calls += [
        bench.call("jwt/create/", {"username": owner.name, "password": f"wrong {number}"})
        for number in range(bench.crowd)
    ]
    answers = bench.at_once(calls)
    after = [getattr(owner.account, name) for name in _COUNTERS]
    login = bench.send(bench.second_step(owner.challenge(), otp_code=code(step_now() + 1)))
    claims = {"a counter moved": after == before, "the owner is kept out": login.use_proof}
    return judged([*answers, login], accepted=1, claims=claims)


def challenge_as_credential(bench: Bench) -> Finding:
    """A challenge as a bearer token, at each endpoint."""
    owner = bench.owner()
    challenge = owner.challenge()
    paths = ("create", "confirm", "disable", "rotate_backup_codes", "replace", "verify")
    calls = [bench.call(f"totp/{path}/", token=challenge) for path in paths]
    reads = [
        Call(f"/{bench.door}/totp/{path}/", method="GET", headers=bearer(challenge))
        for path in ("status", "events", "trusted_devices")
    ]
    return judged(bench.at_once((calls + reads) * 4), accepted=0)


def stolen_challenge(bench: Bench) -> Finding:
    """A challenge of one user with the codes of another."""
    owner, thief = people.enrolled(2)
    challenge = owner.challenge()
    proofs = [{"backup_code": each} for each in thief.backup_codes]
    answers = bench.at_once([bench.second_step(challenge, **proof) for proof in proofs])
    claims = {"a code of the thief was used up": thief.codes_left == 10}
    return judged(answers, accepted=0, claims=claims)


ATTACKS: dict[str, Attack] = {
    "stranger: locks the owner out": lock_out,
    "stranger: a challenge as credential": challenge_as_credential,
    "stranger: a challenge with codes of another user": stolen_challenge,
}
