"""What each source reads from the tables of its package, with stand-ins for the packages.

`peers/` asks the packages themselves, where they are installed.
"""

import base64
import hmac
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.fernet import Fernet
from django.core.signing import BadSignature, Signer

from ninja_totp import clock
from ninja_totp.conf import get_settings
from ninja_totp.core.encryption import new_key
from ninja_totp.core.otp import OtpParameters, code_at_step, new_secret
from ninja_totp.importers.found import ImportedFactor, Refused, Unfinished
from ninja_totp.importers.peers import SourceMissing, found_by
from ninja_totp.importers.sources import SOURCES
from tests.importers.stand_ins import Device, Packages

NOW = 1_800_000_000
STEP = NOW // 30
AT = datetime.fromtimestamp(NOW, UTC)
EARLIER = AT - timedelta(days=1)
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
KEY = base64.b32decode(SECRET).hex()
DEVICE = {
    "user_id": 1,
    "name": "phone",
    "confirmed": True,
    "key": KEY,
    "digits": 6,
    "step": 30,
    "t0": 0,
    "tolerance": 1,
    "drift": 0,
    "last_t": -1,
}


@pytest.fixture
def packages(monkeypatch):
    return Packages(monkeypatch)


@pytest.fixture(autouse=True)
def _now(monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: NOW)


def carried_over(name):
    """What is found of each owner, by the primary key of the user."""
    source = SOURCES[name]
    return {found.user_pk: found for found in found_by(source, source.owners())}


def typed_now(secret=SECRET, *, steps=0):
    return code_at_step(secret, STEP + steps, OtpParameters())


@pytest.mark.parametrize("name", SOURCES)
def test_a_package_that_is_not_installed_is_missing(packages, name):
    with pytest.raises(SourceMissing):
        SOURCES[name].owners()


# django-otp and django-two-factor-auth


@pytest.fixture
def otp_devices(packages):
    """Have these TOTP devices, of django-otp; the columns that are not named are good ones."""

    def install(*devices):
        plugin = "django_otp.plugins.otp_totp"
        packages.table(plugin, "TOTPDevice", *(DEVICE | one for one in devices), base=Device)

    return install


@pytest.fixture
def static_tokens(packages):
    """Have these static tokens of one user, whose device is confirmed or not."""

    def install(*tokens, confirmed=True):
        plugin, owner = "django_otp.plugins.otp_static", {"user_id": 1, "confirmed": confirmed}
        (device,) = packages.table(plugin, "StaticDevice", owner, base=Device)
        packages.table(
            plugin, "StaticToken", *({"device": device, "token": token} for token in tokens)
        )

    return install


def test_a_device_of_django_otp_comes_along(otp_devices):
    otp_devices({"digits": 8, "step": 60, "last_t": 77, "tolerance": 2})

    kept = carried_over("django_otp")[1]

    assert (kept.secret, kept.digits, kept.period_seconds) == (SECRET, 8, 60)
    assert (kept.last_step, kept.window, kept.name, kept.notes) == (77, 2, "phone", ())


def test_a_device_that_was_never_used_has_used_no_step(otp_devices):
    otp_devices({"last_t": -1})

    assert carried_over("django_otp")[1].last_step == 0


def test_a_device_with_the_name_that_is_everybodys_has_none(otp_devices):
    otp_devices({"name": "default"})

    assert carried_over("django_otp")[1].name == ""


@pytest.mark.parametrize("drift", [-1, 1])
def test_a_drift_widens_the_window_in_either_direction(otp_devices, drift):
    otp_devices({"drift": drift})

    kept = carried_over("django_otp")[1]

    assert (kept.window, kept.notes) == (2, ())


@pytest.mark.parametrize(
    ("columns", "notes"),
    [
        (
            {"drift": 2},
            ("codes 3 steps off (tolerance and drift); here 2 are the most",),
        ),
        (
            {"drift": -3, "step": 60},
            (
                "codes 4 steps off (tolerance and drift); here 2 are the most",
                "a clock 180 seconds slow: its codes are wrong until it is set",
            ),
        ),
        (
            {"drift": 3},
            (
                "codes 4 steps off (tolerance and drift); here 2 are the most",
                "a clock 90 seconds fast: its codes are wrong until it is set",
            ),
        ),
    ],
)
def test_a_clock_further_off_than_the_window_is_told(otp_devices, columns, notes):
    otp_devices(columns)

    assert carried_over("django_otp")[1].notes == notes


