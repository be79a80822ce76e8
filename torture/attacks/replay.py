"""Codes that are sent again: at once, spelled otherwise, of an older step, half a minute later."""

from threading import Timer

from torture import people
from torture.bench import Attack, Bench
from torture.people import code, step_now
from torture.verdicts import Answer, Finding, judged

__all__ = ["ATTACKS", "Afterwards", "half_a_minute_later", "one_code"]


def one_code(bench: Bench) -> Finding:
    """One code on as many challenges as there are senders."""
    owner, right = bench.owner(), code(step_now() + 1)
    challenges = [owner.challenge() for _ in range(bench.crowd)]
    answers = bench.at_once([bench.second_step(each, otp_code=right) for each in challenges])
    return judged(
        answers,
        accepted=1,
        claims={"the replays were not counted as refused codes": _all_refused(answers)},
    )


def _all_refused(answers: list[Answer]) -> bool:
    return all(each.use_proof or each.code in {"invalid_code", "locked"} for each in answers)


def used_code(bench: Bench) -> Finding:
    """A code that was used, as it is and in other spellings."""
    owner, right = bench.owner(), code(step_now() + 1)
    first = bench.send(bench.second_step(owner.challenge(), otp_code=right))
    spelled = [
        right,
        f" {right}",
        f"{right[:3]} {right[3:]}",
        f"{right[:3]}-{right[3:]}",
        f"{right}\n",
    ]
    again = [
        bench.second_step(owner.challenge(), otp_code=spelled[number % len(spelled)])
        for number in range(bench.crowd)
    ]
    return judged([first, *bench.at_once(again)], accepted=1)


def other_digits(bench: Bench) -> Finding:
    """A used code in the digits of other scripts, which Python would take for the same number."""
    owner, right = bench.owner(), code(step_now() + 1)
    first = bench.send(bench.second_step(owner.challenge(), otp_code=right))
    zeros = (0xFF10, 0x0660, 0x0966)  # fullwidth, Arabic-Indic, Devanagari
    spelled = ["".join(chr(zero + int(digit)) for digit in right) for zero in zeros]
    again = [
        bench.second_step(owner.challenge(), otp_code=spelled[number % len(spelled)])
        for number in range(bench.crowd)
    ]
    return judged([first, *bench.at_once(again)], accepted=1)


def older_step(bench: Bench) -> Finding:
    """Codes of the window that are older than the one that was used."""
    owner, newest = bench.owner(), step_now() + 1
    first = bench.send(bench.second_step(owner.challenge(), otp_code=code(newest)))
    older = [
        bench.second_step(owner.challenge(), otp_code=code(newest - 1 - number % 2))
        for number in range(bench.crowd)
    ]
    return judged([first, *bench.at_once(older)], accepted=1)


def window_at_once(bench: Bench) -> Finding:
    """All codes of the window: at most the number of steps in it, and the last of them is kept."""
    owner, now = bench.owner(), step_now()
    calls = [
        bench.second_step(owner.challenge(), otp_code=code(now + number % 2))
        for number in range(bench.crowd)
    ]
    answers = bench.at_once(calls)
    accepted = sum(answer.use_proof for answer in answers)
    claims = {
        "one or two steps were used": accepted in {1, 2},
        "the newest step is remembered": owner.authenticator.last_step in {now, now + 1},
    }
    return judged(answers, claims=claims)


class Afterwards:
    """A code that is used now and sent again, by itself, when 30 seconds have gone."""

    def __init__(self, bench: Bench) -> None:
        owner, self._step = bench.owner(), step_now() + 1
        right = code(self._step)
        self._answers = [bench.send(bench.second_step(owner.challenge(), otp_code=right))]
        self._again = [
            bench.second_step(owner.challenge(), otp_code=right) for _ in range(bench.crowd)
        ]
        self._is_inside = False
        self._timer = Timer(30, self._send_again, [bench])
        self._timer.start()

    def _send_again(self, bench: Bench) -> None:
        self._answers += bench.at_once(self._again)
        self._is_inside = step_now() <= self._step + 1

    def finding(self) -> Finding:
        """Wait for what is left of the time, and return what came of it."""
        self._timer.join()
        claims = {"the code was still inside the window": self._is_inside}
        return judged(self._answers, accepted=1, claims=claims)


def half_a_minute_later(benches: list[Bench]) -> dict[str, Afterwards]:
    """Use codes at each door now; what comes of it is asked for later."""
    return {bench.door: Afterwards(bench) for bench in benches}


def backup_code(bench: Bench) -> Finding:
    """One backup code on as many challenges as there are senders."""
    owner = bench.owner()
    right = owner.backup_codes[0]
    challenges = [owner.challenge() for _ in range(bench.crowd)]
    answers = bench.at_once([bench.second_step(each, backup_code=right) for each in challenges])
    return judged(answers, accepted=1, claims={"nine codes are left": owner.codes_left == 9})


def one_pair(bench: Bench) -> Finding:
    """One pair of consecutive codes, which ends a lock, on many challenges."""
    owner, now = bench.owner(), step_now()
    challenges = [owner.challenge() for _ in range(bench.crowd)]
    pair = [code(now), code(now + 1)]
    answers = bench.at_once([bench.second_step(each, otp_codes=pair) for each in challenges])
    return judged(answers, accepted=1)


def everywhere(bench: Bench) -> Finding:
    """One code at every endpoint that takes one, at the same time."""
    owner = people.enrolled()[0]
    token, right = bench.logged_in(owner), code(step_now() + 1)
    stepping_up = [bench.call("totp/verify/", {"otp_code": right}, token=token)]
    logging_in = [bench.second_step(owner.challenge(), otp_code=right) for _ in range(2)]
    answers = bench.at_once((stepping_up + logging_in) * (bench.crowd // 3))
    return judged(answers, accepted=1)


ATTACKS: dict[str, Attack] = {
    "replay: one code, many senders": one_code,
    "replay: a used code, respelled": used_code,
    "replay: in digits of other scripts": other_digits,
    "replay: an older step": older_step,
    "replay: the whole window at once": window_at_once,
    "replay: one backup code, many senders": backup_code,
    "replay: one pair of codes, many senders": one_pair,
    "replay: one code at every endpoint": everywhere,
}
