"""Different spellings of one client, or of one name, are counted together."""

import pytest
from django.core.cache import cache
from django.test import Client

_CREDENTIALS = {"username": "ada", "password": "wrong"}


@pytest.fixture
def ask(door, ada, settings, clock):
    """A function that sends a wrong password and returns the status; two a minute are let in."""
    settings.TOTP_THROTTLE_RATE = "2/minute"
    cache.clear()

    def send(forwarded, username="ada", remote="127.0.0.1"):
        body = _CREDENTIALS | {"username": username}
        headers = {"X-Forwarded-For": forwarded}
        url = "/ninja/jwt/create/"
        client = Client(REMOTE_ADDR=remote)
        return client.post(url, body, "application/json", headers=headers).status_code

    return send


@pytest.mark.parametrize(
    "addresses",
    [
        ("192.0.2.1:50001", "192.0.2.1:50002", "192.0.2.1"),
        ("192.0.2.1", "::ffff:192.0.2.1", "[::ffff:192.0.2.1]:443"),
        ("2001:db8::1", "2001:DB8:0::1", "[2001:db8::1]:50001"),
        ("2001:db8::1", "2001:db8::2", "2001:db8::ffff:ffff:ffff:ffff"),
        ("unknown", "unknown", "unknown"),
    ],
)
def test_one_client_is_counted_once(ask, settings, addresses):
    settings.TOTP_NUM_PROXIES = 1

    assert [ask(address) for address in addresses] == [401, 401, 429]


@pytest.mark.parametrize(
    "addresses",
    [
        ("192.0.2.1", "192.0.2.2", "192.0.2.3"),
        ("2001:db8::1", "2001:db8:0:1::1", "2001:db8:0:2::1"),
    ],
)
def test_several_clients_are_counted_apart(ask, settings, addresses):
    settings.TOTP_NUM_PROXIES = 1

    assert [ask(address) for address in addresses] == [401, 401, 401]


@pytest.mark.parametrize("names", [("ada", "ADA", "Ada "), ("ada", "\xe4da", "a\u0308da")])
def test_a_name_is_counted_however_it_is_spelt(ask, names):
    assert [ask("192.0.2.1", name) for name in names] == [401, 401, 429]


def test_names_are_counted_apart(ask):
    assert [ask("192.0.2.1", name) for name in ("ada", "grace", "edsger")] == [401, 401, 401]


def test_a_client_that_pretends_to_be_a_proxy_is_counted_once(ask):
    addresses = ["2001:db8::1", "2001:db8::2", "2001:db8::3"]

    assert [ask("192.0.2.1", remote=address) for address in addresses] == [401, 401, 429]
