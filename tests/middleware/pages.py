"""What the site has on its disk."""

from pathlib import Path

__all__ = ["MEDIA"]

MEDIA = Path(__file__).parent
