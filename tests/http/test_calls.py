"""What every call costs: one thread hop, few statements, and no moment of the event loop."""

import asyncio

import pytest
from asgiref.sync import SyncToAsync
from django.contrib.auth.hashers import MD5PasswordHasher
from django.core.cache import caches
from django.core.cache.backends.locmem import LocMemCache
from django.db import connection
from ninja.security import django_auth
from ninja_jwt.authentication import AsyncJWTAuth

from ninja_totp.api import create_recovery_router
from tests.http.calls import CALLS
from tests.http.document import document_of, operations_of
from tests.http.hosts import JWT, SESSION, TOTP, new_api
from tests.urls import api

_RECOVERY = create_recovery_router()

every_call = pytest.mark.parametrize("call", CALLS, ids=str)

# Statements of a request with a bearer token or none: the user's row (1), the use case, and a line
# for each thing that is worth one in the user's history. A proof in the body is used up by a write
# of its own (the account's authenticators; the account and the authenticator) before the change.
_STATEMENTS = {
    # The account; the new row of one, the pending secret.
    "POST totp/create/": 1 + 3,
    # Account and pending secret; the account, its authenticator, old codes, new codes; a line.
    "POST totp/confirm/": 1 + 5 + 1,
    # The proof (4), and the account as it is then; the account, its authenticators and codes.
    "POST totp/disable/": 1 + 3 + 4 + 1,
    # The same, by a backup code: the unused ones are read too. The account, old codes, new codes.
    "POST totp/rotate_backup_codes/": 1 + 4 + 4 + 2,
    "POST totp/replace/": 1 + 4,
    "GET totp/authenticators/": 1 + 1,
    # The proof; the account, how many there are, its version, an earlier pending one, the new one.
    "POST totp/authenticators/": 1 + 3 + 5,
    # The account, the authenticators; the account's version, the name, a line.
    "PATCH totp/authenticators/{authenticator_id}/": 1 + 4 + 1,
    # The proof; the account, the authenticators; its version, the one that goes, a line.
    "DELETE totp/authenticators/{authenticator_id}/": 1 + 3 + 4 + 1,
    # The account, its authenticators, how many codes are left.
    "GET totp/status/": 1 + 3,
    "GET totp/events/": 1 + 1,
    "GET totp/trusted_devices/": 1 + 2,
    "DELETE totp/trusted_devices/{device_id}/": 1 + 1 + 1,
    "POST totp/verify/": 1 + 3,
    # The accounts of the address (under the test runner the mail is sent at once), the account, the
    # cool-down, its version, the earlier links, the new one.
    "POST totp/recovery/": 1 + 5,
    # The link with its user and account, its attempt; the account twice, authenticators, codes, the
    # link's use, the user as they are now, the event, devices, challenges, the password's hash;
    # the notice's user.
    "POST totp/recovery_confirm/": 15,
    "POST totp/recovery_cancel/": 2,
    "POST jwt/create/": 1 + 3,
    # The challenge with all that a second step needs, the backend's user; account, authenticator,
    # challenge.
    "POST jwt/totp/verify/": 2 + 3,
    # The token with its user, the backend's user, the account; its version, an earlier pending
    # secret, the new one.
    "POST jwt/totp/create/": 6,
    # The token with its user and account, the backend's user; then as above, and the token is used
    # up.
    "POST jwt/totp/confirm/": 2 + 6 + 1,
    # And whether the token goes back to before a recovery.
    "POST jwt/refresh/": 1 + 1,
    "POST jwt/verify/": 1,
}
# There what a proof writes, with its line in the history, is one statement.
_ON_POSTGRESQL = _STATEMENTS | {
    "POST totp/disable/": 1 + 2 + 4 + 1,
    "POST totp/rotate_backup_codes/": 1 + 3 + 4 + 1,
    "POST totp/authenticators/": 1 + 2 + 5,
    "DELETE totp/authenticators/{authenticator_id}/": 1 + 2 + 4 + 1,
    "POST totp/verify/": 1 + 2,
    "POST jwt/totp/verify/": 2 + 1,
}
_FRAMES = ("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE", "SET SESSION", "ROLLBACK")


def test_the_table_lacks_no_call():
    assert {str(operation) for operation in operations_of(document_of(api))} == set(map(str, CALLS))


