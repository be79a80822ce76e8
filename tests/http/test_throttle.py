"""Who counts as one caller (user, address, account), and what a bad cache does."""

import logging
import pickle
import sys
import time
from unittest import mock

import pytest
from django.core.cache import caches
from django.core.cache.backends.locmem import LocMemCache
from django.test import Client

from ninja_totp.conf.types import Rate
from ninja_totp.http.endpoint import seconds_to_wait
from tests.http.caches import DeadCache
from tests.support.people import PASSWORD

_LOCMEM = "django.core.cache.backends.locmem.LocMemCache"


class _From:
    """A caller without a credential at some address, perhaps behind proxies."""

    def __init__(self, address, forwarded=None):
        self._remote = {"REMOTE_ADDR": address}
        self._headers = {"X-Forwarded-For": forwarded} if forwarded is not None else {}

    def send(self, method, url, **extra):
        headers = self._headers | extra.pop("headers", {})
        return Client(**self._remote).generic(method, url, headers=headers, **extra)


class _SignedInFrom(_From):
    def __init__(self, address, bearer):
        super().__init__(address)
        self._headers = {"Authorization": f"Bearer {bearer.token}"}


@pytest.fixture(autouse=True)
def _two_a_minute(door, settings):
    settings.TOTP_THROTTLE_RATE = "2/minute"
    settings.CACHES = {"default": {"BACKEND": _LOCMEM, "LOCATION": __name__}}
    caches["default"].clear()


def _log_in(door, caller, name="ada"):
    return door.post("jwt/create/", {"username": name, "password": PASSWORD}, caller).status


def _log_in_by_turns(door, callers, name="ada"):
    return [_log_in(door, caller, name) for caller in callers]


def test_each_address_is_counted_by_itself(door, ada):
    first, second = _From("192.0.2.1"), _From("192.0.2.2")

    statuses = _log_in_by_turns(door, [first, first, first, second])

    assert statuses == [200, 200, 429, 200]


def test_an_address_is_counted_whatever_name_it_gives(door, ada, grace):
    caller = _From("192.0.2.1")

    statuses = [_log_in(door, caller, name) for name in ("ada", "grace", "nobody")]

    assert statuses == [200, 200, 429]


def test_a_user_is_counted_wherever_they_call_from(door, ada):
    token = ada.log_in()
    callers = [_SignedInFrom(f"192.0.2.{number}", token) for number in range(3)]

    statuses = [door.get("totp/status/", caller).status for caller in callers]

    assert statuses == [200, 200, 429]


def test_two_users_at_one_address_are_counted_apart(door, ada, grace):
    hers = _SignedInFrom("192.0.2.1", ada.log_in())
    others = _SignedInFrom("192.0.2.1", grace.log_in())

    statuses = [door.get("totp/status/", c).status for c in (hers, hers, hers, others)]

    assert statuses == [200, 200, 429, 200]


@pytest.mark.parametrize(
    ("one", "same", "other"),
    [
        ("2001:db8::1", "2001:db8::ffff:1", "2001:db8:0:1::1"),
        ("2001:db8::1", "2001:0DB8:0::1", "2001:db8:1::1"),
        ("::ffff:192.0.2.1", "192.0.2.1", "::ffff:192.0.2.2"),
        ("192.0.2.1:1024", "192.0.2.1:1025", "192.0.2.2:1024"),
        ("[2001:db8::1]:1024", "[2001:db8::1]:1025", "[2001:db8:1::1]:1024"),
    ],
)
def test_one_client_has_many_spellings(door, ada, one, same, other):
    statuses = _log_in_by_turns(door, [_From(address) for address in (one, same, one, other)])

    assert statuses == [200, 200, 429, 200]


