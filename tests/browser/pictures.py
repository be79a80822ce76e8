"""The pictures of the documentation: which there are, and how they are kept small.

`test_pictures.py` takes them on its walks; `make screenshots` puts them where the pages look for
them. No test stands here.
"""

import io
import os
from pathlib import Path

from PIL import Image

__all__ = ["FOLDER", "LARGEST", "NAMES", "Album"]

FOLDER = "docs/assets/screenshots"
# A page has to open at once on a slow line too.
LARGEST = 100_000
NAMES = (
    "demo-enrol",
    "demo-backup-codes",
    "demo-second-step",
    "admin-list",
    "admin-detail",
    "admin-reset",
    "admin-second-step",
    "verify-page",
)
_COLOURS = 64
_MARGIN = 24  # pixels


class Album:
    """Keeps pictures in the folder that TOTP_PICTURES names, or else in one of the test's own."""

    def __init__(self, usual: Path) -> None:
        self.folder = Path(os.environ.get("TOTP_PICTURES", usual))
        self.folder.mkdir(parents=True, exist_ok=True)
        self.taken: list[str] = []

    def keep(self, name: str, picture: bytes) -> None:
        """Keep a screenshot (PNG) with as many colours as a page of text needs."""
        assert name in NAMES
        image = _without_its_empty_end(Image.open(io.BytesIO(picture)).convert("RGB"))
        target = self.folder / f"{name}.png"
        image.quantize(_COLOURS, dither=Image.Dither.NONE).save(target, optimize=True)
        assert target.stat().st_size < LARGEST
        self.taken.append(name)


def _without_its_empty_end(image: Image.Image) -> Image.Image:
    """Cut off what a short page leaves free at the bottom of a screen, but for a margin."""
    width, height = image.size
    data, length = image.tobytes(), width * len(image.getbands())
    last = data[-length:]
    used = height
    while used > 1 and data[(used - 1) * length : used * length] == last:
        used -= 1
    return image.crop((0, 0, width, min(height, used + _MARGIN)))
