"""The key ring: who can open what, after which changes, and what never shows."""

import base64
import copy
import hmac
import json
import pickle
import traceback
import uuid

import pytest
from cryptography.fernet import Fernet, InvalidToken
from hypothesis import given, strategies as st

from ninja_totp.core.encryption import InvalidKey, KeyRing, SealBroken, new_key

KEY = "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="
OTHER_KEY = "YWJjZGVmZ2hpamtsbW5vcHFyc3R1dnd4eXphYmNkZWY="
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
RING = KeyRing([KEY])

# Every code point JSON can carry, lone surrogates included.
anything = st.text(st.characters(exclude_categories=()))


def hkdf(key, info):
    """Extract and expand by hand (RFC 5869, 2.2 and 2.3), one block of SHA-256."""
    extracted = hmac.digest(bytes(32), base64.urlsafe_b64decode(key), "sha256")
    return hmac.digest(extracted, info + b"\x01", "sha256")


SEALING = Fernet(base64.urlsafe_b64encode(hkdf(KEY, b"ninja_totp v1 seal")))


def test_a_new_key_is_a_fernet_key_and_never_the_same():
    keys = {new_key() for _ in range(100)}

    assert len(keys) == 100
    assert all(len(base64.urlsafe_b64decode(key)) == 32 for key in keys)


@given(text=anything, owner=anything)
def test_what_is_sealed_opens_for_its_owner(text, owner):
    sealed = RING.seal(text, owner=owner)

    assert RING.open(sealed, owner=owner) == text


def test_what_is_sealed_is_a_fernet_token_that_holds_owner_and_version():
    sealed = RING.seal(SECRET, owner="7")

    assert json.loads(SEALING.decrypt(sealed)) == {"v": 1, "u": "7", "s": SECRET}
    assert SECRET not in sealed


def test_the_same_text_never_seals_to_the_same_token():
    assert RING.seal(SECRET, owner="7") != RING.seal(SECRET, owner="7")


@given(owner=anything, thief=anything)
def test_a_seal_that_was_moved_to_another_owner_does_not_open(owner, thief):
    sealed = RING.seal(SECRET, owner=owner)
    other = thief + "x" if thief == owner else thief

    with pytest.raises(SealBroken):
        RING.open(sealed, owner=other)


def test_a_seal_of_a_foreign_key_does_not_open():
    sealed = KeyRing([OTHER_KEY]).seal(SECRET, owner="7")

    with pytest.raises(SealBroken):
        RING.open(sealed, owner="7")


@given(position=st.integers(0, 100), bit=st.integers(0, 7))
def test_a_seal_with_any_bit_turned_over_does_not_open(position, bit):
    token = bytearray(base64.urlsafe_b64decode(RING.seal(SECRET, owner="7")))
    token[position] ^= 1 << bit
    forged = base64.urlsafe_b64encode(token).decode()

    with pytest.raises(SealBroken):
        RING.open(forged, owner="7")


@given(rubbish=anything)
def test_rubbish_does_not_open(rubbish):
    with pytest.raises(SealBroken):
        RING.open(rubbish, owner="7")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"JBSWY3DPEHPK3PXP",
        b"\xff\xfe",
        b"null",
        b'["v", "u", "s"]',
        b'{"v":1,"u":"7"}',
        b'{"v":1,"s":"JBSWY3DP"}',
        b'{"u":"7","s":"JBSWY3DP"}',
        b'{"v":2,"u":"7","s":"JBSWY3DP"}',
        b'{"v":1,"u":7,"s":"JBSWY3DP"}',
        b'{"v":1,"u":"7","s":null}',
        b"[" * 100_000,
    ],
)
def test_a_token_of_our_key_that_is_no_seal_does_not_open(body):
    token = SEALING.encrypt(body).decode()

    with pytest.raises(SealBroken):
        RING.open(token, owner="7")


def test_a_seal_stays_good_for_years():
    body = json.dumps({"v": 1, "u": "7", "s": SECRET}).encode()
    old = SEALING.encrypt_at_time(body, current_time=0).decode()

    assert RING.open(old, owner="7") == SECRET


def test_chosen_text_under_the_same_key_is_no_seal():
    forged = RING.encrypt(json.dumps({"v": 1, "u": "7", "s": SECRET}))

    with pytest.raises(SealBroken):
        RING.open(forged, owner="7")


def test_a_broken_seal_takes_no_plain_text_along():
    token = SEALING.encrypt(SECRET.encode()).decode()

    with pytest.raises(SealBroken) as caught:
        RING.open(token, owner="7")

    assert caught.value.__context__ is None
    assert SECRET not in "".join(traceback.format_exception(caught.value))


@given(text=anything)
def test_what_is_encrypted_decrypts(text):
    assert RING.decrypt(RING.encrypt(text)) == text


def test_plain_encryption_is_fernet_as_everybody_knows_it():
    assert Fernet(KEY).decrypt(RING.encrypt("Grüße")) == "Grüße".encode()
    assert RING.decrypt(Fernet(KEY).encrypt("Grüße".encode()).decode()) == "Grüße"


@given(rubbish=anything)
def test_decrypting_rubbish_is_an_invalid_token(rubbish):
    with pytest.raises(InvalidToken):
        RING.decrypt(rubbish)


def test_decrypting_bytes_that_are_no_text_shows_none_of_them():
    token = Fernet(KEY).encrypt(b"\xff" + SECRET.encode()).decode()

    with pytest.raises(InvalidToken) as caught:
        RING.decrypt(token)

    assert caught.value.__context__ is None


