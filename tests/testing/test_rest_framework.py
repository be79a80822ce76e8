"""A verified client of REST framework's."""

import pytest

pytest.importorskip("rest_framework")

from drf_compat.testing import verified_api_client
from ninja_totp.services import is_totp_enabled
from ninja_totp.testing import enroll

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("session", [True, False])
def test_a_verified_client_may_switch_the_factor_off(django_user_model, session):
    ada = django_user_model.objects.create_user("ada")
    client = verified_api_client(enroll(ada), session=session)

    assert client.post("/drf/totp/disable/").status_code == 204
    assert not is_totp_enabled(ada)


def test_without_a_factor_there_is_no_verified_client(django_user_model):
    with pytest.raises(LookupError, match="enroll"):
        verified_api_client(django_user_model.objects.create_user("ada"))