def test_the_device_that_was_used_last_is_first_whatever_its_period(otp_devices):
    recent, older = new_secret(), new_secret()
    otp_devices(
        {"key": base64.b32decode(recent).hex(), "step": 60, "last_t": NOW // 60},
        {"key": base64.b32decode(older).hex(), "step": 30, "last_t": STEP - 1000},
        {},
    )

    kept = carried_over("django_otp")[1]

    assert [one.secret for one in kept.authenticators] == [recent, older, SECRET]


def test_a_device_of_django_otp_that_is_not_confirmed_is_unfinished(otp_devices):
    otp_devices({"confirmed": False})

    assert carried_over("django_otp") == {1: Unfinished(1)}


@pytest.mark.parametrize(
    ("columns", "reason"),
    [
        ({"t0": 1}, "it counts from another moment than 1970 (t0)"),
        ({"key": "xyz"}, "its key is not hexadecimal"),
    ],
)
def test_a_device_that_cannot_come_along_is_refused(otp_devices, columns, reason):
    otp_devices(columns)

    assert carried_over("django_otp") == {1: Refused(1, reason)}


def test_static_tokens_come_along(otp_devices, static_tokens):
    otp_devices({})
    static_tokens("abcdefgh", "ijklmnop")

    kept = carried_over("django_otp")[1]

    assert (kept.backup_codes, kept.notes) == (("abcdefgh", "ijklmnop"), ())


def test_static_tokens_of_an_unconfirmed_device_stay_behind(otp_devices, static_tokens):
    otp_devices({})
    static_tokens("abcdefgh", confirmed=False)

    assert carried_over("django_otp")[1].backup_codes == ()


@pytest.mark.parametrize("confirmed", [True, False])
def test_a_device_of_another_kind_is_no_authenticator_app(packages, otp_devices, confirmed):
    otp_devices({}, {"user_id": 2, "confirmed": False})
    mails = [{"user_id": user, "confirmed": confirmed} for user in (1, 2)]
    packages.table("django_otp.plugins.otp_email", "EmailDevice", *mails, base=Device)

    found = carried_over("django_otp")

    only = Refused(2, "no TOTPDevice, only EmailDevice 2")
    assert found[1].notes == ("EmailDevice 1: no authenticator app",) * confirmed
    assert found[2] == (only if confirmed else Unfinished(2))


def test_the_default_device_of_two_factor_is_first(otp_devices):
    other = new_secret()
    otp_devices(
        {"name": "default"},
        {"name": "spare", "key": base64.b32decode(other).hex(), "last_t": STEP},
    )

    kept = carried_over("two_factor")[1]

    assert [one.secret for one in kept.authenticators] == [SECRET, other]


# django-totp, drf-totp and drf-jwt-2fa


@pytest.fixture
def django_totp(packages):
    """Have one row of django-totp, with these backup codes."""

    def install(*codes, secret=SECRET):
        (totp,) = packages.table(
            "django_totp", "Totp", {"user_id": 1, "secret_key": encrypted(secret)}
        )
        packages.table(
            "django_totp", "BackupCode", *({"totp": totp, "totp_id": totp.pk} | c for c in codes)
        )

    return install


def encrypted(text):
    return get_settings().key_ring.encrypt(text)


def with_another_key(text):
    return Fernet(new_key()).encrypt(text.encode()).decode()


def test_unused_codes_of_django_totp_come_along(django_totp):
    django_totp(
        {"code": encrypted("used-code"), "is_used": True, "created_at": AT},
        {"code": encrypted("good-code"), "is_used": False, "created_at": EARLIER},
        {"code": with_another_key("lost-code"), "is_used": False, "created_at": AT},
    )

    kept = carried_over("django_totp")[1]

    assert (kept.secret, kept.confirmed_at) == (SECRET, EARLIER)
    assert kept.backup_codes == ("good-code",)
    assert kept.lost_codes == ("1 backup code that no key decrypts",)


def test_a_row_of_django_totp_without_codes_is_unfinished(django_totp):
    django_totp()

    assert carried_over("django_totp") == {1: Unfinished(1)}


@pytest.fixture
def drf_totp(packages):
    """Have one row of drf-totp; the columns that are not named are good ones."""

    def install(**columns):
        good = {
            "user_id": 1,
            "otp_base32": SECRET,
            "otp_verified": True,
            "last_used_step": 77,
            "created_at": EARLIER,
            "last_used_at": AT,
        }
        (auth,) = packages.table("drf_totp", "TOTPAuth", good | columns)
        codes = [{"auth": auth, "auth_id": auth.pk, "used_at": at} for at in (None, None, AT)]
        packages.table("drf_totp", "TOTPBackupCode", *codes)

    return install


@pytest.mark.parametrize("stored", [lambda text: text, lambda text: f"fernet${encrypted(text)}"])
def test_a_row_of_drf_totp_comes_along_without_its_hashes(drf_totp, settings, stored):
    settings.TOTP_DIGITS, settings.TOTP_PERIOD, settings.TOTP_VALID_WINDOW = 8, 60, 2
    drf_totp(otp_base32=stored(SECRET))

    kept = carried_over("drf_totp")[1]

    assert kept == ImportedFactor(
        1,
        SECRET,
        digits=8,
        period_seconds=60,
        window=2,
        last_step=77,
        confirmed_at=EARLIER,
        last_used_at=AT,
        lost_codes=("2 backup codes stored as a hash alone",),
    )


@pytest.mark.parametrize("columns", [{"otp_verified": False}, {"otp_base32": ""}])
def test_a_row_of_drf_totp_without_a_confirmed_secret_is_unfinished(drf_totp, columns):
    drf_totp(**columns)

    assert carried_over("drf_totp") == {1: Unfinished(1)}


def test_a_secret_of_drf_totp_under_a_lost_key_is_refused(drf_totp):
    drf_totp(otp_base32=f"fernet${with_another_key(SECRET)}")

    assert carried_over("drf_totp") == {
        1: Refused(1, "no key of TOTP_ENCRYPTION_KEY decrypts its secret")
    }


def jwt_2fa_key(settings):
    return base64.urlsafe_b64encode(
        hmac.digest(settings.SECRET_KEY.encode(), b"2fa-totp-enc", "sha256")
    )


def test_each_method_of_drf_jwt_2fa_is_told_apart(packages, settings):
    token = Fernet(jwt_2fa_key(settings)).encrypt(SECRET.encode())
    methods = [
        ("totp", token, ""),
        ("totp", with_another_key(SECRET), ""),
        ("code-sender", token, ""),
        ("no-2fa", token, "begun"),
        ("", "", "begun"),
        ("no-2fa", token, ""),
        ("", "", ""),
    ]
    columns = ("preferred_2fa_auth", "encrypted_totp_secret", "encrypted_totp_secret_pending")
    rows = [dict(zip(columns, row, strict=True)) for row in methods]
    owned = [row | {"user_id": user} for user, row in enumerate(rows, 1)]
    packages.table("drf_jwt_2fa", "UserTwoFactorAuthData", *owned)

    assert carried_over("drf_jwt_2fa") == {
        1: ImportedFactor(1, SECRET),
        2: Refused(2, "the key of JWT2FA_AUTH does not decrypt its secret"),
        3: Refused(3, "no authenticator app, only codes that are sent"),
        4: Unfinished(4),
        5: Unfinished(5),
    }


def test_drf_jwt_2fa_may_have_a_key_and_a_window_of_its_own(packages, settings):
    key = b"k" * 32
    settings.JWT2FA_AUTH = {"TOTP_ENCRYPTION_KEY": key, "TOTP_VALID_WINDOW": 0}
    row = {
        "user_id": 1,
        "preferred_2fa_auth": "totp",
        "encrypted_totp_secret": Fernet(base64.urlsafe_b64encode(key)).encrypt(SECRET.encode()),
        "encrypted_totp_secret_pending": "",
    }
    packages.table("drf_jwt_2fa", "UserTwoFactorAuthData", row)

    assert carried_over("drf_jwt_2fa") == {1: ImportedFactor(1, SECRET, window=0)}


# Three packages with a table of authenticators: allauth.mfa, dj_rest_auth.mfa and django-mfa


@pytest.fixture
def authenticators(packages):
    """Have these authenticators of one user in `package`: documents by their type."""

    def install(package, *, last_used_at=None, **documents):
        dates = {"created_at": EARLIER, "last_used_at": last_used_at}
        common = {"user_id": 1, **dates}
        rows = [common | {"type": kind, "data": data} for kind, data in documents.items()]
        for row in packages.table(package, "Authenticator", *rows):
            row.wrap = lambda data=row.data: data
        packages.function("allauth.mfa.utils", "decrypt", opened)
        packages.function("django_mfa.crypto", "decrypt", opened)

    return install


def opened(stored):
    if not stored.startswith("sealed "):
        raise BadSignature
    return stored.removeprefix("sealed ")


PACKAGES = {
    "allauth_mfa": ("allauth.mfa", f"sealed {SECRET}"),
    "dj_rest_auth_mfa": (
        "dj_rest_auth.mfa",
        Signer(salt="dj-rest-auth-mfa-totp-secret").sign(SECRET),
    ),
    "django_mfa": ("django_mfa", f"sealed {SECRET}"),
}


@pytest.mark.parametrize("name", PACKAGES)
def test_an_authenticator_comes_along_with_its_dates(authenticators, name):
    package, secret = PACKAGES[name]
    authenticators(package, totp={"secret": secret}, last_used_at=AT)

    kept = carried_over(name)[1]

    assert kept.secret == SECRET
    assert (kept.confirmed_at, kept.last_used_at, kept.notes) == (EARLIER, AT, ())


@pytest.mark.parametrize("name", PACKAGES)
def test_who_has_something_else_alone_is_refused(authenticators, name):
    authenticators(PACKAGES[name][0], webauthn={}, recovery_codes={})

    assert carried_over(name) == {
        1: Refused(1, "no authenticator app, only webauthn, recovery_codes")
    }


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("allauth_mfa", "MFA_ADAPTER does not decrypt its secret"),
        ("dj_rest_auth_mfa", "neither SECRET_KEY nor its fallbacks have signed its secret"),
        ("django_mfa", "no key of MFA_SECRET_ENCRYPTION_KEYS opens its secret"),
    ],
)
def test_a_secret_that_no_key_opens_is_refused(authenticators, name, reason):
    authenticators(PACKAGES[name][0], totp={"secret": "of another key"}, recovery_codes={})

    assert carried_over(name) == {1: Refused(1, reason)}


