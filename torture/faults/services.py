"""A cache that is gone, and a mail server that takes connections and says nothing."""

from time import monotonic, sleep

from torture.attacks import guessing, replay
from torture.bench import Attack, Bench
from torture.ground import Ground
from torture.people import code, step_now
from torture.verdicts import Finding, Tally, judged

__all__ = ["FAULTS"]

_SOON_SECONDS = 5
_MAIL_SECONDS = 20


def _both(bench: Bench, *attacks: Attack) -> Finding:
    findings = [attack(bench) for attack in attacks]
    complaints = (complaint for finding in findings for complaint in finding.complaints)
    return Finding(sum((f.tally for f in findings), start=Tally()), tuple(complaints))


def redis_down(bench: Bench, ground: Ground) -> Finding:
    """Redis is killed: nothing is throttled, and the limits on codes are as before."""
    ground.redis.kill()
    try:
        return _both(bench, guessing.over_challenges, guessing.backup_codes, replay.one_code)
    finally:
        ground.redis.start()


def mail_hangs(bench: Bench, ground: Ground) -> Finding:
    """A mail server that hangs: everybody is answered alike and soon, and others log in."""
    owner, before = bench.owner(), ground.mail.connections
    asking = [owner.user.email, "nobody@example.com"] * (bench.crowd // 2)
    answers = bench.at_once([bench.call("totp/recovery/", {"email": each}) for each in asking])
    deadline = monotonic() + _MAIL_SECONDS
    while ground.mail.connections == before and monotonic() < deadline:
        sleep(0.1)
    login = bench.send(bench.second_step(owner.challenge(), otp_code=code(step_now() + 1)))
    claims = {
        "no mail was tried": ground.mail.connections > before,
        "the answers differ": len({answer.body for answer in answers}) == 1,
        "the hanging server was waited for": max(a.seconds for a in answers) < _SOON_SECONDS,
        "nobody could log in meanwhile": login.use_proof and login.seconds < _SOON_SECONDS,
    }
    return judged([*answers, login], accepted=len(asking) + 1, claims=claims)


FAULTS = {"fault: Redis killed": redis_down, "fault: mail server hangs": mail_hangs}
