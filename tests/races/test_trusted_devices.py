"""One token of a trusted device, shown many times at once."""

from functools import partial

import pytest

from ninja_totp.models import Event, TrustedDevice
from ninja_totp.services import (
    Proof,
    begin_login,
    complete_login,
    revoke_trusted_device,
    trusted_devices,
)
from tests.races.starting_gun import accepted, at_once
from tests.support.cast import PASSWORD

pytestmark = pytest.mark.django_db(transaction=True)

CROWD = 20


@pytest.fixture
def token(owner, settings):
    """The token of a device that is trusted."""
    settings.TOTP_TRUSTED_DEVICE_MAX_AGE = 30 * 86_400
    login = complete_login(owner.open_challenge(), owner.right, trust_device="laptop")
    return login.trusted_device_token


def logins(token, crowd=CROWD):
    login = partial(begin_login, None, username="ada", password=PASSWORD)
    return [partial(login, trusted_device_token=token)] * crowd


def test_a_token_lets_one_in_and_the_copies_end_the_trust(owner, token):
    steps = at_once(logins(token))

    assert [step.challenge_token is None for step in steps].count(True) == 1
    assert not TrustedDevice.objects.exists()
    assert Event.objects.filter(type="device_reused").count() == 1


def test_what_the_winner_was_given_is_dead_by_then(owner, token):
    steps = at_once(logins(token))
    (next_token,) = [step.trusted_device_token for step in steps if step.trusted_device_token]

    (step,) = at_once(logins(next_token, 1))

    assert step.challenge_token is not None


def test_a_device_is_revoked_once(owner, token):
    (device,) = trusted_devices(owner.user)

    outcomes = at_once([partial(revoke_trusted_device, owner.user, device.id)] * CROWD)

    assert len(accepted(outcomes)) == 1
    assert Event.objects.filter(type="device_revoked").count() == 1


def test_one_challenge_has_one_device_trusted(owner, settings):
    settings.TOTP_TRUSTED_DEVICE_MAX_AGE = 30 * 86_400
    challenge, proof = owner.open_challenge(), Proof(backup_code=owner.backup_codes[0])

    outcomes = at_once([partial(complete_login, challenge, proof, trust_device="laptop")] * CROWD)

    assert len(accepted(outcomes)) == 1
    assert len(trusted_devices(owner.user)) == 1
