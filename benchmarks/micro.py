"""What do the pieces of one call cost, without a database? CPU microseconds, median of rounds."""

# The peers need not be installed where the types are checked.
# mypy: disable-error-code="import-not-found"

import timeit
from collections.abc import Callable
from statistics import median
from time import process_time

from django.conf import settings
from django.core.signing import Signer

from benchmarks.apart import answer
from benchmarks.stacks import SECRET

__all__ = ["microseconds"]

_ROUNDS = 7
_ROUND_SECONDS = 0.1
_URI = f"otpauth://totp/Benchmark:somebody%40example.com?secret={SECRET}&issuer=Benchmark"


def _cost(work: Callable[[], object]) -> float:
    timer = timeit.Timer(work, timer=process_time)
    number, taken = timer.autorange()
    number = max(1, int(number * _ROUND_SECONDS / taken))
    return median(timer.repeat(_ROUNDS, number)) / number * 1e6


def _pieces() -> dict[str, Callable[[], object]]:
    from ninja_totp.conf import get_settings
    from ninja_totp.core import otp, provisioning
    from ninja_totp.core.backup_codes import new_codes

    ring, signer = get_settings().key_ring, Signer(salt="benchmark")
    sealed, token, code = ring.seal(SECRET, owner="1"), signer.sign("challenge"), new_codes(1)[0]
    parameters = otp.OtpParameters()
    return {
        "match a code (window 1)": lambda: otp.matching_step(
            SECRET, "000000", at=1_700_000_000, window=1, parameters=parameters
        ),
        "seal a secret": lambda: ring.seal(SECRET, owner="1"),
        "open a secret": lambda: ring.open(sealed, owner="1"),
        "fingerprint a backup code": lambda: ring.fingerprint(code, owner="1"),
        "make ten backup codes": lambda: new_codes(10),
        "sign a challenge": lambda: signer.sign("challenge"),
        "check a challenge's signature": lambda: signer.unsign(token),
        "draw a QR code (SVG)": lambda: provisioning.qr_svg(_URI),
        **_peers_pieces(),
    }


def _peers_pieces() -> dict[str, Callable[[], object]]:
    # Its own modules need its application; these two do not.
    from django_totp.encryption import decrypt, encrypt
    from django_totp.qrsvg import render_qr_code_svg

    token = encrypt(SECRET)
    return {
        "django-totp: open a secret": lambda: decrypt(token),
        "django-totp: draw a QR code (SVG)": lambda: render_qr_code_svg(_URI),
    }


def microseconds() -> dict[str, float]:
    """Return the cost of each piece."""
    if not settings.TOTP_ENCRYPTION_KEY:
        raise ValueError("The settings of the benchmarks are not in use.")
    return {name: _cost(work) for name, work in _pieces().items()}


if __name__ == "__main__":
    answer(microseconds)
