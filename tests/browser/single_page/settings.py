"""The demo's settings with another page: TOTP_TEST_SINGLE_PAGE names the folder that holds it."""

import os

from demo.settings import *  # noqa: F403

ROOT_URLCONF = "tests.browser.single_page.urls"
SINGLE_PAGE = os.environ["TOTP_TEST_SINGLE_PAGE"]
# Seconds; a test waits until a proof is too old.
TOTP_STEP_UP_MAX_AGE = DANGER_MAX_AGE = 10