class TestForwardedFor:
    """X-Forwarded-For, which anybody can write."""

    def test_rotating_it_gains_nothing(self, door, ada):
        callers = [_From("192.0.2.1", f"198.51.100.{number}") for number in range(3)]

        assert _log_in_by_turns(door, callers) == [200, 200, 429]

    def test_people_behind_an_unknown_proxy_are_counted_by_account(self, door, ada, grace):
        caller = _From("192.0.2.1", "198.51.100.1")

        statuses = [
            *_log_in_by_turns(door, [caller] * 3),
            *_log_in_by_turns(door, [caller] * 2, "grace"),
        ]

        assert statuses == [200, 200, 429, 200, 200]

    @pytest.mark.parametrize("spelling", ["ADA", " ada ", "a\u0301da"])
    def test_another_spelling_of_the_account_is_no_other_account(self, door, ada, spelling):
        caller = _From("192.0.2.1", "198.51.100.1")
        _log_in_by_turns(door, [caller] * 2)

        assert _log_in(door, caller, spelling) == 429

    def test_without_proxies_it_is_not_looked_at(self, door, ada, settings):
        settings.TOTP_NUM_PROXIES = 0
        callers = [_From("192.0.2.1", f"198.51.100.{number}") for number in range(3)]

        assert _log_in_by_turns(door, [*callers, _From("192.0.2.2")]) == [200, 200, 429, 200]

    def test_one_proxy_wrote_the_last_entry(self, door, ada, settings):
        settings.TOTP_NUM_PROXIES = 1
        spoofing = [_From("10.0.0.1", f"203.0.113.{n}, 198.51.100.1") for n in range(3)]
        neighbour = _From("10.0.0.1", "203.0.113.0, 198.51.100.2")

        assert _log_in_by_turns(door, [*spoofing, neighbour]) == [200, 200, 429, 200]

    def test_of_two_proxies_the_outer_one_saw_the_client(self, door, ada, settings):
        settings.TOTP_NUM_PROXIES = 2
        spoofing = [_From("10.0.0.1", f"203.0.113.{n}, 198.51.100.1, 10.0.0.2") for n in range(3)]
        neighbour = _From("10.0.0.1", "198.51.100.2,10.0.0.2")

        assert _log_in_by_turns(door, [*spoofing, neighbour]) == [200, 200, 429, 200]

    def test_fewer_entries_than_proxies_are_taken_as_they_are(self, door, ada, settings):
        settings.TOTP_NUM_PROXIES = 3
        callers = [_From("10.0.0.1", "198.51.100.1")] * 3

        assert _log_in_by_turns(door, callers) == [200, 200, 429]

    def test_a_request_that_came_past_the_proxy_has_its_own_address(self, door, ada, settings):
        settings.TOTP_NUM_PROXIES = 1
        direct, other = _From("192.0.2.1"), _From("192.0.2.2")

        assert _log_in_by_turns(door, [direct] * 3 + [other]) == [200, 200, 429, 200]

    @pytest.mark.parametrize("odd", ["", ",", ", ,", "\xff\xfe", "x" * 5000, "unknown, _hidden"])
    @pytest.mark.parametrize("proxies", [None, 0, 1, 2])
    def test_odd_entries_harm_nobody(self, door, ada, settings, odd, proxies):
        settings.TOTP_NUM_PROXIES = proxies

        assert _log_in_by_turns(door, [_From("192.0.2.1", odd)] * 3) == [200, 200, 429]