@pytest.mark.parametrize("name", ["allauth_mfa", "django_mfa"])
def test_a_security_key_beside_it_is_told(authenticators, name):
    package, secret = PACKAGES[name]
    authenticators(package, totp={"secret": secret}, webauthn={})

    assert carried_over(name)[1].notes == ("webauthn: no authenticator app",)


def test_codes_by_mail_of_django_mfa_are_told(authenticators):
    authenticators("django_mfa", totp={"secret": f"sealed {SECRET}"}, email={})

    assert carried_over("django_mfa")[1].notes == ("email: no authenticator app",)


def test_settings_of_allauth_hold_for_all_of_its_users(authenticators, settings):
    settings.MFA_TOTP_DIGITS, settings.MFA_TOTP_PERIOD, settings.MFA_TOTP_TOLERANCE = 8, 60, 2
    authenticators("allauth.mfa", totp={"secret": f"sealed {SECRET}"})

    kept = carried_over("allauth_mfa")[1]

    assert (kept.digits, kept.period_seconds, kept.window) == (8, 60, 2)


@pytest.mark.parametrize(("used_at", "last"), [(AT, STEP), (None, STEP - 2880)])
@pytest.mark.parametrize("tolerance", [0, 1])
def test_the_last_code_that_allauth_may_have_taken_is_used_up(
    authenticators, settings, used_at, last, tolerance
):
    settings.MFA_TOTP_TOLERANCE = tolerance
    authenticators("allauth.mfa", totp={"secret": f"sealed {SECRET}"}, last_used_at=used_at)

    assert carried_over("allauth_mfa")[1].last_step == last + tolerance


