"""The demo's settings for one walk after the other, however slow or fast the machine is."""

from demo.settings import *  # noqa: F403

DANGER_MAX_AGE_SECONDS = 10
TOTP_STEP_UP_MAX_AGE = 900  # the default of the package
TOTP_THROTTLE_RATE = None
