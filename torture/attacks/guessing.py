"""Guesses by somebody who knows the password: many at once, and spread in every way."""

from collections.abc import Sequence

from benchmarks.stacks import Call

from torture import people
from torture.bench import Attack, Bench
from torture.people import Person, code, step_now, wrong_codes
from torture.verdicts import Answer, Finding, judged

__all__ = ["ATTACKS", "ATTACKS_BY_CODE", "backup_codes", "over_challenges"]

LIMIT = 5  # TOTP_LOCKOUT_FREE_FAILURES and TOTP_CHALLENGE_MAX_ATTEMPTS
WRONG_BACKUP_CODE = "AAAA-AAAA-AAAA-AAAA-AAAA-AAAA"
_DAY = 86_400


def _looked_at(answers: Sequence[Answer]) -> int:
    return sum(answer.code == "invalid_code" for answer in answers)


def _five(bench: Bench, owner: Person, calls: Sequence[Call], *, backup: bool = False) -> Finding:
    """Send `calls`, of which five may be looked at, and exactly five counted."""
    answers = bench.at_once(calls)
    account = owner.account
    counted = account.backup_failures if backup else account.failures
    return judged(answers, accepted=0, claims=_are_five(_looked_at(answers), counted))


def _are_five(looked_at: int, counted: int) -> dict[str, bool]:
    return {
        f"{looked_at} guesses were looked at, not {LIMIT}": looked_at == LIMIT,
        f"{counted} failures were counted, not {LIMIT}": counted == LIMIT,
    }


def on_one_challenge(bench: Bench) -> Finding:
    """Many guesses on one challenge."""
    owner = bench.owner()
    challenge, wrong = owner.challenge(), wrong_codes(bench.crowd)
    return _five(bench, owner, [bench.second_step(challenge, otp_code=each) for each in wrong])


def over_challenges(bench: Bench) -> Finding:
    """A challenge of its own and an address of its own (X-Forwarded-For) for each guess."""
    owner, wrong = bench.owner(), wrong_codes(bench.crowd)
    calls = [bench.second_step(owner.challenge(), otp_code=each) for each in wrong]
    return _five(bench, owner, calls)


def backup_codes(bench: Bench) -> Finding:
    """Guessed backup codes."""
    owner = bench.owner()
    challenges = [owner.challenge() for _ in range(bench.crowd)]
    calls = [bench.second_step(each, backup_code=WRONG_BACKUP_CODE) for each in challenges]
    return _five(bench, owner, calls, backup=True)


def pairs(bench: Bench) -> Finding:
    """Guessed pairs: five on one challenge, and five on the account, whatever the challenges."""
    owner, wrong = bench.owner(), wrong_codes(2)
    challenge = owner.challenge()
    same = bench.at_once([bench.second_step(challenge, otp_codes=wrong)] * bench.crowd)
    others = [bench.second_step(owner.challenge(), otp_codes=wrong) for _ in range(bench.crowd)]
    # A pair is looked at on a locked account too, or it could not unlock; it is not charged then.
    answers = [*same, *bench.at_once(others)]
    looked_at, counted = _looked_at(same), owner.account.failures
    claims = {
        f"{looked_at} guesses were looked at on one challenge": looked_at == LIMIT,
        f"{counted} failures were counted, not {LIMIT}": counted == LIMIT,
    }
    return judged(answers, accepted=0, claims=claims)


def _at(path: str, field: str) -> Attack:
    def guesses(bench: Bench) -> Finding:
        owner = bench.owner()
        token, wrong = bench.logged_in(owner), wrong_codes(bench.crowd)
        return _five(bench, owner, [bench.call(path, {field: each}, token=token) for each in wrong])

    return guesses


def confirming(bench: Bench) -> Finding:
    """Guesses at the code that confirms an enrolment: they count on it, not on the account."""
    (owner,) = people.fresh()
    token, wrong = bench.with_password(owner), wrong_codes(bench.crowd)
    bench.send(bench.call("totp/create/", token=token))
    calls = [bench.call("totp/confirm/", {"input_code": each}, token=token) for each in wrong]
    answers = bench.at_once(calls)
    claims = _are_five(_looked_at(answers), owner.pending.failures)
    claims["guesses lock the account"] = owner.account.failures == 0
    return judged(answers, accepted=0, claims=claims)