@pytest.mark.parametrize("steps", [-2, -1, 0, 1, 2])
def test_the_last_code_of_dj_rest_auth_is_found_again(authenticators, steps):
    totp = {"secret": PACKAGES["dj_rest_auth_mfa"][1], "last_code": typed_now(steps=steps)}
    authenticators("dj_rest_auth.mfa", totp=totp, last_used_at=AT)

    assert carried_over("dj_rest_auth_mfa")[1].last_step == STEP + steps


@pytest.mark.parametrize(
    ("code", "used_at"), [(None, AT), (typed_now(), None), (typed_now(steps=9), AT)]
)
def test_without_one_the_code_that_enrolled_at_dj_rest_auth_is_used_up(
    authenticators, code, used_at
):
    totp = {"secret": PACKAGES["dj_rest_auth_mfa"][1], "last_code": code}
    authenticators("dj_rest_auth.mfa", totp=totp, last_used_at=used_at)

    assert carried_over("dj_rest_auth_mfa")[1].last_step == STEP - 2880 + 1


def test_settings_of_dj_rest_auth_hold_for_all_of_its_users(authenticators, settings):
    settings.REST_AUTH = {
        "MFA_TOTP_DIGITS": 8,
        "MFA_TOTP_PERIOD": 60,
        "MFA_RECOVERY_CODE_COUNT": 2,
    }
    seed = {"seed": "5e" * 32}
    totp = {"secret": PACKAGES["dj_rest_auth_mfa"][1]}
    authenticators("dj_rest_auth.mfa", totp=totp, recovery_codes=seed)

    kept = carried_over("dj_rest_auth_mfa")[1]

    assert (kept.digits, kept.period_seconds, len(kept.backup_codes)) == (8, 60, 2)


