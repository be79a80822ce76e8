"""Plain Django views and the admin behind a second factor, with the session as the credential.

from ninja_totp.pages import SecondFactorRequiredMixin, VerifyView, second_factor_required
"""

from ninja_totp.pages.guarded import SecondFactorRequiredMixin, second_factor_required
from ninja_totp.pages.verify import VerifyForm, VerifyView

__all__ = [
    "SecondFactorRequiredMixin",
    "VerifyForm",
    "VerifyView",
    "second_factor_required",
]