def over_endpoints(bench: Bench) -> Finding:
    """Guesses spread over all endpoints of both doors."""
    owner = bench.owner()
    token, calls = bench.logged_in(owner), list[Call]()
    for number, wrong in enumerate(wrong_codes(bench.crowd)):
        calls.append(
            [
                bench.call("totp/verify/", {"otp_code": wrong}, token=token),
                bench.call("totp/disable/", {"input_code": wrong}, token=token),
                bench.call("totp/rotate_backup_codes/", {"input_code": wrong}, token=token),
                bench.call("totp/replace/", {"input_code": wrong}, token=token),
                bench.second_step(owner.challenge(), otp_code=wrong),
            ][number % 5]
        )
    return _five(bench, owner, calls)


def new_challenges(bench: Bench) -> Finding:
    """Four guesses, then a login by password again, and again: it gives nothing back."""
    owner, answers = bench.owner(), list[Answer]()
    for wrong in wrong_codes(8):
        bench.send(bench.first_step(owner))
        answers.append(bench.send(bench.second_step(owner.challenge(), otp_code=wrong)))
    looked_at = _looked_at(answers)
    return judged(answers, accepted=0, claims={f"{looked_at} were looked at": looked_at == LIMIT})


def owners_logins(bench: Bench) -> Finding:
    """Guesses, and then a login of the owner: the budget remembers them."""
    owner, now = bench.owner(), step_now()
    before = owner.account.budget_full_epoch
    guesses = [bench.second_step(owner.challenge(), otp_code=each) for each in wrong_codes(4)]
    answers = bench.at_once(guesses)
    login = bench.send(bench.second_step(owner.challenge(), otp_code=code(now + 1)))
    days = round((owner.account.budget_full_epoch - max(before, now * 30)) / _DAY)
    claims = {f"the budget remembers {days} of 4 failures": days == 4}
    return judged([*answers, login], accepted=1, claims=claims)


def locked(bench: Bench) -> Finding:
    """The right code on a locked account, many times: it is not looked at; a pair is."""
    owner, now = bench.owner(), step_now()
    bench.at_once([bench.second_step(owner.challenge(), otp_code=w) for w in wrong_codes(LIMIT)])
    calls = [bench.second_step(owner.challenge(), otp_code=code(now + 1))] * bench.crowd
    right = bench.at_once(calls)
    pair = bench.send(bench.second_step(owner.challenge(), otp_codes=[code(now), code(now + 1)]))
    claims = {"two consecutive codes end the lock": pair.use_proof}
    return judged([*right, pair], accepted=1, claims=claims)


def throttled(bench: Bench) -> Finding:
    """More requests than the throttle allows, over all workers: Redis counts them together."""
    owner = bench.owner()
    first_window = step_now() // 2
    call = bench.first_step(owner)  # each time from the same address
    answers = [answer for _ in range(4) for answer in bench.at_once([call] * 30)]
    windows = step_now() // 2 - first_window + 1
    through = sum(answer.code != "throttled" for answer in answers)
    claims = {f"{through} got through in {windows} minutes": 60 <= through <= 60 * windows}
    return judged(answers, claims=claims)


ATTACKS: dict[str, Attack] = {
    "guesses: on one challenge": on_one_challenge,
    "guesses: over challenges and addresses": over_challenges,
    "guesses: backup codes": backup_codes,
    "guesses: pairs of codes": pairs,
    "guesses: totp/verify": _at("totp/verify/", "otp_code"),
    "guesses: totp/disable": _at("totp/disable/", "input_code"),
    "guesses: totp/rotate_backup_codes": _at("totp/rotate_backup_codes/", "input_code"),
    "guesses: totp/replace": _at("totp/replace/", "input_code"),
    "guesses: totp/confirm": confirming,
    "guesses: over all endpoints": over_endpoints,
    "counters: a new challenge for each guess": new_challenges,
    "counters: the owner logs in meanwhile": owners_logins,
    "counters: the right code while locked": locked,
    "throttle: over all workers": throttled,
}

# Those whose every request is refused by an error.
ATTACKS_BY_CODE: tuple[Attack, ...] = (
    on_one_challenge,
    over_challenges,
    backup_codes,
    confirming,
    over_endpoints,
)
