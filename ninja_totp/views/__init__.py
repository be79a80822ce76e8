"""Plain Django views and the admin behind a second factor, with the session as the credential.

from ninja_totp.views import SecondFactorRequiredMixin, VerifyView, second_factor_required
"""

from ninja_totp.views.guarded import SecondFactorRequiredMixin, second_factor_required
from ninja_totp.views.verify import VerifyForm, VerifyView

__all__ = [
    "SecondFactorRequiredMixin",
    "VerifyForm",
    "VerifyView",
    "second_factor_required",
]
