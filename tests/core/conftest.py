"""Hypothesis for the core: how long one example takes says something about the machine only."""

from hypothesis import settings

settings.register_profile("core", deadline=None)
settings.load_profile("core")
