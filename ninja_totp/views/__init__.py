"""Two-factor authentication for Django views, with the session as the credential.

from ninja_totp.views import SecondFactorRequiredMixin, VerifyView, second_factor_required
"""

from ninja_totp.views.guarded import (
    SecondFactorRequiredMixin as SecondFactorRequiredMixin,
    second_factor_required as second_factor_required,
)
from ninja_totp.views.verify import VerifyForm as VerifyForm, VerifyView as VerifyView