class TestCache:
    """The throttle is a courtesy; the lock-out does not depend on it."""

    def test_a_dead_one_limits_nobody_and_is_logged(self, door, ada, settings, caplog):
        settings.CACHES = {"default": {"BACKEND": "tests.http.caches.DeadCache"}}

        statuses = _log_in_by_turns(door, [_From("192.0.2.1")] * 3)

        logged = [record for record in caplog.records if record.name.startswith("ninja_totp")]
        assert statuses == [200, 200, 200]
        assert "The throttle's cache failed; the request was let through." in {
            record.getMessage() for record in logged
        }

    def test_a_dead_one_limits_nobody_where_records_have_our_field(
        self, door, ada, settings, request
    ):
        factory = logging.getLogRecordFactory()

        def records(*about, **more):
            record = factory(*about, **more)
            record.event = "the project's"
            return record

        request.addfinalizer(lambda: logging.setLogRecordFactory(factory))
        logging.setLogRecordFactory(records)
        settings.CACHES = {"default": {"BACKEND": "tests.http.caches.DeadCache"}}

        assert _log_in_by_turns(door, [_From("192.0.2.1")] * 3) == [200, 200, 200]

    def test_a_forgetful_one_limits_nobody(self, door, ada, settings):
        settings.CACHES = {"default": {"BACKEND": "tests.http.caches.ForgetfulCache"}}

        assert _log_in_by_turns(door, [_From("192.0.2.1")] * 3) == [200, 200, 200]

    def test_one_that_is_down_and_hides_it_limits_nobody(self, door, ada, settings):
        settings.CACHES = {"default": {"BACKEND": "tests.http.caches.SilentCache"}}

        assert _log_in_by_turns(door, [_From("192.0.2.1")] * 3) == [200, 200, 200]

    @pytest.mark.parametrize("path", ["jwt/create/", "totp/recovery/"])
    @pytest.mark.parametrize("prefix", ["/ninja/", "/drf/"])
    @pytest.mark.parametrize("answer", [None, False, "", "busy", b"9", object()])
    def test_one_that_answers_anything_limits_nobody(self, door, settings, answer, prefix, path):
        odd = type("Odd", (DeadCache,), dict.fromkeys(("add", "incr"), lambda *_, **__: answer))
        settings.CACHES = {"default": {"BACKEND": f"{odd.__module__}.Odd"}}
        body = {"username": "a", "password": "b", "email": "a@example.org"}
        with mock.patch.object(sys.modules[odd.__module__], "Odd", odd, create=True):
            statuses = [
                Client().post(prefix + path, body, "application/json").status_code for _ in range(3)
            ]

        assert set(statuses) <= {200, 401}

    def test_one_whose_library_is_missing_limits_nobody(self, door, ada, settings):
        settings.CACHES = {"default": {"BACKEND": "not_installed.Cache"}}

        assert _log_in_by_turns(door, [_From("192.0.2.1")] * 3) == [200, 200, 200]

    def test_a_counter_lives_until_its_hour_is_over(self, door, ada, settings, tmp_path):
        """The `incr` of this backend alone would let it live for five minutes."""
        backend = "django.core.cache.backends.filebased.FileBasedCache"
        settings.CACHES = {"default": {"BACKEND": backend, "LOCATION": str(tmp_path)}}
        settings.TOTP_THROTTLE_RATE = "2/hour"
        _log_in_by_turns(door, [_From("192.0.2.1")] * 2)

        (file,) = tmp_path.glob("*.djcache")
        with file.open("rb") as content:
            expires_at = pickle.load(content)  # noqa: S301 - our own

        assert expires_at > time.time() + 300

    def test_guessing_is_limited_without_one(self, door, ada, settings):
        settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}}
        ada.enrol()
        ada.fail(5)

        answer = ada.answer_challenge(ada.challenge(), otp_code=ada.code(steps=1))

        assert answer.json["code"] == "locked"

    def test_the_setting_says_which(self, door, ada, settings):
        settings.CACHES = settings.CACHES | {
            "default": {"BACKEND": "tests.http.caches.DeadCache"},
            "other": {"BACKEND": _LOCMEM, "LOCATION": f"{__name__}-other"},
        }
        settings.TOTP_THROTTLE_CACHE = "other"
        caches["other"].clear()

        assert _log_in_by_turns(door, [_From("192.0.2.1")] * 3) == [200, 200, 429]

    def test_its_keys_tell_nothing_and_fit_every_backend(self, door, ada):
        _log_in(door, _From("192.0.2.1", "\xff" * 300))

        (key,) = caches["default"]._cache
        assert "ada" not in key
        assert "192.0.2" not in key
        assert len(key) < 250
        assert key.isascii()
        assert key.isprintable()
        assert " " not in key


def test_the_rate_can_change_while_the_site_runs(door, ada, settings):
    caller = _From("192.0.2.1")
    before = _log_in_by_turns(door, [caller] * 3)
    settings.TOTP_THROTTLE_RATE = "10/minute"

    assert (before, _log_in(door, caller)) == ([200, 200, 429], 200)


def test_a_refused_request_is_counted_too(door, ada):
    caller = _From("192.0.2.1")

    statuses = [_log_in(door, caller, "nobody") for _ in range(3)]

    assert statuses == [401, 401, 429]


def test_the_first_request_of_a_caller_takes_one_trip_to_the_cache(monkeypatch):
    monkeypatch.setattr(LocMemCache, "incr", None)

    assert seconds_to_wait("a caller who is new", Rate(1, 60)) is None