@every_call
def test_a_call_succeeds(door, ada, call):
    answer = call.send(ada, call.prepare(ada))

    assert answer.status in (200, 201, 204)


@pytest.mark.parametrize("call", [call for call in CALLS if str(call) in _STATEMENTS], ids=str)
def test_a_request_sends_no_statement_beside_its_use_case(door, ada, call, settings):
    settings.TOTP_NOTICES = []  # a site looks up whom it writes to in another thread
    request = call.prepare(ada)
    statements = []

    def count(execute, sql, params, many, context):
        statements.append(sql)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(count):
        call.send(ada, request)

    expected = _ON_POSTGRESQL if connection.vendor == "postgresql" else _STATEMENTS
    assert len([sql for sql in statements if not sql.startswith(_FRAMES)]) == expected[str(call)]


@pytest.fixture
def hops(monkeypatch):
    """The functions that were sent to a thread."""
    sent = []
    run = SyncToAsync.__call__

    async def record(self, *args, **kwargs):
        sent.append(self.func)
        return await run(self, *args, **kwargs)

    monkeypatch.setattr(SyncToAsync, "__call__", record)
    return sent


@pytest.fixture
def idle_host(mount):
    """Our routers beside an endpoint that does nothing, under the same authentication."""
    host = new_api()
    signed_in = [AsyncJWTAuth(), django_auth]
    host.add_router("/totp/", TOTP, auth=signed_in)
    host.add_router("/totp/", _RECOVERY)
    host.add_router("/jwt/", JWT)
    host.add_router("/session/", SESSION)

    async def nothing(request):
        return {}

    host.get("/totp/nothing/", auth=signed_in)(nothing)
    host.get("/jwt/nothing/")(nothing)
    host.get("/session/nothing/")(nothing)
    mount(host)


def _neighbour(call):
    """Where an endpoint is that does nothing under the same authentication."""
    path = call.name.partition(" ")[2]
    return "jwt" if path.startswith("totp/recovery") else path.partition("/")[0]


@every_call
def test_a_call_hops_to_a_thread_once(door, ada, idle_host, hops, call):
    request = call.prepare(ada)
    hops.clear()
    request.credential.send("GET", f"{door.prefix}{_neighbour(call)}/nothing/")
    idle = len(hops)
    hops.clear()

    call.send(ada, request)

    assert len(hops) - idle == 1


def _is_on_event_loop():
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True


class RecordingCache(LocMemCache):
    """Remembers for each operation whether it held the event loop."""

    held = []

    def add(self, *args, **kwargs):
        self.held.append(_is_on_event_loop())
        return super().add(*args, **kwargs)

    def incr(self, *args, **kwargs):
        self.held.append(_is_on_event_loop())
        return super().incr(*args, **kwargs)


class RecordingHasher(MD5PasswordHasher):
    """Remembers for each password whether hashing it held the event loop."""

    algorithm = "recording_md5"
    held = []

    def encode(self, password, salt):
        self.held.append(_is_on_event_loop())
        return super().encode(password, salt)


@pytest.fixture
def held(settings):
    """Whether each wait for the cache, the database or a password hash held the event loop."""
    settings.TOTP_THROTTLE_RATE = "1000/minute"
    settings.CACHES = {"default": {"BACKEND": f"{__name__}.RecordingCache"}}
    settings.PASSWORD_HASHERS = [f"{__name__}.RecordingHasher"]
    caches["default"].clear()
    RecordingCache.held = RecordingHasher.held = held = []

    def record(execute, sql, params, many, context):
        held.append(_is_on_event_loop())
        return execute(sql, params, many, context)

    with connection.execute_wrapper(record):
        yield held


@every_call
def test_a_call_never_holds_the_event_loop(held, door, ada, call, settings):
    settings.TOTP_THROTTLE_RATE = "1000/minute"
    request = call.prepare(ada)
    held.clear()

    call.send(ada, request)

    assert held
    assert not any(held)


def test_a_refused_request_costs_no_hop(door, ada, idle_host, hops):
    hops.clear()

    door.post_raw("jwt/create/", b"{", "application/json")
    door.post_raw("jwt/create/", b"{}", "text/plain")
    door.post("jwt/create/", {})

    assert hops == []