def test_an_old_key_still_opens_and_the_new_one_seals():
    old = RING.seal(SECRET, owner="7")
    both = KeyRing([OTHER_KEY, KEY])

    new = both.seal(SECRET, owner="7")

    assert both.open(old, owner="7") == SECRET
    assert KeyRing([OTHER_KEY]).open(new, owner="7") == SECRET
    with pytest.raises(SealBroken):
        RING.open(new, owner="7")


@pytest.mark.parametrize("spelling", [KEY.encode(), KEY + "\n", f"  {KEY} "])
def test_a_key_may_be_bytes_or_stand_between_blanks(spelling):
    sealed = KeyRing([spelling]).seal(SECRET, owner="7")

    assert RING.open(sealed, owner="7") == SECRET


def test_key_ids_follow_the_order_of_the_keys():
    ring = KeyRing([OTHER_KEY, KEY])

    assert ring.key_ids == (KeyRing([OTHER_KEY]).current_key_id, RING.current_key_id)
    assert ring.current_key_id == ring.key_ids[0]
    assert len(set(ring.key_ids)) == 2


def test_a_key_id_is_derived_by_hkdf():
    assert RING.current_key_id == hkdf(KEY, b"ninja_totp v1 key id")[:4].hex()


def test_a_key_that_is_listed_twice_counts_once():
    assert KeyRing([KEY, OTHER_KEY, KEY]).key_ids == KeyRing([KEY, OTHER_KEY]).key_ids


def test_a_ring_without_keys_is_refused():
    with pytest.raises(InvalidKey, match="no key"):
        KeyRing([])


@pytest.mark.parametrize(
    "wrong",
    [
        "",
        "short",
        KEY[:-1],
        KEY[:-4],
        KEY + KEY,
        f"{KEY}\n{OTHER_KEY}",
        "schlüssel" + KEY,
        "é" * 44,
        b"\xff" * 44,
        None,
        5,
    ],
)
def test_a_wrong_key_is_named_by_its_position_alone(wrong):
    with pytest.raises(InvalidKey) as caught:
        KeyRing([KEY, wrong])

    assert str(caught.value) == "Key 2 of 2 is not 32 bytes in URL-safe base64."
    assert caught.value.__context__ is None


def test_one_key_instead_of_a_list_is_refused():
    with pytest.raises(InvalidKey):
        KeyRing(KEY)


def test_a_fingerprint_is_an_hmac_under_a_key_derived_by_hkdf():
    message = (1).to_bytes(8, "big") + b"7" + (4).to_bytes(8, "big") + b"CODE"
    expected = hmac.digest(hkdf(KEY, b"ninja_totp v1 fingerprint"), message, "sha256")

    found = RING.fingerprint("CODE", owner="7")
    marked = [6, 8]  # the bytes in which a UUID says of what kind it is
    assert [found.bytes[i] for i in range(16) if i not in marked] == [
        expected[i] for i in range(16) if i not in marked
    ]


@given(text=anything)
def test_a_fingerprint_is_a_uuid_of_a_kind_that_every_database_takes(text):
    found = RING.fingerprint(text, owner="7")

    assert (found.variant, found.version) == (uuid.RFC_4122, 4)


def test_a_fingerprint_never_changes_from_release_to_release():
    fingerprint = RING.fingerprint("CODE", owner="7")

    assert fingerprint == uuid.UUID("18f58120-4c55-4606-9d48-9a2263a95ff9")


@given(first=st.tuples(anything, anything), second=st.tuples(anything, anything))
def test_only_the_same_text_of_the_same_owner_has_the_same_fingerprint(first, second):
    same = RING.fingerprint(first[0], owner=first[1]) == RING.fingerprint(
        second[0], owner=second[1]
    )

    assert same == (first == second)


def test_text_cannot_slide_over_to_the_owner():
    assert RING.fingerprint("23", owner="1") != RING.fingerprint("3", owner="12")


def test_a_row_written_before_a_rotation_is_found_after_it():
    both = KeyRing([OTHER_KEY, KEY])

    found = both.fingerprints("CODE", owner="7")

    assert found[0] == both.fingerprint("CODE", owner="7")
    assert found == (
        KeyRing([OTHER_KEY]).fingerprint("CODE", owner="7"),
        RING.fingerprint("CODE", owner="7"),
    )


def test_a_key_ring_shows_its_key_ids_alone():
    shown = repr(RING) + str(RING)

    assert RING.current_key_id in shown
    assert KEY not in shown
    assert not hasattr(RING, "__dict__")


@pytest.mark.parametrize("leak", [pickle.dumps, copy.copy, copy.deepcopy])
def test_a_key_ring_is_not_pickled(leak):
    with pytest.raises(TypeError, match="not pickled"):
        leak(RING)


def test_a_ring_that_was_just_made_encrypts():
    ring = KeyRing([KEY])

    assert ring.decrypt(ring.encrypt("text")) == "text"


def test_what_is_wrong_is_said_in_full():
    with pytest.raises(InvalidKey, match=r"\AThere is no key\.\Z"):
        KeyRing([])
    with pytest.raises(SealBroken, match=r"\AThe sealed text cannot be opened\.\Z"):
        KeyRing([KEY]).open("rubbish", owner="7")
    with pytest.raises(
        TypeError,
        match=r"\AA key ring is not pickled: its keys would end up in a cache or a queue\.\Z",
    ):
        pickle.dumps(KeyRing([KEY]))
