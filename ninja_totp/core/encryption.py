"""The key ring: it encrypts and fingerprints what is stored in the database.

Secrets are sealed: encrypted with Fernet (AES-128-CBC, then HMAC-SHA256) together with their owner,
so a row moved to another account by SQL cannot be decrypted. The source of the keys and the
re-encryption of rows are elsewhere.
"""

import base64
import hashlib
import hmac
import json
import re
import uuid
from collections.abc import Sequence
from typing import NoReturn

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

# Lone surrogates come out of JSON and must neither crash nor be quoted in an error message.
_UTF8 = ("utf-8", "surrogatepass")
_SEAL_VERSION = 1
_KEY_FORM = re.compile("[A-Za-z0-9_/+-]{43}=")


class InvalidKey(ValueError):
    """A key is missing or is no Fernet key. The message has its position, never its value."""


class SealBroken(Exception):
    """The text was changed, belongs to another key or owner, or was not sealed by us."""


def new_key() -> str:
    """Return a new Fernet key: 32 random bytes in URL-safe base64."""
    return Fernet.generate_key().decode()


class KeyRing:
    """An ordered set of Fernet keys: the first one encrypts, all of them decrypt.

    `key_ids` has eight hex characters for each key, in order; they tell keys apart and reveal
    nothing. `current_key_id` is that of the first. Raises InvalidKey if `keys` is empty or contains
    anything but Fernet keys.
    """

    __slots__ = ("_fernet", "_fingerprint_keys", "_sealing", "current_key_id", "key_ids")

    def __init__(self, keys: Sequence[str | bytes]) -> None:
        raw_keys = _decoded(keys)
        self._fernet = MultiFernet([_cipher(raw) for raw in raw_keys])
        # Of its own: text that a project encrypts with the same keys must never pass for a seal.
        self._sealing = MultiFernet([_cipher(_derived(raw, b"seal", 32)) for raw in raw_keys])
        self._fingerprint_keys = tuple(_derived(raw, b"fingerprint", 32) for raw in raw_keys)
        self.key_ids = tuple(_derived(raw, b"key id", 4).hex() for raw in raw_keys)
        self.current_key_id = self.key_ids[0]

    def __repr__(self) -> str:
        return f"KeyRing(key_ids={self.key_ids})"

    def __reduce__(self) -> NoReturn:
        raise TypeError("A key ring is not pickled: its keys would end up in a cache or a queue.")

    def seal(self, text: str, *, owner: str) -> str:
        """Return `text` encrypted so that `open` gives it back for the same owner only."""
        # Fernet has no associated data to hold the owner, so it goes inside.
        body = {"v": _SEAL_VERSION, "u": owner, "s": text}
        return self._sealing.encrypt(json.dumps(body, separators=(",", ":")).encode()).decode()

    def open(self, sealed: str, *, owner: str) -> str:
        """Return what `seal` was given. SealBroken when it was not sealed by us for `owner`.

        A seal has no age limit: a secret stays in the database as long as it is in use.
        """
        text = self._opened(sealed, owner)
        # Raised out here, where no exception that carries the plain text hangs on to it.
        if text is None:
            raise SealBroken("The sealed text cannot be opened.")
        return text

    def encrypt(self, text: str) -> str:
        """Return `text` as a plain Fernet token, bound to no owner."""
        return self._fernet.encrypt(text.encode(*_UTF8)).decode()

    def decrypt(self, token: str) -> str:
        """Return the text of a plain Fernet token; cryptography's InvalidToken if it is none."""
        text = _decrypted(self._fernet, token)
        if text is None:
            raise InvalidToken
        return text

    def fingerprint(self, text: str, *, owner: str) -> uuid.UUID:
        """Return the keyed fingerprint of `text` for `owner` under the current key.

        122 bits of HMAC-SHA256 in a UUID, which every database indexes as 16 bytes.
        """
        return self.fingerprints(text, owner=owner)[0]

    def fingerprints(self, text: str, *, owner: str) -> tuple[uuid.UUID, ...]:
        """Return one fingerprint for each key, the current one first, to look up old rows."""
        message = _framed(owner) + _framed(text)
        # A list: an error report would show the key in the frame of a generator.
        digests = [hmac.digest(key, message, "sha256") for key in self._fingerprint_keys]
        # Marked as version 4, pseudo-random (RFC 9562, 5.4), as every database knows it: MariaDB
        # refuses unmarked ones, and some of version 8.
        return tuple([uuid.UUID(bytes=digest[:16], version=4) for digest in digests])

    def _opened(self, sealed: str, owner: str) -> str | None:
        try:
            body = json.loads(_decrypted(self._sealing, sealed) or "")
        except (ValueError, RecursionError):
            return None
        match body:
            case {"v": version, "u": str(sealed_for), "s": str(text)}:
                return text if (version, sealed_for) == (_SEAL_VERSION, owner) else None
        return None


def _cipher(raw_key: bytes) -> Fernet:
    return Fernet(base64.urlsafe_b64encode(raw_key))


def _decrypted(ring: MultiFernet, token: str) -> str | None:
    try:
        return ring.decrypt(token).decode(*_UTF8)
    except (InvalidToken, ValueError):
        return None


def _decoded(keys: Sequence[str | bytes]) -> list[bytes]:
    if not keys:
        raise InvalidKey("There is no key.")
    raw_keys = []
    for position, key in enumerate(keys, start=1):
        text = key.decode("ascii", "replace") if isinstance(key, bytes) else str(key)
        # Python's decoder, and Fernet with it, skips foreign characters and stops at the first "=":
        # two keys in one environment variable would pass for the first of them.
        if _KEY_FORM.fullmatch(text.strip()) is None:
            raise InvalidKey(f"Key {position} of {len(keys)} is not 32 bytes in URL-safe base64.")
        raw_keys.append(base64.urlsafe_b64decode(text))
    # A key that is listed twice would only double the work of every look-up.
    return list(dict.fromkeys(raw_keys))


def _derived(raw_key: bytes, purpose: bytes, length: int) -> bytes:
    # One key, one use (RFC 5869): the first half of a Fernet key already signs tokens and the
    # second encrypts them, so neither may also make fingerprints. Changing `info` makes every
    # stored fingerprint unfindable.
    info = b"ninja_totp v1 " + purpose
    return HKDF(algorithm=SHA256(), length=length, salt=None, info=info).derive(raw_key)


def _framed(text: str) -> bytes:
    # With its length in front, owner "1" and text "23" cannot pass for owner "12" and text "3".
    data = text.encode(*_UTF8)
    return len(data).to_bytes(8, "big") + data


def password_fingerprint(stored: str) -> str:
    """Return what changes whenever the password does, of the hash that is stored of it.

    A digest of the hash, not of the password: it tells a reader of the table nothing that the user
    table beside it does not say already. One that can match no password ("!" and random letters, in
    Django) has one constant fingerprint: a directory's login makes a new one each time.
    """
    return hashlib.sha256((stored[:1] if stored[:1] == "!" else stored).encode()).hexdigest()[:32]