@pytest.mark.parametrize(
    ("seed", "kept"), [("5e" * 15, 0), ("5e" * 16, 9)], ids=["too short", "short enough"]
)
def test_codes_of_a_short_seed_would_be_guessed(authenticators, seed, kept):
    codes = {"seed": seed, "used_mask": 0b1}
    totp = {"secret": PACKAGES["dj_rest_auth_mfa"][1]}
    authenticators("dj_rest_auth.mfa", totp=totp, recovery_codes=codes)

    assert len(carried_over("dj_rest_auth_mfa")[1].backup_codes) == kept


@pytest.mark.parametrize(
    ("codes", "kept", "lost"),
    [
        ({"codes": ["first-code", "other-code"], "used": [0], "migrated_plaintext": True}, 1, ()),
        (
            {"codes": ["#1", "#2", "#3"], "used": [1]},
            0,
            ("2 backup codes stored as a hash alone",),
        ),
    ],
)
def test_unused_codes_of_django_mfa_come_along_or_are_told(authenticators, codes, kept, lost):
    totp = {"secret": f"sealed {SECRET}", "last_verified_counter": 77}
    authenticators("django_mfa", totp=totp, recovery_codes=codes)

    factor = carried_over("django_mfa")[1]

    assert factor.backup_codes == ("other-code",) * kept
    assert (factor.lost_codes, factor.last_step) == (lost, 77)


# django-mfa2 and django-mfa3


@pytest.fixture
def mfa2_keys(packages, ada):
    """Have these keys of django-mfa2; the columns that are not named are good ones."""

    def install(*keys):
        good = {
            "username": "ada",
            "enabled": True,
            "key_type": "TOTP",
            "properties": {"secret_key": SECRET},
            "added_on": EARLIER,
            "last_used": None,
        }
        packages.table("mfa", "User_Keys", *(good | key for key in keys))
        return ada.pk

    return install


@pytest.mark.django_db
def test_keys_of_django_mfa2_come_along(mfa2_keys):
    newer, used = new_secret(), new_secret()
    pk = mfa2_keys(
        {},
        {"properties": {"secret_key": newer}},
        {"properties": {"secret_key": used}, "last_used": AT},
        {"properties": {"secret_key": new_secret()}, "enabled": False},
        {"key_type": "RECOVERY", "properties": {"secret_keys": ["#1", "#2"]}},
        {"key_type": "FIDO2", "properties": {}},
    )

    kept = carried_over("mfa2")[pk]

    assert [one.secret for one in kept.authenticators] == [used, newer, SECRET]
    assert [one.last_step for one in kept.authenticators] == [STEP + 1, *[STEP - 2880 + 1] * 2]
    assert (kept.confirmed_at, kept.last_used_at) == (EARLIER, AT)
    assert kept.lost_codes == ("2 backup codes stored as a hash alone",)
    assert kept.notes == ("FIDO2 6: no authenticator app",)


@pytest.mark.django_db
def test_who_has_no_totp_key_at_django_mfa2_is_refused(mfa2_keys):
    pk = mfa2_keys({"key_type": "Email"}, {"key_type": "FIDO2"})

    assert carried_over("mfa2") == {pk: Refused(pk, "no authenticator app, only Email 1, FIDO2 2")}


@pytest.mark.django_db
def test_a_key_of_django_mfa2_that_names_nobody_is_refused(mfa2_keys):
    mfa2_keys({"username": "nobody"})

    assert carried_over("mfa2") == {None: Refused(None, "User_Keys row 1 names no user")}


@pytest.mark.django_db
def test_nobody_is_owner_of_keys_that_are_switched_off(mfa2_keys):
    mfa2_keys({"enabled": False})

    assert carried_over("mfa2") == {}


