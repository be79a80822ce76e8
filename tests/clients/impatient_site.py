"""The demo's settings at a site where a proof is soon too old for its own endpoint."""

from tests.browser.single_page.settings import *  # noqa: F403

DANGER_MAX_AGE = 3  # seconds
