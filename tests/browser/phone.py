"""A phone with an authenticator app: reads a QR code off a picture and shows codes."""

import io
import time

import pyotp
import zxingcpp
from PIL import Image

__all__ = ["Phone", "scan"]

_PERIOD_SECONDS = 30


def scan(picture: bytes) -> "Phone":
    """Point the phone at a screenshot (PNG) with exactly one QR code on it."""
    (found,) = zxingcpp.read_barcodes(Image.open(io.BytesIO(picture)))
    return Phone(found.text)


class Phone:
    """The entry that an otpauth:// address adds to the app."""

    def __init__(self, uri: str) -> None:
        totp = pyotp.parse_uri(uri)
        assert isinstance(totp, pyotp.TOTP)
        self._totp = totp
        self._last_step = 0

    @property
    def label(self) -> str:
        """What the app shows above the code."""
        return f"{self._totp.issuer}: {self._totp.name}"

    def code(self) -> str:
        """A code that was not shown before, as soon as there is one.

        The server takes the code of the step to come as well (a phone may be a little fast), so
        that half of the waiting for the next step falls away.
        """
        step = max(_step_now(), self._last_step + 1)
        while step > _step_now() + 1:
            time.sleep(0.2)
        self._last_step = step
        return self._totp.at(step * _PERIOD_SECONDS)

    def wrong_code(self) -> str:
        """A code that no step anywhere near now has."""
        near = {
            self._totp.at((_step_now() + offset) * _PERIOD_SECONDS) for offset in range(-30, 31)
        }
        return next(code for code in ("000000", "111111", "222222") if code not in near)


def _step_now() -> int:
    return int(time.time()) // _PERIOD_SECONDS