@pytest.mark.django_db
@pytest.mark.parametrize(("own", "expected"), [(False, "username"), (True, "its own table")])
def test_the_plug_in_of_dj_rest_auth_keeps_its_keys_at_django_mfa2(
    mfa2_keys, authenticators, packages, own, expected
):
    pk = mfa2_keys({})
    packages.installed("dj_rest_auth_mfa")
    if own:
        packages.installed("dj_rest_auth.mfa")
        authenticators("dj_rest_auth.mfa", totp={"secret": PACKAGES["dj_rest_auth_mfa"][1]})

    (kept,) = carried_over("dj_rest_auth_mfa").values()

    assert kept.user_pk == (1 if own else pk)
    assert SOURCES["dj_rest_auth_mfa"].user_pk_of("ada") == ("ada" if own else pk)


@pytest.fixture
def mfa3_keys(packages):
    """Have these keys of django-mfa3; the columns that are not named are good ones."""

    def install(*keys):
        good = {"user_id": 1, "method": "TOTP", "name": "phone", "secret": SECRET, "last_code": ""}
        packages.table("mfa", "MFAKey", *(good | key for key in keys))

    return install


def test_keys_of_django_mfa3_come_along(mfa3_keys, settings):
    settings.MFA_TOTP_VALID_WINDOW = 1
    used, newer = new_secret(), new_secret()
    mfa3_keys(
        {},
        {"secret": used, "last_code": typed_now(used), "name": "old phone"},
        {"secret": newer},
        {"method": "recovery"},
        {"method": "FIDO2"},
    )

    kept = carried_over("mfa3")[1]

    assert [one.secret for one in kept.authenticators] == [used, newer, SECRET]
    assert (kept.name, kept.window) == ("old phone", 1)
    assert kept.lost_codes == ("1 backup code stored as a hash alone",)
    assert kept.notes == ("FIDO2 5: no authenticator app",)


@pytest.mark.parametrize(
    ("steps", "last"), [(0, STEP), (-3, STEP - 3), (3, STEP + 3), (-4, 0), (4, 0)]
)
def test_the_last_code_of_django_mfa3_is_found_while_it_could_be_used_again(mfa3_keys, steps, last):
    mfa3_keys({"last_code": typed_now(steps=steps)})

    assert carried_over("mfa3")[1].last_step == last


def test_who_has_no_totp_key_at_django_mfa3_is_refused(mfa3_keys):
    mfa3_keys({"method": "FIDO2"}, {"method": "recovery"})

    assert carried_over("mfa3") == {1: Refused(1, "no authenticator app, only FIDO2 1, recovery 2")}


def test_a_key_of_django_mfa3_with_a_broken_secret_is_refused(mfa3_keys):
    mfa3_keys({"secret": "?", "last_code": "123456"})

    assert "no base32" in carried_over("mfa3")[1].reason


# django-trench


@pytest.fixture
def trench_methods(packages):
    """Have these methods of django-trench; the columns that are not named are good ones."""

    def install(*methods, model="MFAMethod"):
        good = {"user_id": 1, "name": "app", "is_active": True, "secret": SECRET}
        rows = [good | {"backup_codes": []} | method for method in methods]
        packages.table("trench", model, *rows)

    return install


def test_methods_of_trench_come_along_with_codes_of_each(trench_methods):
    trench_methods(
        {"backup_codes": ["plain-code", "pbkdf2_sha256$1$salt$hash", ""]},
        {"name": "email", "backup_codes": ["other-code"]},
        {"name": "sms", "backup_codes": ["stale-code"], "is_active": False},
    )

    kept = carried_over("trench")[1]

    assert (kept.secret, kept.window, kept.period_seconds) == (SECRET, 0, 30)
    assert kept.backup_codes == ("plain-code", "other-code")
    assert kept.lost_codes == ("1 backup code stored as a hash alone",)
    assert kept.notes == ("email: no authenticator app",)


def test_who_has_no_app_at_trench_is_refused_or_unfinished(trench_methods):
    trench_methods({"user_id": 1, "name": "sms"}, {"user_id": 2, "is_active": False})

    assert carried_over("trench") == {
        1: Refused(1, "no authenticator app, only sms"),
        2: Unfinished(2),
    }


def test_trench_may_have_another_period_and_model(trench_methods, settings):
    settings.TRENCH_AUTH = {
        "USER_MFA_MODEL": "trench.OurMethod",
        "MFA_METHODS": {"app": {"VALIDITY_PERIOD": "60"}},
    }
    trench_methods({}, model="OurMethod")

    assert carried_over("trench")[1].period_seconds == 60
