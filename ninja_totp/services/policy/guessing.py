"""The probability of guessing at the settings of this site. The formula: `core/guessing.py`."""

from ninja_totp.conf import get_settings
from ninja_totp.core.backup_codes import BITS_OF_A_CHARACTER
from ninja_totp.core.guessing import GuessProbability, guess_probability
from ninja_totp.core.lockout import PAIRS_A_DAY

_DAY = 86_400
YEAR_SECONDS = 365 * _DAY


def site_guess_probability(
    horizon_seconds: int = YEAR_SECONDS, *, authenticators: int = 1, owner_acts: bool = True
) -> GuessProbability:
    """Return the probability that someone with the password gets in within `horizon_seconds`.

    The number of addresses does not matter: guesses are counted per account, once for each of the
    user's `authenticators`. With `owner_acts` the owner may log in at any time; without, the hard
    cap ends the guessing of codes. Imported authenticators with a wider window, and imported backup
    codes, are not included. ValueError for a negative number.
    """
    settings = get_settings()
    # The period may begin and end within a day.
    days = -(-horizon_seconds // _DAY) + 1
    return guess_probability(
        settings.lockout,
        horizon_seconds,
        digits=settings.parameters.digits,
        window=settings.window,
        backup_codes=settings.max_backup_codes,
        backup_code_bits=settings.backup_code_length * BITS_OF_A_CHARACTER,
        pairs=PAIRS_A_DAY * days if settings.two_code_unlock else 0,
        authenticators=authenticators,
        owner_acts=owner_acts,
    )
