"""How likely guessing is at this site's settings. The arithmetic is `core/guessing.py`."""

import math

from ninja_totp.conf import TotpSettings, get_settings
from ninja_totp.core.guessing import GuessProbability, guess_probability

YEAR_SECONDS = 365 * 86_400
# From how many addresses the attacker of the README's guarantee works.
GUARANTEED_ADDRESSES = 3


def site_guess_probability(
    horizon_seconds: int = YEAR_SECONDS,
    *,
    addresses: int = GUARANTEED_ADDRESSES,
    owner_acts: bool = True,
) -> GuessProbability:
    """Return the chances of somebody who knows a user's password, within `horizon_seconds`.

    `addresses` is from how many he tries pairs of codes all the time, at one login door; it
    matters as long as TOTP_TWO_CODE_UNLOCK is on. With `owner_acts` the owner may log in however
    often; without, the hard cap ends the guessing. Imported factors with a wider window of their
    own, and imported backup codes, are not considered. ValueError for a negative number.
    """
    settings = get_settings()
    return guess_probability(
        settings.lockout,
        horizon_seconds,
        digits=settings.parameters.digits,
        window=settings.window,
        backup_codes=settings.max_backup_codes,
        pairs=_pairs(settings, horizon_seconds, addresses),
        owner_acts=owner_acts,
    )


def _pairs(settings: TotpSettings, horizon_seconds: int, addresses: int) -> float:
    """Return how many pairs can be tried from so many addresses while the account is locked."""
    if not settings.two_code_unlock or addresses == 0:
        return 0
    rate = settings.throttle_rate
    if rate is None:
        return math.inf
    # Wherever the horizon begins, it touches two periods of the throttle in part.
    logins = addresses * rate.requests * (-(-horizon_seconds // rate.seconds) + 1)
    if settings.num_proxies is None:
        # As many again by requests with X-Forwarded-For, which are counted by name.
        logins *= 2
    # A second step is counted by its challenge alone, so that all attempts of each can be made.
    return logins * settings.challenge_max_attempts
