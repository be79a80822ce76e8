"""The packages that users can be carried over from, by the name that the command takes."""

from collections.abc import Mapping

from ninja_totp.importers.peers import Source
from ninja_totp.importers.sources import django_totp

__all__ = ["SOURCES"]

SOURCES: Mapping[str, Source] = {source.name: source for source in (django_totp.SOURCE,)}
