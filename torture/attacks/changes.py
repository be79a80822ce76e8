"""Changes of a factor that meet each other."""

from torture import people
from torture.bench import Attack, Bench, json_of
from torture.people import PASSWORD, code, step_now
from torture.verdicts import Finding, judged

__all__ = ["ATTACKS"]


def confirms(bench: Bench) -> Finding:
    """Many confirmations of one enrolment: one gets the codes, and those are the stored ones."""
    (owner,) = people.with_pending()
    token, right = bench.with_password(owner), code(step_now())
    call = bench.call("totp/confirm/", {"input_code": right}, token=token)
    answers = bench.at_once([call] * bench.crowd)
    sheets = [json_of(answer)["backup_codes"] for answer in answers if answer.use_proof]
    login = bench.send(bench.second_step(owner.challenge(), backup_code=sheets[0][0]))
    claims = {
        "half enrolled": not people.half_enrolled([owner], sheet=9),
        "the codes that were given do not work": login.use_proof,
    }
    return judged([*answers, login], accepted=2, claims=claims)


def creations(bench: Bench) -> Finding:
    """Many enrolments of one user: the newest pending secret, and no other, can be confirmed."""
    (owner,) = people.fresh()
    token = bench.with_password(owner)
    answers = bench.at_once([bench.call("totp/create/", token=token)] * bench.crowd)
    from ninja_totp.core.otp import OtpParameters, code_at_step

    secrets = [json_of(answer)["secret"] for answer in answers if answer.use_proof]
    rights = {code_at_step(secret, step_now(), OtpParameters()) for secret in secrets}
    confirmed = bench.at_once(
        [bench.call("totp/confirm/", {"input_code": right}, token=token) for right in rights]
    )
    claims = {
        "more than one secret could be confirmed": sum(a.use_proof for a in confirmed) <= 1,
        "half enrolled": not people.half_enrolled([owner]) or owner.authenticator is None,
    }
    return judged([*answers, *confirmed], claims=claims)


def rotations(bench: Bench) -> Finding:
    """Many rotations: one full sheet is left, and it is one that was given out."""
    owner = bench.owner()
    token = bench.logged_in(owner)
    call = bench.call("totp/rotate_backup_codes/", token=token)
    answers = bench.at_once([call] * bench.crowd)
    claims = {f"{owner.codes_left} codes are left, not 10": owner.codes_left == 10}
    return judged(answers, accepted=bench.crowd, claims=claims)


def recoveries(bench: Bench) -> Finding:
    """Many confirmations of one recovery link: one takes the factor away."""
    from ninja_totp.services import generate_recovery_link

    owner = bench.owner()
    link = generate_recovery_link(owner.user)
    body = {"uid": link.uid, "token": link.token, "password": PASSWORD}
    body["new_password"] = "another horse"
    answers = bench.at_once([bench.call("totp/recovery_confirm/", body)] * bench.crowd)
    claims = {"half enrolled": (owner.authenticator is not None, owner.codes_left) == (False, 0)}
    return judged(answers, accepted=1, claims=claims)


def recovery_requests(bench: Bench) -> Finding:
    """Many requests for a link: all are answered alike, and one link is made at most."""
    from ninja_totp.models import Challenge

    owner = bench.owner()
    call = bench.call("totp/recovery/", {"email": owner.user.email})
    answers = bench.at_once([call] * bench.crowd)
    links = Challenge.objects.filter(user=owner.user, purpose=Challenge.Purpose.RECOVERY).count()
    claims = {
        f"{links} links were made": links <= 1,
        "the answers differ": len({answer.body for answer in answers}) == 1,
    }
    return judged(answers, accepted=bench.crowd, claims=claims)


def logins_while_switching_off(bench: Bench) -> Finding:
    """Logins and rotations while the factor is switched off: nothing is left on."""
    owner = bench.owner()
    token = bench.logged_in(owner)
    rotating = bench.call("totp/rotate_backup_codes/", token=token)
    off = bench.call("totp/disable/", token=token)
    logins = [bench.second_step(owner.challenge(), backup_code=each) for each in owner.backup_codes]
    answers = bench.at_once([*logins, *[rotating] * 4, off, *[rotating] * 4])
    left = (owner.authenticator is not None, owner.codes_left)
    return judged(answers, claims={f"half enrolled: {left}": left == (False, 0)})


ATTACKS: dict[str, Attack] = {
    "changes: many confirmations": confirms,
    "changes: many enrolments": creations,
    "changes: many rotations": rotations,
    "changes: many recoveries by one link": recoveries,
    "changes: many requests for a link": recovery_requests,
    "changes: logins while switching off": logins_while_switching_off,
}
