"""The same page at a site where everybody needs a second factor."""

from tests.browser.single_page.settings import *  # noqa: F403

TOTP_REQUIRED = "all"
