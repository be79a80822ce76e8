"""Every use case has a twin that is the same function, awaited."""

import inspect

import pytest
from asgiref.sync import iscoroutinefunction

from ninja_totp import services
from ninja_totp.core.errors import NotEnrolled
from tests.support.cast import PASSWORD, Authenticator

PUBLIC = {
    name: value
    for name, value in vars(services).items()
    if not name.startswith("_") and not inspect.ismodule(value)
}
USE_CASES = [
    name
    for name, value in PUBLIC.items()
    if inspect.isfunction(value) and not iscoroutinefunction(value)
]


def test_there_are_use_cases():
    assert len(USE_CASES) >= 15


@pytest.mark.parametrize("name", USE_CASES)
def test_a_use_case_has_a_public_twin(name):
    assert f"a{name}" in PUBLIC


@pytest.mark.parametrize("name", USE_CASES)
def test_a_twin_takes_what_the_use_case_takes(name):
    use_case, twin = getattr(services, name), getattr(services, f"a{name}")

    assert inspect.signature(twin) == inspect.signature(use_case)


@pytest.mark.parametrize("name", USE_CASES)
def test_a_twin_is_known_to_be_awaitable_and_the_use_case_not_to_be(name):
    assert iscoroutinefunction(getattr(services, f"a{name}"))
    assert not iscoroutinefunction(getattr(services, name))


@pytest.mark.parametrize("name", USE_CASES)
def test_a_use_case_says_what_it_does(name):
    assert getattr(services, name).__doc__


def test_every_twin_belongs_to_a_use_case():
    twins = [name for name, value in PUBLIC.items() if iscoroutinefunction(value)]

    assert sorted(twins) == sorted(f"a{name}" for name in USE_CASES)


@pytest.mark.django_db(transaction=True)
async def test_the_twins_take_a_user_through_the_whole_life_cycle(ada, clock):
    setup = await services.acreate_totp_setup(ada)
    phone = Authenticator(setup.secret, clock)
    confirmation = await services.aconfirm_totp_setup(ada, phone.code())
    clock.advance(60)
    first = await services.abegin_login(None, username="ada", password=PASSWORD)
    proof = services.Proof(otp_code=phone.code())
    login = await services.acomplete_login(first.challenge_token, proof)
    clock.advance(60)
    auth_context = await services.astep_up(ada, services.Proof(otp_code=phone.code()))
    rotated = await services.arotate_backup_codes(ada, authority=auth_context)
    redeemed = await services.averify_backup_code(ada, rotated[0])
    stored = await services.astore_backup_codes(ada, ["printed long ago"])
    status = await services.atotp_status(ada)
    clock.advance(60)
    verified = await services.averify_totp_code(ada, phone.code())
    replacement = await services.areplace_totp(ada, authority=auth_context)
    step = await services.abegin_login_for(ada, None)
    token = await services.agenerate_challenge_token(ada)
    challenged = await services.aget_user_from_challenge_token(token)
    stepped = await services.aget_user_from_challenge_token(step.challenge_token)
    await services.adisable_totp(ada, authority=auth_context)

    assert login.user == challenged == stepped == ada
    assert redeemed
    assert verified
    assert stored == ["printed long ago"]
    assert status.backup_codes_remaining == 1
    assert set(rotated).isdisjoint(confirmation.backup_codes)
    assert replacement.secret != setup.secret
    assert not await services.ais_totp_enabled(ada)


@pytest.mark.django_db(transaction=True)
async def test_a_twin_raises_what_the_use_case_raises(ada):
    with pytest.raises(NotEnrolled):
        await services.aconfirm_totp_setup(ada, "123456")
