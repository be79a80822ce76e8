"""Challenges that outlive their reason, and copied tokens of trusted devices."""

from collections.abc import Callable

from torture.bench import Attack, Bench, json_of
from torture.people import Person, code, step_now
from torture.verdicts import Finding, judged

__all__ = ["ATTACKS"]


def used_challenge(bench: Bench) -> Finding:
    """One challenge with many right proofs: it lets in once."""
    owner = bench.owner()
    challenge, now = owner.challenge(), step_now()
    proofs: list[dict[str, object]] = [{"backup_code": each} for each in owner.backup_codes]
    proofs += [{"otp_code": code(now)}, {"otp_code": code(now + 1)}]
    answers = bench.at_once([bench.second_step(challenge, **proof) for proof in proofs])
    claims = {"no more than one backup code was used up": owner.codes_left >= 9}
    return judged(answers, accepted=1, claims=claims)


def _outlived(end: Callable[[Bench, Person], None]) -> Attack:
    """Return the attack with challenges that `end` must have ended."""

    def attack(bench: Bench) -> Finding:
        owner = bench.owner()
        challenges = [owner.challenge() for _ in range(bench.crowd)]
        end(bench, owner)
        right = code(step_now() + 1)
        return judged(
            bench.at_once([bench.second_step(each, otp_code=right) for each in challenges]),
            accepted=0,
        )

    return attack


def _new_password(_: Bench, owner: Person) -> None:
    owner.user.set_password("another correct horse")
    owner.user.save()


def _deactivated(_: Bench, owner: Person) -> None:
    owner.user.is_active = False
    owner.user.save()


def _off_and_on(bench: Bench, owner: Person) -> None:
    token, codes = bench.logged_in(owner), owner.backup_codes
    json_of_nothing = bench.send(
        bench.call("totp/disable/", {"backup_code": codes[0]}, token=token)
    )
    if json_of_nothing.status != 204:
        raise ValueError(f"disable answered {json_of_nothing.status}")
    token = bench.with_password(owner)
    secret = json_of(bench.send(bench.call("totp/create/", token=token)))["secret"]
    from ninja_totp.core.otp import OtpParameters, code_at_step

    right = code_at_step(secret, step_now(), OtpParameters())
    json_of(bench.send(bench.call("totp/confirm/", {"input_code": right}, token=token)))


def trusted_device(bench: Bench) -> Finding:
    """The token of a trusted device by many at once: one gets in, and then nobody trusts it."""
    owner = bench.owner()
    login = bench.second_step(
        owner.challenge(), otp_code=code(step_now() + 1), trust_device="phone"
    )
    token = json_of(bench.send(login))["trusted_device_token"]
    tries = [bench.first_step(owner, trusted_device_token=token) for _ in range(bench.crowd)]
    answers = bench.at_once(tries)
    # The first step is a success in any case; the question is whether a code is still wanted.
    steps = [json_of(answer) for answer in answers if answer.use_proof]
    let_in = [step for step in steps if "access" in step]
    given = [step["trusted_device_token"] for step in let_in if "trusted_device_token" in step]
    again = bench.send(bench.first_step(owner, trusted_device_token=(given or [token])[0]))
    claims = {
        f"{len(let_in)} were let in without a code, not 1": len(let_in) == 1,
        "the copies ended the trust": "access" not in json_of(again),
    }
    return judged([*answers, again], claims=claims)


ATTACKS: dict[str, Attack] = {
    "challenge: one, with many right proofs": used_challenge,
    "challenge: after a new password": _outlived(_new_password),
    "challenge: after deactivation": _outlived(_deactivated),
    "challenge: after switching off and on": _outlived(_off_and_on),
    "trusted device: one token, many senders": trusted_device,
}
