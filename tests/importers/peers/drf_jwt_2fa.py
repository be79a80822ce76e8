"""From drf-jwt-2fa: what its own serializers wrote."""

import pyotp
import pytest
from drf_jwt_2fa.models import UserTwoFactorAuthData
from drf_jwt_2fa.settings import api_settings
from drf_jwt_2fa.totp_serializers import ConfirmTotpSerializer, SetupTotpSerializer

from ninja_totp.services import is_totp_enabled, verify_totp_code
from tests.importers.conftest import import_totp

pytestmark = pytest.mark.django_db


def begin_there(user, rf):
    api_settings.reload()  # it keeps what it has read
    request = rf.post("/")
    request.user = user
    return SetupTotpSerializer(context={"request": request}).save()["secret"], request


def enrol_there(user, rf):
    secret, request = begin_there(user, rf)
    code = {"code": pyotp.TOTP(secret).now()}
    confirmation = ConfirmTotpSerializer(data=code, context={"request": request})
    confirmation.is_valid(raise_exception=True)
    confirmation.save()
    return secret


@pytest.mark.parametrize("own_key", [{}, {"TOTP_ENCRYPTION_KEY": b"k" * 32}], ids=["no", "yes"])
def test_the_old_authenticator_works(ada, rf, settings, two_minutes_pass, own_key):
    settings.JWT2FA_AUTH = own_key
    secret = enrol_there(ada, rf)

    run = import_totp("drf_jwt_2fa")

    assert run.users == {"imported": 1}
    assert verify_totp_code(ada, pyotp.TOTP(secret).at(two_minutes_pass()))


def test_an_enrolment_that_nobody_confirmed_stays_behind(ada, rf):
    begin_there(ada, rf)

    run = import_totp("drf_jwt_2fa")

    assert (run.exit_code, run.users) == (0, {"unfinished": 1})
    assert not is_totp_enabled(ada)


def test_codes_that_are_sent_are_reported(ada, bob):
    UserTwoFactorAuthData.objects.create(user=ada, preferred_2fa_auth="code-sender")
    UserTwoFactorAuthData.objects.create(user=bob, preferred_2fa_auth="no-2fa")

    run = import_totp("drf_jwt_2fa")

    assert (run.exit_code, run.users) == (3, {"refused": 1})
    assert "no authenticator app, only codes that are sent" in run.notes


def test_one_secret_of_a_lost_key_stops_nobody_else(ada, bob, rf, settings):
    settings.SECRET_KEY = "another secret key, which was lost since"
    enrol_there(ada, rf)
    settings.SECRET_KEY = "the present secret key of the project"
    enrol_there(bob, rf)

    run = import_totp("drf_jwt_2fa")

    assert (run.exit_code, run.users) == (3, {"imported": 1, "refused": 1})
    assert "the key of JWT2FA_AUTH does not decrypt its secret" in run.notes
