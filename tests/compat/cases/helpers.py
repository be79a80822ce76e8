"""The documented helpers: what they return, and what they raise."""

from django.core import mail

from tests.compat.cases.case import case, simple
from tests.compat.side import PASSWORD, Side

CODES = "backup_code_utils"


def _outcome_of(call):
    """What a helper returned, or the kind and the sentence of what it raised."""
    try:
        return call()
    except Exception as error:  # noqa: BLE001 - whatever it raises is the answer
        kinds = [kind.__name__ for kind in type(error).__mro__]
        documented = ("SignatureExpired", "BadSignature", "ImproperlyConfigured", "ValueError")
        kind = next((kind for kind in documented if kind in kinds), kinds[0])
        return f"{kind}: {error}"


def helper(module, name, case_name, *args, prepare=lambda a: a):
    """A case that calls a documented helper; arguments are functions of the side."""

    def run(a):
        prepare(a)
        call = a.helper(module, name)
        values = [value(a) if callable(value) else value for value in args]
        return _outcome_of(lambda: call(*values))

    simple(f"{module}.{name}", case_name, run)


def _user(a):
    return a.user


def _link_in(message):
    uid, token = message.body.split("/totp-recovery/")[1].split()[0].split("/")
    return {"uid": uid, "token": token, "password": PASSWORD}


helper("auth", "is_totp_enabled", "in use", _user, prepare=Side.enrolled)
helper("auth", "is_totp_enabled", "not confirmed yet", _user, prepare=Side.pending)
helper("auth", "is_totp_enabled", "nothing there", _user)
helper("totp", "generate_totp_secret", "length")
helper("totp", "create_totp_setup", "first", _user)
helper("totp", "create_totp_setup", "in use already", _user, prepare=Side.enrolled)
helper("totp", "confirm_totp_setup", "right code", _user, Side.code, prepare=Side.pending)
helper("totp", "confirm_totp_setup", "wrong code", _user, "000000", prepare=Side.pending)
helper("totp", "confirm_totp_setup", "nothing to confirm", _user, "000000")
helper("totp", "confirm_totp_setup", "in use already", _user, "000000", prepare=Side.enrolled)
helper("totp", "verify_totp_code", "right code", _user, Side.code, prepare=Side.enrolled)
helper("totp", "verify_totp_code", "wrong code", _user, "000000", prepare=Side.enrolled)
helper("totp", "verify_totp_code", "nothing there", _user, "000000")
helper("totp", "verify_totp_code", "not confirmed yet", _user, Side.code, prepare=Side.pending)
helper("totp", "disable_totp", "in use", _user, prepare=Side.enrolled)
helper("totp", "disable_totp", "nothing there", _user)
helper(
    CODES, "store_backup_codes", "two codes", _user, lambda a: ["a-1", "b_2"], prepare=Side.enrolled
)
helper(CODES, "store_backup_codes", "nothing there", _user, lambda a: ["a"])


@case(f"{CODES}.store_backup_codes", "is the factor on, when it was not confirmed yet")
def _(a):
    a.helper(CODES, "store_backup_codes")(a.pending().user, ["a-1", "b_2"])
    return a.helper("auth", "is_totp_enabled")(a.user)


helper(
    CODES,
    "verify_backup_code",
    "right code",
    _user,
    lambda a: a.backup_codes[0],
    prepare=Side.enrolled,
)
helper(CODES, "verify_backup_code", "wrong code", _user, "wrong", prepare=Side.enrolled)
helper(CODES, "verify_backup_code", "nothing there", _user, "wrong")
helper(CODES, "rotate_backup_codes", "in use", _user, prepare=Side.enrolled)
helper(CODES, "rotate_backup_codes", "nothing there", _user)
helper("encryption", "resolve_fernet_key", "from the settings")
helper("encryption", "decrypt", "no token of ours", "x")
helper("email_utils", "encode_uid", "a number", 7)
helper("email_utils", "decode_uid", "a number", "Nw")


@case("auth.verify_challenge_token", "good token")
def _(a):
    token = a.helper("auth", "generate_challenge_token")(a.enrolled().user)
    return a.helper("auth", "verify_challenge_token")(token) == a.user.pk


@case("auth.get_user_from_challenge_token", "good token")
def _(a):
    token = a.helper("auth", "generate_challenge_token")(a.enrolled().user)
    return a.helper("auth", "get_user_from_challenge_token")(token) == a.user


@case("auth.verify_challenge_token", "forged token")
def _(a):
    return _outcome_of(lambda: a.helper("auth", "verify_challenge_token")("x:y:z"))


@case("auth.verify_challenge_token", "expired token")
def _(a):
    token = a.helper("auth", "generate_challenge_token")(a.enrolled().user)
    a.expire()
    return _outcome_of(lambda: a.helper("auth", "verify_challenge_token")(token))


@case("encryption", "there and back")
def _(a):
    token = a.helper("encryption", "encrypt")("text")
    return a.helper("encryption", "decrypt")(token)


@case("email.TotpRecoveryEmail", "sent by the project")
def _(a):
    email = a.helper("email", "TotpRecoveryEmail")
    email(None, {"user": a.enrolled().user}).send([a.user.email])
    return a.recover(**_link_in(mail.outbox[-1]))


@case("email.TotpDisabledEmail", "sent by the project")
def _(a):
    email = a.helper("email", "TotpDisabledEmail")
    email(None, {"user": a.user}).send([a.user.email])
    return [message.to == [a.user.email] for message in mail.outbox]
