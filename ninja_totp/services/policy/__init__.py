"""Which users must have 2FA, which are exempted, and how well guessing is limited."""
