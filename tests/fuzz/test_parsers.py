"""Every function that reads what somebody else wrote, on input of every kind.

Codes, keys, seals and URIs by themselves are in tests/core, and requests as a whole in
test_conformance.py of both doors. `make fuzz` looks further, guided by coverage.
"""

import base64
from itertools import chain

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.signing import Signer
from django.test import RequestFactory
from hypothesis import HealthCheck, example, given, settings, strategies as st

from demo.authenticator import read_authenticator
from ninja_totp import clock, conf
from ninja_totp.client_address import client_address, ip_in
from ninja_totp.core.errors import InvalidChallenge, InvalidCode, InvalidRecovery, Unavailable
from ninja_totp.http.caller import anonymous_ident
from ninja_totp.http.issuers.jwt import bearer_token
from ninja_totp.importers.found import ImportedFactor, Refused, checked
from ninja_totp.importers.peers import found_by
from ninja_totp.importers.sources import django_totp, drf_totp
from ninja_totp.importers.writer import _code_rows, _last_step
from ninja_totp.models import Account, Authenticator
from ninja_totp.services import (
    Proof,
    begin_login,
    complete_login,
    get_user_from_challenge_token,
    verify_backup_code,
    verify_totp_code,
)
from ninja_totp.services.recovery import links as recovery_links
from tests.importers.rows import GOOD, holding, owner_of, rows_of
from tests.support.cast import PASSWORD
from tests.support.settings import FIELDS, settings_with

# The fixtures change nothing between two examples: all of these calls refuse.
_WITH_ROWS = settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
_REQUESTS = RequestFactory()

# Lone surrogates as well: JSON can bring them.
texts = st.text(st.characters(), max_size=200)
# What WSGI makes of the bytes of a header.
headers = st.text(st.characters(max_codepoint=255, exclude_characters="\r\n\0"), max_size=200)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=6,
)
values = json_values | st.binary(max_size=50) | st.builds(object) | st.tuples(texts, texts)
addresses = st.ip_addresses().map(str)
entries = addresses | addresses.map("[{}]:443".format) | addresses.map("{}:80".format) | headers
forwarded = st.lists(entries, max_size=4).map(", ".join)
# As Django's hashers write them, with rubbish in places.
hashes = st.builds(
    "{}${}${}${}".format,
    st.sampled_from(["pbkdf2_sha256", "pbkdf2_sha1", "md5", "scrypt", "hmac_sha256", "argon2"]),
    # No more rounds than take no time, or more than any machine can count.
    (st.integers(-2, 9) | st.integers(min_value=2**64)).map(str) | texts.map("x{}".format),
    texts,
    texts,
)
# What packages keep in JSON: as they write it in some places, anything in others.
secrets = st.binary(min_size=20, max_size=20).map(base64.b32encode).map(bytes.decode)
signed = secrets.map(Signer(salt="dj-rest-auth-mfa-totp-secret").sign)
lists = st.lists(json_values | texts | hashes, max_size=3)
documents = json_values | st.fixed_dictionaries(
    {"secret": secrets | signed | json_values, "secret_key": secrets | json_values},
    optional={
        "last_code": st.just("123456") | json_values,
        "last_verified_counter": st.integers(-1, 2**70) | json_values,
        "seed": st.binary(max_size=20).map(bytes.hex) | json_values,
        "used_mask": st.integers() | json_values,
        "codes": lists | json_values,
        "used": st.lists(st.integers(-2, 3)) | json_values,
        "migrated_plaintext": json_values,
        "secret_keys": lists | json_values,
    },
)


def texts_in(document):
    """Every text in a document of JSON that is long enough to be a secret."""
    if isinstance(document, str):
        return {document} if len(document) >= 16 else set()
    if isinstance(document, dict):
        return set().union(*map(texts_in, document.values()))
    return set().union(*map(texts_in, document)) if isinstance(document, list) else set()


def _forget_failures(owner):
    """Let no example be locked out by those before it, nor meet their codes."""
    Account.objects.filter(pk=owner.user.pk).update(
        failures=0,
        budget_full_epoch=0,
        backup_failures=0,
        backup_budget_full_epoch=0,
    )


def request_with(**meta):
    return _REQUESTS.get("/", **meta)


@pytest.mark.parametrize("name", FIELDS)
@settings(max_examples=20)
@given(value=values)
def test_a_setting_is_used_or_refused_by_its_name(name, value):
    refusals = []
    try:
        settings_with(name, value)
    except ImproperlyConfigured as refused:
        refusals.append(str(refused))

    assert all(sentence.startswith(f"{name} must ") for sentence in refusals)


@pytest.mark.parametrize("proxies", [None, 0, 1, 2])
@given(header=forwarded, remote=entries, account=texts)
def test_every_request_comes_from_somewhere(proxies, header, remote, account):
    request = request_with(HTTP_X_FORWARDED_FOR=header, REMOTE_ADDR=remote)

    address = client_address(request, num_proxies=proxies)

    assert address is None or address in {remote, *(one.strip() for one in header.split(","))}
    assert anonymous_ident(request, account, num_proxies=proxies).startswith(("address", "proxy"))


@given(text=texts | entries)
def test_an_address_is_read_the_same_when_it_is_read_again(text):
    ip = ip_in(text)

    assert ip is None or ip_in(str(ip)) == ip


@given(header=headers)
def test_a_header_holds_a_token_or_none(header):
    token = bearer_token(request_with(HTTP_AUTHORIZATION=header))

    assert token is None or (token and token in header)


@given(uid=texts)
def test_a_uid_is_text_or_none(uid):
    try:
        text = recovery_links.decode_uid(uid)
    except ValueError:
        return

    assert recovery_links.decode_uid(recovery_links.encode_uid(text)) == text


@given(secret=texts, codes=st.lists(texts, max_size=3))
def test_a_factor_of_elsewhere_is_carried_over_or_refused(secret, codes):
    factor = ImportedFactor(1, secret, backup_codes=tuple(codes))

    found = checked(factor)

    assert isinstance(found, Refused) or checked(found) == found


@pytest.mark.parametrize("source", [django_totp, drf_totp])
@given(text=texts)
def test_what_a_source_has_encrypted_is_opened_or_not(source, text):
    opened = source._decrypted(f"enc:{text}")

    assert opened is None or opened == f"enc:{text}"


@pytest.mark.parametrize("source", GOOD)
@given(totp=documents, codes=documents)
@example(totp={}, codes={})
@example(totp={"secret": None, "secret_key": None}, codes=None)
def test_json_of_any_shape_keeps_nobody_else_from_being_carried_over(source, totp, codes):
    rows = [
        *rows_of(1, GOOD[source][0], codes=GOOD[source][1]),
        *rows_of(2, totp, codes=codes),
        *rows_of(3, GOOD[source][0], codes=GOOD[source][1]),
    ]
    with holding(source, rows):
        found = list(found_by(source.SOURCE, [owner_of(source, pk) for pk in (1, 2, 3)]))

    kept = [checked(one) if isinstance(one, ImportedFactor) else one for one in found]
    assert [len(one.backup_codes + one.lost_codes) for one in (kept[0], kept[2])] == [1, 1]
    told = [getattr(kept[1], name, ()) for name in ("notes", "lost_codes")]
    said = getattr(kept[1], "reason", "") + " ".join(chain(*told))
    assert not [text for text in texts_in(totp) | texts_in(codes) if text in said]
    if isinstance(kept[1], ImportedFactor):
        assert 0 <= _last_step(kept[1]) <= clock.now()
        assert {row.user_id for row in _code_rows(kept[1])} <= {2}


@given(text=texts)
def test_the_authenticator_of_the_demo_reads_or_says_why_not(text):
    with pytest.raises(ValueError, match=r"\w"):
        read_authenticator(f"otpauth://{text}")


@pytest.mark.django_db
class TestWithAnAccount:
    """What is looked up in the database on the way."""

    @_WITH_ROWS
    @given(text=texts)
    def test_a_challenge_of_nobody_is_refused(self, owner, text):
        with pytest.raises(InvalidChallenge):
            get_user_from_challenge_token(text)
        with pytest.raises(InvalidChallenge):
            complete_login(text, Proof(otp_code="123456"))

    @_WITH_ROWS
    @given(text=texts)
    def test_a_signed_challenge_that_was_never_opened_is_refused(self, owner, text):
        name = text.encode("utf-8", "replace").decode()
        signed = Signer(salt=conf.get_settings().token_salt).sign(name)

        with pytest.raises(InvalidChallenge):
            get_user_from_challenge_token(signed)

    @_WITH_ROWS
    @given(uid=texts | st.integers().map(recovery_links.encode_uid), token=texts)
    def test_a_link_that_was_never_sent_is_refused(self, owner, uid, token):
        with pytest.raises(InvalidRecovery):
            recovery_links.open_link(uid, token)

    @_WITH_ROWS
    @given(token=texts | st.uuids().map("{}.x".format))
    def test_a_device_that_nobody_trusts_is_asked_for_the_second_factor(
        self, owner, settings, token
    ):
        settings.TOTP_TRUSTED_DEVICE_MAX_AGE = 86_400

        step = begin_login(None, username="ada", password=PASSWORD, trusted_device_token=token)

        assert step.challenge_token is not None

    @_WITH_ROWS
    @given(text=texts)
    def test_no_text_is_a_code_by_chance(self, owner, settings, text):
        _forget_failures(owner)

        assert not verify_totp_code(owner.user, f"{text}x")
        assert not verify_backup_code(owner.user, f"{text}x")
        with pytest.raises(InvalidCode):
            owner.log_in(otp_codes=(f"{text}x", text))

    @_WITH_ROWS
    @given(stored=texts)
    def test_whatever_stands_in_the_place_of_a_secret_is_opened_for_nobody(self, owner, stored):
        _forget_failures(owner)
        storable = stored.encode("utf-8", "ignore").decode().replace("\0", "")
        Authenticator.objects.filter(account=owner.user.pk).update(secret=storable)

        with pytest.raises(Unavailable):
            verify_totp_code(owner.user, owner.authenticator.code())
